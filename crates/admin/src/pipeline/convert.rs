//! ConvertTo-Json and ConvertTo-Csv: objects as texts.
//! May touch: nothing (pure).

use serde_json::Value;

use super::chunk::{About, Chunk};
use super::command::Given;
use super::step::{Held, Step};
use crate::error::CmdletError;
use crate::view::csv;

/// One JSON text of all objects.
pub(crate) struct ToJson {
    is_compressed: bool,
    held: Held,
}

impl ToJson {
    pub(crate) fn read(given: &Given) -> ToJson {
        ToJson { is_compressed: given.is_on("Compress"), held: Held::default() }
    }
}

impl Step for ToJson {
    fn push(&mut self, chunk: Chunk) -> Result<Chunk, CmdletError> {
        self.held.keep(chunk, "ConvertTo-Json")
    }

    fn finish(&mut self) -> Result<Option<Chunk>, CmdletError> {
        let mut items = self.held.take().map(|chunk| chunk.items).unwrap_or_default();
        // One object is written without brackets, as in PowerShell.
        let value = match items.pop() {
            None => return Ok(None),
            Some(one) if items.is_empty() => one,
            Some(last) => {
                items.push(last);
                Value::Array(items)
            }
        };
        let text = if self.is_compressed { value.to_string() } else { format!("{value:#}") };
        Ok(Some(Chunk { about: About::plain(), items: vec![text.into()] }))
    }
}

/// The lines of a CSV text; the first object says which columns there are.
pub(crate) struct CsvLines {
    names: Option<Vec<String>>,
    delimiter: char,
}

impl CsvLines {
    /// With this mark between fields.
    pub(crate) fn new(delimiter: char) -> CsvLines {
        CsvLines { names: None, delimiter }
    }

    /// With the mark that -Delimiter names.
    ///
    /// # Errors
    /// `Usage` when it is no single character that can stand between fields.
    pub(crate) fn read(given: &Given, command: &str) -> Result<CsvLines, CmdletError> {
        Ok(CsvLines::new(delimiter(given, command)?))
    }

    /// The lines of a portion, the head before the first, without line ends.
    pub(crate) fn lines(&mut self, chunk: &Chunk) -> Vec<String> {
        let mut lines = Vec::new();
        for item in &chunk.items {
            let value = |name: &str| match item.as_object() {
                Some(row) => row.get(name).cloned().unwrap_or(Value::Null),
                None => item.clone(),
            };
            let names = self.names.get_or_insert_with(|| {
                let names = names(item, chunk);
                lines.push(csv::line_with(self.delimiter, names.iter().cloned()));
                names
            });
            lines.push(csv::line_with(self.delimiter, names.iter().map(|name| csv::field(&value(name)))));
        }
        lines
    }
}

/// The mark that -Delimiter names; a comma unless said otherwise.
///
/// # Errors
/// `Usage` when it is no single character that can stand between fields.
pub(crate) fn delimiter(given: &Given, command: &str) -> Result<char, CmdletError> {
    let Some(text) = given.text("Delimiter") else { return Ok(csv::COMMA) };
    let mut letters = text.chars();
    match (text.as_str(), letters.next(), letters.next()) {
        // As it is typed in PowerShell, and as it is written where a tab cannot be.
        ("`t" | "\\t", ..) => Ok('\t'),
        (_, Some(letter), None) if letter == '\t' || !(letter.is_control() || letter == '"') => Ok(letter),
        _ => Err(CmdletError::Usage(format!(
            "{command} -Delimiter takes one character such as ';', or `t for a tab, not \"{text}\""
        ))),
    }
}

fn names(item: &Value, chunk: &Chunk) -> Vec<String> {
    let Some(row) = item.as_object() else { return vec!["Value".into()] };
    let declared = chunk.about.output.all().map(|property| property.name);
    let mut names: Vec<String> = match &chunk.about.columns {
        Some(columns) => columns.as_ref().clone(),
        None => declared.filter(|name| row.contains_key(*name)).map(str::to_owned).collect(),
    };
    for name in row.keys() {
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
    names
}

impl Step for CsvLines {
    fn push(&mut self, chunk: Chunk) -> Result<Chunk, CmdletError> {
        let lines = self.lines(&chunk);
        let items = lines.into_iter().map(|line| Value::from(line.trim_end_matches(['\r', '\n']))).collect();
        Ok(Chunk { about: About::plain(), items })
    }
}
