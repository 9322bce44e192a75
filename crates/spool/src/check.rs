//! Whether a commit may be written: every message and entry it names must be there when its turn comes.
//!
//! May touch: nothing (pure).

use std::collections::HashMap;

use crate::batch::{BodyFrom, EntryNo, Mark, MessageNo, Op, Position};
use crate::config::Config;
use crate::error::SpoolError;
use crate::state::{Place, State};

/// What a `meta` value takes beside its bytes.
const META_BYTES: usize = 64;

/// The body of a message: its id, and length and checksum if it is in a file of its own.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BodyRef {
    pub(crate) id: u64,
    pub(crate) file: Option<(u64, u32)>,
}

/// What the commits ahead in the same disk batch change, which the state does not know yet.
#[derive(Debug, Default)]
pub(crate) struct Overlay {
    created: HashMap<MessageNo, BodyRef>,
    grown: HashMap<MessageNo, u64>,
    entries: HashMap<(MessageNo, EntryNo), bool>,
    meta: u64,
    /// Messages that died up to here are forgotten by the marks in this disk batch.
    forgotten: Position,
}

impl Overlay {
    pub(crate) fn new(forgotten: Position) -> Self {
        Self { forgotten, ..Self::default() }
    }

    fn exists(&self, state: &State, no: MessageNo) -> Result<(), SpoolError> {
        self.body_of(state, no).map(|_| ()).ok_or(SpoolError::UnknownMessage(no))
    }

    /// The body of a message in the state or ahead in this disk batch.
    pub(crate) fn body_of(&self, state: &State, no: MessageNo) -> Option<BodyRef> {
        if let Some(body) = self.created.get(&no) {
            return Some(*body);
        }
        let message = state.messages.get(&no)?;
        if message.death != Position::default() && message.death <= self.forgotten {
            return None;
        }
        Some(body_ref(state, message.body))
    }

    fn has_entry(&self, state: &State, no: MessageNo, entry: EntryNo) -> bool {
        if let Some(there) = self.entries.get(&(no, entry)) {
            return *there;
        }
        state
            .messages
            .get(&no)
            .is_some_and(|message| message.entries.binary_search_by_key(&entry, |(no, _)| *no).is_ok())
    }

    fn grow(
        &mut self,
        state: &State,
        config: &Config,
        no: MessageNo,
        bytes: usize,
    ) -> Result<(), SpoolError> {
        let grown = self.grown.entry(no).or_default();
        *grown += bytes as u64 + 16;
        let bytes = *grown + state.messages.get(&no).map_or(0, |message| message.bytes);
        let max = config.message_bytes_max();
        if bytes > max {
            return Err(SpoolError::TooLarge { what: "a message's envelope with its entries", bytes, max });
        }
        Ok(())
    }

    fn op(&mut self, state: &State, config: &Config, op: &Op) -> Result<(), SpoolError> {
        match op {
            Op::Message { no, envelope, body } => {
                let body = match body {
                    BodyFrom::Bytes(..) => BodyRef { id: no.0, file: None },
                    BodyFrom::File { len, crc } => BodyRef { id: no.0, file: Some((*len, *crc)) },
                    BodyFrom::Message(of) => {
                        self.body_of(state, *of).ok_or(SpoolError::UnknownMessage(*of))?
                    }
                };
                // A body may outlive the message that brought it, whose number is then still taken.
                if state.messages.contains_key(no)
                    || state.bodies.contains_key(&no.0)
                    || self.created.contains_key(no)
                {
                    return Err(SpoolError::DuplicateMessage(*no));
                }
                self.grow(state, config, *no, envelope.len())?;
                self.created.insert(*no, body);
            }
            Op::Envelope { no, bytes } => {
                self.exists(state, *no)?;
                self.grow(state, config, *no, bytes.len())?;
            }
            Op::Entry { no, entry, bytes } => {
                self.exists(state, *no)?;
                self.grow(state, config, *no, bytes.len())?;
                self.entries.insert((*no, *entry), true);
            }
            Op::RemoveEntry { no, entry } => {
                self.exists(state, *no)?;
                if !self.has_entry(state, *no, *entry) {
                    return Err(SpoolError::UnknownEntry(*no, *entry));
                }
                self.entries.insert((*no, *entry), false);
            }
            Op::Meta { key, bytes } => self.meta(state, config, key, bytes.len())?,
            Op::Event { .. }
            | Op::Mark { .. }
            | Op::NextNo(_)
            | Op::MovedBody { .. }
            | Op::MovedMessage(_) => {}
        }
        Ok(())
    }

    fn meta(&mut self, state: &State, config: &Config, key: &str, bytes: usize) -> Result<(), SpoolError> {
        self.meta += (key.len() + bytes + META_BYTES) as u64;
        let kept: usize = state
            .meta
            .iter()
            .filter(|(other, _)| *other != key)
            .map(|(key, v)| key.len() + v.len() + META_BYTES)
            .sum();
        let (bytes, max) = (self.meta + kept as u64, config.meta_bytes_max());
        if key.len() > usize::from(u16::MAX) || bytes > max {
            return Err(SpoolError::TooLarge { what: "the meta values", bytes, max });
        }
        Ok(())
    }

    /// Checks one commit. After an error the overlay holds some of it and must be made anew.
    pub(crate) fn commit(&mut self, state: &State, config: &Config, ops: &[Op]) -> Result<(), SpoolError> {
        ops.iter().try_for_each(|op| self.op(state, config, op))
    }
}

/// Where a body is, for a record that names it.
pub(crate) fn body_ref(state: &State, id: u64) -> BodyRef {
    let file =
        state.bodies.get(&id).filter(|body| body.place == Place::File).map(|body| (body.len, body.crc));
    BodyRef { id, file }
}

/// The mailbox mark as it will be after this disk batch.
pub(crate) fn mailbox_mark(ops: &[Op]) -> Position {
    ops.iter()
        .filter_map(|op| match op {
            Op::Mark { mark: Mark::Mailbox, position } => Some(*position),
            _ => None,
        })
        .max()
        .unwrap_or_default()
}
