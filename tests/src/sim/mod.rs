//! One organization in one simulated machine, and the servers and clients outside that scenarios talk to it with.
//!
//! May touch: the simulated world.

pub mod client;
pub mod cmdlets;
pub mod contract;
pub mod expect;
pub mod house;
pub mod play;
pub mod remote;
pub mod script;
pub mod show;

pub use play::play;

/// Why a step of a scenario did not go as written.
pub type Fault = String;
