//! Remove-MailContact: removes a mail contact.
//! May touch: directory.

use crate::cmdlet::{Cmdlet, Effect, Example, Parameters};
use crate::cmdlets::recipient::find;
use crate::output::OutputType;
use crate::role::Role;

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "Remove-MailContact",
    synopsis: "Removes a mail contact.",
    description: "The contact is gone at once; groups and forwards that name it forget it.",
    examples: &[Example {
        command: "Remove-MailContact anna -Confirm:false",
        sentence: "Removes a contact without asking.",
    }],
    roles: &[Role::MailRecipientCreation],
    parameters: &[Parameters::Fixed(&[find::IDENTITY])],
    output: OutputType::NONE,
    effect: Effect::Destroys(|context, arguments| {
        Box::pin(async move { find::foresee(context, arguments, &find::CONTACT) })
    }),
    run: |context, arguments| Box::pin(find::remove(context, arguments, &find::CONTACT)),
};
