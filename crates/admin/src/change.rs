//! One change to the directory by a cmdlet: checked and recorded by the directory, or only tried with `-WhatIf`.
//! May touch: directory, executor (`world::Executor::blocking`).

use directory::{DirectoryError, Draft, PasswordHash};

use crate::arguments::Arguments;
use crate::context::Context;
use crate::error::CmdletError;
use crate::role_scope;

impl Context {
    /// Runs `edit` on a draft of the directory and commits it in one transaction with its audit rows. With
    /// `-WhatIf` the draft is thrown away afterwards.
    ///
    /// # Errors
    /// Whatever `edit` or the directory refuses; nothing is changed then.
    pub async fn change<T, F>(&self, arguments: &Arguments, edit: F) -> Result<T, CmdletError>
    where
        T: Send + 'static,
        F: FnOnce(&mut Draft, &Arguments) -> Result<T, CmdletError> + Send + 'static,
    {
        let directory = self.directory.clone();
        let arguments = arguments.clone();
        let (actor, command) = (self.actor.clone(), self.command());
        let granted = self.granted()?.clone();
        self.world
            .exec
            .blocking(move || {
                let mut outcome = None;
                let committed = directory.change_by(&actor.name, command, |draft| {
                    let result = edit(draft, &arguments).and_then(|value| {
                        role_scope::check_change(&actor, &granted, draft)?;
                        Ok(value)
                    });
                    let is_kept = result.is_ok() && !arguments.is_what_if();
                    outcome = Some(result);
                    // The directory drops the draft of an edit that fails; `outcome` says what really happened.
                    if is_kept { Ok(()) } else { Err(DirectoryError::refused("not committed")) }
                });
                match (outcome, committed) {
                    (Some(Ok(value)), Ok(())) => Ok(value),
                    (Some(Ok(value)), Err(_)) if arguments.is_what_if() => Ok(value),
                    (Some(Err(error)), _) => Err(error),
                    (_, Err(error)) => Err(error.into()),
                    (None, Ok(())) => {
                        Err(CmdletError::internal("nothing was changed", "the edit did not run"))
                    }
                }
            })
            .await
    }

    /// Hashes a new password, at most a few at a time.
    ///
    /// # Errors
    /// `Invalid` when it is empty or too long.
    pub async fn hash_password(&self, password: String) -> Result<PasswordHash, CmdletError> {
        Ok(self.credentials.hash(password).await?)
    }
}

impl From<DirectoryError> for CmdletError {
    fn from(error: DirectoryError) -> CmdletError {
        let text = error.to_string();
        match error {
            DirectoryError::Invalid { .. }
            | DirectoryError::Refused { .. }
            | DirectoryError::Ambiguous { .. } => CmdletError::Invalid(text),
            DirectoryError::AddressInUse { .. } | DirectoryError::NameInUse { .. } => {
                CmdletError::Conflict(text)
            }
            DirectoryError::NotFound { .. } => CmdletError::NotFound(text),
            other => {
                CmdletError::internal("the directory cannot be read or written; see the service log", other)
            }
        }
    }
}
