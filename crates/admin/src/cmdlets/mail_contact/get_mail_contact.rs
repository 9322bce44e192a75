//! Get-MailContact: shows mail contacts.
//! May touch: directory (read).

use crate::cmdlet::{Cmdlet, Effect, Example, Parameters};
use crate::cmdlets::recipient::{find, rows};
use crate::role::Role;

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "Get-MailContact",
    synopsis: "Shows mail contacts.",
    description: "Without -Identity all mail contacts, sorted by display name.",
    examples: &[Example { command: "Get-MailContact", sentence: "Lists mail contacts." }],
    roles: &[Role::MailRecipients, Role::ViewOnlyRecipients],
    parameters: &[Parameters::Fixed(find::LISTING)],
    output: rows::CONTACT,
    effect: Effect::Reads,
    run: |context, arguments| {
        Box::pin(async move { find::list(context, arguments, &find::CONTACT, |_| true) })
    },
};
