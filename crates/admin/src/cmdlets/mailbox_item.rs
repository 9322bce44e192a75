//! The cmdlets that show what a mailbox holds: MailboxFolderStatistics and MailboxItem.
//! May touch: nothing (pure).

mod export_mailbox_item;
mod get_mailbox_folder_statistics;
mod get_mailbox_item;

use std::sync::Arc;

use directory::Recipient;
use uuid::Uuid;

use crate::cmdlet::Cmdlet;
use crate::cmdlets::recipient::find;
use crate::context::Context;
use crate::error::CmdletError;

pub(crate) static ALL: &[&Cmdlet] =
    &[&get_mailbox_folder_statistics::CMDLET, &get_mailbox_item::CMDLET, &export_mailbox_item::CMDLET];

/// The mailbox named; removed ones that are still kept can be read as well.
fn mailbox(context: &Context, identity: &str) -> Result<Uuid, CmdletError> {
    let snapshot = context.directory.snapshot();
    let found: Result<Arc<Recipient>, CmdletError> = find::one(&snapshot, &find::MAILBOX, identity);
    match found {
        Ok(found) => Ok(found.guid),
        Err(error) => snapshot.resolve_soft_deleted(identity).map(|found| found.guid).map_err(|_| error),
    }
}
