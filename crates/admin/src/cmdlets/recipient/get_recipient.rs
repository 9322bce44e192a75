//! Get-Recipient: shows recipients of every kind.
//! May touch: directory (read).

use crate::arguments::Arguments;
use crate::cmdlet::{Cmdlet, Effect, Example, Parameters};
use crate::cmdlets::recipient::{find, rows};
use crate::context::Context;
use crate::error::CmdletError;
use crate::output::Output;
use crate::parameter::{Kind, Parameter};
use crate::role::Role;

const OWN: &[Parameter] = &[
    Parameter::new(
        "RecipientType",
        Kind::List(&Kind::Text),
        "Only recipients of these types, such as UserMailbox.",
    ),
    Parameter::new(
        "RecipientTypeDetails",
        Kind::List(&Kind::Text),
        "Only recipients of these exact kinds, such as SharedMailbox.",
    ),
];

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "Get-Recipient",
    synopsis: "Shows recipients of every kind.",
    description: "Mailboxes, groups, contacts and mail users in one list, sorted by display name; the cmdlets of each kind show more.",
    examples: &[
        Example { command: "Get-Recipient kim@contoso.example", sentence: "Shows who has an address." },
        Example {
            command: "Get-Recipient -RecipientTypeDetails MailContact,MailUser",
            sentence: "Lists everybody whose mail goes outside.",
        },
    ],
    roles: &[Role::MailRecipients, Role::ViewOnlyRecipients],
    parameters: &[Parameters::Fixed(find::LISTING), Parameters::Fixed(OWN)],
    output: rows::RECIPIENT,
    effect: Effect::Reads,
    run: |context, arguments| Box::pin(async move { run(context, arguments) }),
};

fn run(context: &Context, arguments: &Arguments) -> Result<Output, CmdletError> {
    let types = arguments.texts("RecipientType");
    let details = arguments.texts("RecipientTypeDetails");
    let is_named = |names: &Option<Vec<&str>>, name: &str| {
        names.as_ref().is_none_or(|names| names.iter().any(|one| one.eq_ignore_ascii_case(name)))
    };
    find::list(context, arguments, &find::ANY, |recipient| {
        is_named(&types, recipient.kind.recipient_type()) && is_named(&details, recipient.kind.as_str())
    })
}
