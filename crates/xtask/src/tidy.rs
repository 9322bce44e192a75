//! The checks of `cargo xtask tidy`, one file each.
//! May touch: nothing (pure).

mod crate_order;
mod final_status;
mod heads;
mod lengths;
mod names;
mod serialization;
mod stage_order;
mod standards;
mod suppressions;
mod todos;

use std::fmt;

use crate::tree::Tree;

/// Something that is not as it should be.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Finding {
    path: String,
    line: usize,
    message: String,
}

impl Finding {
    fn new(path: &str, line: usize, message: impl Into<String>) -> Finding {
        Finding { path: path.into(), line, message: message.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line, self.message)
    }
}

/// Every check on the tree, sorted by place.
pub(crate) fn run(tree: &Tree) -> Vec<Finding> {
    let checks: &[fn(&Tree) -> Vec<Finding>] = &[
        crate_order::check,
        stage_order::check,
        final_status::check,
        heads::check,
        lengths::check,
        names::check,
        suppressions::check,
        todos::check,
        standards::check,
        serialization::check,
    ];
    let mut findings: Vec<Finding> = checks.iter().flat_map(|check| check(tree)).collect();
    findings.sort();
    findings
}
