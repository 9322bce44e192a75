//! Remove-DistributionGroupMember: takes a member out of a group.
//! May touch: directory.

use directory::Recipient;

use crate::arguments::Arguments;
use crate::cmdlet::{Cmdlet, Effect, Example, Parameters};
use crate::cmdlets::recipient::find;
use crate::context::Context;
use crate::error::{CmdletError, Plan};
use crate::output::{Output, OutputType};
use crate::parameter::{Kind, Parameter};
use crate::role::Role;

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "Remove-DistributionGroupMember",
    synopsis: "Takes a member out of a distribution group.",
    description: "Mail that was accepted before still reaches the member, as it was kept with the message.",
    examples: &[Example {
        command: "Remove-DistributionGroupMember sales -Member kim -Confirm:false",
        sentence: "Takes a member out without asking.",
    }],
    roles: &[Role::DistributionGroups],
    parameters: &[Parameters::Fixed(&[
        find::IDENTITY,
        Parameter::new("Member", Kind::Identity, "Who is taken out.").required(),
    ])],
    output: OutputType::NONE,
    effect: Effect::Destroys(|context, arguments| Box::pin(async move { foresee(context, arguments) })),
    run: |context, arguments| Box::pin(run(context, arguments)),
};

fn foresee(context: &Context, arguments: &Arguments) -> Result<Plan, CmdletError> {
    let snapshot = context.directory.snapshot();
    let group = find::one(&snapshot, &find::GROUP, arguments.required("Identity")?)?;
    let member = find::one(&snapshot, &find::ANY, arguments.required("Member")?)?;
    let what = format!("take \"{}\" out of the group \"{}\"", member.display_name, group.display_name);
    Ok(Plan { count: 1, what })
}

async fn run(context: &Context, arguments: &Arguments) -> Result<Output, CmdletError> {
    context
        .change(arguments, |draft, arguments| {
            let found = find::one(draft.snapshot(), &find::GROUP, arguments.required("Identity")?)?;
            let member = find::one(draft.snapshot(), &find::ANY, arguments.required("Member")?)?;
            let mut group = Recipient::clone(&found);
            group.members.retain(|guid| *guid != member.guid);
            if group.members.len() == found.members.len() {
                return Err(CmdletError::NotFound(format!(
                    "\"{}\" is no member of \"{}\"",
                    member.name, found.name
                )));
            }
            draft.put_recipient(group)?;
            Ok(())
        })
        .await?;
    Ok(Output::nothing())
}
