//! Remove-MailUser: removes a mail user.
//! May touch: directory.

use crate::cmdlet::{Cmdlet, Effect, Example, Parameters};
use crate::cmdlets::recipient::find;
use crate::output::OutputType;
use crate::role::Role;

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "Remove-MailUser",
    synopsis: "Removes a mail user.",
    description: "The mail user and the account are gone at once.",
    examples: &[Example {
        command: "Remove-MailUser anna -Confirm:false",
        sentence: "Removes a mail user without asking.",
    }],
    roles: &[Role::MailRecipientCreation],
    parameters: &[Parameters::Fixed(&[find::IDENTITY])],
    output: OutputType::NONE,
    effect: Effect::Destroys(|context, arguments| {
        Box::pin(async move { find::foresee(context, arguments, &find::MAIL_USER) })
    }),
    run: |context, arguments| Box::pin(find::remove(context, arguments, &find::MAIL_USER)),
};
