//! Every Rust file says what it is and what it may touch.
//! May touch: nothing (pure).

use super::Finding;
use crate::tree::Tree;

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.rust() {
        let head: Vec<&str> = file.text.lines().take_while(|line| line.starts_with("//!")).collect();
        if head.first().is_none_or(|first| first.trim_start_matches("//!").trim().is_empty()) {
            findings.push(Finding::new(
                &file.path,
                1,
                "the file does not begin with `//!` and its duty in one sentence",
            ));
        } else if !is_test(&file.path)
            && !head.iter().any(|line| line.trim_start_matches("//!").trim_start().starts_with("May touch:"))
        {
            findings.push(Finding::new(&file.path, 1, "the head has no line `//! May touch: …`"));
        } else if head.first().is_some_and(|first| first.contains("Placeholder")) {
            findings.push(Finding::new(&file.path, 1, "the head is a placeholder"));
        }
    }
    findings
}

/// Tests of a module in files of their own touch what the module touches.
fn is_test(path: &str) -> bool {
    path.ends_with("/tests.rs") || path.contains("/tests/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_are_complete() {
        let tree = Tree::of(&[
            ("a.rs", "//! Reads addresses.\n//! May touch: nothing (pure).\nfn a() {}\n"),
            ("b.rs", "fn b() {}\n"),
            ("c.rs", "//! Reads addresses.\nfn c() {}\n"),
            ("d.md", "no Rust"),
        ]);
        let paths: Vec<_> = check(&tree).into_iter().map(|one| one.path).collect();
        assert_eq!(paths, ["b.rs", "c.rs"]);
    }
}
