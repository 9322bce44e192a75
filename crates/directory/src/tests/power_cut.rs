//! The power goes at every frame of the write-ahead log: a change is there or not, and the directory is valid.
//!
//! May touch: a temporary directory.

use std::path::Path;

use super::*;
use RecipientKind as K;

/// Length of the header of a WAL file and of each frame (SQLite file format, §4.1).
const WAL_HEADER: usize = 32;
const FRAME_HEADER: usize = 24;

fn read(path: &Path) -> Vec<u8> {
    let disk = Disk::real();
    if disk.exists(path).unwrap() { disk.read(path).unwrap() } else { Vec::new() }
}

fn wal_of(path: &Path) -> PathBuf {
    path.with_file_name("directory.db-wal")
}

/// Opens a copy whose log ends at `length`, and checks that it can go on.
fn open_cut(house: &House, database: &[u8], wal: &[u8], length: usize) -> Arc<Snapshot> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("directory.db");
    Disk::real().write_atomic(&path, database).unwrap();
    Disk::real().write_atomic(&wal_of(&path), &wal[..length]).unwrap();
    let directory = Directory::open(&Disk::real(), &path, &house.world.clock, &house.world.chance)
        .unwrap_or_else(|error| panic!("cut at {length}: {error}"));
    let snapshot = directory.snapshot();
    let next = directory.change("test", |draft| {
        let new = draft_recipient(draft, K::UserMailbox, "after-the-cut");
        draft.put_recipient(new)
    });
    assert!(next.is_ok(), "cut at {length}: {next:?}");
    snapshot
}

#[test]
fn a_change_is_there_or_not() {
    let house = House::seeded();
    let ann = house.add(K::UserMailbox, "ann");
    let path = house.path();
    let synced = read(&wal_of(&path)).len();
    let number = house.now().change_number();

    // One change over many pages: addresses leave Ann, a group forgets her, a hundred others come.
    house
        .change(|draft| {
            draft.remove_recipient(ann)?;
            for number in 0..100 {
                let new = draft_recipient(draft, K::UserMailbox, &format!("user{number}"));
                draft.put_recipient(new)?;
            }
            let mut taker = draft_recipient(draft, K::SharedMailbox, "taker");
            taker.email_addresses.push(address("ann@contoso.example"));
            draft.put_recipient(taker)
        })
        .unwrap();

    let (database, wal) = (read(&path), read(&wal_of(&path)));
    assert!(database.len() >= 4096 && wal.len() > synced, "the change is in the log");
    let page = usize::from(u16::from_be_bytes([database[16], database[17]]));
    let frame = FRAME_HEADER + page;
    assert_eq!((synced - WAL_HEADER) % frame, 0);
    let frames = (wal.len() - synced) / frame;
    assert!(frames >= 10, "{frames} frames");

    let mut seen_after = false;
    for position in 0..=frames {
        let whole = synced + position * frame;
        for length in [whole, (whole + 1).min(wal.len()), (whole + frame / 2).min(wal.len())] {
            let snapshot = open_cut(&house, &database, &wal, length);
            let holder = snapshot.recipient_by_address(&address("ann@contoso.example")).unwrap();
            if snapshot.change_number() == number {
                assert_eq!(holder.guid, ann, "cut at {length}");
                assert_eq!(snapshot.recipient_count(), 3, "cut at {length}");
                assert!(!seen_after, "cut at {length}: the change came and went");
            } else {
                assert_eq!(snapshot.change_number(), number + 1, "cut at {length}");
                assert_eq!(holder.name, "taker", "cut at {length}");
                assert_eq!(snapshot.recipient_count(), 103, "cut at {length}");
                assert!(snapshot.soft_deleted_mailbox(ann).is_some(), "cut at {length}");
                assert_eq!(position, frames, "only the last frame commits");
                seen_after = true;
            }
        }
    }
    assert!(seen_after, "the whole log has the change");
}

#[test]
fn a_torn_last_frame_is_no_change() {
    let house = House::seeded();
    let path = house.path();
    let number = house.now().change_number();
    let synced = read(&wal_of(&path)).len();
    house.add(K::UserMailbox, "ann");
    let (database, mut wal) = (read(&path), read(&wal_of(&path)));
    assert!(wal.len() > synced);
    let last = wal.len() - 1;
    wal[last] ^= 0xff;
    let snapshot = open_cut(&house, &database, &wal, wal.len());
    assert_eq!(snapshot.change_number(), number);
    assert!(snapshot.resolve_recipient("ann").is_err());
}
