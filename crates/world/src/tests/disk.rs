//! Tests that hold for the real and the simulated disk alike, and those of files only the real one has.
//!
//! May touch: a temporary directory.

use std::ffi::OsStr;
use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::sim::SimWorld;
use crate::{Disk, FileKind, LockError, OpenMode, SqliteError, SqliteMode};

/// Runs a test on both disks, in a directory that exists.
fn on_both(test: impl Fn(&Disk, &Path)) {
    let directory = tempfile::tempdir().unwrap();
    test(&Disk::real(), directory.path());
    let sim = SimWorld::new(1);
    let disk = sim.world().disk;
    disk.create_dir_all(Path::new("/data")).unwrap();
    test(&disk, Path::new("/data"));
}

fn names(disk: &Disk, directory: &Path) -> Vec<String> {
    disk.read_dir(directory).unwrap().iter().map(|entry| entry.name.to_string_lossy().into_owned()).collect()
}

#[test]
fn open_modes() {
    on_both(|disk, top| {
        let path = top.join("file");
        let kind = |mode| disk.open(&path, mode).unwrap_err().kind();
        assert_eq!(kind(OpenMode::Read), ErrorKind::NotFound);
        assert_eq!(kind(OpenMode::ReadWrite), ErrorKind::NotFound);
        disk.open(&path, OpenMode::CreateNew).unwrap().write_all_at(b"abc", 0).unwrap();
        assert_eq!(kind(OpenMode::CreateNew), ErrorKind::AlreadyExists);
        assert_eq!(disk.open(&path, OpenMode::CreateOrOpen).unwrap().len().unwrap(), 3, "content is kept");
        let reader = disk.open(&path, OpenMode::Read).unwrap();
        assert!(reader.write_all_at(b"x", 0).is_err());
        assert_eq!(disk.read(&path).unwrap(), b"abc");
        let nowhere = disk.open(&top.join("none/file"), OpenMode::CreateNew).unwrap_err();
        assert_eq!(nowhere.kind(), ErrorKind::NotFound);
        assert!(disk.open(top, OpenMode::ReadWrite).is_err());
    });
}

#[test]
fn positional_reads_and_writes() {
    on_both(|disk, top| {
        let file = disk.open(&top.join("file"), OpenMode::CreateNew).unwrap();
        file.write_all_at(b"world", 10).unwrap();
        file.write_all_at(b"hello", 0).unwrap();
        assert_eq!(file.len().unwrap(), 15);
        let mut bytes = [9; 15];
        file.read_exact_at(&mut bytes, 0).unwrap();
        assert_eq!(&bytes, b"hello\0\0\0\0\0world");
        assert_eq!(file.read_at(&mut bytes, 12).unwrap(), 3);
        assert_eq!(file.read_at(&mut bytes, 99).unwrap(), 0);
        assert_eq!(file.read_exact_at(&mut bytes, 1).unwrap_err().kind(), ErrorKind::UnexpectedEof);
        file.set_len(3).unwrap();
        file.set_len(5).unwrap();
        assert_eq!(disk.read(&top.join("file")).unwrap(), b"hel\0\0");
        file.sync_data().unwrap();
        file.sync_all().unwrap();
    });
}

#[test]
fn directories_and_names() {
    on_both(|disk, top| {
        let deep = top.join("a/b/c");
        disk.create_dir_all(&deep).unwrap();
        disk.create_dir_all(&deep).unwrap();
        disk.write_atomic(&deep.join("two"), b"2").unwrap();
        disk.write_atomic(&deep.join("one"), b"1").unwrap();
        disk.write_atomic(&deep.join("one"), b"1 again").unwrap();
        assert_eq!(names(disk, &deep), ["one", "two"]);
        assert_eq!(disk.read(&deep.join("one")).unwrap(), b"1 again");
        let entry = disk.read_dir(&top.join("a")).unwrap().remove(0);
        assert_eq!((entry.name.as_os_str(), entry.kind), (OsStr::new("b"), FileKind::Directory));
        assert_eq!(entry.path, top.join("a/b"));

        disk.rename(&deep.join("one"), &top.join("moved")).unwrap();
        disk.rename(&top.join("a/b"), &top.join("d")).unwrap();
        assert_eq!(names(disk, &top.join("d/c")), ["two"]);
        assert_eq!(disk.metadata(&top.join("moved")).unwrap().len, 7);
        assert!(!disk.exists(&deep).unwrap());
        assert!(!disk.exists(&top.join("moved/below a file")).unwrap());
        assert_eq!(disk.rename(&deep, &top.join("x")).unwrap_err().kind(), ErrorKind::NotFound);
        assert_eq!(disk.create_dir_all(&top.join("moved")).unwrap_err().kind(), ErrorKind::NotADirectory);

        disk.remove_dir_all(&top.join("d")).unwrap();
        assert_eq!(disk.remove_file(&top.join("none")).unwrap_err().kind(), ErrorKind::NotFound);
        disk.remove_file(&top.join("moved")).unwrap();
        disk.sync_dir(top).unwrap();
        assert_eq!(names(disk, top), ["a"]);
    });
}

#[test]
fn a_removed_file_lives_on_while_it_is_open() {
    on_both(|disk, top| {
        let file = disk.open(&top.join("file"), OpenMode::CreateNew).unwrap();
        file.write_all_at(b"still here", 0).unwrap();
        disk.remove_file(&top.join("file")).unwrap();
        let mut bytes = [0; 10];
        file.read_exact_at(&mut bytes, 0).unwrap();
        assert_eq!(&bytes, b"still here");
    });
}

#[test]
fn space_is_more_than_nothing() {
    on_both(|disk, top| {
        let space = disk.space(top).unwrap();
        assert!(space.free > 0 && space.free <= space.total, "{space:?}");
    });
}

#[test]
fn a_volume_is_as_full_as_df_says() {
    let top = tempfile::tempdir().unwrap();
    let space = Disk::real().space(top.path()).unwrap();
    let df = std::process::Command::new("df").arg("-P").arg(top.path()).output().unwrap();
    let line = String::from_utf8(df.stdout).unwrap().lines().nth(1).unwrap().to_owned();
    let told: u64 = line.split_whitespace().find_map(|word| word.strip_suffix('%')).unwrap().parse().unwrap();
    let ours = (space.total - space.free) * 100 / space.total;
    assert!(ours.abs_diff(told) <= 1, "{line}, and we say {ours} %");
}

#[test]
fn a_lock_keeps_the_second_out_and_says_who_has_it() {
    on_both(|disk, top| {
        let path = top.join("lock");
        let held = disk.lock_exclusive(&path).unwrap();
        let refused = disk.lock_exclusive(&path).unwrap_err();
        let LockError::Held { pid, .. } = &refused else { panic!("{refused}") };
        assert_eq!(*pid, Some(std::process::id()));
        assert!(refused.to_string().contains(&format!("process {}", std::process::id())), "{refused}");
        drop(held);
        drop(disk.lock_exclusive(&path).unwrap());
    });
}

#[test]
fn sqlite_is_new_enough_and_its_files_are_seen() {
    assert!(rusqlite::version_number() >= crate::SQLITE_VERSION_MIN);
    on_both(|disk, top| {
        let path = top.join("day.db");
        let missing = disk.sqlite(&path, SqliteMode::ReadOnly).unwrap_err();
        assert!(matches!(missing, SqliteError::Io { .. } | SqliteError::Sqlite { .. }));
        let nowhere = disk.sqlite(&top.join("none/day.db"), SqliteMode::ReadWriteCreate).unwrap_err();
        assert!(matches!(nowhere, SqliteError::Io { .. }));
        let connection = disk.sqlite(&path, SqliteMode::ReadWriteCreate).unwrap();
        connection.execute_batch("CREATE TABLE t (x); INSERT INTO t VALUES (7);").unwrap();
        drop(connection);
        let reader = disk.sqlite(&path, SqliteMode::ReadOnly).unwrap();
        assert_eq!(reader.query_row("SELECT x FROM t", [], |row| row.get::<_, i64>(0)).unwrap(), 7);
        assert!(reader.execute("INSERT INTO t VALUES (8)", []).is_err());
        drop(reader);
        assert_eq!(names(disk, top), ["day.db"]);
        assert!(disk.metadata(&path).unwrap().len > 0);
        assert!(disk.read(&path).unwrap().starts_with(b"SQLite format 3\0"));
        disk.rename(&path, &top.join("old.db")).unwrap();
        assert_eq!(names(disk, top), ["old.db"]);
        disk.remove_file(&top.join("old.db")).unwrap();
        assert_eq!(names(disk, top), [] as [&str; 0]);
    });
}

#[test]
fn nobody_else_reads_our_files() {
    let directory = tempfile::tempdir().unwrap();
    let (disk, top) = (Disk::real(), directory.path());
    disk.create_dir_all(&top.join("made")).unwrap();
    disk.write_atomic(&top.join("mail"), b"private").unwrap();
    drop(disk.sqlite(&top.join("box.db"), SqliteMode::ReadWriteCreate).unwrap());
    let mode = |name: &str| std::fs::metadata(top.join(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("made"), mode("mail"), mode("box.db")), (0o700, 0o600, 0o600));
}

#[test]
fn touch_sets_the_time_of_change() {
    let sim = SimWorld::new(1);
    let world = sim.world();
    let path = PathBuf::from("/blob");
    world.disk.write_atomic(&path, b"blob").unwrap();
    let before = world.disk.metadata(&path).unwrap().modified;
    sim.advance(std::time::Duration::from_secs(60));
    world.disk.touch(&path).unwrap();
    assert_eq!(world.disk.metadata(&path).unwrap().modified.duration_since(before).as_secs(), 60);
    let directory = tempfile::tempdir().unwrap();
    let (disk, path) = (Disk::real(), directory.path().join("blob"));
    disk.write_atomic(&path, b"blob").unwrap();
    let before = disk.metadata(&path).unwrap().modified;
    disk.touch(&path).unwrap();
    assert!(disk.metadata(&path).unwrap().modified >= before);
}
