//! The trace: recording what becomes of every recipient, and answering where a message is.
//!
//! May touch: a spool batch (recorder), clock, disk and executor handles (store, feeder, refusals).
//! It can call nothing of the pipeline: stages call the [`Recorder`], administrators ask [`Trace`].

mod agent_notes;
pub mod causes;
mod completeness;
mod cut;
pub mod detail;
mod feeder;
pub mod gateway;
pub mod live;
pub mod places;
pub mod queries;
pub mod recorder;
pub mod refusals;
pub mod reports;
pub mod search;
pub mod status;
mod store;
pub mod tracking_file;
pub mod tracking_log;
pub mod tree;
mod wanted;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use mail::{MessageId, NetworkMessageId};
use spool::{Spool, SpoolError};
use store::{Lookup, StoredMessage};
use world::{CertStore, Clock, Disk, Executor, World};

pub use completeness::BEHIND_AFTER;
pub use cut::Cut;
pub use detail::Detail;
pub use feeder::{CHANGES_KEPT_MAX, Change, Changed, Feed, Follower, Lag, Totals};
pub use recorder::{About, Cause, Deferral, Delivery, Ended, HandOn, Received, Recorder};
pub use refusals::{Refusal, Refusals};
pub use search::{
    AddressPattern, Answer, Cursor, Facet, FacetFilter, IpNetwork, Query, SearchError, TraceRow,
};
pub use status::{EventKey, NodeId, Replacement, Row, Stage, Status, SubStatus};
pub use store::{
    Day, Incoming, LowWater, Sealing, Store, StoreError, TRAFFIC_KEYS_MAX, Traffic, TrafficBy, TrafficKey,
    Watch,
};
pub use tracking_log::{LogAnswer, LogOrder, LogQuery, is_same_host};
pub use tree::Tree;
pub use wanted::Wanted;

/// Bounds of the trace, with their defaults.
#[derive(Debug, Clone)]
pub struct Config {
    /// This server's name, shown as Server.
    pub server: String,
    /// This server's number among the nodes of the organization.
    pub node: NodeId,
    /// Days the trace is kept. Default 90.
    pub retention_days: u32,
    /// A day is sealed once it is over for so many days and nothing happens to it any more. Default 2: as long as a
    /// message may stay in a queue.
    pub seal_after_days: u32,
    /// Days refusals are kept. Default 14.
    pub refused_retention_days: u32,
    /// Bytes all refusals may take. Default 512 MiB.
    pub refused_bytes_max: u64,
    /// Time after which a row without an end is flagged. Default 2 days (MessageExpirationTimeout).
    pub message_expiration: Duration,
}

impl Config {
    /// The defaults, for a server of this name.
    pub fn new(server: &str) -> Config {
        Config {
            server: server.to_owned(),
            node: NodeId(1),
            retention_days: 90,
            seal_after_days: 2,
            refused_retention_days: 14,
            refused_bytes_max: 512 << 20,
            message_expiration: Duration::from_secs(2 * 86_400),
        }
    }
}

/// Why the trace could not be opened or fed.
#[derive(Debug, thiserror::Error)]
pub enum TraceError {
    /// The day files.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The spool.
    #[error(transparent)]
    Spool(#[from] SpoolError),
}

/// The trace of one server. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Trace(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    config: Config,
    clock: Clock,
    exec: Executor,
    store: Store,
    refusals: Refusals,
    recorder: Recorder,
    places: places::Places,
    news: feeder::Bulletin,
    sources: std::sync::OnceLock<places::Sources>,
    feed: std::sync::OnceLock<Feed>,
}

impl Trace {
    /// Opens the trace in `dir` (`DIR/trace`), making it if it is missing. Blocks.
    pub fn open(
        disk: &Disk,
        clock: &Clock,
        exec: &Executor,
        dir: &Path,
        config: Config,
    ) -> Result<Trace, TraceError> {
        let store = Store::open(disk, dir)?;
        let limits = refusals::RefusalLimits {
            retention_days: config.refused_retention_days,
            bytes_max: config.refused_bytes_max,
        };
        let news = feeder::Bulletin::default();
        let refusals = Refusals::open(disk, clock, exec, &dir.join("refused"), limits, news.clone())?;
        let recorder = Recorder::new(clock.clone(), &config.server);
        let places = places::Places::new(
            disk,
            dir.to_owned(),
            store.clone(),
            refusals.store().clone(),
            &config.server,
            config.retention_days,
            news.clone(),
        );
        // Else other places' records of its messages could be missing until something is imported.
        if let Err(error) = places.complete() {
            tracing::error!(%error, "the removal of a place cannot be completed; the next import or removal tries again");
        }
        Ok(Trace(Arc::new(Inner {
            config,
            clock: clock.clone(),
            exec: exec.clone(),
            store,
            refusals,
            recorder,
            places,
            news,
            sources: std::sync::OnceLock::new(),
            feed: std::sync::OnceLock::new(),
        })))
    }

    /// Starts feeding from a spool, as a task. Call it once.
    pub async fn feed(&self, spool: &Spool) -> Result<Feed, TraceError> {
        let inner = &self.0;
        let config = feeder::FeedConfig {
            node: inner.config.node,
            retention_days: inner.config.retention_days,
            seal_after_days: inner.config.seal_after_days,
        };
        let (store, clock, exec) = (inner.store.clone(), inner.clock.clone(), inner.exec.clone());
        let (feeder, feed) = feeder::Feeder::start(
            store,
            inner.places.clone(),
            spool.clone(),
            clock,
            exec,
            inner.news.clone(),
            config,
        )
        .await?;
        inner.exec.spawn("trace feed", feeder.run());
        let _ = inner.feed.set(feed.clone());
        Ok(feed)
    }

    /// Writes events into spool batches.
    pub fn recorder(&self) -> &Recorder {
        &self.0.recorder
    }

    /// Takes refusals.
    pub fn refusals(&self) -> &Refusals {
        &self.0.refusals
    }

    /// Other systems' records.
    pub fn places(&self) -> &places::Places {
        &self.0.places
    }

    /// Starts reading the sources administrators made. Call it once. Blocks.
    ///
    /// # Errors
    /// If the list of them cannot be read.
    pub fn start_sources(
        &self,
        world: &World,
        around: places::Around,
        certificates: &CertStore,
    ) -> Result<(), places::SourceError> {
        let sources = places::Sources::open(world, &self.0.places, around, certificates)?;
        // A second call finds them running.
        let _ = self.0.sources.set(sources);
        Ok(())
    }

    /// The sources, where they are read.
    pub fn sources(&self) -> Option<&places::Sources> {
        self.0.sources.get()
    }

    /// This server's name, as its events have it.
    pub fn server(&self) -> &str {
        &self.0.config.server
    }

    /// The day files, for imports and retention.
    pub fn store(&self) -> &Store {
        &self.0.store
    }

    /// The servers that records name, of the days that can have other systems' records, in lower case: the newest days
    /// first, at most so many names.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub async fn servers_named(&self, max: usize) -> Result<Vec<String>, StoreError> {
        let store = self.0.store.clone();
        let work = move || {
            let mut names = std::collections::BTreeSet::new();
            for day in store.days().into_iter().rev() {
                if names.len() >= max {
                    break;
                }
                store.view(day, |view| view.servers(&mut names, max))?;
            }
            Ok(names.into_iter().collect())
        };
        self.0.exec.blocking(work).await
    }

    /// Searches. When nobody waits for it any more, the search is given up.
    pub async fn search(&self, query: Query) -> Result<Answer, SearchError> {
        self.search_watched(query, Arc::default()).await
    }

    /// The same, blocking the calling thread.
    pub fn search_blocking(&self, query: &Query) -> Result<Answer, SearchError> {
        self.search_watched_blocking(query, &Watch::default())
    }

    pub(crate) fn search_watched_blocking(
        &self,
        query: &Query,
        watch: &Watch,
    ) -> Result<Answer, SearchError> {
        let since = self.0.clock.now();
        let mut answer = self.rows_watched_blocking(query, watch)?;
        let is_empty = answer.total == 0;
        let by_id = !(query.network_message_ids.is_empty()
            && query.message_ids.is_empty()
            && query.internal_message_ids.is_empty());
        // What was found by its id is not older than what is kept.
        let start = answer.start.filter(|_| is_empty || !by_id);
        let interval = ((start, answer.end), since);
        self.tell_completeness(interval, is_empty, &query.facets, &mut answer.sources, &mut answer.gaps);
        Ok(answer)
    }

    fn rows_watched_blocking(&self, query: &Query, watch: &Watch) -> Result<Answer, SearchError> {
        if query.network_message_ids.is_empty() && query.message_ids.is_empty() {
            return self.engine().search_watched(query, watch);
        }
        // Another place may know the message by this id, and it is kept under one of ours. On every page, or its cursor
        // would be one of another query.
        let kept = self.under_kept_ids(query)?;
        let answer = self.engine().search_watched(&kept, watch)?;
        if answer.total > 0 || query.network_message_ids.is_empty() {
            return Ok(answer);
        }
        // An import may just have moved it, and not yet noted where to.
        self.0.places.wait_for_batch();
        let moved = self.under_kept_ids(query)?;
        if (&moved.network_message_ids, &moved.kept_under) == (&kept.network_message_ids, &kept.kept_under) {
            return Ok(answer);
        }
        self.engine().search_watched(&moved, watch)
    }

    fn under_kept_ids(&self, query: &Query) -> Result<Query, StoreError> {
        let mut query = query.clone();
        query.kept_under = self.kept_ids(&mut query.network_message_ids, &query.message_ids)?;
        Ok(query)
    }

    /// Exchanges ids that a place knows messages by for those they are kept under; gives those of the messages that a place
    /// knows by one of the Message-IDs.
    fn kept_ids(
        &self,
        ids: &mut [NetworkMessageId],
        message_ids: &[MessageId],
    ) -> Result<Vec<NetworkMessageId>, StoreError> {
        for id in ids {
            *id = self.0.places.kept_under(*id)?.unwrap_or(*id);
        }
        self.0.places.with_message_ids(message_ids)
    }

    /// The same as [`Trace::search`], and says how far it is. The watch is of this search alone.
    pub async fn search_watched(&self, query: Query, watch: Arc<Watch>) -> Result<Answer, SearchError> {
        let own = self.clone();
        self.while_wanted(watch, move |watch| own.search_watched_blocking(&query, watch)).await
    }

    /// Searches on a thread that may block, as long as somebody waits for it.
    async fn while_wanted<T: Send + 'static>(
        &self,
        watch: Arc<Watch>,
        work: impl FnOnce(&Watch) -> Result<T, SearchError> + Send + 'static,
    ) -> Result<T, SearchError> {
        let wanted = Wanted::from(watch);
        let watch = wanted.watch();
        self.0.exec.blocking(move || work(&watch)).await
    }

    /// Rows by UTC day and status from a time on and before another, whole days, oldest first. Refusals are not among
    /// them. Blocks.
    pub fn counts_blocking(
        &self,
        start: jiff::Timestamp,
        end: jiff::Timestamp,
    ) -> Result<Vec<(Day, Status, u64)>, SearchError> {
        self.engine().counts(Day::of(start), Day::of(end))
    }

    /// The same.
    pub async fn counts(
        &self,
        start: jiff::Timestamp,
        end: jiff::Timestamp,
    ) -> Result<Vec<(Day, Status, u64)>, SearchError> {
        let own = self.clone();
        self.0.exec.blocking(move || own.counts_blocking(start, end)).await
    }

    /// Rows received from a time on and before another, counted by what became of them; rows that stand for others too,
    /// refusals not. In no order. When nobody waits for them any more, or by the watch, the count is given up.
    ///
    /// # Errors
    /// If the store cannot be read, or the count was given up.
    pub async fn traffic(
        &self,
        span: (jiff::Timestamp, jiff::Timestamp),
        by: TrafficBy,
        watch: Arc<Watch>,
    ) -> Result<Vec<Traffic>, SearchError> {
        let store = self.0.store.clone();
        self.while_wanted(watch, move |watch| Ok(store.traffic(span, by, watch)?)).await
    }

    /// Single events, as Get-MessageTrackingLog shows them. When nobody waits for them any more, or by the watch, the
    /// search is given up.
    pub async fn tracking_log(&self, query: LogQuery, watch: Arc<Watch>) -> Result<LogAnswer, SearchError> {
        let own = self.clone();
        let work = move |watch: &Watch| {
            let inner = &own.0;
            let now = inner.clock.now();
            let mut query = query;
            query.messages.kept_under = own.kept_ids(&mut query.network_message_ids, &query.message_ids)?;
            let (refusals, server) = (inner.refusals.store(), &inner.config.server);
            let ask =
                |query: &LogQuery| tracking_log::query(&inner.store, refusals, server, now, query, watch);
            let mut answer = ask(&query)?;
            if answer.total == 0 && !query.network_message_ids.is_empty() {
                // An import may just have moved it, and not yet noted where to.
                inner.places.wait_for_batch();
                query.messages.kept_under =
                    own.kept_ids(&mut query.network_message_ids, &query.message_ids)?;
                answer = ask(&query)?;
            }
            let (interval, is_empty) = (((answer.start, answer.end), now), answer.total == 0);
            own.tell_completeness(
                interval,
                is_empty,
                &query.messages.facets,
                &mut answer.sources,
                &mut answer.gaps,
            );
            Ok(answer)
        };
        self.while_wanted(watch, work).await
    }

    /// The detail of a row, with what the reader may not see cut out of its events; `None` if there is no such message
    /// or recipient. A refusal has one too.
    pub async fn detail(
        &self,
        id: NetworkMessageId,
        recipient: &str,
        cut: &Cut,
    ) -> Result<Option<Detail>, SearchError> {
        let (own, recipient, cut) = (self.clone(), recipient.to_owned(), cut.clone());
        let work = move || {
            if let Some(message) = own.message(id)? {
                let rows = own.engine().rows(&message);
                let failed = detail::failed_behind(&rows, &recipient);
                let last_end = detail::last_end_behind(&rows, &recipient);
                if let Some(row) = detail::choose(rows, &recipient) {
                    let behind = failed.and_then(|failed| detail::cause_of(failed, &message.events));
                    let server = &own.0.config.server;
                    // What befell the copies for others elsewhere is not of this one.
                    let is_of = |event: &events::Event| {
                        row.hops.is_empty() || row.hops.iter().any(|hop| hop.has(event, server))
                    };
                    let events = message.events.into_iter().filter(|(_, event)| is_of(event)).collect();
                    let found = Detail::of(row, events, &cut, own.0.clock.now()).with_last_end(last_end);
                    return Ok(Some(match behind {
                        Some((address, cause)) => found.with_cause_behind(&address, cause),
                        None => found,
                    }));
                }
            }
            let found = own.engine().refusals_of(id)?;
            let refusal = found.into_iter().find(|(row, _)| row.row.key == status::address_key(&recipient));
            Ok(refusal.map(|(row, event)| {
                Detail::of(
                    row,
                    Vec::from([(EventKey { node: NodeId(0), seq: 0 }, event)]),
                    &cut,
                    own.0.clock.now(),
                )
            }))
        };
        self.0.exec.blocking(work).await
    }

    /// Whether any place knows the message that is kept under this id by this Message-ID.
    ///
    /// # Errors
    /// If the index of the places cannot be read.
    pub async fn is_known_by(
        &self,
        id: NetworkMessageId,
        message_id: MessageId,
    ) -> Result<bool, SearchError> {
        let places = self.0.places.clone();
        let work = move || Ok(places.with_message_ids(&[message_id])?.contains(&id));
        self.0.exec.blocking(work).await
    }

    /// Asks the systems that tell details only when they are asked, and takes what they say into the trace. What could
    /// not be asked is given back.
    pub async fn ask_for_details(&self, id: NetworkMessageId, recipient: &str) -> Vec<search::Gap> {
        match self.sources() {
            Some(sources) => sources.ask_for_details(id, recipient).await,
            None => Vec::new(),
        }
    }

    /// The whole message with everything linked to it; `None` if it is not known.
    pub async fn tree(&self, id: NetworkMessageId) -> Result<Option<Tree>, SearchError> {
        let own = self.clone();
        let work = move || {
            let Some(message) = own.message(id)? else { return Ok(None) };
            let rows = own.engine().rows(&message);
            let by_queue_id = |id: &str| own.0.places.with_queue_id(id);
            Ok(Some(tree::tree(&own.0.store, &message, rows, &by_queue_id)?))
        };
        self.0.exec.blocking(work).await
    }

    /// The message with this id; if days hold parts of it, the events of all of them.
    fn message(&self, id: NetworkMessageId) -> Result<Option<StoredMessage>, StoreError> {
        let mut all = self.0.store.look_up(Lookup::NetworkId(id), None)?;
        for is_again in [false, true] {
            if !all.is_empty() {
                break;
            }
            if is_again {
                // An import may just have moved it, and not yet noted where to.
                self.0.places.wait_for_batch();
            }
            if let Some(kept) = self.0.places.kept_under(id)?.filter(|kept| *kept != id) {
                all = self.0.store.look_up(Lookup::NetworkId(kept), None)?;
            }
        }
        let mut found = all.into_iter();
        let Some(mut message) = found.next() else { return Ok(None) };
        for other in found {
            message.events.extend(other.events);
        }
        search::each_once(&mut message.events);
        Ok(Some(message))
    }

    fn engine(&self) -> search::Engine<'_> {
        search::Engine {
            exec: &self.0.exec,
            store: &self.0.store,
            refusals: self.0.refusals.store(),
            server: &self.0.config.server,
            expiration: self.0.config.message_expiration,
            now: self.0.clock.now(),
            is_current: self.0.feed.get().is_none_or(|feed| completeness::is_current(&feed.lag())),
        }
    }
}

#[cfg(test)]
mod tests;
