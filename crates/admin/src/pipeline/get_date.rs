//! `(Get-Date)`, the one command that stands in parentheses, and what may follow it: `.AddDays(-1)`, `.Date` …
//! May touch: nothing (pure).

use jiff::{Span, ToSpan as _, Zoned};

use super::number;
use super::scanner::Scanner;
use super::syntax::{Surroundings, SyntaxError};
use crate::value::Moment;

/// The most methods behind one `(Get-Date)`.
const METHODS_MAX: usize = 16;
const METHODS: &str = ".AddSeconds(n), .AddMinutes(n), .AddHours(n), .AddDays(n), .AddMonths(n), .AddYears(n), \
    .Date and .ToUniversalTime()";

/// Reads it where it stands; `None`, and nothing read, where something else does.
pub(crate) fn read(
    scanner: &mut Scanner<'_>,
    surroundings: &Surroundings,
) -> Result<Option<String>, SyntaxError> {
    let before = scanner.clone();
    scanner.bump();
    scanner.blanks();
    let name = scanner.take_while(|letter| letter.is_ascii_alphabetic() || letter == '-');
    if !name.eq_ignore_ascii_case("Get-Date") {
        *scanner = before;
        return Ok(None);
    }
    scanner.blanks();
    let base = argument(scanner)?;
    scanner.blanks();
    match scanner.peek() {
        Some(')') => drop(scanner.bump()),
        None => return before.unfinished("a parenthesis is not closed"),
        Some(_) => {
            return scanner
                .error("(Get-Date) takes a time and nothing else, such as (Get-Date '2026-11-20')");
        }
    }
    let mut at = match base {
        None => surroundings.now.to_zoned(surroundings.zone.clone()),
        Some(text) => match Moment::read(&text, &surroundings.zone) {
            Ok(moment) => moment.at.to_zoned(surroundings.zone.clone()),
            Err(why) => return scanner.error(format!("Get-Date {why}")),
        },
    };
    for _ in 0..METHODS_MAX {
        if !scanner.eat('.') {
            return Ok(Some(text(&at)));
        }
        at = method(scanner, at)?;
    }
    scanner.error(format!("more than {METHODS_MAX} methods behind (Get-Date)"))
}

/// A point in time as it is shown and read again.
pub(crate) fn text(at: &Zoned) -> String {
    let whole = at.strftime("%Y-%m-%dT%H:%M:%S");
    let fraction = match at.subsec_nanosecond() / 1_000_000 {
        0 => String::new(),
        milliseconds => format!(".{milliseconds:03}"),
    };
    format!("{whole}{fraction}{}", at.strftime("%:z"))
}

fn argument(scanner: &mut Scanner<'_>) -> Result<Option<String>, SyntaxError> {
    if scanner.peek() == Some('-') {
        let name = scanner.take_while(|letter| letter.is_ascii_alphabetic() || letter == '-');
        if !name.eq_ignore_ascii_case("-Date") {
            return scanner.error(format!("Get-Date has no parameter {name}; it takes -Date"));
        }
        scanner.blanks();
    }
    Ok(match scanner.peek() {
        Some('\'') => Some(scanner.single_quoted()?),
        Some('"') => Some(scanner.double_quoted()?),
        Some(letter) if letter.is_ascii_digit() => {
            Some(scanner.take_while(|letter| !letter.is_whitespace() && letter != ')').to_owned())
        }
        _ => None,
    })
}

fn method(scanner: &mut Scanner<'_>, at: Zoned) -> Result<Zoned, SyntaxError> {
    let name = scanner.take_while(|letter| letter.is_ascii_alphabetic()).to_ascii_lowercase();
    let mut amount = None;
    if scanner.eat('(') {
        amount = Some(scanner.take_while(|letter| letter != ')' && letter != '\n').trim().to_owned());
        if !scanner.eat(')') {
            return scanner.unfinished("a parenthesis is not closed");
        }
    }
    let moved = match (name.as_str(), amount.as_deref()) {
        ("date", None) => at.start_of_day().ok(),
        ("touniversaltime", Some("")) => Some(at.with_time_zone(jiff::tz::TimeZone::UTC)),
        ("tolocaltime", Some("")) => Some(at),
        (name, Some(amount)) => match span(name, amount) {
            None => return scanner.error(format!("behind (Get-Date) there are {METHODS}")),
            Some(span) => at.checked_add(span).ok(),
        },
        _ => return scanner.error(format!("behind (Get-Date) there are {METHODS}")),
    };
    moved.map_or_else(|| scanner.error("the time is out of range"), Ok)
}

fn span(method: &str, amount: &str) -> Option<Span> {
    let amount = number::read(amount)?.as_f64()?;
    // Days and longer are moved on the calendar while they are whole, so that the time of day stays.
    let whole = (amount.fract() == 0.0 && amount.abs() < 1e9).then_some(amount as i64);
    let seconds = |unit: f64| {
        let product = amount * unit * 1_000.0;
        (product.abs() < 1e15).then(|| Span::new().try_milliseconds(product as i64).ok()).flatten()
    };
    match (method, whole) {
        ("addyears", Some(years)) => 0.seconds().try_years(years).ok(),
        ("addmonths", Some(months)) => 0.seconds().try_months(months).ok(),
        ("adddays", Some(days)) => 0.seconds().try_days(days).ok(),
        ("adddays", None) => seconds(86_400.0),
        ("addhours", _) => seconds(3_600.0),
        ("addminutes", _) => seconds(60.0),
        ("addseconds", _) => seconds(1.0),
        _ => None,
    }
}
