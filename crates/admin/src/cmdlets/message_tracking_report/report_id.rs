//! The identity of a delivery report: text that names a message, as Exchange writes it, with ours in it.
//! May touch: nothing (pure).

use mail::NetworkMessageId;
use trace::TraceRow;

/// `Message-Id=<…>,Server=…,Internal-Id=…,Sender=…,Network-Message-Id=…`.
pub(super) fn write(row: &TraceRow) -> String {
    let message_id = row.message_id.as_ref().map(ToString::to_string).unwrap_or_default();
    let internal = row.internal_message_id.map(|id| id.to_string()).unwrap_or_default();
    format!(
        "Message-Id={message_id},Server={},Internal-Id={internal},Sender={},Network-Message-Id={}",
        row.server.as_deref().unwrap_or_default(),
        row.sender_address,
        row.network_message_id
    )
}

/// The message of a report id; a bare network message id is one too.
pub(super) fn read(text: &str) -> Option<NetworkMessageId> {
    let part = text.rsplit_once("Network-Message-Id=").map_or(text, |(_, id)| id);
    part.split(',').next()?.trim().parse().ok().map(NetworkMessageId)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_id_names_its_message() {
        let id = "01936f0a-0000-7000-8000-00000000000a";
        let named = Some(NetworkMessageId(id.parse().unwrap()));
        assert_eq!(read(id), named);
        assert_eq!(
            read(&format!(
                "Message-Id=<a,b@x.example>,Server=mx1,Internal-Id=5,Sender=a@x.example,Network-Message-Id={id}"
            )),
            named
        );
        assert_eq!(read("Message-Id=<a@x.example>"), None);
    }
}
