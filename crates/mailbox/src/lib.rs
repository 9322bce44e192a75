//! Mailboxes: one SQLite file each with folders, items and change numbers, larger bodies as shared blobs beside them.
//!
//! May touch: clock, disk, executor (all handed in).
//! Known gaps: folder rights, inbox rules and search follow with the client protocols; the tables for rights, named
//! and overlay properties are there and empty.
//!
//! The transport spool is the redo log: [`MailboxStore::deliver`] commits without waiting for the disk, checkpoints
//! make the files durable in the background, and [`MailboxStore::durable_position`] says how far the spool may
//! forget. After a crash the deliveries behind that position are handed in again with [`Pass::Redo`]; the
//! `delivered` table makes that harmless.

mod blob;
mod body;
mod change;
mod checkpoint;
pub mod config;
mod deliver;
mod dirty;
mod error;
mod expunge;
mod file;
mod folder;
mod open_files;
mod outcome;
mod read;
mod resend;
mod schema;
mod store;
mod sweep;
mod verify;

pub use change::Change;
pub use checkpoint::CheckpointReport;
pub use config::Config;
pub use dirty::SpoolPosition;
pub use error::MailboxError;
pub use folder::{FolderId, FolderRole};
pub use outcome::{
    Delivered, Delivery, DeliveryFolder, Duplicate, DuplicateKind, ItemSummary, Outcome, Pass, Recorded,
    SpoolEntry,
};
pub use read::{FolderSelector, FolderStatistics, ItemPage, ItemRow, PAGE_ITEMS_MAX, Usage};
pub use resend::ResendKey;
pub use store::MailboxStore;
pub use sweep::SweepReport;
pub use verify::VerifyReport;

#[cfg(test)]
mod tests;
