//! The bounds of a server session, each with its default and the sentence that explains it.
//!
//! May touch: nothing (pure).

/// Longest command line in octets, CRLF included: 512 of RFC 5321 §4.5.3.1.4 and room for every extension's parameters.
pub const COMMAND_LINE_BYTES_MAX: usize = 2_048;
/// Longest line of an AUTH exchange in octets, CRLF included, RFC 4954 §4.
pub const AUTH_LINE_BYTES_MAX: usize = 12_288;
/// How many octets of an over-long command line are skipped before the session is closed.
pub const SKIPPED_LINE_BYTES_MAX: usize = 1_048_576;
/// How many octets of a refused message are still read, to stay in step, before the session is closed.
pub const SKIPPED_MESSAGE_BYTES_MAX: u64 = 256 * 1_048_576;
/// Octets of replies that may wait before the driver must write them, see [`crate::ServerSession::must_flush`].
pub const OUTPUT_BYTES_MAX: usize = 16_384;

/// What one session of a Receive connector may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Largest message in octets, counted as RFC 1870 §3 does: decoded, with every CRLF.
    pub message_bytes_max: u64,
    /// Largest header section in octets, the empty line excluded. A message above it ends the session.
    pub header_bytes_max: u64,
    /// Most recipients that one message may have; each one more gets `452 4.5.3`.
    pub recipients_max: usize,
    /// Longest line of a message in octets, CRLF excluded. RFC 5321 §4.5.3.1.6 has 998, practice exceeds it.
    pub data_line_bytes_max: usize,
    /// Protocol errors after which the session is closed; 0 means never.
    pub protocol_errors_max: u32,
    /// Failed logons after which the session is closed; 0 means never.
    pub logon_failures_max: u32,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            message_bytes_max: 37_748_736,
            header_bytes_max: 262_144,
            recipients_max: 200,
            data_line_bytes_max: 4_096,
            protocol_errors_max: 5,
            logon_failures_max: 3,
        }
    }
}
