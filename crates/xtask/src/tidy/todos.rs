//! There is one kind of todo: a known gap against a standard, `// todo: RFC 3461 §5.2.3 …`.
//! May touch: nothing (pure).

use super::Finding;
use crate::tree::Tree;

const MARKS: &[&str] = &["todo", "fixme", "xxx", "hack"];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    // This crate's files talk about the marks themselves.
    for file in tree.rust().filter(|file| !file.path.starts_with("crates/xtask/")) {
        for (at, line) in file.text.lines().enumerate() {
            let Some((_, comment)) = line.split_once("//") else { continue };
            let words = comment.trim_start_matches(['/', '!']).trim_start();
            let first = words.split(|letter: char| !letter.is_alphanumeric()).next().unwrap_or("");
            if !MARKS.iter().any(|mark| first.eq_ignore_ascii_case(mark)) {
                continue;
            }
            let is_citation = words
                .strip_prefix("todo: ")
                .is_some_and(|rest| rest.starts_with("RFC ") || rest.starts_with("[MS-"));
            if !is_citation {
                findings.push(Finding::new(
                    &file.path,
                    at + 1,
                    "the only todo is `// todo: RFC n §n …` or `// todo: [MS-…] §n …`",
                ));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_citations_may_wait() {
        let text = "// todo: RFC 3461 §5.2.3 relayed\n// todo: [MS-OXCMAIL] §2\n// TODO later\n/// FIXME\nlet a = 1; // xxx\n// todo: soon\n// todos are listed\n";
        let tree = Tree::of(&[("a.rs", text)]);
        let lines: Vec<_> = check(&tree).into_iter().map(|one| one.line).collect();
        assert_eq!(lines, [3, 4, 5, 6]);
    }
}
