//! A plain model of the spool, and random steps that change both.
//!
//! May touch: nothing (pure).

use std::collections::BTreeMap;

use bytes::Bytes;

use super::body;
use crate::{Batch, EntryNo, EventSeq, MessageNo, Spool};

/// A message as the model sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ModelMessage {
    pub(super) envelope: Vec<u8>,
    pub(super) body: Bytes,
    pub(super) entries: BTreeMap<EntryNo, Vec<u8>>,
}

/// What a spool should hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Model {
    pub(super) messages: BTreeMap<MessageNo, ModelMessage>,
    /// Dead, with the number of the event before their end.
    pub(super) dead: BTreeMap<MessageNo, (EventSeq, Bytes)>,
    pub(super) events: Vec<Vec<u8>>,
    pub(super) meta: BTreeMap<String, Vec<u8>>,
    /// Bodies with a file of their own may be drawn. Their commits are overtaken by others sent after them.
    pub(super) large: bool,
}

/// A small deterministic source of numbers.
#[derive(Debug, Clone)]
pub(super) struct Draw(pub(super) u64);

impl Draw {
    pub(super) fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound.max(1)
    }
}

impl Model {
    /// Draws a change, does it to the model and gives the batch that does it to the spool. `mine` restricts it to
    /// messages that no other batch in flight changes.
    pub(super) fn step(&mut self, draw: &mut Draw, spool: &Spool, mine: &mut Vec<MessageNo>) -> Batch {
        let mut batch = Batch::new();
        for _ in 0..=draw.below(3) {
            // With many messages there, changes only, so that most messages end.
            match draw.below(10) + if mine.len() > 40 { 6 } else { 0 } {
                0..=3 => {
                    let no = self.add(draw, spool, &mut batch);
                    mine.push(no);
                }
                4 if !mine.is_empty() => {
                    let of = mine[draw.below(mine.len() as u64) as usize];
                    if let Some(shared) = self.messages.get(&of).map(|message| message.body.clone()) {
                        let no = spool.next_message_no();
                        batch.message_sharing(no, vec![7; 5], of);
                        self.put(&mut batch, no, vec![7; 5], shared, 1);
                        mine.push(no);
                    }
                }
                5 => {
                    let key = format!("key {}", draw.below(4));
                    let value = vec![draw.below(256) as u8; draw.below(30) as usize];
                    batch.meta(&key, value.clone());
                    if value.is_empty() {
                        self.meta.remove(&key);
                    } else {
                        self.meta.insert(key, value);
                    }
                }
                _ if !mine.is_empty() => {
                    let index = draw.below(mine.len() as u64) as usize;
                    if self.change(draw, &mut batch, mine[index]) {
                        mine.swap_remove(index);
                    }
                }
                _ => {}
            }
            let bytes = vec![draw.below(256) as u8; draw.below(200) as usize];
            batch.event(1, false, None, bytes.clone());
            self.events.push(bytes);
        }
        batch
    }

    fn add(&mut self, draw: &mut Draw, spool: &Spool, batch: &mut Batch) -> MessageNo {
        let no = spool.next_message_no();
        // Some are large enough for a file.
        let length =
            if self.large && draw.below(8) == 0 { 9000 + draw.below(6000) } else { draw.below(3000) };
        let (envelope, bytes) = (vec![no.0 as u8; draw.below(100) as usize], body(no.0, length as usize));
        batch.message(no, envelope.clone(), bytes.clone());
        let entries = 1 + draw.below(3) as u32;
        self.put(batch, no, envelope, bytes, entries);
        no
    }

    fn put(&mut self, batch: &mut Batch, no: MessageNo, envelope: Vec<u8>, body: Bytes, entries: u32) {
        let mut message = ModelMessage { envelope, body, entries: BTreeMap::new() };
        for entry in (1..=entries).map(EntryNo) {
            let bytes = vec![entry.0 as u8; 20];
            batch.put_entry(no, entry, bytes.clone());
            message.entries.insert(entry, bytes);
        }
        self.messages.insert(no, message);
    }

    /// Changes a message; true if that ended it.
    fn change(&mut self, draw: &mut Draw, batch: &mut Batch, no: MessageNo) -> bool {
        let Some(message) = self.messages.get_mut(&no) else { return true };
        match draw.below(5) {
            0 => {
                message.envelope = vec![draw.below(256) as u8; draw.below(80) as usize];
                batch.set_envelope(no, message.envelope.clone());
            }
            1 => {
                let (entry, bytes) = (EntryNo(draw.below(5) as u32), vec![draw.below(256) as u8; 30]);
                batch.put_entry(no, entry, bytes.clone());
                message.entries.insert(entry, bytes);
            }
            _ => {
                let Some((entry, _)) = message.entries.pop_first() else { return true };
                batch.remove_entry(no, entry);
            }
        }
        if !message.entries.is_empty() {
            return false;
        }
        let last_event = EventSeq(self.events.len() as u64);
        let body = message.body.clone();
        self.messages.remove(&no);
        self.dead.insert(no, (last_event, body));
        true
    }

    /// The first difference between the spool's durable content and the model, or none.
    pub(super) fn differs(&self, spool: &Spool) -> Option<String> {
        let numbers: Vec<MessageNo> = self.messages.keys().copied().collect();
        if spool.message_numbers() != numbers {
            return Some(format!("messages {:?} instead of {numbers:?}", spool.message_numbers()));
        }
        for (no, expected) in &self.messages {
            let Some(found) = spool.message(*no) else { return Some(format!("no message {no}")) };
            let entries = found.entries.iter().map(|(entry, bytes)| (*entry, bytes.to_vec())).collect();
            let body = match spool.body_blocking(*no) {
                Ok(body) => body,
                Err(error) => return Some(format!("body of {no}: {error}")),
            };
            let found = ModelMessage { envelope: found.envelope.to_vec(), body, entries };
            if found != *expected {
                return Some(format!("message {no} is different"));
            }
        }
        if spool.last_event().0 != self.events.len() as u64 {
            return Some(format!("last event {} instead of {}", spool.last_event(), self.events.len()));
        }
        for (key, value) in &self.meta {
            if spool.meta(key).as_deref() != Some(value.as_slice()) {
                return Some(format!("meta {key} is different"));
            }
        }
        let keys = (0..4).map(|key| format!("key {key}"));
        let stray = keys.filter(|key| !self.meta.contains_key(key) && spool.meta(key).is_some()).count();
        (stray > 0).then(|| "a meta value that was removed is there".to_owned())
    }

    /// Checks what the marks promise: events behind the trace mark can be read, and the bodies of messages that died
    /// behind the mailbox mark.
    pub(super) fn check_marks(&self, spool: &Spool, fed: EventSeq, delivered: EventSeq) {
        let mut after = fed;
        loop {
            let events = spool.events_after_blocking(after, 7).unwrap();
            let Some(last) = events.last() else { break };
            for (event, seq) in events.iter().zip(after.0 + 1..) {
                assert_eq!(event.seq.0, seq, "events are dense");
                assert_eq!(event.bytes, self.events[seq as usize - 1], "event {seq}");
            }
            after = last.seq;
        }
        assert_eq!(after.0, self.events.len() as u64, "every event can be read");
        for (no, (event, body)) in &self.dead {
            if *event > delivered {
                assert_eq!(spool.body_blocking(*no).as_ref(), Ok(body), "dead message {no}");
            }
        }
    }
}
