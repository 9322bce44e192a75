//! Lints are suppressed with `#[expect(…, reason = "…")]`, never with `#[allow(…)]`.
//! May touch: nothing (pure).

use super::Finding;
use crate::rust_text::code_only;
use crate::tree::Tree;

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.rust() {
        for (at, line) in code_only(&file.text).lines().enumerate() {
            if line.contains("#[allow") || line.contains("#![allow") {
                findings.push(Finding::new(
                    &file.path,
                    at + 1,
                    "use #[expect(…, reason = \"…\")] instead of #[allow]",
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
    fn allow_is_found_in_code_only() {
        let tree = Tree::of(&[(
            "a.rs",
            "#![allow(dead_code)]\n// #[allow(x)]\n#[expect(unused, reason = \"#[allow]\")]\n    #[allow(y)]\n",
        )]);
        let lines: Vec<_> = check(&tree).into_iter().map(|one| one.line).collect();
        assert_eq!(lines, [1, 4]);
    }
}
