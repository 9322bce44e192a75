//! A source of type Http: lines or JSON that others post to this server.
//!
//! May touch: the store through [`Places`], the executor.
//! Posting the same again changes nothing, so a sender that got no answer may send again.

use std::sync::Arc;

use directory::Secret;

use super::super::work::ImportError;
use super::Sources;
use super::intake::Text;
use super::shipped;
use super::spec::SourceKind;

/// What became of a posted text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posted {
    /// Lines, rows or objects in it.
    pub records: u64,
    /// Events that were new.
    pub new: u64,
    /// Records that could not be understood.
    pub unknown: u64,
    /// Events older than anything is kept; left out.
    pub too_old: u64,
    /// The first records that could not be understood, and what else was left out.
    pub unknown_lines: Vec<String>,
}

/// Why a posted text was not taken.
#[derive(Debug, thiserror::Error)]
pub enum PostError {
    /// There is no source of type Http with that name that is enabled.
    #[error("there is no enabled trace source of type Http named \"{0}\"")]
    NotFound(String),
    /// It is not what it should be, or could not be written.
    #[error(transparent)]
    Import(#[from] ImportError),
}

impl Sources {
    /// Whether a caller who shows this token may post to a source.
    pub fn knows_token(&self, name: &str, shown: &str) -> bool {
        let sources = self.0.sources.lock();
        let kind = sources.get(&name.to_lowercase()).map(|one| &one.spec.kind);
        matches!(kind, Some(SourceKind::Http { token: Some(token) }) if is_same(token, shown))
    }

    /// Takes a posted text in; it is durable when this returns.
    ///
    /// # Errors
    /// Nothing of a text in a wrong format is kept. What could not be written may be posted again.
    pub async fn post(&self, name: &str, text: Vec<u8>) -> Result<Posted, PostError> {
        let found = {
            let sources = self.0.sources.lock();
            let one = sources.get(&name.to_lowercase());
            one.and_then(|one| Some((one.task.clone()?, Arc::clone(one.intake.as_ref()?))))
        };
        let Some((task, intake)) = found else { return Err(PostError::NotFound(name.to_owned())) };
        let (places, now) = (self.0.places.clone(), self.0.world.clock.now());
        let work = move || {
            let text = shipped::lines(&text).unwrap_or(text);
            intake.lock().take(&text, Text::Whole, &places, now)
        };
        match self.0.world.exec.blocking(work).await {
            Ok(polled) => {
                task.told(&polled).await;
                Ok(Posted {
                    records: polled.lines,
                    new: polled.imported.new,
                    unknown: polled.unknown.saturating_add(polled.imported.alone),
                    too_old: polled.imported.too_old,
                    unknown_lines: {
                        let mut lines = polled.unknown_lines;
                        lines.extend(polled.imported.alone_in_words());
                        lines.extend(polled.imported.too_old_in_words());
                        lines
                    },
                })
            }
            Err(error) => {
                if !matches!(error, ImportError::Format(_)) {
                    task.fail(&error);
                }
                Err(error.into())
            }
        }
    }
}

/// Compared by digest, so that the time taken tells nothing of the token.
fn is_same(token: &Secret, shown: &str) -> bool {
    blake3::hash(token.reveal().as_bytes()) == blake3::hash(shown.as_bytes())
}
