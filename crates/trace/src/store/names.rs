//! The numbers an address filter means in one day file, and the condition they make.
//!
//! May touch: a SQLite connection.

use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension};

use super::StoreError;
use super::filter::{DayFilter, glob, list};
use crate::search::AddressPattern;
use crate::status::address_key;

/// The numbers an address filter means in one day file.
#[derive(Debug, Default)]
pub(super) struct Addresses {
    pub(super) exact: Vec<i64>,
    pub(super) domains: Vec<i64>,
    pub(super) wild: Vec<String>,
}

impl Addresses {
    /// `None` if none of them occurs.
    pub(super) fn resolve(
        connection: &Connection,
        patterns: &[AddressPattern],
    ) -> Result<Option<Addresses>, StoreError> {
        let mut found = Addresses::default();
        for pattern in patterns {
            match pattern {
                AddressPattern::Exact(key) => {
                    let mut find = connection.prepare_cached("SELECT id FROM address WHERE key = ?1")?;
                    found
                        .exact
                        .extend(find.query_row([address_key(key)], |row| row.get::<_, i64>(0)).optional()?);
                }
                AddressPattern::Domain(name) => {
                    let mut find = connection.prepare_cached("SELECT id FROM domain WHERE name = ?1")?;
                    found.domains.extend(find.query_row([name], |row| row.get::<_, i64>(0)).optional()?);
                }
                AddressPattern::Wild(pattern) => found.wild.push(glob(pattern)),
            }
        }
        let nothing = found.exact.is_empty() && found.domains.is_empty() && found.wild.is_empty();
        Ok((!nothing).then_some(found))
    }

    /// Whether one of the column pairs (address, domain) is meant.
    pub(super) fn condition(&self, filter: &mut DayFilter, columns: &[(&str, &str)]) -> String {
        let mut any = Vec::new();
        for (address, domain) in columns {
            if !self.exact.is_empty() {
                any.push(format!("{address} IN ({})", list(&self.exact)));
            }
            if !self.domains.is_empty() {
                any.push(format!("{domain} IN ({})", list(&self.domains)));
            }
            for pattern in &self.wild {
                let mark = filter.bind([Value::Text(pattern.clone())]);
                any.push(format!("{address} IN (SELECT id FROM address WHERE key GLOB {mark})"));
            }
        }
        format!("({})", any.join(" OR "))
    }
}
