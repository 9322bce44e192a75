//! Rust source with comments and string contents blanked, so that a search finds code only.
//! May touch: nothing (pure).

/// The text with every comment and the inside of every literal replaced by blanks; lines stay where they are.
pub(crate) fn code_only(text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < letters.len() {
        let end = literal_end(&letters, at).unwrap_or(at + 1);
        let is_code = end == at + 1;
        for blanked in letters.get(at..end).unwrap_or_default() {
            out.push(if is_code || *blanked == '\n' { *blanked } else { ' ' });
        }
        at = end;
    }
    out
}

/// The end of the comment or literal that begins at `at`.
fn literal_end(letters: &[char], at: usize) -> Option<usize> {
    let rest = letters.get(at..)?;
    match rest {
        ['/', '/', ..] => Some(at + rest.iter().position(|letter| *letter == '\n').unwrap_or(rest.len())),
        ['/', '*', ..] => Some(at + block_end(rest)),
        ['"', ..] => Some(at + quoted_end(rest)),
        ['r', '"' | '#', ..] if !follows_name(letters, at) => raw_end(rest).map(|length| at + length),
        ['\'', '\\', ..] => Some(at + 2 + rest.iter().skip(3).position(|letter| *letter == '\'')? + 2),
        ['\'', _, '\'', ..] => Some(at + 3),
        _ => None,
    }
}

fn follows_name(letters: &[char], at: usize) -> bool {
    let before = at.checked_sub(1).and_then(|before| letters.get(before));
    before.is_some_and(|letter| letter.is_alphanumeric() && *letter != 'b' || *letter == '_')
}

fn block_end(rest: &[char]) -> usize {
    let mut depth = 0;
    let mut at = 0;
    while at < rest.len() {
        match rest.get(at..at + 2) {
            Some(['/', '*']) => {
                depth += 1;
                at += 2;
            }
            Some(['*', '/']) => {
                depth -= 1;
                at += 2;
                if depth == 0 {
                    return at;
                }
            }
            _ => at += 1,
        }
    }
    rest.len()
}

fn quoted_end(rest: &[char]) -> usize {
    let mut at = 1;
    while let Some(letter) = rest.get(at) {
        match letter {
            '\\' => at += 2,
            '"' => return at + 1,
            _ => at += 1,
        }
    }
    rest.len()
}

fn raw_end(rest: &[char]) -> Option<usize> {
    let hashes = rest.iter().skip(1).take_while(|letter| **letter == '#').count();
    if rest.get(hashes + 1) != Some(&'"') {
        return None;
    }
    let start = hashes + 2;
    let closes = |at: usize| {
        rest.get(at) == Some(&'"')
            && rest.iter().skip(at + 1).take(hashes).filter(|one| **one == '#').count() == hashes
    };
    Some((start..rest.len()).find(|at| closes(*at)).map_or(rest.len(), |at| at + 1 + hashes))
}

/// The lines before `#[cfg(test)] mod`, where rules for shipped code end. Counted from 1, exclusive.
pub(crate) fn test_start(code: &str) -> usize {
    let lines: Vec<&str> = code.lines().collect();
    lines
        .windows(2)
        .position(|pair| matches!(pair, [first, second] if first.trim() == "#[cfg(test)]" && second.trim_start().starts_with("mod ")))
        .map_or(usize::MAX, |at| at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_literals_are_blanked() {
        let table: &[(&str, &str)] = &[
            ("a // b\nc", "a     \nc"),
            ("a /* b /* c */ d */ e", "a                   e"),
            ("f(\"x { \\\" }\")", "f(          )"),
            ("r#\"a\"b\"# c", "         c"),
            ("'{' 'a", "    'a"),
            ("'\\'' x", "     x"),
            ("&'a str", "&'a str"),
            ("br\"{\" x", "b     x"),
        ];
        for (text, code) in table {
            assert_eq!(code_only(text), *code, "{text}");
        }
    }

    #[test]
    fn tests_begin_at_their_module() {
        assert_eq!(test_start("fn a() {}\n#[cfg(test)]\nmod tests {}\n"), 2);
        assert_eq!(test_start("fn a() {}\n"), usize::MAX);
    }
}
