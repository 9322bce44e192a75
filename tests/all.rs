//! All tests of the whole product in one binary.
//!
//! May touch: the simulated world.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod crash;
mod open_search;
mod paths;
mod programs;
