//! Add-DistributionGroupMember: adds a member to a group.
//! May touch: directory.

use directory::Recipient;
use serde_json::Value;

use crate::arguments::Arguments;
use crate::cmdlet::{Cmdlet, Effect, Example, Parameters};
use crate::cmdlets::recipient::{find, rows};
use crate::context::Context;
use crate::error::CmdletError;
use crate::output::Output;
use crate::parameter::{Kind, Parameter};
use crate::role::Role;

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "Add-DistributionGroupMember",
    synopsis: "Adds a member to a distribution group.",
    description: "The member may be a mailbox, contact, mail user or another group. It gets the mail sent from now on.",
    examples: &[Example {
        command: "Add-DistributionGroupMember sales -Member kim@contoso.example",
        sentence: "Adds a mailbox to a group.",
    }],
    roles: &[Role::DistributionGroups],
    parameters: &[Parameters::Fixed(&[
        find::IDENTITY,
        Parameter::new("Member", Kind::Identity, "Who is added.").required(),
    ])],
    output: rows::MEMBER,
    effect: Effect::Changes,
    run: |context, arguments| Box::pin(run(context, arguments)),
};

async fn run(context: &Context, arguments: &Arguments) -> Result<Output, CmdletError> {
    let row = context
        .change(arguments, |draft, arguments| {
            let found = find::one(draft.snapshot(), &find::GROUP, arguments.required("Identity")?)?;
            let member = find::one(draft.snapshot(), &find::ANY, arguments.required("Member")?)?;
            if found.members.contains(&member.guid) {
                return Err(CmdletError::Conflict(format!(
                    "\"{}\" is a member of \"{}\" already",
                    member.name, found.name
                )));
            }
            let mut group = Recipient::clone(&found);
            group.members.push(member.guid);
            draft.put_recipient(group)?;
            let mut row = rows::base(&member, draft.snapshot());
            row.insert("Group".into(), Value::from(found.name.as_str()));
            Ok(row)
        })
        .await?;
    Ok(Output::object(row))
}
