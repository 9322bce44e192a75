//! The parts of the server beyond the directory that cmdlets call, as handles and traits.
//! May touch: nothing itself; it hands on what the server wired.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use futures::future::BoxFuture;
use mailbox::MailboxStore;
use trace::{Feed, Trace};
use transport::Transport;
use transport::queue::actions::ActionError;

use crate::alert_attempts::AlertAttempts;
use crate::error::CmdletError;
use crate::historical::HistoricalSearches;
use crate::session::AdminSessions;
use crate::sign_in_throttle::SignInThrottle;

mod certificate_files;
mod health_probe;

pub use certificate_files::{CertificateFiles, StoredFiles};
pub use health_probe::HealthProbe;

/// Handles of one server. A part that is `None` does not run; its cmdlets say so.
#[derive(Clone, Default)]
pub struct Services {
    /// The listening sockets of Receive connectors.
    pub listeners: Option<Arc<dyn Listeners>>,
    /// The pipeline and its queues.
    pub transport: Option<Transport>,
    /// What was delivered.
    pub mailboxes: Option<MailboxStore>,
    /// The tracking log.
    pub trace: Option<Trace>,
    /// What feeds the tracking log, for searches that stay open.
    pub feed: Option<Feed>,
    /// The PEM files of certificates.
    pub certificate_files: Option<Arc<dyn CertificateFiles>>,
    /// Reports written in the background.
    pub historical_searches: Option<HistoricalSearches>,
    /// Who is signed in with a browser.
    pub sessions: AdminSessions,
    /// Who tried passwords over HTTP, and how often.
    pub sign_ins: SignInThrottle,
    /// The IANA name of the machine's time zone; `None` is UTC.
    pub time_zone: Option<String>,
    /// What became of the last look at each alert of the trace.
    pub alert_attempts: AlertAttempts,
    /// What only the running server can measure of its health.
    pub health: Option<Arc<dyn HealthProbe>>,
    /// Whether this server observes only: it has no mail of its own, and the parts that move it are off on purpose.
    pub is_observer: bool,
    /// What of the machine the configuration opens to administrators.
    pub allowed: Allowed,
}

/// What of the machine and its network administrators may reach over HTTP. Nothing unless the configuration says so.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Allowed {
    /// Whether webhooks may be on this machine or a private network.
    pub private_webhooks: bool,
    /// Folders whose logs may be imported and followed. Over the local socket every one may.
    pub import_folders: Vec<PathBuf>,
}

impl Services {
    /// The pipeline.
    ///
    /// # Errors
    /// `Unavailable` while it does not run.
    pub fn transport(&self) -> Result<&Transport, CmdletError> {
        self.transport.as_ref().ok_or_else(|| not_running("the transport"))
    }

    /// The mailbox store.
    ///
    /// # Errors
    /// `Unavailable` while it does not run.
    pub fn mailboxes(&self) -> Result<&MailboxStore, CmdletError> {
        self.mailboxes.as_ref().ok_or_else(|| not_running("the mailbox store"))
    }

    /// The tracking log.
    ///
    /// # Errors
    /// `Unavailable` while it does not run.
    pub fn trace(&self) -> Result<&Trace, CmdletError> {
        self.trace.as_ref().ok_or_else(|| not_running("the message trace"))
    }

    /// Reports written in the background.
    ///
    /// # Errors
    /// `Unavailable` where nothing keeps them.
    pub fn historical_searches(&self) -> Result<&HistoricalSearches, CmdletError> {
        self.historical_searches.as_ref().ok_or_else(|| not_running("the store of reports"))
    }

    /// The PEM files of certificates.
    ///
    /// # Errors
    /// `Unavailable` where nothing keeps them.
    pub fn certificate_files(&self) -> Result<&Arc<dyn CertificateFiles>, CmdletError> {
        self.certificate_files.as_ref().ok_or_else(|| not_running("the store of certificates"))
    }
}

fn not_running(what: &str) -> CmdletError {
    CmdletError::Unavailable(format!("{what} does not run on this server; see Test-ServiceHealth"))
}

impl From<ActionError> for CmdletError {
    fn from(error: ActionError) -> Self {
        match error {
            ActionError::NoQueue(_) | ActionError::NoMessage(_) => Self::NotFound(error.to_string()),
            ActionError::Ambiguous { .. } | ActionError::NotNow(_) => Self::Conflict(error.to_string()),
            ActionError::Store(cause) => Self::Internal {
                public: "the change could not be stored; the service log says why".to_owned(),
                cause: cause.to_string(),
            },
        }
    }
}

impl From<mailbox::MailboxError> for CmdletError {
    fn from(error: mailbox::MailboxError) -> Self {
        use mailbox::MailboxError as E;
        match &error {
            E::NoMailbox(_) => {
                Self::NotFound("the mailbox is empty: nothing was ever delivered to it".to_owned())
            }
            E::NoItem(_) => Self::NotFound(format!("{error}; Get-MailboxItem lists its items")),
            E::NoFolder(_) => {
                Self::NotFound(format!("{error}; Get-MailboxFolderStatistics lists its folders"))
            }
            _ => Self::Internal {
                public: "the mailbox cannot be read; the service log says why".to_owned(),
                cause: error.to_string(),
            },
        }
    }
}

/// The listening sockets of Receive connectors, opened and closed without a restart.
pub trait Listeners: Send + Sync {
    /// The addresses a connector is bound to now, with the ports that were picked for port 0.
    fn bound(&self, connector: &str) -> Vec<SocketAddr>;

    /// Opens what is not open yet for a connector; nothing is accepted, and the present sockets stay, until
    /// [`PreparedListeners::activate`]. Dropped instead, it closes what it opened.
    ///
    /// The error is one sentence that names the binding and, where it can be known, who holds it.
    fn prepare<'a>(
        &'a self,
        connector: &'a str,
        bindings: &'a [SocketAddr],
    ) -> BoxFuture<'a, Result<Box<dyn PreparedListeners>, String>>;

    /// Keeps a connector's sockets under its new name.
    fn rename(&self, from: &str, to: &str);

    /// Closes a connector's sockets; sessions that run go on to their end.
    fn close(&self, connector: &str);
}

/// Sockets that are open and not yet accepting.
pub trait PreparedListeners: Send {
    /// Begins to accept, and closes the connector's sockets that are no longer bound.
    fn activate(self: Box<Self>);
}
