//! One line of an Exim main log: time, message, sign, address and fields.
//!
//! May touch: nothing (pure).

use std::net::IpAddr;

use jiff::Timestamp;

use super::syslog_time::LogClock;

/// Splits the time off: `2026-11-22 03:57:31`, with a fraction, a zone, and the process in brackets where logged.
pub(crate) fn time<'a>(line: &'a str, clock: &mut LogClock) -> Option<(Timestamp, &'a str)> {
    let (date, rest) = line.split_once(' ')?;
    let looks_right = date.len() == 10 && date.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    if !looks_right {
        return None;
    }
    let (time, mut rest) = rest.split_once(' ')?;
    let zone = rest.get(..5).filter(|zone| {
        zone.starts_with(['+', '-'])
            && zone.bytes().skip(1).all(|b| b.is_ascii_digit())
            && rest.as_bytes().get(5) == Some(&b' ')
    });
    let at = match zone {
        Some(zone) => {
            rest = rest.get(6..)?;
            clock.zoned(&format!("{date}T{time}{}:{}", zone.get(..3)?, zone.get(3..)?))?
        }
        None => clock.local(date, time)?,
    };
    if let Some((process, after)) = rest.split_once("] ")
        && process.strip_prefix('[').is_some_and(|id| id.bytes().all(|b| b.is_ascii_digit()))
    {
        rest = after;
    }
    Some((at, rest))
}

/// Whether a word is a message id: `1rXabc-000001-2B`, since 4.97 `1rXabc-00000000abc-2Bcd`.
pub(crate) fn is_message_id(word: &str) -> bool {
    let mut parts = word.split('-').map(|part| (part.len(), part.bytes().all(|b| b.is_ascii_alphanumeric())));
    let shape = (parts.next(), parts.next(), parts.next(), parts.next());
    matches!(
        shape,
        (Some((6, true)), Some((6, true)), Some((2, true)), None)
            | (Some((6, true)), Some((11, true)), Some((4, true)), None)
    )
}

/// A field `name=value`; a value in quotes ends at the closing one, `H=` goes on to its address.
pub(crate) fn field<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let mut from = 0;
    loop {
        let at = from + text.get(from..)?.find(name)?;
        let after = text.get(at.checked_add(name.len())?..)?;
        let begins = at == 0 || text.as_bytes().get(at.wrapping_sub(1)) == Some(&b' ');
        if begins && let Some(value) = after.strip_prefix('=') {
            return Some(match value.strip_prefix('"') {
                Some(quoted) => quoted_end(quoted),
                None => value.split(' ').next().unwrap_or_default(),
            });
        }
        from = at.checked_add(1)?;
    }
}

fn quoted_end(text: &str) -> &str {
    let mut escaped = false;
    for (at, ch) in text.char_indices() {
        match ch {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return text.get(..at).unwrap_or(text),
            _ => {}
        }
    }
    text
}

/// `H=name (helo) [192.0.2.9]:25`: name, greeting, address.
pub(crate) fn host(text: &str) -> (&str, Option<&str>, Option<IpAddr>) {
    let at = if text.starts_with("H=") { Some(0) } else { text.find(" H=").map(|at| at.saturating_add(1)) };
    let Some(rest) = at.and_then(|at| text.get(at.saturating_add(2)..)) else { return ("", None, None) };
    let (head, tail) = rest.split_once('[').unwrap_or((rest.split(' ').next().unwrap_or_default(), ""));
    let ip = tail.split_once(']').and_then(|(ip, _)| ip.split('%').next()?.parse().ok());
    let helo = head.split_once('(').and_then(|(_, rest)| Some(rest.split_once(')')?.0));
    let name = head.split(['(', ' ']).next().unwrap_or_default().trim();
    (name, helo, ip)
}

/// The address of a delivery line and the one it came from: `a@x <b@y> R=…`.
pub(crate) fn addresses(text: &str) -> Option<(&str, Option<&str>, &str)> {
    let (first, rest) = match text.split_once(' ') {
        Some((first, rest)) => (first, rest),
        None => (text, ""),
    };
    let (first, colon) = match first.strip_suffix(':') {
        Some(bare) if !first.starts_with(':') => (bare, true),
        _ => (first, false),
    };
    if first.is_empty() {
        return None;
    }
    if !colon
        && let Some(inner) = rest.strip_prefix('<')
        && let Some((original, after)) = inner.split_once('>')
    {
        return Some((first, Some(original), after));
    }
    Some((first, None, rest))
}

/// The reply of the other server within a reason, from its code on.
pub(crate) fn remote_reply(text: &str) -> Option<&str> {
    let mut from = 0;
    while let Some(at) = text.get(from..)?.find(": ") {
        let start = from.checked_add(at)?.checked_add(2)?;
        let rest = text.get(start..)?;
        if let [b'4' | b'5', second, third, b' ' | b'-', ..] = rest.as_bytes()
            && second.is_ascii_digit()
            && third.is_ascii_digit()
        {
            return Some(rest);
        }
        from = start;
    }
    None
}
