//! Holds answers against the document, in tests: as much of JSON Schema as the document uses.
//! May touch: nothing (pure).
//! Standards: JSON Schema 2020-12.

use std::sync::OnceLock;

use serde_json::Value;

use crate::answer;
use crate::cmdlet::Cmdlet;
use crate::output::Output;

/// Deepest nesting looked at.
const DEPTH_MAX: usize = 40;

/// Panics when an answer is not what the document says of the cmdlet.
pub(crate) fn hold(cmdlet: &Cmdlet, output: &Output) {
    static DOCUMENT: OnceLock<Value> = OnceLock::new();
    if output.binary.is_some() {
        return;
    }
    let document = DOCUMENT.get_or_init(super::document);
    let path = format!("/api/v1/cmdlets/{}", cmdlet.name);
    let schema =
        &document["paths"][&path]["post"]["responses"]["200"]["content"]["application/json"]["schema"];
    let mut faults = Vec::new();
    check(document, schema, &answer::success(output), cmdlet.name, DEPTH_MAX, &mut faults);
    faults.sort();
    faults.dedup();
    assert!(faults.is_empty(), "the document is wrong:\n{}", faults.join("\n"));
}

fn check(document: &Value, schema: &Value, value: &Value, at: &str, depth: usize, faults: &mut Vec<String>) {
    let Some(below) = depth.checked_sub(1) else { return };
    if let Some(reference) = schema["$ref"].as_str() {
        let pointer = reference.trim_start_matches('#');
        let named = document.pointer(pointer).unwrap_or_else(|| panic!("{at}: {reference} is not there"));
        return check(document, named, value, at, below, faults);
    }
    if let Some(any) = schema["anyOf"].as_array() {
        let found = any.iter().map(|one| {
            let mut found = Vec::new();
            check(document, one, value, at, below, &mut found);
            found
        });
        // Those of the schema that fits best say most: null fits nothing else.
        let best = found.min_by_key(|found| {
            (found.iter().any(|fault| fault.starts_with(&format!("{at}: "))), found.len())
        });
        faults.extend(best.unwrap_or_default());
        return;
    }
    let kinds: Vec<&str> = match &schema["type"] {
        Value::String(one) => vec![one.as_str()],
        Value::Array(several) => several.iter().filter_map(Value::as_str).collect(),
        _ => return faults.push(format!("{at}: the schema has no type")),
    };
    let kind = kind_of(value);
    let is_allowed = kinds.contains(&kind) || (kind == "integer" && kinds.contains(&"number"));
    if !is_allowed {
        return faults.push(format!("{at}: {kind}, not {kinds:?}: {value}"));
    }
    if let Some(words) = schema["enum"].as_array().filter(|words| !words.contains(value)) {
        faults.push(format!("{at}: {value} is none of {words:?}"));
    }
    for item in value.as_array().into_iter().flatten() {
        check(document, &schema["items"], item, &format!("{at}[]"), below, faults);
    }
    if let Some(object) = value.as_object() {
        for (name, value) in object {
            let at = format!("{at}.{name}");
            match (schema["properties"].get(name), &schema["additionalProperties"]) {
                (Some(schema), _) => check(document, schema, value, &at, below, faults),
                (None, Value::Object(_)) => {
                    check(document, &schema["additionalProperties"], value, &at, below, faults);
                }
                (None, Value::Bool(true)) => {}
                (None, _) => faults.push(format!("{at}: is not in the schema")),
            }
        }
        let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
        faults.extend(
            required
                .filter(|name| !object.contains_key(*name))
                .map(|name| format!("{at}.{name}: is missing")),
        );
    }
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

#[test]
fn what_differs_is_found() {
    let schema = serde_json::json!({
        "type": "object", "required": ["a"], "additionalProperties": false,
        "properties": { "a": { "type": ["number", "null"] }, "b": { "type": "array", "items": { "type": "string" } } },
    });
    for (value, faults) in [
        (serde_json::json!({ "a": 1, "b": ["x"] }), 0),
        (serde_json::json!({ "a": null }), 0),
        (serde_json::json!({ "a": true }), 1),
        (serde_json::json!({ "b": [1, 2] }), 3),
        (serde_json::json!({ "a": 1, "c": 1 }), 1),
        (serde_json::json!([]), 1),
    ] {
        let mut found = Vec::new();
        check(&Value::Null, &schema, &value, "x", DEPTH_MAX, &mut found);
        assert_eq!(found.len(), faults, "{value} {found:?}");
    }
}
