//! Power cuts: copies of a mailbox file with the `-wal` cut at every frame behind the last checkpoint.
//!
//! May touch: a temporary directory.

use std::path::{Path, PathBuf};

use tempfile::TempDir;
use tokio::runtime::Runtime;
use world::{Clock, Disk, Executor};

use super::*;
use crate::Recorded;

/// Bytes before the first frame of a `-wal`, and before the page in each frame (SQLite file format §4.1, §4.2).
const WAL_HEADER: usize = 32;
const FRAME_HEADER: usize = 24;

fn file(directory: &Path, ending: &str) -> PathBuf {
    directory.join(super::file_name(ending))
}

fn store_in(directory: &Path, runtime: &Runtime) -> MailboxStore {
    let exec = Executor::real(runtime.handle().clone());
    MailboxStore::open(
        &Disk::real(),
        &Clock::real(),
        &exec,
        directory,
        Config { writers: 1, ..Config::default() },
    )
    .unwrap()
}

/// A mailbox with eight items in its Inbox, four of them behind the checkpoint, and what the spool would redo.
struct Before {
    database: Vec<u8>,
    /// The `-wal` as the checkpoint left it: old frames that the new ones overwrite.
    old_wal: Vec<u8>,
    wal: Vec<u8>,
    redo: Vec<(Delivery, Delivered)>,
    inbox: Vec<(u32, String)>,
}

async fn prepare(store: &MailboxStore, directory: &Path) -> Before {
    let disk = Disk::real();
    for number in 1..=4 {
        delivered(deliver_one(store, delivery(ALICE, number)).await);
    }
    let report = store.checkpoint().await;
    assert_eq!((report.files, report.postponed, report.failed.len()), (1, 0, 0));
    let old_wal = disk.read(&file(directory, "-wal")).unwrap();
    let database = disk.read(&file(directory, "")).unwrap();
    let mut redo = Vec::new();
    for number in 5..=9 {
        let mut one = delivery(ALICE, number);
        if number == 7 {
            one.folder = DeliveryFolder::JunkEmail;
        }
        if number == 8 {
            one.body = Bytes::from("more than a page\r\n".repeat(200));
        }
        let done = delivered(deliver_one(store, one.clone()).await);
        redo.push((one, done));
    }
    assert_eq!(disk.read(&file(directory, "")).unwrap(), database, "only a checkpoint writes to the file");
    let wal = disk.read(&file(directory, "-wal")).unwrap();
    Before { database, old_wal, wal, redo, inbox: inbox(store, ALICE).await }
}

/// Every length at which the new `-wal` may have been cut: between frames and within one.
fn cuts(wal: &[u8]) -> Vec<usize> {
    let page = usize::try_from(u32::from_be_bytes(wal[8..12].try_into().unwrap())).unwrap();
    let frame = FRAME_HEADER + page;
    let mut cuts = vec![0, WAL_HEADER - 1];
    let mut end = WAL_HEADER;
    while end <= wal.len() {
        cuts.push(end);
        cuts.push((end + frame / 2).min(wal.len()));
        end += frame;
    }
    cuts
}

/// Opens what a power cut left and applies the deliveries behind the checkpoint again.
async fn redo(
    directory: &Path,
    runtime: &Runtime,
    before: &Before,
    wal: &[u8],
    passes: fn(&Delivered) -> Pass,
) {
    let disk = Disk::real();
    disk.create_dir_all(file(directory, "").parent().unwrap()).unwrap();
    disk.write_atomic(&file(directory, ""), &before.database).unwrap();
    disk.write_atomic(&file(directory, "-wal"), wal).unwrap();
    let store = store_in(directory, runtime);
    assert_sound(&store).await;
    let survived = inbox(&store, ALICE).await;
    assert_eq!(survived, before.inbox[..survived.len()], "what survives is a beginning");
    for (one, recorded) in &before.redo {
        let again = Delivery { pass: passes(recorded), ..one.clone() };
        let done = delivered(deliver_one(&store, again).await);
        assert_eq!((done.item_id, done.uid, done.folder, done.at), place(recorded));
    }
    assert_eq!(inbox(&store, ALICE).await, before.inbox);
    assert_sound(&store).await;
    for (one, recorded) in &before.redo {
        assert_eq!(store.item_bytes(ALICE, recorded.item_id).await.unwrap(), one.body);
    }
    store.close().await;
}

fn place(done: &Delivered) -> (i64, u32, DeliveryFolder, Timestamp) {
    (done.item_id, done.uid, done.folder, done.at)
}

fn recorded(done: &Delivered) -> Pass {
    Pass::Redo(Recorded { item_id: Some(done.item_id), uid: Some(done.uid) })
}

#[test]
fn the_redo_gives_exactly_one_item_with_the_same_uid() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
    let top = TempDir::new().unwrap();
    let before = runtime.block_on(async {
        let directory = top.path().join("before");
        let store = store_in(&directory, &runtime);
        prepare(&store, &directory).await
    });
    let cuts = cuts(&before.wal);
    assert!(cuts.len() > 40, "only {} places to cut at", cuts.len());
    for (number, cut) in cuts.into_iter().enumerate() {
        let directory = top.path().join(number.to_string());
        // Every second cut leaves the old frames behind the new ones, as a file that is overwritten does.
        let mut wal = before.wal[..cut].to_vec();
        if number % 2 == 1 && before.old_wal.len() > cut {
            wal.extend_from_slice(&before.old_wal[cut..]);
        }
        let passes = [recorded, |_: &Delivered| Pass::First, |_: &Delivered| Pass::Redo(Recorded::default())];
        runtime.block_on(redo(&directory, &runtime, &before, &wal, passes[number % 3]));
        Disk::real().remove_dir_all(&directory).unwrap();
    }
}

/// A crash after a new file's tables were made and before its name was synced: the next start makes up for it.
#[test]
fn a_file_half_made_is_finished() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
    let top = TempDir::new().unwrap();
    runtime.block_on(async {
        let store = store_in(top.path(), &runtime);
        store.core.files.with(ALICE, |_| Ok(())).unwrap();
        store.close().await;
        drop(store);
        let connection =
            Disk::real().sqlite(&file(top.path(), ""), world::SqliteMode::ReadWriteCreate).unwrap();
        connection.pragma_update(None, "user_version", 0).unwrap();
        drop(connection);
        let store = store_in(top.path(), &runtime);
        assert_eq!(delivered(deliver_one(&store, delivery(ALICE, 1)).await).uid, 1);
        assert_sound(&store).await;
        store.close().await;
        drop(store);
        let connection =
            Disk::real().sqlite(&file(top.path(), ""), world::SqliteMode::ReadWriteCreate).unwrap();
        connection.pragma_update(None, "user_version", 99).unwrap();
        let store = store_in(top.path(), &runtime);
        let outcome = deliver_one(&store, delivery(ALICE, 2)).await;
        assert_eq!(outcome, Outcome::Failed(crate::MailboxError::Newer(99)));
    });
}
