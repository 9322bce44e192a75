//! Group-Object: how many objects share the values of some properties.
//! May touch: nothing (pure).

use std::collections::HashMap;

use serde_json::{Value, json};

use super::chunk::{About, Chunk};
use super::command::Given;
use super::names::Watched;
use super::step::{Step, refuse_too_many};
use super::{compare, names};
use crate::error::CmdletError;
use crate::output::{OutputType, Property};

/// What it puts out.
static OUTPUT: OutputType = OutputType {
    name: "GroupInfo",
    properties: &[Property::number("Count"), Property::text("Name")],
    settings: None,
    table: &["Count", "Name"],
};

struct One {
    name: String,
    count: usize,
    items: Vec<Value>,
}

/// Groups in the order in which they were first seen.
pub(crate) struct Group {
    names: Vec<String>,
    is_counting: bool,
    groups: Vec<One>,
    places: HashMap<String, usize>,
    count: usize,
    watched: Watched,
}

impl Group {
    pub(crate) fn read(given: &Given) -> Group {
        let names = given.names("Property");
        let watched = Watched::new(names.iter().map(String::as_str));
        let is_counting = given.is_on("NoElement");
        Group { names, is_counting, groups: Vec::new(), places: HashMap::new(), count: 0, watched }
    }

    fn name(&self, item: &Value) -> String {
        if self.names.is_empty() {
            return compare::text(item);
        }
        let value = |name: &String| compare::text(names::property(item, name).unwrap_or(&Value::Null));
        self.names.iter().map(value).collect::<Vec<_>>().join(", ")
    }
}

impl Step for Group {
    fn push(&mut self, mut chunk: Chunk) -> Result<Chunk, CmdletError> {
        self.watched.see(&chunk);
        for item in std::mem::take(&mut chunk.items) {
            let name = self.name(&item);
            let next = self.groups.len();
            let place = *self.places.entry(name.to_lowercase()).or_insert(next);
            if place == next {
                self.groups.push(One { name, count: 0, items: Vec::new() });
            }
            let Some(group) = self.groups.get_mut(place) else { continue };
            group.count += 1;
            if !self.is_counting {
                group.items.push(item);
                self.count += 1;
            }
        }
        refuse_too_many(self.count.max(self.groups.len()), "Group-Object without -NoElement")?;
        Ok(chunk)
    }

    fn finish(&mut self) -> Result<Option<Chunk>, CmdletError> {
        let groups = std::mem::take(&mut self.groups);
        let row = |group: One| {
            let mut row = json!({ "Count": group.count, "Name": group.name });
            if !self.is_counting
                && let Some(row) = row.as_object_mut()
            {
                row.insert("Group".into(), Value::Array(group.items));
            }
            row
        };
        let items = groups.into_iter().map(row).collect();
        Ok(Some(Chunk { about: About::table(&OUTPUT), items }))
    }

    fn warnings(&self) -> Vec<String> {
        self.watched.warnings()
    }
}
