//! `$filter` as far as Graph's message trace takes it: comparisons and functions joined by `and`.
//! May touch: nothing (pure).

use trace::search::{SubjectFilter, SubjectFilterType};
use trace::{Query, Status};

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

/// The query a filter means. `or` and `not` are refused, not overlooked.
pub(super) fn read(text: &str) -> Result<Query, String> {
    if text.len() > FILTER_BYTES_MAX {
        return Err(format!("$filter is longer than {FILTER_BYTES_MAX} octets"));
    }
    let tokens = tokens(text)?;
    let mut query = Query::default();
    let mut rest = tokens.as_slice();
    loop {
        rest = condition(rest, &mut query)?;
        match rest.split_first() {
            None => return Ok(query),
            Some((Token::Word(word), after)) if word.eq_ignore_ascii_case("and") => rest = after,
            Some((Token::Word(word), _)) if word.eq_ignore_ascii_case("or") => {
                return Err(
                    "$filter takes conditions joined by and; for or use Get-MessageTrace with several values"
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

fn condition<'a>(tokens: &'a [Token], query: &mut Query) -> Result<&'a [Token], String> {
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
            if !property.eq_ignore_ascii_case("subject") {
                return Err(format!("$filter: {function} is for subject, not for {property}"));
            }
            if query.subject.replace(SubjectFilter { kind, text: value.clone() }).is_some() {
                return Err("$filter: there is one condition on subject".to_owned());
            }
            Ok(rest)
        }
        [Token::Word(property), Token::Word(operator), value, rest @ ..] => {
            let value = match value {
                Token::Text(value) | Token::Word(value) => value,
                _ => return Err(format!("$filter: {property} needs a value")),
            };
            compare(property, &operator.to_ascii_lowercase(), value, query)?;
            Ok(rest)
        }
        _ => Err("$filter takes conditions such as senderAddress eq 'kim@contoso.example'".to_owned()),
    }
}

fn compare(property: &str, operator: &str, value: &str, query: &mut Query) -> Result<(), String> {
    let wrong = |what: &str| format!("$filter: {property} takes {what}, not \"{value}\"");
    if property.eq_ignore_ascii_case("receivedDateTime") {
        let at: jiff::Timestamp = value.parse().map_err(|_| wrong("a time such as 2026-11-20T00:00:00Z"))?;
        let after = || jiff::Timestamp::from_microsecond(at.as_microsecond().saturating_add(1)).unwrap_or(at);
        match operator {
            "ge" => query.start = Some(at),
            "gt" => query.start = Some(after()),
            "lt" => query.end = Some(at),
            // The end of a search is not included.
            "le" => query.end = Some(after()),
            _ => return Err("$filter: receivedDateTime takes ge, gt, le or lt".to_owned()),
        }
        return Ok(());
    }
    if operator != "eq" {
        return Err(format!("$filter: {property} takes eq, not {operator}"));
    }
    match property.to_ascii_lowercase().as_str() {
        "id" => {
            let id = value.parse().map_err(|_| wrong("the id of a message"))?;
            query.network_message_ids.push(mail::NetworkMessageId(id));
        }
        "messageid" => {
            query.message_ids.push(mail::MessageId::parse(value).map_err(|_| wrong("a Message-ID"))?);
        }
        "senderaddress" => query.senders.push(value.parse().map_err(|_| wrong("an address"))?),
        "recipientaddress" => query.recipients.push(value.parse().map_err(|_| wrong("an address"))?),
        "status" => query.statuses.push(status(value).ok_or_else(|| wrong("a status such as failed"))?),
        "fromip" => query.from_ip = Some(value.parse().map_err(|_| wrong("an IP address"))?),
        "toip" => query.to_ip = Some(value.parse().map_err(|_| wrong("an IP address"))?),
        _ => return Err(format!("$filter: the property {property} is not known")),
    }
    Ok(())
}

fn status(word: &str) -> Option<Status> {
    word.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn what_is_not_understood_is_refused() {
        for bad in [
            "",
            "status eq 'failed' or status eq 'pending'",
            "not status eq 'failed'",
            "status ne 'failed'",
            "status eq 'lost'",
            "senderAddress eq 'kim",
            "contains(senderAddress,'kim')",
            "size gt 5",
            "status eq",
            "receivedDateTime eq 2026-11-19T00:00:00Z",
            "status eq 'failed' status eq 'failed'",
        ] {
            assert!(read(bad).is_err(), "{bad}");
        }
        assert!(read(&"a".repeat(20_000)).is_err());
    }
}
