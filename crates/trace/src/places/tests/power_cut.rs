//! A power cut after records of other systems were read: what is remembered as read, or was answered, is there.
//!
//! May touch: a simulated world (tests).
//! SQLite's files survive a simulated cut as they are, so the worst the disk may do is done by hand: of a database with
//! commits that were not synced the whole log is lost.

use std::path::{Path, PathBuf};
use std::time::Duration;

use world::sim::{PowerCut, SimWorld};
use world::{Disk, OpenMode, World};

use super::sources::{message, spec, start, total};
use crate::Trace;
use crate::places::SourceKind;

const FOLDER: &str = "/var/log/mail";
const TRACE: &str = "/srv/data/trace";

/// Cuts the power and starts again.
fn cut_power(sim: &SimWorld, world: &World, trace: Trace) -> (World, Trace) {
    let lost = trace.places().undurable();
    let names = world.disk.read_dir(Path::new(TRACE)).unwrap();
    let databases: Vec<PathBuf> = names
        .into_iter()
        .map(|entry| entry.path)
        .filter(|path| path.extension().is_some_and(|end| end == "sqlite"))
        .collect();
    assert!(!databases.is_empty());
    let log_of = |path: &Path| PathBuf::from(format!("{}-wal", path.display()));
    let (disk, real) = (Disk::real(), |path: &Path| sim.disk().sqlite_file(path).unwrap());
    let kept: Vec<(PathBuf, Vec<u8>, Vec<u8>)> = databases
        .iter()
        .map(|path| {
            let log = disk.read(&real(&log_of(path))).unwrap_or_default();
            let log = if lost.contains(path) { Vec::new() } else { log };
            (path.clone(), disk.read(&real(path)).unwrap(), log)
        })
        .collect();
    sim.crash(PowerCut::LoseAll);
    drop(trace);
    for (path, database, log) in kept {
        let _ = disk.remove_file(Path::new(&format!("{}-shm", real(&path).display())));
        for (path, bytes) in [(real(&path), database), (real(&log_of(&path)), log)] {
            let file = disk.open(&path, OpenMode::CreateOrOpen).unwrap();
            file.set_len(0).unwrap();
            file.write_all_at(&bytes, 0).unwrap();
        }
    }
    start(sim)
}

#[test]
fn what_was_posted_is_there_after_a_power_cut() {
    let sim = SimWorld::new(71);
    let (world, trace) = start(&sim);
    trace.sources().unwrap().add(spec("gw", SourceKind::Http { token: None })).unwrap();
    let text = message(&sim, 1);
    assert_eq!(sim.run(trace.sources().unwrap().post("gw", text.clone().into())).unwrap().new, 2);
    let (_, again) = cut_power(&sim, &world, trace);
    assert_eq!(total(&again), (1, true));
    assert_eq!(sim.run(again.sources().unwrap().post("gw", text.into())).unwrap().new, 0);
}

#[test]
fn what_a_folder_is_remembered_to_have_given_is_there_after_a_power_cut() {
    let sim = SimWorld::new(72);
    let (world, trace) = start(&sim);
    world.disk.create_dir_all(Path::new(FOLDER)).unwrap();
    let log = Path::new(FOLDER).join("mail.log");
    world.disk.write_atomic(&log, message(&sim, 1).as_bytes()).unwrap();
    trace.sources().unwrap().add(spec("gw", SourceKind::Folder { path: FOLDER.into() })).unwrap();
    sim.advance(Duration::from_secs(3));
    assert_eq!(total(&trace), (1, true));
    let (_, again) = cut_power(&sim, &world, trace);
    sim.advance(Duration::from_secs(3));
    assert_eq!(total(&again), (1, true));
}

#[test]
fn what_an_import_said_it_read_is_there_after_a_power_cut() {
    let sim = SimWorld::new(73);
    let (world, trace) = start(&sim);
    world.disk.create_dir_all(Path::new(FOLDER)).unwrap();
    let log = Path::new(FOLDER).join("mail.log");
    world.disk.write_atomic(&log, message(&sim, 1).as_bytes()).unwrap();
    let (place, now) = ("gateway".parse().unwrap(), world.clock.now());
    let options = super::Options::new(now);
    trace.places().import_path(&log, &place, &super::around(), &options, now, &|_| true).unwrap();
    let (_, again) = cut_power(&sim, &world, trace);
    assert_eq!(total(&again), (1, true));
}
