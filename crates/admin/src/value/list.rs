//! Comma-separated values, as PowerShell's array literal has them.
//! May touch: nothing (pure).

/// Splits at commas outside quotes; single and double quotes are taken off, blanks around parts too.
///
/// # Errors
/// A quote that is not closed, or an empty part.
pub fn split_commas(text: &str) -> Result<Vec<String>, String> {
    let mut parts = Vec::new();
    let mut part = String::new();
    let mut quote = None;
    let mut was_quoted = false;
    for letter in text.chars() {
        match (quote, letter) {
            (Some(open), _) if letter == open => quote = None,
            (Some(_), _) => part.push(letter),
            (None, '"' | '\'') if part.trim().is_empty() => {
                part.clear();
                quote = Some(letter);
                was_quoted = true;
            }
            (None, ',') => parts.push(finish(&mut part, &mut was_quoted)?),
            (None, _) => part.push(letter),
        }
    }
    if quote.is_some() {
        return Err(format!("has a quote that is not closed: {text}"));
    }
    parts.push(finish(&mut part, &mut was_quoted)?);
    Ok(parts)
}

fn finish(part: &mut String, was_quoted: &mut bool) -> Result<String, String> {
    let whole = std::mem::take(part);
    let is_quoted = std::mem::take(was_quoted);
    if is_quoted {
        return Ok(whole);
    }
    match whole.trim() {
        "" => Err("has an empty value in its list; quote '$null' to clear it".into()),
        trimmed => Ok(trimmed.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commas_split_but_not_inside_quotes() {
        let table: &[(&str, &[&str])] = &[
            ("a", &["a"]),
            ("a,b", &["a", "b"]),
            (" a , b ", &["a", "b"]),
            ("\"Jones, Kim\",b", &["Jones, Kim", "b"]),
            ("'a','b'", &["a", "b"]),
            ("o'brien@contoso.example,b", &["o'brien@contoso.example", "b"]),
        ];
        for (text, parts) in table {
            assert_eq!(split_commas(text).unwrap(), *parts, "{text}");
        }
        for text in ["", "a,,b", "a,", "\"a"] {
            assert!(split_commas(text).is_err(), "{text}");
        }
    }
}
