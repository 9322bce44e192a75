//! What became of the last look at each alert of the message trace: when, and why nobody could be told.
//! May touch: nothing (memory alone; the next look, a minute after a restart, fills it again).

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use jiff::Timestamp;
use parking_lot::Mutex;
use uuid::Uuid;

/// The last look at each alert. There are as many as there are alerts, which the directory bounds.
#[derive(Debug, Clone, Default)]
pub struct AlertAttempts(Arc<Mutex<HashMap<Uuid, AlertAttempt>>>);

/// One look at one alert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlertAttempt {
    /// When.
    pub at: Timestamp,
    /// Why the search could not be made, or somebody could not be told; one sentence.
    pub error: Option<String>,
}

impl AlertAttempts {
    /// The last look at an alert; `None` while there was none since the server started.
    #[must_use]
    pub fn of(&self, alert: Uuid) -> Option<AlertAttempt> {
        self.0.lock().get(&alert).cloned()
    }

    /// Keeps what became of a look.
    pub(crate) fn keep(&self, alert: Uuid, attempt: AlertAttempt) {
        self.0.lock().insert(alert, attempt);
    }

    /// Forgets every alert that is not there any more.
    pub(crate) fn retain(&self, alerts: &HashSet<Uuid>) {
        self.0.lock().retain(|alert, _| alerts.contains(alert));
    }
}
