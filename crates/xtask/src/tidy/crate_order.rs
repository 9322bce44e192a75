//! Crate order: a crate names only crates of the groups before its own.
//! May touch: nothing (pure).

use super::Finding;
use crate::tree::Tree;

/// The groups in order. Crates of one group do not name each other.
const ORDER: &[&[&str]] = &[
    &["mail", "events", "world"],
    &["smtp", "sender-auth", "spool", "directory"],
    &["trace"],
    &["mailbox", "agents"],
    &["transport"],
    &["mapi", "access", "admin"],
    &["console"],
    &["server"],
];
/// Pairs that are allowed though they share a group: events carry mail's identifiers.
const EXCEPTIONS: &[(&str, &str)] = &[("events", "mail")];
/// Crates outside the order: tools and tests may name everything, and nothing of the product names them.
const OUTSIDE: &[&str] = &["xtask"];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let manifests = tree.files.iter().filter_map(|file| {
        let name = file.path.strip_prefix("crates/")?.strip_suffix("/Cargo.toml")?;
        Some((name, file))
    });
    let mut findings = Vec::new();
    for (name, file) in manifests {
        let Some(group) = group_of(name) else {
            if !OUTSIDE.contains(&name) {
                findings.push(Finding::new(
                    &file.path,
                    1,
                    format!("crate {name} has no place in the crate order"),
                ));
            }
            continue;
        };
        // Tests may need a right-hand crate's simulation; what ships may not.
        let is_shipped =
            |section: &str| section.contains("dependencies") && !section.contains("dev-dependencies");
        let mut section = String::new();
        for (at, line) in file.text.lines().enumerate() {
            if line.starts_with('[') {
                section = line.to_owned();
            }
            let dependency = line.split(['.', '=', ' ']).next().unwrap_or("");
            let Some(other) = group_of(dependency).filter(|_| is_shipped(&section)) else { continue };
            if other >= group && !EXCEPTIONS.contains(&(name, dependency)) {
                let message =
                    format!("crate {name} may not name {dependency}, which stands beside or right of it");
                findings.push(Finding::new(&file.path, at + 1, message));
            }
        }
    }
    findings
}

fn group_of(name: &str) -> Option<usize> {
    ORDER.iter().position(|group| group.contains(&name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_left_is_allowed() {
        let tree = Tree::of(&[
            (
                "crates/trace/Cargo.toml",
                "[dependencies]\nspool.workspace = true\ntransport.workspace = true\n",
            ),
            (
                "crates/smtp/Cargo.toml",
                "[dependencies]\nspool.workspace = true\n[dev-dependencies]\nserver.workspace = true\n",
            ),
            ("crates/events/Cargo.toml", "[dependencies]\nmail.workspace = true\n"),
            ("crates/drawer/Cargo.toml", "[dependencies]\n"),
            ("crates/xtask/Cargo.toml", "[dependencies]\nserver.workspace = true\n"),
        ]);
        let findings = check(&tree);
        let lines: Vec<_> = findings.iter().map(|one| (one.path.as_str(), one.line)).collect();
        assert_eq!(
            lines,
            [("crates/trace/Cargo.toml", 3), ("crates/smtp/Cargo.toml", 2), ("crates/drawer/Cargo.toml", 1)]
        );
    }
}
