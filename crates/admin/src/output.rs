//! What a cmdlet hands back, and the names and kinds of the properties in it.
//! May touch: nothing (pure).

use bytes::Bytes;
use serde_json::{Map, Value};

use crate::settings::Settings;

/// One object of a result: property name to value, in the order they are shown.
pub type Row = Map<String, Value>;

/// How a property is shown to people; JSON is the same for all.
#[derive(Debug, Clone, Copy)]
pub enum Show {
    /// As it is.
    Text,
    /// Right-aligned, with thousands separated.
    Number,
    /// A UTC time in JSON, in the zone of the reader in a table.
    Time,
    /// The same to the millisecond, where the order of what happened counts.
    Instant,
    /// A word in JSON, words in a table: `FilteredAsSpam` and `Filtered as spam`.
    Words(&'static [(&'static str, &'static str)]),
    /// Text with times of our own in it, which people read in their zone.
    Sentence,
    /// Drawn by a function, times in the zone of the reader.
    Drawn(fn(&Value, &jiff::tz::TimeZone) -> String),
}

/// One property of a cmdlet's output.
#[derive(Debug, Clone, Copy)]
pub struct Property {
    /// The name, in Microsoft's spelling.
    pub name: &'static str,
    /// How people see it.
    pub show: Show,
    /// What becomes of its column where the terminal is narrow.
    pub narrow: Narrow,
    /// Whether rows one behind the other mostly have the same: a list then says it once, of the first.
    pub is_of_all: bool,
    /// Whether a table shows it, before its columns, where its rows differ in it: it tells whose line is whose.
    pub tells_apart: bool,
}

/// What becomes of a column for which there is no room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Narrow {
    /// Long texts are cut.
    Cut,
    /// It is never cut.
    Whole,
    /// It is left out, the one with the lowest number first; the list shows it.
    LeftOut(u8),
}

impl Property {
    /// The same as something said of all rows together.
    #[must_use]
    pub const fn of_all(self) -> Property {
        Property { is_of_all: true, ..self }
    }

    /// The same, in a table where rows differ in it.
    #[must_use]
    pub const fn telling_apart(self) -> Property {
        Property { tells_apart: true, ..self }
    }

    /// A property shown as it is.
    pub const fn text(name: &'static str) -> Property {
        Property { name, show: Show::Text, narrow: Narrow::Cut, is_of_all: false, tells_apart: false }
    }

    /// A number.
    pub const fn number(name: &'static str) -> Property {
        Property { name, show: Show::Number, narrow: Narrow::Cut, is_of_all: false, tells_apart: false }
    }

    /// A point in time.
    pub const fn time(name: &'static str) -> Property {
        Property { name, show: Show::Time, narrow: Narrow::Cut, is_of_all: false, tells_apart: false }
    }

    /// Text with times of our own in it.
    pub const fn sentence(name: &'static str) -> Property {
        Property { name, show: Show::Sentence, narrow: Narrow::Cut, is_of_all: false, tells_apart: false }
    }

    /// A point in time to the millisecond.
    pub const fn instant(name: &'static str) -> Property {
        Property { name, show: Show::Instant, narrow: Narrow::Cut, is_of_all: false, tells_apart: false }
    }

    /// A word with a wording for people.
    pub const fn words(name: &'static str, words: &'static [(&'static str, &'static str)]) -> Property {
        Property { name, show: Show::Words(words), narrow: Narrow::Cut, is_of_all: false, tells_apart: false }
    }

    /// A value of several parts that people read as a drawing.
    pub const fn drawn(name: &'static str, draw: fn(&Value, &jiff::tz::TimeZone) -> String) -> Property {
        Property { name, show: Show::Drawn(draw), narrow: Narrow::Cut, is_of_all: false, tells_apart: false }
    }

    /// The same, never cut.
    pub const fn whole(self) -> Property {
        Property { narrow: Narrow::Whole, ..self }
    }

    /// The same, left out where there is no room for it, the lowest number first.
    pub const fn left_out(self, turn: u8) -> Property {
        Property { narrow: Narrow::LeftOut(turn), ..self }
    }
}

/// What a cmdlet puts out.
#[derive(Debug, Clone, Copy)]
pub struct OutputType {
    /// The name of the object, such as `Mailbox`.
    pub name: &'static str,
    /// Every property a row may hold.
    pub properties: &'static [Property],
    /// The settings of the directory that are properties too.
    pub settings: Option<fn() -> &'static Settings>,
    /// The columns of the table; none means that the default format is the list.
    pub table: &'static [&'static str],
}

impl OutputType {
    /// Nothing is put out.
    pub const NONE: OutputType = OutputType { name: "None", properties: &[], settings: None, table: &[] };

    /// Every property, those of settings last.
    pub fn all(&self) -> impl Iterator<Item = &'static Property> + use<> {
        let settings = self.settings.map(|settings| settings().properties.as_slice()).unwrap_or_default();
        self.properties.iter().chain(settings)
    }

    /// The property of that name, whatever its case.
    pub fn property(&self, name: &str) -> Option<&'static Property> {
        self.all().find(|property| property.name.eq_ignore_ascii_case(name))
    }
}

/// Whether a result is a list or one object; decides about `[` in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Any number of rows: `Get-`, `Search-`, `Test-`.
    List,
    /// Exactly one row: `New-`, `Set-`, `Add-`.
    Object,
    /// No row: `Remove-` and actions.
    Nothing,
}

/// A place that was asked for rows, and until when what it knows is complete.
#[derive(Debug, Clone)]
pub struct SourceState(pub Value);

/// The result of a cmdlet.
#[derive(Debug, Clone)]
pub struct Output {
    /// The objects.
    pub rows: Vec<Row>,
    /// List, one object, or nothing.
    pub shape: Shape,
    /// How many rows there are in all; the rows may be fewer. `None` when nobody counted.
    pub count: Option<u64>,
    /// Where the rows come from.
    pub sources: Vec<SourceState>,
    /// Intervals for which something is missing.
    pub gaps: Vec<Value>,
    /// Where the next portion starts.
    pub next: Option<String>,
    /// What the administrator must know, `WARNING: …` on standard error.
    pub warnings: Vec<String>,
    /// What the administrator may want to know, such as the interval as understood.
    pub notes: Vec<String>,
    /// Raw bytes for `-Path`; when set, the rows are not printed, and `count` is of the lines in them.
    pub binary: Option<Bytes>,
    /// What the audit log keeps beside the parameters: of what the bytes are.
    pub looked_at: Option<Value>,
    /// What the audit log has as number of rows, where it is another than of those shown.
    pub audited_rows: Option<u64>,
    /// Whose mail is told of beside the rows, for the audit log.
    pub also_about: Vec<String>,
    /// How many more that is than are named.
    pub about_beyond: Beyond,
}

/// How many people there are beside those whose addresses are at hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beyond {
    /// So many.
    Exactly(usize),
    /// So many, and others that were not counted.
    MoreThan(usize),
}

impl Output {
    fn of(rows: Vec<Row>, shape: Shape) -> Output {
        Output {
            rows,
            shape,
            count: None,
            sources: Vec::new(),
            gaps: Vec::new(),
            next: None,
            warnings: Vec::new(),
            notes: Vec::new(),
            binary: None,
            looked_at: None,
            audited_rows: None,
            also_about: Vec::new(),
            about_beyond: Beyond::Exactly(0),
        }
    }

    /// A complete list.
    pub fn list(rows: Vec<Row>) -> Output {
        let count = rows.len() as u64;
        Output { count: Some(count), ..Output::of(rows, Shape::List) }
    }

    /// The first rows of `total`; warns when there are more than are shown.
    pub fn part_of(rows: Vec<Row>, total: u64) -> Output {
        let mut output = Output { count: Some(total), ..Output::of(rows, Shape::List) };
        let shown = output.rows.len() as u64;
        if shown < total {
            output.warnings.push(format!("{} of {} shown", grouped(shown), grouped(total)));
        }
        output
    }

    /// One object.
    pub fn object(row: Row) -> Output {
        Output { count: Some(1), ..Output::of(vec![row], Shape::Object) }
    }

    /// Nothing to show.
    pub fn nothing() -> Output {
        Output::of(Vec::new(), Shape::Nothing)
    }

    /// Raw bytes for `-Path`.
    pub fn binary(bytes: Bytes) -> Output {
        Output { binary: Some(bytes), ..Output::nothing() }
    }

    /// The same with one more note.
    pub fn with_note(mut self, note: impl Into<String>) -> Output {
        self.notes.push(note.into());
        self
    }

    /// The same with one more warning.
    pub fn with_warning(mut self, warning: impl Into<String>) -> Output {
        self.warnings.push(warning.into());
        self
    }
}

/// A number with its thousands separated: `48,213`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_separated() {
        for (number, text) in
            [(0, "0"), (999, "999"), (1000, "1,000"), (48_213, "48,213"), (1_234_567, "1,234,567")]
        {
            assert_eq!(grouped(number), text);
        }
    }

    #[test]
    fn a_part_warns_and_a_whole_does_not() {
        let rows = vec![Row::new(); 2];
        assert_eq!(Output::part_of(rows.clone(), 48_213).warnings, vec!["2 of 48,213 shown"]);
        assert!(Output::part_of(rows, 2).warnings.is_empty());
    }
}
