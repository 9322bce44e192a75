//! What the store promises, on the simulated machine; the power cuts on copies of real files.
//!
//! May touch: the simulated world; a temporary directory (power cuts only).

mod blobs;
mod deliveries;
mod power_cut;
mod reading;
mod speed;

use std::path::Path;

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use mail::{MessageId, NetworkMessageId};
use uuid::Uuid;
use world::World;
use world::sim::SIM_START;

use crate::{
    Config, Delivered, Delivery, DeliveryFolder, ItemSummary, MailboxStore, Outcome, Pass, SpoolEntry,
    SpoolPosition,
};

const ALICE: Uuid = Uuid::from_u128(0xa11c_e000_0000_4000_8000_0000_0000_0001);
const BOB: Uuid = Uuid::from_u128(0xb0b0_0000_0000_4000_8000_0000_0000_0002);

fn open(world: &World, config: Config) -> MailboxStore {
    MailboxStore::open(&world.disk, &world.clock, &world.exec, Path::new("/data"), config).unwrap()
}

/// Where Alice's mailbox is, below the store's directory.
fn file_name(ending: &str) -> String {
    let name = ALICE.to_string();
    let (first, _) = name.split_at(2);
    format!("mailboxes/{first}/{name}.db{ending}")
}

fn at(seconds: i64) -> Timestamp {
    SIM_START + SignedDuration::from_secs(seconds)
}

/// Message `number` for `mailbox`, delivered `number` seconds after the start.
fn delivery(mailbox: Uuid, number: u64) -> Delivery {
    let seconds = i64::try_from(number).unwrap();
    let id = format!("<{number}@fabrikam.example>");
    Delivery {
        mailbox,
        network_message_id: NetworkMessageId(Uuid::from_u128(u128::from(number))),
        entry: SpoolEntry { message: number, entry: 0 },
        folder: DeliveryFolder::Inbox,
        body: Bytes::from(format!("Message-ID: {id}\r\nSubject: Message {number}\r\n\r\nBody {number}\r\n")),
        received: at(seconds),
        at: at(seconds),
        summary: ItemSummary {
            subject: format!("Message {number}"),
            from: Some("sender@fabrikam.example".to_owned()),
            message_id: MessageId::parse(&id).ok(),
            date: Some(at(seconds)),
        },
        resend_key: None,
        quota: None,
        pass: Pass::First,
        position: SpoolPosition(number),
    }
}

async fn deliver_one(store: &MailboxStore, delivery: Delivery) -> Outcome {
    let mut outcomes = store.deliver(vec![delivery]).await;
    assert_eq!(outcomes.len(), 1);
    outcomes.remove(0)
}

fn delivered(outcome: Outcome) -> Delivered {
    match outcome {
        Outcome::Delivered(delivered) => delivered,
        other => panic!("not delivered: {other:?}"),
    }
}

/// UIDs and subjects of the Inbox, oldest first.
async fn inbox(store: &MailboxStore, mailbox: Uuid) -> Vec<(u32, String)> {
    let folder = Some(crate::FolderSelector::Role(crate::FolderRole::Inbox));
    let page = store.items(mailbox, folder, None, 1000).await.unwrap();
    page.items.into_iter().rev().map(|item| (item.uid, item.subject)).collect()
}

async fn assert_sound(store: &MailboxStore) {
    let report = store.verify(None).await.unwrap();
    assert_eq!(report.problems, []);
}
