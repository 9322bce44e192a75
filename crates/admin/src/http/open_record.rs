//! The record of an open search in the audit log, which says at its end what the search showed.
//! May touch: directory (audit log), executor.

use std::collections::{BTreeSet, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use directory::{AuditEnd, CommandId, Directory, DirectoryError};
use serde_json::Value;
use world::Executor;

use crate::arguments::Arguments;
use crate::audit::{self, FOLLOW};
use crate::context::Context;
use crate::error::CmdletError;
use crate::output::{Beyond, Row};
use crate::row_names::RowNames;

/// Rows shown that are remembered, of each search: of an older one it is not told that it is gone.
const SHOWN_MAX: usize = 10_000;
/// Addresses kept of those whose mail a search showed.
const ADDRESSES_MAX: usize = 1_000;
/// Further addresses that are counted.
const COUNTED_MAX: usize = 20_000;

/// The record of one open search. When it is dropped the log is told that the search has ended, and what it showed.
pub(crate) struct OpenRecord {
    directory: Directory,
    exec: Executor,
    /// The record in the log, from when it is open there.
    open: Option<CommandId>,
    /// What was shown so far.
    pub(crate) shown: Shown,
}

impl OpenRecord {
    /// A record of its own.
    ///
    /// # Errors
    /// `Internal` when it cannot be written; the search must not begin then.
    pub(crate) async fn begin(context: &Context, arguments: &Arguments) -> Result<OpenRecord, CmdletError> {
        let command = audit::followed(context, arguments);
        let open = move |directory: &Directory| directory.begin_command(&command).map(Some);
        OpenRecord::opened(&context.directory, &context.world.exec, Shown::default(), open).await
    }

    /// That of a look-up which was recorded with its end and has shown this; `None` where the log no longer has it.
    ///
    /// # Errors
    /// `Internal` when it cannot be written; the search must not go on then.
    pub(crate) async fn go_on(
        context: &Context,
        id: CommandId,
        shown: Shown,
    ) -> Result<Option<OpenRecord>, CmdletError> {
        let open = move |directory: &Directory| Ok(directory.go_on_with_look_up(id, FOLLOW)?.then_some(id));
        let record = OpenRecord::opened(&context.directory, &context.world.exec, shown, open).await?;
        Ok(Some(record).filter(|record| record.open.is_some()))
    }

    /// The record is there before the log is written and goes along: a caller who hangs up meanwhile leaves nothing in the
    /// log that is open for good.
    async fn opened(
        directory: &Directory,
        exec: &Executor,
        shown: Shown,
        open: impl FnOnce(&Directory) -> Result<Option<CommandId>, DirectoryError> + Send + 'static,
    ) -> Result<OpenRecord, CmdletError> {
        let mut record = OpenRecord { directory: directory.clone(), exec: exec.clone(), open: None, shown };
        let written = exec.blocking(move || {
            record.open = open(&record.directory)?;
            Ok(record)
        });
        written.await.map_err(|error: DirectoryError| audit::cannot_record(error))
    }
}

impl Drop for OpenRecord {
    fn drop(&mut self) {
        let Some(id) = self.open else { return };
        let (end, directory, exec) = (self.shown.end(), self.directory.clone(), self.exec.clone());
        self.exec.spawn("audit of an open search", async move {
            exec.blocking(move || audit::record_end(&directory, id, &end)).await;
        });
    }
}

/// What a search showed so far, for the audit log.
#[derive(Debug)]
pub(crate) struct Shown {
    rows: u64,
    about: BTreeSet<String>,
    /// Numbers for the addresses beyond those.
    counted: HashSet<u64>,
    /// Whether there were more than are counted.
    is_more: bool,
    names: RowNames,
}

impl Default for Shown {
    fn default() -> Shown {
        Shown {
            rows: 0,
            about: BTreeSet::new(),
            counted: HashSet::new(),
            is_more: false,
            names: RowNames::new(SHOWN_MAX),
        }
    }
}

impl Shown {
    /// Keeps that a row was shown, and whose mail it is. One shown before counts once.
    pub(crate) fn add(&mut self, row: &Row) {
        if !self.names.add(row) {
            return;
        }
        self.rows = self.rows.saturating_add(1);
        self.tell_of(row.get("RecipientAddress").and_then(Value::as_str).unwrap_or_default());
    }

    /// Keeps of whose mail was told, in a row or beside the rows.
    pub(crate) fn tell_of(&mut self, to: &str) {
        if to.is_empty() || self.about.contains(to) {
            return;
        }
        if self.about.len() < ADDRESSES_MAX {
            self.about.insert(to.to_owned());
            return;
        }
        let number = number(to);
        if self.counted.len() < COUNTED_MAX {
            self.counted.insert(number);
        } else {
            self.is_more |= !self.counted.contains(&number);
        }
    }

    /// Forgets a row that is no longer shown; whether it was.
    pub(crate) fn take(&mut self, row: &Row) -> bool {
        self.names.take(row)
    }

    /// What the audit log keeps of it at the end.
    pub(crate) fn end(&self) -> AuditEnd {
        let beyond = self.counted.len();
        let beyond = if self.is_more { Beyond::MoreThan(beyond) } else { Beyond::Exactly(beyond) };
        let about = audit::about_some(self.about.iter().map(String::as_str).collect(), beyond);
        AuditEnd { error: None, rows: Some(self.rows), about }
    }
}

/// A number for an address: those that are not named need no text.
fn number(address: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    address.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::mpsc;

    use directory::{AuditQuery, AuditVia, AuditedCommand};
    use futures::FutureExt as _;
    use serde_json::json;
    use world::sim::SimWorld;

    use super::*;

    /// The caller goes while the log is being written, which nothing can call back.
    #[test]
    fn a_hang_up_while_a_look_up_is_opened_again_does_not_leave_it_open() {
        let world = SimWorld::new(1).world();
        world.disk.create_dir_all(Path::new("/data")).unwrap();
        let path = Path::new("/data/directory.sqlite");
        let directory = Directory::open(&world.disk, path, &world.clock, &world.chance).unwrap();
        let command = AuditedCommand {
            actor: "kim".to_owned(),
            via: AuditVia::Http,
            cmdlet: Some("Get-MessageTrace".to_owned()),
            parameters: Some("{}".to_owned()),
            is_look_up: true,
        };
        let id = directory.record_command(&command, &AuditEnd::default()).unwrap();
        let mut shown = Shown::default();
        shown.add(json!({ "MessageTraceId": "1", "RecipientAddress": "a@x.example" }).as_object().unwrap());
        // One thread for what blocks, and it is held until the caller has gone.
        let runtime = tokio::runtime::Builder::new_current_thread().max_blocking_threads(1).build().unwrap();
        let exec = Executor::real(runtime.handle().clone());
        let (go, held) = mpsc::channel::<()>();
        let mut hold = Box::pin(exec.blocking(move || held.recv().unwrap()));
        assert!(hold.as_mut().now_or_never().is_none());
        let open = move |directory: &Directory| Ok(directory.go_on_with_look_up(id, FOLLOW)?.then_some(id));
        let mut caller = Box::pin(OpenRecord::opened(&directory, &exec, shown, open));
        assert!(caller.as_mut().now_or_never().is_none());
        drop(caller);
        go.send(()).unwrap();
        let asked = AuditQuery { with_look_ups: true, ..AuditQuery::default() };
        let recorded = || directory.audit(&asked).unwrap().remove(0);
        // Whatever blocks comes one after the other: some rounds later all of it is done. A round that ends at once runs
        // nothing else, so it is not known how many.
        for _ in 0..10_000 {
            if recorded().rows.is_some() {
                break;
            }
            runtime.block_on(exec.blocking(|| ()));
        }
        let row = recorded();
        assert!(row.command.parameters.as_deref().unwrap().contains(FOLLOW), "it did go on: {row:?}");
        assert!(row.outcome.is_some(), "and ended: {row:?}");
        assert_eq!((row.rows, row.about.as_deref()), (Some(1), Some("a@x.example")));
    }

    fn about(people: usize) -> String {
        let mut shown = Shown::default();
        // Of each person two messages.
        for number in 0..people * 2 {
            let row = json!({
                "MessageTraceId": number.to_string(),
                "RecipientAddress": format!("p{:05}@contoso.example", number % people),
            });
            shown.add(row.as_object().unwrap());
        }
        shown.end().about.unwrap()
    }

    #[test]
    fn all_people_whose_mail_was_shown_are_counted_and_the_first_named() {
        for (people, end) in [
            (2, "p00000@contoso.example p00001@contoso.example"),
            (101, " p00099@contoso.example and 1 more"),
            (1_000, " and 900 more"),
            (5_000, " and 4900 more"),
            (21_000, " and 20900 more"),
            (21_001, " and more than 20900 more"),
        ] {
            let told = about(people);
            assert!(told.starts_with("p00000@contoso.example ") && told.ends_with(end), "{people}: {told}");
        }
    }

    #[test]
    fn a_row_without_a_recipient_is_about_nobody() {
        let mut shown = Shown::default();
        shown.add(json!({ "MessageTraceId": "1", "RecipientAddress": "" }).as_object().unwrap());
        assert_eq!(shown.end(), AuditEnd { error: None, rows: Some(1), about: None });
    }
}
