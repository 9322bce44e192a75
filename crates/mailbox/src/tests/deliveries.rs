//! Deliveries: order, duplicates, resends, quota, change numbers, the low-water mark.
//!
//! May touch: the simulated world.

use std::time::Duration;

use world::sim::{PowerCut, SimWorld};

use super::*;
use crate::{Duplicate, DuplicateKind, FolderRole, MailboxError, Recorded, ResendKey};

#[test]
fn a_mixed_batch_comes_back_in_order_and_makes_its_mailboxes() {
    let sim = SimWorld::new(1);
    let store = open(&sim.world(), Config::default());
    sim.run(async {
        let mut changes = store.changes();
        assert!(!store.exists(ALICE).await.unwrap());
        let batch = vec![
            delivery(ALICE, 1),
            Delivery { folder: DeliveryFolder::JunkEmail, ..delivery(BOB, 2) },
            delivery(ALICE, 3),
        ];
        let outcomes: Vec<Delivered> = store.deliver(batch).await.into_iter().map(delivered).collect();
        let places: Vec<_> = outcomes.iter().map(|done| (done.uid, done.folder, done.at)).collect();
        assert_eq!(
            places,
            [
                (1, DeliveryFolder::Inbox, at(1)),
                (1, DeliveryFolder::JunkEmail, at(2)),
                (2, DeliveryFolder::Inbox, at(3))
            ]
        );
        assert_ne!(outcomes[0].item_id, outcomes[2].item_id);
        assert_eq!(inbox(&store, ALICE).await, [(1, "Message 1".to_owned()), (2, "Message 3".to_owned())]);
        assert_eq!(inbox(&store, BOB).await, []);
        let mut told = [changes.recv().await.unwrap(), changes.recv().await.unwrap()];
        told.sort_by_key(|change| change.mailbox);
        let folders = told.map(|change| (change.mailbox, change.folder));
        let (inbox_id, junk_id) = (FolderRole::Inbox.folder_id(), FolderRole::JunkEmail.folder_id());
        assert_eq!(folders, [(ALICE, inbox_id), (BOB, junk_id)]);
        assert!(changes.is_empty() && told.iter().all(|change| change.change_number > 1));
        assert_eq!(store.deliver(Vec::new()).await, []);
        assert_sound(&store).await;
    });
}

#[test]
fn a_second_copy_is_suppressed_and_a_redo_finds_its_own() {
    let sim = SimWorld::new(2);
    let store = open(&sim.world(), Config::default());
    sim.run(async {
        let first = delivered(deliver_one(&store, delivery(ALICE, 1)).await);
        let redone = delivery(ALICE, 1);
        let redone = Delivery { at: at(500), folder: DeliveryFolder::JunkEmail, ..redone };
        assert_eq!(
            delivered(deliver_one(&store, redone.clone()).await),
            first,
            "an entry that was not recorded before a crash keeps its time and folder"
        );
        let redone = Delivery { pass: Pass::Redo(Recorded::default()), quota: Some(1), ..redone };
        assert_eq!(delivered(deliver_one(&store, redone).await), first);
        let second =
            Delivery { entry: SpoolEntry { message: 1, entry: 7 }, quota: Some(1), ..delivery(ALICE, 1) };
        let expected = Duplicate {
            kind: DuplicateKind::SameMessage,
            item_id: first.item_id,
            folder: DeliveryFolder::Inbox,
            at: at(1),
            network_message_id: delivery(ALICE, 1).network_message_id,
        };
        assert_eq!(deliver_one(&store, second.clone()).await, Outcome::Duplicate(expected));
        let elsewhere = Delivery { mailbox: BOB, quota: None, ..second.clone() };
        delivered(deliver_one(&store, elsewhere).await);
        let both = vec![
            Delivery { mailbox: BOB, ..delivery(BOB, 9) },
            Delivery { entry: SpoolEntry { message: 9, entry: 1 }, ..delivery(BOB, 9) },
        ];
        let outcomes = store.deliver(both).await;
        assert!(
            matches!(outcomes[..], [Outcome::Delivered(_), Outcome::Duplicate(_)]),
            "in one batch: {outcomes:?}"
        );
        assert_eq!(inbox(&store, ALICE).await.len(), 1);
        store.remove_item(ALICE, first.item_id).await.unwrap();
        assert_eq!(
            deliver_one(&store, second).await,
            Outcome::Duplicate(expected),
            "known though the item is gone"
        );
        assert_eq!(inbox(&store, ALICE).await.len(), 0);
        assert_sound(&store).await;
    });
}

#[test]
fn the_table_of_resends() {
    let key = |id: Option<&str>, body: &[u8]| {
        ResendKey::compute(id, Some("date"), "sender@fabrikam.example", blake3::hash(body).as_bytes())
    };
    let base = key(Some("<a@b>"), b"x");
    // what, key, seconds after the first, suppressed
    let table = [
        ("the same at once", base, 0, true),
        ("the same just within the hour", base, 3600, true),
        ("the same after the hour", base, 3601, false),
        ("the clock was set back", base, -60, true),
        ("other bytes", key(Some("<a@b>"), b"y"), 10, false),
        ("another Message-ID", key(Some("<c@b>"), b"x"), 10, false),
        ("no Message-ID", key(None, b"x"), 10, false),
    ];
    for (what, second_key, later, suppressed) in table {
        let sim = SimWorld::new(3);
        let store = open(&sim.world(), Config::default());
        sim.run(async {
            let first = Delivery { resend_key: base, at: at(100), ..delivery(ALICE, 1) };
            let there = delivered(deliver_one(&store, first.clone()).await);
            let second = Delivery {
                resend_key: second_key,
                at: at(100 + later),
                quota: Some(1000),
                ..delivery(ALICE, 2)
            };
            let outcome = deliver_one(&store, second.clone()).await;
            if suppressed {
                let Outcome::Duplicate(duplicate) = outcome else { panic!("{what}: {outcome:?}") };
                assert_eq!(
                    (duplicate.kind, duplicate.item_id),
                    (DuplicateKind::Resend, there.item_id),
                    "{what}"
                );
                assert_eq!(duplicate.network_message_id, first.network_message_id);
                let recorded = Delivery { pass: Pass::Redo(Recorded::default()), ..second };
                delivered(deliver_one(&store, recorded).await);
            } else {
                delivered(outcome);
            }
            let elsewhere = Delivery { mailbox: BOB, resend_key: base, at: at(100), ..delivery(BOB, 3) };
            delivered(deliver_one(&store, elsewhere).await);
            assert_eq!(inbox(&store, ALICE).await.len(), 2, "{what}");
        });
    }
}

#[test]
fn quota_counts_bytes_and_frees_them() {
    let sim = SimWorld::new(4);
    let store = open(&sim.world(), Config::default());
    sim.run(async {
        let sized = |number, bytes: usize, quota| Delivery {
            body: Bytes::from(vec![b'x'; bytes]),
            quota: Some(quota),
            ..delivery(ALICE, number)
        };
        assert_eq!(store.size(ALICE).await.unwrap(), 0);
        let first = delivered(deliver_one(&store, sized(1, 600, 1000)).await);
        assert_eq!(first.used, 600);
        assert_eq!(
            deliver_one(&store, sized(2, 401, 1000)).await,
            Outcome::OverQuota { used: 600, limit: 1000 }
        );
        assert_eq!(delivered(deliver_one(&store, sized(3, 400, 1000)).await).used, 1000);
        assert_eq!(
            deliver_one(&store, sized(4, 1, 1000)).await,
            Outcome::OverQuota { used: 1000, limit: 1000 }
        );
        let redo = Delivery { pass: Pass::Redo(Recorded::default()), ..sized(5, 10, 1000) };
        assert_eq!(delivered(deliver_one(&store, redo).await).used, 1010, "it was accepted once");
        assert_eq!(store.size(ALICE).await.unwrap(), 1010);
        store.remove_item(ALICE, first.item_id).await.unwrap();
        assert_eq!(store.size(ALICE).await.unwrap(), 410);
        assert_eq!(store.remove_item(ALICE, first.item_id).await, Err(MailboxError::NoItem(first.item_id)));
        // Two that would fit one by one do not fit together.
        let outcomes = store.deliver(vec![sized(6, 300, 1000), sized(7, 300, 1000)]).await;
        assert!(matches!(outcomes[..], [Outcome::Delivered(_), Outcome::OverQuota { used: 710, .. }]));
        assert_sound(&store).await;
        // The counter is in the file, not only in memory.
        let again = open(&sim.world(), Config::default());
        assert_eq!(again.size(ALICE).await.unwrap(), 710);
        assert_eq!(again.usage(ALICE).await.unwrap().items, 3);
    });
}

#[test]
fn a_redo_takes_over_recorded_numbers_and_never_reuses_one() {
    let sim = SimWorld::new(5);
    let store = open(&sim.world(), Config::default());
    sim.run(async {
        let redo = |number, item_id, uid| Delivery {
            pass: Pass::Redo(Recorded { item_id: Some(item_id), uid: Some(uid) }),
            ..delivery(ALICE, number)
        };
        let place = |outcome| {
            let done = delivered(outcome);
            (done.item_id, done.uid)
        };
        assert_eq!(place(deliver_one(&store, redo(1, 300, 5)).await), (300, 5));
        assert_eq!(place(deliver_one(&store, redo(2, 298, 3)).await), (298, 3), "out of order, into the gap");
        assert_eq!(place(deliver_one(&store, delivery(ALICE, 3)).await), (301, 6));
        assert_eq!(place(deliver_one(&store, redo(4, 300, 5)).await), (302, 7), "both are taken");
        store.remove_item(ALICE, 300).await.unwrap();
        assert_eq!(place(deliver_one(&store, redo(5, 300, 5)).await), (303, 8), "used once, never again");
        assert_sound(&store).await;
    });
}

#[test]
fn the_low_water_mark_follows_the_checkpoints() {
    let sim = SimWorld::new(6);
    let world = sim.world();
    let store = open(&world, Config { dirty_files_max: 3, ..Config::default() });
    let seen = std::sync::Arc::new(parking_lot::Mutex::new(Vec::new()));
    let background = store.clone();
    let reports = std::sync::Arc::clone(&seen);
    world.exec.spawn("checkpoints", async move {
        background.keep_checkpointed(|report| reports.lock().push(report.files)).await;
    });
    let now = SpoolPosition(1000);
    sim.run(async {
        assert_eq!(store.durable_position(now), now);
        deliver_one(&store, delivery(ALICE, 10)).await;
        deliver_one(&store, delivery(ALICE, 11)).await;
        deliver_one(&store, delivery(BOB, 12)).await;
        assert_eq!(store.durable_position(now), SpoolPosition(10));
        assert_eq!(store.dirty_files(), (2, Some(SpoolPosition(12))));
        assert!(!store.checkpoint_due());
        world.clock.sleep(Duration::from_secs(29)).await;
        assert_eq!(store.durable_position(now), SpoolPosition(10));
        world.clock.sleep(Duration::from_secs(2)).await;
        assert_eq!(store.durable_position(now), now);
        assert_eq!(*seen.lock(), [2]);
        for number in 20..23 {
            deliver_one(&store, delivery(Uuid::from_u128(u128::from(number)), number)).await;
        }
        assert!(store.checkpoint_due(), "three files are dirty");
        world.clock.sleep(Duration::from_secs(1)).await;
        assert_eq!(store.durable_position(now), now, "without waiting for the interval");
        // A copy found in the file holds the mark as well: after a restart it may not be durable yet.
        delivered(deliver_one(&store, Delivery { position: SpoolPosition(30), ..delivery(ALICE, 10) }).await);
        assert_eq!(store.durable_position(now), SpoolPosition(30));
        let report = store.close().await;
        assert_eq!((report.files, report.failed.len()), (1, 0));
        assert!(matches!(
            deliver_one(&store, delivery(ALICE, 40)).await,
            Outcome::Failed(MailboxError::Closed)
        ));
        assert_eq!(store.durable_position(now), now);
    });
}

#[test]
fn a_writer_that_ends_unasked_is_a_failure() {
    let sim = SimWorld::new(9);
    let world = sim.world();
    let store = open(&world, Config::default());
    sim.run(store.close());
    let waited = world.clock.timeout(Duration::from_secs(60), store.wait_failed());
    assert!(sim.run(waited).is_err(), "closed is not failed");
    let store = open(&world, Config::default());
    // The writers are gone, as after a panic.
    sim.crash(PowerCut::KeepAll);
    sim.run(store.wait_failed());
    assert_eq!(
        sim.run(deliver_one(&store, delivery(ALICE, 1))),
        Outcome::Failed(MailboxError::Closed),
        "and takes nothing"
    );
}

/// Without the background task the writer bounds the `-wal` itself.
#[test]
fn an_overdue_checkpoint_is_done_by_the_writer() {
    let sim = SimWorld::new(8);
    let store = open(&sim.world(), Config { checkpoint_commits: 2, ..Config::default() });
    sim.run(async {
        for number in 1..=7 {
            delivered(deliver_one(&store, delivery(ALICE, number)).await);
        }
        assert!(store.checkpoint_due());
        assert_eq!(store.durable_position(SpoolPosition(100)), SpoolPosition(1));
        delivered(deliver_one(&store, delivery(ALICE, 8)).await);
        assert_eq!(store.durable_position(SpoolPosition(100)), SpoolPosition(100));
        delivered(deliver_one(&store, delivery(ALICE, 9)).await);
        assert_eq!(store.durable_position(SpoolPosition(100)), SpoolPosition(9));
    });
}

#[test]
fn more_mailboxes_than_open_files() {
    let sim = SimWorld::new(7);
    let store = open(&sim.world(), Config { open_files_max: 3, writers: 1, ..Config::default() });
    sim.run(async {
        for round in 0..3 {
            for mailbox in 1..=8 {
                let number = round * 8 + mailbox;
                delivered(deliver_one(&store, delivery(Uuid::from_u128(u128::from(mailbox)), number)).await);
            }
        }
        for mailbox in 1..=8 {
            let uids: Vec<u32> =
                inbox(&store, Uuid::from_u128(mailbox)).await.into_iter().map(|(uid, _)| uid).collect();
            assert_eq!(uids, [1, 2, 3]);
        }
        assert_sound(&store).await;
    });
}
