//! All tests of the whole product in one binary.
//!
//! May touch: the simulated world.

mod crash;
mod paths;
mod programs;
