//! The categorizer: resolve, expand, limits, bifurcate; the only place between `250` and a queue.
//!
//! May touch: see the files. `plan.rs`, `resolve.rs`, `expand.rs` and `limits.rs` are pure.

pub(crate) mod consult;
pub mod expand;
pub(crate) mod in_progress;
pub mod limits;
pub(crate) mod outcome;
pub mod perform;
pub mod plan;
pub mod resolve;
pub mod worker;
