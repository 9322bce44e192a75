//! Whether anybody still waits for what is searched for.
//!
//! May touch: nothing (pure).

use std::sync::Arc;

use crate::store::Watch;

/// Held by whoever waits for an answer: when it is dropped, because the caller hung up or has the answer, what looks at its
/// watch is given up.
#[derive(Debug, Default)]
pub struct Wanted(Arc<Watch>);

impl Wanted {
    /// What a search looks at.
    pub fn watch(&self) -> Arc<Watch> {
        Arc::clone(&self.0)
    }
}

impl From<Arc<Watch>> for Wanted {
    fn from(watch: Arc<Watch>) -> Wanted {
        Wanted(watch)
    }
}

impl Drop for Wanted {
    fn drop(&mut self) {
        self.0.cancel();
    }
}
