//! Undo-SoftDeletedMailbox: brings a removed mailbox back.
//! May touch: directory.

use crate::arguments::Arguments;
use crate::cmdlet::{Cmdlet, Effect, Example, Parameters};
use crate::cmdlets::recipient::rows;
use crate::context::Context;
use crate::error::CmdletError;
use crate::output::Output;
use crate::parameter::{Kind, Parameter};
use crate::role::Role;

const OWN: &[Parameter] = &[Parameter::new(
    "SoftDeletedObject",
    Kind::Identity,
    "Which: its name, alias, GUID or a former address, as Get-Mailbox -SoftDeletedMailbox lists them.",
)
.required()
.positional()];

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "Undo-SoftDeletedMailbox",
    synopsis: "Brings a removed mailbox back.",
    description: "The mailbox comes back with its contents, its settings and its addresses; those that somebody else has by now are left out, the primary one must be free. Who signs in to it cannot until Set-Mailbox -AccountDisabled $false. Groups, grants and forwards that named it have forgotten it.",
    examples: &[Example {
        command: "Undo-SoftDeletedMailbox kim@contoso.example",
        sentence: "Brings back the mailbox that had this address.",
    }],
    roles: &[Role::MailRecipientCreation],
    parameters: &[Parameters::Fixed(OWN)],
    output: rows::MAILBOX,
    effect: Effect::Changes,
    run: |context, arguments| Box::pin(run(context, arguments)),
};

async fn run(context: &Context, arguments: &Arguments) -> Result<Output, CmdletError> {
    let changed = context
        .change(arguments, |draft, arguments| {
            let removed = draft.snapshot().resolve_soft_deleted(arguments.required("SoftDeletedObject")?)?;
            let lost = removed.addresses().count();
            let back = draft.restore_mailbox(removed.guid)?;
            Ok((lost.saturating_sub(back.addresses().count()), back))
        })
        .await?;
    let (lost, back) = changed;
    let snapshot = context.directory.snapshot();
    let mut output = Output::object(rows::mailbox(&back, &snapshot));
    if lost > 0 {
        output
            .warnings
            .push(format!("{lost} of its addresses belong to somebody else by now and were left out"));
    }
    if back.account.as_ref().is_some_and(|account| !account.enabled) {
        output.warnings.push(
            "signing in to it is still forbidden; Set-Mailbox -AccountDisabled $false allows it".to_owned(),
        );
    }
    Ok(output)
}
