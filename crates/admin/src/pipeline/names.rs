//! Names of properties as people type them: any case, `*`, and a warning where no object has one.
//! May touch: nothing (pure).

use serde_json::{Map, Value};

use super::chunk::Chunk;
use crate::filter::is_like;
use crate::nearest::nearest;

/// The value of a property, whatever its case.
pub(crate) fn get<'a>(row: &'a Map<String, Value>, name: &str) -> Option<(&'a str, &'a Value)> {
    row.get_key_value(name)
        .or_else(|| row.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)))
        .map(|(own, value)| (own.as_str(), value))
}

/// The value of a property of an object; `None` for values that are no objects.
pub(crate) fn property<'a>(item: &'a Value, name: &str) -> Option<&'a Value> {
    item.as_object().and_then(|row| get(row, name)).map(|(_, value)| value)
}

/// The names that were typed, with stars replaced by the names of the object.
pub(crate) fn expand(typed: &[String], row: &Map<String, Value>) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for pattern in typed {
        let matching: Vec<String> = if pattern.contains('*') {
            row.keys().filter(|name| is_like(name, pattern)).cloned().collect()
        } else {
            vec![get(row, pattern).map_or_else(|| pattern.clone(), |(own, _)| own.to_owned())]
        };
        for name in matching {
            if !names.iter().any(|known| known.eq_ignore_ascii_case(&name)) {
                names.push(name);
            }
        }
    }
    names
}

/// Watches whether typed names exist; a slip would otherwise look like an empty answer.
#[derive(Debug)]
pub(crate) struct Watched {
    names: Vec<(String, bool)>,
    known: Vec<String>,
    has_objects: bool,
}

impl Watched {
    pub(crate) fn new<'a>(names: impl IntoIterator<Item = &'a str>) -> Watched {
        let names = names.into_iter().map(|name| (name.to_owned(), false)).collect();
        Watched { names, known: Vec::new(), has_objects: false }
    }

    /// Looks at a portion.
    pub(crate) fn see(&mut self, chunk: &Chunk) {
        let Some(first) = chunk.items.iter().find_map(Value::as_object) else { return };
        self.has_objects = true;
        if self.known.is_empty() {
            self.known = first.keys().cloned().collect();
            self.known.extend(chunk.about.output.all().map(|property| property.name.to_owned()));
        }
        for (name, is_seen) in self.names.iter_mut().filter(|(_, is_seen)| !is_seen) {
            let fits = |own: &str| {
                if name.contains('*') { is_like(own, name) } else { own.eq_ignore_ascii_case(name) }
            };
            *is_seen = chunk.about.output.all().any(|property| fits(property.name))
                || chunk.items.iter().filter_map(Value::as_object).any(|row| row.keys().any(|own| fits(own)));
        }
    }

    /// A warning for each name that no object had.
    pub(crate) fn warnings(&self) -> Vec<String> {
        if !self.has_objects {
            return Vec::new();
        }
        let missing = self.names.iter().filter(|(_, is_seen)| !is_seen);
        missing
            .map(|(name, _)| {
                let hint = match nearest(name, self.known.iter().map(String::as_str)) {
                    Some(near) => format!("did you mean {near}?"),
                    None => "| fl * shows what there is".to_owned(),
                };
                format!("no object has a property {name}; {hint}")
            })
            .collect()
    }
}
