//! What a pasted text says of an id that counts per server, and whether a message that has this id is the one meant.
//!
//! May touch: nothing (pure).
//! An InternalId and a queue id come again on every server: two messages that share one need have nothing else in common.
//! Standards: RFC 3464 §2.2, §2.3 (fields of a report).

use jiff::Timestamp;
use mail::MessageId;

use crate::search::TraceRow;

/// Values kept of one kind.
const VALUES_MAX: usize = 50;

/// What the text says beside an id.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Claims {
    /// First labels of the hosts that gave the id, in lower case.
    pub(super) hosts: Vec<String>,
    /// The Message-IDs of the message.
    pub(super) message_ids: Vec<MessageId>,
    /// Its senders, without angle brackets; empty is the null sender.
    pub(super) senders: Vec<String>,
    /// Its recipients.
    pub(super) recipients: Vec<String>,
}

/// What a report says of the message that its writer could not hand on.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Undelivered {
    /// For whom.
    pub(super) recipients: Vec<String>,
    /// By whom, one of them.
    pub(super) senders: Vec<String>,
    /// When the writer received it.
    pub(super) arrived: Option<Timestamp>,
    /// When it was tried last, or the report was written.
    pub(super) ended: Option<Timestamp>,
    /// The refusal.
    pub(super) diagnostic: Option<String>,
}

/// The first label of a host's name, in lower case; none of an address and of this machine's own name for itself.
pub(super) fn label(host: &str) -> Option<String> {
    let host = host.trim_start_matches('[').trim_end_matches(['.', ']']);
    let is_address = host.parse::<std::net::IpAddr>().is_ok();
    let first = host.split('.').next().unwrap_or_default().to_ascii_lowercase();
    (!is_address && !first.is_empty() && first != "localhost").then_some(first)
}

/// Adds one, each once.
pub(super) fn add<T: PartialEq>(list: &mut Vec<T>, one: T) {
    if list.len() < VALUES_MAX && !list.contains(&one) {
        list.push(one);
    }
}

/// The time of a field, whatever stands behind it in brackets.
pub(super) fn time(value: &str) -> Option<Timestamp> {
    let plain = value.split('(').next().unwrap_or_default().trim();
    jiff::fmt::rfc2822::parse(plain).ok().map(|at| at.timestamp())
}

/// An address without what rewriting put around it (SRS, BATV), in lower case.
fn plain(address: &str) -> String {
    let address = address.trim().trim_start_matches('<').trim_end_matches('>').to_lowercase();
    let Some((local, _)) = address.rsplit_once('@') else { return address };
    if local.starts_with("srs0") || local.starts_with("srs1") {
        let mut parts = local.rsplitn(3, '=');
        if let (Some(name), Some(domain)) = (parts.next(), parts.next()) {
            return format!("{name}@{domain}");
        }
    }
    if local.starts_with("prvs=") || local.starts_with("btv1=") {
        return address.rsplit_once('=').map_or(address.clone(), |(_, own)| own.to_owned());
    }
    address
}

impl Claims {
    /// What a line of a log, or a reply, says of the message of the ids in it.
    pub(super) fn of_line(line: &str) -> Claims {
        let mut claims = Claims::default();
        let lower = line.to_ascii_lowercase();
        for (place, _) in line.match_indices('<') {
            let before = lower.get(..place).unwrap_or_default();
            let Some((inside, behind)) = line.get(place..).and_then(|rest| rest.split_once('>')) else {
                continue;
            };
            let address = inside.trim_start_matches('<').to_owned();
            let is_id = ["message-id=", "message-id: ", "msgid="].iter().any(|mark| before.ends_with(mark))
                || behind.trim_start().to_ascii_lowercase().starts_with("[internalid=");
            if is_id {
                if let Ok(id) = MessageId::parse(&format!("<{address}>")) {
                    add(&mut claims.message_ids, id);
                }
            } else if before.ends_with("from=") || before.ends_with("sender=") {
                add(&mut claims.senders, address);
            } else if before.ends_with("to=") || before.ends_with("recipient=") {
                add(&mut claims.recipients, address);
            }
        }
        claims
    }

    /// The same with a host that gave the id.
    pub(super) fn at(mut self, host: Option<String>) -> Claims {
        if let Some(host) = host {
            add(&mut self.hosts, host);
        }
        self
    }

    /// Takes in what another place of the text says.
    pub(super) fn merge(&mut self, other: &Claims) {
        other.hosts.iter().for_each(|one| add(&mut self.hosts, one.clone()));
        other.message_ids.iter().for_each(|one| add(&mut self.message_ids, one.clone()));
        other.senders.iter().for_each(|one| add(&mut self.senders, one.clone()));
        other.recipients.iter().for_each(|one| add(&mut self.recipients, one.clone()));
    }

    /// What of it the rows of a message contradict; nothing where they agree or the text is silent. `has_message_id`:
    /// whether some place knows the message by a Message-ID of the text, which decides alone; `hosts`: those known to have
    /// given the id, none where that is not known; `is_number`: small numbers are on every server, so that the host must
    /// agree whatever else does.
    pub(super) fn contradicted(
        &self,
        rows: &[&TraceRow],
        has_message_id: bool,
        hosts: &[String],
        is_number: bool,
    ) -> Vec<&'static str> {
        let mut wrong = Vec::new();
        if has_message_id {
            return wrong;
        }
        if !self.message_ids.is_empty() && rows.iter().any(|row| row.message_id.is_some()) {
            wrong.push("Message-ID");
        }
        let senders: Vec<String> = self.senders.iter().map(|one| plain(one)).collect();
        let has_sender = |row: &&TraceRow| {
            let from = row.from_address.as_deref();
            [Some(row.sender_address.as_str()), from]
                .into_iter()
                .flatten()
                .any(|one| senders.contains(&plain(one)))
        };
        let (sent, knows_sender) =
            (rows.iter().any(has_sender), rows.iter().any(|row| !row.sender_address.is_empty()));
        if !senders.is_empty() && knows_sender && !sent {
            wrong.push("sender");
        }
        let recipients: Vec<String> = self.recipients.iter().map(|one| plain(one)).collect();
        let has_recipient = |row: &&TraceRow| {
            let last = row.final_recipient_address.as_deref();
            [Some(row.recipient_address.as_str()), last]
                .into_iter()
                .flatten()
                .any(|one| recipients.contains(&plain(one)))
        };
        let got = rows.iter().any(has_recipient);
        if !recipients.is_empty() && !got {
            wrong.push("recipient");
        }
        let is_borne_out = (sent || got) && wrong.is_empty() && !is_number;
        let is_known = !self.hosts.is_empty() && !hosts.is_empty();
        if is_known && !is_borne_out && !self.hosts.iter().any(|host| hosts.contains(host)) {
            wrong.push("host");
        }
        wrong
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_whose_its_ids_are() {
        let line = "Nov 22 10:38:12 gw postfix/smtp[4711]: 640C13BDF5: to=<kim@contoso.example>, orig_to=<k@contoso.example>, relay=mx1[192.0.2.25]:25, status=sent (250 2.6.0 <m1@fabrikam.example> [InternalId=77, Hostname=mx1.contoso.example] Queued)";
        let claims = Claims::of_line(line);
        assert_eq!(claims.recipients, ["kim@contoso.example", "k@contoso.example"]);
        assert_eq!(claims.message_ids, [MessageId::parse("<m1@fabrikam.example>").unwrap()]);
        let from = Claims::of_line("640C13BDF5: from=<>, size=500, nrcpt=1");
        assert_eq!((from.senders, from.recipients), (vec![String::new()], vec![]));
        // Whoever is named without such a word may be anybody.
        assert_eq!(Claims::of_line("550 5.1.1 <kim@contoso.example>: rejected"), Claims::default());
        assert_eq!(Claims::of_line("<@<<>><"), Claims::default());
    }

    #[test]
    fn addresses_are_compared_without_what_rewriting_put_around_them() {
        for (written, address) in [
            ("SRS0=ab12=XY=fabrikam.example=boss@contoso.example", "boss@fabrikam.example"),
            ("SRS1=cd=a.example==ab12=XY=fabrikam.example=boss@b.example", "boss@fabrikam.example"),
            ("prvs=1234abcdef=boss@fabrikam.example", "boss@fabrikam.example"),
            ("<Boss@Fabrikam.example>", "boss@fabrikam.example"),
            ("<>", ""),
            ("a=b@fabrikam.example", "a=b@fabrikam.example"),
        ] {
            assert_eq!(plain(written), address, "{written}");
        }
    }

    #[test]
    fn hosts_and_times_are_read_as_they_are_written() {
        assert_eq!(label("MX1.contoso.example").as_deref(), Some("mx1"));
        for none in ["192.0.2.1", "localhost", "", "[2001:db8::1]"] {
            assert_eq!(label(none), None, "{none}");
        }
        let at = time("Mon, 23 Nov 2026 03:44:18 +0000 (UTC)").unwrap();
        assert_eq!(at.to_string(), "2026-11-23T03:44:18Z");
    }
}
