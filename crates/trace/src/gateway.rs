//! The names under which a gateway's record keeps what it found and did: written by its reader, read by its view.
//!
//! May touch: nothing (pure).

/// What it did in the end: `continue`, `discard`, `Quarantined; Discarded`, …
pub const FINAL_ACTION: &str = "FinalAction";
/// The module that decided: `spam`, `av`, `access`, …
pub const FINAL_MODULE: &str = "FinalModule";
/// The rule of that module.
pub const FINAL_RULE: &str = "FinalRule";
/// The folder a copy is held in.
pub const QUARANTINE_FOLDER: &str = "QuarantineFolder";
/// The rule that put it there.
pub const QUARANTINE_RULE: &str = "QuarantineRule";
/// What became of the original beside the held copy.
pub const DISPOSITION_ACTION: &str = "DispositionAction";
/// The policy routes it took, separated by commas.
pub const POLICY_ROUTES: &str = "PolicyRoutes";
/// The direction the gateway gave it.
pub const ROUTE_DIRECTION: &str = "RouteDirection";
/// The score of its spam module.
pub const SPAM_SCORE: &str = "SpamScore";
/// How long it worked on the message, in seconds.
pub const DURATION: &str = "Duration";
/// Malware it found.
pub const VIRUS_NAMES: &str = "VirusNames";
/// Its session.
pub const SID: &str = "SID";
/// Its identity of the message.
pub const GUID: &str = "GUID";
/// The queue id, as every reader of a place keeps it.
pub const QUEUE_ID: &str = "QueueId";
