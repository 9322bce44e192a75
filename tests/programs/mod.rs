//! The real binary with real programs around it: swaks, smtp-source, smtp-sink, Postfix, Python.
//!
//! May touch: processes, files, sockets on loopback, time. A program that is missing is a failure that says what to
//! install, never a test left out; `make test` installs them all.
#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "these tests stand outside the product and drive real programs on the real machine"
)]
#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking; the kit is part of the tests"
)]

mod administration;
mod completion;
mod crash;
mod groups;
mod house;
mod imports;
mod live;
mod message;
mod observer;
mod patience;
mod peers;
mod relay;
mod senders;
mod service;
mod session;
mod shell;
