//! Get-MailboxFolderStatistics: shows the folders of a mailbox with counts and sizes.
//! May touch: directory (read), mailbox (read).

use serde_json::{Value, json};

use crate::arguments::Arguments;
use crate::cmdlet::{Cmdlet, Effect, Example, Parameters};
use crate::cmdlets::recipient::find;
use crate::context::Context;
use crate::error::CmdletError;
use crate::output::{Output, OutputType, Property, Row};
use crate::role::Role;
use mailbox::{FolderStatistics, MailboxError};

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "Get-MailboxFolderStatistics",
    synopsis: "Shows the folders of a mailbox with counts and sizes.",
    description: "A mailbox to which nothing was ever delivered has no folders yet.",
    examples: &[Example {
        command: "Get-MailboxFolderStatistics ann@contoso.example",
        sentence: "Shows how much is in each folder.",
    }],
    roles: &[Role::MailRecipients, Role::ViewOnlyRecipients],
    parameters: &[Parameters::Fixed(&[find::IDENTITY])],
    output: OutputType {
        name: "MailboxFolderStatistics",
        properties: &[
            Property::text("Name"),
            Property::text("FolderPath"),
            Property::text("FolderType"),
            Property::text("ContainerClass"),
            Property::number("ItemsInFolder"),
            Property::number("UnreadItemsInFolder"),
            Property::number("FolderSize"),
            Property::time("NewestItemReceivedDate"),
            Property::number("FolderId"),
        ],
        settings: None,
        table: &[
            "FolderPath",
            "FolderType",
            "ItemsInFolder",
            "UnreadItemsInFolder",
            "FolderSize",
            "NewestItemReceivedDate",
        ],
    },
    effect: Effect::Reads,
    run: |context, arguments| Box::pin(run(context, arguments)),
};

async fn run(context: &Context, arguments: &Arguments) -> Result<Output, CmdletError> {
    let mailbox = super::mailbox(context, arguments.required("Identity")?)?;
    match context.services.mailboxes()?.folder_statistics(mailbox).await {
        Ok(folders) => Ok(Output::list(folders.iter().map(row).collect())),
        Err(MailboxError::NoMailbox(_)) => Ok(Output::list(Vec::new())),
        Err(error) => Err(error.into()),
    }
}

fn row(folder: &FolderStatistics) -> Row {
    let mut row = Row::new();
    for (name, value) in [
        ("Name", json!(folder.name)),
        ("FolderPath", json!(folder.path)),
        ("FolderType", json!(folder.role.map_or("User Created", |role| role.folder_type()))),
        ("ContainerClass", json!(folder.class)),
        ("ItemsInFolder", json!(folder.items)),
        ("UnreadItemsInFolder", json!(folder.unread)),
        ("FolderSize", json!(folder.size)),
        ("NewestItemReceivedDate", folder.newest.map_or(Value::Null, |at| json!(at.to_string()))),
        ("FolderId", json!(folder.folder.0)),
    ] {
        row.insert(name.to_owned(), value);
    }
    row
}
