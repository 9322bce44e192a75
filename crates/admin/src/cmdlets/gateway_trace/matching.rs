//! Smart Search's ways of matching: parts of addresses, and subjects by their words.
//! May touch: nothing (pure).

use trace::AddressPattern;

/// Words of English that a subject is searched without.
const STOP_WORDS: &[&str] = &[
    "a", "an", "and", "are", "as", "at", "be", "by", "for", "from", "i", "i'm", "im", "in", "is", "it", "m",
    "of", "on", "or", "that", "the", "this", "to", "was", "we", "with", "you",
];

/// The pattern a typed address means: `a.b`, `a.b*`, `a.b@`, `*@c.d`, `@c.d`, `a.*@`, `@*.d` all find `a.b@c.d`.
/// `@` alone finds nothing.
pub(super) fn address(text: &str) -> Option<AddressPattern> {
    let text = text.trim().trim_start_matches('<').trim_end_matches('>');
    if text.is_empty() || text.chars().all(|letter| letter == '@' || letter == '*') {
        return None;
    }
    let pattern = match text.split_once('@') {
        // A part of either side.
        None => format!("*{}*", text.trim_matches('*')),
        Some(("", domain)) => format!("*@{domain}"),
        Some((local, "")) => format!("{local}@*"),
        Some(_) => text.to_owned(),
    };
    pattern.parse().ok()
}

/// The words of a subject that count, each without its ending.
pub(super) fn words(subject: &str) -> Vec<String> {
    subject
        .to_lowercase()
        .split(|letter: char| !letter.is_alphanumeric() && letter != '\'')
        .map(|word| word.trim_matches('\''))
        .filter(|word| !word.is_empty() && !STOP_WORDS.contains(word))
        .map(stem)
        .collect()
}

/// English endings taken off: going and goes are go.
fn stem(word: &str) -> String {
    let bare = word.split('\'').next().unwrap_or(word);
    for ending in ["ings", "ing", "ies", "ed", "es", "s"] {
        if let Some(root) = bare.strip_suffix(ending)
            && root.chars().count() >= 2
        {
            return root.to_owned();
        }
    }
    bare.to_owned()
}

/// Whether a subject has all of these words.
pub(super) fn has_words(subject: &str, wanted: &[String]) -> bool {
    let own = words(subject);
    wanted.iter().all(|word| own.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_an_address_find_it() {
        for typed in
            ["a.b", "a.b*", "a.b@", "*@c.d", "@c.d", "a.*@", "@*.d", "a.b@c.d", "A.B@C.D", "<a.b@c.d>"]
        {
            assert!(address(typed).is_some_and(|pattern| pattern.matches("a.b@c.d")), "{typed}");
        }
        for typed in ["@", "", "*", "*@", " @ "] {
            assert_eq!(address(typed), None, "{typed}");
        }
        assert!(!address("x@").unwrap().matches("a.b@c.d"));
    }

    #[test]
    fn a_subject_is_found_by_its_words() {
        assert_eq!(words("I'm going to a party"), ["go", "party"]);
        assert!(has_words("Going to parties? Party!", &words("I'm going to a party")));
        assert!(!has_words("Party", &words("going party")));
    }
}
