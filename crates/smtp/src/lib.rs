//! SMTP without sockets: the command and reply codec, the server session and the client session.
//!
//! May touch: nothing (pure).
//! Standards: RFC 5321, 1870, 2034, 2920, 3030, 3207, 3461, 4954, 5248, 6152, 6531.
//!
//! A driver owns the socket, the clock and the decisions. It gives [`ServerSession`] the bytes it read, gets
//! typed [`Request`]s, answers each with one [`Reply`] and writes what [`ServerSession::take_output`] holds.
//! [`ClientSession`] is driven the other way round: it says what to write, when to read and what came of it.

pub mod client;
pub mod command;
pub mod fuzz;
pub mod limits;
#[cfg(test)]
mod properties;
pub mod replies;
pub mod reply;
mod security;
pub mod server;
pub mod xtext;

pub use client::{ClientParams, ClientSession, Outcome, RecipientOutcome, Step, Transaction};
pub use command::{Body, Notify, OriginalRecipient, Ret};
pub use limits::Limits;
pub use reply::{EnhancedCode, Reply, ReplyClass};
pub use security::Security;
pub use server::{Refusal, RefusalCause, Request, ServerSession};
