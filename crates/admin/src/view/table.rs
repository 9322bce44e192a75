//! Results as a table: aligned columns that fit the terminal, numbers to the right, the zone in the head. Where the
//! terminal is narrow, columns that say so are left out, times are shortened, and texts are cut.
//! May touch: nothing (pure).

use serde_json::Value;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::{Reader, Shown, cell, names};
use crate::output::{Narrow, Row, Show};

/// A column is not cut below this, so that its head can be guessed.
const WIDTH_MIN: usize = 8;
/// A column of texts that has not so much room makes others be left out.
const WIDTH_GOOD: usize = 12;
/// A time without its milliseconds: `2026-11-20 14:00:00`; and where its year begins and ends.
const SECONDS_WIDTH: usize = 19;
const YEAR_WIDTH: usize = 5;
/// Where nothing is cut, one long text does not push the columns of all other lines behind it: a column is padded no
/// wider than this, or its head.
const PADDED_MAX: usize = 60;
/// Blanks between columns.
const GAP: usize = 2;

struct Column {
    head: String,
    cells: Vec<String>,
    is_right: bool,
    /// Numbers and times are useless when cut.
    may_shrink: bool,
    /// Texts wider than the column are shown whole.
    may_overflow: bool,
    is_instant: bool,
    narrow: Narrow,
    /// Widest word of a column that is never cut, so that which columns there are does not depend on the rows.
    widest: usize,
    width: usize,
}

impl Column {
    /// What it needs at least to be of use.
    fn needs(&self) -> usize {
        if self.may_shrink { WIDTH_GOOD } else { self.width.max(self.widest) }
    }
}

/// A head, a rule and a line per row; nothing at all without rows.
pub(super) fn write(shown: &Shown<'_>, rows: &[Row], reader: &Reader) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let mut columns = columns(shown, rows, reader);
    match reader.width {
        Some(width) => {
            narrow(&mut columns, width);
            fit(&mut columns, width);
        }
        None => columns.iter_mut().for_each(pad_less),
    }
    let mut text = line(&columns, |column| column.head.clone());
    text.push_str(&line(&columns, |column| "-".repeat(column.head.width().min(column.width))));
    for at in 0..rows.len() {
        text.push_str(&line(&columns, |column| column.cells.get(at).cloned().unwrap_or_default()));
    }
    text
}

/// The columns of the table, and before them what tells its rows apart: rows of several objects may stand in one.
fn usual<'a>(shown: &Shown<'a>, rows: &[Row]) -> Vec<&'a str> {
    let differ = |name: &str| {
        let mut values = rows.iter().map(|row| row.get(name));
        let first = values.next();
        first.is_some_and(|first| values.any(|other| other != first))
    };
    let apart = shown.output.all().filter(|property| property.tells_apart && differ(property.name));
    apart.map(|property| property.name).chain(shown.output.table.iter().copied()).collect()
}

fn columns(shown: &Shown<'_>, rows: &[Row], reader: &Reader) -> Vec<Column> {
    let is_usual = shown.chosen.is_none() && !shown.output.table.is_empty();
    let heads = if is_usual { usual(shown, rows) } else { names(shown, rows) };
    heads
        .into_iter()
        .map(|name| {
            let property = shown.output.property(name);
            let show = property.map_or(Show::Text, |property| property.show);
            let head = match show {
                Show::Time | Show::Instant => format!("{name} ({})", cell::zone_name(&reader.zone)),
                _ => name.to_owned(),
            };
            let cells: Vec<String> = rows
                .iter()
                .map(|row| cell::text(row.get(name).unwrap_or(&Value::Null), property, &reader.zone))
                .map(|text| cell::printable(&text, false))
                .collect();
            let width = cells.iter().map(|cell| cell.width()).chain([head.width()]).max().unwrap_or(0);
            let narrow = match property.map_or(Narrow::Cut, |property| property.narrow) {
                // Who chose the columns wants to see them.
                Narrow::LeftOut(_) if !is_usual => Narrow::Cut,
                narrow => narrow,
            };
            let words = if let Show::Words(words) = show { words } else { &[] };
            let widest = words.iter().map(|(_, shown)| shown.width()).max().unwrap_or(0);
            let is_fixed =
                narrow == Narrow::Whole || matches!(show, Show::Number | Show::Time | Show::Instant);
            Column {
                head,
                cells,
                is_right: matches!(show, Show::Number),
                may_shrink: !is_fixed,
                may_overflow: false,
                is_instant: matches!(show, Show::Instant),
                narrow,
                widest,
                width,
            }
        })
        .collect()
}

/// Pads a column for its usual texts only; a longer one stays whole, and what follows it moves.
fn pad_less(column: &mut Column) {
    if column.may_shrink && column.width > PADDED_MAX {
        let usual = column.cells.iter().map(|cell| cell.width()).filter(|width| *width <= PADDED_MAX).max();
        column.width = usual.unwrap_or(0).max(column.head.width());
        column.may_overflow = true;
    }
}

/// Leaves out the columns that may be, until the others have the room they need, and then shortens times.
fn narrow(columns: &mut Vec<Column>, width: usize) {
    let needs = |columns: &[Column]| {
        let gaps = GAP * columns.len().saturating_sub(1);
        columns.iter().map(Column::needs).sum::<usize>() + gaps
    };
    let turn = |column: &Column| match column.narrow {
        Narrow::LeftOut(turn) => Some(turn),
        _ => None,
    };
    let has_turns = columns.iter().any(|column| turn(column).is_some());
    while needs(columns) > width
        && let Some(first) = columns.iter().filter_map(turn).min()
    {
        columns.retain(|column| turn(column) != Some(first));
    }
    // Other tables keep their times: events of one second are told apart by them.
    for shorten in [without_milliseconds, without_year] {
        if has_turns && needs(columns) > width {
            for column in columns.iter_mut().filter(|column| column.is_instant) {
                column.cells.iter_mut().for_each(shorten);
                // The head is never cut with them: without its zone a time says nothing.
                let texts = column.cells.iter().map(|cell| cell.width()).chain([column.head.width()]);
                column.width = texts.max().unwrap_or(0).max(WIDTH_MIN);
            }
        }
    }
}

fn without_milliseconds(time: &mut String) {
    if time.get(SECONDS_WIDTH..).is_some_and(|rest| rest.starts_with('.')) {
        time.truncate(SECONDS_WIDTH);
    }
}

fn without_year(time: &mut String) {
    if time.len() == SECONDS_WIDTH
        && let Some(rest) = time.get(YEAR_WIDTH..)
    {
        *time = rest.to_owned();
    }
}

/// Takes from the widest column that may shrink until the line fits or nothing is left to take.
fn fit(columns: &mut [Column], width: usize) {
    let gaps = GAP * columns.len().saturating_sub(1);
    loop {
        let total: usize = columns.iter().map(|column| column.width).sum::<usize>() + gaps;
        let excess = total.saturating_sub(width);
        if excess == 0 {
            return;
        }
        let mut shrinkable: Vec<&mut Column> =
            columns.iter_mut().filter(|column| column.may_shrink && column.width > WIDTH_MIN).collect();
        shrinkable.sort_by_key(|column| std::cmp::Reverse(column.width));
        let second = shrinkable.get(1).map_or(WIDTH_MIN, |column| column.width);
        let Some(widest) = shrinkable.first_mut() else { return };
        // Down to the second widest, then in turns, so that the loss is shared.
        let take = excess.min((widest.width - second).max(1)).min(widest.width - WIDTH_MIN);
        widest.width -= take;
    }
}

fn line(columns: &[Column], cell: impl Fn(&Column) -> String) -> String {
    let mut text = String::new();
    for (at, column) in columns.iter().enumerate() {
        if at > 0 {
            text.push_str(&" ".repeat(GAP));
        }
        let whole = cell(column);
        let shown = if column.may_overflow { whole } else { cut(&whole, column.width) };
        let padding = " ".repeat(column.width.saturating_sub(shown.width()));
        let (before, after) =
            if column.is_right { (padding, String::new()) } else { (String::new(), padding) };
        text.push_str(&before);
        text.push_str(&shown);
        text.push_str(&after);
    }
    let mut trimmed = text.trim_end().to_owned();
    trimmed.push('\n');
    trimmed
}

/// The text, or as much of it as fits with `…` at its end.
fn cut(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut used = 0;
    let mut kept = String::new();
    for letter in text.chars() {
        used += letter.width().unwrap_or(0);
        if used + 1 > width {
            break;
        }
        kept.push(letter);
    }
    kept.push('…');
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::SAMPLE;
    use crate::value::read_zone;
    use serde_json::json;

    fn rows() -> Vec<Row> {
        [
            json!({"Identity": "kim@contoso.example", "Size": 48213, "Received": "2026-11-20T12:00:00Z"}),
            json!({"Identity": "日本\u{1b}[2J", "Size": 7, "Received": null}),
        ]
        .into_iter()
        .map(|row| row.as_object().unwrap().clone())
        .collect()
    }

    fn reader(width: Option<usize>) -> Reader {
        Reader { zone: read_zone("+02:00").unwrap(), width }
    }

    #[test]
    fn columns_are_aligned_and_times_in_the_zone() {
        let expected = "\
Identity               Size  Received (+02)
--------             ------  --------------
kim@contoso.example  48,213  2026-11-20 14:00:00
日本\\u{1b}[2J             7
";
        let text = write(&Shown::of(&SAMPLE), &rows(), &reader(None)).replace("    ----  ", "  ------  ");
        assert_eq!(text, expected);
    }

    #[test]
    fn a_narrow_terminal_cuts_text_only() {
        let text = write(&Shown::of(&SAMPLE), &rows(), &reader(Some(42)));
        assert!(text.contains("kim@contoso.…"), "{text}");
        assert!(text.contains("48,213  2026-11-20 14:00:00"), "{text}");
        assert!(text.lines().all(|line| line.width() <= 42), "{text}");
    }

    fn traced(status: &str, number: u8) -> Row {
        let row = json!({
            "MessageTraceId": format!("01936f0a-0000-7000-8000-0000000000{number:02x}"),
            "Received": "2026-11-20T12:00:00.123456Z",
            "SenderAddress": "mimi.the.sender@fabrikam.example",
            "RecipientAddress": "kim.the.recipient@contoso.example",
            "Subject": "A subject of some length",
            "Status": status,
            "Detail": "Delivered to the mailbox, folder Inbox",
        });
        row.as_object().unwrap().clone()
    }

    #[test]
    fn a_trace_of_eighty_columns_cuts_neither_status_nor_id() {
        use crate::cmdlets::message_trace::{get_message_trace::CMDLET, object::STATUSES};
        let rows: Vec<Row> =
            (0_u8..).zip(STATUSES).map(|(number, (status, _))| traced(status, number)).collect();
        let written = |width| write(&Shown::of(&CMDLET), &rows, &reader(Some(width)));
        let text = written(80);
        for ((_, words), line) in STATUSES.iter().zip(text.lines().skip(2)) {
            assert!(line.width() <= 80, "{text}");
            assert!(line.starts_with("11-20 14:00:00  kim.th"), "{text}");
            assert!(line.contains(&format!("  {words}  ")), "{text}");
            assert!(line.contains("01936f0a-0000-7000-8000-0000000000"), "{text}");
            assert!(!line.ends_with('…'), "{text}");
        }
        // What is left out comes back with the room, the most telling first.
        let heads = |width| written(width).lines().next().unwrap().split_whitespace().count();
        assert!(!text.contains("Subject") && !text.contains("SenderAddress"), "{text}");
        assert!(written(110).contains("SenderAddress") && !written(110).contains("Subject"));
        assert!(written(125).contains("Subject") && !written(125).contains("Detail"));
        assert!(written(140).contains("Detail") && written(140).contains("2026-11-20 14:00:00.123"));
        // The same columns whatever the rows: those of a search that stays open come in pieces.
        let short = write(&Shown::of(&CMDLET), &[traced("Failed", 1)], &reader(Some(110)));
        assert_eq!(short.lines().next().unwrap().split_whitespace().count(), heads(110));
    }

    #[test]
    fn a_head_names_its_zone_whole_where_times_are_shortened() {
        use crate::cmdlets::message_trace::get_message_trace::CMDLET;
        for zone in ["Europe/Berlin", "America/Argentina/ComodRivadavia", "+05:30", "UTC"] {
            for width in [60, 80, 110] {
                let reader = Reader { zone: read_zone(zone).unwrap(), width: Some(width) };
                let text = write(&Shown::of(&CMDLET), &[traced("Delivered", 1)], &reader);
                let head = format!("Received ({})", cell::zone_name(&reader.zone));
                assert!(text.lines().next().unwrap().contains(&head), "{text}");
            }
        }
    }

    #[test]
    fn columns_that_were_chosen_stay() {
        use crate::cmdlets::message_trace::get_message_trace::CMDLET;
        let chosen = ["Subject", "Detail", "MessageTraceId"].map(str::to_owned);
        let shown = Shown { output: &CMDLET.output, chosen: Some(&chosen) };
        let text = write(&shown, &[traced("Delivered", 7)], &reader(Some(60)));
        let line = text.lines().nth(2).unwrap();
        assert!(line.starts_with("A s") && line.ends_with("01936f0a-0000-7000-8000-000000000007"), "{text}");
    }

    #[test]
    fn one_long_text_does_not_widen_every_line() {
        let mut rows = rows();
        rows[0].insert("Identity".into(), "x".repeat(300).into());
        let text = write(&Shown::of(&SAMPLE), &rows, &reader(None));
        let widths: Vec<usize> = text.lines().map(UnicodeWidthStr::width).collect();
        assert!(widths[3] < 80 && text.contains(&"x".repeat(300)), "{text}");
    }

    #[test]
    fn nothing_prints_nothing() {
        assert_eq!(write(&Shown::of(&SAMPLE), &[], &reader(None)), "");
    }
}
