//! Tests of the handles, real and simulated side by side where both can do it.
//!
//! May touch: nothing (pure).

mod disk;
mod dns;
mod net;
mod power_cut;
mod tasks;
mod tls;
