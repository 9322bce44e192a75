//! The trace: recording what becomes of every recipient, and answering where a message is.
//!
//! May touch: a spool batch (recorder), clock, disk and executor handles (store, feeder, refusals).
//! It can call nothing of the pipeline: stages call the [`Recorder`], administrators ask [`Trace`].

pub mod recorder;
pub mod search;
pub mod status;
mod store;

pub use recorder::{About, Cause, Deferral, Delivery, Ended, HandOn, Received, Recorder};
pub use status::{EventKey, NodeId, Replacement, Row, Stage, Status, SubStatus};
pub use store::{Day, LowWater, Store, StoreError};
