//! Results as a list: `Name : value`, an empty line between objects.
//! May touch: nothing (pure).

use serde_json::Value;

use super::{Reader, cell, names};
use crate::cmdlet::Cmdlet;
use crate::output::{Row, Show};

/// One property a line; the zone follows each time.
pub(super) fn write(cmdlet: &Cmdlet, rows: &[Row], reader: &Reader) -> String {
    let names = names(cmdlet, rows);
    let width = names.iter().map(|name| name.len()).max().unwrap_or(0);
    let zone = cell::zone_name(&reader.zone);
    let mut text = String::new();
    for (at, row) in rows.iter().enumerate() {
        if at > 0 {
            text.push('\n');
        }
        for name in &names {
            let property = cmdlet.output.property(name);
            let mut shown = cell::text(row.get(*name).unwrap_or(&Value::Null), property, &reader.zone);
            if !shown.is_empty() && property.is_some_and(|property| matches!(property.show, Show::Time)) {
                shown = format!("{shown} {zone}");
            }
            let indented = cell::printable(&shown, true).replace('\n', &format!("\n{:width$}   ", ""));
            text.push_str(format!("{name:width$} : {indented}").trim_end());
            text.push('\n');
        }
    }
    text
}
