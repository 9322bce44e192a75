//! Remove-MailboxPermission: takes Full Access away.
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
    name: "Remove-MailboxPermission",
    synopsis: "Takes Full Access to a mailbox away.",
    description: "The user can no longer open the mailbox; what they sent stays.",
    examples: &[Example {
        command: "Remove-MailboxPermission orders -User kim -AccessRights FullAccess -Confirm:false",
        sentence: "Takes the right away without asking.",
    }],
    roles: &[Role::MailRecipients],
    parameters: &[Parameters::Fixed(grant::NAMING)],
    output: OutputType::NONE,
    effect: Effect::Destroys(|context, arguments| Box::pin(async move { foresee(context, arguments) })),
    run: |context, arguments| Box::pin(run(context, arguments)),
};

fn foresee(context: &Context, arguments: &Arguments) -> Result<Plan, CmdletError> {
    let (mailbox, user) = grant::parties(&context.directory.snapshot(), arguments)?;
    let what = format!("take Full Access to \"{}\" from \"{}\"", mailbox.display_name, user.display_name);
    Ok(Plan { count: 1, what })
}

async fn run(context: &Context, arguments: &Arguments) -> Result<Output, CmdletError> {
    context
        .change(arguments, |draft, arguments| {
            let (found, user) = grant::parties(draft.snapshot(), arguments)?;
            let mut mailbox = Recipient::clone(&found);
            mailbox.full_access.retain(|grant| grant.user != user.guid);
            if mailbox.full_access.len() == found.full_access.len() {
                let message = format!("\"{}\" has no Full Access to \"{}\"", user.name, found.name);
                return Err(CmdletError::NotFound(message));
            }
            draft.put_recipient(mailbox)?;
            Ok(())
        })
        .await?;
    Ok(Output::nothing())
}
