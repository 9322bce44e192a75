//! What another server's reply or reason tells: its own id of the message, its host, the cause as data.
//!
//! May touch: nothing (pure).

use events::Reason;
use memchr::memmem;

/// Longest id kept, in octets.
const ID_BYTES_MAX: usize = 128;

/// The id a server gave a message it took, and its host where it says so.
///
/// Knows `queued as X` (Postfix), `[InternalId=…, Hostname=…]` (Exchange and we), `id=X` (Exim), and
/// `X Message accepted for delivery` (Sendmail, PoD).
pub(crate) fn remote_id(reply: &str) -> (Option<&str>, Option<&str>) {
    if let Some(id) = after(reply, "InternalId=") {
        return (Some(id), after(reply, "Hostname="));
    }
    if let Some(id) = after(reply, "queued as ").or_else(|| after(reply, " id=")) {
        return (Some(id), None);
    }
    let accepted = memmem::find(reply.as_bytes(), b" Message accepted for delivery");
    let id = accepted.and_then(|at| reply.get(..at)?.rsplit(' ').next());
    (id.and_then(word), None)
}

/// The word that follows `mark`.
fn after<'a>(text: &'a str, mark: &str) -> Option<&'a str> {
    let at = memmem::find(text.as_bytes(), mark.as_bytes())?;
    word(text.get(at.checked_add(mark.len())?..)?)
}

fn word(text: &str) -> Option<&str> {
    let word = text.split([' ', '\n', ',', ';', ']', ')', '>', '"']).next()?;
    let word = word.trim_matches(['<', '.', '"', '\'']);
    (!word.is_empty() && word.len() <= ID_BYTES_MAX).then_some(word)
}

/// Words of causes, in lower case, the surest first.
const CAUSES: &[(&str, Reason)] = &[
    ("connection refused", Reason::ConnectionRefused),
    ("connection timed out", Reason::ConnectionTimedOut),
    ("timed out", Reason::ConnectionTimedOut),
    ("lost connection", Reason::ConnectionDropped),
    ("connection reset", Reason::ConnectionDropped),
    ("mail for ", Reason::RoutesToSelf),
    ("does not accept mail", Reason::NullMx),
    ("nullmx", Reason::NullMx),
    ("host not found, try again", Reason::DnsTemporary),
    ("host or domain name not found", Reason::DnsNxDomain),
    ("unrouteable address", Reason::DnsNxDomain),
    ("host unknown", Reason::DnsNxDomain),
    ("too many hops", Reason::HopCount),
    ("cannot start tls", Reason::TlsFailed),
    ("tls is required", Reason::TlsFailed),
    ("server certificate not", Reason::TlsFailed),
    ("sasl authentication failed", Reason::AuthFailed),
];

/// The cause of a deferral or failure on this side of the connection; a remote reply is a cause by its code.
pub(crate) fn reason(text: &str) -> Option<Reason> {
    if let Some(code) = said(text) {
        return match code {
            b'4' => Some(Reason::RemoteTransient),
            b'5' => Some(Reason::RemotePermanent),
            _ => None,
        };
    }
    let lower = text.to_ascii_lowercase();
    if lower.contains("mail for ") && !lower.contains("loops back") {
        return CAUSES
            .iter()
            .filter(|(_, reason)| *reason != Reason::RoutesToSelf)
            .find_map(|(words, reason)| lower.contains(words).then_some(*reason));
    }
    CAUSES.iter().find_map(|(words, reason)| lower.contains(words).then_some(*reason))
}

/// The first digit of what the remote server said: `host x[ip] said: 550 …`.
fn said(text: &str) -> Option<u8> {
    let at = memmem::find(text.as_bytes(), b" said: ")?;
    text.as_bytes().get(at.checked_add(7)?).copied().filter(u8::is_ascii_digit)
}

/// The reply itself, where the text quotes one.
pub(crate) fn quoted(text: &str) -> Option<&str> {
    let at = memmem::find(text.as_bytes(), b" said: ")?;
    text.get(at.checked_add(7)?..)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_found_in_replies() {
        for (reply, id, host) in [
            ("250 2.0.0 Ok: queued as 4ZQ1Xk2Lz", Some("4ZQ1Xk2Lz"), None),
            (
                "250 2.6.0 <a@b> [InternalId=7, Hostname=mx1.contoso.example] Queued",
                Some("7"),
                Some("mx1.contoso.example"),
            ),
            ("250 OK id=1rXabc-000001-2B", Some("1rXabc-000001-2B"), None),
            ("250 2.0.0 41BFx0ab012345 Message accepted for delivery", Some("41BFx0ab012345"), None),
            ("250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as 3F2", Some("3F2"), None),
            ("250 OK", None, None),
            ("queued as ", None, None),
        ] {
            assert_eq!(remote_id(reply), (id, host), "{reply}");
        }
    }

    #[test]
    fn causes_are_told_apart() {
        for (text, cause) in [
            (
                "host a[192.0.2.1] said: 451 4.7.1 Try again later (in reply to RCPT TO command)",
                Some(Reason::RemoteTransient),
            ),
            ("host a[192.0.2.1] said: 550 5.1.1 connection refused", Some(Reason::RemotePermanent)),
            ("connect to a[192.0.2.1]:25: Connection refused", Some(Reason::ConnectionRefused)),
            ("mail for contoso.example loops back to myself", Some(Reason::RoutesToSelf)),
            ("mail for contoso.example: Connection timed out", Some(Reason::ConnectionTimedOut)),
            (
                "Host or domain name not found. Name service error for name=a type=MX: Host not found, try again",
                Some(Reason::DnsTemporary),
            ),
            ("something else", None),
        ] {
            assert_eq!(reason(text), cause, "{text}");
        }
    }
}
