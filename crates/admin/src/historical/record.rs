//! A report in the background as it is written down: what was asked for, and how far it is.
//! May touch: nothing (pure).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use trace::reports::{ReportFormat, ReportState, ReportType};
use uuid::Uuid;

/// The version of the record.
const VERSION: u32 = 1;

/// How far a report is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum JobState {
    /// It waits for those before it.
    NotStarted,
    /// It is being written.
    InProgress,
    /// It can be fetched.
    Completed,
    /// It was stopped.
    Cancelled,
    /// It could not be written; the error says why.
    Failed,
}

impl JobState {
    /// The word in lists.
    pub fn as_str(self) -> &'static str {
        match self {
            JobState::NotStarted => "NotStarted",
            JobState::InProgress => "InProgress",
            JobState::Completed => "Completed",
            JobState::Cancelled => "Cancelled",
            JobState::Failed => "Failed",
        }
    }

    /// Whether there is still something to do.
    pub fn is_open(self) -> bool {
        matches!(self, JobState::NotStarted | JobState::InProgress)
    }
}

/// One report.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Job {
    version: u32,
    /// Its identity.
    pub id: Uuid,
    /// The title somebody gave it.
    pub title: String,
    /// Which report.
    pub kind: ReportType,
    /// How it is written.
    pub format: ReportFormat,
    /// The conditions, as Get-MessageTrace takes them over HTTP.
    pub parameters: Map<String, Value>,
    /// Of these domains alone, where whoever started it has rights for no more; of the whole organization if none.
    #[serde(default)]
    pub within: Vec<String>,
    /// Whether the entries of rules are left out: whoever started it may not see them.
    #[serde(default)]
    pub hides_rules: bool,
    /// How far it is.
    pub state: JobState,
    /// Where it goes on.
    pub report: ReportState,
    /// Octets of the file that are whole and durable.
    pub bytes: u64,
    /// Who started it.
    pub submitted_by: String,
    /// When.
    pub submitted: Timestamp,
    /// When the first line was written.
    pub started: Option<Timestamp>,
    /// When it ended.
    pub finished: Option<Timestamp>,
    /// When it is removed.
    pub expires: Option<Timestamp>,
    /// Who gets mail when it is ready.
    pub notify: Vec<String>,
    /// Why it failed.
    pub error: Option<String>,
}

impl Job {
    /// A report that nobody works at yet.
    pub fn new(id: Uuid, kind: ReportType, format: ReportFormat, submitted: Timestamp) -> Job {
        Job {
            version: VERSION,
            id,
            title: String::new(),
            kind,
            format,
            parameters: Map::new(),
            within: Vec::new(),
            hides_rules: false,
            state: JobState::NotStarted,
            report: ReportState::default(),
            bytes: 0,
            submitted_by: String::new(),
            submitted,
            started: None,
            finished: None,
            expires: None,
            notify: Vec::new(),
            error: None,
        }
    }

    /// Whether it is no longer kept at this time.
    pub fn is_expired(&self, now: Timestamp) -> bool {
        self.expires.is_some_and(|expires| expires <= now)
    }

    /// The name of the file with the lines.
    pub fn file_name(&self) -> String {
        format!("{}.{}", self.id, self.format.extension())
    }

    /// The name of the file with this record.
    pub(super) fn record_name(&self) -> String {
        format!("{}.json", self.id)
    }
}

/// The record as it stands in its file.
pub(super) fn write(job: &Job) -> Vec<u8> {
    serde_json::to_vec(job).unwrap_or_default()
}

/// The inverse of [`write`].
pub(super) fn read(bytes: &[u8]) -> Result<Job, String> {
    let job: Job = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    if job.version > VERSION {
        return Err(format!("it has version {}, this program reads up to {VERSION}", job.version));
    }
    Ok(job)
}
