//! Where a search goes on: opaque to callers, bound to its query.
//!
//! May touch: nothing (pure).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::api::{Query, SearchError};
use crate::store::Day;

/// The version written now.
const VERSION: u8 = 1;

/// A place in the rows of a query. Its text form is hexadecimal and goes into an address bar as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// Which query it belongs to.
    pub(crate) query: u64,
    /// The total counted for the first page.
    pub(crate) total: u64,
    /// Refused attempts counted for the first page.
    pub(crate) refused: Option<u64>,
    /// The interval of the first page, in microseconds: rows that came later are not shown.
    pub(crate) start: Option<i64>,
    /// Its end.
    pub(crate) end: i64,
    /// The last row shown.
    pub(crate) last: Place,
}

/// The place of a row in the order of all rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Place {
    /// A row of a day file: by its row id, or by message and address.
    Row {
        /// The day.
        day: Day,
        /// Row id.
        id: i64,
        /// Case-folded address, where the order is by recipient.
        key: Option<String>,
    },
    /// A refusal, which stands behind the messages of the same microsecond.
    Refusal {
        /// Its day.
        day: Day,
        /// Its row id.
        id: i64,
    },
    /// A row where the order is by latency.
    Slow {
        /// The day.
        day: Day,
        /// Row id.
        id: i64,
        /// Milliseconds to its end.
        latency: i64,
    },
}

impl Cursor {
    /// The identity of a query, paging left out. So is its interval: the cursor has that of the first page, while
    /// "the last hour" is another one on every call; and what a Message-ID is kept under may become more with an import.
    pub(crate) fn fingerprint(query: &Query) -> u64 {
        let bare = Query {
            cursor: None,
            page_size: 0,
            start: None,
            end: None,
            kept_under: Vec::new(),
            ..query.clone()
        };
        let digest = blake3::hash(format!("{bare:?}").as_bytes());
        digest.as_bytes().first_chunk::<8>().map_or(0, |first| u64::from_le_bytes(*first))
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = postcard::to_extend(self, Vec::from([VERSION])).map_err(|_| fmt::Error)?;
        bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl FromStr for Cursor {
    type Err = SearchError;
    fn from_str(text: &str) -> Result<Cursor, SearchError> {
        let digits: Option<Vec<u8>> = text
            .trim()
            .chars()
            .map(|ch| ch.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
            .collect();
        let (pairs, odd) = digits.as_deref().ok_or(SearchError::Cursor)?.as_chunks::<2>();
        let bytes: Vec<u8> = pairs.iter().map(|[high, low]| (high << 4) | low).collect();
        match bytes.split_first() {
            Some((&VERSION, rest)) if odd.is_empty() => {
                postcard::from_bytes(rest).map_err(|_| SearchError::Cursor)
            }
            _ => Err(SearchError::Cursor),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_cursor_are_inverses() {
        let cursor = Cursor {
            query: u64::MAX,
            total: 48_213,
            refused: Some(3),
            start: None,
            end: 1_700_000_000_000_000,
            last: Place::Row { day: Day(20_000), id: 17, key: Some("a@contoso.example".into()) },
        };
        assert_eq!(cursor.to_string().parse::<Cursor>().unwrap(), cursor);
        for bad in ["", "0", "zz", "09ff", "01"] {
            assert!(bad.parse::<Cursor>().is_err(), "{bad}");
        }
    }
}
