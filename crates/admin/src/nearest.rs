//! The name nearest to what was typed, for "did you mean".
//! May touch: nothing (pure).

/// The longest text compared; longer ones are nobody's slip of the finger.
const LENGTH_MAX: usize = 64;

/// The candidate with the fewest edits, if they are few for its length.
pub fn nearest<'a>(typed: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let typed = typed.to_ascii_lowercase();
    if typed.len() > LENGTH_MAX {
        return None;
    }
    candidates
        .map(|candidate| (edits(&typed, &candidate.to_ascii_lowercase()), candidate))
        .filter(|(edits, candidate)| *edits <= candidate.len() / 3 + 1)
        .min_by_key(|(edits, candidate)| (*edits, candidate.len().abs_diff(typed.len())))
        .map(|(_, candidate)| candidate)
}

/// Insertions, deletions and replacements between two texts (Levenshtein).
fn edits(left: &str, right: &str) -> usize {
    let mut row: Vec<usize> = (0..=right.chars().count()).collect();
    for (line, from) in left.chars().enumerate() {
        let mut next = vec![line + 1];
        let mut before = line + 1;
        for (pair, to) in row.windows(2).zip(right.chars()) {
            let (diagonal, above) = match pair {
                [diagonal, above] => (*diagonal, *above),
                _ => continue,
            };
            before = (diagonal + usize::from(from != to)).min(above + 1).min(before + 1);
            next.push(before);
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_find_their_word_and_nonsense_finds_none() {
        let names = ["Get-Mailbox", "Set-Mailbox", "Get-MailContact"];
        assert_eq!(nearest("get-malibox", names.into_iter()), Some("Get-Mailbox"));
        assert_eq!(nearest("Set-Mailbx", names.into_iter()), Some("Set-Mailbox"));
        assert_eq!(nearest("frobnicate", names.into_iter()), None);
        assert_eq!(edits("kitten", "sitting"), 3);
    }
}
