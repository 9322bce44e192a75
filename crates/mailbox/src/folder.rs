//! The folders every Exchange mailbox has, with their roles, names and container classes.
//!
//! May touch: nothing (pure).
//! Standards: [MS-OXOSFLD] §2.2 (special folders); [MS-OXOCAL], [MS-OXOCNTC], [MS-OXOTASK] container classes.

use std::fmt;

/// A folder within its mailbox: the 48-bit object id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FolderId(pub i64);

impl fmt::Display for FolderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Object ids below this are the default folders' own; items and later folders get ids from here on.
pub(crate) const FIRST_FREE_EID: i64 = 256;

macro_rules! roles {
    ($($(#[$doc:meta])* $variant:ident = $fid:literal in $parent:literal, $name:literal, $class:literal, $kind:literal, $hidden:literal;)+) => {
        /// What a folder is for. The stored role is the folder type `Get-MailboxFolderStatistics` shows.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum FolderRole {
            $($(#[$doc])* $variant,)+
        }

        impl FolderRole {
            /// Every default folder, parents first.
            pub const ALL: &'static [FolderRole] = &[$(FolderRole::$variant),+];

            /// The folder's id, the same in every mailbox.
            #[must_use]
            pub fn folder_id(self) -> FolderId {
                FolderId(match self { $(FolderRole::$variant => $fid,)+ })
            }

            /// The parent's id; 0 for the root.
            pub(crate) fn parent_id(self) -> i64 {
                match self { $(FolderRole::$variant => $parent,)+ }
            }

            /// The English name it is created with.
            #[must_use]
            pub fn default_name(self) -> &'static str {
                match self { $(FolderRole::$variant => $name,)+ }
            }

            /// The container class (PidTagContainerClass), empty for a container of folders.
            #[must_use]
            pub fn class(self) -> &'static str {
                match self { $(FolderRole::$variant => $class,)+ }
            }

            /// The folder type as cmdlets show it and as it is stored.
            #[must_use]
            pub fn folder_type(self) -> &'static str {
                match self { $(FolderRole::$variant => $kind,)+ }
            }

            /// Whether clients do not list it.
            #[must_use]
            pub fn is_hidden(self) -> bool {
                match self { $(FolderRole::$variant => $hidden,)+ }
            }

            /// The role with this folder type (any case), for example `Inbox` or `JunkEmail`.
            #[must_use]
            pub fn from_folder_type(text: &str) -> Option<FolderRole> {
                Self::ALL.iter().copied().find(|role| role.folder_type().eq_ignore_ascii_case(text))
            }
        }
    };
}

roles! {
    /// Above everything; holds the visible tree and the hidden folders.
    Root = 1 in 0, "Root", "", "NonIpmRoot", true;
    /// The visible tree ("Top of Information Store").
    IpmSubtree = 2 in 1, "Top of Information Store", "", "Root", false;
    /// Mail arrives here.
    Inbox = 3 in 2, "Inbox", "IPF.Note", "Inbox", false;
    /// Messages being written.
    Drafts = 4 in 2, "Drafts", "IPF.Note", "Drafts", false;
    /// Copies of what was sent.
    SentItems = 5 in 2, "Sent Items", "IPF.Note", "SentItems", false;
    /// What a user deleted.
    DeletedItems = 6 in 2, "Deleted Items", "IPF.Note", "DeletedItems", false;
    /// Mail a filter held to be spam.
    JunkEmail = 7 in 2, "Junk Email", "IPF.Note", "JunkEmail", false;
    /// Messages waiting for submission.
    Outbox = 8 in 2, "Outbox", "IPF.Note", "Outbox", false;
    /// What a user archived with one key.
    Archive = 9 in 2, "Archive", "IPF.Note", "Archive", false;
    /// Appointments and meetings.
    Calendar = 10 in 2, "Calendar", "IPF.Appointment", "Calendar", false;
    /// People.
    Contacts = 11 in 2, "Contacts", "IPF.Contact", "Contacts", false;
    /// Things to do.
    Tasks = 12 in 2, "Tasks", "IPF.Task", "Tasks", false;
    /// Sticky notes.
    Notes = 13 in 2, "Notes", "IPF.StickyNote", "Notes", false;
    /// Outlook's journal.
    Journal = 14 in 2, "Journal", "IPF.Journal", "Journal", false;
    /// Saved chats.
    ConversationHistory = 15 in 2, "Conversation History", "IPF.Note", "ConversationHistory", false;
    /// What clients could not synchronize.
    SyncIssues = 16 in 2, "Sync Issues", "IPF.Note", "SyncIssues", false;
    /// The dumpster.
    RecoverableItemsRoot = 17 in 1, "Recoverable Items", "", "RecoverableItemsRoot", true;
    /// Deleted from Deleted Items, or with Shift: recoverable by the user.
    RecoverableItemsDeletions = 18 in 17, "Deletions", "IPF.Note", "RecoverableItemsDeletions", true;
    /// Earlier versions kept by a hold.
    RecoverableItemsVersions = 19 in 17, "Versions", "IPF.Note", "RecoverableItemsVersions", true;
    /// Purged by the user and kept by a hold.
    RecoverableItemsPurges = 20 in 17, "Purges", "IPF.Note", "RecoverableItemsPurges", true;
}

impl FolderRole {
    /// Whether its items count against the Recoverable Items quota instead of the mailbox quota.
    #[must_use]
    pub fn is_recoverable(self) -> bool {
        matches!(
            self,
            Self::RecoverableItemsRoot
                | Self::RecoverableItemsDeletions
                | Self::RecoverableItemsVersions
                | Self::RecoverableItemsPurges
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_distinct_small_and_parents_come_first() {
        let mut seen = vec![0];
        for role in FolderRole::ALL {
            assert!(seen.contains(&role.parent_id()), "{role:?}");
            assert!(!seen.contains(&role.folder_id().0), "{role:?}");
            assert!(role.folder_id().0 < FIRST_FREE_EID);
            assert_eq!(FolderRole::from_folder_type(&role.folder_type().to_lowercase()), Some(*role));
            seen.push(role.folder_id().0);
        }
    }
}
