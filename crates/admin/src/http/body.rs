//! The body of a request: bounded in octets and in time, and read only after whoever sends it is known.
//! May touch: the connection it is given, the clock.

use std::time::Duration;

use axum::body::{Body, Bytes};
use world::Clock;

use crate::error::CmdletError;

/// The largest body of a call, in octets: lists fit many times over.
pub const BODY_BYTES_MAX: usize = 4 * 1024 * 1024;
/// The largest body where a file comes along, or records of a trace source, in octets.
pub const FILE_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Time for a body to come in.
pub const BODY_WAIT_MAX: Duration = Duration::from_secs(300);

/// Reads it.
///
/// # Errors
/// `Usage` when it is longer or slower than it may be, or breaks off.
pub(super) async fn read(clock: &Clock, body: Body, most: usize) -> Result<Bytes, CmdletError> {
    match clock.timeout(BODY_WAIT_MAX, axum::body::to_bytes(body, most)).await {
        Ok(Ok(body)) => Ok(body),
        Ok(Err(error)) => Err(CmdletError::Usage(format!(
            "the body broke off, or is longer than the {most} octets it may have: {error}"
        ))),
        Err(_) => Err(CmdletError::Usage(format!(
            "the body did not come within {} s; send it in parts",
            BODY_WAIT_MAX.as_secs()
        ))),
    }
}
