//! Tests of what the simulated disk keeps, loses and tears, so that storage tests can rely on it.
//!
//! May touch: nothing but the simulation.

use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::path::Path;

use crate::sim::{PowerCut, SimWorld};
use crate::{Disk, DiskFile, OpenMode, SqliteMode};

const SECTOR: usize = 512;
const SEEDS: u64 = 300;

fn create(disk: &Disk, path: &str) -> DiskFile {
    disk.open(Path::new(path), OpenMode::CreateNew).unwrap()
}

fn read(sim: &SimWorld, path: &str) -> Option<Vec<u8>> {
    let disk = sim.world().disk;
    disk.exists(Path::new(path)).unwrap().then(|| disk.read(Path::new(path)).unwrap())
}

/// A file whose content and name are durable.
fn durable(disk: &Disk, path: &str, bytes: &[u8]) -> DiskFile {
    let file = create(disk, path);
    file.write_all_at(bytes, 0).unwrap();
    file.sync_data().unwrap();
    disk.sync_dir(Path::new(path).parent().unwrap()).unwrap();
    file
}

#[test]
fn synced_data_survives_and_the_rest_is_lost_kept_or_torn_by_sector() {
    let mut fates = BTreeSet::new();
    for seed in 0..SEEDS {
        let sim = SimWorld::new(seed);
        let file = durable(&sim.world().disk, "/log", &[1; SECTOR * 4]);
        file.write_all_at(&[2; SECTOR * 8], u64::try_from(SECTOR * 2).unwrap()).unwrap();
        sim.crash(PowerCut::Random);
        let after = read(&sim, "/log").unwrap();
        assert!([SECTOR * 4, SECTOR * 10].contains(&after.len()), "{}", after.len());
        assert_eq!(after[..SECTOR * 2], [1; SECTOR * 2], "seed {seed}: synced and not written since");
        let mut seen = BTreeSet::new();
        for (number, sector) in after.chunks(SECTOR).enumerate().skip(2) {
            assert!(sector.iter().all(|byte| *byte == sector[0]), "a sector is written whole");
            let old = u8::from(number < 4);
            assert!([old, 2].contains(&sector[0]), "sector {number} is {}", sector[0]);
            seen.insert(sector[0] == 2);
        }
        fates.insert(seen);
    }
    let (lost, kept) = (BTreeSet::from([false]), BTreeSet::from([true]));
    assert_eq!(fates, BTreeSet::from([lost, kept, BTreeSet::from([false, true])]));
}

#[test]
fn a_sector_written_twice_shows_one_of_its_contents() {
    let mut seen = BTreeSet::new();
    for seed in 0..SEEDS {
        let sim = SimWorld::new(seed);
        let file = durable(&sim.world().disk, "/log", b"aaaa");
        file.write_all_at(b"bb", 0).unwrap();
        file.write_all_at(b"cc", 2).unwrap();
        sim.crash(PowerCut::Random);
        seen.insert(String::from_utf8(read(&sim, "/log").unwrap()).unwrap());
    }
    assert_eq!(seen, BTreeSet::from(["aaaa", "bbaa", "bbcc"].map(str::to_owned)));
}

#[test]
fn cutting_and_lengthening_a_file_may_be_lost_too() {
    let mut lens = BTreeSet::new();
    for seed in 0..SEEDS {
        let sim = SimWorld::new(seed);
        let file = durable(&sim.world().disk, "/log", &[1; 1000]);
        file.set_len(10).unwrap();
        file.set_len(2000).unwrap();
        sim.crash(PowerCut::Random);
        let after = read(&sim, "/log").unwrap();
        assert_eq!(after[..10], [1; 10]);
        lens.insert(after.len());
    }
    assert_eq!(lens, BTreeSet::from([10, 1000, 2000]));
}

#[test]
fn all_or_nothing_cuts_are_exact() {
    for (cut, expected) in [(PowerCut::LoseAll, "old"), (PowerCut::KeepAll, "new")] {
        let sim = SimWorld::new(1);
        let file = durable(&sim.world().disk, "/file", b"old");
        file.write_all_at(b"new", 0).unwrap();
        let unnamed = create(&sim.world().disk, "/unnamed");
        unnamed.write_all_at(b"x", 0).unwrap();
        unnamed.sync_all().unwrap();
        sim.crash(cut);
        assert_eq!(read(&sim, "/file").unwrap(), expected.as_bytes());
        assert_eq!(read(&sim, "/unnamed").is_some(), cut == PowerCut::KeepAll, "a name needs sync_dir");
    }
}

#[test]
fn old_handles_fail_after_the_cut() {
    let sim = SimWorld::new(1);
    let disk = sim.world().disk;
    let file = durable(&disk, "/file", b"old");
    let lock = disk.lock_exclusive(Path::new("/lock")).unwrap();
    sim.crash(PowerCut::KeepAll);
    assert!(file.write_all_at(b"x", 0).is_err());
    assert!(file.read_at(&mut [0], 0).is_err());
    assert!(disk.exists(Path::new("/file")).is_err());
    let again = sim.world().disk.lock_exclusive(Path::new("/lock")).unwrap();
    drop(lock);
    assert!(sim.world().disk.lock_exclusive(Path::new("/lock")).is_err(), "a dead holder frees no new lock");
    drop(again);
}

#[test]
fn of_unsynced_names_a_prefix_is_kept() {
    let mut seen = BTreeSet::new();
    for seed in 0..SEEDS {
        let sim = SimWorld::new(seed);
        let disk = sim.world().disk;
        for name in ["/1", "/2", "/3"] {
            create(&disk, name);
        }
        sim.crash(PowerCut::Random);
        let names = sim.world().disk.read_dir(Path::new("/")).unwrap();
        seen.insert(names.into_iter().map(|entry| entry.name.into_string().unwrap()).collect::<String>());
    }
    assert_eq!(seen, BTreeSet::from(["", "1", "12", "123"].map(str::to_owned)));
}

#[test]
fn a_rename_between_directories_is_one_step() {
    for seed in 0..SEEDS {
        let sim = SimWorld::new(seed);
        let disk = sim.world().disk;
        for directory in ["/from", "/to"] {
            disk.create_dir_all(Path::new(directory)).unwrap();
        }
        durable(&disk, "/from/file", b"x");
        disk.rename(Path::new("/from/file"), Path::new("/to/file")).unwrap();
        let synced = seed % 2 == 0;
        if synced {
            disk.sync_dir(Path::new("/to")).unwrap();
        }
        sim.crash(PowerCut::Random);
        let (from, to) = (read(&sim, "/from/file").is_some(), read(&sim, "/to/file").is_some());
        assert!(from != to, "exactly one of the names");
        assert!(to || !synced);
    }
}

#[test]
fn syncing_a_directory_takes_along_what_it_rests_on() {
    let sim = SimWorld::new(1);
    let disk = sim.world().disk;
    disk.create_dir_all(Path::new("/from")).unwrap();
    disk.create_dir_all(Path::new("/to")).unwrap();
    create(&disk, "/from/file").sync_all().unwrap();
    disk.rename(Path::new("/from/file"), Path::new("/to/file")).unwrap();
    disk.sync_dir(Path::new("/to")).unwrap();
    disk.sync_dir(Path::new("/from")).unwrap();
    sim.crash(PowerCut::LoseAll);
    assert!(read(&sim, "/from/file").is_none(), "a later sync does not bring the old name back");
    assert!(read(&sim, "/to/file").is_some());
}

#[test]
fn write_atomic_shows_old_or_new_at_every_crash() {
    let path = Path::new("/file");
    let sim = SimWorld::new(0);
    durable(&sim.world().disk, "/file", b"old");
    let before = sim.disk().calls();
    sim.world().disk.write_atomic(path, b"new content").unwrap();
    let calls = sim.disk().calls() - before;
    assert!(calls >= 5, "{calls}");
    let mut seen = BTreeSet::new();
    for n in 1..=calls + 1 {
        for seed in 0..40 {
            let sim = SimWorld::new(seed);
            durable(&sim.world().disk, "/file", b"old");
            sim.disk().crash_after(n);
            let written = sim.world().disk.write_atomic(path, b"new content");
            assert_eq!(written.is_ok(), n > calls);
            assert_eq!(sim.disk().has_crashed(), n <= calls);
            sim.crash(PowerCut::Random);
            let after = read(&sim, "/file").unwrap();
            assert!(after == b"old" || after == b"new content", "crash at {n}: {after:?}");
            assert!(written.is_err() || after == b"new content");
            seen.insert(after);
        }
    }
    assert_eq!(seen.len(), 2);
}

#[test]
fn a_made_directory_stays() {
    let sim = SimWorld::new(1);
    sim.world().disk.create_dir_all(Path::new("/a/b/c")).unwrap();
    sim.crash(PowerCut::LoseAll);
    assert!(sim.world().disk.exists(Path::new("/a/b/c")).unwrap());
}

#[test]
fn after_the_crash_point_everything_fails_until_the_power_is_back() {
    let sim = SimWorld::new(1);
    let disk = sim.world().disk;
    let file = durable(&disk, "/file", b"old");
    sim.disk().crash_after(2);
    file.write_all_at(b"new", 0).unwrap();
    assert_eq!(file.sync_data().unwrap_err().to_string(), "simulated power cut");
    assert!(file.sync_data().is_err() && disk.read(Path::new("/file")).is_err());
    assert!(disk.sqlite(Path::new("/box.db"), SqliteMode::ReadWriteCreate).is_err());
    sim.crash(PowerCut::LoseAll);
    assert_eq!(read(&sim, "/file").unwrap(), b"old", "the failed sync made nothing durable");
}

#[test]
fn a_failed_sync_loses_the_data_for_good() {
    let sim = SimWorld::new(1);
    let file = durable(&sim.world().disk, "/file", b"old");
    file.write_all_at(b"new", 0).unwrap();
    sim.disk().fail_next_sync();
    assert!(file.sync_data().is_err());
    file.sync_data().unwrap();
    let mut bytes = [0; 3];
    file.read_exact_at(&mut bytes, 0).unwrap();
    assert_eq!(&bytes, b"new", "reading still shows it");
    sim.crash(PowerCut::KeepAll);
    assert_eq!(read(&sim, "/file").unwrap(), b"old");
}

#[test]
fn a_full_disk_refuses_growth_only_and_deleting_helps() {
    let sim = SimWorld::new(1);
    let disk = sim.world().disk;
    sim.disk().set_capacity(1000);
    let file = create(&disk, "/file");
    file.write_all_at(&[1; 900], 0).unwrap();
    assert_eq!(file.write_all_at(&[1; 200], 900).unwrap_err().kind(), ErrorKind::StorageFull);
    assert_eq!(file.set_len(1001).unwrap_err().kind(), ErrorKind::StorageFull);
    file.write_all_at(&[2; 900], 0).unwrap();
    assert_eq!(disk.space(Path::new("/")).unwrap().free, 100);
    file.set_len(100).unwrap();
    assert_eq!(sim.disk().used(), 100);
    disk.sync_dir(Path::new("/")).unwrap();
    disk.remove_file(Path::new("/file")).unwrap();
    disk.sync_dir(Path::new("/")).unwrap();
    drop(file);
    assert_eq!(sim.disk().used(), 0);
}
