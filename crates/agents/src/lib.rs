//! Transport agents: each looks at a message at fixed points of its way and returns what it wants done.
//!
//! May touch: clock (to measure the time an agent takes).
//! Known gaps: the Delivery points are named and reached when mailbox delivery gets agents; a per-recipient routing
//! override at OnResolvedMessage follows with transport rules.
//!
//! An agent performs nothing: it gets a [`Context`] and returns [`Action`]s, which the transport performs. To write
//! one, copy `skeleton.rs` and add it to `registry.rs`.

mod action;
mod agent;
mod context;
mod header_firewall;
mod point;
mod recipient_filter;
mod registry;
mod skeleton;

pub use action::{Action, HeaderEdit, HeaderSelection, NewMessage, Rejection, Scope};
pub use agent::Agent;
pub use context::{Context, Envelope, Session};
pub use header_firewall::HeaderFirewall;
pub use point::{Point, Stage};
pub use recipient_filter::RecipientFilter;
pub use registry::{ACTIONS_MAX, AgentInfo, Dispatch, Registration, Registry, Spent, Wanted};
pub use skeleton::Skeleton;
