//! Where a delivered item is now: its folder in the mailbox, looked up by the item's id.
//! May touch: directory (read), mailbox store (read).

use mail::Address;
use trace::Detail;

use crate::context::Context;

/// Where the item is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum WhereNow {
    /// Nobody looked: it is in no mailbox of ours, or the mailbox store does not run.
    NotAsked,
    /// In this folder.
    Folder {
        /// Its path.
        path: String,
        /// Whether it was delivered there.
        is_same: bool,
        /// Whether it was read.
        is_read: bool,
    },
    /// It was delivered, and is in the mailbox no more.
    Gone,
}

impl WhereNow {
    /// Looks the item of a detail up. A mailbox that cannot be read is no reason to show no detail.
    pub(super) async fn of(context: &Context, detail: &Detail) -> WhereNow {
        let (Some(item_id), Ok(store)) = (detail.row.row.item_id, context.services.mailboxes()) else {
            return WhereNow::NotAsked;
        };
        let snapshot = context.directory.snapshot();
        let address = Address::parse(&detail.row.recipient_address).ok();
        let Some(mailbox) = address.and_then(|address| snapshot.recipient_by_address(&address).cloned())
        else {
            return WhereNow::NotAsked;
        };
        // Items come by falling id: the first below the next id is this one, or it is gone.
        let page = store.items(mailbox.guid, None, item_id.checked_add(1), 1).await;
        let Ok(page) = page else { return WhereNow::NotAsked };
        let id = detail.row.network_message_id;
        let found = page.items.into_iter().find(|item| {
            item.item_id == item_id && item.network_message_id.is_none_or(|theirs| theirs == id)
        });
        match found {
            Some(item) => {
                let path = item.folder_path.trim_start_matches('/').to_owned();
                let is_same = detail.row.folder.as_deref() == Some(path.as_str());
                WhereNow::Folder { path, is_same, is_read: item.is_read }
            }
            None => WhereNow::Gone,
        }
    }

    /// As a sentence; nothing where nobody looked.
    pub(super) fn in_words(&self) -> Option<String> {
        match self {
            WhereNow::NotAsked => None,
            WhereNow::Folder { path, is_same, is_read } => {
                let read = if *is_read { "read" } else { "not read" };
                let still = if *is_same { "still" } else { "moved, now" };
                Some(format!("{still} in {path}, {read}"))
            }
            WhereNow::Gone => Some("not in the mailbox any more: it was deleted for good".to_owned()),
        }
    }
}
