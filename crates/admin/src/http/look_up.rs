//! A look-up that is no cmdlet: allowed and recorded as the cmdlet that shows the same.
//! May touch: directory (audit log), executor.

use directory::{AuditEnd, AuditVia, AuditedCommand, CommandId};
use serde_json::Value;

use super::Shared;
use crate::audit;
use crate::error::CmdletError;
use crate::role::{Actor, Granted, Scope, Via};
use crate::{registry, role};

/// Characters of an error that are kept.
const ERROR_CHARS_MAX: usize = 2_000;

/// Checks the role of the cmdlet that shows the same. Whoever calls it confines the answer to the domains of the scope
/// ([`crate::privacy`]); those who see their own mail only have no use of these ways.
///
/// # Errors
/// `Forbidden`.
pub(super) fn check(actor: &Actor, cmdlet: &str) -> Result<Granted, CmdletError> {
    let granted = role::check(actor, registry::find(cmdlet)?)?;
    if matches!(granted.scope, Scope::Organization | Scope::Domains(_)) {
        return Ok(granted);
    }
    Err(CmdletError::Forbidden(format!(
        "{} may see their own mail only, which {cmdlet} shows; this call is for administrators",
        actor.name
    )))
}

/// Records who looked at what and whose mail it was (addresses, separated by blanks), before the answer is given, and gives the answer.
///
/// # Errors
/// Those of the look-up; `Internal` when it cannot be recorded.
pub(super) async fn recorded<T>(
    shared: &Shared,
    actor: &Actor,
    cmdlet: &str,
    parameters: Value,
    result: Result<(T, u64, Option<String>), CmdletError>,
) -> Result<T, CmdletError> {
    let command = command(actor, cmdlet, parameters, true);
    let end = match &result {
        Ok((_, rows, about)) => AuditEnd { error: None, rows: Some(*rows), about: about.clone() },
        Err(error) => AuditEnd {
            error: Some(error.to_string().chars().take(ERROR_CHARS_MAX).collect()),
            rows: None,
            about: None,
        },
    };
    let directory = shared.instance.directory.clone();
    let recorded =
        shared.instance.world.exec.blocking(move || directory.record_command(&command, &end)).await;
    recorded.map_err(|error| {
        CmdletError::internal(
            "the audit log cannot be written, so nothing is shown; see the service log",
            error,
        )
    })?;
    result.map(|(value, ..)| value)
}

fn command(actor: &Actor, cmdlet: &str, parameters: Value, is_look_up: bool) -> AuditedCommand {
    AuditedCommand {
        actor: actor.name.clone(),
        via: match actor.via {
            Via::LocalSocket => AuditVia::LocalSocket,
            Via::Http => AuditVia::Http,
        },
        cmdlet: Some(cmdlet.to_owned()),
        parameters: Some(parameters.to_string()),
        is_look_up,
    }
}

/// Records that a change begins that is no cmdlet, as the cmdlet that does the same.
///
/// # Errors
/// `Internal` when it cannot be recorded; it must not be made then.
pub(super) async fn change_begins(
    shared: &Shared,
    actor: &Actor,
    cmdlet: &str,
    parameters: Value,
) -> Result<CommandId, CmdletError> {
    let command = command(actor, cmdlet, parameters, false);
    let directory = shared.instance.directory.clone();
    let begun = shared.instance.world.exec.blocking(move || directory.begin_command(&command)).await;
    begun.map_err(|error| {
        CmdletError::internal(
            "the audit log cannot be written, so nothing was done; see the service log",
            error,
        )
    })
}

/// Records how it ended: with so many records, or why not.
pub(super) async fn change_ends(shared: &Shared, id: CommandId, result: Result<u64, String>) {
    let end = AuditEnd {
        rows: result.as_ref().ok().copied(),
        error: result.err().map(|error| error.chars().take(ERROR_CHARS_MAX).collect()),
        about: None,
    };
    let directory = shared.instance.directory.clone();
    shared.instance.world.exec.blocking(move || audit::record_end(&directory, id, &end)).await;
}
