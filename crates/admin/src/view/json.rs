//! Results as JSON: an array for lists, an object for one, `null` for nothing; times in UTC.
//! May touch: nothing (pure).

use serde_json::Value;

use crate::output::{Output, Shape};

/// The value of a result, as HTTP answers and `-Format json` have it.
pub(crate) fn value(output: &Output) -> Value {
    match output.shape {
        Shape::List => output.rows.iter().cloned().map(Value::Object).collect(),
        Shape::Object => output.rows.first().cloned().map_or(Value::Null, Value::Object),
        Shape::Nothing => Value::Null,
    }
}

/// Indented text.
pub(super) fn write(output: &Output) -> String {
    format!("{:#}\n", value(output))
}
