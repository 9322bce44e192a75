//! Results as a list: `Name : value`, an empty line between objects.
//! May touch: nothing (pure).

use serde_json::Value;

use super::{Reader, Shown, cell, names};
use crate::output::{Row, Show};

/// One property a line; the zone follows each time.
pub(super) fn write(shown: &Shown<'_>, rows: &[Row], reader: &Reader) -> String {
    let names = names(shown, rows);
    let width = names.iter().map(|name| name.len()).max().unwrap_or(0);
    let zone = cell::zone_name(&reader.zone);
    let mut text = String::new();
    for (at, row) in rows.iter().enumerate() {
        if at > 0 {
            text.push('\n');
        }
        for name in &names {
            let property = shown.output.property(name);
            let mut value = cell::text(row.get(*name).unwrap_or(&Value::Null), property, &reader.zone);
            if !value.is_empty()
                && property.is_some_and(|property| matches!(property.show, Show::Time | Show::Instant))
            {
                value = format!("{value} {zone}");
            }
            let indented = cell::printable(&value, true).replace('\n', &format!("\n{:width$}   ", ""));
            text.push_str(format!("{name:width$} : {indented}").trim_end());
            text.push('\n');
        }
    }
    text
}
