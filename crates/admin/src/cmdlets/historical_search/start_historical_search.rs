//! Start-HistoricalSearch: starts a report in the background.
//! May touch: trace (through the report), directory (read), clock, chance, disk (through the report).

use directory::{AcceptedDomainType, Lookup, Snapshot};
use jiff::Timestamp;
use mail::Address;

use super::object;
use crate::arguments::{Arguments, usage};
use crate::cmdlet::{Cmdlet, Effect, Example, Parameters};
use crate::cmdlets::message_trace::{filters, find, known, more, report, saved};
use crate::context::{Context, Instance};
use crate::error::CmdletError;
use crate::historical::Job;
use crate::output::Output;
use crate::parameter::{Kind, Parameter};
use crate::privacy;
use crate::role::{Role, Scope, Sight};
use crate::value::Value;

/// Addresses told when one report is ready.
const NOTIFY_MAX: usize = 20;
/// Characters of a title.
const TITLE_CHARS_MAX: usize = 200;

const OWN: &[Parameter] = &[
    Parameter::new("ReportTitle", Kind::Text, "The title of the report.").required(),
    Parameter::new("ReportType", Kind::Enum(report::TYPES), "Summary (one line per recipient), EnhancedSummary or MessageTrace (per message), Extended or MessageTraceDetail (per event).")
        .required(),
    Parameter::new("ReportFormat", Kind::Enum(report::FORMATS), "Csv unless said otherwise, or JsonLines; both are UTF-8."),
    Parameter::new("NotifyAddress", Kind::List(&Kind::Address), "Addresses in accepted domains that get mail when the report is ready."),
    Parameter::new("DeliveryStatus", Kind::Enum(&["Delivered", "Expanded", "Failed"]), "The same as -Status, as Exchange Online names it here."),
    Parameter::new("OriginalClientIP", Kind::List(&Kind::Text), "The same as -FromIP, as Exchange Online names it here."),
];

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "Start-HistoricalSearch",
    synopsis: "Starts a report of the message trace in the background.",
    description: "For reports of any length: they are written while the server works, go on after a restart, and need no more memory however long they are. Get-HistoricalSearch shows how far one is and fetches it; ten days after its end it is removed. Records of the last minutes are in it, and no condition is required. Without -EndDate it ends with its submission, and with neither dates nor an id it has the 48 hours before that, however long it waits: StartDate and EndDate of Get-HistoricalSearch say which.",
    examples: &[
        Example {
            command: "Start-HistoricalSearch -ReportTitle 'November' -ReportType EnhancedSummary -StartDate 2026-11-01 -EndDate 2026-12-01 -NotifyAddress kim@contoso.example",
            sentence: "Reports a month, a line per message, and sends mail when it is ready.",
        },
        Example {
            command: "Start-HistoricalSearch -ReportTitle 'Fabrikam' -ReportType Extended -SenderAddress '*@fabrikam.example' -Last 90.00:00:00 -ReportFormat JsonLines",
            sentence: "Writes every event of a domain's mail as JSON lines.",
        },
    ],
    roles: &[Role::MessageTracking],
    parameters: &[
        Parameters::Fixed(OWN),
        Parameters::Fixed(find::CONDITIONS),
        Parameters::Fixed(filters::OF_MESSAGES),
        Parameters::Fixed(filters::OF_ROWS),
        Parameters::Fixed(more::RELATIVE),
    ],
    output: object::OUTPUT,
    effect: Effect::Changes,
    run: |context, arguments| Box::pin(run(context, arguments)),
};

async fn run(context: &Context, arguments: &Arguments) -> Result<Output, CmdletError> {
    let reports = context.services.historical_searches()?;
    let mut conditions = arguments.clone();
    for (given, meant) in [("DeliveryStatus", "Status"), ("OriginalClientIP", "FromIP")] {
        alias(&mut conditions, given, meant)?;
    }
    if arguments.is_given("Slowest") {
        return Err(usage(arguments.cmdlet(), "Slowest", "is for Get-MessageTrace; a report has every row"));
    }
    // What moves along is fixed now: a report that goes on after a restart must be the same.
    more::relative(context, &mut conditions)?;
    let submitted = context.world.clock.now();
    fix_span(&mut conditions, submitted, &context.directory.snapshot())?;
    let query = find::conditions_of(&conditions, &context.directory.snapshot())?;
    query.check()?;
    // A report is made later, and nobody is told then that a name is mistyped.
    known::check(context, &query.facets).await?;
    let mut parameters = saved::saved(&conditions);
    // Unlike a search it tells times in the zone of whoever asked.
    parameters.extend(conditions.to_json().into_iter().filter(|(name, _)| name == "TimeZone"));
    for name in OWN.iter().map(|parameter| parameter.name).chain(["Last"]) {
        parameters.remove(name);
    }
    let kind = report::kind(arguments.required("ReportType")?);
    let format = report::format(arguments.text("ReportFormat"));
    let granted = context.granted()?;
    privacy::admit_report(granted, kind)?;
    let mut job = Job::new(context.world.chance.uuid_v4(), kind, format, submitted);
    job.title = title(arguments)?;
    job.parameters = parameters;
    if let Scope::Domains(domains) = &granted.scope {
        job.within.clone_from(domains);
    }
    job.hides_rules = granted.sight != Sight::Whole;
    job.submitted_by = context.actor.name.clone();
    job.notify = notify(context, arguments)?;
    if !arguments.is_what_if() {
        let instance = Instance {
            directory: context.directory.clone(),
            credentials: context.credentials.clone(),
            world: context.world.clone(),
            services: context.services.clone(),
            seats: Default::default(),
            just_made: Default::default(),
        };
        reports.start(&instance, job.clone()).await?;
    }
    Ok(Output::object(object::row(&job)))
}

/// Gives the conditions the ends they mean now: whenever the report is written, it is of the same time.
fn fix_span(arguments: &mut Arguments, now: Timestamp, snapshot: &Snapshot) -> Result<(), CmdletError> {
    let query = find::conditions_of(arguments, snapshot)?;
    if let (Some(start), None) = (query.start, query.end)
        && start > now
    {
        return Err(usage(arguments.cmdlet(), "StartDate", "is after now; a report is of what was received"));
    }
    // The end of a search is not included, and what was received this moment is.
    let micros = |micros: i64| Timestamp::from_microsecond(micros).unwrap_or(now);
    let (now, end) = (micros(now.as_microsecond()), micros(now.as_microsecond().saturating_add(1)));
    for (name, at) in [("StartDate", query.start_at(now)), ("EndDate", query.end.or(Some(end)))] {
        if let (Some(parameter), Some(at)) = (arguments.cmdlet().parameter(name), at) {
            arguments.set(parameter, Value::Time(at));
        }
    }
    Ok(())
}

/// The title without what would break a line.
fn title(arguments: &Arguments) -> Result<String, CmdletError> {
    let given = arguments.required("ReportTitle")?;
    let title: String = given.chars().filter(|letter| !letter.is_control()).take(TITLE_CHARS_MAX).collect();
    match title.trim() {
        "" => Err(usage(arguments.cmdlet(), "ReportTitle", "takes a title, by which the report is found")),
        title => Ok(title.to_owned()),
    }
}

/// Exchange Online's name for a condition.
fn alias(arguments: &mut Arguments, given: &str, meant: &'static str) -> Result<(), CmdletError> {
    let Some(value) = arguments.value(given).cloned() else { return Ok(()) };
    if arguments.is_given(meant) {
        return Err(usage(arguments.cmdlet(), given, &format!("is the same as -{meant}; give one of them")));
    }
    if let Some(parameter) = arguments.cmdlet().parameter(meant) {
        let value = match value {
            Value::List(_) => value,
            one if matches!(parameter.kind, Kind::List(_)) => Value::List(vec![one]),
            one => one,
        };
        arguments.set(parameter, value);
    }
    Ok(())
}

fn notify(context: &Context, arguments: &Arguments) -> Result<Vec<String>, CmdletError> {
    let given = arguments.texts("NotifyAddress").unwrap_or_default();
    if given.len() > NOTIFY_MAX {
        return Err(usage(
            arguments.cmdlet(),
            "NotifyAddress",
            &format!("takes at most {NOTIFY_MAX} addresses"),
        ));
    }
    let snapshot = context.directory.snapshot();
    for text in &given {
        let address = Address::parse(text).map_err(|error| {
            usage(arguments.cmdlet(), "NotifyAddress", &format!("cannot be read: {error}"))
        })?;
        let why = match (snapshot.accepted_domain(address.domain()), snapshot.lookup(&address)) {
            (None, _) => format!("takes addresses in accepted domains only; {} is none", address.domain()),
            (_, Lookup::Unknown(domain)) if domain.domain_type == AcceptedDomainType::Authoritative => {
                format!("names nobody: no recipient has the address {address}")
            }
            _ => continue,
        };
        return Err(usage(arguments.cmdlet(), "NotifyAddress", &why));
    }
    Ok(given.into_iter().map(str::to_owned).collect())
}
