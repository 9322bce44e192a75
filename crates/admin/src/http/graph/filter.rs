//! `$filter` as far as Graph's message trace takes it, and what the cmdlet takes beside: conditions joined by `and`.
//! May touch: nothing (pure).
//! Standards: OData 4.01 Part 2 §5.1.1 (comparison, `in`, `contains`, `startsWith`, `endsWith`).

use directory::Snapshot;
use serde_json::{Map, Value, json};
use trace::Query;
use trace::search::{SubjectFilter, SubjectFilterType};

use crate::arguments::Arguments;
use crate::cmdlets::message_trace::{filters, get_message_trace};
use crate::error::CmdletError;

/// Properties that are ours, and the parameter of the cmdlet that reads their values.
const OURS: &[(&str, &str)] = &[
    ("fromip", "FromIP"),
    ("toip", "ToIP"),
    ("direction", "Direction"),
    ("server", "Server"),
    ("place", "Place"),
    ("connectorid", "ConnectorId"),
    ("transportrule", "TransportRule"),
    ("eventid", "EventId"),
    ("tls", "Tls"),
    ("spf", "Spf"),
    ("dkim", "Dkim"),
    ("dmarc", "Dmarc"),
    ("finalaction", "FinalAction"),
];

/// Longest filter read, in octets.
const FILTER_BYTES_MAX: usize = 16 * 1024;

/// One word of a filter.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Word(String),
    Text(String),
    Open,
    Close,
    Comma,
}

/// A filter being read: the query, and what the parameters of the cmdlet will read into it.
#[derive(Debug, Default)]
struct Reading {
    query: Query,
    parameters: Map<String, Value>,
}

/// The query a filter means. `or` and `not` are refused, not overlooked.
///
/// # Errors
/// `Usage`, in words.
pub(super) fn read(text: &str, snapshot: &Snapshot) -> Result<Query, CmdletError> {
    let Reading { mut query, parameters } = parsed(text).map_err(CmdletError::Usage)?;
    if !parameters.is_empty() {
        let arguments = Arguments::from_json(&get_message_trace::CMDLET, &parameters)?;
        let not_recipients = std::mem::take(&mut query.not_recipients);
        let not_senders = std::mem::take(&mut query.not_senders);
        let (size_min, size_max) = (query.size_min, query.size_max);
        filters::of_messages(&arguments, snapshot, &mut query)?;
        filters::of_rows(&arguments, snapshot, &mut query)?;
        query.not_recipients.extend(not_recipients);
        query.not_senders.extend(not_senders);
        (query.size_min, query.size_max) = (size_min, size_max);
    }
    Ok(query)
}

fn parsed(text: &str) -> Result<Reading, String> {
    if text.len() > FILTER_BYTES_MAX {
        return Err(format!("$filter is longer than {FILTER_BYTES_MAX} octets"));
    }
    let tokens = tokens(text)?;
    let mut reading = Reading::default();
    let (mut rest, mut open) = (tokens.as_slice(), 0_usize);
    loop {
        // Where everything is joined by and, parentheses around conditions change nothing.
        while let Some((Token::Open, after)) = rest.split_first() {
            (rest, open) = (after, open.saturating_add(1));
        }
        rest = condition(rest, &mut reading)?;
        while let Some((Token::Close, after)) = rest.split_first() {
            rest = after;
            open = open.checked_sub(1).ok_or("$filter: a parenthesis was not opened")?;
        }
        match rest.split_first() {
            None if open > 0 => return Err("$filter: a parenthesis is not closed".to_owned()),
            None => return Ok(reading),
            Some((Token::Word(word), after)) if word.eq_ignore_ascii_case("and") => rest = after,
            Some((Token::Word(word), _)) if word.eq_ignore_ascii_case("or") => {
                return Err(
                    "$filter takes conditions joined by and; for several values of one property there is in ('a', 'b')"
                        .to_owned(),
                );
            }
            Some(_) => return Err("$filter: two conditions must be joined by and".to_owned()),
        }
    }
}

fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            letter if letter.is_whitespace() => {}
            '(' => tokens.push(Token::Open),
            ')' => tokens.push(Token::Close),
            ',' => tokens.push(Token::Comma),
            '\'' => {
                let mut value = String::new();
                loop {
                    match letters.next() {
                        Some('\'') if letters.peek() == Some(&'\'') => {
                            letters.next();
                            value.push('\'');
                        }
                        Some('\'') => break,
                        Some(letter) => value.push(letter),
                        None => return Err("$filter: a text has no closing quote".to_owned()),
                    }
                }
                tokens.push(Token::Text(value));
            }
            letter => {
                let mut word = String::from(letter);
                while let Some(next) =
                    letters.next_if(|next| !next.is_whitespace() && !"(),'".contains(*next))
                {
                    word.push(next);
                }
                tokens.push(Token::Word(word));
            }
        }
    }
    Ok(tokens)
}

fn condition<'a>(tokens: &'a [Token], reading: &mut Reading) -> Result<&'a [Token], String> {
    match tokens {
        [
            Token::Word(function),
            Token::Open,
            Token::Word(property),
            Token::Comma,
            Token::Text(value),
            Token::Close,
            rest @ ..,
        ] => {
            called(function, property, value, &mut reading.query)?;
            Ok(rest)
        }
        [Token::Word(property), Token::Word(operator), Token::Open, rest @ ..]
            if operator.eq_ignore_ascii_case("in") =>
        {
            let (values, rest) = listed(property, rest)?;
            for value in values {
                compare(property, "eq", value, reading)?;
            }
            Ok(rest)
        }
        [Token::Word(property), Token::Word(operator), value, rest @ ..] => {
            let value = match value {
                Token::Text(value) | Token::Word(value) => value,
                _ => return Err(format!("$filter: {property} needs a value")),
            };
            compare(property, &operator.to_ascii_lowercase(), value, reading)?;
            Ok(rest)
        }
        _ => Err("$filter takes conditions such as senderAddress eq 'kim@contoso.example'".to_owned()),
    }
}

/// `'a', 'b')`: the values of `in`, and what stands behind them.
fn listed<'a>(property: &str, mut rest: &'a [Token]) -> Result<(Vec<&'a str>, &'a [Token]), String> {
    let mut values = Vec::new();
    loop {
        match rest {
            [Token::Text(value) | Token::Word(value), Token::Comma, after @ ..] => {
                values.push(value.as_str());
                rest = after;
            }
            [Token::Text(value) | Token::Word(value), Token::Close, after @ ..] => {
                values.push(value.as_str());
                return Ok((values, after));
            }
            _ => return Err(format!("$filter: {property} in takes values such as ('a', 'b')")),
        }
    }
}

/// `contains(subject, 'x')` and its kin.
fn called(function: &str, property: &str, value: &str, query: &mut Query) -> Result<(), String> {
    let kind = match function.to_ascii_lowercase().as_str() {
        "contains" => SubjectFilterType::Contains,
        "startswith" => SubjectFilterType::StartsWith,
        "endswith" => SubjectFilterType::EndsWith,
        _ => {
            return Err(format!(
                "$filter: the function {function} is not known; there are contains, startsWith and endsWith"
            ));
        }
    };
    let patterns = match property.to_ascii_lowercase().as_str() {
        "subject" => return subject(kind, value, query),
        "senderaddress" => &mut query.senders,
        "recipientaddress" => &mut query.recipients,
        _ => {
            return Err(format!(
                "$filter: {function} is for subject, senderAddress and recipientAddress, not for {property}"
            ));
        }
    };
    if !patterns.is_empty() {
        return Err(format!("$filter: there is one condition on {property}, or several values with in"));
    }
    let text = match kind {
        SubjectFilterType::StartsWith => format!("{value}*"),
        SubjectFilterType::EndsWith => format!("*{value}"),
        SubjectFilterType::Contains | SubjectFilterType::Equals => format!("*{value}*"),
    };
    patterns.push(text.parse().map_err(|error| format!("$filter: {property}: {error}"))?);
    Ok(())
}

fn subject(kind: SubjectFilterType, text: &str, query: &mut Query) -> Result<(), String> {
    match query.subject.replace(SubjectFilter { kind, text: text.to_owned() }) {
        Some(_) => Err("$filter: there is one condition on subject".to_owned()),
        None => Ok(()),
    }
}

fn compare(property: &str, operator: &str, value: &str, reading: &mut Reading) -> Result<(), String> {
    let wrong = |what: &str| format!("$filter: {property} takes {what}, not \"{value}\"");
    let query = &mut reading.query;
    let name = property.to_ascii_lowercase();
    match (name.as_str(), operator) {
        ("receiveddatetime", _) => return time(operator, value, query),
        ("size", "ge") => query.size_min = Some(value.parse().map_err(|_| wrong("a number of octets"))?),
        ("size", "le") => query.size_max = Some(value.parse().map_err(|_| wrong("a number of octets"))?),
        ("size", _) => return Err("$filter: size takes ge or le".to_owned()),
        ("senderaddress", "ne") => query.not_senders.push(value.parse().map_err(|_| wrong("an address"))?),
        ("recipientaddress", "ne") => {
            query.not_recipients.push(value.parse().map_err(|_| wrong("an address"))?);
        }
        (_, operator) if operator != "eq" => {
            return Err(format!("$filter: {property} takes eq, not {operator}"));
        }
        ("id", _) => {
            let id = value.parse().map_err(|_| wrong("the id of a message"))?;
            query.network_message_ids.push(mail::NetworkMessageId(id));
        }
        ("messageid", _) => {
            query.message_ids.push(mail::MessageId::parse(value).map_err(|_| wrong("a Message-ID"))?);
        }
        ("senderaddress", _) => query.senders.push(value.parse().map_err(|_| wrong("an address"))?),
        ("recipientaddress", _) => query.recipients.push(value.parse().map_err(|_| wrong("an address"))?),
        ("subject", _) => subject(SubjectFilterType::Equals, value, query)?,
        ("status", _) => query.statuses.push(value.parse().map_err(|_| wrong("a status such as failed"))?),
        (name, _) => return ours(property, name, value, &mut reading.parameters),
    }
    Ok(())
}

fn time(operator: &str, value: &str, query: &mut Query) -> Result<(), String> {
    let at: jiff::Timestamp = value.parse().map_err(|_| {
        format!("$filter: receivedDateTime takes a time such as 2026-11-20T00:00:00Z, not \"{value}\"")
    })?;
    let after = || jiff::Timestamp::from_microsecond(at.as_microsecond().saturating_add(1)).unwrap_or(at);
    match operator {
        "ge" => query.start = Some(at),
        "gt" => query.start = Some(after()),
        "lt" => query.end = Some(at),
        // The end of a search is not included.
        "le" => query.end = Some(after()),
        _ => return Err("$filter: receivedDateTime takes ge, gt, le or lt".to_owned()),
    }
    Ok(())
}

/// A property that the cmdlet reads: values are kept for its parameter.
fn ours(property: &str, name: &str, value: &str, parameters: &mut Map<String, Value>) -> Result<(), String> {
    let Some((_, parameter)) = OURS.iter().find(|(known, _)| *known == name) else {
        return Err(format!("$filter: the property {property} is not known"));
    };
    if *parameter == "Direction" {
        return match parameters.insert((*parameter).to_owned(), json!(value)) {
            Some(_) => Err("$filter: there is one condition on direction".to_owned()),
            None => Ok(()),
        };
    }
    let values = parameters.entry(*parameter).or_insert_with(|| json!([]));
    if let Some(values) = values.as_array_mut() {
        values.push(json!(value));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use trace::Status;

    use super::*;

    fn read(text: &str) -> Result<Query, CmdletError> {
        super::read(text, &Snapshot::default())
    }

    #[test]
    fn conditions_are_read_as_graph_writes_them() {
        let query = read("receivedDateTime ge 2026-11-19T00:00:00Z and receivedDateTime le 2026-11-20T00:00:00Z and senderAddress eq 'o''hara@fabrikam.example' and status eq 'filteredAsSpam' and startsWith(subject, 'Plans (2), it''s')").unwrap();
        assert_eq!(query.start, "2026-11-19T00:00:00Z".parse().ok());
        assert_eq!(query.end, "2026-11-20T00:00:00.000001Z".parse().ok());
        assert!(query.senders[0].matches("o'hara@fabrikam.example"));
        assert_eq!(query.statuses, [Status::FilteredAsSpam]);
        let subject = query.subject.unwrap();
        assert_eq!((subject.kind, subject.text.as_str()), (SubjectFilterType::StartsWith, "Plans (2), it's"));
    }

    #[test]
    fn parentheses_around_conditions_are_taken() {
        let query = read("(status eq 'pending')").unwrap();
        assert_eq!(query.statuses, [Status::Pending]);
        let query = read("((status in ('failed','pending')) and (size ge 10 and size le 20))").unwrap();
        assert_eq!((query.statuses.len(), query.size_min, query.size_max), (2, Some(10), Some(20)));
        for (text, said) in [
            ("(status eq 'pending'", "not closed"),
            ("status eq 'pending')", "not opened"),
            ("(status eq 'pending' or size ge 10)", "joined by and"),
        ] {
            let error = read(text).unwrap_err().to_string();
            assert!(error.contains(said), "{text}: {error}");
        }
    }

    #[test]
    fn what_the_cmdlet_takes_is_taken_too() {
        let query = read("status in ('failed','pending') and recipientAddress ne 'kim@contoso.example' and senderAddress in ('a@contoso.example','b@contoso.example') and startsWith(recipientAddress,'sales') and size ge 10 and size le 20 and spf eq 'fail' and dmarc in ('none','fail') and fromIP eq '192.0.2.0/24' and direction eq 'inbound' and eventId eq 'DEFER' and tls eq 'None' and subject eq 'Plans'").unwrap();
        assert_eq!(query.statuses, [Status::Failed, Status::Pending]);
        assert!(query.not_recipients[0].matches("kim@contoso.example") && query.senders.len() == 2);
        assert!(query.recipients[0].matches("sales-team@contoso.example"));
        assert_eq!((query.size_min, query.size_max), (Some(10), Some(20)));
        assert_eq!((query.facets.len(), query.from_networks.len(), query.directions.len()), (3, 1, 1));
        assert_eq!(query.event_ids, [events::EventId::Defer]);
        assert_eq!(query.subject.unwrap().kind, SubjectFilterType::Equals);
        let query = read("place in ('gateway','mx*') and toIP eq '203.0.113.0/24'").unwrap();
        assert_eq!(query.facets, [trace::FacetFilter::any(trace::Facet::Place, ["gateway", "mx*"])]);
        assert_eq!((query.to_ip, query.to_networks.len()), (None, 1));
        let query = read("toIP eq '203.0.113.7' and fromIP eq '192.0.2.1'").unwrap();
        assert_eq!((query.to_ip, query.from_ip), ("203.0.113.7".parse().ok(), "192.0.2.1".parse().ok()));
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for bad in [
            "",
            "status eq 'failed' or status eq 'pending'",
            "not status eq 'failed'",
            "status ne 'failed'",
            "status eq 'lost'",
            "senderAddress eq 'kim",
            "size gt 5",
            "size ge much",
            "status in ('failed', )",
            "status in 'failed'",
            "spf eq 'maybe'",
            "direction eq 'inbound' and direction eq 'outbound'",
            "nothing eq 'x'",
            "toIP eq '203.0.113.0/33'",
            "place ne 'gateway'",
            "startsWith(status,'f')",
            "subject eq 'a' and contains(subject,'b')",
            "status eq",
            "receivedDateTime eq 2026-11-19T00:00:00Z",
            "status eq 'failed' status eq 'failed'",
        ] {
            assert!(read(bad).is_err(), "{bad}");
        }
        assert!(read(&"a".repeat(20_000)).is_err());
    }
}
