//! The events of one message without what repeats in them or stands in the columns.
//!
//! May touch: nothing (pure).
//! A message is its network message id, receive time and internal id, then per event its key and the event in its
//! stored form, in which these fields, times before the receive time and addresses of the event before are left out.
//! An event with a text that could be mistaken for what stands for another is kept whole.

use events::Event;
use jiff::Timestamp;
use mail::{InternalMessageId, NetworkMessageId};
use uuid::Uuid;

use super::damaged;
use super::packed::{put_number, take_number};
use crate::status::{EventKey, NodeId};
use crate::store::StoreError;

/// Stands for a text that is the same as one before it.
const SAME: &str = "\u{1}";

/// Times further than 500 years from the receive time are kept as they are.
const FAR_MICROS: u64 = 500 * 366 * 86_400_000_000;

/// Flags before an event: it is kept whole; its node follows; it stands before the one whose subject was left out.
const WHOLE: u64 = 1;
const OTHER_NODE: u64 = 2;
const KEEPS_SUBJECT: u64 = 4;

/// What the events of a message have in common.
struct Common {
    network_message_id: NetworkMessageId,
    received: i64,
    internal: Option<InternalMessageId>,
}

/// Packs events. `at` is the time the message's place stands for, in microseconds since 1970; `subject` is kept
/// apart and left out of the first event that has it.
pub(super) fn write(events: &[(EventKey, Event)], at: i64, subject: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let Some((_, first)) = events.first() else { return bytes };
    let common = Common {
        network_message_id: first.network_message_id,
        received: first.received.as_microsecond(),
        internal: first.internal_message_id,
    };
    // A UUIDv7 begins with the time in milliseconds: usually that of the receive time.
    let id = common.network_message_id.0.as_u128();
    let guess = u128::from((common.received / 1_000).cast_unsigned()) << 80;
    bytes.extend(id.wrapping_sub(guess).to_be_bytes());
    put_signed(&mut bytes, common.received.saturating_sub(at));
    put_number(&mut bytes, common.internal.map_or(0, |id| id.0));
    let (mut node, mut seq) = (NodeId(0), 0_u64);
    let mut before: Option<&Event> = None;
    let mut subject_left_out = false;
    for (key, event) in events {
        let whole = is_odd(event, &common);
        let facts = event.message.as_ref().filter(|_| !subject_left_out);
        let fresh_subject = facts.is_some_and(|facts| facts.subject == subject);
        let keeps_subject = facts.is_some() && !fresh_subject;
        subject_left_out |= fresh_subject;
        let stored = if whole {
            events::encode(&without_subject(event, fresh_subject))
        } else {
            events::encode(&slim(event, before, &common, fresh_subject))
        };
        let flags = if keeps_subject { KEEPS_SUBJECT } else { 0 } | if whole { WHOLE } else { 0 };
        put_number(&mut bytes, flags | if key.node == node { 0 } else { OTHER_NODE });
        if key.node != node {
            put_number(&mut bytes, u64::from(key.node.0));
        }
        put_signed(&mut bytes, key.seq.wrapping_sub(seq).cast_signed());
        put_number(&mut bytes, u64::try_from(stored.len()).unwrap_or(u64::MAX));
        bytes.extend(stored);
        (node, seq, before) = (key.node, key.seq, Some(event));
    }
    bytes
}

/// The network message id of a packed message.
pub(super) fn network_message_id(bytes: &[u8], at: i64) -> Result<NetworkMessageId, StoreError> {
    let (head, mut rest) =
        bytes.split_first_chunk::<16>().ok_or_else(|| damaged("events in it are cut short"))?;
    let received = at.saturating_add(take_signed(&mut rest)?);
    let guess = u128::from((received / 1_000).cast_unsigned()) << 80;
    Ok(NetworkMessageId(Uuid::from_u128(u128::from_be_bytes(*head).wrapping_add(guess))))
}

/// The inverse of [`write`], with the subject left out.
pub(super) fn read(bytes: &[u8], at: i64, subject: &str) -> Result<Vec<(EventKey, Event)>, StoreError> {
    let mut events: Vec<(EventKey, Event)> = Vec::new();
    if bytes.is_empty() {
        return Ok(events);
    }
    let network_message_id = network_message_id(bytes, at)?;
    let mut rest = bytes.get(16..).unwrap_or_default();
    let received = at.saturating_add(take_signed(&mut rest)?);
    let internal = match take_number(&mut rest)? {
        0 => None,
        id => Some(InternalMessageId(id)),
    };
    let common = Common { network_message_id, received, internal };
    let (mut node, mut seq) = (NodeId(0), 0_u64);
    let mut subject = Some(subject);
    while !rest.is_empty() {
        let flags = take_number(&mut rest)?;
        if flags & OTHER_NODE != 0 {
            node =
                NodeId(u16::try_from(take_number(&mut rest)?).map_err(|_| damaged("a node in it is none"))?);
        }
        seq = seq.wrapping_add(take_signed(&mut rest)?.cast_unsigned());
        let len = usize::try_from(take_number(&mut rest)?).unwrap_or(usize::MAX);
        let (stored, left) =
            rest.split_at_checked(len).ok_or_else(|| damaged("events in it are cut short"))?;
        rest = left;
        let mut event = events::decode(stored).map_err(|error| StoreError::Events(error.to_string()))?;
        if flags & WHOLE == 0 {
            restore(&mut event, events.last().map(|(_, before)| before), &common)?;
        }
        if flags & KEEPS_SUBJECT == 0
            && let Some(facts) = &mut event.message
            && let Some(subject) = subject.take()
        {
            facts.subject = subject.to_owned();
        }
        events.push((EventKey { node, seq }, event));
    }
    Ok(events)
}

/// Whether a text or number of the event could be mistaken for a mark.
fn is_odd(event: &Event, common: &Common) -> bool {
    let marked = |text: &str| text.starts_with(SAME);
    let far = |at: Timestamp| at.as_microsecond().abs_diff(common.received) > FAR_MICROS;
    common.internal == Some(InternalMessageId(0))
        || far(event.at)
        || far(event.received)
        || event.network_message_id == NetworkMessageId(Uuid::max())
        || event.internal_message_id == Some(InternalMessageId(0))
        || event.recipients.iter().any(|recipient| marked(&recipient.address))
        || event.message.as_ref().is_some_and(|facts| {
            marked(&facts.sender_address)
                || marked(&facts.return_path)
                || facts.from_address.as_deref().is_some_and(marked)
        })
}

fn without_subject(event: &Event, leave_out: bool) -> Event {
    let mut event = event.clone();
    if let Some(facts) = event.message.as_mut().filter(|_| leave_out) {
        facts.subject.clear();
    }
    event
}

fn slim(event: &Event, before: Option<&Event>, common: &Common, leave_out: bool) -> Event {
    let mut slim = without_subject(event, leave_out);
    slim.network_message_id = if event.network_message_id == common.network_message_id {
        NetworkMessageId(Uuid::max())
    } else {
        event.network_message_id
    };
    slim.at = from_micros(event.at.as_microsecond().saturating_sub(common.received));
    slim.received = from_micros(event.received.as_microsecond().saturating_sub(common.received));
    slim.internal_message_id = match event.internal_message_id {
        same if same == common.internal => None,
        None => Some(InternalMessageId(0)),
        other => other,
    };
    let known = before.map_or(&[][..], |before| before.recipients.as_slice());
    for (recipient, known) in slim.recipients.iter_mut().zip(known) {
        if recipient.address == known.address {
            SAME.clone_into(&mut recipient.address);
        }
    }
    if let Some(facts) = &mut slim.message {
        if facts.from_address.as_ref() == Some(&facts.sender_address) {
            facts.from_address = Some(SAME.to_owned());
        }
        if facts.return_path == facts.sender_address {
            SAME.clone_into(&mut facts.return_path);
        }
    }
    slim
}

fn restore(event: &mut Event, before: Option<&Event>, common: &Common) -> Result<(), StoreError> {
    if event.network_message_id == NetworkMessageId(Uuid::max()) {
        event.network_message_id = common.network_message_id;
    }
    let absolute = |at: Timestamp| from_micros(at.as_microsecond().saturating_add(common.received));
    (event.at, event.received) = (absolute(event.at), absolute(event.received));
    event.internal_message_id = match event.internal_message_id {
        None => common.internal,
        Some(InternalMessageId(0)) => None,
        other => other,
    };
    let known = before.map_or(&[][..], |before| before.recipients.as_slice());
    for (number, recipient) in event.recipients.iter_mut().enumerate() {
        if recipient.address == SAME {
            let known = known.get(number).ok_or_else(|| damaged("an address of it points nowhere"))?;
            recipient.address.clone_from(&known.address);
        }
    }
    if let Some(facts) = &mut event.message {
        if facts.from_address.as_deref() == Some(SAME) {
            facts.from_address = Some(facts.sender_address.clone());
        }
        if facts.return_path == SAME {
            facts.return_path.clone_from(&facts.sender_address);
        }
    }
    Ok(())
}

/// Any number of microseconds a time can have; differences of times can be no others here.
fn from_micros(micros: i64) -> Timestamp {
    Timestamp::from_microsecond(micros).unwrap_or(Timestamp::MAX)
}

fn put_signed(bytes: &mut Vec<u8>, value: i64) {
    put_number(bytes, ((value << 1) ^ (value >> 63)).cast_unsigned());
}

fn take_signed(rest: &mut &[u8]) -> Result<i64, StoreError> {
    let value = take_number(rest)?;
    Ok((value >> 1).cast_signed() ^ (value & 1).cast_signed().wrapping_neg())
}

#[cfg(test)]
mod tests {
    use events::{EventId, EventRecipient, MessageFacts, Source};

    use super::*;
    use crate::search::traffic::{Dice, message};

    fn keyed(events: Vec<Event>, start: u64) -> Vec<(EventKey, Event)> {
        (start..)
            .step_by(3)
            .zip(events)
            .map(|(seq, event)| (EventKey { node: NodeId(1), seq }, event))
            .collect()
    }

    fn assert_back(events: &[(EventKey, Event)], at: i64) {
        let all = events.iter().filter_map(|(_, event)| event.message.as_ref());
        let subjects: Vec<&str> = all.map(|facts| facts.subject.as_str()).collect();
        // Whichever of them stands for the message.
        for subject in subjects.first().into_iter().chain(subjects.last()) {
            assert_back_with(events, at, subject);
        }
    }

    fn assert_back_with(events: &[(EventKey, Event)], at: i64, subject: &str) {
        let bytes = write(events, at, subject);
        assert_eq!(read(&bytes, at, subject).unwrap(), events);
        for cut in 1..bytes.len() {
            // Cut short it is an error or fewer events, never others.
            let back = read(&bytes[..cut], at, subject).unwrap_or_default();
            assert!(events.starts_with(&back));
        }
    }

    #[test]
    fn events_come_back_as_they_were() {
        let mut dice = Dice::new(3);
        for number in 0..60 {
            let events = message(&mut dice, number, 2);
            let at = events[0].received.as_microsecond() - 3;
            assert_back(&keyed(events, number * 100), at);
        }
    }

    #[test]
    fn odd_texts_times_and_numbers_come_back_too() {
        let id = NetworkMessageId(Uuid::from_u128(7));
        let time = |second| Timestamp::from_second(second).unwrap();
        let mut one = Event::new(time(1_800_000_000), EventId::Receive, Source::Smtp, id)
            .recipient(SAME, "")
            .recipient("", "x")
            .recipient("\u{1}a", "");
        one.message =
            Some(MessageFacts { return_path: SAME.into(), subject: "one".into(), ..MessageFacts::default() });
        let mut two =
            Event::new(time(5), EventId::Deliver, Source::StoreDriver, NetworkMessageId(Uuid::max()));
        two.recipients = vec![EventRecipient::default(); 3];
        two.internal_message_id = Some(InternalMessageId(0));
        let mut three = Event::new(time(-5), EventId::Fail, Source::Smtp, id).recipient("", "");
        three.internal_message_id = Some(InternalMessageId(u64::MAX));
        three.message = Some(MessageFacts { subject: "three".into(), ..MessageFacts::default() });
        for order in [[0, 1, 2], [2, 1, 0], [1, 0, 2]] {
            let events = order.map(|at| [&one, &two, &three][at].clone());
            assert_back(&keyed(events.to_vec(), u64::MAX - 1_000), -77);
        }
        let mut far = keyed(vec![one, three], 5);
        far[1].0 = EventKey { node: NodeId(9), seq: 1 };
        assert_back(&far, 0);
    }
}
