//! Results as people and programs read them: table, list, JSON, CSV.
//! May touch: nothing (pure).

mod cell;
pub(crate) mod csv;
pub(crate) mod json;
mod list;
mod table;

use jiff::tz::TimeZone;

use crate::cmdlet::Cmdlet;
use crate::output::{Output, OutputType, Shape};

pub(crate) use cell::printable;

/// A format of results.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Columns, in the reader's zone.
    Table,
    /// One property a line, in the reader's zone.
    List,
    /// JSON, UTC.
    Json,
    /// CSV, UTC.
    Csv,
}

impl Format {
    /// The format of that name, whatever its case.
    pub fn read(name: &str) -> Option<Format> {
        [("table", Format::Table), ("list", Format::List), ("json", Format::Json), ("csv", Format::Csv)]
            .into_iter()
            .find(|(word, _)| word.eq_ignore_ascii_case(name))
            .map(|(_, format)| format)
    }

    /// The format of a cmdlet when none is named: the table, or the list where it has no columns.
    pub fn default_of(cmdlet: &Cmdlet) -> Format {
        if cmdlet.output.table.is_empty() { Format::List } else { Format::Table }
    }
}

/// Who reads.
#[derive(Debug, Clone)]
pub struct Reader {
    /// The zone of times in tables and lists.
    pub zone: TimeZone,
    /// The columns of the terminal; `None` when it is not a terminal, so that nothing is cut.
    pub width: Option<usize>,
}

/// The text of a result, ending in a line feed unless it is empty.
pub fn write(cmdlet: &Cmdlet, output: &Output, format: Format, reader: &Reader) -> String {
    match format {
        Format::Json => json::write(output),
        _ if output.shape == Shape::Nothing => String::new(),
        Format::Csv => csv::write(&Shown::of(cmdlet), &output.rows),
        Format::List => list::write(&Shown::of(cmdlet), &output.rows, reader),
        Format::Table => table::write(&Shown::of(cmdlet), &output.rows, reader),
    }
}

/// What is shown of rows.
pub(crate) struct Shown<'a> {
    /// The properties that were declared, for times, numbers and wordings.
    pub(crate) output: &'a OutputType,
    /// The properties shown, where somebody chose.
    pub(crate) chosen: Option<&'a [String]>,
}

impl Shown<'_> {
    fn of(cmdlet: &Cmdlet) -> Shown<'_> {
        Shown { output: &cmdlet.output, chosen: None }
    }
}

/// The text of rows as a list or table.
pub(crate) fn write_rows(
    shown: &Shown<'_>,
    rows: &[crate::output::Row],
    format: Format,
    reader: &Reader,
) -> String {
    match format {
        Format::Table => table::write(shown, rows, reader),
        _ => list::write(shown, rows, reader),
    }
}

/// The property names of rows: those chosen, else declared ones first, in their order, if any row has them.
fn names<'a>(shown: &Shown<'a>, rows: &'a [crate::output::Row]) -> Vec<&'a str> {
    if let Some(chosen) = shown.chosen {
        return chosen.iter().map(String::as_str).collect();
    }
    let mut names: Vec<&str> = Vec::new();
    for property in shown.output.all() {
        let present = rows.iter().find_map(|row| row.get_key_value(property.name));
        names.extend(present.map(|(name, _)| name.as_str()));
    }
    for name in rows.iter().take(1).flat_map(|row| row.keys()) {
        if !names.contains(&name.as_str()) {
            names.push(name);
        }
    }
    names
}
