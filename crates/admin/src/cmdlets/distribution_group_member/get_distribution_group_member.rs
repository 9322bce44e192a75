//! Get-DistributionGroupMember: shows the members of a group.
//! May touch: directory (read).

use crate::arguments::Arguments;
use crate::cmdlet::{Cmdlet, Effect, Example, Parameters};
use crate::cmdlets::recipient::{find, rows};
use crate::context::Context;
use crate::error::CmdletError;
use crate::output::Output;
use crate::parameter::RESULT_SIZE;
use crate::role::Role;

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "Get-DistributionGroupMember",
    synopsis: "Shows the members of a distribution group.",
    description: "The direct members; a member that is a group is shown as one.",
    examples: &[Example {
        command: "Get-DistributionGroupMember sales",
        sentence: "Lists the members of a group.",
    }],
    roles: &[Role::DistributionGroups, Role::ViewOnlyRecipients],
    parameters: &[Parameters::Fixed(&[find::IDENTITY, RESULT_SIZE])],
    output: rows::RECIPIENT,
    effect: Effect::Reads,
    run: |context, arguments| Box::pin(async move { run(context, arguments) }),
};

fn run(context: &Context, arguments: &Arguments) -> Result<Output, CmdletError> {
    let snapshot = context.directory.snapshot();
    let group = find::one(&snapshot, &find::GROUP, arguments.required("Identity")?)?;
    let mut members: Vec<_> = group.members.iter().filter_map(|guid| snapshot.recipient(*guid)).collect();
    members.sort_by_cached_key(|member| member.display_name.to_lowercase());
    let rows =
        members.iter().take(arguments.result_size()).map(|member| rows::base(member, &snapshot)).collect();
    Ok(Output::part_of(rows, members.len() as u64))
}
