//! What Test-ServiceHealth must measure and no other handle of a cmdlet reaches.
//! May touch: nothing (a trait); the server implements it over the spool, the feed of the trace and the transport.

use futures::future::BoxFuture;
use trace::Lag;
use transport::queue::back_pressure::{Pressure, Resource};

/// Measurements of the running server.
pub trait HealthProbe: Send + Sync {
    /// Makes the spool commit something durably (`Spool::failure`, then `Spool::flush_marks`), so that success means
    /// that mail can be accepted.
    ///
    /// The error is the spool's own failure, in one sentence.
    fn commit(&self) -> BoxFuture<'_, Result<(), String>>;

    /// How far the message trace is behind the spool (`trace::Feed::lag`).
    fn feed_lag(&self) -> Lag;

    /// The back pressure of each resource that is watched.
    fn pressure(&self) -> Vec<(Resource, Pressure)>;
}
