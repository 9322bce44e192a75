//! The look-ups of a paste by the ids in it, and which of the messages found are the one meant.
//!
//! May touch: nothing itself; it asks the trace.

use std::collections::{HashMap, HashSet};

use events::EventId;
use mail::NetworkMessageId;

use super::claims::{Claims, label};
use super::{Paste, Pasted, Searched};
use crate::Trace;
use crate::search::{Answer, PAGE_SIZE_MAX, Query, SearchError, TraceRow};
use crate::store::{Day, StoreError, remote_id_number};

/// Rows of days that are not sealed looked through for all queue ids of a paste, newest first: they have no index of
/// what other servers answered.
const QUEUE_ID_ROWS_MAX: u64 = 500_000;
/// Gaps that an answer names.
const GAPS_MAX: usize = 100;

/// An id that counts per server, and what the text says of it.
struct Asked<'a> {
    /// As servers answer with it.
    id: String,
    /// As places are asked for it: a number with its server.
    at_place: String,
    claims: &'a Claims,
    is_number: bool,
}

/// What has an id and is not meant.
#[derive(Default)]
struct LeftOut {
    rows: usize,
    wrong: Vec<&'static str>,
}

impl LeftOut {
    /// In words, if it is anything.
    fn told(&self) -> Option<String> {
        let rows = match self.rows {
            0 => return None,
            1 => "1 row".to_owned(),
            many => format!("{many} rows"),
        };
        let wrong = self.wrong.join(", ");
        Some(format!(
            "{rows} left out: another host's id, the text does not agree in {wrong}; paste the id alone to see them"
        ))
    }

    /// The same behind what else is said.
    fn after(&self, limit: Option<String>) -> Option<String> {
        let parts: Vec<String> = limit.into_iter().chain(self.told()).collect();
        (!parts.is_empty()).then(|| parts.join("; "))
    }
}

impl Trace {
    /// Looks for the message that a paste is about: by network message id, then this server's number, Message-ID, and
    /// the queue ids of other systems. The first that finds anything decides. Where the paste names recipients, their
    /// rows come first.
    ///
    /// # Errors
    /// As a search has them.
    pub async fn find_pasted(&self, paste: &Paste) -> Result<Pasted, SearchError> {
        let mut pasted = self.look_up_pasted(paste).await?;
        if !pasted.rows.is_empty() {
            // What was found is not among what is too old.
            pasted.gaps.retain(|gap| !crate::completeness::is_of_retention(gap));
        }
        Ok(pasted)
    }

    async fn look_up_pasted(&self, paste: &Paste) -> Result<Pasted, SearchError> {
        let mut pasted = Pasted::default();
        self.by_ids(paste, &mut pasted).await?;
        if let Some(undelivered) = &paste.undelivered
            && !pasted.rows.iter().any(|row| undelivered.names(row))
        {
            // Refused before it was received, it has none of these ids here.
            self.by_undelivered(undelivered, &mut pasted).await?;
        }
        if pasted.rows.is_empty() {
            self.by_addresses(paste, &mut pasted).await?;
        }
        if pasted.rows.is_empty()
            && let Some(diagnostic) = &paste.diagnostic
        {
            self.by_diagnostic(diagnostic, &mut pasted).await?;
            if !(paste.addresses.is_empty() && paste.recipients.is_empty()) {
                pasted.offer_only();
            }
        }
        Ok(pasted.preferring(&paste.recipients))
    }

    async fn by_ids(&self, paste: &Paste, pasted: &mut Pasted) -> Result<(), SearchError> {
        for id in &paste.network_message_ids {
            let query = Query { network_message_ids: Vec::from([*id]), ..Query::default() };
            if self.by_one("Network message id", id.to_string(), query, pasted).await? {
                return Ok(());
            }
        }
        if self.by_internal_ids(paste, pasted).await? {
            return Ok(());
        }
        for id in &paste.message_ids {
            let query = Query { message_ids: Vec::from([id.clone()]), ..Query::default() };
            if self.by_one("Message-ID", id.to_string(), query, pasted).await? {
                return Ok(());
            }
        }
        self.by_queue_ids(paste, pasted).await
    }

    /// One look-up by an id that is the same everywhere; whether it found anything.
    async fn by_one(
        &self,
        by: &'static str,
        value: String,
        query: Query,
        pasted: &mut Pasted,
    ) -> Result<bool, SearchError> {
        let answer = self.search(Query { page_size: PAGE_SIZE_MAX, ..query }).await?;
        pasted.note(&answer);
        pasted.searched.push(Searched { by, value, found: answer.total, limit: None });
        let is_found = !answer.rows.is_empty();
        if is_found {
            // What was found by its id is hidden by nothing.
            (pasted.rows, pasted.total, pasted.gaps) = (answer.rows, answer.total, answer.gaps);
        }
        Ok(is_found)
    }

    /// Rows of messages with one of these numbers, as far as the text agrees; whether there are any.
    async fn by_internal_ids(&self, paste: &Paste, pasted: &mut Pasted) -> Result<bool, SearchError> {
        let silent = Claims::default();
        let own: Vec<String> =
            paste.own_names.iter().map(String::as_str).chain([self.server()]).filter_map(label).collect();
        for number in &paste.internal_message_ids {
            let query = Query {
                internal_message_ids: Vec::from([*number]),
                page_size: PAGE_SIZE_MAX,
                ..Query::default()
            };
            let answer = self.search(query).await?;
            let id = number.to_string();
            let mut hosts: HashMap<NetworkMessageId, Vec<String>> = HashMap::new();
            for row in &answer.rows {
                hosts.entry(row.network_message_id).or_default().extend(numbered_by(row, &id, &own));
            }
            let claims = paste.claims_of(&id).unwrap_or(&silent);
            let asked = Asked { at_place: id.clone(), id, claims, is_number: true };
            pasted.note(&answer);
            let mut left_out = LeftOut::default();
            let meant = self.meant(&asked, &answer.rows, &hosts, &mut left_out).await?;
            let total = match left_out.rows {
                0 => answer.total,
                _ => answer.total.saturating_sub(u64::try_from(left_out.rows).unwrap_or(0)),
            };
            let mut rows = answer.rows;
            rows.retain(|row| meant.contains(&row.network_message_id));
            let limit = left_out.told();
            pasted.searched.push(Searched { by: "InternalId", value: asked.id, found: total, limit });
            if !rows.is_empty() {
                (pasted.rows, pasted.total, pasted.gaps) = (rows, total, answer.gaps);
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Which of the messages that have an id are not contradicted by what the text says of it. `hosts`: those known to
    /// have given it.
    async fn meant(
        &self,
        asked: &Asked<'_>,
        rows: &[TraceRow],
        hosts: &HashMap<NetworkMessageId, Vec<String>>,
        left_out: &mut LeftOut,
    ) -> Result<HashSet<NetworkMessageId>, SearchError> {
        let mut messages: Vec<(NetworkMessageId, Vec<&TraceRow>)> = Vec::new();
        for row in rows {
            match messages.iter_mut().find(|(id, _)| *id == row.network_message_id) {
                Some((_, own)) => own.push(row),
                None => messages.push((row.network_message_id, Vec::from([row]))),
            }
        }
        let mut meant: HashSet<NetworkMessageId> = messages.iter().map(|(id, _)| *id).collect();
        if *asked.claims == Claims::default() || messages.is_empty() {
            return Ok(meant);
        }
        let known = self.known_by(asked.claims, &messages).await?;
        for (id, rows) in &messages {
            let hosts = hosts.get(id).map(Vec::as_slice).unwrap_or_default();
            let wrong = asked.claims.contradicted(rows, known.contains(id), hosts, asked.is_number);
            if !wrong.is_empty() {
                meant.remove(id);
                left_out.rows = left_out.rows.saturating_add(rows.len());
                wrong.into_iter().for_each(|one| super::claims::add(&mut left_out.wrong, one));
            }
        }
        Ok(meant)
    }

    /// Those of the messages that some place knows by a Message-ID of the text.
    async fn known_by(
        &self,
        claims: &Claims,
        messages: &[(NetworkMessageId, Vec<&TraceRow>)],
    ) -> Result<HashSet<NetworkMessageId>, SearchError> {
        if claims.message_ids.is_empty() {
            return Ok(HashSet::new());
        }
        let query = Query {
            network_message_ids: messages.iter().map(|(id, _)| *id).collect(),
            message_ids: claims.message_ids.clone(),
            start: Some(jiff::Timestamp::UNIX_EPOCH),
            page_size: PAGE_SIZE_MAX,
            ..Query::default()
        };
        let answer = self.search(query).await?;
        Ok(answer.rows.iter().map(|row| row.network_message_id).collect())
    }

    /// Rows of messages that a place knows by one of these ids, or that were handed on to a server which answered with
    /// one. A number with its host may be that of the server a message was handed on to.
    async fn by_queue_ids(&self, paste: &Paste, pasted: &mut Pasted) -> Result<(), SearchError> {
        let silent = Claims::default();
        let queue_ids = paste.queue_ids.iter().map(|id| {
            let claims = paste.claims_of(id).unwrap_or(&silent);
            Asked { id: id.clone(), at_place: id.clone(), claims, is_number: false }
        });
        let numbers = paste.internal_message_ids.iter().filter_map(|number| {
            let id = number.to_string();
            let claims = paste.claims_of(&id)?;
            let at_place = format!("{id}@{}", claims.hosts.first()?);
            Some(Asked { id, at_place, claims, is_number: true })
        });
        let all: Vec<Asked<'_>> = queue_ids.chain(numbers).collect();
        let (places, wanted) = (self.places().clone(), all.iter().map(|one| one.at_place.clone()));
        let wanted: Vec<String> = wanted.collect();
        let look_up =
            move || wanted.iter().map(|id| places.given_queue_id(id)).collect::<Result<Vec<_>, StoreError>>();
        let known = self.0.exec.blocking(look_up).await?;
        for (asked, kept) in all.iter().zip(known).filter(|(_, kept)| !kept.is_empty()) {
            let query = Query {
                network_message_ids: kept.keys().copied().collect(),
                page_size: PAGE_SIZE_MAX,
                ..Query::default()
            };
            let answer = self.search(query).await?;
            pasted.note(&answer);
            let mut left_out = LeftOut::default();
            let meant = self.meant(asked, &answer.rows, &kept, &mut left_out).await?;
            let found = answer.total.saturating_sub(u64::try_from(left_out.rows).unwrap_or(0));
            let by = if asked.is_number { "InternalId" } else { "Queue id" };
            let limit = left_out.told();
            pasted.searched.push(Searched { by, value: asked.at_place.clone(), found, limit });
            let mut rows = answer.rows;
            rows.retain(|row| meant.contains(&row.network_message_id));
            if !rows.is_empty() {
                (pasted.rows, pasted.total) = (rows, found);
                return Ok(());
            }
        }
        let mut read = 0;
        for asked in &all {
            let mut left_out = LeftOut::default();
            let (rows, limit) = self.by_queue_id(asked, &mut read, &mut left_out, pasted).await?;
            let found = u64::try_from(rows.len()).unwrap_or(u64::MAX);
            let by = if asked.is_number { "Remote InternalId" } else { "Remote queue id" };
            let limit = left_out.after(limit);
            pasted.searched.push(Searched { by, value: asked.id.clone(), found, limit });
            if !rows.is_empty() {
                (pasted.rows, pasted.total) = (rows, found);
                return Ok(());
            }
        }
        Ok(())
    }

    /// Rows handed on to a server that answered with this id: those of the newest day that has any. Sealed days have an
    /// index of these ids; the others are looked through.
    /// `read` counts the rows looked through for all ids of the paste.
    async fn by_queue_id(
        &self,
        asked: &Asked<'_>,
        read: &mut u64,
        left_out: &mut LeftOut,
        pasted: &mut Pasted,
    ) -> Result<(Vec<TraceRow>, Option<String>), SearchError> {
        let (store, number) = (self.store().clone(), remote_id_number(&asked.id));
        let days = self.0.exec.blocking(move || store.by_remote_id(number)).await?;
        let mut cut = None;
        for one in days {
            if !one.found.is_empty() {
                let query = Query {
                    network_message_ids: one.found,
                    start: Some(jiff::Timestamp::UNIX_EPOCH),
                    page_size: PAGE_SIZE_MAX,
                    ..Query::default()
                };
                let answer = self.search(query).await?;
                pasted.note(&answer);
                let rows = self.handed_on(asked, answer.rows, left_out).await?;
                if !rows.is_empty() {
                    return Ok((rows, cut));
                }
            }
            if one.is_whole || cut.is_some() {
                continue;
            }
            let rows = self.look_through((one.day, asked), read, (&mut cut, left_out), pasted).await?;
            if !rows.is_empty() {
                return Ok((rows, None));
            }
        }
        Ok((Vec::new(), cut))
    }

    /// Those of the rows that were handed on to a server which answered with this id, of messages that are meant.
    async fn handed_on(
        &self,
        asked: &Asked<'_>,
        mut rows: Vec<TraceRow>,
        left_out: &mut LeftOut,
    ) -> Result<Vec<TraceRow>, SearchError> {
        let mut hosts: HashMap<NetworkMessageId, Vec<String>> = HashMap::new();
        for row in rows.iter().filter(|row| names_queue_id(row, &asked.id)) {
            hosts.entry(row.network_message_id).or_default().extend(next_host(row));
        }
        rows.retain(|row| hosts.contains_key(&row.network_message_id));
        let meant = self.meant(asked, &rows, &hosts, left_out).await?;
        rows.retain(|row| meant.contains(&row.network_message_id) && names_queue_id(row, &asked.id));
        Ok(rows)
    }

    /// Looks through a day without an index, newest first, until something is found; `cut` says where it was given up.
    async fn look_through(
        &self,
        (day, asked): (Day, &Asked<'_>),
        read: &mut u64,
        (cut, left_out): (&mut Option<String>, &mut LeftOut),
        pasted: &mut Pasted,
    ) -> Result<Vec<TraceRow>, SearchError> {
        let at = |day: Day| jiff::Timestamp::from_microsecond(day.midnight()).ok();
        let mut query = Query {
            event_ids: Vec::from([EventId::SendExternal, EventId::Send]),
            start: at(day),
            end: at(Day(day.0.saturating_add(1))),
            page_size: PAGE_SIZE_MAX,
            ..Query::default()
        };
        if *read >= QUEUE_ID_ROWS_MAX {
            *cut = Some("days that are not sealed were looked through for the ids before only".to_owned());
            return Ok(Vec::new());
        }
        loop {
            let answer = self.search(query.clone()).await?;
            pasted.note(&answer);
            *read = read.saturating_add(u64::try_from(answer.rows.len()).unwrap_or(u64::MAX));
            let oldest = answer.rows.last().map(|row| row.received);
            let rows = self.handed_on(asked, answer.rows, left_out).await?;
            match answer.next {
                _ if !rows.is_empty() => return Ok(rows),
                None => return Ok(rows),
                Some(_) if *read >= QUEUE_ID_ROWS_MAX => {
                    let since = oldest.map(|at| format!(", back to {at:.0}")).unwrap_or_default();
                    *cut = Some(format!(
                        "of days that are not sealed only the newest {read} rows were looked through{since}"
                    ));
                    return Ok(rows);
                }
                Some(next) => query.cursor = Some(next),
            }
        }
    }
}

/// The hosts that are known to have given a message this number.
fn numbered_by(row: &TraceRow, number: &str, own: &[String]) -> Vec<String> {
    if row.hops.is_empty() {
        return own.to_vec();
    }
    let ids = row.hops.iter().flat_map(|hop| &hop.queue_ids);
    let given = ids.filter_map(|id| id.split_once('@').filter(|(id, _)| *id == number));
    let mut hosts: Vec<String> = given.map(|(_, host)| host.to_owned()).collect();
    if hosts.iter().any(|host| own.contains(host)) {
        hosts.extend_from_slice(own);
    }
    hosts
}

/// The host a row was handed on to, as its reply has it, else as it was called.
fn next_host(row: &TraceRow) -> Option<String> {
    let reply = row.row.remote_reply.as_deref().unwrap_or_default();
    let said = reply.split_once("Hostname=").and_then(|(_, host)| host.split([']', ',', ' ']).next());
    said.or(row.row.remote_host.as_deref()).and_then(label)
}

fn names_queue_id(row: &TraceRow, id: &str) -> bool {
    row.row.remote_queue_id.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(id))
        || row.hops.iter().any(|hop| hop.queue_ids.iter().any(|own| own.eq_ignore_ascii_case(id)))
        || row.row.remote_reply.as_deref().is_some_and(|reply| {
            let words = reply
                .split(|letter: char| !letter.is_ascii_alphanumeric() && !matches!(letter, '-' | '.' | '_'));
            words.map(|word| word.trim_matches('.')).any(|word| word.eq_ignore_ascii_case(id))
        })
}

impl Pasted {
    /// Keeps what an answer says of its own completeness: the sources of the last, the gaps of all.
    pub(super) fn note(&mut self, answer: &Answer) {
        self.sources.clone_from(&answer.sources);
        for gap in &answer.gaps {
            if !self.gaps.contains(gap) && self.gaps.len() < GAPS_MAX {
                self.gaps.push(gap.clone());
            }
        }
    }

    /// The rows of these recipients first, the others behind them, each in their order.
    fn preferring(mut self, recipients: &[String]) -> Pasted {
        let is_meant =
            |row: &TraceRow| recipients.iter().any(|one| one.eq_ignore_ascii_case(&row.recipient_address));
        self.rows.sort_by_key(|row| !is_meant(row));
        self
    }
}
