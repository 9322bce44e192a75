//! Add-MailboxPermission: grants Full Access.
//! May touch: directory.

use directory::{FullAccess, Recipient};

use super::grant;
use crate::arguments::Arguments;
use crate::cmdlet::{Cmdlet, Effect, Example, Parameters};
use crate::context::Context;
use crate::error::CmdletError;
use crate::output::Output;
use crate::parameter::{Kind, Parameter};
use crate::role::Role;

const OWN: &[Parameter] = &[Parameter::new(
    "AutoMapping",
    Kind::Bool,
    "Whether Autodiscover shows the mailbox to the user; $true when not given.",
)];

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "Add-MailboxPermission",
    synopsis: "Grants Full Access to a mailbox.",
    description: "Full Access opens the whole mailbox; it does not let the user send as it: see \
                  Add-RecipientPermission and Set-Mailbox -GrantSendOnBehalfTo.",
    examples: &[Example {
        command: "Add-MailboxPermission orders -User kim -AccessRights FullAccess",
        sentence: "Lets a person open a shared mailbox.",
    }],
    roles: &[Role::MailRecipients],
    parameters: &[Parameters::Fixed(grant::NAMING), Parameters::Fixed(OWN)],
    output: grant::OUTPUT,
    effect: Effect::Changes,
    run: |context, arguments| Box::pin(run(context, arguments)),
};

async fn run(context: &Context, arguments: &Arguments) -> Result<Output, CmdletError> {
    let row = context
        .change(arguments, |draft, arguments| {
            let (found, user) = grant::parties(draft.snapshot(), arguments)?;
            let mut mailbox = Recipient::clone(&found);
            let auto_mapping = arguments.boolean("AutoMapping").unwrap_or(true);
            let access = FullAccess { user: user.guid, auto_mapping };
            mailbox.full_access.retain(|other| other.user != user.guid);
            mailbox.full_access.push(access);
            let stored = draft.put_recipient(mailbox)?;
            Ok(grant::row(&stored, &access, draft.snapshot()))
        })
        .await?;
    Ok(Output::object(row))
}
