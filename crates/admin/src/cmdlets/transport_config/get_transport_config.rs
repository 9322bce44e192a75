//! Get-TransportConfig: shows the organization's transport settings.
//! May touch: directory (read).

use crate::arguments::Arguments;
use crate::cmdlet::{Cmdlet, Effect, Example};
use crate::context::Context;
use crate::error::CmdletError;
use crate::output::Output;
use crate::role::Role;

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "Get-TransportConfig",
    synopsis: "Shows the organization's transport settings.",
    description: "All settings with the values in force; Set-TransportConfig explains each.",
    examples: &[Example { command: "Get-TransportConfig -Format list", sentence: "Shows all settings." }],
    roles: &[Role::OrganizationTransportSettings, Role::ViewOnlyConfiguration],
    parameters: &[],
    output: super::OUTPUT,
    effect: Effect::Reads,
    run: |context, arguments| Box::pin(async move { run(context, arguments) }),
};

fn run(context: &Context, _: &Arguments) -> Result<Output, CmdletError> {
    let snapshot = context.directory.snapshot();
    Ok(Output::list(vec![super::row(&snapshot)]))
}
