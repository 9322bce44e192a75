//! The head of a syslog line: time, host and program, in each of the forms that are in use.
//!
//! May touch: nothing (pure).
//! Standards: RFC 3164 §4.1 (BSD), RFC 5424 §6, RFC 3339 §5.6 (rsyslog's and journald's default).

use jiff::Timestamp;

use super::syslog_time::LogClocks;

/// A line apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SyslogLine<'a> {
    pub(crate) at: Timestamp,
    /// The host as written.
    pub(crate) host: &'a str,
    /// The program with its instance: `postfix/smtpd`, `exim`.
    pub(crate) program: &'a str,
    /// What it says.
    pub(crate) text: &'a str,
}

/// Takes a line apart; `None` if it is in none of the forms.
pub(crate) fn split<'a>(line: &'a str, clocks: &mut LogClocks) -> Option<SyslogLine<'a>> {
    let (line, has_priority) = match line.strip_prefix('<') {
        Some(rest) => {
            let (number, rest) = rest.split_once('>')?;
            let is_number =
                !number.is_empty() && number.len() <= 3 && number.bytes().all(|b| b.is_ascii_digit());
            if !is_number {
                return None;
            }
            (rest, true)
        }
        None => (line, false),
    };
    if let Some(rest) = line.strip_prefix("1 ").filter(|_| has_priority) {
        return structured(rest, clocks);
    }
    let has_year = line.as_bytes().first()?.is_ascii_digit();
    let (time, rest) =
        if has_year { line.split_once(' ')? } else { (line.get(..15)?, line.get(15..)?.strip_prefix(' ')?) };
    let (host, rest) = rest.split_once(' ')?;
    let (tag, text) = rest.split_once(':')?;
    let program = tag.split_once('[').map_or(tag, |(name, _)| name);
    if program.is_empty() || program.contains(' ') {
        return None;
    }
    let clock = clocks.of(host);
    let at = if has_year { clock.zoned(time)? } else { clock.bsd(time)? };
    Some(SyslogLine { at, host, program, text: text.strip_prefix(' ').unwrap_or(text) })
}

/// RFC 5424 after priority and version: time, host, program, process, message id, structured data, text.
fn structured<'a>(line: &'a str, clocks: &mut LogClocks) -> Option<SyslogLine<'a>> {
    let mut parts = line.splitn(6, ' ');
    let (time, host, program) = (parts.next()?, parts.next()?, parts.next()?);
    let (_process, _message_id, rest) = (parts.next()?, parts.next()?, parts.next()?);
    let at = clocks.of(host).zoned(time)?;
    let text = after_data(rest)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    // Some senders repeat the tag of the old form.
    let text = match text.split_once(": ") {
        Some((tag, rest)) if tag.split('[').next() == Some(program) => rest,
        _ => text,
    };
    Some(SyslogLine { at, host, program, text })
}

/// What follows the structured data: `-`, or elements in brackets whose values are quoted.
fn after_data(rest: &str) -> Option<&str> {
    if let Some(text) = rest.strip_prefix('-') {
        return Some(text.strip_prefix(' ').unwrap_or(text));
    }
    let mut quoted = false;
    let mut escaped = false;
    let mut inside = false;
    for (at, ch) in rest.char_indices() {
        match ch {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' if inside => quoted = !quoted,
            '[' if !quoted => inside = true,
            ']' if !quoted => inside = false,
            ' ' if !inside => return rest.get(at.saturating_add(1)..),
            _ if !inside => return None,
            _ => {}
        }
    }
    (!inside).then_some("")
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;

    #[test]
    fn every_form_gives_the_same() {
        let mut clock = LogClocks::new(TimeZone::UTC, None, "2026-11-22T04:00:00Z".parse().unwrap());
        for line in [
            "Nov 22 03:57:31 mx1 postfix/smtpd[5191]: connect from a[192.0.2.1]",
            "<22>Nov 22 03:57:31 mx1 postfix/smtpd[5191]: connect from a[192.0.2.1]",
            "2026-11-22T04:57:31+01:00 mx1 postfix/smtpd[5191]: connect from a[192.0.2.1]",
            "2026-11-22T03:57:31.000000Z mx1 postfix/smtpd: connect from a[192.0.2.1]",
            "<22>1 2026-11-22T03:57:31Z mx1 postfix/smtpd 5191 - - connect from a[192.0.2.1]",
            "<22>1 2026-11-22T03:57:31Z mx1 postfix/smtpd 5191 ID7 [a@1 k=\"x ] \\\"y\"][b] \u{feff}connect from a[192.0.2.1]",
            "<22>1 2026-11-22T03:57:31Z mx1 postfix/smtpd 5191 - - postfix/smtpd[5191]: connect from a[192.0.2.1]",
        ] {
            let found = split(line, &mut clock).unwrap_or_else(|| panic!("{line}"));
            assert_eq!(found.at, "2026-11-22T03:57:31Z".parse().unwrap(), "{line}");
            assert_eq!((found.host, found.program), ("mx1", "postfix/smtpd"), "{line}");
            assert_eq!(found.text, "connect from a[192.0.2.1]", "{line}");
        }
    }

    #[test]
    fn what_is_no_syslog_line_is_refused() {
        let mut clock = LogClocks::new(TimeZone::UTC, None, "2026-11-22T04:00:00Z".parse().unwrap());
        for line in [
            "",
            "hello",
            "Nov 22 03:57:31",
            "Nov 22 03:57:31 mx1",
            "<x>Nov 22 03:57:31 mx1 a: b",
            "{\"a\":1}",
        ] {
            assert_eq!(split(line, &mut clock), None, "{line}");
        }
    }
}
