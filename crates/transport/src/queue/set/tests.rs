//! What the queues promise, however many hands a message passes through.

use super::*;
use crate::envelope::{
    BodyType, Entry, Envelope, HeaderFacts, MessageKind, Notify, Origin, OriginKind, Stage, Trust,
};
use crate::queue::schedule::Repeat;
use mail::{Address, NetworkMessageId, ReversePath};
use spool::EntryNo;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_000 + second).unwrap()
}

fn key() -> QueueKey {
    QueueKey {
        delivery_type: DeliveryType::DnsConnectorDelivery,
        next_hop_domain: "fabrikam.example".to_owned(),
        connector: uuid::Uuid::nil(),
    }
}

/// A message with these recipients.
pub(crate) fn item(no: u64, entries: &[u32]) -> Item {
    let envelope = Envelope {
        network_message_id: NetworkMessageId(uuid::Uuid::from_u128(u128::from(no))),
        received: at(0),
        return_path: ReversePath::Null,
        envid: None,
        ret: None,
        body_type: BodyType::SevenBit,
        smtp_utf8: false,
        size: 1,
        origin: Origin {
            kind: OriginKind::Smtp,
            connector: None,
            client_ip: None,
            helo: None,
            authenticated_as: None,
            trust: Trust::Anonymous,
        },
        facts: HeaderFacts::default(),
        kind: MessageKind::Ordinary,
        resend_key: None,
        poison_count: 0,
    };
    let entry = |number: &u32| {
        let address = Address::parse(&format!("r{number}@fabrikam.example")).unwrap();
        let submitted = Entry::submitted(address, None, Notify::DEFAULT);
        (EntryNo(*number), Entry { stage: Stage::Queued(key()), ..submitted })
    };
    Item { no: MessageNo(no), envelope: Arc::new(envelope), entries: entries.iter().map(entry).collect() }
}

fn without_entries(item: &Item) -> Item {
    Item { entries: Vec::new(), ..item.clone() }
}

fn numbers(item: &Item) -> Vec<u32> {
    item.entries.iter().map(|(no, _)| no.0).collect()
}

#[test]
fn recipients_that_join_a_message_in_transmission_wait_for_their_turn() {
    let mut set = QueueSet::default();
    let id = set.enqueue(&key(), item(7, &[0]), at(100), at(0));
    let first = set.take(id, 10, at(0));
    assert_eq!(first.len(), 1);
    set.enqueue(&key(), item(7, &[1]), at(100), at(0));
    assert!(set.take(id, 10, at(0)).is_empty(), "the message is in one worker's hands");
    assert_eq!(set.give_back(id, without_entries(&first[0]), at(0)), None);
    let second = set.take(id, 10, at(0));
    assert_eq!(second.iter().map(|item| numbers(item)).collect::<Vec<_>>(), [[1]]);
    assert_eq!(set.give_back(id, without_entries(&second[0]), at(0)), None);
    assert!(set.is_empty());
}

#[test]
fn recipients_that_join_a_waiting_message_go_with_it_once() {
    for waits in [None, Some(at(30))] {
        let mut set = QueueSet::default();
        let mut old = item(7, &[0]);
        old.entries[0].1.next_retry = waits;
        let id = set.enqueue(&key(), old, at(100), at(0));
        set.enqueue(&key(), item(7, &[1]), at(100), at(0));
        let taken = set.take(id, 10, at(40));
        assert_eq!(taken.iter().map(|item| numbers(item)).collect::<Vec<_>>(), [[0, 1]], "{waits:?}");
        assert!(set.take(id, 10, at(40)).is_empty());
    }
}

#[test]
fn a_claimed_message_is_in_nobody_elses_hands() {
    let mut set = QueueSet::default();
    let id = set.enqueue(&key(), item(7, &[0]), at(100), at(0));
    let claimed = set.claim(id, MessageNo(7)).unwrap();
    assert!(set.claim(id, MessageNo(7)).is_none());
    assert!(set.take(id, 10, at(0)).is_empty() && set.drain(id, at(0), |_| true).is_empty());
    assert!(set.set_pending(id, MessageNo(7), Pending::Suspend));
    let (wish, item) = set.give_back(id, (*claimed).clone(), at(0)).unwrap();
    assert_eq!(wish, Pending::Suspend);
    assert!(set.take(id, 10, at(0)).is_empty(), "the wish is carried out before anybody else gets it");
    assert_eq!(set.give_back(id, (*item).clone(), at(0)), None);
    assert_eq!(set.take(id, 10, at(0)).len(), 1);
}

#[test]
fn a_wish_to_suspend_can_be_taken_back() {
    let mut set = QueueSet::default();
    let id = set.enqueue(&key(), item(7, &[0]), at(100), at(0));
    assert!(!set.set_pending(id, MessageNo(7), Pending::Suspend), "it is in nobody's hands");
    let taken = set.take(id, 1, at(0));
    assert!(set.set_pending(id, MessageNo(7), Pending::Suspend));
    assert!(set.withdraw_suspension(id, MessageNo(7)));
    assert_eq!(set.give_back(id, (*taken[0]).clone(), at(0)), None);
}

#[test]
fn a_deadline_goes_with_its_message() {
    let mut set = QueueSet::default();
    let id = set.enqueue(&key(), item(7, &[0]), at(100), at(0));
    set.enqueue(&key(), item(8, &[0]), at(100), at(0));
    let taken = set.take(id, 1, at(0));
    set.give_back(id, without_entries(&taken[0]), at(0));
    assert_eq!(set.deadlines.len(), 1);
    assert_eq!(set.drain(id, at(0), |_| true).len(), 1);
    assert!(set.deadlines.is_empty());
}

#[test]
fn a_deadline_claims_its_message_or_comes_again() {
    let mut set = QueueSet::default();
    let id = set.enqueue(&key(), item(7, &[0]), at(100), at(0));
    set.enqueue(&key(), item(8, &[0]), at(100), at(0));
    let sending = set.take(id, 1, at(0));
    let due = set.past_deadline(at(100), 10);
    assert_eq!(due.iter().map(|(_, item)| item.no.0).collect::<Vec<_>>(), [8]);
    assert!(set.take(id, 10, at(100)).is_empty());
    set.give_back(id, (*sending[0]).clone(), at(100));
    assert!(set.past_deadline(at(159), 10).is_empty());
    assert_eq!(set.past_deadline(at(160), 10).len(), 1);
}

#[test]
fn a_drained_queue_goes_after_its_idle_time() {
    let mut set = QueueSet::default();
    let id = set.enqueue(&key(), item(7, &[0]), at(100), at(0));
    set.drain(id, at(5), |_| true);
    set.drop_idle(Duration::from_secs(10), at(14));
    assert!(set.get(id).is_some());
    set.drop_idle(Duration::from_secs(10), at(15));
    assert!(set.get(id).is_none());
}

#[test]
fn what_is_due_already_does_not_wake_again() {
    let mut set = QueueSet::default();
    let every = Repeat { count: 1, interval: Duration::from_secs(60) };
    let schedule =
        RetrySchedule { glitch: every, transient: every, failure_interval: Duration::from_secs(600) };
    let id = set.enqueue(&key(), item(7, &[0]), at(10_000), at(0));
    set.enqueue(&key(), item(8, &[0]), at(10_000), at(0));
    let Unconnected::Retry(Some(next)) = set.connection_failed(id, "refused", &schedule, at(0)) else {
        panic!("no other connection works")
    };
    assert_eq!(set.next_wake(at(0)), Some(next));
    // One message is probed with, the other waits: only the end of the probe has more to say.
    assert_eq!(set.take(id, 1, next).len(), 1);
    assert_eq!(set.next_wake(next), Some(at(10_000)));
}

#[test]
fn a_removal_that_was_promised_stands() {
    let mut set = QueueSet::default();
    let id = set.enqueue(&key(), item(7, &[0]), at(100), at(0));
    let taken = set.take(id, 1, at(0));
    let removal = Pending::Remove(RemoveReport::Silent, "kim".into());
    assert!(set.set_pending(id, MessageNo(7), removal.clone()));
    assert!(!set.set_pending(id, MessageNo(7), Pending::Suspend));
    assert!(!set.withdraw_suspension(id, MessageNo(7)));
    assert_eq!(set.give_back(id, (*taken[0]).clone(), at(0)).unwrap().0, removal);
}

#[test]
fn a_long_queue_stays_packed_when_its_messages_come_back() {
    let mut set = QueueSet::default();
    let count = crate::queue::held::WHOLE_MAX as u64 + 500;
    for no in 0..count {
        set.enqueue(&key(), item(no, &[0]), at(100), at(0));
    }
    let id = set.open(&key(), at(0));
    let last = set.last_ticket(id);
    let mut seen = 0;
    loop {
        let taken = set.take_through(id, last, 256);
        if taken.is_empty() {
            break;
        }
        seen += taken.len() as u64;
        for item in taken {
            set.give_back(id, (*item).clone(), at(0));
        }
    }
    assert_eq!(seen, count, "each once, though they stand behind again");
    let whole = |slot: &&Slot| matches!(slot.held, Held::Whole(_));
    assert_eq!(set.get(id).unwrap().slots.values().filter(whole).count(), 0);
    assert_eq!(set.take(id, usize::MAX, at(0)).len() as u64, count);
}
