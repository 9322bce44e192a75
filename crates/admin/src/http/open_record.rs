//! The record of an open search in the audit log, which says at its end what the search showed.
//! May touch: directory (audit log), executor.

use directory::{Directory, DirectoryError};
use world::Executor;

use super::look::{Look, Shown};
use crate::arguments::Arguments;
use crate::audit;
use crate::context::Context;
use crate::error::CmdletError;
use crate::output::Row;

/// The record of one open search. When it is dropped the log is told that the search has ended, and what it showed.
pub(crate) struct OpenRecord {
    directory: Directory,
    exec: Executor,
    /// The look, from when its record is open in the log.
    look: Option<Look>,
}

impl OpenRecord {
    /// A record of its own.
    ///
    /// # Errors
    /// `Internal` when it cannot be written; the search must not begin then.
    pub(crate) async fn begin(context: &Context, arguments: &Arguments) -> Result<OpenRecord, CmdletError> {
        let command = audit::followed(context, arguments);
        let open = move |directory: &Directory| {
            Ok(Some(Look::new(directory.begin_command(&command)?, Shown::default())))
        };
        OpenRecord::opened(&context.directory, &context.world.exec, open).await
    }

    /// That of a look-up which was recorded with its end; `None` where the log no longer has it.
    ///
    /// # Errors
    /// `Internal` when it cannot be written; the search must not go on then.
    pub(crate) async fn go_on(context: &Context, look: Look) -> Result<Option<OpenRecord>, CmdletError> {
        let open = move |directory: &Directory| look.go_on(directory);
        let record = OpenRecord::opened(&context.directory, &context.world.exec, open).await?;
        Ok(Some(record).filter(|record| record.look.is_some()))
    }

    /// The record is there before the log is written and goes along: a caller who hangs up meanwhile leaves nothing in the
    /// log that is open for good.
    async fn opened(
        directory: &Directory,
        exec: &Executor,
        open: impl FnOnce(&Directory) -> Result<Option<Look>, DirectoryError> + Send + 'static,
    ) -> Result<OpenRecord, CmdletError> {
        let mut record = OpenRecord { directory: directory.clone(), exec: exec.clone(), look: None };
        let written = exec.blocking(move || {
            record.look = open(&record.directory)?;
            Ok(record)
        });
        written.await.map_err(|error: DirectoryError| audit::cannot_record(error))
    }

    /// Keeps that a row was shown.
    pub(crate) fn show(&self, row: &Row) {
        self.look.iter().for_each(|look| look.show(row));
    }

    /// Keeps of whose mail was told beside the rows.
    pub(crate) fn tell_of(&self, to: &str) {
        self.look.iter().for_each(|look| look.tell_of(to));
    }

    /// Forgets a row that is no longer shown; whether it was.
    pub(crate) fn take(&self, row: &Row) -> bool {
        self.look.as_ref().is_some_and(|look| look.take(row))
    }
}

impl Drop for OpenRecord {
    fn drop(&mut self) {
        let Some(look) = self.look.take() else { return };
        let (directory, exec) = (self.directory.clone(), self.exec.clone());
        self.exec.spawn("audit of an open search", async move {
            exec.blocking(move || look.end(&directory)).await;
        });
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::mpsc;

    use directory::{AuditEnd, AuditQuery, AuditVia, AuditedCommand};
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
        let look = Look::new(id, shown);
        let open = move |directory: &Directory| look.go_on(directory);
        let mut caller = Box::pin(OpenRecord::opened(&directory, &exec, open));
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
        assert!(row.command.parameters.as_deref().unwrap().contains(audit::FOLLOW), "it did go on: {row:?}");
        assert!(row.outcome.is_some(), "and ended: {row:?}");
        assert_eq!((row.rows, row.about.as_deref()), (Some(1), Some("a@x.example")));
    }
}
