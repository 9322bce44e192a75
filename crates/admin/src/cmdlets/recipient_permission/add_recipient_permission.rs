//! Add-RecipientPermission: grants Send As.
//! May touch: directory.

use directory::Recipient;

use super::grant;
use crate::arguments::Arguments;
use crate::cmdlet::{Cmdlet, Effect, Example, Parameters};
use crate::context::Context;
use crate::error::CmdletError;
use crate::output::Output;
use crate::role::Role;

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "Add-RecipientPermission",
    synopsis: "Grants Send As.",
    description: "The trustee may send as the mailbox or group; the message shows no trace of them. Where somebody has \
                  Send As and Send on Behalf, Send As wins.",
    examples: &[Example {
        command: "Add-RecipientPermission orders -Trustee kim -AccessRights SendAs",
        sentence: "Lets a person send as a shared mailbox.",
    }],
    roles: &[Role::MailRecipients],
    parameters: &[Parameters::Fixed(grant::NAMING)],
    output: grant::OUTPUT,
    effect: Effect::Changes,
    run: |context, arguments| Box::pin(run(context, arguments)),
};

async fn run(context: &Context, arguments: &Arguments) -> Result<Output, CmdletError> {
    let row = context
        .change(arguments, |draft, arguments| {
            let (found, trustee) = grant::parties(draft.snapshot(), arguments)?;
            let mut recipient = Recipient::clone(&found);
            if !recipient.send_as.contains(&trustee.guid) {
                recipient.send_as.push(trustee.guid);
            }
            let stored = draft.put_recipient(recipient)?;
            Ok(grant::row(&stored, trustee.guid, draft.snapshot()))
        })
        .await?;
    Ok(Output::object(row))
}
