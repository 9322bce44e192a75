//! The end of a pipeline: the screen or a file.
//! May touch: the terminal it is given.

use jiff::tz::TimeZone;
use serde_json::Value;

use super::chunk::{About, Chunk};
use super::compare;
use super::convert::CsvLines;
use super::names::{self, Watched};
use super::plan::{File, Layout, Sink};
use super::step::refuse_too_many;
use crate::cmdlet::Cmdlet;
use crate::error::CmdletError;
use crate::output::{Row, grouped};
use crate::shell::Terminal;
use crate::view::{self, Format, Reader, Shown, csv};

/// The mark spreadsheets know UTF-8 by.
const MARK: &str = "\u{feff}";

/// Writes what arrives; tables when all of it is there, the rest at once.
pub(crate) struct Drain {
    sink: Sink,
    zone: TimeZone,
    about: Option<About>,
    rows: Vec<Row>,
    lines: CsvLines,
    count: u64,
    is_begun: bool,
    watched: Option<Watched>,
}

impl Drain {
    pub(crate) fn new(sink: Sink, zone: TimeZone) -> Drain {
        let watched = match &sink {
            Sink::Show { layout: Some(layout), .. } => {
                Some(Watched::new(layout.names.iter().map(String::as_str)))
            }
            _ => None,
        };
        let lines = CsvLines::new(match &sink {
            Sink::Csv { delimiter, .. } => *delimiter,
            _ => csv::COMMA,
        });
        Drain { sink, zone, about: None, rows: Vec::new(), lines, count: 0, is_begun: false, watched }
    }

    /// The last cmdlet's zone decides how times are shown.
    pub(crate) fn set_zone(&mut self, zone: TimeZone) {
        self.zone = zone;
    }

    /// Whether the cmdlet's own notes are of interest: where its objects are shown as they are.
    pub(crate) fn is_shown(&self) -> bool {
        matches!(self.sink, Sink::Show { file: None, .. })
    }

    /// Whether nothing is to be seen at all.
    pub(crate) fn is_null(&self) -> bool {
        matches!(self.sink, Sink::Null)
    }

    /// Whether what is shown is for people: a table or list.
    pub(crate) fn is_read(&self) -> bool {
        match &self.sink {
            Sink::Show { layout, file: None } => {
                layout.as_ref().is_none_or(|layout| matches!(layout.format, Format::Table | Format::List))
            }
            _ => false,
        }
    }

    /// Whether objects of this cmdlet are shown as a table.
    pub(crate) fn is_table(&self, cmdlet: &Cmdlet) -> bool {
        let format = |layout: &Layout| layout.format;
        match &self.sink {
            Sink::Show { layout, file: None } => {
                layout.as_ref().map_or_else(|| Format::default_of(cmdlet), format) == Format::Table
            }
            _ => false,
        }
    }

    pub(crate) fn take(&mut self, chunk: Chunk, terminal: &mut dyn Terminal) -> Result<(), CmdletError> {
        self.count += chunk.items.len() as u64;
        if let Some(watched) = &mut self.watched {
            watched.see(&chunk);
        }
        match self.sink.clone() {
            Sink::Null => Ok(()),
            Sink::Csv { path, has_mark, .. } => {
                let mut text = self.lines.lines(&chunk).concat();
                if has_mark && !self.is_begun {
                    text.insert_str(0, MARK);
                }
                self.write_file(&File { path, is_appended: false }, &text, terminal)
            }
            Sink::Show { layout, file } => self.show(chunk, layout.as_ref(), file.as_ref(), terminal),
        }
    }

    /// Writes what waited for the end, and what the user should know.
    pub(crate) fn finish(&mut self, terminal: &mut dyn Terminal) -> Result<(), CmdletError> {
        match self.sink.clone() {
            Sink::Show { layout, file } => {
                let text = self.table(layout.as_ref(), file.is_some(), terminal);
                if !text.is_empty() || (file.is_some() && !self.is_begun) {
                    self.write(&text, file.as_ref(), terminal)?;
                }
            }
            Sink::Csv { path, .. } => {
                if !self.is_begun {
                    self.write_file(&File { path: path.clone(), is_appended: false }, "", terminal)?;
                }
                let noun = if self.count == 1 { "object" } else { "objects" };
                terminal.err(&format!("{} {noun} written to {path}\n", grouped(self.count)));
            }
            Sink::Null => {}
        }
        for warning in self.watched.iter().flat_map(Watched::warnings) {
            terminal.err(&format!("WARNING: {warning}\n"));
        }
        Ok(())
    }

    fn show(
        &mut self,
        chunk: Chunk,
        layout: Option<&Layout>,
        file: Option<&File>,
        terminal: &mut dyn Terminal,
    ) -> Result<(), CmdletError> {
        let format = layout.map_or(chunk.about.format, |layout| layout.format);
        if format == Format::Csv {
            let text = self.lines.lines(&chunk).concat();
            return self.write(&text, file, terminal);
        }
        let mut rows = Vec::new();
        let mut text = String::new();
        for item in chunk.items {
            match item {
                Value::Object(row) => rows.push(row),
                Value::Null => {}
                single => {
                    text.push_str(&view::printable(&compare::text(&single), true));
                    text.push('\n');
                }
            }
        }
        if !text.is_empty() {
            self.write(&text, file, terminal)?;
        }
        let chosen = chosen(&chunk.about, layout, rows.first());
        match format {
            Format::List => {
                let reader = self.reader(file.is_some(), terminal);
                let shown = Shown { output: chunk.about.output, chosen: chosen.as_deref() };
                let mut text = view::write_rows(&shown, &rows, Format::List, &reader);
                if !text.is_empty() && self.about.is_some() {
                    text.insert(0, '\n');
                }
                if !rows.is_empty() {
                    self.about.get_or_insert(chunk.about);
                    self.write(&text, file, terminal)?;
                }
                return Ok(());
            }
            Format::Table => {
                // What the table will not show is not kept.
                let columns: Vec<&str> = match &chosen {
                    Some(chosen) => chosen.iter().map(String::as_str).collect(),
                    None => {
                        let apart = chunk.about.output.all().filter(|property| property.tells_apart);
                        let table = chunk.about.output.table.iter().copied();
                        table.chain(apart.map(|property| property.name)).collect()
                    }
                };
                let is_all = chosen.is_none() && chunk.about.output.table.is_empty();
                if !(is_all || columns.is_empty()) {
                    rows.iter_mut().for_each(|row| row.retain(|name, _| columns.contains(&name.as_str())));
                }
            }
            Format::Json | Format::Csv => {}
        }
        refuse_too_many(self.rows.len().saturating_add(rows.len()), "what is shown")?;
        self.about.get_or_insert(chunk.about);
        self.rows.append(&mut rows);
        Ok(())
    }

    /// The text of the rows that were kept.
    fn table(&mut self, layout: Option<&Layout>, is_file: bool, terminal: &mut dyn Terminal) -> String {
        let rows = std::mem::take(&mut self.rows);
        if layout.is_some_and(|layout| layout.format == Format::Json) {
            let items: Value = rows.into_iter().map(Value::Object).collect();
            return format!("{items:#}\n");
        }
        let Some(about) = &self.about else { return String::new() };
        let chosen = chosen(about, layout, rows.first());
        let shown = Shown { output: about.output, chosen: chosen.as_deref() };
        view::write_rows(&shown, &rows, Format::Table, &self.reader(is_file, terminal))
    }

    fn reader(&self, is_file: bool, terminal: &mut dyn Terminal) -> Reader {
        Reader { zone: self.zone.clone(), width: if is_file { None } else { terminal.width() } }
    }

    fn write(
        &mut self,
        text: &str,
        file: Option<&File>,
        terminal: &mut dyn Terminal,
    ) -> Result<(), CmdletError> {
        match file {
            None => {
                terminal.out(text.as_bytes());
                Ok(())
            }
            Some(file) => self.write_file(file, text, terminal),
        }
    }

    fn write_file(
        &mut self,
        file: &File,
        text: &str,
        terminal: &mut dyn Terminal,
    ) -> Result<(), CmdletError> {
        let is_begun = std::mem::replace(&mut self.is_begun, true);
        let written = if is_begun || file.is_appended {
            terminal.append_file(&file.path, text.as_bytes())
        } else {
            terminal.write_file(&file.path, text.as_bytes())
        };
        written.map_err(CmdletError::Invalid)
    }
}

/// The properties that somebody named: behind Format-*, or with Select-Object.
fn chosen(about: &About, layout: Option<&Layout>, first: Option<&Row>) -> Option<Vec<String>> {
    let named = layout.filter(|layout| !layout.names.is_empty());
    match (named, first) {
        (Some(layout), Some(row)) => {
            let mut all: Row = row.clone();
            for property in about.output.all() {
                all.entry(property.name).or_insert(Value::Null);
            }
            Some(names::expand(&layout.names, &all))
        }
        (Some(layout), None) => Some(layout.names.clone()),
        // `fl *` of selected properties shows those selected.
        (None, _) => about.columns.as_ref().map(|columns| columns.as_ref().clone()),
    }
}
