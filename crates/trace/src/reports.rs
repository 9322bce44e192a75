//! Reports: the rows of a search as Summary, Enhanced summary or Extended file, portion by portion.
//!
//! May touch: the store (reading).
//!
//! A report is written in portions of bounded size. Between two portions everything there is to remember stands in
//! [`ReportState`], which can be stored: a report of any length needs the memory of one portion, and goes on where it
//! was after a restart.

mod columns;
mod enhanced;
mod extended;
mod summary;
#[cfg(test)]
mod tests;

use std::collections::{BTreeSet, HashMap};

use events::Event;
use mail::NetworkMessageId;
use serde::{Deserialize, Serialize};

use crate::places::Meanwhile;
use crate::search::{Gap, Query, RowOrder, SearchError, TraceRow};
use crate::{Cursor, Cut, Trace, Watch};

pub use columns::is_formula;
pub use enhanced::EnhancedRow;

/// Rows read for one portion.
pub const ROWS_PER_PORTION: usize = 1_000;

/// Gaps that a report remembers.
pub const GAPS_MAX: usize = 100;

/// Recipients that a report remembers.
pub const RECIPIENTS_MAX: usize = 101;

/// Which report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ReportType {
    /// One line per recipient, newest first, then by recipient.
    Summary,
    /// One line per message with its recipients and what became of each, newest first.
    EnhancedSummary,
    /// One line per event; messages newest first, the events of one oldest first.
    Extended,
}

impl ReportType {
    /// Every one.
    pub const ALL: &'static [ReportType] =
        &[ReportType::Summary, ReportType::EnhancedSummary, ReportType::Extended];

    /// The word in parameters and lists.
    pub fn as_str(self) -> &'static str {
        match self {
            ReportType::Summary => "Summary",
            ReportType::EnhancedSummary => "EnhancedSummary",
            ReportType::Extended => "Extended",
        }
    }

    /// The column names in their order.
    pub fn columns(self) -> &'static [&'static str] {
        match self {
            ReportType::Summary => summary::COLUMNS,
            ReportType::EnhancedSummary => enhanced::COLUMNS,
            ReportType::Extended => extended::COLUMNS,
        }
    }

    fn order(self) -> RowOrder {
        match self {
            ReportType::Summary => RowOrder::ByRecipient,
            // A message's rows must stand together.
            ReportType::EnhancedSummary | ReportType::Extended => RowOrder::Grid,
        }
    }
}

/// How a report is written; both are UTF-8.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ReportFormat {
    /// Comma-separated, with a head line (RFC 4180).
    Csv,
    /// An object per line, under the same names.
    JsonLines,
}

impl ReportFormat {
    /// The end of file names.
    pub fn extension(self) -> &'static str {
        match self {
            ReportFormat::Csv => "csv",
            ReportFormat::JsonLines => "jsonl",
        }
    }
}

/// What is wanted.
#[derive(Debug, Clone, PartialEq)]
pub struct ReportRequest {
    /// Which report.
    pub kind: ReportType,
    /// How it is written.
    pub format: ReportFormat,
    /// Of which rows; order, page size and cursor are the report's own.
    pub query: Query,
    /// What its readers may not see of events.
    pub cut: Cut,
    /// Rows read for one portion, 1 to [`crate::search::PAGE_SIZE_MAX`]; 0 is [`ROWS_PER_PORTION`].
    pub rows_per_portion: usize,
}

/// Where a report stands between two portions.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ReportState {
    /// Whether the last portion was written.
    pub is_complete: bool,
    /// Rows there are, known after the first portion.
    pub total: Option<u64>,
    /// Rows read.
    pub rows: u64,
    /// Lines written, the head line not counted.
    pub lines: u64,
    /// Refused attempts that match and are not listed, as far as they were counted.
    #[serde(default)]
    pub refused_not_listed: Option<u64>,
    /// From when on was searched; `None` is no bound, or not known yet.
    #[serde(default)]
    pub start: Option<jiff::Timestamp>,
    /// Until when was searched, the end not included.
    #[serde(default)]
    pub end: Option<jiff::Timestamp>,
    /// Which sources were asked, by name.
    #[serde(default)]
    pub sources: Vec<String>,
    /// What could hide a row, as far as it is known; at most [`GAPS_MAX`].
    #[serde(default)]
    pub gaps: Vec<Gap>,
    /// When it was begun: what is imported from then on may be in it in part.
    #[serde(default)]
    begun: Option<jiff::Timestamp>,
    /// Whose mail is in it: the first [`RECIPIENTS_MAX`] in the order of the alphabet.
    #[serde(default)]
    pub recipients: BTreeSet<String>,
    /// Whether it is about others too.
    #[serde(default)]
    pub has_more_recipients: bool,
    /// Where the search goes on.
    #[serde(with = "cursor_as_text")]
    cursor: Option<Cursor>,
    /// The message whose line is not whole yet.
    open: Option<EnhancedRow>,
    /// The message whose events were written last.
    written: Option<NetworkMessageId>,
}

impl ReportState {
    /// Remembers whose mail these rows are.
    fn is_about(&mut self, rows: &[TraceRow]) {
        let named = rows.iter().map(|row| &row.recipient_address).filter(|address| !address.is_empty());
        for address in named {
            if !self.recipients.contains(address) {
                self.recipients.insert(address.clone());
            }
            if self.recipients.len() > RECIPIENTS_MAX {
                self.recipients.pop_last();
                self.has_more_recipients = true;
            }
        }
    }

    /// How much is done, 0 to 100.
    pub fn percent(&self) -> u64 {
        match self.total {
            _ if self.is_complete => 100,
            None => 0,
            Some(total) => self.rows.saturating_mul(100).checked_div(total).unwrap_or(0).min(99),
        }
    }

    /// Remembers gaps, each cause once for a source.
    fn note_gaps(&mut self, gaps: impl IntoIterator<Item = Gap>) {
        for gap in gaps {
            let is_full = self.gaps.len() >= GAPS_MAX;
            match self
                .gaps
                .iter_mut()
                .find(|known| (&known.source, &known.cause) == (&gap.source, &gap.cause))
            {
                // What is known of it later is more.
                Some(known) => *known = gap,
                None if !is_full => self.gaps.push(gap),
                None => {}
            }
        }
    }
}

impl Trace {
    /// Writes the next portion of a report behind what `out` holds. Call it until [`ReportState::is_complete`].
    /// Blocks.
    ///
    /// # Errors
    /// As a search has them; the state is then as it was, and the same portion can be asked for again.
    pub fn report_portion(
        &self,
        request: &ReportRequest,
        state: &mut ReportState,
        out: &mut String,
    ) -> Result<(), SearchError> {
        self.report_portion_watched(request, state, out, &Watch::default())
    }

    /// The same, as long as the watch is not cancelled. Blocks.
    ///
    /// # Errors
    /// The same.
    pub fn report_portion_watched(
        &self,
        request: &ReportRequest,
        state: &mut ReportState,
        out: &mut String,
        watch: &Watch,
    ) -> Result<(), SearchError> {
        if state.is_complete {
            return Ok(());
        }
        let size = if request.rows_per_portion == 0 { ROWS_PER_PORTION } else { request.rows_per_portion };
        let mut next = state.clone();
        let query = Query {
            order: request.kind.order(),
            page_size: size,
            cursor: state.cursor.clone(),
            ..request.query.clone()
        };
        let begun = *next.begun.get_or_insert_with(|| self.0.clock.now());
        let page = self.search_watched_blocking(&query, watch)?;
        next.sources = page.sources.iter().map(|source| source.name.clone()).collect();
        // What changes while a page is read may be in another one, too: a report says so of itself as a whole.
        let page_gaps = page.gaps.into_iter().filter(|gap| !crate::places::is_of_meanwhile(gap));
        next.note_gaps(page_gaps.take(GAPS_MAX));
        if state.total.is_none() {
            next.total = Some(page.total);
            next.refused_not_listed = page.refused_not_listed;
            (next.start, next.end) = (page.start, page.end);
            columns::head(request.format, request.kind.columns(), out);
        }
        let meanwhile = self.meanwhile((next.start, next.end), begun);
        let changed: Vec<Gap> = meanwhile.iter().filter_map(Meanwhile::gap_of_report).collect();
        next.rows = next.rows.saturating_add(u64::try_from(page.rows.len()).unwrap_or(u64::MAX));
        next.is_about(&page.rows);
        next.is_complete = page.next.is_none();
        next.cursor = page.next;
        if next.is_complete && !changed.is_empty() {
            // Counted at its beginning, before these records were there, or while they still were.
            next.total = Some(next.rows);
        }
        next.note_gaps(changed);
        match request.kind {
            ReportType::Summary => summary::write(&page.rows, request.format, &mut next.lines, out),
            ReportType::EnhancedSummary => {
                let connectors = self.connectors_of(&page.rows, &next)?;
                enhanced::write(&page.rows, &connectors, request.format, &mut next, out);
            }
            ReportType::Extended => self.extended(&page.rows, request, &mut next, out)?,
        }
        *state = next;
        Ok(())
    }

    /// The connector each message came by, of those that begin a line with these rows.
    fn connectors_of(
        &self,
        rows: &[TraceRow],
        state: &ReportState,
    ) -> Result<HashMap<NetworkMessageId, String>, SearchError> {
        let mut connectors = HashMap::new();
        let mut before = state.open.as_ref().map(|open| open.network_message_id().to_owned());
        for row in rows {
            let id = row.network_message_id;
            let text = id.to_string();
            if before.replace(text.clone()) == Some(text) {
                continue;
            }
            let events: Vec<Event> = match self.message(id)? {
                Some(message) => message.events.into_iter().map(|(_, event)| event).collect(),
                None => self.engine().refusals_of(id)?.into_iter().map(|(_, event)| event).collect(),
            };
            if let Some(connector) = enhanced::connector(events.iter()) {
                connectors.insert(id, connector);
            }
        }
        Ok(connectors)
    }

    fn extended(
        &self,
        rows: &[TraceRow],
        request: &ReportRequest,
        state: &mut ReportState,
        out: &mut String,
    ) -> Result<(), SearchError> {
        for row in rows {
            let id = row.network_message_id;
            if state.written.replace(id) == Some(id) {
                continue;
            }
            let mut events: Vec<Event> = match self.message(id)? {
                Some(message) => message.events.into_iter().map(|(_, event)| event).collect(),
                None => self.engine().refusals_of(id)?.into_iter().map(|(_, event)| event).collect(),
            };
            let facts = events.iter().find_map(|event| event.message.clone());
            request.cut.events(&mut events, facts.as_ref());
            let server = self.0.config.server.as_str();
            extended::write(events, server, request.format, &mut state.lines, out);
        }
        Ok(())
    }
}

/// A cursor stands in stored states as callers hold it: as text.
mod cursor_as_text {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::Cursor;

    pub(super) fn serialize<S: Serializer>(
        cursor: &Option<Cursor>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        cursor.as_ref().map(ToString::to_string).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Cursor>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        text.map(|text| text.parse()).transpose().map_err(serde::de::Error::custom)
    }
}
