//! Set-User: changes a user without a mailbox.
//! May touch: directory, executor (password hashing).

use directory::Administrator;

use super::object;
use crate::arguments::Arguments;
use crate::cmdlet::{Cmdlet, Effect, Example, Parameters};
use crate::cmdlets::recipient::account;
use crate::context::Context;
use crate::error::CmdletError;
use crate::output::Output;
use crate::parameter::{Kind, Parameter};
use crate::role::Role;

const OWN: &[Parameter] = &[
    object::IDENTITY,
    Parameter::new("Name", Kind::Text, "The new name to sign in with."),
    Parameter::new("AccountDisabled", Kind::Bool, "Whether they may not sign in."),
];

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "Set-User",
    synopsis: "Changes a user without a mailbox.",
    description: "Changes only what is given. The account of a mailbox changes with Set-Mailbox.",
    examples: &[Example {
        command: "Set-User kim.admin -AccountDisabled true",
        sentence: "Keeps somebody from signing in.",
    }],
    roles: &[Role::RoleManagement],
    parameters: &[Parameters::Fixed(OWN), Parameters::Fixed(account::PASSWORD)],
    output: object::OUTPUT,
    effect: Effect::Changes,
    run: |context, arguments| Box::pin(run(context, arguments)),
};

async fn run(context: &Context, arguments: &Arguments) -> Result<Output, CmdletError> {
    let hash = account::hashed(context, arguments).await?;
    let row = context
        .change(arguments, move |draft, arguments| {
            let found = draft.snapshot().resolve_administrator(arguments.required("Identity")?)?;
            let mut user = Administrator::clone(&found);
            if let Some(name) = arguments.text("Name") {
                user.user_name = name.to_owned();
            }
            if let Some(is_disabled) = arguments.boolean("AccountDisabled") {
                user.enabled = !is_disabled;
            }
            if let Some(hash) = hash {
                user.password_hash = hash;
                user.password_changed = draft.now();
            }
            let user = draft.put_administrator(user)?;
            Ok(object::row(&user, draft.snapshot()))
        })
        .await?;
    Ok(Output::object(row))
}
