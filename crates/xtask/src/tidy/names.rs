//! No drawer: folders and modules are named by what they do.
//! May touch: nothing (pure).

use super::Finding;
use crate::tree::Tree;

/// Names that say nothing.
const FORBIDDEN: &[&str] =
    &["util", "utils", "common", "helper", "helpers", "manager", "managers", "misc", "data", "info"];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in
        tree.files.iter().filter(|file| file.path.starts_with("crates/") || file.path.starts_with("tests/"))
    {
        let parts: Vec<&str> = file.path.split('/').collect();
        for (at, part) in parts.iter().enumerate() {
            let is_file = at + 1 == parts.len();
            let name = if is_file { part.strip_suffix(".rs").unwrap_or("") } else { part };
            // A folder is reported once, at its first file; a module file once.
            let is_first = is_file || is_first_below(tree, &parts, at, &file.path);
            if FORBIDDEN.contains(&name) && is_first {
                findings.push(Finding::new(
                    &file.path,
                    1,
                    format!("\"{name}\" names no duty; name the folder or module by what it does"),
                ));
            }
        }
    }
    findings
}

fn is_first_below(tree: &Tree, parts: &[&str], at: usize, path: &str) -> bool {
    let folder = format!("{}/", parts.get(..=at).unwrap_or_default().join("/"));
    tree.files.iter().find(|file| file.path.starts_with(&folder)).is_some_and(|file| file.path == path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drawers_are_found_once() {
        let tree = Tree::of(&[
            ("crates/a/src/data.rs", ""),
            ("crates/a/src/database.rs", ""),
            ("crates/a/src/util/x.rs", ""),
            ("crates/a/src/util/y.rs", ""),
            ("tests/data/README.md", ""),
            ("docs/info/x.md", ""),
        ]);
        let paths: Vec<_> = check(&tree).into_iter().map(|one| one.path).collect();
        assert_eq!(paths, ["crates/a/src/data.rs", "crates/a/src/util/x.rs", "tests/data/README.md"]);
    }
}
