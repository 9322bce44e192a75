//! The JSON answer to a call: `{value, count, sources, gaps, next, warnings, notes}` or `{error: {code, message}}`.
//! May touch: nothing (pure).

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use bytes::Bytes;
use serde_json::{Map, Value, json};

use crate::error::{CmdletError, Plan};
use crate::output::{Beyond, Output, Shape, SourceState};
use crate::view;

/// The body of a success.
pub fn success(output: &Output) -> Value {
    json!({
        "value": view::json::value(output),
        "count": output.count,
        "sources": output.sources.iter().map(|source| source.0.clone()).collect::<Value>(),
        "gaps": output.gaps,
        "next": output.next,
        "warnings": output.warnings,
        "notes": output.notes,
    })
}

/// How many objects are in a binary answer.
const COUNT: HeaderName = HeaderName::from_static("postroom-count");
/// One note of a binary answer.
const NOTE: HeaderName = HeaderName::from_static("postroom-note");
/// One warning of a binary answer.
const WARNING: HeaderName = HeaderName::from_static("postroom-warning");
/// Longest note or warning in a header field, in bytes.
const HEADER_BYTES_MAX: usize = 1_000;
/// Most notes, and most warnings, in the header of a binary answer.
const HEADERS_MAX: usize = 10;

/// What a binary answer says beside its bytes, as header fields: the notes as JSON strings in ASCII.
pub fn headers(output: &Output) -> Vec<(HeaderName, HeaderValue)> {
    let mut headers = Vec::new();
    headers.extend(output.count.map(|count| (COUNT, HeaderValue::from(count))));
    for (name, texts) in [(NOTE, &output.notes), (WARNING, &output.warnings)] {
        let values =
            texts.iter().take(HEADERS_MAX).filter_map(|text| HeaderValue::from_str(&ascii(text)).ok());
        headers.extend(values.map(|value| (name.clone(), value)));
    }
    headers
}

/// Percent-encodes what a header field cannot hold, and the percent sign.
fn ascii(text: &str) -> String {
    let mut coded = String::new();
    for byte in text.bytes() {
        if coded.len() >= HEADER_BYTES_MAX {
            break;
        }
        match byte {
            b' '..=b'~' if byte != b'%' => coded.push(char::from(byte)),
            _ => coded.push_str(&format!("%{byte:02X}")),
        }
    }
    coded
}

/// The other way round.
fn from_ascii(coded: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = coded.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let code = after.get(..2).and_then(|code| std::str::from_utf8(code).ok());
        let byte = code.and_then(|code| u8::from_str_radix(code, 16).ok()).filter(|_| *first == b'%');
        bytes.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { after.get(2..).unwrap_or_default() } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A binary answer as the shell treats it.
pub fn read_binary(body: Bytes, headers: &HeaderMap) -> Output {
    let texts = |name: &HeaderName| -> Vec<String> {
        headers.get_all(name).iter().filter_map(|value| value.to_str().ok()).map(from_ascii).collect()
    };
    let mut output = Output::binary(body);
    output.count = headers.get(&COUNT).and_then(|value| value.to_str().ok()?.parse().ok());
    (output.notes, output.warnings) = (texts(&NOTE), texts(&WARNING));
    output
}

/// The body of a failure. A plan's parts are told apart, so that a program can ask in its own words.
pub fn failure(error: &CmdletError) -> Value {
    let mut parts = json!({ "code": error.code(), "message": error.to_string() });
    if let (CmdletError::ConfirmationRequired(plan), Some(parts)) = (error, parts.as_object_mut()) {
        parts.insert("count".into(), plan.count.into());
        parts.insert("what".into(), plan.what.as_str().into());
    }
    json!({ "error": parts })
}

/// A success as the shell prints it.
pub fn read_success(mut answer: Map<String, Value>) -> Output {
    let texts = |value: Option<&Value>| -> Vec<String> {
        let items = value.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        items.iter().filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let (rows, shape) = match answer.remove("value") {
        Some(Value::Array(items)) => {
            let rows = items.into_iter().filter_map(|item| match item {
                Value::Object(row) => Some(row),
                _ => None,
            });
            (rows.collect(), Shape::List)
        }
        Some(Value::Object(row)) => (vec![row], Shape::Object),
        _ => (Vec::new(), Shape::Nothing),
    };
    let list = |value: Option<&Value>| value.and_then(Value::as_array).cloned().unwrap_or_default();
    Output {
        rows,
        shape,
        count: answer.get("count").and_then(Value::as_u64),
        sources: list(answer.get("sources")).into_iter().map(SourceState).collect(),
        gaps: list(answer.get("gaps")),
        next: answer.get("next").and_then(Value::as_str).map(str::to_owned),
        warnings: texts(answer.get("warnings")),
        notes: texts(answer.get("notes")),
        binary: None,
        looked_at: None,
        audited_rows: None,
        also_about: Vec::new(),
        about_beyond: Beyond::Exactly(0),
    }
}

/// A failure as the shell treats it; an answer we cannot read is an internal one.
pub fn read_failure(answer: &Value) -> CmdletError {
    let part = |name: &str| answer.pointer(&format!("/error/{name}"));
    let message =
        part("message").and_then(Value::as_str).unwrap_or("the server's answer has no message").to_owned();
    match part("code").and_then(Value::as_str).unwrap_or("") {
        "Usage" => CmdletError::Usage(message),
        "ConfirmationRequired" => CmdletError::ConfirmationRequired(Plan {
            count: part("count").and_then(Value::as_u64).unwrap_or(0),
            what: part("what").and_then(Value::as_str).unwrap_or("change something").to_owned(),
        }),
        "Invalid" => CmdletError::Invalid(message),
        "NotFound" => CmdletError::NotFound(message),
        "Conflict" => CmdletError::Conflict(message),
        "Forbidden" | "Unauthorized" => CmdletError::Forbidden(message),
        "Unavailable" => CmdletError::Unavailable(message),
        _ => CmdletError::internal(message, answer),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_success_is_read_as_it_was_written() {
        let mut row = Map::new();
        row.insert("Identity".into(), "kim".into());
        let output = Output::part_of(vec![row], 48_213).with_note("as understood");
        let Value::Object(answer) = success(&output) else { panic!("an object") };
        let again = read_success(answer);
        assert_eq!(again.rows, output.rows);
        assert_eq!((again.shape, again.count), (Shape::List, Some(48_213)));
        assert_eq!((again.warnings, again.notes), (output.warnings, output.notes));
    }

    #[test]
    fn a_binary_answer_keeps_what_it_says() {
        let mut output = Output::binary(Bytes::from_static(b"x")).with_note("2 events → ü%41.log");
        output.count = Some(2);
        output.warnings.push("events may be missing: a\nb".into());
        let headers: HeaderMap = headers(&output).into_iter().collect();
        let again = read_binary(Bytes::from_static(b"x"), &headers);
        assert_eq!((again.count, again.notes, again.warnings), (Some(2), output.notes, output.warnings));
    }

    #[test]
    fn a_failure_keeps_its_kind() {
        let plan = Plan { count: 3, what: "remove three".into() };
        for error in [
            CmdletError::Usage("u".into()),
            CmdletError::ConfirmationRequired(plan),
            CmdletError::Invalid("i".into()),
            CmdletError::NotFound("n".into()),
            CmdletError::Conflict("c".into()),
            CmdletError::Forbidden("f".into()),
            CmdletError::Unavailable("u".into()),
            CmdletError::internal("p", "c"),
        ] {
            let again = read_failure(&failure(&error));
            assert_eq!((again.code(), again.to_string()), (error.code(), error.to_string()));
        }
    }
}
