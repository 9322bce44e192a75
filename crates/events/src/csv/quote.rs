//! Quoting on the three levels of a tracking log line: CSV field, list element, custom-data value.
//!
//! May touch: nothing (pure).
//! Standards: RFC 4180 §2.

/// Most elements read from one list; a group may have very many members, a line is bounded anyway.
const ELEMENTS_MAX: usize = 1_000_000;

/// Adds one CSV field: quoted where it must be, control characters as spaces.
pub(super) fn push_field(line: &mut String, value: &str) {
    let quoted = value.contains([',', '"']) || value.starts_with([' ', '#']) || value.ends_with(' ');
    if quoted {
        line.push('"');
    }
    for ch in value.chars() {
        match ch {
            '"' => line.push_str("\"\""),
            _ if ch.is_control() => line.push(' '),
            _ => line.push(ch),
        }
    }
    if quoted {
        line.push('"');
    }
}

/// Splits one line into its fields; `None` when a quote is not closed or text follows a closing quote.
pub fn split_line(line: &str) -> Option<Vec<String>> {
    let mut fields = Vec::with_capacity(30);
    let mut rest = line;
    loop {
        let (field, after) = take_field(rest)?;
        fields.push(field);
        match after.strip_prefix(',') {
            Some(next) => rest = next,
            None if after.is_empty() => return Some(fields),
            None => return None,
        }
    }
}

/// One field and what follows it.
fn take_field(text: &str) -> Option<(String, &str)> {
    let Some(mut rest) = text.strip_prefix('"') else {
        let (field, _) = text.split_once(',').unwrap_or((text, ""));
        return Some((field.to_owned(), text.get(field.len()..)?));
    };
    let mut field = String::new();
    loop {
        let (before, after) = rest.split_once('"')?;
        field.push_str(before);
        match after.strip_prefix('"') {
            Some(next) => {
                field.push('"');
                rest = next;
            }
            None => return Some((field, after)),
        }
    }
}

/// Joins list elements with `;`; an element that holds one, begins with a quote or has an open bracket is quoted itself.
pub(super) fn join_list<'a>(elements: impl Iterator<Item = &'a str>) -> String {
    let mut list = String::new();
    for (at, element) in elements.enumerate() {
        if at > 0 {
            list.push(';');
        }
        if element.contains(';') || element.starts_with('"') || open_brackets(element) > 0 {
            list.push('"');
            list.push_str(&element.replace('"', "\"\""));
            list.push('"');
        } else {
            list.push_str(element);
        }
    }
    list
}

/// The inverse of [`join_list`]; foreign lists without quotes are split at every `;` that is not inside `{}` or `[]`.
pub(super) fn split_list(list: &str) -> Vec<String> {
    if list.is_empty() {
        return Vec::new();
    }
    let mut elements = Vec::new();
    let mut rest = list;
    while elements.len() < ELEMENTS_MAX {
        let (element, after) = take_quoted(rest).unwrap_or_else(|| take_plain(rest));
        elements.push(element);
        match after.strip_prefix(';') {
            Some(next) => rest = next,
            None => break,
        }
    }
    elements
}

/// An element our own writer quoted: the closing quote is followed by `;` or the end.
fn take_quoted(text: &str) -> Option<(String, &str)> {
    let (element, after) = text.starts_with('"').then(|| take_field(text)).flatten()?;
    (after.is_empty() || after.starts_with(';')).then_some((element, after))
}

/// How many brackets are still open at the end.
fn open_brackets(element: &str) -> u32 {
    element.chars().fold(0, |depth: u32, ch| match ch {
        '{' | '[' => depth + 1,
        '}' | ']' => depth.saturating_sub(1),
        _ => depth,
    })
}

fn take_plain(text: &str) -> (String, &str) {
    let mut depth = 0_u32;
    let mut end = text.len();
    for (at, ch) in text.char_indices() {
        match ch {
            '{' | '[' => depth += 1,
            '}' | ']' => depth = depth.saturating_sub(1),
            ';' if depth == 0 => {
                end = at;
                break;
            }
            _ => {}
        }
    }
    if depth > 0 {
        // Unbalanced: the brackets mean nothing, split at the first semicolon.
        end = text.find(';').unwrap_or(text.len());
    }
    let (element, after) = text.split_at_checked(end).unwrap_or((text, ""));
    (element.to_owned(), after)
}

/// Adds one `S:Key=Value` pair of custom-data.
///
/// `;` before `S:`, and control characters, would break the pair: they are percent-encoded, and so is
/// `%` where it would otherwise be read as such an encoding.
pub(super) fn push_pair(data: &mut String, key: &str, value: &str) {
    if !data.is_empty() {
        data.push(';');
    }
    data.push_str("S:");
    data.extend(key.chars().map(|ch| if ch.is_alphanumeric() || "._-".contains(ch) { ch } else { '_' }));
    data.push('=');
    let mut rest = value;
    while let Some(ch) = rest.chars().next() {
        let after = rest.get(ch.len_utf8()..).unwrap_or_default();
        let encode = match ch {
            '%' => ENCODED.iter().any(|(code, _)| after.starts_with(code)),
            ';' => after.starts_with("S:"),
            '\r' | '\n' | '\t' | '\0' => true,
            _ => false,
        };
        match ENCODED.iter().find(|(_, plain)| encode && *plain == ch) {
            Some((code, _)) => {
                data.push('%');
                data.push_str(code);
            }
            None => data.push(ch),
        }
        rest = after;
    }
}

/// What [`push_pair`] encodes, as hexadecimal digits.
const ENCODED: [(&str, char); 6] =
    [("25", '%'), ("3B", ';'), ("0D", '\r'), ("0A", '\n'), ("09", '\t'), ("00", '\0')];

/// The pairs of custom-data in order; text that is not a pair comes with an empty key.
pub(super) fn split_pairs(data: &str) -> Vec<(String, String)> {
    let mut pairs = Vec::new();
    if data.is_empty() {
        return pairs;
    }
    let mut rest = data;
    while pairs.len() < ELEMENTS_MAX {
        let (pair, after) = match rest.find(";S:") {
            Some(at) => (rest.get(..at).unwrap_or_default(), rest.get(at + 1..)),
            None => (rest, None),
        };
        let split = pair.strip_prefix("S:").and_then(|body| body.split_once('='));
        match split {
            Some((key, value)) => pairs.push((key.to_owned(), decode_value(value))),
            None => pairs.push((String::new(), pair.to_owned())),
        }
        match after {
            Some(next) => rest = next,
            None => break,
        }
    }
    pairs
}

fn decode_value(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    let mut rest = value;
    while let Some((before, after)) = rest.split_once('%') {
        out.push_str(before);
        match ENCODED.iter().find_map(|(code, plain)| Some((*plain, after.strip_prefix(code)?))) {
            Some((plain, next)) => {
                out.push(plain);
                rest = next;
            }
            None => {
                out.push('%');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn known_answers() {
        assert_eq!(split_line("a,\"b,\"\"c\"\"\",,d").unwrap(), ["a", "b,\"c\"", "", "d"]);
        assert_eq!(split_line("").unwrap(), [""]);
        assert_eq!(split_line("a,\"b"), None);
        assert_eq!(split_line("\"a\"b,c"), None);
        assert_eq!(split_list("a@x;b@x"), ["a@x", "b@x"]);
        assert_eq!(split_list("{[{LRT=};{LED=250 2.1.5}]};250 ok"), ["{[{LRT=};{LED=250 2.1.5}]}", "250 ok"]);
        assert_eq!(split_list("\"a;b\"@x;c@x"), ["\"a", "b\"@x", "c@x"]);
        assert_eq!(split_list("\"550 4.4.7 QUEUE.Expired; late\";x"), ["550 4.4.7 QUEUE.Expired; late", "x"]);
        assert_eq!(
            split_pairs("S:AMA=SUM|v=0;x|action=;S:E2ELatency=1.234;S:Empty="),
            [
                ("AMA".to_owned(), "SUM|v=0;x|action=".to_owned()),
                ("E2ELatency".to_owned(), "1.234".to_owned()),
                ("Empty".to_owned(), String::new())
            ]
        );
        assert_eq!(split_pairs("oddity"), [(String::new(), "oddity".to_owned())]);
        assert_eq!(split_pairs("S:A=100%20x")[0].1, "100%20x");
    }

    proptest! {
        #[test]
        fn fields_inverse(fields in proptest::collection::vec("[^\\p{Cc}]{0,20}|[,\" ;]{0,6}", 1..6)) {
            let mut line = String::new();
            for (at, field) in fields.iter().enumerate() {
                if at > 0 { line.push(','); }
                push_field(&mut line, field);
            }
            prop_assert_eq!(split_line(&line).unwrap(), fields);
        }

        #[test]
        fn list_inverse(list in proptest::collection::vec("[a-z@;{}\\[\"]{0,8}", 1..6)) {
            prop_assume!(list != [""]);
            prop_assert_eq!(split_list(&join_list(list.iter().map(String::as_str))), list);
        }

        #[test]
        fn pairs_inverse(pairs in proptest::collection::vec(("[A-Za-z0-9.]{1,8}", "([%;S:=0-9A-D\r\n]|25|3B){0,12}"), 1..5)) {
            let mut data = String::new();
            for (key, value) in &pairs {
                push_pair(&mut data, key, value);
            }
            prop_assert!(!data.contains(['\r', '\n']));
            prop_assert_eq!(split_pairs(&data), pairs);
        }

        #[test]
        fn never_panics(text in "\\PC{0,80}|[\",;{}%S:=]{0,40}") {
            split_line(&text);
            split_list(&text);
            split_pairs(&text);
        }
    }
}
