//! Get-RecipientPermission: shows who may send as whom.
//! May touch: directory (read).

use super::grant;
use crate::arguments::Arguments;
use crate::cmdlet::{Cmdlet, Effect, Example, Parameters};
use crate::cmdlets::recipient::find;
use crate::context::Context;
use crate::error::CmdletError;
use crate::output::Output;
use crate::parameter::{Kind, Parameter, RESULT_SIZE};
use crate::role::Role;

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "Get-RecipientPermission",
    synopsis: "Shows who may send as whom.",
    description: "One row per grant of Send As; without -Identity those of all recipients.",
    examples: &[Example {
        command: "Get-RecipientPermission orders",
        sentence: "Lists who may send as a shared mailbox.",
    }],
    roles: &[Role::MailRecipients, Role::ViewOnlyRecipients],
    parameters: &[Parameters::Fixed(&[
        Parameter::new("Identity", Kind::Identity, "The mailbox or group.").positional(),
        Parameter::new("Trustee", Kind::Identity, "Only the grants of this user or group."),
        RESULT_SIZE,
    ])],
    output: grant::OUTPUT,
    effect: Effect::Reads,
    run: |context, arguments| Box::pin(async move { run(context, arguments) }),
};

fn run(context: &Context, arguments: &Arguments) -> Result<Output, CmdletError> {
    let snapshot = context.directory.snapshot();
    let find = |name: &str| {
        arguments.text(name).map(|identity| find::one(&snapshot, &find::ANY, identity)).transpose()
    };
    let (identity, trustee) = (find("Identity")?, find("Trustee")?);
    let mut recipients: Vec<_> = match identity {
        Some(recipient) => vec![recipient],
        None => snapshot.recipients().filter(|recipient| !recipient.send_as.is_empty()).cloned().collect(),
    };
    recipients.sort_by_cached_key(|recipient| recipient.name.to_lowercase());
    let mut rows = Vec::new();
    for recipient in &recipients {
        let wanted =
            recipient.send_as.iter().filter(|guid| trustee.as_ref().is_none_or(|one| one.guid == **guid));
        rows.extend(wanted.map(|guid| grant::row(recipient, *guid, &snapshot)));
    }
    let total = rows.len() as u64;
    rows.truncate(arguments.result_size());
    Ok(Output::part_of(rows, total))
}
