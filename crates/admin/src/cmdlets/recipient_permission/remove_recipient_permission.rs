//! Remove-RecipientPermission: takes Send As away.
//! May touch: directory.

use directory::Recipient;

use super::grant;
use crate::arguments::Arguments;
use crate::cmdlet::{Cmdlet, Effect, Example, Parameters};
use crate::context::Context;
use crate::error::{CmdletError, Plan};
use crate::output::{Output, OutputType};
use crate::role::Role;

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "Remove-RecipientPermission",
    synopsis: "Takes Send As away.",
    description: "The trustee can no longer send as the mailbox or group.",
    examples: &[Example {
        command: "Remove-RecipientPermission orders -Trustee kim -AccessRights SendAs -Confirm:false",
        sentence: "Takes the right away without asking.",
    }],
    roles: &[Role::MailRecipients],
    parameters: &[Parameters::Fixed(grant::NAMING)],
    output: OutputType::NONE,
    effect: Effect::Destroys(|context, arguments| Box::pin(async move { foresee(context, arguments) })),
    run: |context, arguments| Box::pin(run(context, arguments)),
};

fn foresee(context: &Context, arguments: &Arguments) -> Result<Plan, CmdletError> {
    let (recipient, trustee) = grant::parties(&context.directory.snapshot(), arguments)?;
    let what = format!("take Send As on \"{}\" from \"{}\"", recipient.display_name, trustee.display_name);
    Ok(Plan { count: 1, what })
}

async fn run(context: &Context, arguments: &Arguments) -> Result<Output, CmdletError> {
    context
        .change(arguments, |draft, arguments| {
            let (found, trustee) = grant::parties(draft.snapshot(), arguments)?;
            let mut recipient = Recipient::clone(&found);
            recipient.send_as.retain(|guid| *guid != trustee.guid);
            if recipient.send_as.len() == found.send_as.len() {
                let message = format!("\"{}\" may not send as \"{}\"", trustee.name, found.name);
                return Err(CmdletError::NotFound(message));
            }
            draft.put_recipient(recipient)?;
            Ok(())
        })
        .await?;
    Ok(Output::nothing())
}
