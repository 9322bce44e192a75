//! The answer of a cmdlet portion by portion, so that a pipeline need not hold all of it.
//! May touch: the terminal and the connection it is given.

use super::bind::Prepared;
use super::chunk::{About, Chunk};
use crate::arguments::Arguments;
use crate::error::CmdletError;
use crate::output::{Output, grouped};
use crate::shell::{self, Connect, Terminal};
use crate::value::{Limit, Value};

/// Rows asked for at a time, where the cmdlet can go on with a cursor.
const PAGE_ROWS: u64 = 5_000;

/// A call and how far it got.
pub(crate) struct Pages {
    prepared: Prepared,
    arguments: Arguments,
    /// Rows still wanted, where the cmdlet can go on with a cursor.
    left: Option<u64>,
    given: u64,
    is_over: bool,
}

/// A portion of an answer, and what the server said beside it.
pub(crate) struct Page {
    pub(crate) chunk: Chunk,
    pub(crate) notes: Vec<String>,
    pub(crate) warnings: Vec<String>,
    /// How many sources were asked.
    pub(crate) sources: usize,
    /// A file instead of objects.
    pub(crate) binary: Option<Output>,
}

impl Pages {
    /// A call that was not made yet.
    pub(crate) fn of(prepared: &Prepared, arguments: Arguments) -> Pages {
        let cmdlet = prepared.cmdlet();
        let can_go_on = ["Cursor", "ResultSize"].iter().all(|name| cmdlet.parameter(name).is_some());
        let wanted = match can_go_on.then(|| arguments.limit("ResultSize")).flatten() {
            Some(Limit::Unlimited) => u64::MAX,
            Some(Limit::Of(rows)) => rows,
            None => 0,
        };
        let left = (wanted > PAGE_ROWS).then_some(wanted);
        Pages { prepared: prepared.clone(), arguments, left, given: 0, is_over: false }
    }

    /// The next portion; `None` after the last.
    pub(crate) async fn next(
        &mut self,
        terminal: &mut dyn Terminal,
        connect: &dyn Connect,
    ) -> Result<Option<Page>, CmdletError> {
        if self.is_over {
            return Ok(None);
        }
        if let Some(left) = self.left
            && let Some(parameter) = self.arguments.cmdlet().parameter("ResultSize")
        {
            self.arguments.set(parameter, Value::Limit(Limit::Of(left.min(PAGE_ROWS))));
        }
        let mut output = shell::fetch(&self.arguments, &self.prepared.zone, terminal, connect).await?;
        let is_first = self.given == 0;
        self.given += output.rows.len() as u64;
        self.is_over = true;
        if let Some(left) = self.left {
            self.go_on(left, &mut output);
        }
        let mut notes = self.arguments.notes.clone();
        notes.append(&mut output.notes);
        let items = std::mem::take(&mut output.rows).into_iter().map(serde_json::Value::Object).collect();
        Ok(Some(Page {
            chunk: Chunk { about: About::of(self.prepared.cmdlet()), items },
            notes: if is_first { notes } else { Vec::new() },
            warnings: std::mem::take(&mut output.warnings),
            sources: output.sources.len(),
            binary: output.binary.is_some().then_some(output),
        }))
    }

    /// Remembers the cursor, and takes out what the server said of the portion as if it were the whole.
    fn go_on(&mut self, left: u64, output: &mut Output) {
        let left = left.saturating_sub(output.rows.len() as u64);
        self.left = Some(left);
        output.notes.retain(|note| !note.starts_with("Go on with: -Cursor"));
        output.warnings.retain(|warning| !warning.ends_with(" shown"));
        let cursor = self.arguments.cmdlet().parameter("Cursor");
        match (output.next.take(), cursor) {
            (Some(next), Some(parameter)) if left > 0 => {
                self.arguments.set(parameter, Value::Text(next));
                self.is_over = false;
            }
            (Some(_), _) => {
                let total = output.count.map_or_else(|| "more".to_owned(), grouped);
                output.warnings.push(format!("{} of {total} shown", grouped(self.given)));
            }
            _ => {}
        }
    }
}
