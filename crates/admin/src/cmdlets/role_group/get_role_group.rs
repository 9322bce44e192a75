//! Get-RoleGroup: shows role groups.
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
    &[Parameter::new("Identity", Kind::Identity, "One role group, by name or GUID.").positional()];

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "Get-RoleGroup",
    synopsis: "Shows role groups.",
    description: "The roles, members and scope of every role group, or of one.",
    examples: &[Example { command: "Get-RoleGroup 'Help Desk'", sentence: "Shows who is in the help desk." }],
    roles: &[Role::RoleManagement, Role::ViewOnlyConfiguration],
    parameters: &[Parameters::Fixed(OWN)],
    output: object::OUTPUT,
    effect: Effect::Reads,
    run: |context, arguments| Box::pin(async move { run(context, arguments) }),
};

fn run(context: &Context, arguments: &Arguments) -> Result<Output, CmdletError> {
    let snapshot = context.directory.snapshot();
    let mut groups = match arguments.text("Identity") {
        Some(identity) => vec![snapshot.resolve_role_group(identity)?],
        None => snapshot.role_groups().cloned().collect(),
    };
    groups.sort_by_cached_key(|group| group.name.to_lowercase());
    Ok(Output::list(groups.iter().map(|group| object::row(group, &snapshot)).collect()))
}
