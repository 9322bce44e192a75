//! Sign-ins and sign-outs in the administrator audit log.
//! May touch: directory (audit log), executor.

use std::net::IpAddr;

use admin::Instance;
use admin::audit::{SIGN_IN, SIGN_OUT};
use directory::{AuditEnd, AuditVia, AuditedCommand};
use serde_json::json;

/// Longest user name kept of a sign-in that failed, in characters.
const NAME_LENGTH_MAX: usize = 200;

/// What happened.
#[derive(Debug, Clone)]
pub(crate) enum Happened {
    /// Somebody signed in.
    SignedIn,
    /// Somebody could not.
    Refused(String),
    /// Somebody signed out.
    SignedOut,
}

/// Records it.
///
/// # Errors
/// When it cannot be recorded: nobody may sign in then.
pub(crate) async fn write(
    instance: &Instance,
    name: &str,
    address: IpAddr,
    happened: Happened,
) -> Result<(), directory::DirectoryError> {
    let cmdlet = if matches!(happened, Happened::SignedOut) { SIGN_OUT } else { SIGN_IN };
    let command = AuditedCommand {
        actor: name.chars().take(NAME_LENGTH_MAX).collect(),
        via: AuditVia::Http,
        cmdlet: Some(cmdlet.to_owned()),
        parameters: Some(json!({ "ClientAddress": address.to_string() }).to_string()),
        // Of the kind that never pushes a change out of the log: anybody can fail to sign in.
        is_look_up: true,
    };
    let error = match happened {
        Happened::Refused(why) => Some(why),
        Happened::SignedIn | Happened::SignedOut => None,
    };
    let end = AuditEnd { error, rows: None, about: None };
    let directory = instance.directory.clone();
    instance.world.exec.blocking(move || directory.record_command(&command, &end)).await.map(|_| ())
}
