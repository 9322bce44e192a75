//! Defines a group of settings in one place: name, type, default, bounds and a sentence for each.
//!
//! May touch: nothing (pure).
//! The sentences are the field's documentation and the generated configuration reference at once.

use std::time::Duration;

use crate::DirectoryError;

/// One kibibyte, the unit Exchange writes `KB`.
pub const KB: u64 = 1024;
/// One mebibyte, the unit Exchange writes `MB`.
pub const MB: u64 = 1024 * KB;
/// One gibibyte, the unit Exchange writes `GB`.
pub const GB: u64 = 1024 * MB;
/// A minute in seconds.
pub const MINUTE: u64 = 60;
/// An hour in seconds.
pub const HOUR: u64 = 60 * MINUTE;
/// A day in seconds.
pub const DAY: u64 = 24 * HOUR;

/// What values a setting takes. `Unlimited` (an absent value) is within every bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bounds {
    /// Every value of the type.
    Any,
    /// A number from the first to the second.
    Count(u64, u64),
    /// A size in bytes from the first to the second.
    Bytes(u64, u64),
    /// A time in seconds from the first to the second.
    Seconds(u64, u64),
    /// A text or list of at most so many characters or entries.
    Length(usize),
}

/// One setting with what is in force and what there is to know about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingRow {
    /// The cmdlet parameter, such as `MessageRetryInterval`.
    pub name: &'static str,
    /// The value in force, as a cmdlet shows it.
    pub value: String,
    /// The default, as a cmdlet shows it.
    pub default: String,
    /// The values it takes.
    pub bounds: Bounds,
    /// What it does.
    pub sentence: &'static str,
}

/// A type a setting can have.
pub trait SettingValue: Sized {
    /// How a cmdlet shows that there is no value.
    const ABSENT: &'static str = "Unlimited";
    /// Whether the value is within the bounds.
    fn within(&self, bounds: Bounds) -> bool;
    /// As a cmdlet shows it.
    fn show(&self) -> String;
    /// Reads what an administrator typed; the error is a phrase that says what is expected.
    fn read(text: &str) -> Result<Self, String>;
}

impl SettingValue for bool {
    fn within(&self, _: Bounds) -> bool {
        true
    }
    fn show(&self) -> String {
        if *self { "True" } else { "False" }.to_owned()
    }
    fn read(text: &str) -> Result<bool, String> {
        match text.trim_start_matches('$').to_ascii_lowercase().as_str() {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err("expected true or false".to_owned()),
        }
    }
}

impl SettingValue for u32 {
    fn within(&self, bounds: Bounds) -> bool {
        u64::from(*self).within(bounds)
    }
    fn show(&self) -> String {
        self.to_string()
    }
    fn read(text: &str) -> Result<u32, String> {
        text.parse().map_err(|_| "expected a whole number".to_owned())
    }
}

impl SettingValue for u64 {
    fn within(&self, bounds: Bounds) -> bool {
        match bounds {
            Bounds::Count(least, most) | Bounds::Bytes(least, most) | Bounds::Seconds(least, most) => {
                (least..=most).contains(self)
            }
            Bounds::Any | Bounds::Length(_) => true,
        }
    }
    fn show(&self) -> String {
        show_bytes(*self)
    }
    fn read(text: &str) -> Result<u64, String> {
        read_bytes(text)
    }
}

impl SettingValue for Duration {
    fn within(&self, bounds: Bounds) -> bool {
        match bounds {
            Bounds::Seconds(least, most) => {
                *self >= Duration::from_secs(least) && *self <= Duration::from_secs(most)
            }
            _ => true,
        }
    }
    fn show(&self) -> String {
        show_time(*self)
    }
    fn read(text: &str) -> Result<Duration, String> {
        read_time(text)
    }
}

impl<T: SettingValue> SettingValue for Option<T> {
    fn within(&self, bounds: Bounds) -> bool {
        self.as_ref().is_none_or(|value| value.within(bounds))
    }
    fn show(&self) -> String {
        self.as_ref().map_or_else(|| T::ABSENT.to_owned(), T::show)
    }
    fn read(text: &str) -> Result<Option<T>, String> {
        let bare = text.trim_start_matches('$');
        if bare.eq_ignore_ascii_case(T::ABSENT) || text.eq_ignore_ascii_case("$null") {
            return Ok(None);
        }
        T::read(text).map(Some).map_err(|expected| match T::ABSENT {
            "" => expected,
            absent => format!("{expected}, or {absent}"),
        })
    }
}

impl SettingValue for Vec<String> {
    fn within(&self, bounds: Bounds) -> bool {
        match bounds {
            Bounds::Length(most) => self.len() <= most,
            _ => true,
        }
    }
    fn show(&self) -> String {
        self.join(", ")
    }
    fn read(text: &str) -> Result<Vec<String>, String> {
        Ok(text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect())
    }
}

impl SettingValue for String {
    const ABSENT: &'static str = "";
    fn within(&self, bounds: Bounds) -> bool {
        match bounds {
            Bounds::Length(most) => self.chars().count() <= most && !self.chars().any(char::is_control),
            _ => true,
        }
    }
    fn show(&self) -> String {
        self.clone()
    }
    fn read(text: &str) -> Result<String, String> {
        Ok(text.to_owned())
    }
}

impl SettingValue for mail::Address {
    const ABSENT: &'static str = "";
    fn within(&self, _: Bounds) -> bool {
        true
    }
    fn show(&self) -> String {
        self.to_string()
    }
    fn read(text: &str) -> Result<mail::Address, String> {
        mail::Address::parse(text).map_err(|error| error.to_string())
    }
}

/// A size as Exchange shows it: `10 MB (10,485,760 bytes)`.
pub fn show_bytes(bytes: u64) -> String {
    let digits = bytes.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    let (unit, name) = match bytes {
        GB.. => (GB, "GB"),
        MB.. => (MB, "MB"),
        KB.. => (KB, "KB"),
        _ => return format!("{bytes} B ({grouped} bytes)"),
    };
    let (whole, thousandths) = (bytes / unit, (bytes % unit) * 1000 / unit);
    let fraction = format!("{thousandths:03}");
    let fraction = fraction.trim_end_matches('0');
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{whole}{point}{fraction} {name} ({grouped} bytes)")
}

/// Reads `10MB`, `10 MB`, `1.5GB`, `512KB`, `10485760`, `100B` or the form [`show_bytes`] writes.
pub fn read_bytes(text: &str) -> Result<u64, String> {
    let expected = || "expected a size such as 10MB, 512KB, 1.5GB or a number of bytes".to_owned();
    let text = text.split('(').next().unwrap_or_default().trim();
    let split = text.find(|ch: char| !ch.is_ascii_digit() && ch != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at_checked(split).ok_or_else(expected)?;
    let unit = match unit.trim().to_ascii_uppercase().as_str() {
        "" | "B" => 1,
        "KB" => KB,
        "MB" => MB,
        "GB" => GB,
        "TB" => 1024 * GB,
        _ => return Err(expected()),
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let whole: u64 = whole.parse().map_err(|_| expected())?;
    let mut bytes = whole.checked_mul(unit).ok_or_else(expected)?;
    if !fraction.is_empty() {
        // Nine digits decide less than a byte of a gigabyte.
        let digits = fraction.get(..fraction.len().min(9)).unwrap_or(fraction);
        let value: u64 = digits.parse().map_err(|_| expected())?;
        let scale = 10_u64.pow(u32::try_from(digits.len()).unwrap_or(9));
        let part = u128::from(value) * u128::from(unit) / u128::from(scale);
        bytes = bytes.checked_add(u64::try_from(part).map_err(|_| expected())?).ok_or_else(expected)?;
    }
    Ok(bytes)
}

/// A time as Exchange shows it: `00:05:00`, `2.00:00:00`.
pub fn show_time(time: Duration) -> String {
    let seconds = time.as_secs();
    let clock = format!("{:02}:{:02}:{:02}", seconds % DAY / HOUR, seconds % HOUR / MINUTE, seconds % MINUTE);
    if seconds >= DAY { format!("{}.{clock}", seconds / DAY) } else { clock }
}

/// Reads `hh:mm:ss` or `d.hh:mm:ss`.
pub fn read_time(text: &str) -> Result<Duration, String> {
    let expected = || "expected a time as hh:mm:ss or d.hh:mm:ss".to_owned();
    let (days, clock) = match text.split_once('.') {
        Some((days, clock)) => (days.parse::<u64>().map_err(|_| expected())?, clock),
        None => (0, text),
    };
    let mut fields = clock.split(':').map(|field| field.parse::<u64>());
    let mut field = || fields.next().and_then(Result::ok).ok_or_else(expected);
    let (hours, minutes, seconds) = (field()?, field()?, field()?);
    if fields.next().is_some() || hours > 23 || minutes > 59 || seconds > 59 || days > 36_500 {
        return Err(expected());
    }
    Ok(Duration::from_secs(days * DAY + hours * HOUR + minutes * MINUTE + seconds))
}

/// The bounds as a phrase for an error message.
pub(crate) fn phrase(bounds: Bounds) -> String {
    match bounds {
        Bounds::Any => "any value".to_owned(),
        Bounds::Count(least, most) => format!("a number from {least} to {most}"),
        Bounds::Bytes(least, most) => format!("a size from {} to {}", show_bytes(least), show_bytes(most)),
        Bounds::Seconds(least, most) => format!(
            "a time from {} to {}",
            show_time(Duration::from_secs(least)),
            show_time(Duration::from_secs(most))
        ),
        Bounds::Length(most) => format!("at most {most} characters or entries"),
    }
}

/// Checks one value; for [`settings!`].
pub(crate) fn check<T: SettingValue>(
    name: &'static str,
    value: &T,
    bounds: Bounds,
) -> Result<(), DirectoryError> {
    if value.within(bounds) {
        return Ok(());
    }
    Err(DirectoryError::invalid(name, format!("{} is out of bounds; give {}.", value.show(), phrase(bounds))))
}

/// Defines a struct of settings with `Default`, `rows`, `set` and `check`.
macro_rules! settings {
    ($(#[$doc:meta])* pub struct $name:ident {
        $($label:literal $field:ident : $type:ty = $default:expr, $bounds:expr, $sentence:literal;)+
    }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        #[serde(default)]
        pub struct $name { $(#[doc = $sentence] pub $field: $type,)+ }

        impl Default for $name {
            fn default() -> $name {
                $name { $($field: $default,)+ }
            }
        }

        impl $name {
            /// Every setting with its value, default, bounds and sentence, in the order of the definition.
            pub fn rows(&self) -> Vec<$crate::settings::SettingRow> {
                let default = $name::default();
                vec![$($crate::settings::SettingRow {
                    name: $label,
                    value: $crate::settings::SettingValue::show(&self.$field),
                    default: $crate::settings::SettingValue::show(&default.$field),
                    bounds: $bounds,
                    sentence: $sentence,
                },)+]
            }

            /// Sets one by its cmdlet name (any case) from what an administrator typed.
            pub fn set(&mut self, name: &str, text: &str) -> Result<(), $crate::DirectoryError> {
                $(if name.eq_ignore_ascii_case($label) {
                    let value: $type = $crate::settings::SettingValue::read(text).map_err(|expected| {
                        $crate::DirectoryError::invalid($label, format!("\"{text}\": {expected}."))
                    })?;
                    $crate::settings::check($label, &value, $bounds)?;
                    self.$field = value;
                    return Ok(());
                })+
                Err($crate::DirectoryError::invalid(
                    "Parameter",
                    format!("{} has no setting \"{name}\".", stringify!($name)),
                ))
            }

            /// Checks every value against its bounds.
            pub(crate) fn check_bounds(&self) -> Result<(), $crate::DirectoryError> {
                $($crate::settings::check($label, &self.$field, $bounds)?;)+
                Ok(())
            }
        }
    };
}
pub(crate) use settings;

/// Makes a [`text_enum`](crate::text_enum) usable as a setting.
macro_rules! setting_enum {
    ($($name:ty),+) => {$(
        impl $crate::settings::SettingValue for $name {
            fn within(&self, _: $crate::settings::Bounds) -> bool {
                true
            }
            fn show(&self) -> String {
                self.as_str().to_owned()
            }
            fn read(text: &str) -> Result<$name, String> {
                text.parse().map_err(|error: $crate::DirectoryError| error.to_string())
            }
        }
    )+};
}
pub(crate) use setting_enum;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_and_shown() {
        for (text, bytes) in [
            ("10MB", 10 * MB),
            ("10 mb", 10 * MB),
            ("1.5GB", GB + 512 * MB),
            ("512KB", 512 * KB),
            ("100", 100),
            ("100B", 100),
            ("0", 0),
        ] {
            assert_eq!(read_bytes(text), Ok(bytes), "{text}");
        }
        for bad in ["", "MB", "10 XB", "-1", "1.2.3MB", "99999999999999999999", "20000000000GB"] {
            assert!(read_bytes(bad).is_err(), "{bad}");
        }
        assert_eq!(show_bytes(10 * MB), "10 MB (10,485,760 bytes)");
        assert_eq!(show_bytes(2_039_480_320), "1.899 GB (2,039,480,320 bytes)");
        assert_eq!(show_bytes(12), "12 B (12 bytes)");
        assert_eq!(read_bytes(&show_bytes(35 * MB)), Ok(35 * MB));
    }

    #[test]
    fn times_are_read_and_shown() {
        for (text, seconds) in [("00:05:00", 300), ("2.00:00:00", 2 * DAY), ("23:59:59", DAY - 1)] {
            assert_eq!(read_time(text), Ok(Duration::from_secs(seconds)), "{text}");
            assert_eq!(show_time(Duration::from_secs(seconds)), text);
        }
        for bad in ["", "5", "5:00", "24:00:00", "00:60:00", "00:00:00:00", "x.00:00:00", "-1.00:00:00"] {
            assert!(read_time(bad).is_err(), "{bad}");
        }
    }
}
