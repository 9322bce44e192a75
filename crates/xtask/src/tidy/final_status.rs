//! One function per final status: the Recorder's functions that end a recipient are called only from the
//! files that decide outcomes.
//! May touch: nothing (pure).

use super::Finding;
use crate::rust_text::{code_only, test_start};
use crate::tree::Tree;

/// A function of `trace::Recorder`, and the files of transport that may call it.
const CALLERS: &[(&str, &[&str])] = &[
    ("delivered", &["deliver/outcome.rs"]),
    ("duplicate_delivered", &["deliver/outcome.rs"]),
    ("sent_external", &["send/outcome.rs"]),
    ("sent_internal", &["send/outcome.rs"]),
    ("failed", &["categorize/outcome.rs", "queue/outcome.rs", "send/outcome.rs", "deliver/outcome.rs"]),
    ("dropped", &["categorize/outcome.rs", "queue/outcome.rs", "send/outcome.rs", "deliver/outcome.rs"]),
];
/// Where the functions live and may call each other.
const HOME: &str = "crates/trace/";

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.rust().filter(|file| file.path.starts_with("crates/") && !file.path.starts_with(HOME)) {
        if !file.text.contains("Recorder") && !file.text.contains("recorder") {
            continue;
        }
        let code = code_only(&file.text);
        let shipped = test_start(&code);
        for (at, line) in code.lines().enumerate().take_while(|(at, _)| at + 1 < shipped) {
            for (function, callers) in CALLERS {
                let is_allowed =
                    callers.iter().any(|caller| file.path == format!("crates/transport/src/{caller}"));
                if !is_allowed && calls(line, function) {
                    let message = format!(
                        "Recorder::{function} ends a recipient; only {} may call it",
                        callers.join(", ")
                    );
                    findings.push(Finding::new(&file.path, at + 1, message));
                }
            }
        }
    }
    findings
}

/// `recorder.delivered(` at any depth of fields, a chained `.delivered(` on a line of its own, or
/// `Recorder::delivered`.
fn calls(line: &str, function: &str) -> bool {
    let method = format!(".{function}(");
    let by_path = line.split("Recorder::").skip(1).any(|rest| {
        rest.strip_prefix(function)
            .is_some_and(|after| !after.starts_with(|next: char| next.is_alphanumeric() || next == '_'))
    });
    by_path || line.contains(&format!("recorder{method}")) || line.trim_start().starts_with(&method)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_outcome_files_end_a_recipient() {
        let call = "fn end(recorder: &Recorder) {\n    self.recorder.delivered(batch);\n}\n";
        let chained = "fn end(recorder: &Recorder) {\n    recorder\n        .failed(batch);\n}\n";
        let tree = Tree::of(&[
            ("crates/transport/src/deliver/outcome.rs", call),
            ("crates/transport/src/deliver/worker.rs", call),
            ("crates/transport/src/receive/session.rs", chained),
            (
                "crates/transport/src/send/worker.rs",
                "let f = Recorder::sent_external;\nlet g = Recorder::sent_external_total;\n",
            ),
            ("crates/trace/src/recorder.rs", call),
            ("crates/transport/src/pipeline.rs", "recorder.deferred(b); // recorder.delivered(b)\n"),
        ]);
        let lines: Vec<_> = check(&tree).into_iter().map(|one| (one.path, one.line)).collect();
        assert_eq!(
            lines,
            [
                ("crates/transport/src/deliver/worker.rs".to_owned(), 2),
                ("crates/transport/src/receive/session.rs".to_owned(), 3),
                ("crates/transport/src/send/worker.rs".to_owned(), 1),
            ]
        );
    }
}
