//! Citations and `docs/standards.md` agree: each document cited has a row, each row has a citation or says
//! that nothing cites it yet.
//! May touch: nothing (pure).

use std::collections::{BTreeMap, BTreeSet};

use super::Finding;
use crate::tree::Tree;

/// The index: a table `| Document | Title | Status |`.
const INDEX: &str = "docs/standards.md";
/// The statuses of a row that need no citation in the code.
const UNCITED: &[&str] = &["planned", "not applicable"];
/// Every status there is.
const STATUSES: &[&str] = &["complete", "partial", "planned", "not applicable", "informative"];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    let cited = citations(tree);
    let Some(index) = tree.file(INDEX) else {
        return vec![Finding::new(INDEX, 1, "the index of standards is missing")];
    };
    let mut listed = BTreeSet::new();
    for (at, line) in index.text.lines().enumerate() {
        let cells: Vec<&str> = line.trim().trim_matches('|').split('|').map(str::trim).collect();
        let [document, _, status, ..] = cells.as_slice() else { continue };
        let Some(document) = documents(document).into_iter().next() else { continue };
        let status = status.to_ascii_lowercase();
        if !STATUSES.iter().any(|known| status.starts_with(known)) {
            findings.push(Finding::new(
                INDEX,
                at + 1,
                format!("{document} has the status \"{status}\"; use one of {}", STATUSES.join(", ")),
            ));
        }
        if !cited.contains_key(&document) && !UNCITED.iter().any(|known| status.starts_with(known)) {
            findings.push(Finding::new(
                INDEX,
                at + 1,
                format!("{document} is cited nowhere in the code; its status cannot be \"{status}\""),
            ));
        }
        if !listed.insert(document.clone()) {
            findings.push(Finding::new(INDEX, at + 1, format!("{document} is listed twice")));
        }
    }
    for (document, (path, line)) in cited {
        if !listed.contains(&document) {
            findings.push(Finding::new(
                &path,
                line,
                format!("{document} is cited here and has no row in {INDEX}"),
            ));
        }
    }
    findings
}

/// Every document cited in Rust files, with the first place.
fn citations(tree: &Tree) -> BTreeMap<String, (String, usize)> {
    let mut cited = BTreeMap::new();
    for file in tree.rust().filter(|file| !file.path.starts_with("crates/xtask/")) {
        for (at, line) in file.text.lines().enumerate() {
            let Some((_, comment)) = line.split_once("//") else { continue };
            for document in documents(comment) {
                cited.entry(document).or_insert_with(|| (file.path.clone(), at + 1));
            }
        }
    }
    cited
}

/// `RFC 5321` and `[MS-OXCMAIL]` in a text; in `RFC 2034/5248` and `RFC 3461-3464` only the first counts.
fn documents(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for rest in text.split("RFC ").skip(1) {
        let number: String = rest.chars().take_while(char::is_ascii_digit).collect();
        if !number.is_empty() {
            found.push(format!("RFC {number}"));
        }
    }
    for rest in text.split("[MS-").skip(1) {
        let name: String = rest.chars().take_while(char::is_ascii_alphanumeric).collect();
        if rest.get(name.len()..).is_some_and(|after| after.starts_with(']')) {
            found.push(format!("[MS-{name}]"));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_directions_are_held() {
        let index = "| Document | Title | Status |\n|---|---|---|\n| RFC 5321 | SMTP | partial: no VRFY |\n| RFC 1870 | SIZE | complete |\n| RFC 9999 | Later | planned |\n| RFC 5321 | SMTP | partial |\n| [MS-OXCMAIL] | Mail | done |\n";
        let tree = Tree::of(&[
            (INDEX, index),
            ("a.rs", "// RFC 5321 §4.5\nlet text = \"RFC 7777\";\n/// [MS-OXCMAIL] §2.1 and RFC 3461 §5\n"),
        ]);
        let findings: Vec<_> = check(&tree).into_iter().map(|one| (one.path, one.line)).collect();
        let index = INDEX.to_owned();
        assert_eq!(findings, [(index.clone(), 4), (index.clone(), 6), (index, 7), ("a.rs".to_owned(), 3)]);
    }

    #[test]
    fn an_index_must_exist() {
        assert_eq!(check(&Tree::of(&[])).len(), 1);
    }
}
