//! Remove-Mailbox: removes a mailbox.
//! May touch: directory.

use crate::cmdlet::{Cmdlet, Effect, Example, Parameters};
use crate::cmdlets::recipient::find;
use crate::output::OutputType;
use crate::role::Role;

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "Remove-Mailbox",
    synopsis: "Removes a mailbox.",
    description: "The mailbox is kept for 30 days without its addresses, then its contents are deleted. Groups, grants and forwards that name it forget it.",
    examples: &[Example {
        command: "Remove-Mailbox kim@contoso.example -Confirm:false",
        sentence: "Removes a mailbox without asking.",
    }],
    roles: &[Role::MailRecipientCreation],
    parameters: &[Parameters::Fixed(&[find::IDENTITY])],
    output: OutputType::NONE,
    effect: Effect::Destroys(|context, arguments| {
        Box::pin(async move { find::foresee(context, arguments, &find::MAILBOX) })
    }),
    run: |context, arguments| Box::pin(find::remove(context, arguments, &find::MAILBOX)),
};
