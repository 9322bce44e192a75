//! Export-MailboxItem: writes an item of a mailbox as it was delivered.
//! May touch: directory (read), mailbox (read).

use crate::arguments::Arguments;
use crate::cmdlet::{Cmdlet, Effect, Example, Parameters};
use crate::cmdlets::recipient::find;
use crate::context::Context;
use crate::error::CmdletError;
use crate::output::{Output, OutputType};
use crate::parameter::{Kind, Parameter};
use crate::role::Role;

const OWN: &[Parameter] = &[
    find::IDENTITY,
    Parameter::new("ItemId", Kind::Int { min: 1, max: i64::MAX }, "The item, as Get-MailboxItem shows it.")
        .required(),
    Parameter::new("Path", Kind::OutputFile, "The file to write, or - for standard output.").required(),
];

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "Export-MailboxItem",
    synopsis: "Writes an item of a mailbox as it was delivered.",
    description: "The bytes are exactly those that were delivered, with the headers this server added above them.",
    examples: &[Example {
        command: "Export-MailboxItem ann@contoso.example -ItemId 12 -Path -",
        sentence: "Shows the source of an item.",
    }],
    roles: &[Role::MailboxSearch],
    parameters: &[Parameters::Fixed(OWN)],
    output: OutputType::NONE,
    effect: Effect::Reads,
    run: |context, arguments| Box::pin(run(context, arguments)),
};

async fn run(context: &Context, arguments: &Arguments) -> Result<Output, CmdletError> {
    let mailbox = super::mailbox(context, arguments.required("Identity")?)?;
    let item = arguments.int("ItemId").unwrap_or_default();
    Ok(Output::binary(context.services.mailboxes()?.item_bytes(mailbox, item).await?))
}
