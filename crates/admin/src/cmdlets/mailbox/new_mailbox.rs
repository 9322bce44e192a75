//! New-Mailbox: makes a mailbox and the account that signs in to it.
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
    Parameter::new("Alias", Kind::Text, "The alias; made from the address or the name when not given."),
    Parameter::new("DisplayName", Kind::Text, "The name people see; the name when not given."),
    Parameter::new(
        "UserPrincipalName",
        Kind::Text,
        "The name to sign in with; the primary address when not given.",
    ),
    Parameter::new("Shared", Kind::Switch, "Makes a shared mailbox, which nobody signs in to."),
    Parameter::new("Room", Kind::Switch, "Makes a room that can be booked."),
    Parameter::new("Equipment", Kind::Switch, "Makes equipment that can be booked."),
    Parameter::new("ResourceCapacity", Kind::Int { min: 0, max: 1_000_000 }, "The seats of a room."),
];

const GROUPS: &[&groups::Group] = &[
    &groups::PERSON,
    &groups::ADDRESSES,
    &groups::LIMITS,
    &groups::RECIPIENT_LIMITS,
    &object::FORWARDING,
    &object::QUOTAS,
];

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "New-Mailbox",
    synopsis: "Makes a mailbox.",
    description: "Makes a user mailbox with an account, or a shared, room or equipment mailbox, which has none that \
                  signs in. The mailbox's file is made when the first message is delivered.",
    examples: &[
        Example {
            command: "New-Mailbox 'Kim Jones' -PrimarySmtpAddress kim@contoso.example -PasswordFile kim.txt",
            sentence: "Makes a user mailbox with the password from a file.",
        },
        Example {
            command: "New-Mailbox Orders -Shared -PrimarySmtpAddress orders@contoso.example",
            sentence: "Makes a shared mailbox.",
        },
    ],
    roles: &[Role::MailRecipientCreation],
    parameters: &[
        Parameters::Fixed(OWN),
        Parameters::Fixed(account::PASSWORD),
        Parameters::Fixed(groups::PERSON.parameters),
        Parameters::Fixed(groups::ADDRESSES.parameters),
        Parameters::Fixed(groups::LIMITS.parameters),
        Parameters::Fixed(groups::RECIPIENT_LIMITS.parameters),
        Parameters::Fixed(object::FORWARDING.parameters),
        Parameters::Fixed(object::QUOTAS.parameters),
    ],
    output: rows::MAILBOX,
    effect: Effect::Changes,
    run: |context, arguments| Box::pin(run(context, arguments)),
};

async fn run(context: &Context, arguments: &Arguments) -> Result<Output, CmdletError> {
    let kind = object::new_kind(arguments)?;
    let hash = account::hashed(context, arguments).await?;
    let has_password = hash.is_some();
    let row = context
        .change(arguments, move |draft, arguments| {
            let mut mailbox = create::new_recipient(draft, arguments, kind, None)?;
            create::apply(&mut mailbox, arguments, draft, GROUPS)?;
            object::set_capacity(&mut mailbox, arguments);
            account::make(&mut mailbox);
            account::put(&mut mailbox, arguments, draft, hash);
            create::store(draft, mailbox, &find::MAILBOX)
        })
        .await?;
    let mut output = Output::object(row);
    output.warnings.extend(object::forward_blocked(context, arguments));
    if kind == RecipientKind::UserMailbox && !has_password {
        return Ok(output
            .with_warning("no password was given: nobody can sign in until Set-Mailbox -Password sets one"));
    }
    Ok(output)
}
