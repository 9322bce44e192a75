//! Get-MessageTraceAlert: lists the searches that are watched.
//! May touch: directory (read).

use super::object;
use crate::arguments::Arguments;
use crate::cmdlet::{Cmdlet, Effect, Example, Parameters};
use crate::context::Context;
use crate::error::CmdletError;
use crate::output::Output;
use crate::parameter::{Kind, Parameter};
use crate::role::Role;

const OWN: &[Parameter] =
    &[Parameter::new("Identity", Kind::Identity, "One alert, by its name or GUID; every one if not given.")
        .positional()];

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "Get-MessageTraceAlert",
    synopsis: "Lists the alerts on searches of the message trace.",
    description: "IsRaised says that the search finds as many rows as the threshold now, RaisedSince since when, whether or not somebody could be told. LastAttempt is when the search was last run, LastError why that failed or who could not be told; it is tried again every minute.",
    examples: &[Example { command: "Get-MessageTraceAlert", sentence: "Lists every alert." }],
    roles: &[Role::MessageTracking, Role::ViewOnlyConfiguration],
    parameters: &[Parameters::Fixed(OWN)],
    output: object::OUTPUT,
    effect: Effect::Reads,
    run: |context, arguments| Box::pin(async move { run(context, arguments) }),
};

fn run(context: &Context, arguments: &Arguments) -> Result<Output, CmdletError> {
    let (snapshot, attempts) = (context.directory.snapshot(), &context.services.alert_attempts);
    if let Some(identity) = arguments.text("Identity") {
        return Ok(Output::list(vec![object::row(
            &*snapshot.resolve_message_trace_alert(identity)?,
            attempts,
        )]));
    }
    let mut alerts: Vec<_> = snapshot.message_trace_alerts().collect();
    alerts.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(Output::list(alerts.into_iter().map(|alert| object::row(alert, attempts)).collect()))
}
