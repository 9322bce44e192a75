//! The files of a rotated log, in the order in which they were written.
//!
//! May touch: nothing (pure).

use std::cmp::Reverse;
use std::collections::HashMap;

use jiff::Timestamp;

/// A file of a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogFile {
    /// Its name, without the folder.
    pub name: String,
    /// When it was written to last.
    pub modified: Timestamp,
}

/// A file with its turn: the highest is the oldest.
type Turn = (Reverse<u64>, LogFile);

/// A rotated log: its name without what rotation adds, and its files, oldest first.
pub fn oldest_first(files: Vec<LogFile>) -> Vec<(String, Vec<LogFile>)> {
    let mut logs: HashMap<String, Vec<Turn>> = HashMap::new();
    for file in files {
        let (base, turn) = rotation(&file.name);
        logs.entry(base).or_default().push((Reverse(turn), file));
    }
    let mut logs: Vec<(String, Vec<Turn>)> = logs.into_iter().collect();
    logs.sort_by(|one, other| one.0.cmp(&other.0));
    let sorted = logs.into_iter().map(|(base, mut turns)| {
        turns.sort_by(|one, other| {
            (one.0, &one.1.modified, &one.1.name).cmp(&(other.0, &other.1.modified, &other.1.name))
        });
        (base, turns.into_iter().map(|(_, file)| file).collect())
    });
    sorted.collect()
}

/// `mail.log.2.gz` is `mail.log`, turn 2; dated files and those with other numbers stand by their dates.
fn rotation(name: &str) -> (String, u64) {
    let bare = name.strip_suffix(".gz").unwrap_or(name);
    let Some((base, end)) = bare.rsplit_once(['.', '-']) else { return (bare.to_owned(), 0) };
    let is_number = !end.is_empty() && end.bytes().all(|byte| byte.is_ascii_digit());
    match end.parse::<u64>() {
        // A date grows with time, a turn shrinks.
        Ok(date) if is_number && end.len() >= 6 => (base.to_owned(), u64::MAX.saturating_sub(date)),
        Ok(turn) if is_number => (base.to_owned(), turn),
        _ => (bare.to_owned(), 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rotated_files_come_oldest_first() {
        let file = |name: &str| LogFile { name: name.to_owned(), modified: Timestamp::UNIX_EPOCH };
        let names = [
            "mail.log",
            "mail.log.2.gz",
            "mail.log.10.gz",
            "mail.log.1",
            "exim-20260102.gz",
            "exim-20251231",
            "exim",
        ];
        let found: Vec<(String, Vec<String>)> = oldest_first(names.iter().map(|name| file(name)).collect())
            .into_iter()
            .map(|(base, files)| (base, files.into_iter().map(|file| file.name).collect()))
            .collect();
        let expected = [
            ("exim", ["exim-20251231", "exim-20260102.gz", "exim"].as_slice()),
            ("mail.log", ["mail.log.10.gz", "mail.log.2.gz", "mail.log.1", "mail.log"].as_slice()),
        ];
        let expected: Vec<(String, Vec<String>)> = expected
            .into_iter()
            .map(|(base, names)| (base.to_owned(), names.iter().map(|name| (*name).to_owned()).collect()))
            .collect();
        assert_eq!(found, expected);
    }
}
