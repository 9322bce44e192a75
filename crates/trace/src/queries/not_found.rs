//! "Not found" as an answer: what was searched, what could hide a row, and the nearest that there is.
//!
//! May touch: nothing itself; [`Trace::not_found`] asks the trace.

use std::collections::HashSet;
use std::fmt::Write as _;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::Trace;
use crate::search::{AddressPattern, Answer, Gap, Query, Refused, SearchError, SourceAsked, TraceRow};
use crate::status::{Stage, SubStatus};
use crate::store::DAY_MICROS;

/// Attempts shown of each kind.
const NEAREST_MAX: usize = 5;

/// The filters of a search in words, one line each: the caller knows how they were typed.
pub type QueryWords = Vec<String>;

/// How the text is told.
#[derive(Debug)]
pub struct Wording<'a> {
    /// The filters of the search.
    pub asked: &'a QueryWords,
    /// The zone of its times.
    pub zone: &'a TimeZone,
    /// Whether the rows in it have their subjects.
    pub subjects: Subjects,
}

/// Whether subjects are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subjects {
    /// With the rows.
    Shown,
    /// Not to this reader.
    Hidden,
}

/// What is said where a search found nothing.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct NotFound {
    /// Rows of the message asked for by an id, which other conditions left out.
    pub same_message: Vec<TraceRow>,
    /// Rows for the same sender and recipient, at another time or with another subject or status.
    pub same_people: Vec<TraceRow>,
    /// Rows for the same recipient.
    pub same_recipient: Vec<TraceRow>,
    /// Rows from the same sender.
    pub same_sender: Vec<TraceRow>,
    /// Refused attempts that match the search, or are of its sender or client.
    pub refused: Vec<TraceRow>,
    /// Refused attempts that were only counted, and of which one may be what was asked for.
    pub folded: u64,
    /// All of it as a text to send on.
    pub text: String,
}

impl NotFound {
    /// The rows that the text tells of.
    pub fn rows(&self) -> impl Iterator<Item = &TraceRow> {
        let groups = [&self.same_message, &self.same_people, &self.same_recipient, &self.same_sender];
        groups.into_iter().flatten().chain(&self.refused)
    }
}

impl Trace {
    /// What is nearest to a search that found nothing.
    ///
    /// # Errors
    /// As a search has them.
    pub async fn not_found(
        &self,
        query: &Query,
        answer: &Answer,
        wording: &Wording<'_>,
    ) -> Result<NotFound, SearchError> {
        let near = near(query, answer);
        let mut found = NotFound { same_message: self.of_ids(query).await?, ..NotFound::default() };
        let everybody = !query.senders.is_empty() && !query.recipients.is_empty();
        if everybody {
            let people = Query {
                senders: query.senders.clone(),
                recipients: query.recipients.clone(),
                ..near.clone()
            };
            found.same_people = self.first(people).await?;
        }
        if found.same_people.is_empty() && !query.recipients.is_empty() {
            found.same_recipient =
                self.first(Query { recipients: query.recipients.clone(), ..near.clone() }).await?;
        }
        if found.same_people.is_empty() && !query.senders.is_empty() {
            found.same_sender = self.first(Query { senders: query.senders.clone(), ..near.clone() }).await?;
        }
        let matching = answer.refused_not_listed.unwrap_or(0) > 0;
        if matching {
            let refused = Query { refused: Refused::Include, cursor: None, ..query.clone() };
            let rows = self.first_of(refused, NEAREST_MAX).await?.into_iter();
            found.refused = rows.filter(|row| row.stage == Stage::NotReceived).take(NEAREST_MAX).collect();
        }
        let is_from = query.from_ip.is_some() || !query.senders.is_empty();
        if is_from && found.refused.is_empty() {
            let of_sender = if query.from_ip.is_some() { Vec::new() } else { query.senders.clone() };
            let attempts =
                Query { senders: of_sender, from_ip: query.from_ip, refused: Refused::Include, ..near };
            let rows = self.first_of(attempts, 1_000).await?.into_iter();
            found.refused = rows.filter(|row| row.stage == Stage::NotReceived).take(NEAREST_MAX).collect();
        }
        found.folded = self.folded(query, answer).await?;
        let names_somebody = is_from || !query.recipients.is_empty();
        found.text = text(answer, wording, &found, names_somebody && !asks_beyond(query));
        found.text.push_str(&scope(query));
        Ok(found)
    }

    /// Refused attempts in the interval of which only the number is known, and that may be the one asked about: of
    /// them the client, the connector and the recipient's domain are those of the row that counts them. Conditions that no
    /// refused attempt can satisfy leave none. A size is not asked for: each had its own.
    async fn folded(&self, query: &Query, answer: &Answer) -> Result<u64, SearchError> {
        let domain = |pattern: &AddressPattern| {
            let text = pattern.to_string();
            text.rsplit_once('@').and_then(|(_, domain)| format!("*@{domain}").parse().ok())
        };
        let domains: Option<Vec<AddressPattern>> = query.recipients.iter().map(domain).collect();
        let asked = Query {
            recipients: domains.unwrap_or_default(),
            from_ip: query.from_ip,
            from_networks: query.from_networks.clone(),
            to_ip: query.to_ip,
            to_networks: query.to_networks.clone(),
            statuses: query.statuses.clone(),
            event_ids: query.event_ids.clone(),
            internal_message_ids: query.internal_message_ids.clone(),
            facets: query.facets.clone(),
            order: query.order,
            within: query.within.clone(),
            refused: Refused::Include,
            ..Query::default()
        };
        let (start, end) = (answer.start.unwrap_or(Timestamp::UNIX_EPOCH), answer.end);
        let own = self.clone();
        let work = move || {
            let store = own.0.refusals.store();
            let mut folded = 0_u64;
            for day in store.days() {
                let low = start.as_microsecond().saturating_sub(day.midnight()).max(0);
                let high = end.map_or(DAY_MICROS, |end| end.as_microsecond().saturating_sub(day.midnight()));
                if low < DAY_MICROS && high > 0 {
                    let window = (low, high.min(DAY_MICROS));
                    folded = folded.saturating_add(store.folded(day, &asked, window)?);
                }
            }
            Ok(folded)
        };
        self.0.exec.blocking(work).await
    }

    /// What there is of the message that the ids of a search name, whatever else it asks for.
    async fn of_ids(&self, query: &Query) -> Result<Vec<TraceRow>, SearchError> {
        let by_id = Query {
            message_ids: query.message_ids.clone(),
            network_message_ids: query.network_message_ids.clone(),
            internal_message_ids: query.internal_message_ids.clone(),
            start: Some(Timestamp::UNIX_EPOCH),
            within: query.within.clone(),
            ..Query::default()
        };
        let has_id = !(by_id.message_ids.is_empty()
            && by_id.network_message_ids.is_empty()
            && by_id.internal_message_ids.is_empty());
        if has_id { self.first(by_id).await } else { Ok(Vec::new()) }
    }

    async fn first(&self, query: Query) -> Result<Vec<TraceRow>, SearchError> {
        // Refused attempts have a list of their own.
        let rows = self.first_of(query, NEAREST_MAX.saturating_mul(4)).await?.into_iter();
        Ok(rows.filter(|row| row.stage != Stage::NotReceived).take(NEAREST_MAX).collect())
    }

    async fn first_of(&self, query: Query, count: usize) -> Result<Vec<TraceRow>, SearchError> {
        Ok(self.search(Query { page_size: count, ..query }).await?.rows)
    }
}

/// The interval around the one asked for: three of its lengths to each side, two weeks at least.
fn near(query: &Query, answer: &Answer) -> Query {
    const FORTNIGHT: i64 = 14 * 86_400;
    let start = query.start.or(answer.start).map(Timestamp::as_second);
    let end = query.end.or(answer.end).map(Timestamp::as_second);
    let length = start.zip(end).map_or(0, |(start, end)| end.saturating_sub(start));
    let margin = length.saturating_mul(3).max(FORTNIGHT);
    let at = |second: i64| Timestamp::from_second(second).ok();
    Query {
        start: start.and_then(|start| at(start.saturating_sub(margin))).or(Some(Timestamp::UNIX_EPOCH)),
        end: end.and_then(|end| at(end.saturating_add(margin))),
        within: query.within.clone(),
        ..Query::default()
    }
}

/// Whether it asks, with rights for some domains, about mail that may lie outside of these.
fn asks_beyond(query: &Query) -> bool {
    let is_in = |pattern: &AddressPattern| {
        let text = pattern.to_string();
        let domain = text.rsplit_once('@').map_or("", |(_, domain)| domain);
        query.within.iter().any(|own| own.eq_ignore_ascii_case(domain))
    };
    !query.within.is_empty() && (query.recipients.is_empty() || !query.recipients.iter().all(is_in))
}

/// What was not looked at because of the reader's rights: it is not said to be missing, and not said to be there.
fn scope(query: &Query) -> String {
    if query.within.is_empty() {
        return String::new();
    }
    let beyond = if asks_beyond(query) { " What was asked about may lie outside of them." } else { "" };
    format!(
        "Your rights are for {}: only mail to these domains, or sent from them, was searched.{beyond} An administrator of the whole organization can look further.\n",
        query.within.join(", ")
    )
}

fn gap_in_words(gap: &Gap, zone: &TimeZone) -> String {
    let local = |at: Timestamp| local(at, zone);
    let span = match (gap.start, gap.end) {
        (Some(start), Some(end)) => format!(", from {} to {}", local(start), local(end)),
        (Some(start), None) => format!(", since {}", local(start)),
        (None, Some(end)) => format!(", before {}", local(end)),
        (None, None) => String::new(),
    };
    format!("  {}: {}{span}", gap.source, gap.cause)
}

fn text(answer: &Answer, wording: &Wording<'_>, found: &NotFound, names_somebody: bool) -> String {
    let (asked, zone) = (wording.asked, wording.zone);
    let local = |at: Timestamp| local(at, zone);
    let one = |row: &TraceRow| one(row, wording);
    let mut text = String::from("No message was found.\n");
    let mut say = |line: &str| {
        let safe: String =
            line.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
        // Writing to a String does not fail.
        let _ = writeln!(text, "{safe}");
    };
    say("Asked for:");
    if asked.is_empty() {
        say("  everything");
    }
    asked.iter().for_each(|filter| say(&format!("  {filter}")));
    let from = answer.start.map_or_else(|| "the oldest record".to_owned(), local);
    let until = answer.end.map_or_else(|| "now".to_owned(), local);
    say(&format!("Searched, from {from} to {until}:"));
    let sources = SourceAsked::listed(&answer.sources, &answer.gaps);
    sources.into_iter().for_each(|source| say(&source_in_words(source, zone)));
    if answer.gaps.is_empty() {
        say("Nothing is known to be missing from these records.");
    } else {
        say("Records that may be missing:");
        answer.gaps.iter().for_each(|gap| say(&gap_in_words(gap, zone)));
    }
    let refused = answer.refused_not_listed.unwrap_or(0);
    if refused > 0 {
        say(&format!(
            "Refused attempts in that time that match, and of which no message was received: {refused}."
        ));
    }
    let groups = [
        ("The message asked for, which does not meet all of that:", &found.same_message),
        ("The same sender and recipient, nearest in time:", &found.same_people),
        ("The same recipient, nearest in time:", &found.same_recipient),
        ("The same sender, nearest in time:", &found.same_sender),
        ("Refused before there was a message:", &found.refused),
    ];
    for (head, rows) in groups.into_iter().filter(|(_, rows)| !rows.is_empty()) {
        say(head);
        for row in rows {
            say(&format!("  {}", one(row)));
        }
    }
    last_seen(found).into_iter().for_each(|(server, next, row)| {
        say(&format!("Last seen at {server}, never seen at {next}: {}", one(row)));
    });
    if found.folded > 0 {
        say(&format!(
            "Of the attempts refused in that time {} were only counted, since the same client had many of one kind within a minute: whom they were for is not kept, and one of them may be the one asked about.",
            found.folded
        ));
    }
    // What was not asked about is not known.
    if found.rows().next().is_none() && refused == 0 && found.folded == 0 && names_somebody {
        let attempts = "No attempt by this sender, to this recipient or from this client is known";
        match answer.gaps.is_empty() {
            true => say(&format!(
                "{attempts} either: the message never reached us, or was sent otherwise than it is remembered."
            )),
            // What was not read may hold it.
            false => say(&format!(
                "{attempts} in what was read; the records that may be missing were not read, and may hold one."
            )),
        }
    }
    text
}

/// Rows that were handed on to where no record of them is, each once: who told so, and where to.
fn last_seen(found: &NotFound) -> Vec<(&str, &str, &TraceRow)> {
    let lost = found.rows().filter(|row| row.row.sub_status.is_some_and(is_lost));
    let mut known = HashSet::new();
    let each = lost.filter(|row| known.insert((row.network_message_id, row.row.key.as_str())));
    each.map(|row| {
        // By the name it is searched by: a log may name its host otherwise.
        let told_by = row.row.told_by.as_deref().or(row.server.as_deref());
        let next = row.row.place.as_deref().or(row.row.remote_host.as_deref());
        (told_by.unwrap_or("this server"), next.unwrap_or("the next system"), row)
    })
    .collect()
}

/// Handed on, and of where it went to no record is there.
fn is_lost(status: SubStatus) -> bool {
    matches!(status, SubStatus::NotSeenThereYet | SubStatus::NeverSeenHere)
}

fn source_in_words(source: &SourceAsked, zone: &TimeZone) -> String {
    let name = &source.name;
    match (source.days, source.last_record) {
        (Some(1), _) => format!("  {name}: 1 day of records"),
        (Some(days), _) => format!("  {name}: {days} days of records"),
        (None, Some(at)) => format!("  {name}: newest record {}", local(at, zone)),
        (None, None) => format!("  {name}: no record yet"),
    }
}

/// A time to the second, with its offset: the text is sent on to others.
fn local(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M:%S %:z").to_string()
}

fn one(row: &TraceRow, wording: &Wording<'_>) -> String {
    let zone = wording.zone;
    let is_told = |subject: &&str| !subject.is_empty() && wording.subjects == Subjects::Shown;
    let subject = row.subject.as_deref().filter(is_told);
    let subject = subject.map(|subject| format!(", \"{subject}\"")).unwrap_or_default();
    let mut detail = row.detail.as_deref().map(|detail| format!(": {detail}")).unwrap_or_default();
    if let Some(at) = row.row.next_retry {
        detail = detail.replacen(
            &format!("next attempt {at:.0}"),
            &format!("next attempt {}", local(at, zone)),
            1,
        );
    }
    format!(
        "{} {} to {}{subject}, {}{detail} ({})",
        local(row.received, zone),
        row.sender_address,
        row.recipient_address,
        row.status.label(),
        row.message_trace_id
    )
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use events::{Event, EventId, MessageFacts, RefusedStep, Source};
    use mail::NetworkMessageId;
    use world::sim::SimWorld;

    use super::*;
    use crate::search::{Facet, FacetFilter, SubjectFilter, SubjectFilterType};
    use crate::status::{EventKey, NodeId};
    use crate::{Config, Refusal};

    fn refusal(id: NetworkMessageId) -> Refusal {
        Refusal {
            network_message_id: id,
            step: RefusedStep::Rcpt,
            reason: None,
            reply: "550 5.7.1 Unable to relay".to_owned(),
            recipients: vec!["kim@contoso.example".to_owned()],
            return_path: Some("boss@fabrikam.example".to_owned()),
            message: None,
            message_id: None,
            client_ip: "198.51.100.4".parse().ok(),
            client_hostname: None,
            server_ip: None,
            connector_id: None,
            source_context: None,
        }
    }

    /// Somebody tries one address after the other.
    fn guesses(trace: &Trace, id: &dyn Fn() -> NetworkMessageId) {
        for number in 0..15 {
            let mut guess = refusal(id());
            guess.recipients = vec![format!("nobody{number}@contoso.example")];
            guess.return_path = Some("harvest@tailspin.example".to_owned());
            guess.client_ip = "203.0.113.9".parse().ok();
            trace.refusals().record(guess);
        }
    }

    fn opened(world: &world::World) -> Trace {
        let (dir, config) = (Path::new("/srv/trace"), Config::new("mx1.contoso.example"));
        Trace::open(&world.disk, &world.clock, &world.exec, dir, config).unwrap()
    }

    fn by_subject(text: &str) -> Query {
        Query {
            subject: Some(SubjectFilter { kind: SubjectFilterType::Contains, text: text.into() }),
            ..Query::default()
        }
    }

    fn the_message_of_an_id_is_named(ask: &dyn Fn(Query) -> NotFound, id: NetworkMessageId) {
        let found = ask(Query {
            network_message_ids: vec![id],
            facets: vec![FacetFilter::any(Facet::Server, ["exch99"])],
            ..Query::default()
        });
        assert_eq!((found.same_message.len(), found.rows().count()), (1, 1), "{found:?}");
        assert!(found.text.contains("does not meet all of that:\n  "), "{}", found.text);
    }

    fn none_fit_what_no_attempt_has(ask: &dyn Fn(Query) -> NotFound, counted: &Query) {
        // None of them can be what these conditions ask for.
        let asked = || Query { recipients: counted.recipients.clone(), ..Query::default() };
        let facet = |facet, value: &str| Vec::from([FacetFilter::any(facet, [value])]);
        for impossible in [
            Query { facets: facet(Facet::Connector, "Partner"), ..asked() },
            Query { facets: facet(Facet::Server, "exch99"), ..asked() },
            Query { facets: facet(Facet::Tls, "TLS1.3*"), ..asked() },
            Query { facets: facet(Facet::Spf, "pass"), ..asked() },
            Query { facets: facet(Facet::Rule, "*"), ..asked() },
            Query { statuses: vec![crate::Status::Delivered], ..asked() },
            Query { to_networks: vec!["192.0.2.0/24".parse().unwrap()], ..asked() },
        ] {
            assert_eq!(ask(impossible.clone()).folded, 0, "{impossible:?}");
        }
        let possible = Query { from_networks: vec!["203.0.113.0/24".parse().unwrap()], ..asked() };
        assert_eq!(ask(possible).folded, 4);
        // The size of those that were only counted is not that of the row that counts them.
        assert_eq!(ask(Query { size_min: Some(1), ..asked() }).folded, 4);
        let big = ask(Query { size_min: Some(1), ..counted.clone() });
        assert!(!big.text.contains("never reached us"), "{}", big.text);
    }

    #[test]
    fn nothing_found_says_where_and_what_is_near() {
        let sim = SimWorld::new(4);
        let world = sim.world();
        let trace = opened(&world);
        let id = NetworkMessageId(world.chance.uuid_v4());
        let mut event = Event::new(world.clock.now(), EventId::Receive, Source::Smtp, id)
            .recipient("kim@contoso.example", "");
        event.message = Some(MessageFacts {
            subject: "Plans\nof mine".into(),
            return_path: "boss@fabrikam.example".into(),
            ..MessageFacts::default()
        });
        trace.store().import(vec![(EventKey { node: NodeId(1), seq: 1 }, event)]).unwrap();
        trace.refusals().record(refusal(NetworkMessageId(world.chance.uuid_v4())));
        let mut read = refusal(NetworkMessageId(world.chance.uuid_v4()));
        read.message = Some(MessageFacts { subject: "D4".into(), ..MessageFacts::default() });
        read.reply = "550 5.6.11 Invalid characters".to_owned();
        trace.refusals().record(read);
        guesses(&trace, &|| NetworkMessageId(world.chance.uuid_v4()));
        sim.run(async { trace.refusals().close().await });
        let ask = |query: Query| {
            sim.run(async {
                let answer = trace.search(query.clone()).await.unwrap();
                assert!(answer.rows.is_empty());
                let asked = vec!["Subject: Budget".to_owned()];
                let wording = Wording { asked: &asked, zone: &TimeZone::UTC, subjects: Subjects::Shown };
                trace.not_found(&query, &answer, &wording).await.unwrap()
            })
        };
        let people = Query {
            senders: vec!["boss@fabrikam.example".parse().unwrap()],
            recipients: vec!["kim@contoso.example".parse().unwrap()],
            subject: Some(SubjectFilter { kind: SubjectFilterType::Contains, text: "Budget".into() }),
            ..Query::default()
        };
        let found = ask(people);
        assert_eq!((found.same_people.len(), found.refused.len()), (1, 1), "{found:?}");
        assert!(found.text.contains("mx1.contoso.example: 1 day of records"), "{}", found.text);
        assert!(found.text.contains("\"Plans of mine\""), "{}", found.text);
        assert!(found.text.contains("Unable to relay") && found.text.contains("Subject: Budget"));
        // What was refused is named, and nothing is claimed of people nobody asked for.
        let found = ask(by_subject("Budget"));
        assert!(!found.text.contains("never reached us"), "{}", found.text);
        let found = ask(by_subject("D4"));
        assert_eq!(found.refused.len(), 1, "{found:?}");
        assert!(found.text.contains("5.6.11") && !found.text.contains("never reached us"), "{}", found.text);
        the_message_of_an_id_is_named(&ask, id);
        let nobody = Query { recipients: vec!["x@tailspin.example".parse().unwrap()], ..Query::default() };
        assert!(ask(nobody.clone()).text.contains("the message never reached us"));
        let behind = sim.run(async {
            let mut answer = trace.search(nobody.clone()).await.unwrap();
            answer.gaps.push(crate::search::Gap {
                source: "exch01".to_owned(),
                start: None,
                end: None,
                count: None,
                cause: "is behind".to_owned(),
            });
            let wording = Wording { asked: &vec![], zone: &TimeZone::UTC, subjects: Subjects::Hidden };
            trace.not_found(&nobody, &answer, &wording).await.unwrap().text
        });
        assert!(behind.contains("may hold one") && !behind.contains("never reached us"), "{behind}");
        // Ten rows, one that counts, and four that are in its count: any of them may have been the twelfth.
        let counted =
            Query { recipients: vec!["nobody12@contoso.example".parse().unwrap()], ..Query::default() };
        let found = ask(counted.clone());
        assert_eq!(found.folded, 4);
        assert!(found.text.contains("4 were only counted"), "{}", found.text);
        assert!(!found.text.contains("never reached us"), "{}", found.text);
        // Counted attempts came from one client.
        let other = Query { from_ip: "198.51.100.77".parse().ok(), ..counted.clone() };
        assert_eq!(ask(other).folded, 0);
        none_fit_what_no_attempt_has(&ask, &counted);
    }
}
