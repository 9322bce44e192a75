//! Set-MailContact: changes a mail contact.
//! May touch: directory.

use super::object;
use crate::cmdlet::{Cmdlet, Effect, Example, Parameters};
use crate::cmdlets::recipient::{create, find, groups, rows};
use crate::role::Role;

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "Set-MailContact",
    synopsis: "Changes a mail contact.",
    description: "Changes only what is given. Lists are replaced, or edited with '@{Add=…; Remove=…}' in quotes.",
    examples: &[Example {
        command: "Set-MailContact anna -ExternalEmailAddress anna@tailspin.example",
        sentence: "Sends the contact's mail to another address.",
    }],
    roles: &[Role::MailRecipients],
    parameters: &[
        Parameters::Fixed(&[find::IDENTITY]),
        Parameters::Fixed(groups::NAMES.parameters),
        Parameters::Fixed(groups::ADDRESSES.parameters),
        Parameters::Fixed(groups::EXTERNAL.parameters),
        Parameters::Fixed(groups::LIMITS.parameters),
        Parameters::Fixed(groups::RESTRICTIONS.parameters),
        Parameters::Fixed(groups::MODERATION.parameters),
        Parameters::Fixed(groups::CUSTOM_ATTRIBUTES.parameters),
    ],
    output: rows::CONTACT,
    effect: Effect::Changes,
    run: |context, arguments| {
        Box::pin(create::set(context, arguments, &find::CONTACT, object::SET, |_, _, _| Ok(())))
    },
};
