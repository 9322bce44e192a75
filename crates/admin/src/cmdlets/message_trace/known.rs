//! Names that nothing has: a place, server or connector mistyped would look like a search that finds nothing.
//! May touch: trace (read), directory (read).

use jiff::Timestamp;
use trace::search::{Refused, Total};
use trace::{Facet, FacetFilter, Query};

use crate::arguments::Arguments;
use crate::cmdlets::message_tracking_log::own_names;
use crate::context::Context;
use crate::error::CmdletError;
use crate::privacy;

/// Names listed of those there are.
const NAMES_MAX: usize = 50;

/// The parameters whose values are looked at: what a value is, and by what it is found.
const NAMED: &[(&str, &str, Facet)] =
    &[("Place", "place", Facet::Place), ("Server", "server", Facet::Server), CONNECTOR];
const CONNECTOR: (&str, &str, Facet) = ("ConnectorId", "connector", Facet::Connector);

/// Refuses values of -Place, -Server and -ConnectorId that neither this server nor any record knows; asked where nothing
/// was found.
///
/// # Errors
/// `NotFound`, with those there are.
pub(crate) async fn check(context: &Context, arguments: &Arguments) -> Result<(), CmdletError> {
    for named in NAMED {
        check_one(context, arguments, named).await?;
    }
    Ok(())
}

/// The same of -ConnectorId alone.
///
/// # Errors
/// `NotFound`, with those there are.
pub(crate) async fn check_connector(context: &Context, arguments: &Arguments) -> Result<(), CmdletError> {
    check_one(context, arguments, &CONNECTOR).await
}

/// The same of names of places.
///
/// # Errors
/// `NotFound`, with those there are.
pub(crate) async fn check_places(context: &Context, places: &[&str]) -> Result<(), CmdletError> {
    check_values(context, places, ("place", Facet::Place)).await
}

async fn check_one(
    context: &Context,
    arguments: &Arguments,
    (parameter, what, facet): &(&str, &str, Facet),
) -> Result<(), CmdletError> {
    check_values(context, &arguments.texts(parameter).unwrap_or_default(), (what, *facet)).await
}

async fn check_values(
    context: &Context,
    values: &[&str],
    (what, facet): (&str, Facet),
) -> Result<(), CmdletError> {
    let exact =
        values.iter().copied().map(str::trim).filter(|value| !value.is_empty() && !value.contains('*'));
    let mut known = Vec::new();
    for value in exact {
        if known.is_empty() {
            known = names(context, facet)?;
        }
        if known.iter().any(|name| name.eq_ignore_ascii_case(value)) {
            continue;
        }
        // What a record names is there too, though nothing lists it.
        let mut query = Query {
            facets: Vec::from([FacetFilter::any(facet, [value])]),
            start: Some(Timestamp::UNIX_EPOCH),
            refused: Refused::Include,
            total: Total::Alone,
            ..Query::default()
        };
        privacy::confine(context.granted()?, &mut query);
        if context.services.trace()?.search(query).await?.total == 0 {
            return Err(unknown(what, value, &known));
        }
    }
    Ok(())
}

fn unknown(what: &str, value: &str, known: &[String]) -> CmdletError {
    let shown: Vec<&str> = known.iter().take(NAMES_MAX).map(String::as_str).collect();
    let more = match known.len().saturating_sub(shown.len()) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let others = match what {
        "place" => "",
        _ => "; of other systems every one that a record names",
    };
    CmdletError::NotFound(format!(
        "no {what} \"{value}\" is known, and no record names it; there are: {}{more}{others}",
        shown.join(", ")
    ))
}

/// The names that are known without a look at the records, each once.
fn names(context: &Context, facet: Facet) -> Result<Vec<String>, CmdletError> {
    let snapshot = context.directory.snapshot();
    let all: Vec<String> = match facet {
        Facet::Connector => {
            let receive = snapshot.receive_connectors().map(|one| one.name.clone());
            receive.chain(snapshot.send_connectors().map(|one| one.name.clone())).collect()
        }
        _ => own_names(context).into_iter().chain(places(context)?).collect(),
    };
    let mut known: Vec<String> = Vec::new();
    for name in all {
        if !known.iter().any(|other| other.eq_ignore_ascii_case(&name)) {
            known.push(name);
        }
    }
    Ok(known)
}

/// The places that are read or were imported.
///
/// # Errors
/// `Unavailable` where there is no trace.
pub(crate) fn places(context: &Context) -> Result<Vec<String>, CmdletError> {
    let (sources, _) = context.services.trace()?.completeness(None);
    Ok(sources.into_iter().filter_map(|source| source.place).collect())
}
