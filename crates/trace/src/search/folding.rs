//! Case folding of texts and their words, for subjects in any script.
//!
//! May touch: nothing (pure).
//! Standards: Unicode simple case folding (CaseFolding.txt, status C and S): one character for one, so that places
//! in a folded text are places in the text.

/// The text without its case.
pub(crate) fn fold_case(text: &str) -> String {
    if text.is_ascii() { text.to_ascii_lowercase() } else { text.chars().map(fold_char).collect() }
}

/// The character that stands for all that differ from it only by case: `Σ`, `σ` and `ς` give the same.
fn fold_char(ch: char) -> char {
    match ch {
        // Lower case of its own: the dotted and the dotless i of Turkish fold to themselves.
        'ı' | 'İ' => ch,
        _ => single(single(ch, char::to_uppercase), char::to_lowercase),
    }
}

/// The mapping, where it gives one character; `ß` stays, since `SS` are two.
fn single<I: Iterator<Item = char>>(ch: char, map: fn(char) -> I) -> char {
    let mut mapped = map(ch);
    match (mapped.next(), mapped.next()) {
        (Some(one), None) => one,
        _ => ch,
    }
}

/// Whether a character is part of a word.
pub(crate) fn is_word(ch: char) -> bool {
    ch.is_alphanumeric()
}

/// Whether a character is a word by itself: scripts written without blanks between words.
fn stands_alone(ch: char) -> bool {
    matches!(ch, '\u{0e00}'..='\u{0eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{2e80}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// The words of a text: longest runs of letters and digits; a letter of a script without blanks is one by itself.
pub(crate) fn words(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches(|ch| !is_word(ch));
        let first = rest.chars().next()?;
        let len = if stands_alone(first) {
            first.len_utf8()
        } else {
            rest.find(|ch| !is_word(ch) || stands_alone(ch)).unwrap_or(rest.len())
        };
        let (word, left) = rest.split_at_checked(len)?;
        rest = left;
        Some(word)
    })
}

/// A word of a text searched for, and which of its ends are surely those of a word of the subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) text: String,
    pub(crate) starts: bool,
    pub(crate) ends: bool,
}

/// The words of a folded text searched for. `starts` and `ends`: the text stands at that end of the subject.
pub(crate) fn pieces(text: &str, starts: bool, ends: bool) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let base = text.as_ptr() as usize;
    for word in words(text) {
        let from = (word.as_ptr() as usize).saturating_sub(base);
        let to = from.saturating_add(word.len());
        let before = text.get(..from).and_then(|before| before.chars().next_back());
        let after = text.get(to..).and_then(|after| after.chars().next());
        let alone = word.chars().next().is_some_and(stands_alone);
        let bounded = |beside: Option<char>, edge: bool| {
            alone || beside.map_or(edge, |ch| !is_word(ch) || stands_alone(ch))
        };
        pieces.push(Piece {
            text: word.to_owned(),
            starts: bounded(before, starts),
            ends: bounded(after, ends),
        });
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_never_counts_in_any_script() {
        for (one, other) in [
            ("RECHNUNG", "rechnung"),
            ("ÜBERSICHT", "übersicht"),
            ("ΟΔΟΣ", "οδος"),
            ("ΣΊΣΥΦΟΣ", "σίσυφος"),
            ("ПРИВЕТ", "привет"),
            ("ſ", "S"),
            ("\u{212a}", "k"),
            ("µ", "Μ"),
            ("ẞ", "ß"),
            ("ꮳ", "Ꮳ"),
            ("Ა", "ა"),
        ] {
            assert_eq!(fold_case(one), fold_case(other), "{one} {other}");
        }
        assert_ne!(fold_case("ı"), fold_case("i"));
        assert_ne!(fold_case("İ"), fold_case("i"));
        assert_ne!(fold_case("ß"), fold_case("ss"));
        assert_eq!(fold_case("AbC 1"), "abc 1");
    }

    #[test]
    fn words_and_their_ends() {
        assert_eq!(words("re: test-mail  Nr.17").collect::<Vec<_>>(), ["re", "test", "mail", "Nr", "17"]);
        assert_eq!(words("今日はtest").collect::<Vec<_>>(), ["今", "日", "は", "test"]);
        assert_eq!(words(" -- ").count(), 0);
        let shown = |text: &str, starts, ends| {
            let shown = pieces(text, starts, ends).into_iter();
            shown
                .map(|piece| {
                    format!(
                        "{}{}{}",
                        if piece.starts { "^" } else { "" },
                        piece.text,
                        if piece.ends { "$" } else { "" }
                    )
                })
                .collect::<Vec<_>>()
        };
        assert_eq!(shown("il flow", false, false), ["il$", "^flow"]);
        assert_eq!(shown("il flow", true, false), ["^il$", "^flow"]);
        assert_eq!(shown(" il flow", false, true), ["^il$", "^flow$"]);
        assert_eq!(shown("test", false, false), ["test"]);
        assert_eq!(shown("日は", false, false), ["^日$", "^は$"]);
        assert_eq!(shown("a今b", false, false), ["a$", "^今$", "^b"]);
    }
}
