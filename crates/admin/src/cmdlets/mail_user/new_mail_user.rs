//! New-MailUser: makes an account here for somebody whose mailbox is outside.
//! May touch: directory, executor (password hashing).

use directory::RecipientKind;

use super::object;
use crate::arguments::Arguments;
use crate::cmdlet::{Cmdlet, Effect, Example, Parameters};
use crate::cmdlets::recipient::{account, create, find, groups, rows};
use crate::context::Context;
use crate::error::CmdletError;
use crate::output::Output;
use crate::parameter::{Kind, Parameter};
use crate::role::Role;

const OWN: &[Parameter] = &[
    Parameter::new("Name", Kind::Text, "The unique name, at most 64 characters.").required().positional(),
    Parameter::new("ExternalEmailAddress", Kind::Address, "The address outside that its mail goes to.")
        .required(),
    Parameter::new("Alias", Kind::Text, "The alias; made from the address when not given."),
    Parameter::new("DisplayName", Kind::Text, "The name people see; the name when not given."),
    Parameter::new(
        "UserPrincipalName",
        Kind::Text,
        "The name to sign in with; the primary address when not given.",
    ),
];

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "New-MailUser",
    synopsis: "Makes a mail user.",
    description: "A mail user has an account here and a mailbox outside. Mail to its primary address or proxies goes to \
                  -ExternalEmailAddress, which is also the primary address when none is given.",
    examples: &[Example {
        command: "New-MailUser Anna -ExternalEmailAddress anna@fabrikam.example",
        sentence: "Makes a mail user.",
    }],
    roles: &[Role::MailRecipientCreation],
    parameters: &[
        Parameters::Fixed(OWN),
        Parameters::Fixed(account::PASSWORD),
        Parameters::Fixed(groups::PERSON.parameters),
        Parameters::Fixed(groups::ADDRESSES.parameters),
        Parameters::Fixed(groups::LIMITS.parameters),
        Parameters::Fixed(groups::RECIPIENT_LIMITS.parameters),
        Parameters::Fixed(groups::SEND_ON_BEHALF.parameters),
    ],
    output: rows::MAIL_USER,
    effect: Effect::Changes,
    run: |context, arguments| Box::pin(run(context, arguments)),
};

async fn run(context: &Context, arguments: &Arguments) -> Result<Output, CmdletError> {
    let external = create::external_address(arguments)?;
    let hash = account::hashed(context, arguments).await?;
    let row = context
        .change(arguments, move |draft, arguments| {
            let kind = RecipientKind::MailUser;
            let mut user = create::new_recipient(draft, arguments, kind, Some(&external))?;
            create::apply(&mut user, arguments, draft, object::NEW)?;
            account::make(&mut user);
            account::put(&mut user, arguments, draft, hash);
            create::store(draft, user, &find::MAIL_USER)
        })
        .await?;
    Ok(Output::object(row))
}
