//! Select-Object: some of the objects, some of their properties.
//! May touch: nothing (pure).

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;

use serde_json::{Map, Value};

use super::chunk::{About, Chunk};
use super::command::Given;
use super::names::{self, Watched};
use super::step::{Step, refuse_too_many};
use crate::error::CmdletError;
use crate::filter::is_like;
use crate::view::Format;

/// With more properties the list is easier to read than the table, as in PowerShell.
const TABLE_COLUMNS_MAX: usize = 4;

/// Passes on a part.
pub(crate) struct Select {
    names: Vec<String>,
    excluded: Vec<String>,
    expanded: Option<String>,
    skip: usize,
    first: Option<usize>,
    last: Option<usize>,
    is_unique: bool,
    seen: HashSet<String>,
    kept: VecDeque<Value>,
    about: Option<About>,
    columns: Option<Arc<Vec<String>>>,
    watched: Watched,
}

impl Select {
    pub(crate) fn read(given: &Given) -> Result<Select, CmdletError> {
        let usage = |why: &str| Err(CmdletError::Usage(format!("Select-Object {why}")));
        let (first, last) = (given.count("First"), given.count("Last"));
        if first.is_some() && last.is_some() {
            return usage("takes -First or -Last; pipe into a second one for the other");
        }
        let (names, expanded) = (given.names("Property"), given.text("ExpandProperty"));
        if !names.is_empty() && expanded.is_some() {
            return usage("takes names of properties or -ExpandProperty, not both");
        }
        let watched = Watched::new(names.iter().chain(&expanded).map(String::as_str));
        Ok(Select {
            names,
            excluded: given.names("ExcludeProperty"),
            expanded,
            skip: given.count("Skip").unwrap_or(0),
            first,
            last,
            is_unique: given.is_on("Unique"),
            seen: HashSet::new(),
            kept: VecDeque::new(),
            about: None,
            columns: None,
            watched,
        })
    }

    fn shaped(&self, item: Value) -> Vec<Value> {
        if let Some(name) = &self.expanded {
            return match names::property(&item, name) {
                Some(Value::Array(items)) => items.clone(),
                None | Some(Value::Null) => Vec::new(),
                Some(one) => vec![one.clone()],
            };
        }
        match item {
            Value::Object(row) if !self.names.is_empty() || !self.excluded.is_empty() => {
                vec![Value::Object(self.part(&row))]
            }
            other => vec![other],
        }
    }

    fn part(&self, row: &Map<String, Value>) -> Map<String, Value> {
        let all = ["*".to_owned()];
        let typed = if self.names.is_empty() { all.as_slice() } else { self.names.as_slice() };
        let mut wanted = names::expand(typed, row);
        wanted.retain(|name| !self.excluded.iter().any(|pattern| is_like(name, pattern)));
        let value = |name: &String| row.get(name).cloned().unwrap_or(Value::Null);
        wanted.iter().map(|name| (name.clone(), value(name))).collect()
    }

    fn about(&mut self, before: &About, items: &[Value]) -> About {
        if self.expanded.is_some() {
            return About::plain();
        }
        if self.names.is_empty() && self.excluded.is_empty() {
            return before.clone();
        }
        if self.columns.is_none() {
            let first = items.iter().find_map(Value::as_object);
            self.columns = first.map(|row| Arc::new(row.keys().cloned().collect()));
        }
        let count = self.columns.as_ref().map_or(0, |columns| columns.len());
        let format = if count <= TABLE_COLUMNS_MAX { Format::Table } else { Format::List };
        About { output: before.output, format, columns: self.columns.clone() }
    }
}

impl Step for Select {
    fn push(&mut self, mut chunk: Chunk) -> Result<Chunk, CmdletError> {
        self.watched.see(&chunk);
        let mut items = std::mem::take(&mut chunk.items);
        if self.is_unique {
            // What is shown decides what is equal.
            items = items.into_iter().flat_map(|item| self.shaped(item)).collect();
            items.retain(|item| self.seen.insert(item.to_string()));
            refuse_too_many(self.seen.len(), "Select-Object -Unique")?;
        }
        let skipped = self.skip.min(if self.last.is_some() { 0 } else { items.len() });
        self.skip -= skipped;
        items.drain(..skipped);
        if let Some(last) = self.last {
            self.about.get_or_insert(chunk.about.clone());
            // Of the end, -Skip leaves out the last ones.
            let room = last.saturating_add(self.skip);
            self.kept.extend(items);
            self.kept.drain(..self.kept.len().saturating_sub(room));
            refuse_too_many(self.kept.len(), "Select-Object -Last")?;
            return Ok(chunk);
        }
        if let Some(first) = &mut self.first {
            items.truncate(*first);
            *first -= items.len();
        }
        if !self.is_unique {
            items = items.into_iter().flat_map(|item| self.shaped(item)).collect();
        }
        let about = self.about(&chunk.about, &items);
        Ok(Chunk { about, items })
    }

    fn finish(&mut self) -> Result<Option<Chunk>, CmdletError> {
        let Some(before) = self.about.take() else { return Ok(None) };
        let wanted = self.kept.len().saturating_sub(self.skip);
        let kept: Vec<Value> = std::mem::take(&mut self.kept).into_iter().take(wanted).collect();
        let items: Vec<Value> =
            if self.is_unique { kept } else { kept.into_iter().flat_map(|item| self.shaped(item)).collect() };
        let about = self.about(&before, &items);
        Ok(Some(Chunk { about, items }))
    }

    fn is_full(&self) -> bool {
        self.first == Some(0)
    }

    fn warnings(&self) -> Vec<String> {
        self.watched.warnings()
    }
}
