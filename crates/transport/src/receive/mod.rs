//! SMTP receive: listeners, sessions and the decisions of a session.
//!
//! May touch: see the files; `foresee.rs`, `policy.rs` and `throttle.rs` are pure.

pub(crate) mod accept;
pub(crate) mod consult;
pub mod foresee;
pub(crate) mod listener;
pub(crate) mod policy;
pub(crate) mod refuse;
pub(crate) mod session;
pub mod throttle;
pub(crate) mod transaction;
