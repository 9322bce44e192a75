//! Delivery queues: what waits, for whom, until when.
//!
//! May touch: see the files; `set.rs`, `schedule.rs`, `key.rs`, `rate.rs` and `back_pressure.rs` are pure.

pub mod actions;
pub mod back_pressure;
pub mod held;
pub mod key;
pub(crate) mod outcome;
pub(crate) mod poison;
pub mod rate;
mod replay;
pub(crate) mod resubmit;
pub mod schedule;
pub mod set;
pub(crate) mod settled;
pub mod slot;
pub(crate) mod suspended;
pub mod view;
