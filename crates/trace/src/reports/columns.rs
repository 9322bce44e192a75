//! Lines of a report: a head, and values under their columns as CSV or as JSON.
//!
//! May touch: nothing (pure).
//! Standards: RFC 4180 §2.

use super::ReportFormat;

/// The head line; JSON lines have none.
pub(super) fn head(format: ReportFormat, columns: &[&str], out: &mut String) {
    if format == ReportFormat::Csv {
        out.push_str(&columns.join(","));
        out.push_str("\r\n");
    }
}

/// One line. There are as many values as columns.
pub(super) fn line(format: ReportFormat, columns: &[&str], values: &[String], out: &mut String) {
    match format {
        ReportFormat::Csv => {
            for (place, value) in values.iter().enumerate() {
                if place > 0 {
                    out.push(',');
                }
                field(value, out);
            }
            out.push_str("\r\n");
        }
        ReportFormat::JsonLines => {
            out.push('{');
            for (place, (column, value)) in columns.iter().zip(values).enumerate() {
                if place > 0 {
                    out.push(',');
                }
                string(column, out);
                out.push(':');
                string(value, out);
            }
            out.push_str("}\n");
        }
    }
}

/// What a spreadsheet would run instead of showing it: text from outside must not become a formula. A number is none.
#[must_use]
pub fn is_formula(value: &str) -> bool {
    value.starts_with(['=', '+', '-', '@', '\t', '\r']) && value.parse::<f64>().is_err()
}

/// Line ends become blanks, so that line-by-line tools read the file.
fn field(value: &str, out: &mut String) {
    let safe = if is_formula(value) { format!("'{value}") } else { value.to_owned() };
    let value = safe.as_str();
    let is_plain = !value.contains(['"', ',', ';']) && !value.chars().any(char::is_control);
    if is_plain {
        out.push_str(value);
        return;
    }
    out.push('"');
    for letter in value.chars() {
        match letter {
            '"' => out.push_str("\"\""),
            letter if letter.is_control() => out.push(' '),
            letter => out.push(letter),
        }
    }
    out.push('"');
}

fn string(value: &str, out: &mut String) {
    out.push('"');
    for letter in value.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            letter if u32::from(letter) < 0x20 => out.push_str(&format!("\\u{:04x}", u32::from(letter))),
            letter => out.push(letter),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_quoted_where_they_must_be() {
        let values = ["a".to_owned(), "b,\"c\"\r\nd".to_owned(), "Grüße \u{1}\\".to_owned()];
        let columns = ["x", "y", "z"];
        let mut csv = String::new();
        head(ReportFormat::Csv, &columns, &mut csv);
        line(ReportFormat::Csv, &columns, &values, &mut csv);
        assert_eq!(csv, "x,y,z\r\na,\"b,\"\"c\"\"  d\",\"Grüße  \\\"\r\n");
        let mut cells = String::new();
        let values = ["=HYPERLINK(\"http://x\")".to_owned(), "-12.5".to_owned(), "@SUM(1)".to_owned()];
        line(ReportFormat::Csv, &columns, &values, &mut cells);
        assert_eq!(cells, "\"'=HYPERLINK(\"\"http://x\"\")\",-12.5,'@SUM(1)\r\n");
        let values = ["a".to_owned(), "b,\"c\"\r\nd".to_owned(), "Grüße \u{1}\\".to_owned()];
        let mut json = String::new();
        head(ReportFormat::JsonLines, &columns, &mut json);
        line(ReportFormat::JsonLines, &columns, &values, &mut json);
        assert_eq!(json, "{\"x\":\"a\",\"y\":\"b,\\\"c\\\"\\r\\nd\",\"z\":\"Grüße \\u0001\\\\\"}\n");
    }
}
