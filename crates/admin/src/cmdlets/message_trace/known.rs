//! Names that nothing has: a place, server or connector mistyped would look like a search that finds nothing.
//! May touch: trace (read), directory (read).

use jiff::Timestamp;
use trace::places::is_same_place;
use trace::search::{Refused, Total};
use trace::{Facet, FacetFilter, Query};

use crate::arguments::Arguments;
use crate::cmdlets::message_tracking_log::own_names;
use crate::context::Context;
use crate::error::CmdletError;
use crate::privacy;
use crate::role::Scope;

/// Names listed of those there are.
const NAMES_MAX: usize = 50;

/// The conditions whose values are looked at, and what a value is.
const NAMED: &[(Facet, &str)] =
    &[(Facet::Place, "place"), (Facet::Server, "server"), (Facet::Connector, CONNECTOR)];
const CONNECTOR: &str = "connector";

/// Refuses places, servers and connectors asked for that neither this server nor any record knows. Searches ask where
/// nothing was found; what runs later asks before.
///
/// # Errors
/// `NotFound`, with those there are.
pub(crate) async fn check(context: &Context, facets: &[FacetFilter]) -> Result<(), CmdletError> {
    for filter in facets.iter().filter(|filter| !filter.not) {
        if let Some(named) = NAMED.iter().find(|(facet, _)| *facet == filter.facet) {
            let values: Vec<&str> = filter.values.iter().map(String::as_str).collect();
            check_values(context, &values, *named).await?;
        }
    }
    Ok(())
}

/// The same of -ConnectorId alone.
///
/// # Errors
/// `NotFound`, with those there are.
pub(crate) async fn check_connector(context: &Context, arguments: &Arguments) -> Result<(), CmdletError> {
    let values = arguments.texts("ConnectorId").unwrap_or_default();
    check_values(context, &values, (Facet::Connector, CONNECTOR)).await
}

/// The same of names of places.
///
/// # Errors
/// `NotFound`, with those there are.
pub(crate) async fn check_places(context: &Context, places: &[&str]) -> Result<(), CmdletError> {
    check_values(context, places, (Facet::Place, "place")).await
}

async fn check_values(
    context: &Context,
    values: &[&str],
    (facet, what): (Facet, &str),
) -> Result<(), CmdletError> {
    let exact =
        values.iter().copied().map(str::trim).filter(|value| !value.is_empty() && !value.contains('*'));
    let mut known = Vec::new();
    for value in exact {
        if known.is_empty() {
            known = names(context, facet).await?;
        }
        if known.iter().any(|name| is_same_place(name, value)) {
            continue;
        }
        if !is_recorded(context, facet, value).await? {
            return Err(unknown(what, value, &known));
        }
    }
    Ok(())
}

/// Whether a record names it that the caller may see: it is there too, though nothing lists it.
///
/// # Errors
/// As a search has them.
pub(crate) async fn is_recorded(context: &Context, facet: Facet, value: &str) -> Result<bool, CmdletError> {
    let mut query = Query {
        facets: Vec::from([FacetFilter::any(facet, [value])]),
        start: Some(Timestamp::UNIX_EPOCH),
        refused: Refused::Include,
        // The newest is enough: nothing is counted.
        page_size: 1,
        total: Total::Later,
        ..Query::default()
    };
    privacy::confine(context.granted()?, &mut query);
    Ok(!context.services.trace()?.search(query).await?.rows.is_empty())
}

/// The servers of other systems that records name, for those who see the records of everybody.
///
/// # Errors
/// `Unavailable` where there is no trace.
pub(crate) async fn servers(context: &Context) -> Result<Vec<String>, CmdletError> {
    if matches!(context.granted()?.scope, Scope::Domains(_)) {
        return Ok(Vec::new());
    }
    let named = context.services.trace()?.servers_named(NAMES_MAX).await;
    named.map_err(|error| {
        CmdletError::internal("the trace could not be read; the service log says why", error)
    })
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
async fn names(context: &Context, facet: Facet) -> Result<Vec<String>, CmdletError> {
    let all: Vec<String> = match facet {
        Facet::Connector => {
            let snapshot = context.directory.snapshot();
            let receive = snapshot.receive_connectors().map(|one| one.name.clone());
            receive.chain(snapshot.send_connectors().map(|one| one.name.clone())).collect()
        }
        Facet::Server => {
            let others = places(context)?.into_iter().chain(servers(context).await?);
            own_names(context).into_iter().chain(others).collect()
        }
        _ => own_names(context).into_iter().chain(places(context)?).collect(),
    };
    let mut known: Vec<String> = Vec::new();
    for name in all {
        if !known.iter().any(|other| is_same_place(other, &name)) {
            known.push(name);
        }
    }
    Ok(known)
}

/// A place as it is named already; as given, where none of that name is known. A dot at its end is no part of a name.
///
/// # Errors
/// `Unavailable` where there is no trace.
pub(crate) fn spelled(context: &Context, place: &str) -> Result<String, CmdletError> {
    let known = places(context)?.into_iter().find(|known| is_same_place(known, place));
    Ok(known.unwrap_or_else(|| place.to_owned()).trim_end_matches('.').to_owned())
}

/// The places that are read or were imported.
///
/// # Errors
/// `Unavailable` where there is no trace.
pub(crate) fn places(context: &Context) -> Result<Vec<String>, CmdletError> {
    let (sources, _) = context.services.trace()?.completeness(None);
    Ok(sources.into_iter().filter_map(|source| source.place).collect())
}
