//! The contract of a transport agent.
//!
//! May touch: nothing (pure).

use crate::action::Action;
use crate::context::Context;
use crate::point::Point;

/// Looks at a message at certain points and says what it wants done.
///
/// An agent is pure: it keeps no state that its answers hang on, waits for nothing and performs nothing. The same
/// context gives the same actions, so that a redo after a crash decides as before.
pub trait Agent: Send + Sync {
    /// The name in the trace and in cmdlets, for example `Recipient Filter Agent`.
    fn name(&self) -> &'static str;

    /// The points where it is asked; no other reaches [`Agent::on`].
    fn points(&self) -> &'static [Point];

    /// What it wants done, in this order; empty to let the message go on. Actions behind one that ends the chain are
    /// not performed.
    fn on(&self, point: Point, context: &Context<'_>) -> Vec<Action>;
}
