//! The JSON answer to a call: `{value, count, sources, gaps, next, warnings, notes}` or `{error: {code, message}}`.
//! May touch: nothing (pure).

use serde_json::{Map, Value, json};

use crate::error::{CmdletError, Plan};
use crate::output::{Output, Shape, SourceState};
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
