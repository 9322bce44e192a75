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
    let mut before: Option<&Row> = None;
    for row in rows {
        let is_new = |name: &&&str| {
            let is_of_all = shown.output.property(name).is_some_and(|property| property.is_of_all);
            !is_of_all || before.is_none_or(|before| before.get(**name) != row.get(**name))
        };
        let own: Vec<&str> = names.iter().filter(is_new).copied().collect();
        if before.is_some() && !own.is_empty() {
            text.push('\n');
        }
        before = Some(row);
        for name in &own {
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

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;
    use serde_json::json;

    use super::*;
    use crate::output::{OutputType, Property};

    #[test]
    fn what_is_said_of_all_rows_stands_with_the_first() {
        const OUTPUT: OutputType = OutputType {
            name: "Event",
            properties: &[Property::text("Event"), Property::text("Cause").of_all()],
            settings: None,
            table: &[],
        };
        let row = |event: &str, cause: &str| {
            json!({ "Event": event, "Cause": cause }).as_object().cloned().unwrap()
        };
        let rows = [row("Receive", "full"), row("Fail", "full"), row("Fail", "gone")];
        let reader = Reader { zone: TimeZone::UTC, width: None };
        let text = write(&Shown { output: &OUTPUT, chosen: None }, &rows, &reader);
        assert_eq!(text, "Event : Receive\nCause : full\n\nEvent : Fail\n\nEvent : Fail\nCause : gone\n");
        let chosen = ["Cause".to_owned()];
        let text = write(&Shown { output: &OUTPUT, chosen: Some(&chosen) }, &rows, &reader);
        assert_eq!(text, "Cause : full\n\nCause : gone\n");
    }
}
