//! Arguments as `key=value`, and figures as one line of JSON.
//!
//! May touch: nothing (pure).

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::str::FromStr;
use std::time::Duration;

/// What a command gives back.
pub(crate) type Done = Result<String, Box<dyn std::error::Error + Send + Sync>>;

/// `key=value` words.
#[derive(Debug)]
pub(crate) struct Arguments(BTreeMap<String, String>);

impl Arguments {
    /// Reads the words; one without `=` is a switch with the value `yes`.
    pub(crate) fn read(words: impl Iterator<Item = String>) -> Self {
        let pair = |word: String| match word.split_once('=') {
            Some((key, value)) => (key.to_owned(), value.to_owned()),
            None => (word, "yes".to_owned()),
        };
        Self(words.map(pair).collect())
    }

    /// A value that must be there.
    pub(crate) fn get<T: FromStr>(&self, key: &str) -> Result<T, String> {
        let text = self.0.get(key).ok_or_else(|| format!("{key}= is missing"))?;
        text.parse().map_err(|_| format!("{key}={text} cannot be read"))
    }

    /// A value, or what it is otherwise.
    pub(crate) fn or<T: FromStr>(&self, key: &str, otherwise: T) -> Result<T, String> {
        if self.0.contains_key(key) { self.get(key) } else { Ok(otherwise) }
    }
}

/// A flat JSON object of numbers.
pub(crate) fn line(figures: &[(&str, f64)]) -> String {
    let mut text = String::from("{");
    for (at, (name, value)) in figures.iter().enumerate() {
        let comma = if at == 0 { "" } else { ", " };
        let _ = write!(text, "{comma}\"{name}\": {value:.3}");
    }
    text + "}"
}

/// The value below which this share of the sorted times lies, in milliseconds.
pub(crate) fn percentile(sorted: &[Duration], share: f64) -> f64 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a share between 0 and 1 of a count of messages"
    )]
    let at = ((sorted.len().saturating_sub(1)) as f64 * share).round() as usize;
    sorted.get(at).map_or(0.0, |time| time.as_secs_f64() * 1_000.0)
}
