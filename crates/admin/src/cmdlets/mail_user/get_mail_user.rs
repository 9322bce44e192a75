//! Get-MailUser: shows mail users.
//! May touch: directory (read).

use crate::cmdlet::{Cmdlet, Effect, Example, Parameters};
use crate::cmdlets::recipient::{find, rows};
use crate::role::Role;

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "Get-MailUser",
    synopsis: "Shows mail users.",
    description: "Without -Identity all mail users, sorted by display name.",
    examples: &[Example { command: "Get-MailUser", sentence: "Lists mail users." }],
    roles: &[Role::MailRecipients, Role::ViewOnlyRecipients],
    parameters: &[Parameters::Fixed(find::LISTING)],
    output: rows::MAIL_USER,
    effect: Effect::Reads,
    run: |context, arguments| {
        Box::pin(async move { find::list(context, arguments, &find::MAIL_USER, |_| true) })
    },
};
