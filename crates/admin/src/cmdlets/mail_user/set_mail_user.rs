//! Set-MailUser: changes a mail user.
//! May touch: directory, executor (password hashing).

use super::object;
use crate::arguments::Arguments;
use crate::cmdlet::{Cmdlet, Effect, Example, Parameters};
use crate::cmdlets::recipient::{account, create, find, groups, rows};
use crate::context::Context;
use crate::error::CmdletError;
use crate::output::Output;
use crate::parameter::{Kind, Parameter};
use crate::role::Role;

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "Set-MailUser",
    synopsis: "Changes a mail user.",
    description: "Changes only what is given. Lists are replaced, or edited with '@{Add=…; Remove=…}' in quotes.",
    examples: &[Example {
        command: "Set-MailUser anna -ExternalEmailAddress anna@tailspin.example",
        sentence: "Sends the mail user's mail to another address.",
    }],
    roles: &[Role::MailRecipients],
    parameters: &[
        Parameters::Fixed(&[
            find::IDENTITY,
            Parameter::new("UserPrincipalName", Kind::Text, "The name to sign in with."),
        ]),
        Parameters::Fixed(account::PASSWORD),
        Parameters::Fixed(groups::NAMES.parameters),
        Parameters::Fixed(groups::ADDRESSES.parameters),
        Parameters::Fixed(groups::EXTERNAL.parameters),
        Parameters::Fixed(groups::LIMITS.parameters),
        Parameters::Fixed(groups::RECIPIENT_LIMITS.parameters),
        Parameters::Fixed(groups::SEND_ON_BEHALF.parameters),
        Parameters::Fixed(groups::RESTRICTIONS.parameters),
        Parameters::Fixed(groups::MODERATION.parameters),
        Parameters::Fixed(groups::CUSTOM_ATTRIBUTES.parameters),
    ],
    output: rows::MAIL_USER,
    effect: Effect::Changes,
    run: |context, arguments| Box::pin(run(context, arguments)),
};

async fn run(context: &Context, arguments: &Arguments) -> Result<Output, CmdletError> {
    let hash = account::hashed(context, arguments).await?;
    create::set(context, arguments, &find::MAIL_USER, object::SET, |user, arguments, draft| {
        account::put(user, arguments, draft, hash);
        Ok(())
    })
    .await
}
