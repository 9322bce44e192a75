//! Rows of a CSV file, whatever the pieces it comes in; a quoted value may run over line ends.
//!
//! May touch: nothing (pure).
//! Standards: RFC 4180 §2.

/// Longest row, in octets; what is longer is given up at its next line end.
const ROW_BYTES_MAX: usize = 16 * 1_024 * 1_024;

/// Puts rows together from lines.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    begun: String,
    open: bool,
}

impl Rows {
    /// The row that this line ends, if it does.
    pub(crate) fn line(&mut self, line: &str) -> Option<String> {
        let quotes = line.bytes().filter(|byte| *byte == b'"').count();
        self.open ^= quotes % 2 == 1;
        if self.begun.len().saturating_add(line.len()) > ROW_BYTES_MAX {
            self.open = false;
        }
        if !self.begun.is_empty() {
            self.begun.push(' ');
        }
        self.begun.push_str(line);
        if self.open { None } else { Some(std::mem::take(&mut self.begun)) }
    }

    /// What is left without its closing quote.
    pub(crate) fn finish(&mut self) -> Option<String> {
        self.open = false;
        Some(std::mem::take(&mut self.begun)).filter(|row| !row.is_empty())
    }
}

/// The values of a row; quotes are taken off, a lone quote inside is kept.
pub(crate) fn values(row: &str) -> Vec<String> {
    let mut values = Vec::new();
    let mut value = String::new();
    let mut letters = row.chars().peekable();
    let mut quoted = false;
    while let Some(ch) = letters.next() {
        match ch {
            '"' if quoted && letters.peek() == Some(&'"') => {
                letters.next();
                value.push('"');
            }
            '"' if quoted => quoted = false,
            '"' if value.is_empty() => quoted = true,
            ',' if !quoted => values.push(std::mem::take(&mut value)),
            _ => value.push(ch),
        }
    }
    values.push(value);
    values
}

/// A column's name with what spellings differ in left out: `origin_timestamp_utc`, `OriginTimestampUtc`.
pub(crate) fn plain_name(name: &str) -> String {
    let kept = name.chars().filter(|ch| ch.is_alphanumeric());
    kept.flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_and_values() {
        let mut rows = Rows::default();
        assert_eq!(rows.line("a,\"b"), None);
        assert_eq!(rows.line("c\",d"), Some("a,\"b c\",d".to_owned()));
        assert_eq!(values("a,\"b \"\"c\"\", d\",,e\"f"), ["a", "b \"c\", d", "", "e\"f"]);
        assert_eq!(rows.line("\"open"), None);
        assert_eq!(rows.finish(), Some("\"open".to_owned()));
        assert_eq!(plain_name("Origin_Timestamp-UTC"), "origintimestamputc");
    }
}
