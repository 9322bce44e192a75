//! The sources and gaps of an answer as a table has them above it: the first of many, and how many more there are.
//! May touch: nothing (pure).

use crate::cmdlets::message_trace::completeness::{BETWEEN, MAY_BE_MISSING, SEARCHED};

/// Entries of a list that has more than [`WHOLE_MAX`].
const SHOWN: usize = 5;
/// Entries of a list that is shown as it is: one more line for one entry says less than the entry.
const WHOLE_MAX: usize = trace::search::SOURCES_AT_A_GLANCE;
/// The heads of the lists in the text that stands where nothing was found.
const HEADS: &[&str] = &["Searched, from ", "Records that may be missing:"];

/// Notes with the lists of sources and gaps in them cut; `sources` is the number of sources.
pub(crate) fn notes(notes: Vec<String>, sources: usize) -> Vec<String> {
    let mut cut = Vec::with_capacity(notes.len());
    let mut notes = notes.into_iter().peekable();
    while let Some(note) = notes.next() {
        if !HEADS.iter().any(|head| note.starts_with(head)) {
            cut.push(one_line(note, sources));
            continue;
        }
        cut.push(note);
        let mut items = Vec::new();
        while let Some(item) = notes.next_if(|next| next.starts_with("  ")) {
            items.push(item);
        }
        // The text is sent on to others, who have no table before them.
        cut.extend(first_of(items, |more| format!("  and {more} more")));
    }
    cut
}

/// Warnings of gaps, the first of many; every other one.
pub(crate) fn warnings(warnings: Vec<String>) -> Vec<String> {
    let (gaps, mut others): (Vec<String>, Vec<String>) =
        warnings.into_iter().partition(|warning| warning.contains(MAY_BE_MISSING));
    let mut told = first_of(gaps, |more| more_of(more, "gaps like these"));
    told.append(&mut others);
    told
}

/// `Searched: …` with its first sources. A name that looks like two is left as it is.
fn one_line(note: String, sources: usize) -> String {
    let Some(list) = note.strip_prefix(SEARCHED) else { return note };
    let names: Vec<String> = list.split(BETWEEN).map(str::to_owned).collect();
    if names.len() != sources {
        return note;
    }
    format!("{SEARCHED}{}", first_of(names, |more| more_of(more, "")).join(BETWEEN))
}

fn first_of(mut items: Vec<String>, more: impl Fn(usize) -> String) -> Vec<String> {
    if items.len() > WHOLE_MAX {
        let left = items.len().saturating_sub(SHOWN);
        items.truncate(SHOWN);
        items.push(more(left));
    }
    items
}

fn more_of(more: usize, what: &str) -> String {
    let what = if what.is_empty() { String::new() } else { format!(" {what}") };
    format!("and {more} more{what}; -Format list shows all")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(number: usize, text: impl Fn(usize) -> String) -> Vec<String> {
        (1..=number).map(text).collect()
    }

    #[test]
    fn of_many_sources_the_first_are_named() {
        let note = |number| {
            Vec::from([format!("{SEARCHED}{}", texts(number, |at| format!("gw{at}")).join(BETWEEN))])
        };
        assert_eq!(notes(note(6), 6), note(6));
        assert_eq!(
            notes(note(20), 20),
            ["Searched: gw1; gw2; gw3; gw4; gw5; and 15 more; -Format list shows all"]
        );
        assert_eq!(notes(note(20), 19), note(20), "a name with a semicolon is not torn");
    }

    #[test]
    fn the_text_of_nothing_found_keeps_all_but_the_long_lists() {
        let lines = |number| {
            let mut lines = Vec::from(["No message was found.".to_owned(), "Asked for:".to_owned()]);
            lines.extend(texts(8, |at| format!("  condition {at}")));
            lines.push("Searched, from 2026-11-20 to now:".to_owned());
            lines.extend(texts(number, |at| format!("  gw{at}: no record yet")));
            lines.push("Records that may be missing:".to_owned());
            lines.extend(texts(2, |at| format!("  gw{at}: not read")));
            lines
        };
        assert_eq!(notes(lines(6), 6), lines(6));
        let cut = notes(lines(20), 20);
        assert_eq!(cut.len(), lines(20).len() - 14);
        assert_eq!(cut.get(16).map(String::as_str), Some("  and 15 more"));
        assert!(cut.contains(&"  condition 8".to_owned()) && cut.contains(&"  gw2: not read".to_owned()));
    }

    #[test]
    fn warnings_of_gaps_are_counted_and_others_stay() {
        let gaps = texts(20, |at| format!("rows{MAY_BE_MISSING}gw{at} is not read"));
        let mut all = gaps.clone();
        all.insert(0, "10 of 20 shown".to_owned());
        let told = warnings(all);
        assert_eq!(told.len(), 7);
        assert_eq!(
            told.get(5).map(String::as_str),
            Some("and 15 more gaps like these; -Format list shows all")
        );
        assert_eq!(told.last().map(String::as_str), Some("10 of 20 shown"));
        assert_eq!(warnings(gaps[..6].to_vec()), gaps[..6]);
    }
}
