//! Case folding of texts and their words, for subjects in any script.
//!
//! May touch: nothing (pure).
//! Standards: Unicode case folding (CaseFolding.txt, status C and F) and canonical composition (UAX 15).
//!
//! What is stored folded says by which rule, so that a text searched for is folded by the same.

use icu_normalizer::ComposingNormalizerBorrowed;

/// The rule by which subjects of a file are folded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum SubjectFold {
    /// One character for one; composed and decomposed letters differ. Files of earlier versions.
    Simple,
    /// Full case folding, then canonical composition: `STRASSE` is `Straße`, however its letters are put together.
    #[default]
    Full,
}

impl SubjectFold {
    /// The text as it is compared.
    pub(crate) fn fold(self, text: &str) -> String {
        match self {
            SubjectFold::Simple => fold_case(text),
            _ if text.is_ascii() => text.to_ascii_lowercase(),
            SubjectFold::Full => {
                let mut folded = String::with_capacity(text.len());
                text.chars().for_each(|ch| fold_full(ch, &mut folded));
                // A capital dotted I folds to an i with a dot of its own; readers type an i.
                if folded.contains(DOTTED_I) {
                    folded = folded.replace(DOTTED_I, "i");
                }
                ComposingNormalizerBorrowed::new_nfc().normalize(&folded).into_owned()
            }
        }
    }
}

/// What `İ` folds to.
const DOTTED_I: &str = "i\u{307}";

/// Adds what stands for a character and all that differ from it by case; that may be several characters.
fn fold_full(ch: char, folded: &mut String) {
    match ch {
        // Lower case of its own: only in Turkish and Azeri is it the small one of I.
        'ı' => folded.push(ch),
        _ => {
            let upper = ch.to_lowercase().flat_map(char::to_uppercase);
            folded.extend(upper.flat_map(char::to_lowercase));
        }
    }
}

/// The text without its case, one character for one: for names, which are stored so.
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
    fn subjects_are_compared_by_full_folding_and_composition() {
        for (one, other) in [
            ("GRÜSSE", "grüße"),
            ("STRASSE", "Straße"),
            ("STRA\u{1e9e}E", "strasse"),
            ("istanbul", "İSTANBUL"),
            ("I\u{307}stanbul", "ISTANBUL"),
            ("Gru\u{308}ße", "GRÜSSE"),
            ("ΜΆΪΟΣ", "μα\u{301}ι\u{308}ος"),
            ("ﬁnal", "FINAL"),
            ("ŉ", "ʼN"),
            ("Å", "a\u{30a}"),
            ("각", "\u{1100}\u{1161}\u{11a8}"),
            ("ПРИВЕТ", "привет"),
            ("ꮳ", "Ꮳ"),
        ] {
            assert_eq!(SubjectFold::Full.fold(one), SubjectFold::Full.fold(other), "{one} {other}");
        }
        for (one, other) in [("ı", "i"), ("u", "ü"), ("strase", "straße")] {
            assert_ne!(SubjectFold::Full.fold(one), SubjectFold::Full.fold(other), "{one} {other}");
        }
        for text in ["Straße", "İ", "I\u{307}\u{323}", "Gru\u{308}ße", "ΐ", "ﬃ", "ᾳ", "ǰ"] {
            let once = SubjectFold::Full.fold(text);
            assert_eq!(SubjectFold::Full.fold(&once), once, "{text}");
        }
        assert_eq!(SubjectFold::Simple.fold("Straße"), "straße");
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
