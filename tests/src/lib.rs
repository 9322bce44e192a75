//! The test kit: a whole mail server in a simulated world, and the scenarios that run in it.
//!
//! May touch: the simulated world.
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking; the kit is part of the tests"
)]

pub mod sim;
