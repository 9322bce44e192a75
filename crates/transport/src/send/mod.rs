//! Sending by SMTP: to the hosts a domain names, or to the smart hosts of a Send connector.
//!
//! May touch: see the files. `hosts.rs` decides where, `connection.rs` talks, `outcome.rs` decides what became of it.

mod connection;
pub(crate) mod hosts;
pub(crate) mod outcome;
mod postpone;
#[cfg(test)]
mod scripted_host;
mod settle;
mod tls;
mod transaction;
pub mod trial;
mod unreached;
pub(crate) mod worker;
