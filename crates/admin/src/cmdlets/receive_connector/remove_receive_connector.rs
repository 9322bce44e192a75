//! Remove-ReceiveConnector: removes a Receive connector.
//! May touch: directory, listeners.

use directory::{ListenSource, ReceiveConnector};

use super::{object, ports};
use crate::arguments::Arguments;
use crate::cmdlet::{Cmdlet, Effect, Example, Parameters};
use crate::context::Context;
use crate::error::{CmdletError, Plan};
use crate::output::{Output, OutputType};
use crate::role::Role;

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "Remove-ReceiveConnector",
    synopsis: "Removes a Receive connector.",
    description: "Its addresses are closed; sessions that run go on to their end.",
    examples: &[Example {
        command: "Remove-ReceiveConnector Printers -Confirm:false",
        sentence: "Removes a connector without asking.",
    }],
    roles: &[Role::ReceiveConnectors],
    parameters: &[Parameters::Fixed(&[object::IDENTITY])],
    output: OutputType::NONE,
    effect: Effect::Destroys(|context, arguments| Box::pin(async move { foresee(context, arguments) })),
    run: |context, arguments| Box::pin(run(context, arguments)),
};

fn foresee(context: &Context, arguments: &Arguments) -> Result<Plan, CmdletError> {
    let found = context.directory.snapshot().resolve_receive_connector(arguments.required("Identity")?)?;
    let what = format!("remove the Receive connector \"{}\"", found.name);
    Ok(Plan { count: 1, what: consequence(&found).map_or(what.clone(), |then| format!("{what}: {then}")) })
}

/// What goes with a connector that `[listen]` of the configuration file belongs to; nothing makes it again.
fn consequence(connector: &ReceiveConnector) -> Option<&'static str> {
    let is_for_all = connector.remote_ip_ranges.iter().any(|range| !range.first().is_loopback());
    match connector.listen {
        ListenSource::Smtp if is_for_all => {
            Some("this server then takes no mail from outside, until New-ReceiveConnector makes another")
        }
        ListenSource::Smtp => Some(
            "programs on this machine then meet the limits and the tarpit of the connector that takes them, and sign in only over TLS",
        ),
        ListenSource::Submission => {
            Some("people can then no longer send mail, until New-ReceiveConnector makes another")
        }
        ListenSource::Bindings => None,
    }
}

async fn run(context: &Context, arguments: &Arguments) -> Result<Output, CmdletError> {
    let removed = context
        .change(arguments, |draft, arguments| {
            let found = draft.snapshot().resolve_receive_connector(arguments.required("Identity")?)?;
            draft.remove_receive_connector(found.guid)?;
            Ok(found)
        })
        .await?;
    if !arguments.is_what_if() {
        ports::close(context, &removed.name);
    }
    let mut output = Output::nothing();
    output.warnings.extend(consequence(&removed).map(|then| format!("\"{}\": {then}", removed.name)));
    Ok(output)
}
