//! A power cut at every call that changes or syncs the disk, while mail is accepted, categorized, delivered and relayed.
//!
//! May touch: the simulated world.

mod poison;
mod power_cut;
mod stores;
