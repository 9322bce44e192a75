//! New-User: makes a user without a mailbox.
//! May touch: directory, executor (password hashing).

use directory::Administrator;

use super::object;
use crate::arguments::{Arguments, usage};
use crate::cmdlet::{Cmdlet, Effect, Example, Parameters};
use crate::cmdlets::recipient::account;
use crate::context::Context;
use crate::error::CmdletError;
use crate::output::Output;
use crate::parameter::{Kind, Parameter};
use crate::role::Role;

const OWN: &[Parameter] =
    &[Parameter::new("Name", Kind::Text, "The name to sign in with, at most 64 characters.")
        .required()
        .positional()];

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "New-User",
    synopsis: "Makes a user without a mailbox.",
    description: "Somebody who signs in to administer and gets no mail here. They may do nothing until they are in a role group; somebody with a mailbox needs no second user.",
    examples: &[Example {
        command: "New-User kim.admin -PasswordFile kim.txt",
        sentence: "Makes a user whose password is in a file.",
    }],
    roles: &[Role::RoleManagement],
    parameters: &[Parameters::Fixed(OWN), Parameters::Fixed(account::PASSWORD)],
    output: object::OUTPUT,
    effect: Effect::Changes,
    run: |context, arguments| Box::pin(run(context, arguments)),
};

async fn run(context: &Context, arguments: &Arguments) -> Result<Output, CmdletError> {
    let Some(password_hash) = account::hashed(context, arguments).await? else {
        return Err(usage(arguments.cmdlet(), "Password", "or -PasswordFile is needed"));
    };
    let row = context
        .change(arguments, move |draft, arguments| {
            let user = draft.put_administrator(Administrator {
                guid: draft.new_guid(),
                user_name: arguments.required("Name")?.to_owned(),
                password_hash,
                enabled: true,
                when_created: draft.now(),
                password_changed: draft.now(),
            })?;
            Ok(object::row(&user, draft.snapshot()))
        })
        .await?;
    Ok(Output::object(row).with_note("Add-RoleGroupMember gives them rights"))
}
