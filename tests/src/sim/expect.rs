//! Compares what a scenario expects with what there is, and shows both where they differ.
//!
//! May touch: nothing (pure).

use super::Fault;

/// Whether `text` begins with what stands before the first `…` and holds what stands behind each, in order.
pub fn begins(text: &str, pattern: &str) -> bool {
    let mut parts = pattern.split('…').map(str::trim);
    let first = parts.next().unwrap_or_default();
    text.strip_prefix(first).is_some_and(|rest| holds_in_order(rest, parts))
}

/// Whether `text` holds every part of `pattern` between `…`, in order.
pub fn holds(text: &str, pattern: &str) -> bool {
    holds_in_order(text, pattern.split('…').map(str::trim))
}

fn holds_in_order<'a>(text: &str, parts: impl Iterator<Item = &'a str>) -> bool {
    let mut rest = text;
    for part in parts.filter(|part| !part.is_empty()) {
        match rest.split_once(part) {
            Some((_, behind)) => rest = behind,
            None => return false,
        }
    }
    true
}

/// Compares a table row by row. All columns are exact but the last of `columns`, which holds what is expected of it;
/// columns that a row leaves out are not compared.
pub fn table(expected: &[String], got: &[Vec<String>], columns: usize) -> Result<(), Fault> {
    let wanted: Vec<Vec<&str>> =
        expected.iter().map(|row| row.splitn(columns, '|').map(str::trim).collect()).collect();
    let same = wanted.len() == got.len()
        && wanted.iter().zip(got).all(|(wanted, got)| row_fits(wanted, got, columns));
    if same {
        return Ok(());
    }
    let mut text = String::from("expected:\n");
    for (at, row) in wanted.iter().enumerate() {
        let fits = got.get(at).is_some_and(|got| row_fits(row, got, columns));
        let mark = if fits { ' ' } else { '-' };
        text += &format!("  {mark} {}\n", row.join(" | "));
    }
    text += "got:\n";
    for (at, row) in got.iter().enumerate() {
        let fits = wanted.get(at).is_some_and(|wanted| row_fits(wanted, row, columns));
        let mark = if fits { ' ' } else { '+' };
        text += &format!("  {mark} {}\n", row.join(" | "));
    }
    if got.is_empty() {
        text += "  (nothing)\n";
    }
    Err(text)
}

fn row_fits(wanted: &[&str], got: &[String], columns: usize) -> bool {
    wanted.iter().enumerate().all(|(at, wanted)| {
        let Some(got) = got.get(at) else { return false };
        if at.saturating_add(1) == columns && columns > 1 { holds(got, wanted) } else { got == wanted }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        let reply = "250-mx1 Hello\n250-SIZE 1\n250 DSN";
        assert!(begins(reply, "250 … SIZE 1 … DSN") && !begins(reply, "250 … DSN … SIZE 1"));
        assert!(!begins("550 5.1.1", "250"));
        assert!(holds("a b c", "a … c") && !holds("a b c", "c … a"));
    }

    #[test]
    fn tables_differ_by_row_and_by_number() {
        let got = vec![vec!["a".to_owned(), "b".to_owned(), "long text".to_owned()]];
        assert!(table(&["a | b | text".to_owned()], &got, 3).is_ok());
        assert!(table(&["a | b".to_owned()], &got, 3).is_ok());
        assert!(table(&["a | c".to_owned()], &got, 3).is_err());
        assert!(table(&[], &got, 3).is_err());
        assert!(table(&["a".to_owned(), "b".to_owned()], &got, 3).is_err());
    }
}
