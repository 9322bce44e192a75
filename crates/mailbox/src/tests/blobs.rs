//! Blobs: shared, durable before they are named, removed only when unused and old; a power cut at every step.
//!
//! May touch: the simulated world.

use std::time::Duration;

use world::sim::{PowerCut, SimWorld};

use super::*;

fn large(number: u64) -> Bytes {
    Bytes::from(format!("large body {}\r\n", number).repeat(10_000))
}

fn blob_files(world: &World) -> usize {
    let directories = world.disk.read_dir(Path::new("/data/blobs")).unwrap();
    directories.iter().map(|directory| world.disk.read_dir(&directory.path).unwrap().len()).sum()
}

#[test]
fn one_blob_serves_all_and_goes_after_the_last_and_the_grace() {
    let sim = SimWorld::new(1);
    let world = sim.world();
    let store = open(&world, Config::default());
    let day = Duration::from_secs(24 * 3600);
    sim.run(async {
        let body = large(1);
        let copies = vec![
            Delivery { body: body.clone(), ..delivery(ALICE, 1) },
            Delivery { body: body.clone(), ..delivery(BOB, 1) },
            Delivery { body: large(2), ..delivery(BOB, 2) },
        ];
        let done: Vec<Delivered> = store.deliver(copies).await.into_iter().map(delivered).collect();
        assert_eq!(blob_files(&world), 2);
        store.remove_item(ALICE, done[0].item_id).await.unwrap();
        store.remove_item(BOB, done[2].item_id).await.unwrap();
        let report = store.sweep().await.unwrap();
        assert_eq!((report.used, report.young, report.removed), (1, 1, 0));
        world.clock.sleep(day + Duration::from_secs(1)).await;
        // Used again just before the sweep: the time is touched although no row names it yet when the mark is made.
        let again = Delivery { body: large(2), ..delivery(ALICE, 3) };
        let again = delivered(deliver_one(&store, again).await);
        store.remove_item(ALICE, again.item_id).await.unwrap();
        let report = store.sweep().await.unwrap();
        assert_eq!((report.young, report.removed), (1, 0));
        world.clock.sleep(day + Duration::from_secs(1)).await;
        let report = store.sweep().await.unwrap();
        assert_eq!((report.used, report.young, report.removed), (1, 0, 1));
        assert!(report.freed > 0);
        assert_eq!(store.item_bytes(BOB, done[1].item_id).await.unwrap(), body);
        assert_eq!(blob_files(&world), 1);
    });
}

#[test]
fn delivered_rows_outlive_their_items_by_seven_days() {
    let sim = SimWorld::new(2);
    let world = sim.world();
    let store = open(&world, Config::default());
    sim.run(async {
        let day = Duration::from_secs(24 * 3600);
        let copy = |entry| Delivery { entry: SpoolEntry { message: 1, entry }, ..delivery(ALICE, 1) };
        let there = delivered(deliver_one(&store, copy(0)).await);
        world.clock.sleep(30 * day).await;
        assert_eq!(store.sweep().await.unwrap().delivered_pruned, 0, "the item is there");
        store.remove_item(ALICE, there.item_id).await.unwrap();
        world.clock.sleep(6 * day).await;
        assert_eq!(store.sweep().await.unwrap().delivered_pruned, 0);
        assert!(matches!(deliver_one(&store, copy(1)).await, Outcome::Duplicate(_)));
        world.clock.sleep(2 * day).await;
        assert_eq!(store.sweep().await.unwrap().delivered_pruned, 1);
        delivered(deliver_one(&store, copy(2)).await);
    });
}

/// Cuts the power at every call to the disk while a large body is delivered: after the restart the redo puts exactly
/// one item there, with its bytes, and nothing else is left but files for the sweep.
#[test]
fn power_cut_between_blob_and_row() {
    let mut cut_at = 0;
    loop {
        cut_at += 1;
        let sim = SimWorld::new(cut_at);
        let world = sim.world();
        let store = open(&world, Config::default());
        let one = Delivery { body: large(1), ..delivery(ALICE, 1) };
        sim.run(async {
            deliver_one(&store, delivery(ALICE, 9)).await;
        });
        let before = sim.disk().calls();
        sim.disk().crash_after(cut_at);
        let outcome = sim.run(deliver_one(&store, one.clone()));
        let finished = sim.disk().calls() - before < cut_at;
        assert!(finished || !matches!(outcome, Outcome::Delivered(_)), "cut at {cut_at}: {outcome:?}");
        drop(store);
        sim.crash(if cut_at % 2 == 0 { PowerCut::LoseAll } else { PowerCut::Random });
        let world = sim.world();
        let store = open(&world, Config::default());
        sim.run(async {
            let done = delivered(deliver_one(&store, one.clone()).await);
            assert_eq!(done.uid, 2);
            assert_eq!(store.item_bytes(ALICE, done.item_id).await.unwrap(), one.body);
            assert_eq!(inbox(&store, ALICE).await.len(), 2);
            assert_sound(&store).await;
            world.clock.sleep(Duration::from_secs(48 * 3600)).await;
            let report = store.sweep().await.unwrap();
            assert_eq!(report.used, 1);
            assert_eq!(blob_files(&world), 1);
        });
        if finished {
            assert!(cut_at > 4, "the cuts met nothing");
            return;
        }
    }
}
