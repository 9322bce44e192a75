//! Why a cmdlet did not do what it was asked, by what the caller will do differently.
//! May touch: nothing (pure).

/// The failure of a cmdlet. Every text is one line that says what happened and what to do.
#[derive(Debug, thiserror::Error)]
pub enum CmdletError {
    /// The command cannot be understood: unknown name, missing or unreadable value.
    #[error("{0}")]
    Usage(String),
    /// The cmdlet destroys something and nobody said yes.
    #[error("{0}")]
    ConfirmationRequired(Plan),
    /// The values can be read, but cannot be carried out as they are.
    #[error("{0}")]
    Invalid(String),
    /// The object named does not exist.
    #[error("{0}")]
    NotFound(String),
    /// Something with that name or address exists already, or the state forbids it.
    #[error("{0}")]
    Conflict(String),
    /// The actor lacks the role.
    #[error("{0}")]
    Forbidden(String),
    /// The part of the server that would do it is not running or is busy.
    #[error("{0}")]
    Unavailable(String),
    /// Something failed inside; the cause is for the service log only.
    #[error("{public}")]
    Internal {
        /// What the administrator is told.
        public: String,
        /// What the service log keeps.
        cause: String,
    },
}

/// What a destructive cmdlet would do, shown before it asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// How many objects would be destroyed.
    pub count: u64,
    /// What would happen, such as `remove the mailbox "Kim Jones"`.
    pub what: String,
}

impl std::fmt::Display for Plan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let noun = if self.count == 1 { "object" } else { "objects" };
        write!(f, "this would {} ({} {noun}); repeat with -Confirm:false", self.what, self.count)
    }
}

impl CmdletError {
    /// The word that names the kind of failure in HTTP answers.
    pub fn code(&self) -> &'static str {
        match self {
            CmdletError::Usage(_) => "Usage",
            CmdletError::ConfirmationRequired(_) => "ConfirmationRequired",
            CmdletError::Invalid(_) => "Invalid",
            CmdletError::NotFound(_) => "NotFound",
            CmdletError::Conflict(_) => "Conflict",
            CmdletError::Forbidden(_) => "Forbidden",
            CmdletError::Unavailable(_) => "Unavailable",
            CmdletError::Internal { .. } => "Internal",
        }
    }

    /// The HTTP status of the answer.
    pub fn http_status(&self) -> u16 {
        match self {
            CmdletError::Usage(_) | CmdletError::ConfirmationRequired(_) | CmdletError::Invalid(_) => 400,
            CmdletError::Forbidden(_) => 403,
            CmdletError::NotFound(_) => 404,
            CmdletError::Conflict(_) => 409,
            CmdletError::Internal { .. } => 500,
            CmdletError::Unavailable(_) => 503,
        }
    }

    /// An internal failure: `public` for the administrator, the cause for the log.
    pub fn internal(public: impl Into<String>, cause: impl std::fmt::Display) -> CmdletError {
        CmdletError::Internal { public: public.into(), cause: cause.to_string() }
    }
}
