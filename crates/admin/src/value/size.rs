//! Sizes as administrators write and Exchange prints them: `10MB`, `10 MB (10,485,760 bytes)`, `Unlimited`.
//! May touch: nothing (pure).

use super::Limit;
use crate::output::grouped;

const UNITS: &[(&str, u32)] = &[("TB", 40), ("GB", 30), ("MB", 20), ("KB", 10), ("B", 0)];

/// Reads a size; units are powers of 1,024 and a bare number is bytes.
///
/// # Errors
/// One sentence that says what is expected.
pub fn read_size(text: &str) -> Result<Limit, String> {
    if text.eq_ignore_ascii_case("unlimited") {
        return Ok(Limit::Unlimited);
    }
    let wrong = || format!("takes a size such as 10MB, 512 KB, 10485760 or Unlimited, not \"{text}\"");
    // What Exchange prints carries the exact number in brackets; the part before it is rounded.
    if let Some((_, rest)) = text.split_once('(') {
        let bytes = rest.trim_end().strip_suffix(')').ok_or_else(wrong)?;
        let digits = bytes.trim().strip_suffix("bytes").ok_or_else(wrong)?.trim().replace(',', "");
        return digits.parse().map(Limit::Of).map_err(|_| wrong());
    }
    let upper = text.trim().to_ascii_uppercase();
    let (number, shift) = UNITS
        .iter()
        .find_map(|(unit, shift)| upper.strip_suffix(unit).map(|number| (number, *shift)))
        .unwrap_or((upper.as_str(), 0));
    let number = number.trim().replace(',', "");
    let (whole, fraction) = number.split_once('.').unwrap_or((number.as_str(), ""));
    let scale = 1u128 << shift;
    let whole: u128 = whole.parse().map_err(|_| wrong())?;
    let mut bytes = whole.checked_mul(scale).ok_or_else(wrong)?;
    if !fraction.is_empty() {
        let digits = u32::try_from(fraction.len()).ok().filter(|digits| *digits <= 9).ok_or_else(wrong)?;
        let part: u128 = fraction.parse().map_err(|_| wrong())?;
        bytes += part * scale / 10u128.pow(digits);
    }
    u64::try_from(bytes).map(Limit::Of).map_err(|_| wrong())
}

/// Writes a size as Exchange prints it: the largest unit that is at least one, up to three decimals,
/// and the exact number of bytes.
pub fn write_size(limit: Limit) -> String {
    let Limit::Of(bytes) = limit else { return "Unlimited".into() };
    let (unit, shift) = UNITS.iter().find(|(_, shift)| bytes >> shift > 0).copied().unwrap_or(("B", 0));
    let scale = 1u128 << shift;
    let thousandths = (u128::from(bytes) * 1000 + scale / 2) / scale;
    let mut number = format!("{}.{:03}", thousandths / 1000, thousandths % 1000);
    while number.ends_with('0') {
        number.pop();
    }
    if number.ends_with('.') {
        number.pop();
    }
    format!("{number} {unit} ({} bytes)", grouped(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_in_every_spelling() {
        let table: &[(&str, u64)] = &[
            ("10MB", 10_485_760),
            ("10 mb", 10_485_760),
            ("10 MB (10,485,760 bytes)", 10_485_760),
            ("1.5GB", 1_610_612_736),
            ("10485760", 10_485_760),
            ("10,485,760", 10_485_760),
            ("512 KB", 524_288),
            ("7B", 7),
            ("0", 0),
        ];
        for (text, bytes) in table {
            assert_eq!(read_size(text), Ok(Limit::Of(*bytes)), "{text}");
        }
        assert_eq!(read_size("UNLIMITED"), Ok(Limit::Unlimited));
        for text in
            ["", "MB", "ten", "-1", "1..2MB", "99999999999999999999TB", "10 MB (x bytes)", "1.0000000001MB"]
        {
            assert!(read_size(text).is_err(), "{text}");
        }
    }

    #[test]
    fn sizes_are_written_as_exchange_prints_them() {
        let table: &[(u64, &str)] = &[
            (10_485_760, "10 MB (10,485,760 bytes)"),
            (2_039_480_320, "1.899 GB (2,039,480,320 bytes)"),
            (2_469_396_480, "2.3 GB (2,469,396,480 bytes)"),
            (512, "512 B (512 bytes)"),
            (0, "0 B (0 bytes)"),
        ];
        for (bytes, text) in table {
            assert_eq!(write_size(Limit::Of(*bytes)), *text);
            assert_eq!(read_size(text), Ok(Limit::Of(*bytes)));
        }
        assert_eq!(write_size(Limit::Unlimited), "Unlimited");
    }
}
