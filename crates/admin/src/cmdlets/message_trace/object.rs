//! The MessageTrace object: one row per recipient.
//! May touch: nothing (pure).

use serde_json::Value;
use trace::TraceRow;

use super::hops;
use crate::error::CmdletError;
use crate::output::{OutputType, Property, Row};

/// Statuses as programs and as people read them.
pub(crate) const STATUSES: &[(&str, &str)] = &[
    ("GettingStatus", "Getting status"),
    ("Pending", "Pending"),
    ("Delivered", "Delivered"),
    ("Expanded", "Expanded"),
    ("Resolved", "Resolved"),
    ("Failed", "Failed"),
    ("Quarantined", "Quarantined"),
    ("FilteredAsSpam", "Filtered as spam"),
    ("Recalled", "Recalled"),
];

/// Stages as programs and as people read them.
pub(crate) const STAGES: &[(&str, &str)] = &[
    ("NotReceived", "Not received"),
    ("Received", "Received"),
    ("Processed", "Processed"),
    ("Delivered", "Delivered"),
    ("HandedOn", "Handed on"),
    ("NotDelivered", "Not delivered"),
];

/// What `Get-MessageTrace` puts out.
pub(crate) const OUTPUT: OutputType = OutputType {
    name: "MessageTrace",
    properties: &[
        Property::text("MessageTraceId").whole(),
        Property::text("NetworkMessageId"),
        Property::text("MessageId"),
        Property::instant("Received"),
        Property::text("InternalMessageId"),
        Property::text("SenderAddress").left_out(3),
        Property::text("FromAddress"),
        Property::text("RecipientAddress"),
        Property::text("FinalRecipientAddress"),
        Property::words("FinalStatus", STATUSES),
        Property::text("Subject").left_out(2),
        Property::words("Status", STATUSES).whole(),
        Property::number("Size"),
        Property::text("FromIP"),
        Property::text("ToIP"),
        Property::text("Direction"),
        Property::text("Folder"),
        Property::text("Server"),
        Property::text("Place"),
        Property::words("Stage", STAGES),
        Property::sentence("Detail").left_out(1),
        Property::drawn("Hops", hops::draw),
    ],
    settings: None,
    table: &[
        "Received",
        "SenderAddress",
        "RecipientAddress",
        "Subject",
        "Status",
        "Detail",
        "MessageTraceId",
    ],
};

/// One row, with the property names the trace gives it.
///
/// # Errors
/// `Internal` when the row cannot be written as JSON.
pub(crate) fn row(found: &TraceRow) -> Result<Row, CmdletError> {
    match serde_json::to_value(found) {
        Ok(Value::Object(mut row)) => {
            // A refused attempt may have had none of them yet; what is absent is null.
            for name in ["SenderAddress", "RecipientAddress", "Subject"] {
                if row.get(name).and_then(Value::as_str) == Some("") {
                    row.insert(name.to_owned(), Value::Null);
                }
            }
            Ok(row)
        }
        Ok(_) => Err(CmdletError::internal("a row of the trace cannot be shown", "it is no object")),
        Err(error) => Err(CmdletError::internal("a row of the trace cannot be shown", error)),
    }
}

#[cfg(test)]
mod tests {
    use trace::{Stage, Status};

    use super::*;

    #[test]
    fn people_read_the_words_of_the_trace() {
        let statuses: Vec<_> = Status::ALL.iter().map(|status| (status.as_str(), status.label())).collect();
        assert_eq!(STATUSES, statuses);
        use Stage::{Delivered, HandedOn, NotDelivered, NotReceived, Processed, Received};
        let stages = [NotReceived, Received, Processed, Delivered, HandedOn, NotDelivered];
        let words: Vec<_> = STAGES.iter().map(|(word, _)| *word).collect();
        assert_eq!(words, stages.map(Stage::as_str));
    }
}
