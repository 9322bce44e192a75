//! The administrator audit log: every cmdlet that changes something, and every look-up, recorded in one place.
//! May touch: directory (audit log), executor (`world::Executor::blocking`).
//!
//! A change is recorded before it runs and again when it ended, so that none can happen unrecorded; a look-up is
//! recorded before its answer is given. A cmdlet that only asks (`-WhatIf`, a missing `-Confirm:false`) did nothing.

use std::collections::BTreeSet;

use directory::{AuditEnd, AuditVia, AuditedCommand, CommandId, Directory};
use serde_json::Value;

use crate::arguments::Arguments;
use crate::cmdlet::{Cmdlet, Effect};
use crate::context::Context;
use crate::error::CmdletError;
use crate::output::{Beyond, Output, Row};
use crate::role::{Role, Via};

/// What the log calls a sign-in to the admin center, one that failed too.
pub const SIGN_IN: &str = "Sign-In";
/// What the log calls a sign-out.
pub const SIGN_OUT: &str = "Sign-Out";
/// What a search that stays open has beside its parameters.
pub(crate) const FOLLOW: &str = "Follow";
/// Roles whose reading cmdlets show what people wrote to each other.
const LOOK_UP_ROLES: &[Role] = &[Role::MessageTracking, Role::MailboxSearch];
/// Reading cmdlets of other roles that show a whole message, or who writes to whom.
const LOOK_UPS: &[&str] = &["Export-Message", "Get-ProtocolLog"];
/// Longest value of one parameter that is kept, in bytes of JSON.
const VALUE_BYTES_MAX: usize = 4_096;
/// Addresses kept of those whose mail a look-up showed; how many more there were is kept too.
const ABOUT_MAX: usize = 100;
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
    let command = command(context, arguments, kind == Audited::LookUp);
    if kind == Audited::LookUp {
        return Ok(Recording::Later(command));
    }
    let directory = context.directory.clone();
    let begun = context.world.exec.blocking(move || directory.begin_command(&command)).await;
    let id = begun.map_err(cannot_record)?;
    context.set_command(id);
    Ok(Recording::Running(id))
}

fn command(context: &Context, arguments: &Arguments, is_look_up: bool) -> AuditedCommand {
    AuditedCommand {
        actor: context.actor.name.clone(),
        via: match context.actor.via {
            Via::LocalSocket => AuditVia::LocalSocket,
            Via::Http => AuditVia::Http,
        },
        cmdlet: Some(arguments.cmdlet().name.to_owned()),
        parameters: Some(parameters(arguments)),
        is_look_up,
    }
}

/// What is recorded of a search that stays open, as it begins.
pub(crate) fn followed(context: &Context, arguments: &Arguments) -> AuditedCommand {
    let mut command = command(context, arguments, true);
    if let Some(Ok(Value::Object(mut given))) = command.parameters.as_deref().map(serde_json::from_str) {
        given.insert(FOLLOW.to_owned(), true.into());
        command.parameters = Some(Value::Object(given).to_string());
    }
    command
}

impl Recording {
    fn is_look_up(&self) -> bool {
        matches!(self, Recording::Later(command) if command.is_look_up)
    }

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
        let end = end_of(&result, self.is_look_up());
        match self {
            Recording::Not => {}
            Recording::Later(mut command) => {
                if let Ok(output) = &result
                    && is_of_look_before(context, output).await?
                {
                    return result;
                }
                add_looked_at(&mut command, result.as_ref().ok());
                let recorded =
                    context.world.exec.blocking(move || directory.record_command(&command, &end)).await;
                context.set_command(recorded.map_err(cannot_record)?);
            }
            Recording::Running(id) => {
                context.world.exec.blocking(move || record_end(&directory, id, &end)).await;
            }
        }
        result
    }
}

/// Adds a further page to the record of the look it is of; whether there is one that the log still has.
async fn is_of_look_before(context: &Context, output: &Output) -> Result<bool, CmdletError> {
    let Some(look) = context.look.clone() else { return Ok(false) };
    look.add_page(output);
    let directory = context.directory.clone();
    context.world.exec.blocking(move || look.write(&directory)).await.map_err(cannot_record)
}

/// Records how something ended that is in the log as running. Where it cannot be, the service log says so: what was done
/// or shown stands, and only its end is not known. Blocks.
pub(crate) fn record_end(directory: &Directory, id: CommandId, end: &AuditEnd) {
    let (command, rows) = (id.0, end.rows);
    match directory.end_command(id, end) {
        Ok(true) => {}
        Ok(false) => tracing::error!(command, rows, "the audit log has no record any more of what ended now"),
        Err(error) => {
            tracing::error!(command, rows, %error, "how a cmdlet ended cannot be recorded in the audit log");
        }
    }
}

/// Adds of what a file is that was fetched: its identity alone would not say what was seen.
fn add_looked_at(command: &mut AuditedCommand, output: Option<&Output>) {
    let Some(looked_at) = output.and_then(|output| output.looked_at.clone()) else { return };
    if let Some(Ok(Value::Object(mut given))) = command.parameters.as_deref().map(serde_json::from_str) {
        given.insert("Report".to_owned(), looked_at);
        command.parameters = Some(Value::Object(given).to_string());
    }
}

fn end_of(result: &Result<Output, CmdletError>, is_look_up: bool) -> AuditEnd {
    match result {
        Ok(output) => AuditEnd {
            error: None,
            rows: Some(match (output.audited_rows, &output.binary, output.count) {
                (Some(rows), _, _) | (None, Some(_), Some(rows)) => rows,
                _ => output.rows.len() as u64,
            }),
            about: is_look_up.then(|| about(output)).flatten(),
        },
        Err(error) => AuditEnd {
            error: Some(error.to_string().chars().take(ERROR_LENGTH_MAX).collect()),
            rows: None,
            about: None,
        },
    }
}

/// Whose mail an answer shows: the recipients in its rows, at any depth, and of whom it tells beside them. The first of
/// them are named, in the order of the alphabet.
fn about(output: &Output) -> Option<String> {
    let mut addresses: BTreeSet<&str> = output.also_about.iter().map(String::as_str).collect();
    output.rows.iter().for_each(|row| recipients(row, &mut addresses));
    about_some(addresses, output.about_beyond)
}

/// The same of addresses.
pub(crate) fn about_addresses(addresses: BTreeSet<&str>) -> Option<String> {
    about_some(addresses, Beyond::Exactly(0))
}

/// The same where there were more people than these.
pub(crate) fn about_some(addresses: BTreeSet<&str>, beyond: Beyond) -> Option<String> {
    let unnamed = addresses.len().saturating_sub(ABOUT_MAX);
    let mut text = addresses.into_iter().take(ABOUT_MAX).collect::<Vec<_>>().join(" ");
    match beyond {
        Beyond::Exactly(more) => match unnamed.saturating_add(more) {
            0 => {}
            more => text.push_str(&format!(" and {more} more")),
        },
        Beyond::MoreThan(more) => {
            text.push_str(&format!(" and more than {} more", unnamed.saturating_add(more)));
        }
    }
    Some(text).filter(|text| !text.is_empty())
}

fn recipients<'a>(row: &'a Row, found: &mut BTreeSet<&'a str>) {
    for (name, value) in row {
        match (name.as_str(), value) {
            ("RecipientAddress", Value::String(address)) if !address.is_empty() => {
                found.insert(address);
            }
            ("Recipients", Value::Array(several)) if several.iter().all(Value::is_string) => {
                found.extend(several.iter().filter_map(Value::as_str));
            }
            ("Data", Value::String(line)) => found.extend(of_envelope(line)),
            (_, Value::Array(several)) => {
                several.iter().filter_map(Value::as_object).for_each(|row| recipients(row, found));
            }
            _ => {}
        }
    }
}

/// The address of a `MAIL` or `RCPT` command, as the protocol logs show it; nothing for other lines.
fn of_envelope(line: &str) -> Option<&str> {
    let (verb, rest) = line.split_once(':')?;
    let is_envelope = ["MAIL FROM", "RCPT TO"].iter().any(|known| known.eq_ignore_ascii_case(verb.trim()));
    let path = rest.trim_start().strip_prefix('<').filter(|_| is_envelope)?;
    let (address, _) = path.split_once('>')?;
    // A route before the address is nobody's, RFC 5321 appendix C.
    let address = if address.starts_with('@') { address.split_once(':')?.1 } else { address };
    Some(address).filter(|address| !address.is_empty())
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

pub(crate) fn cannot_record(error: impl std::fmt::Display) -> CmdletError {
    CmdletError::internal("the audit log cannot be written, so nothing was done; see the service log", error)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::registry;

    #[test]
    fn whose_mail_the_lines_of_a_conversation_show() {
        let lines = [
            "EHLO mail.fabrikam.example",
            "MAIL FROM:<kim@fabrikam.example> SIZE=10 ORCPT=<x>",
            "mail from: <>",
            "rcpt to:<ann@contoso.example> NOTIFY=NEVER",
            "RCPT TO:<@mx.example,@b.example:bob@contoso.example>",
            "RCPT TO:<ann@contoso.example",
            "550 5.1.1 RCPT TO:<eve@contoso.example>",
            "",
        ];
        let rows: Vec<Row> =
            lines.iter().map(|line| json!({ "Data": line }).as_object().unwrap().clone()).collect();
        assert_eq!(
            about(&Output::list(rows)).as_deref(),
            Some("ann@contoso.example bob@contoso.example kim@fabrikam.example")
        );
    }

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
            ("Get-ProtocolLog", Audited::LookUp),
            ("Test-SendConnector", Audited::Change),
            ("Get-Mailbox", Audited::Not),
            ("Get-Queue", Audited::Not),
        ] {
            assert_eq!(audited(registry::find(name).unwrap()), kind, "{name}");
        }
    }
}
