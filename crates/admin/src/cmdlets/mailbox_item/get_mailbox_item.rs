//! Get-MailboxItem: lists what was delivered to a mailbox.
//! May touch: directory (read), mailbox (read).

use serde_json::json;

use crate::arguments::Arguments;
use crate::cmdlet::{Cmdlet, Effect, Example, Parameters};
use crate::cmdlets::recipient::find;
use crate::context::Context;
use crate::error::CmdletError;
use crate::output::{Output, OutputType, Property, Row};
use crate::parameter::{Kind, Parameter, RESULT_SIZE};
use crate::role::Role;
use mailbox::{FolderSelector, ItemRow, MailboxError};

/// Items asked of the store at a time.
const ITEMS_PER_READ: usize = 500;

const OWN: &[Parameter] = &[
    find::IDENTITY,
    Parameter::new("Folder", Kind::Text, "Only items of this folder, by name or path such as Inbox."),
    RESULT_SIZE,
];

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "Get-MailboxItem",
    synopsis: "Lists what a mailbox holds.",
    description: "Newest first, without bodies. Export-MailboxItem writes one item as it was delivered.",
    examples: &[Example {
        command: "Get-MailboxItem ann@contoso.example -Folder Inbox -ResultSize 20",
        sentence: "Shows the newest items of an Inbox.",
    }],
    roles: &[Role::MailboxSearch],
    parameters: &[Parameters::Fixed(OWN)],
    output: OutputType {
        name: "MailboxItem",
        properties: &[
            Property::number("ItemId"),
            Property::text("Folder"),
            Property::time("Received"),
            Property::text("Subject"),
            Property::text("From"),
            Property::number("Size"),
            Property::text("MessageId"),
            Property::text("NetworkMessageId"),
            Property::text("IsRead"),
            Property::number("Uid"),
        ],
        settings: None,
        table: &["ItemId", "Folder", "Received", "From", "Subject", "Size"],
    },
    effect: Effect::Reads,
    run: |context, arguments| Box::pin(run(context, arguments)),
};

async fn run(context: &Context, arguments: &Arguments) -> Result<Output, CmdletError> {
    let mailbox = super::mailbox(context, arguments.required("Identity")?)?;
    let store = context.services.mailboxes()?;
    let folder = arguments.text("Folder").map(|path| FolderSelector::Path(path.to_owned()));
    let wanted = arguments.result_size();
    let mut rows = Vec::new();
    let mut after = None;
    while rows.len() < wanted {
        let limit = wanted.saturating_sub(rows.len()).min(ITEMS_PER_READ);
        let page = match store.items(mailbox, folder.clone(), after, limit).await {
            Err(MailboxError::NoMailbox(_)) => return Ok(Output::list(Vec::new())),
            page => page?,
        };
        rows.extend(page.items.iter().map(row));
        after = page.next;
        if after.is_none() {
            return Ok(Output::list(rows));
        }
    }
    Ok(Output::list(rows).with_warning("there are more items; -ResultSize Unlimited shows all"))
}

fn row(item: &ItemRow) -> Row {
    let mut row = Row::new();
    for (name, value) in [
        ("ItemId", json!(item.item_id)),
        ("Folder", json!(item.folder_path.trim_start_matches('/'))),
        ("Received", json!(item.received.to_string())),
        ("Subject", json!(item.subject)),
        ("From", json!(item.from)),
        ("Size", json!(item.size)),
        ("MessageId", json!(item.message_id.as_ref().map(|id| id.as_str()))),
        ("NetworkMessageId", json!(item.network_message_id.map(|id| id.to_string()))),
        ("IsRead", json!(item.is_read)),
        ("Uid", json!(item.uid)),
    ] {
        row.insert(name.to_owned(), value);
    }
    row
}
