//! Reading: folders, pages, raw bytes, and what is said of what is not there.
//!
//! May touch: the simulated world.

use world::sim::SimWorld;

use super::*;
use crate::{FolderId, FolderRole, FolderSelector, MailboxError};

#[test]
fn folder_statistics_show_the_default_folders() {
    let sim = SimWorld::new(1);
    let store = open(&sim.world(), Config::default());
    sim.run(async {
        assert_eq!(store.folder_statistics(ALICE).await, Err(MailboxError::NoMailbox(ALICE)));
        let junk = Delivery { folder: DeliveryFolder::JunkEmail, ..delivery(ALICE, 5) };
        store.deliver(vec![delivery(ALICE, 1), delivery(ALICE, 9), delivery(ALICE, 3), junk]).await;
        let folders = store.folder_statistics(ALICE).await.unwrap();
        assert_eq!(folders.len(), FolderRole::ALL.len());
        let by_role = |role| folders.iter().find(|folder| folder.role == Some(role)).unwrap();
        let inbox = by_role(FolderRole::Inbox);
        assert_eq!((inbox.path.as_str(), inbox.items, inbox.unread), ("/Inbox", 3, 3));
        let bytes: usize = [1, 9, 3].iter().map(|number| delivery(ALICE, *number).body.len()).sum();
        assert_eq!(inbox.size, u64::try_from(bytes).unwrap());
        assert_eq!(inbox.newest, Some(at(9)));
        assert_eq!(by_role(FolderRole::JunkEmail).items, 1);
        assert_eq!(by_role(FolderRole::Calendar).class, "IPF.Appointment");
        assert_eq!(by_role(FolderRole::IpmSubtree).path, "/Top of Information Store");
        let deletions = by_role(FolderRole::RecoverableItemsDeletions);
        assert_eq!((deletions.path.as_str(), deletions.is_hidden), ("/Recoverable Items/Deletions", true));
        assert_eq!(store.usage(ALICE).await.unwrap().items, 4);
    });
}

#[test]
fn items_come_in_pages_newest_first() {
    let sim = SimWorld::new(2);
    let store = open(&sim.world(), Config::default());
    sim.run(async {
        let mut batch: Vec<Delivery> = (1..=7).map(|number| delivery(ALICE, number)).collect();
        batch[3].folder = DeliveryFolder::JunkEmail;
        store.deliver(batch).await;
        for (folder, expected) in [
            (None, vec![7, 6, 5, 4, 3, 2, 1]),
            (Some(FolderSelector::Path("inbox".to_owned())), vec![7, 6, 5, 3, 2, 1]),
            (Some(FolderSelector::Path("\\Junk Email".to_owned())), vec![4]),
            (Some(FolderSelector::Path("JunkEmail".to_owned())), vec![4]),
            (Some(FolderSelector::Id(FolderRole::Inbox.folder_id())), vec![7, 6, 5, 3, 2, 1]),
            (Some(FolderSelector::Role(FolderRole::Drafts)), vec![]),
        ] {
            for limit in [1, 2, 3, 100] {
                let mut subjects = Vec::new();
                let mut after = None;
                loop {
                    let page = store.items(ALICE, folder.clone(), after, limit).await.unwrap();
                    assert!(page.items.len() <= limit);
                    subjects.extend(page.items.into_iter().map(|item| item.subject));
                    after = page.next;
                    if after.is_none() {
                        break;
                    }
                }
                let expected: Vec<String> =
                    expected.iter().map(|number| format!("Message {number}")).collect();
                assert_eq!(subjects, expected, "{folder:?} by {limit}");
            }
        }
        let row = store.items(ALICE, None, None, 1).await.unwrap().items.remove(0);
        assert_eq!(row.folder_path, "/Inbox");
        assert_eq!(row.message_id, delivery(ALICE, 7).summary.message_id);
        assert_eq!(row.network_message_id, Some(delivery(ALICE, 7).network_message_id));
        assert_eq!((row.received, row.is_read), (at(7), false));
        let missing = store.items(ALICE, Some(FolderSelector::Path("Nowhere".to_owned())), None, 1).await;
        assert_eq!(missing, Err(MailboxError::NoFolder("Nowhere".to_owned())));
        let missing = store.items(ALICE, Some(FolderSelector::Id(FolderId(999))), None, 1).await;
        assert!(matches!(missing, Err(MailboxError::NoFolder(_))));
    });
}

#[test]
fn bytes_come_back_as_they_went_in() {
    let sim = SimWorld::new(3);
    let store = open(&sim.world(), Config::default());
    let mut noise = vec![0; 200_000];
    blake3::Hasher::new().finalize_xof().fill(&mut noise);
    let noise = Bytes::from(noise);
    let text = Bytes::from("The same line again and again.\r\n".repeat(6000));
    sim.run(async {
        let mut number = 0;
        for source in [&noise, &text] {
            for bytes in [0, 1, 4096, 4097, 65_536, 65_537, 190_000] {
                number += 1;
                let body = source.slice(..bytes);
                let one = Delivery { body: body.clone(), ..delivery(ALICE, number) };
                let item_id = delivered(deliver_one(&store, one).await).item_id;
                assert_eq!(store.item_bytes(ALICE, item_id).await.unwrap(), body, "{bytes} bytes");
            }
        }
        assert_eq!(store.item_bytes(ALICE, 999_999).await, Err(MailboxError::NoItem(999_999)));
        assert_sound(&store).await;
    });
}

#[test]
fn a_removed_mailbox_is_gone_and_may_come_again() {
    let sim = SimWorld::new(4);
    let store = open(&sim.world(), Config::default());
    sim.run(async {
        deliver_one(&store, delivery(ALICE, 1)).await;
        deliver_one(&store, delivery(BOB, 2)).await;
        store.remove_mailbox(ALICE).await.unwrap();
        assert!(!store.exists(ALICE).await.unwrap());
        assert_eq!(store.size(ALICE).await.unwrap(), 0);
        assert_eq!(store.remove_mailbox(ALICE).await, Err(MailboxError::NoMailbox(ALICE)));
        assert_eq!(store.checkpoint().await.files, 1, "only Bob's is left");
        assert_eq!(store.verify(None).await.unwrap().mailboxes, 1);
        let again = delivered(deliver_one(&store, delivery(ALICE, 1)).await);
        assert_eq!(again.uid, 1);
        assert_eq!(inbox(&store, ALICE).await, [(1, "Message 1".to_owned())]);
    });
}

#[test]
fn verify_finds_what_is_wrong() {
    let sim = SimWorld::new(5);
    let world = sim.world();
    let store = open(&world, Config { inline_bytes_max: 100, ..Config::default() });
    sim.run(async {
        let large = Delivery { body: Bytes::from(vec![b'x'; 500]), ..delivery(ALICE, 2) };
        store.deliver(vec![delivery(ALICE, 1), large]).await;
        assert_sound(&store).await;
        let path = Path::new("/data").join(file_name(""));
        let connection = world.disk.sqlite(&path, world::SqliteMode::ReadWriteCreate).unwrap();
        connection
            .execute_batch("UPDATE folder SET item_count = 7 WHERE fid = 3; UPDATE store SET size = 1")
            .unwrap();
        let directory = world.disk.read_dir(Path::new("/data/blobs")).unwrap().remove(0);
        let blob = world.disk.read_dir(&directory.path).unwrap().remove(0);
        world.disk.remove_file(&blob.path).unwrap();
        let problems = store.verify(Some(ALICE)).await.unwrap().problems;
        let text: Vec<&str> = problems.iter().map(|(_, problem)| problem.as_str()).collect();
        assert_eq!(text.len(), 3, "{text:?}");
        assert!(text[0].contains("folders whose counters") && text[1].contains("store counters"), "{text:?}");
        assert!(text[2].contains("missing"), "{text:?}");
    });
}
