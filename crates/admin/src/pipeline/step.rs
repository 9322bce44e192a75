//! A command that works on objects here, without the server.
//! May touch: nothing (pure).

use serde_json::Value;

use super::chunk::Chunk;
use super::{OBJECTS_MAX, WHAT_THERE_IS};
use crate::error::CmdletError;
use crate::output::grouped;

/// A command between two pipes.
pub(crate) trait Step: Send {
    /// Takes a portion, and gives what can be given at once.
    ///
    /// # Errors
    /// When the objects cannot be worked on, or are too many.
    fn push(&mut self, chunk: Chunk) -> Result<Chunk, CmdletError>;

    /// Gives the rest after the last portion.
    ///
    /// # Errors
    /// As [`Step::push`].
    fn finish(&mut self) -> Result<Option<Chunk>, CmdletError> {
        Ok(None)
    }

    /// True when it wants no more; whoever is before it may stop.
    fn is_full(&self) -> bool {
        false
    }

    /// What the user should be told at the end.
    fn warnings(&self) -> Vec<String> {
        Vec::new()
    }
}

/// Objects that must all be seen before one can be given on.
#[derive(Debug, Default)]
pub(crate) struct Held {
    about: Option<super::chunk::About>,
    pub(crate) items: Vec<Value>,
}

impl Held {
    /// Keeps a portion; gives an empty one.
    pub(crate) fn keep(&mut self, mut chunk: Chunk, command: &str) -> Result<Chunk, CmdletError> {
        refuse_too_many(self.items.len().saturating_add(chunk.items.len()), command)?;
        self.about.get_or_insert_with(|| chunk.about.clone());
        self.items.append(&mut chunk.items);
        Ok(chunk)
    }

    /// What was kept, as one portion.
    pub(crate) fn take(&mut self) -> Option<Chunk> {
        let items = std::mem::take(&mut self.items);
        self.about.take().map(|about| Chunk { about, items })
    }
}

/// Refuses what would not fit into memory.
pub(crate) fn refuse_too_many(count: usize, command: &str) -> Result<(), CmdletError> {
    if count <= OBJECTS_MAX {
        return Ok(());
    }
    Err(CmdletError::Invalid(format!(
        "{command} holds at most {} objects; narrow the search, or write them with Export-Csv, which holds none",
        grouped(OBJECTS_MAX as u64)
    )))
}

/// The refusal of something the language does not have.
pub(crate) fn refused(what: impl std::fmt::Display) -> CmdletError {
    CmdletError::Usage(format!("{what}; {WHAT_THERE_IS}"))
}
