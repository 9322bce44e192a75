//! The packed events of one message: a version byte, then per event its node, number, length and stored bytes.
//!
//! May touch: nothing (pure).
//! The stored bytes are the spool's own, so that nothing is encoded twice. Numbers are LEB128.

use events::{Event, FormatError};

use crate::status::{EventKey, NodeId};

/// The version written now.
const VERSION: u8 = 1;

/// Why packed events cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PackError {
    /// Written by a newer version.
    #[error("packed events of version {0}, this program reads version {VERSION}")]
    Version(u8),
    /// Cut short, or not packed events.
    #[error("packed events are cut short")]
    Short,
    /// One event does not decode.
    #[error(transparent)]
    Event(#[from] FormatError),
}

/// Appends an event to a blob, starting the blob if it is empty.
pub(crate) fn append(blob: &mut Vec<u8>, key: EventKey, bytes: &[u8]) {
    if blob.is_empty() {
        blob.push(VERSION);
    }
    number(blob, u64::from(key.node.0));
    number(blob, key.seq);
    number(blob, u64::try_from(bytes.len()).unwrap_or(u64::MAX));
    blob.extend_from_slice(bytes);
}

/// Reads a blob's events onto the end of `into`.
pub(crate) fn unpack(blob: &[u8], into: &mut Vec<(EventKey, Event)>) -> Result<(), PackError> {
    let mut rest = match blob.split_first() {
        None => return Ok(()),
        Some((&VERSION, rest)) => rest,
        Some((&version, _)) => return Err(PackError::Version(version)),
    };
    while !rest.is_empty() {
        let node = take(&mut rest)?;
        let seq = take(&mut rest)?;
        let len = usize::try_from(take(&mut rest)?).map_err(|_| PackError::Short)?;
        let (bytes, left) = rest.split_at_checked(len).ok_or(PackError::Short)?;
        rest = left;
        let node = NodeId(u16::try_from(node).map_err(|_| PackError::Short)?);
        into.push((EventKey { node, seq }, events::decode(bytes)?));
    }
    Ok(())
}

fn number(blob: &mut Vec<u8>, mut value: u64) {
    loop {
        let [low, ..] = (value & 0x7f).to_le_bytes();
        value >>= 7;
        if value == 0 {
            blob.push(low);
            return;
        }
        blob.push(low | 0x80);
    }
}

fn take(rest: &mut &[u8]) -> Result<u64, PackError> {
    let mut value = 0_u64;
    for shift in (0..64).step_by(7) {
        let (&byte, left) = rest.split_first().ok_or(PackError::Short)?;
        *rest = left;
        value |= u64::from(byte & 0x7f).checked_shl(shift).unwrap_or(0);
        if byte & 0x80 == 0 {
            return Ok(value);
        }
    }
    Err(PackError::Short)
}

#[cfg(test)]
mod tests {
    use events::{EventId, Source};
    use jiff::Timestamp;
    use mail::NetworkMessageId;

    use super::*;

    #[test]
    fn events_come_back_in_order_and_a_cut_is_noticed() {
        let event =
            Event::new(Timestamp::UNIX_EPOCH, EventId::Receive, Source::Smtp, NetworkMessageId::default())
                .recipient("a@contoso.example", "");
        let mut blob = Vec::new();
        let keys = [0, 127, 128, u64::MAX].map(|seq| EventKey { node: NodeId(300), seq });
        for key in keys {
            append(&mut blob, key, &events::encode(&event));
        }
        let mut back = Vec::new();
        unpack(&blob, &mut back).unwrap();
        assert_eq!(back, keys.map(|key| (key, event.clone())));
        assert!(unpack(&blob[..blob.len() - 1], &mut Vec::new()).is_err());
        assert_eq!(unpack(&[9], &mut Vec::new()), Err(PackError::Version(9)));
        assert_eq!(unpack(&[], &mut Vec::new()), Ok(()));
    }
}
