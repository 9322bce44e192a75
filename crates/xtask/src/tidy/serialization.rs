//! Only files that carry a version serialise: `format.rs`, `api.rs`, or a type whose file states one.
//! May touch: nothing (pure).

use super::Finding;
use crate::rust_text::{code_only, test_start};
use crate::tree::Tree;

/// Crates whose types are stored through another crate's versioned format, or are plain configuration.
const EXEMPT: &[&str] = &["crates/xtask/", "tests/", "benches/"];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.rust().filter(|file| !EXEMPT.iter().any(|path| file.path.starts_with(path))) {
        let name = file.path.rsplit('/').next().unwrap_or("");
        if matches!(name, "format.rs" | "api.rs") || crate_has_version(tree, &file.path) {
            continue;
        }
        let code = code_only(&file.text);
        let shipped = test_start(&code);
        let derived = code.lines().enumerate().take_while(|(at, _)| at + 1 < shipped).find(|(_, line)| {
            line.contains("derive(")
                && line.split(|letter: char| !letter.is_alphanumeric()).any(|word| word == "Serialize")
        });
        if let Some((at, _)) = derived {
            let message = "serialises, but nothing in the crate states a version; use a format.rs or api.rs";
            findings.push(Finding::new(&file.path, at + 1, message));
        }
    }
    findings
}

/// A crate states the version of what it stores in a `format.rs`, an `api.rs` or a constant `VERSION`.
fn crate_has_version(tree: &Tree, path: &str) -> bool {
    let root: String = path.split('/').take(2).collect::<Vec<_>>().join("/") + "/";
    tree.rust().filter(|file| file.path.starts_with(&root)).any(|file| {
        file.path.ends_with("/format.rs")
            || file.path.ends_with("/api.rs")
            || file.text.contains("const VERSION")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crate_that_serialises_states_a_version() {
        let derive = "#[derive(Debug, Serialize)]\nstruct A;\n";
        let tree = Tree::of(&[
            ("crates/a/src/thing.rs", derive),
            ("crates/b/src/thing.rs", derive),
            ("crates/b/src/format.rs", "const V: u8 = 1;\n"),
            ("crates/c/src/thing.rs", "#[derive(Debug)]\nstruct Serialize;\n"),
        ]);
        let paths: Vec<_> = check(&tree).into_iter().map(|one| one.path).collect();
        assert_eq!(paths, ["crates/a/src/thing.rs"]);
    }
}
