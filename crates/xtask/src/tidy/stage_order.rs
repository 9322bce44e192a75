//! Stage order in transport: a stage names only stages after it, so that none knows who feeds it.
//! May touch: nothing (pure).

use super::Finding;
use crate::rust_text::{code_only, test_start};
use crate::tree::Tree;

/// The stages, each naming only those after it; those of one group do not name each other. Queues stand after
/// sending and delivering, because these take their items from them; whatever ends a message may write a report.
const STAGES: &[&[&str]] =
    &[&["receive"], &["categorize"], &["route"], &["send", "deliver"], &["queue"], &["report"]];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.rust() {
        let Some(rest) = file.path.strip_prefix("crates/transport/src/") else { continue };
        let stage = rest.split(['/', '.']).next().unwrap_or("");
        let Some(group) = group_of(stage) else { continue };
        let code = code_only(&file.text);
        let shipped = test_start(&code);
        for (at, line) in code.lines().enumerate().take_while(|(at, _)| at + 1 < shipped) {
            for other in line.split("crate::").skip(1).filter_map(first_name) {
                let is_wrong =
                    group_of(other).is_some_and(|place| place < group || (place == group && other != stage));
                if is_wrong {
                    let message =
                        format!("stage {stage} may not name {other}, which comes before or beside it");
                    findings.push(Finding::new(&file.path, at + 1, message));
                }
            }
        }
    }
    findings
}

fn first_name(rest: &str) -> Option<&str> {
    rest.split(|letter: char| !letter.is_alphanumeric() && letter != '_').next()
}

fn group_of(stage: &str) -> Option<usize> {
    STAGES.iter().position(|group| group.contains(&stage))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stage_names_only_what_comes_after() {
        let tree = Tree::of(&[
            (
                "crates/transport/src/queue/set.rs",
                "use crate::report::Report;\nuse crate::receive::Session;\n",
            ),
            (
                "crates/transport/src/send/outcome.rs",
                "// crate::receive\nuse crate::deliver::x;\nuse crate::report::y;\n",
            ),
            ("crates/transport/src/pipeline.rs", "use crate::receive::Session;\n"),
            (
                "crates/transport/src/route.rs",
                "use crate::queue::Key;\n#[cfg(test)]\nmod tests { use crate::receive::x; }\n",
            ),
        ]);
        let lines: Vec<_> = check(&tree).into_iter().map(|one| (one.path, one.line)).collect();
        assert_eq!(
            lines,
            [
                ("crates/transport/src/queue/set.rs".to_owned(), 2),
                ("crates/transport/src/send/outcome.rs".to_owned(), 2)
            ]
        );
    }
}
