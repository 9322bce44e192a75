//! Sort-Object: objects in the order of their properties.
//! May touch: nothing (pure).

use std::cmp::Ordering;

use jiff::tz::TimeZone;
use serde_json::Value;

use super::chunk::Chunk;
use super::command::Given;
use super::compare::order;
use super::names::{self, Watched};
use super::step::{Held, Step};
use crate::error::CmdletError;

/// Sorts, keeping the order of equal ones.
pub(crate) struct Sort {
    names: Vec<String>,
    is_descending: bool,
    is_unique: bool,
    zone: TimeZone,
    held: Held,
    watched: Watched,
}

impl Sort {
    pub(crate) fn read(given: &Given, zone: TimeZone) -> Sort {
        let names = given.names("Property");
        let watched = Watched::new(names.iter().map(String::as_str));
        let (is_descending, is_unique) = (given.is_on("Descending"), given.is_on("Unique"));
        Sort { names, is_descending, is_unique, zone, held: Held::default(), watched }
    }

    fn compare(&self, left: &Value, right: &Value) -> Ordering {
        let by_value = || order(left, right, &self.zone);
        let by_name = |name: &String| {
            let value = |item| names::property(item, name).unwrap_or(&Value::Null);
            order(value(left), value(right), &self.zone)
        };
        let ascending = if self.names.is_empty() {
            by_value()
        } else {
            self.names.iter().map(by_name).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
        };
        if self.is_descending { ascending.reverse() } else { ascending }
    }
}

impl Step for Sort {
    fn push(&mut self, chunk: Chunk) -> Result<Chunk, CmdletError> {
        self.watched.see(&chunk);
        self.held.keep(chunk, "Sort-Object")
    }

    fn finish(&mut self) -> Result<Option<Chunk>, CmdletError> {
        let Some(mut chunk) = self.held.take() else { return Ok(None) };
        chunk.items.sort_by(|left, right| self.compare(left, right));
        if self.is_unique {
            chunk.items.dedup_by(|later, earlier| self.compare(later, earlier).is_eq());
        }
        Ok(Some(chunk))
    }

    fn warnings(&self) -> Vec<String> {
        self.watched.warnings()
    }
}
