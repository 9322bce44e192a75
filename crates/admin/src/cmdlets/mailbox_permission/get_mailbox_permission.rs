//! Get-MailboxPermission: shows who may open a mailbox.
//! May touch: directory (read).

use super::grant;
use crate::arguments::Arguments;
use crate::cmdlet::{Cmdlet, Effect, Example, Parameters};
use crate::cmdlets::recipient::find;
use crate::context::Context;
use crate::error::CmdletError;
use crate::output::Output;
use crate::parameter::{Kind, Parameter};
use crate::role::Role;

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "Get-MailboxPermission",
    synopsis: "Shows who has Full Access to a mailbox.",
    description: "One row per user or group that may open the mailbox.",
    examples: &[Example {
        command: "Get-MailboxPermission orders",
        sentence: "Lists the users of a shared mailbox.",
    }],
    roles: &[Role::MailRecipients, Role::ViewOnlyRecipients],
    parameters: &[Parameters::Fixed(&[
        find::IDENTITY,
        Parameter::new("User", Kind::Identity, "Only the grant of this user or group."),
    ])],
    output: grant::OUTPUT,
    effect: Effect::Reads,
    run: |context, arguments| Box::pin(async move { run(context, arguments) }),
};

fn run(context: &Context, arguments: &Arguments) -> Result<Output, CmdletError> {
    let snapshot = context.directory.snapshot();
    let mailbox = find::one(&snapshot, &find::MAILBOX, arguments.required("Identity")?)?;
    let user =
        arguments.text("User").map(|identity| find::one(&snapshot, &find::ANY, identity)).transpose()?;
    let grants =
        mailbox.full_access.iter().filter(|grant| user.as_ref().is_none_or(|user| user.guid == grant.user));
    Ok(Output::list(grants.map(|grant| grant::row(&mailbox, grant, &snapshot)).collect()))
}
