//! Results as a table: aligned columns that fit the terminal, numbers to the right, the zone in the head.
//! May touch: nothing (pure).

use serde_json::Value;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::{Reader, Shown, cell, names};
use crate::output::{Row, Show};

/// A column is not cut below this, so that its head can be guessed.
const WIDTH_MIN: usize = 8;
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
    width: usize,
}

/// A head, a rule and a line per row; nothing at all without rows.
pub(super) fn write(shown: &Shown<'_>, rows: &[Row], reader: &Reader) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let mut columns = columns(shown, rows, reader);
    match reader.width {
        Some(width) => fit(&mut columns, width),
        None => columns.iter_mut().for_each(pad_less),
    }
    let mut text = line(&columns, |column| column.head.clone());
    text.push_str(&line(&columns, |column| "-".repeat(column.head.width().min(column.width))));
    for at in 0..rows.len() {
        text.push_str(&line(&columns, |column| column.cells.get(at).cloned().unwrap_or_default()));
    }
    text
}

fn columns(shown: &Shown<'_>, rows: &[Row], reader: &Reader) -> Vec<Column> {
    let is_usual = shown.chosen.is_none() && !shown.output.table.is_empty();
    let heads = if is_usual { shown.output.table.to_vec() } else { names(shown, rows) };
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
            let is_fixed = matches!(show, Show::Number | Show::Time | Show::Instant);
            Column {
                head,
                cells,
                is_right: matches!(show, Show::Number),
                may_shrink: !is_fixed,
                may_overflow: false,
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
