//! Get-Mailbox: shows mailboxes.
//! May touch: directory (read).

use crate::arguments::Arguments;
use crate::cmdlet::{Cmdlet, Effect, Example, Parameters};
use crate::cmdlets::recipient::{find, rows};
use crate::context::Context;
use crate::error::CmdletError;
use crate::output::Output;
use crate::parameter::{Kind, Parameter};
use crate::role::Role;
use crate::role_scope;

/// The kinds of mailbox.
const KINDS: &[&str] = &[
    "UserMailbox",
    "SharedMailbox",
    "RoomMailbox",
    "EquipmentMailbox",
    "LinkedMailbox",
    "LinkedRoomMailbox",
    "DiscoveryMailbox",
    "SchedulingMailbox",
    "ArbitrationMailbox",
];

const OWN: &[Parameter] = &[
    Parameter::new("RecipientTypeDetails", Kind::List(&Kind::Enum(KINDS)), "Only mailboxes of these kinds."),
    Parameter::new(
        "SoftDeletedMailbox",
        Kind::Switch,
        "Removed mailboxes that are still kept, instead of the others.",
    ),
];

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "Get-Mailbox",
    synopsis: "Shows mailboxes and their settings.",
    description: "Without -Identity all mailboxes, sorted by display name. Removed mailboxes that are still kept are shown with -SoftDeletedMailbox.",
    examples: &[
        Example {
            command: "Get-Mailbox kim@contoso.example -Format list",
            sentence: "Shows one mailbox with all its properties.",
        },
        Example {
            command: "Get-Mailbox -RecipientTypeDetails SharedMailbox -ResultSize Unlimited",
            sentence: "Lists every shared mailbox.",
        },
    ],
    roles: &[Role::MailRecipients, Role::ViewOnlyRecipients],
    parameters: &[Parameters::Fixed(find::LISTING), Parameters::Fixed(OWN)],
    output: rows::MAILBOX,
    effect: Effect::Reads,
    run: |context, arguments| Box::pin(async move { run(context, arguments) }),
};

fn run(context: &Context, arguments: &Arguments) -> Result<Output, CmdletError> {
    if arguments.is_on("SoftDeletedMailbox") {
        return soft_deleted(context, arguments);
    }
    let kinds = arguments.texts("RecipientTypeDetails");
    find::list(context, arguments, &find::MAILBOX, |mailbox| {
        kinds.as_ref().is_none_or(|kinds| kinds.contains(&mailbox.kind.as_str()))
    })
}

fn soft_deleted(context: &Context, arguments: &Arguments) -> Result<Output, CmdletError> {
    let snapshot = context.directory.snapshot();
    if let Some(identity) = arguments.text("Identity") {
        let found = snapshot.resolve_soft_deleted(identity)?;
        return Ok(Output::list(vec![rows::mailbox(&found, &snapshot)]));
    }
    let scope = &context.granted()?.scope;
    let mut found: Vec<_> =
        snapshot.soft_deleted().filter(|mailbox| role_scope::shows(scope, mailbox)).collect();
    found.sort_by_key(|mailbox| mailbox.when_soft_deleted);
    let rows: Vec<_> =
        found.iter().take(arguments.result_size()).map(|one| rows::mailbox(one, &snapshot)).collect();
    Ok(Output::part_of(rows, found.len() as u64))
}
