//! Rows that wait, as the queues of this server have them now: what is suspended, and when the next attempt is due.
//! May touch: transport (read), directory (the audit log, read), executor.

use directory::{AuditOutcome, AuditQuery, AuditRow};
use jiff::Timestamp;
use serde_json::Value;
use trace::TraceRow;
use trace::live::{Held, Waiting};
use transport::Transport;
use transport::queue::view::{HeldBy, WaitingView};

use crate::cmdlets::message::object::read_identity;
use crate::context::Context;

/// Pages of the audit log looked through for who suspended something.
const AUDIT_PAGES_MAX: usize = 20;

/// Brings rows up to what the queues say. Where the transport does not run they stay as the events left them.
pub(crate) fn with_queues<'a>(context: &Context, rows: impl IntoIterator<Item = &'a mut TraceRow>) {
    let Ok(transport) = context.services.transport() else { return };
    for row in rows.into_iter().filter(|row| row.may_wait()) {
        if let Some((view, number)) = view(transport, row) {
            row.set_waiting(&waiting(view, number));
        }
    }
}

/// How a row waits, with who suspended it; `None` where it waits in no queue here.
pub(crate) async fn of(context: &Context, row: &TraceRow) -> Option<Waiting> {
    let transport = context.services.transport().ok()?;
    let (view, number) = row.may_wait().then(|| view(transport, row)).flatten()?;
    let held = view.held;
    let mut waiting = waiting(view, number);
    if let (Some(by), Some(shown)) = (held, &mut waiting.held) {
        shown.since = since(context, transport, by, waiting.queue.clone(), number).await;
    }
    Some(waiting)
}

fn view(transport: &Transport, row: &TraceRow) -> Option<(WaitingView, u64)> {
    let number = row.row.waits_as.or(row.internal_message_id)?.0;
    let view = transport.waiting(number, row.network_message_id, &row.recipient_address)?;
    Some((view, number))
}

fn waiting(view: WaitingView, number: u64) -> Waiting {
    let held = view.held.map(|by| match by {
        HeldBy::Queue => Held {
            resume: format!("Resume-Queue '{}'", view.queue),
            what: format!("queue {}", view.queue),
            since: None,
        },
        HeldBy::Message => Held {
            resume: format!("Resume-Message '{}\\{number}'", view.queue),
            what: "the message".to_owned(),
            since: None,
        },
    });
    Waiting {
        queue: view.queue,
        held,
        next_retry: view.next_retry,
        attempts: view.attempts,
        last_error: view.last_error,
    }
}

/// When it was suspended and by whom, from the newest cmdlet in the audit log that did it.
async fn since(
    context: &Context,
    transport: &Transport,
    by: HeldBy,
    queue: String,
    number: u64,
) -> Option<(Timestamp, String)> {
    let (directory, transport) = (context.directory.clone(), transport.clone());
    let search = move || {
        let mut before = None;
        for _ in 0..AUDIT_PAGES_MAX {
            let portion = directory.audit(&AuditQuery { before, ..AuditQuery::default() }).ok()?;
            let found = portion.iter().find(|row| suspends(row, &transport, by, &queue, number));
            if let Some(row) = found {
                return Some((row.at, row.command.actor.clone()));
            }
            before = Some(portion.last()?.cursor());
        }
        None
    };
    context.world.exec.blocking(search).await
}

fn suspends(row: &AuditRow, transport: &Transport, by: HeldBy, queue: &str, number: u64) -> bool {
    let cmdlet = match by {
        HeldBy::Queue => "Suspend-Queue",
        HeldBy::Message => "Suspend-Message",
    };
    if row.outcome != Some(AuditOutcome::Succeeded) || row.command.cmdlet.as_deref() != Some(cmdlet) {
        return false;
    }
    let parameters =
        row.command.parameters.as_deref().and_then(|text| serde_json::from_str::<Value>(text).ok());
    let identity = parameters.as_ref().and_then(|all| all.get("Identity")).and_then(Value::as_str);
    let is_queue =
        |name: &str| transport.queue(name).is_ok_and(|found| found.identity.eq_ignore_ascii_case(queue));
    match (by, identity) {
        (_, None) => false,
        (HeldBy::Queue, Some(identity)) => is_queue(identity),
        (HeldBy::Message, Some(identity)) => {
            read_identity(identity).is_ok_and(|(of, named)| named == number && of.is_none_or(is_queue))
        }
    }
}
