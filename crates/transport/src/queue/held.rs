//! A message as a queue keeps it: whole in a short queue, packed in a long one.
//!
//! May touch: nothing (pure).
//! A parsed message takes several times the memory of its stored form. Those at the front of a queue go soon and are
//! kept as they are; behind [`WHOLE_MAX`] they are packed until somebody asks for them.

use std::sync::Arc;

use spool::MessageNo;

use crate::format;
use crate::item::Item;

/// Messages of one queue that are kept whole in memory.
pub const WHOLE_MAX: usize = 1_000;

/// An [`Item`], whole or packed. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) enum Held {
    Whole(Arc<Item>),
    Packed(MessageNo, Arc<[u8]>),
}

impl Held {
    /// Keeps a message in a queue of this length. One that does not pack stays whole.
    pub(crate) fn new(item: &Arc<Item>, queue_len: usize) -> Self {
        if queue_len < WHOLE_MAX {
            return Self::Whole(Arc::clone(item));
        }
        match format::pack_item(item) {
            Ok(bytes) => Self::Packed(item.no, bytes.into()),
            Err(_) => Self::Whole(Arc::clone(item)),
        }
    }

    /// The message; nothing where its packed form cannot be read, which the spool would report at the next start too.
    pub(crate) fn item(&self) -> Option<Arc<Item>> {
        match self {
            Self::Whole(item) => Some(Arc::clone(item)),
            Self::Packed(no, bytes) => format::unpack_item(*no, bytes).map(Arc::new).ok(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::queue::set::tests::item;

    #[test]
    fn a_packed_message_comes_back_as_it_was() {
        let item = Arc::new(item(7, &[0, 3]));
        let whole = Held::new(&item, WHOLE_MAX - 1);
        assert!(matches!(whole, Held::Whole(_)));
        let packed = Held::new(&item, WHOLE_MAX);
        let Held::Packed(_, bytes) = &packed else { panic!("not packed") };
        assert!(bytes.len() < 1_000, "{} bytes", bytes.len());
        assert_eq!(packed.item().unwrap(), item);
        assert_eq!(whole.item(), packed.item());
    }
}
