//! Get-TransportService: shows this server's transport settings.
//! May touch: directory (read).

use crate::arguments::Arguments;
use crate::cmdlet::{Cmdlet, Effect, Example, Parameters};
use crate::context::Context;
use crate::error::CmdletError;
use crate::output::Output;
use crate::role::Role;

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "Get-TransportService",
    synopsis: "Shows this server's transport settings.",
    description: "All settings with the values in force; Set-TransportService explains each.",
    examples: &[Example { command: "Get-TransportService -Format list", sentence: "Shows all settings." }],
    roles: &[Role::ExchangeServers, Role::ViewOnlyConfiguration],
    parameters: &[Parameters::Fixed(super::SERVER)],
    output: super::OUTPUT,
    effect: Effect::Reads,
    run: |context, arguments| Box::pin(async move { run(context, arguments) }),
};

fn run(context: &Context, arguments: &Arguments) -> Result<Output, CmdletError> {
    let snapshot = context.directory.snapshot();
    super::check_server(&snapshot, arguments)?;
    Ok(Output::list(vec![super::row(&snapshot)]))
}
