//! What log shippers post: JSON objects each of which holds a line of a log.
//!
//! May touch: nothing (pure).
//! Fluent Bit names the line `log`, Vector `message`; a list, one object a line, or objects alone.

use serde_json::{Map, Value};

use super::super::json_values::{Found, Objects};

/// Members that hold the line, the first that is there.
const LINES: [&str; 2] = ["message", "log"];
/// Members by which a record of a format of its own is known.
const OTHERS: [&str; 4] = ["filter", "sm", "receivedDateTime", "dateTime"];
/// Octets looked at at once for the first object.
const PIECE_BYTES: usize = 4_096;

/// The lines that were shipped, if these are such objects; one that holds none stands there as it is.
pub(super) fn lines(text: &[u8]) -> Option<Vec<u8>> {
    if !text.trim_ascii_start().starts_with(b"{") && !text.trim_ascii_start().starts_with(b"[") {
        return None;
    }
    let first = first(text)?;
    if line_of(&first).is_none() || OTHERS.iter().any(|name| first.contains_key(*name)) {
        return None;
    }
    let (mut objects, mut lines) = (Objects::default(), Vec::new());
    let mut take = |found: Found| {
        let bytes = match found {
            Found::Object(bytes) | Found::TooLong(bytes) | Found::Open(bytes) | Found::Stray(bytes) => bytes,
        };
        match object(&bytes).as_ref().and_then(line_of) {
            // One object is one line, whatever stands in it.
            Some(line) => lines.extend(line.trim_end().bytes().map(in_line)),
            None => lines.extend(bytes.iter().copied().map(in_line)),
        }
        lines.push(b'\n');
    };
    objects.feed(text, &mut take);
    objects.finish(&mut take);
    Some(lines)
}

/// An octet of a line: a line end within it is a blank.
fn in_line(byte: u8) -> u8 {
    if matches!(byte, b'\r' | b'\n') { b' ' } else { byte }
}

/// The first object of a text, if there is any.
fn first(text: &[u8]) -> Option<Map<String, Value>> {
    let (mut objects, mut first) = (Objects::default(), None);
    for piece in text.chunks(PIECE_BYTES) {
        objects.feed(piece, &mut |found| {
            if first.is_none() {
                first = Some(found);
            }
        });
        match first {
            Some(Found::Object(bytes)) => return object(&bytes),
            Some(_) => return None,
            None => {}
        }
    }
    None
}

fn object(bytes: &[u8]) -> Option<Map<String, Value>> {
    serde_json::from_slice(bytes).ok()
}

fn line_of(object: &Map<String, Value>) -> Option<&str> {
    LINES.iter().find_map(|name| object.get(*name)?.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_taken_out_of_what_holds_them() {
        let of = |text: &str| lines(text.as_bytes()).map(|lines| String::from_utf8(lines).unwrap());
        let is = |text: &str, expected: &str| assert_eq!(of(text).as_deref(), Some(expected), "{text}");
        is(r#"[{"date":1.5,"log":"a\n"},{"log":"b"}]"#, "a\nb\n");
        is("{\"message\":\"a\",\"host\":\"x\"}\n{\"message\":\"b\"}\n", "a\nb\n");
        is(" {\"message\":\"a\"}", "a\n");
        is(r#"{"message":"a\r\nb\n"}"#, "a  b\n");
        is("[{\"message\":\"a\"},{\"other\":\n1}]no", "a\n{\"other\": 1}\nno\n");
        for text in ["", "a line", "[]", "{", r#"{"message":1}"#, r#"[{"message":"a","sm":{}}]"#, "{\"a\":1}"]
        {
            assert_eq!(of(text), None, "{text}");
        }
    }
}
