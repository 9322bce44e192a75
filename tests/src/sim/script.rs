//! Reads a scenario file into steps: a line, and the indented lines under it as its table.
//!
//! May touch: nothing (pure).

use std::time::Duration;

use super::Fault;

/// One line of a scenario with the table under it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Its line number, from 1.
    pub line: usize,
    /// Its text.
    pub text: String,
    /// The indented lines that follow, trimmed.
    pub table: Vec<String>,
}

/// The steps of a file. Empty lines and lines that begin with `#` are for people.
pub fn read(text: &str) -> Result<Vec<Step>, Fault> {
    let mut steps: Vec<Step> = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let line_number = at.saturating_add(1);
        if line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        if line.starts_with("  ") {
            let step =
                steps.last_mut().ok_or_else(|| format!("line {line_number}: a table without a step"))?;
            step.table.push(line.trim().to_owned());
        } else {
            steps.push(Step { line: line_number, text: line.trim_end().to_owned(), table: Vec::new() });
        }
    }
    Ok(steps)
}

/// `90s`, `5m`, `4h`, `2d`, `100ms`, or several of them: `1d 23h`.
pub fn duration(text: &str) -> Result<Duration, Fault> {
    let bad = || format!("\"{text}\" is no time; write 90s, 5m, 4h or 2d");
    let mut total = Duration::ZERO;
    for word in text.split_whitespace() {
        let digits = word.find(|ch: char| !ch.is_ascii_digit()).ok_or_else(bad)?;
        let (number, unit) = word.split_at(digits);
        let number: u64 = number.parse().map_err(|_| bad())?;
        total += match unit {
            "ms" => Duration::from_millis(number),
            "s" => Duration::from_secs(number),
            "m" => Duration::from_secs(number * 60),
            "h" => Duration::from_secs(number * 3_600),
            "d" => Duration::from_secs(number * 86_400),
            _ => return Err(bad()),
        };
    }
    Ok(total)
}

/// `11 MB`, `40 KB`, `500 B` in octets, 1 MB = 1,048,576.
pub fn size(text: &str) -> Result<usize, Fault> {
    let bad = || format!("\"{text}\" is no size; write 11 MB, 40 KB or 500 B");
    let (number, unit) = text.trim().split_once(' ').ok_or_else(bad)?;
    let number: usize = number.parse().map_err(|_| bad())?;
    match unit {
        "B" => Ok(number),
        "KB" => Ok(number * 1_024),
        "MB" => Ok(number * 1_024 * 1_024),
        _ => Err(bad()),
    }
}

/// Text with `\r`, `\n`, `\0`, `\t`, `\\`, `\"` and `\xNN` as octets.
pub fn unescape(text: &str) -> Result<Vec<u8>, Fault> {
    let mut out = Vec::new();
    let mut rest = text.chars();
    while let Some(ch) = rest.next() {
        if ch != '\\' {
            out.extend(ch.to_string().as_bytes());
            continue;
        }
        match rest.next() {
            Some('r') => out.push(b'\r'),
            Some('n') => out.push(b'\n'),
            Some('0') => out.push(0),
            Some('t') => out.push(b'\t'),
            Some(same @ ('\\' | '"')) => out.extend(same.to_string().as_bytes()),
            Some('x') => {
                let hex: String = rest.by_ref().take(2).collect();
                out.push(u8::from_str_radix(&hex, 16).map_err(|_| format!("\\x{hex} is no octet"))?);
            }
            other => return Err(format!("\\{} is no escape", other.map(String::from).unwrap_or_default())),
        }
    }
    Ok(out)
}

/// The words of a command line, split as a POSIX shell does: blanks, single and double quotes.
pub fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    for letter in line.chars() {
        match quote {
            Some(open) if letter == open => quote = None,
            None if letter == '"' || letter == '\'' => {
                quote = Some(letter);
                word.get_or_insert_default();
            }
            None if letter == ' ' => words.extend(word.take()),
            _ => word.get_or_insert_default().push(letter),
        }
    }
    words.extend(word);
    words
}

/// What stands between the first pair of double quotes.
pub fn quoted(text: &str) -> Result<&str, Fault> {
    let bad = || format!("expected a text in \"quotes\": {text}");
    let (_, rest) = text.split_once('"').ok_or_else(bad)?;
    let (inside, _) = rest.rsplit_once('"').ok_or_else(bad)?;
    Ok(inside)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_with_their_tables() {
        let steps = read("# note\n> A b\n\ntrace\n  a | b\n  c\n").unwrap();
        assert_eq!(steps.len(), 2);
        assert_eq!(
            (steps[1].line, steps[1].table.as_slice()),
            (4, ["a | b".to_owned(), "c".to_owned()].as_slice())
        );
        assert!(read("  a\n").is_err());
    }

    #[test]
    fn times_sizes_and_escapes() {
        assert_eq!(duration("1d 1h 1m 1s").unwrap().as_secs(), 90_061);
        assert!(duration("4 h").is_err() && duration("h").is_err());
        assert_eq!(size("2 KB").unwrap(), 2_048);
        assert_eq!(unescape("a\\r\\n\\0\\xff\\\\").unwrap(), b"a\r\n\0\xff\\");
        assert!(unescape("\\q").is_err());
    }

    #[test]
    fn words_as_a_shell_splits_them() {
        assert_eq!(
            words("New-Mailbox 'Kim Jones' -A \"b c\"  d"),
            ["New-Mailbox", "Kim Jones", "-A", "b c", "d"]
        );
    }
}
