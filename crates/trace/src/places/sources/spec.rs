//! A trace source as an administrator made it, and what it has come to.
//!
//! May touch: nothing (pure).

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use directory::{IpRange, Secret};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};

use super::super::format::Format;
use super::super::identity::Place;
use super::web::Address;

/// Shortest token that callers of an Http source may be known by, in characters.
pub const TOKEN_CHARS_MIN: usize = 16;
/// Microsoft Graph.
pub const GRAPH_URL: &str = "https://graph.microsoft.com";
/// Where tokens for it are given out.
pub const LOGIN_URL: &str = "https://login.microsoftonline.com";
/// Proofpoint's log service.
pub const PROOFPOINT_URL: &str = "wss://logstream.proofpoint.com";

/// What is read, and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum SourceKind {
    /// A folder, or a file, of this machine.
    Folder {
        /// Where it is.
        path: PathBuf,
    },
    /// Syslog over TCP.
    Syslog {
        /// Where it listens.
        bind: SocketAddr,
        /// Whether over TLS.
        tls: bool,
        /// The senders it takes; all if there are none here.
        #[serde(default)]
        from: Vec<IpRange>,
    },
    /// Lines or JSON posted to this server.
    Http {
        /// What callers show who are no administrators.
        token: Option<Secret>,
    },
    /// The message trace of Exchange Online, asked of Microsoft Graph.
    ExchangeOnline(ExchangeOnlineAccess),
    /// Proofpoint's log service, over a websocket.
    ProofpointPoD {
        /// The cluster's id.
        cluster: String,
        /// The token of the log service.
        token: Secret,
        /// Where the service is.
        url: String,
    },
}

/// How Microsoft Graph is asked: an application's own rights (OAuth 2.0 client credentials).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExchangeOnlineAccess {
    /// The tenant, by id or domain.
    pub tenant: String,
    /// The application's id.
    pub application: String,
    /// Its client secret.
    pub secret: Secret,
    /// Where Graph is.
    pub graph: String,
    /// Where tokens are given out.
    pub login: String,
}

impl SourceKind {
    /// The word of the `-Type` parameter.
    pub fn as_str(&self) -> &'static str {
        match self {
            SourceKind::Folder { .. } => "Folder",
            SourceKind::Syslog { .. } => "Syslog",
            SourceKind::Http { .. } => "Http",
            SourceKind::ExchangeOnline(_) => "ExchangeOnline",
            SourceKind::ProofpointPoD { .. } => "ProofpointPoD",
        }
    }
}

/// A source as an administrator made it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceSpec {
    /// Its name, which is unique.
    pub name: String,
    /// The place its records are of.
    pub place: String,
    /// What is read.
    pub kind: SourceKind,
    /// The format; told from the content if it is not given.
    pub format: Option<String>,
    /// The zone of times without one, such as `Europe/Berlin`.
    pub zone: String,
    /// Whether it is read.
    pub enabled: bool,
}

/// What a source has come to.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SourceState {
    /// When something was read last.
    pub last_read: Option<Timestamp>,
    /// The time of the newest record.
    pub last_record: Option<Timestamp>,
    /// Records read.
    pub records: u64,
    /// Events that were new.
    pub new: u64,
    /// Records that could not be understood.
    pub unknown: u64,
    /// Events older than anything is kept; left out.
    pub too_old: u64,
    /// The first records that could not be understood.
    pub unknown_lines: Vec<String>,
    /// Files that are in no format that is read.
    pub refused: Vec<String>,
    /// Why it, or a part of it, is not read at the moment.
    pub error: Option<String>,
    /// Where it listens.
    pub listening: Option<SocketAddr>,
    /// Why each part is not read.
    pub(crate) errors: BTreeMap<&'static str, String>,
    /// When it was kept last, in time since the start, and whether it will be again.
    pub(crate) kept: Option<Duration>,
    pub(crate) is_keeping: bool,
    /// The state that took its place when the source was changed: what is still counted counts there.
    pub(crate) heir: Heir,
    /// The source was removed: nothing is kept of it.
    pub(crate) is_removed: bool,
}

/// The state that took another's place.
#[derive(Debug, Clone, Default)]
pub(crate) struct Heir(pub(crate) Option<Arc<Mutex<SourceState>>>);

impl PartialEq for Heir {
    /// Whether both are the same one.
    fn eq(&self, other: &Heir) -> bool {
        match (&self.0, &other.0) {
            (Some(one), Some(other)) => Arc::ptr_eq(one, other),
            (None, None) => true,
            _ => false,
        }
    }
}

/// What of a state outlives a restart, as the file has it. A value the file lacks is none: one that came with a later
/// version takes nothing from the others.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Kept {
    /// Of the form; 0 stands for the first, which did not name it.
    version: u16,
    pub(crate) last_record: Option<Timestamp>,
    pub(crate) records: u64,
    pub(crate) new: u64,
    pub(crate) unknown: u64,
    pub(crate) too_old: u64,
    pub(crate) unknown_lines: Vec<String>,
}

/// The version that is written.
const KEPT_VERSION: u16 = 1;

impl Kept {
    pub(crate) fn of(state: &SourceState) -> Kept {
        let SourceState { last_record, records, new, unknown, too_old, .. } = *state;
        let (version, unknown_lines) = (KEPT_VERSION, state.unknown_lines.clone());
        Kept { version, last_record, records, new, unknown, too_old, unknown_lines }
    }

    /// What was kept; before there were counts, the time of the newest record stood alone. A time later than `latest` is
    /// none.
    pub(crate) fn read(bytes: &[u8], latest: Option<Timestamp>) -> Kept {
        let alone = || Kept { last_record: serde_json::from_slice(bytes).ok(), ..Kept::default() };
        let mut kept: Kept = serde_json::from_slice(bytes).unwrap_or_else(|_| alone());
        kept.last_record = kept.last_record.filter(|at| latest.is_none_or(|latest| *at <= latest));
        kept
    }
}

impl From<Kept> for SourceState {
    fn from(kept: Kept) -> SourceState {
        let Kept { version: _, last_record, records, new, unknown, too_old, unknown_lines } = kept;
        SourceState { last_record, records, new, unknown, too_old, unknown_lines, ..SourceState::default() }
    }
}

/// Whether a source is read, in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub enum SourceWord {
    /// An administrator said no.
    Disabled,
    /// It cannot be read at the moment.
    Failed,
    /// Nothing has come since the start.
    Waiting,
    /// It is read.
    Reading,
    /// It was imported by hand, up to its newest record.
    Imported,
}

impl SourceWord {
    /// The word shown.
    pub fn as_str(self) -> &'static str {
        match self {
            SourceWord::Disabled => "Disabled",
            SourceWord::Failed => "Failed",
            SourceWord::Waiting => "Waiting",
            SourceWord::Reading => "Reading",
            SourceWord::Imported => "Imported",
        }
    }
}

impl SourceState {
    /// Whether it is read.
    pub fn word(&self, spec: &SourceSpec) -> SourceWord {
        match self {
            _ if !spec.enabled => SourceWord::Disabled,
            state if state.error.is_some() => SourceWord::Failed,
            state if state.last_read.is_none() => SourceWord::Waiting,
            _ => SourceWord::Reading,
        }
    }

    /// How far the newest record is behind the clock; never below zero.
    pub fn lag(&self, now: Timestamp) -> Option<SignedDuration> {
        self.last_record.map(|at| now.duration_since(at).max(SignedDuration::ZERO))
    }
}

/// Why a source cannot be made or changed.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// The values do not fit.
    #[error("{0}")]
    Invalid(String),
    /// There is one of that name.
    #[error("there is a trace source \"{0}\" already; change it with Set-TraceSource or choose another name")]
    Exists(String),
    /// There is none of that name.
    #[error("there is no trace source \"{0}\"; Get-TraceSource lists them")]
    NotFound(String),
    /// The list could not be kept.
    #[error("the trace sources cannot be kept: {0}")]
    Io(#[from] std::io::Error),
}

/// The zone of that name.
pub(super) fn zone(name: &str) -> Option<TimeZone> {
    if name.is_empty() || name.eq_ignore_ascii_case("UTC") {
        Some(TimeZone::UTC)
    } else {
        TimeZone::get(name).ok()
    }
}

impl SourceSpec {
    /// Looks at the values. `own` is the folder of this server, out of which nothing is read.
    pub(super) fn check(&self, own: Option<&Path>) -> Result<(), SourceError> {
        let invalid = |text: String| SourceError::Invalid(text);
        self.name.parse::<Place>().map_err(|_| {
            invalid(format!(
                "\"{}\" is no name of a trace source; use letters, digits, dots, dashes and underscores",
                self.name
            ))
        })?;
        self.place.parse::<Place>().map_err(|error| invalid(error.to_string()))?;
        if let Some(format) = &self.format {
            format.parse::<Format>().map_err(|error| invalid(error.to_string()))?;
        }
        zone(&self.zone).ok_or_else(|| {
            invalid(format!("\"{}\" is not a time zone; use a name such as Europe/Berlin", self.zone))
        })?;
        self.kind.check(own).map_err(invalid)
    }
}

impl SourceKind {
    fn check(&self, own: Option<&Path>) -> Result<(), String> {
        match self {
            SourceKind::Folder { path } => {
                if own.is_some_and(|own| path.starts_with(own)) || !path.is_absolute() {
                    return Err(
                        "name the whole path of a folder outside the folder of this server".to_owned()
                    );
                }
                Ok(())
            }
            SourceKind::Syslog { .. } | SourceKind::Http { token: None } => Ok(()),
            SourceKind::Http { token: Some(token) } => {
                if token.reveal().chars().count() < TOKEN_CHARS_MIN {
                    return Err(format!(
                        "the secret is too short; give at least {TOKEN_CHARS_MIN} characters"
                    ));
                }
                Ok(())
            }
            SourceKind::ExchangeOnline(access) => {
                named("TenantId", &access.tenant)?;
                named("ApplicationId", &access.application)?;
                named("Secret", access.secret.reveal())?;
                Address::read(&access.graph, "https", "http")?;
                Address::read(&access.login, "https", "http").map(|_| ())
            }
            SourceKind::ProofpointPoD { cluster, token, url } => {
                named("Cluster", cluster)?;
                named("Secret", token.reveal())?;
                Address::read(url, "wss", "ws").map(|_| ())
            }
        }
    }
}

fn named(parameter: &str, value: &str) -> Result<(), String> {
    if value.trim().is_empty() {
        return Err(format!("give -{parameter}; the source cannot be read without it"));
    }
    Ok(())
}
