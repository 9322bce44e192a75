//! An agent that wants nothing: copy this file to write one.
//!
//! May touch: nothing (pure).
//!
//! 1. Copy it to `src/<your_agent>.rs` and rename the type.
//! 2. Replace the first line by what your agent is for, in one sentence; name the standards it obeys.
//! 3. Choose the points and answer them; leave out of `points` what you do not need.
//! 4. Add `mod` and `pub use` in `lib.rs`, and a line in `Registry::built_in` with its priority.
//! 5. Test it as below: a context in, actions out, as a table.

use crate::action::Action;
use crate::agent::Agent;
use crate::context::Context;
use crate::point::Point;

/// Wants nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Skeleton;

impl Agent for Skeleton {
    fn name(&self) -> &'static str {
        "Skeleton Agent"
    }

    fn points(&self) -> &'static [Point] {
        &[Point::RcptToCommand, Point::EndOfHeaders]
    }

    fn on(&self, point: Point, context: &Context<'_>) -> Vec<Action> {
        match point {
            // `context.recipient` is the one asked about; `Action::Reject` would refuse it alone.
            Point::RcptToCommand if context.recipient.is_some() => Vec::new(),
            // `context.header` holds the header; `Action::Edit` would change it.
            Point::EndOfHeaders => Vec::new(),
            _ => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use directory::{PermissionSet, Snapshot};

    use super::*;
    use crate::context::{Envelope, Session};

    #[test]
    fn lets_everything_go_on() {
        let session = Session {
            client_ip: None,
            client_hostname: None,
            principal: None,
            permissions: PermissionSet::EMPTY,
            connector: "Default Frontend".to_owned(),
            tls: false,
        };
        let (envelope, directory) = (Envelope::default(), Snapshot::default());
        let context = Context::new(&session, &envelope, &directory);
        for point in Skeleton.points() {
            assert_eq!(Skeleton.on(*point, &context), []);
        }
    }
}
