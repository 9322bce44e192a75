//! Power cuts.
//!
//! May touch: the simulated world.
