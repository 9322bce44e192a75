//! One line of a Postfix log: what it is about, and its fields.
//!
//! May touch: nothing (pure).

use memchr::memmem;

/// A line about a message in the queue, or about one refused before it had a place there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum About<'a> {
    /// `QUEUEID: rest`.
    Queue(&'a str, &'a str),
    /// `NOQUEUE: rest`.
    NoQueue(&'a str),
    /// Neither.
    Nothing,
}

/// Splits the queue id off.
pub(crate) fn about(text: &str) -> About<'_> {
    let Some(at) = memchr::memchr(b':', text.as_bytes()) else { return About::Nothing };
    let (Some(head), Some(rest)) = (text.get(..at), text.get(at.saturating_add(2)..)) else {
        return About::Nothing;
    };
    if is_queue_id(head) {
        About::Queue(head, rest)
    } else if head == "NOQUEUE" {
        About::NoQueue(rest)
    } else {
        About::Nothing
    }
}

/// Short ids are hexadecimal; long ones have no vowels, which no other first word of a line is without.
pub(crate) fn is_queue_id(word: &str) -> bool {
    let bytes = word.as_bytes();
    if !(5..=30).contains(&bytes.len()) {
        return false;
    }
    is_short(word)
        || (bytes.len() >= 11
            && bytes.contains(&b'z')
            && bytes.iter().all(|b| b.is_ascii_alphanumeric() && !b"AEIOUaeiou".contains(b)))
}

/// Whether an id may come again: short ones name a file and a fraction of a second only.
pub(crate) fn is_short(word: &str) -> bool {
    word.bytes().all(|b| b.is_ascii_digit() || (b'A'..=b'F').contains(&b))
}

/// A value in angle brackets after `name=<`; addresses may hold `>` within quotes, so the end is `>,` or the end.
pub(crate) fn bracketed<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let rest = value_start(text, name)?.strip_prefix('<')?;
    let end = memmem::find(rest.as_bytes(), b">,")
        .or_else(|| memmem::find(rest.as_bytes(), b"> "))
        .or_else(|| memchr::memrchr(b'>', rest.as_bytes()))?;
    rest.get(..end)
}

/// A value after `name=` up to the next comma.
pub(crate) fn plain<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let rest = value_start(text, name)?;
    let end = memchr::memchr2(b',', b' ', rest.as_bytes()).unwrap_or(rest.len());
    rest.get(..end)
}

/// What stands after `name=`, which begins the text or follows a blank.
fn value_start<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let mut from = 0;
    loop {
        let rest = text.get(from..)?;
        let at = memmem::find(rest.as_bytes(), name.as_bytes())?;
        let place = from.checked_add(at)?;
        let after = text.get(place.checked_add(name.len())?..)?;
        let begins = place == 0 || text.as_bytes().get(place.wrapping_sub(1)) == Some(&b' ');
        if begins && let Some(value) = after.strip_prefix('=') {
            return Some(value);
        }
        from = place.checked_add(1)?;
    }
}

/// A delivery agent's line about one recipient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct DeliveryLine<'a> {
    pub(crate) to: &'a str,
    pub(crate) original: Option<&'a str>,
    pub(crate) relay: &'a str,
    pub(crate) dsn: &'a str,
    pub(crate) status: &'a str,
    /// What stands in the parentheses.
    pub(crate) text: &'a str,
}

/// `to=<a>, orig_to=<b>, relay=h[ip]:25, …, dsn=2.0.0, status=sent (text)`.
pub(crate) fn delivery(rest: &str) -> Option<DeliveryLine<'_>> {
    let (to, mut left) = in_brackets(rest.strip_prefix("to=<")?)?;
    let mut line = DeliveryLine { to, original: None, relay: "", dsn: "", status: "", text: "" };
    // At most a dozen fields stand before the status.
    for _ in 0..24 {
        left = left.strip_prefix(", ")?;
        if let Some(value) = left.strip_prefix("orig_to=<") {
            let (original, after) = in_brackets(value)?;
            (line.original, left) = (Some(original), after);
            continue;
        }
        if let Some(value) = left.strip_prefix("status=") {
            let (status, text) = value.split_once(" (").unwrap_or((value, ""));
            line.status = status;
            line.text = text.strip_suffix(')').unwrap_or(text);
            return Some(line);
        }
        let end = memchr::memchr(b',', left.as_bytes())?;
        let (field, after) = left.split_at_checked(end)?;
        if let Some(relay) = field.strip_prefix("relay=") {
            line.relay = relay;
        } else if let Some(dsn) = field.strip_prefix("dsn=") {
            line.dsn = dsn;
        }
        left = after;
    }
    None
}

/// The text up to `>,`, and what follows the bracket.
fn in_brackets(text: &str) -> Option<(&str, &str)> {
    let mut from = 0;
    while let Some(at) = memchr::memchr(b'>', text.as_bytes().get(from..)?) {
        let end = from.checked_add(at)?;
        let after = text.get(end.checked_add(1)?..)?;
        if after.starts_with(',') || after.is_empty() {
            return Some((text.get(..end)?, after));
        }
        from = end.checked_add(1)?;
    }
    None
}

/// A refusal: `reject: RCPT from host[ip]: 554 5.7.1 <a>: Relay access denied; from=<s> to=<a> proto=ESMTP helo=<h>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RefusalLine<'a> {
    /// `reject`, `milter-reject`, `hold`, `discard`, …
    pub(crate) verb: &'a str,
    /// `RCPT`, `END-OF-MESSAGE`, `header Subject: …`.
    pub(crate) stage: &'a str,
    pub(crate) client: &'a str,
    pub(crate) reply: &'a str,
    pub(crate) from: Option<&'a str>,
    pub(crate) to: Option<&'a str>,
    pub(crate) helo: Option<&'a str>,
    /// Who had signed in.
    pub(crate) account: Option<&'a str>,
}

pub(crate) fn refusal(rest: &str) -> Option<RefusalLine<'_>> {
    const VERBS: [&str; 12] = [
        "reject",
        "milter-reject",
        "hold",
        "milter-hold",
        "discard",
        "milter-discard",
        "reject_warning",
        "warn",
        "filter",
        "redirect",
        "info",
        "permit",
    ];
    let (verb, rest) = rest.split_once(": ")?;
    if !VERBS.contains(&verb) {
        return None;
    }
    // Header and body checks quote the header, which may hold anything: the client stands before the last "; from=".
    let (head, envelope) = match memmem::rfind(rest.as_bytes(), b"; from=<") {
        Some(at) => (rest.get(..at)?, rest.get(at.checked_add(2)?..)?),
        None => (rest, ""),
    };
    let (stage, after) = head.rsplit_once(" from ").unwrap_or((head, ""));
    let (stage, after) = match head.split_once(" from ") {
        Some((first, rest)) if !first.contains(": ") => (first, rest),
        _ => (stage, after),
    };
    // After the client, which ends with `]` or `]:port`, comes the reply.
    let (client, reply) = after.split_once(": ").unwrap_or((after, ""));
    // Header checks put the reply behind the envelope.
    let reply =
        if reply.is_empty() { envelope.rsplit_once(">: ").map_or("", |(_, reply)| reply) } else { reply };
    Some(RefusalLine {
        verb,
        stage,
        client,
        reply,
        from: bracketed(envelope, "from"),
        to: bracketed(envelope, "to"),
        helo: bracketed(envelope, "helo"),
        account: bracketed(envelope, "sasl_username"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queue_ids() {
        for id in ["4C1F2", "0123456789AB", "4ZQ1Xk2Lz3z7Bt", "3QW8pS4Ryqz1kB"] {
            assert!(is_queue_id(id), "{id}");
        }
        for word in ["warning", "statistics", "NOQUEUE", "connect", "4C1", "Anonymous TLS", "fatal"] {
            assert!(!is_queue_id(word), "{word}");
        }
        assert!(is_short("4C1F2") && !is_short("4ZQ1Xk2Lz3z7Bt"));
    }

    #[test]
    fn delivery_lines() {
        let line = delivery(
            "to=<a@b.example>, orig_to=<\"x,>y\"@b.example>, relay=mx.b.example[192.0.2.9]:25, conn_use=2, delay=0.4, delays=0.1/0/0.1/0.2, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 4C1F2)",
        )
        .unwrap();
        assert_eq!((line.to, line.original), ("a@b.example", Some("\"x,>y\"@b.example")));
        assert_eq!((line.relay, line.dsn, line.status), ("mx.b.example[192.0.2.9]:25", "2.0.0", "sent"));
        assert_eq!(line.text, "250 2.0.0 Ok: queued as 4C1F2");
        assert_eq!(delivery("to=<a@b.example>, relay=none"), None);
        assert_eq!(delivery("from=<a@b.example>, size=1"), None);
    }

    #[test]
    fn refusal_lines() {
        let line = refusal("reject: RCPT from c.example[192.0.2.1]: 554 5.7.1 <r@x.example>: Relay access denied; from=<s@c.example> to=<r@x.example> proto=ESMTP helo=<c.example>").unwrap();
        assert_eq!((line.stage, line.client), ("RCPT", "c.example[192.0.2.1]"));
        assert_eq!(line.reply, "554 5.7.1 <r@x.example>: Relay access denied");
        assert_eq!(
            (line.from, line.to, line.helo),
            (Some("s@c.example"), Some("r@x.example"), Some("c.example"))
        );
        let line = refusal("reject: header Subject: buy from me; from=<z> now from c.example[192.0.2.1]; from=<s@c.example> to=<r@x.example> proto=ESMTP helo=<c>: 5.7.1 no").unwrap();
        assert_eq!((line.verb, line.client), ("reject", "c.example[192.0.2.1]"));
        assert_eq!((line.to, line.reply), (Some("r@x.example"), "5.7.1 no"));
        assert_eq!(refusal("client=c.example[192.0.2.1]"), None);
    }

    #[test]
    fn fields() {
        let text = "from=<a@b.example>, size=2048, nrcpt=3 (queue active)";
        assert_eq!(
            (bracketed(text, "from"), plain(text, "size"), plain(text, "nrcpt")),
            (Some("a@b.example"), Some("2048"), Some("3"))
        );
        assert_eq!(bracketed("from=<>, size=1", "from"), Some(""));
        assert_eq!(plain("xsize=1", "size"), None);
    }
}
