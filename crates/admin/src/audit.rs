//! The administrator audit log: every cmdlet that changes something, and every look-up, recorded in one place.
//! May touch: directory (audit log), executor (`world::Executor::blocking`).
//!
//! A change is recorded before it runs and again when it ended, so that none can happen unrecorded; a look-up is
//! recorded before its answer is given. A cmdlet that only asks (`-WhatIf`, a missing `-Confirm:false`) did nothing.

use directory::{AuditEnd, AuditVia, AuditedCommand, CommandId};

use crate::arguments::Arguments;
use crate::cmdlet::{Cmdlet, Effect};
use crate::context::Context;
use crate::error::CmdletError;
use crate::output::Output;
use crate::role::{Role, Via};

/// Roles whose reading cmdlets show what people wrote to each other.
const LOOK_UP_ROLES: &[Role] = &[Role::MessageTracking, Role::MailboxSearch];
/// Reading cmdlets of other roles that show a whole message.
const LOOK_UPS: &[&str] = &["Export-Message"];
/// Longest value of one parameter that is kept, in bytes of JSON.
const VALUE_BYTES_MAX: usize = 4_096;
/// Longest error that is kept, in characters.
const ERROR_LENGTH_MAX: usize = 2_000;

/// What the audit log keeps of a cmdlet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audited {
    /// It changes something: recorded before and after.
    Change,
    /// It shows mail of others: recorded with the filter and the number of rows.
    LookUp,
    /// Nothing.
    Not,
}

/// What is kept of a cmdlet.
pub fn audited(cmdlet: &Cmdlet) -> Audited {
    if !matches!(cmdlet.effect, Effect::Reads) {
        return Audited::Change;
    }
    let shows_mail = cmdlet.roles.iter().any(|role| LOOK_UP_ROLES.contains(role));
    if shows_mail || LOOK_UPS.contains(&cmdlet.name) { Audited::LookUp } else { Audited::Not }
}

/// A call that is being recorded.
pub(crate) enum Recording {
    /// Recorded as running.
    Running(CommandId),
    /// Recorded when it has run.
    Later(AuditedCommand),
    /// Not recorded.
    Not,
}

/// Records that a cmdlet begins.
///
/// # Errors
/// `Internal` when it cannot be recorded; it must not run then.
pub(crate) async fn begin(context: &Context, arguments: &Arguments) -> Result<Recording, CmdletError> {
    let kind = audited(arguments.cmdlet());
    if kind == Audited::Not || arguments.is_what_if() {
        return Ok(Recording::Not);
    }
    let command = AuditedCommand {
        actor: context.actor.name.clone(),
        via: match context.actor.via {
            Via::LocalSocket => AuditVia::LocalSocket,
            Via::Http => AuditVia::Http,
        },
        cmdlet: Some(arguments.cmdlet().name.to_owned()),
        parameters: Some(parameters(arguments)),
        is_look_up: kind == Audited::LookUp,
    };
    if kind == Audited::LookUp {
        return Ok(Recording::Later(command));
    }
    let directory = context.directory.clone();
    let begun = context.world.exec.blocking(move || directory.begin_command(&command)).await;
    let id = begun.map_err(cannot_record)?;
    context.set_command(id);
    Ok(Recording::Running(id))
}

impl Recording {
    /// Records how the cmdlet ended, and gives its result.
    ///
    /// # Errors
    /// Those of the cmdlet; `Internal` when a look-up cannot be recorded.
    pub(crate) async fn end(
        self,
        context: &Context,
        result: Result<Output, CmdletError>,
    ) -> Result<Output, CmdletError> {
        let directory = context.directory.clone();
        let end = end_of(&result);
        match self {
            Recording::Not => {}
            Recording::Later(command) => {
                let recorded =
                    context.world.exec.blocking(move || directory.record_command(&command, &end)).await;
                recorded.map_err(cannot_record)?;
            }
            Recording::Running(id) => {
                let ended = context.world.exec.blocking(move || directory.end_command(id, &end)).await;
                // The change is made and recorded; only its end is not, and the log shows it as not known.
                if let Err(error) = ended {
                    tracing::error!(%error, "the end of a cmdlet cannot be recorded in the audit log");
                }
            }
        }
        result
    }
}

fn end_of(result: &Result<Output, CmdletError>) -> AuditEnd {
    match result {
        Ok(output) => AuditEnd { error: None, rows: Some(output.rows.len() as u64) },
        Err(error) => {
            AuditEnd { error: Some(error.to_string().chars().take(ERROR_LENGTH_MAX).collect()), rows: None }
        }
    }
}

/// The parameters as JSON, without secrets and files; what is very long is left out and said to be.
fn parameters(arguments: &Arguments) -> String {
    let mut parameters = arguments.to_audit();
    for (_, value) in parameters.as_object_mut().into_iter().flatten() {
        let length = value.to_string().len();
        if length > VALUE_BYTES_MAX {
            *value = format!("({length} bytes left out)").into();
        }
    }
    parameters.to_string()
}

fn cannot_record(error: impl std::fmt::Display) -> CmdletError {
    CmdletError::internal("the audit log cannot be written, so nothing was done; see the service log", error)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry;

    #[test]
    fn what_changes_and_what_shows_mail_is_audited() {
        for (name, kind) in [
            ("New-Mailbox", Audited::Change),
            ("Remove-Message", Audited::Change),
            ("Reset-AdministratorPassword", Audited::Change),
            ("Get-MessageTrace", Audited::LookUp),
            ("Get-MessageTraceDetailV2", Audited::LookUp),
            ("Get-MessageTraceTree", Audited::LookUp),
            ("Get-MessageTrackingLog", Audited::LookUp),
            ("Export-MailboxItem", Audited::LookUp),
            ("Export-Message", Audited::LookUp),
            ("Get-Mailbox", Audited::Not),
            ("Get-Queue", Audited::Not),
        ] {
            assert_eq!(audited(registry::find(name).unwrap()), kind, "{name}");
        }
    }
}
