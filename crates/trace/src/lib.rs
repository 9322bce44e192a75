//! The trace: recording what becomes of every recipient, and answering where a message is.
//!
//! May touch: a spool batch (recorder), clock, disk and executor handles (store, feeder, refusals).
//! It can call nothing of the pipeline: stages call the [`Recorder`], and administrators call [`Search`].

pub mod status;
