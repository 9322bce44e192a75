//! Spans of time in .NET's spelling: `[-][d.]hh:mm[:ss[.fffffff]]`.
//! May touch: nothing (pure).

use jiff::SignedDuration;

/// Reads a span. A bare number is a number of days, as in PowerShell, so it is refused as a trap; 0 is 0 of anything.
///
/// # Errors
/// One sentence that says what is expected.
pub fn read_span(text: &str) -> Result<SignedDuration, String> {
    if text == "0" {
        return Ok(SignedDuration::ZERO);
    }
    let wrong = || format!("takes a span such as 00:05:00 (5 minutes) or 1.00:00:00 (a day), not \"{text}\"");
    let (is_negative, bare) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let mut fields = bare.split(':');
    let first = fields.next().ok_or_else(wrong)?;
    let minutes = fields.next().ok_or_else(wrong)?;
    let seconds = fields.next().unwrap_or("0");
    if fields.next().is_some() {
        return Err(wrong());
    }
    let (days, hours) = first.split_once('.').unwrap_or(("0", first));
    let (seconds, fraction) = seconds.split_once('.').unwrap_or((seconds, ""));
    let number = |field: &str, most: i64| -> Result<i64, String> {
        let is_digits = !field.is_empty() && field.bytes().all(|byte| byte.is_ascii_digit());
        let value: i64 = if is_digits { field.parse().map_err(|_| wrong())? } else { return Err(wrong()) };
        if value <= most { Ok(value) } else { Err(wrong()) }
    };
    /// The largest number of days .NET's TimeSpan holds.
    const DAYS_MAX: i64 = 10_675_199;
    let total = ((number(days, DAYS_MAX)? * 24 + number(hours, 23)?) * 60 + number(minutes, 59)?) * 60
        + number(seconds, 59)?;
    let nanos = if fraction.is_empty() {
        0
    } else {
        number(fraction, 999_999_999)?;
        format!("{fraction:0<9}").parse().map_err(|_| wrong())?
    };
    let span = SignedDuration::new(total, nanos);
    Ok(if is_negative { -span } else { span })
}

/// Writes a span as .NET does: `00:05:00`, `2.00:00:00`.
pub fn write_span(span: SignedDuration) -> String {
    let sign = if span.is_negative() { "-" } else { "" };
    let absolute = span.abs();
    let seconds = absolute.as_secs();
    let days = match seconds / 86_400 {
        0 => String::new(),
        days => format!("{days}."),
    };
    let fraction = match absolute.subsec_nanos() / 100 {
        0 => String::new(),
        ticks => format!(".{ticks:07}"),
    };
    format!("{sign}{days}{:02}:{:02}:{:02}{fraction}", seconds / 3600 % 24, seconds / 60 % 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_read_and_written_in_one_spelling() {
        let table: &[(&str, i64, &str)] = &[
            ("00:05:00", 300, "00:05:00"),
            ("00:05", 300, "00:05:00"),
            ("1.00:00:00", 86_400, "1.00:00:00"),
            ("2.12:30:15", 217_815, "2.12:30:15"),
            ("-00:00:01", -1, "-00:00:01"),
            ("4:00:00", 14_400, "04:00:00"),
            ("0", 0, "00:00:00"),
        ];
        for (text, seconds, written) in table {
            let span = read_span(text).unwrap();
            assert_eq!(span.as_secs(), *seconds, "{text}");
            assert_eq!(write_span(span), *written);
        }
        assert_eq!(write_span(read_span("00:00:00.25").unwrap()), "00:00:00.2500000");
        for text in
            ["", "5", "5m", "00:60:00", "24:00:00", "1:2:3:4", "a.00:00:00", "00:00:+1", "99999999.00:00:00"]
        {
            assert!(read_span(text).is_err(), "{text}");
        }
    }
}
