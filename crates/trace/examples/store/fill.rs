//! Fills a store with the traffic, and writes the same rows as CSV.
//!
//! May touch: the folders it is given, the clock.
#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "a measurement reads its own time and writes its own file"
)]

use std::fs::File;
use std::io::{BufWriter, Write};
use std::time::{Duration, Instant};

use events::Event;
use trace::search::Total;
use trace::status::fold;
use trace::{Day, EventKey, Incoming, NodeId, Sealing, Store};

use crate::queries;
use crate::traffic::Traffic;
use crate::{Arguments, Failure, Span, memory, open};

/// Events handed to the store at once, as the feed does under load.
const BATCH: usize = 10_000;
/// Messages made ahead of their writing.
const MADE_MAX: usize = 10_000;

pub(crate) fn run(arguments: &Arguments, traffic: &Traffic, span: Span) -> Result<(), Failure> {
    let dir = arguments.path("dir");
    let mut csv = match arguments.path("csv") {
        Some(path) => Some(Csv::new(BufWriter::with_capacity(1 << 20, File::create(path)?))?),
        None => None,
    };
    let opened = dir.as_deref().map(open).transpose()?;
    let mut filler = Filler { seq: 0, events: 0, rows: 0, spent: Duration::ZERO, batch: Vec::new() };
    for day in span.first..=span.last {
        for message in traffic.day(day) {
            if let Some(csv) = &mut csv {
                csv.message(&message.events)?;
            }
            if let Some((_, trace)) = &opened {
                filler.add(trace.store(), message.events)?;
            }
        }
        if let Some((_, trace)) = &opened {
            filler.flush(trace.store())?;
        }
    }
    if let Some(mut csv) = csv {
        csv.out.flush()?;
        println!("{{\"csv_rows\": {}}}", csv.rows);
    }
    let seconds = filler.spent.as_secs_f64().max(1e-9);
    println!(
        "{{\"events\": {}, \"seconds\": {seconds:.1}, \"events_per_s\": {:.0}}}",
        filler.events,
        filler.events as f64 / seconds
    );
    Ok(())
}

/// Writes all days but the last ones sealed at once, the last ones as the feed would.
pub(crate) fn restore(arguments: &Arguments, traffic: &Traffic, span: Span) -> Result<(), Failure> {
    let (_runtime, trace) = open(&arguments.path("dir").ok_or("dir= is missing")?)?;
    let keep = i64::try_from(arguments.number("keep", 2)?)?;
    let started = Instant::now();
    // Numbers of events rise with the days; within one they may stand in any order.
    let number = |day: i64, at: u64| ((day - span.first).cast_unsigned() << 32) + at;
    let mut messages = 0;
    let there = trace.store().days();
    for day in span.first..=span.last - keep {
        // A run that was cut off goes on.
        if there.contains(&Day(i32::try_from(day)?)) {
            continue;
        }
        messages += restore_day(trace.store(), traffic, day, number)?;
    }
    let mut filler = Filler {
        seq: number(span.last - keep + 1, 0),
        events: 0,
        rows: 0,
        spent: Duration::ZERO,
        batch: Vec::new(),
    };
    for day in span.last - keep + 1..=span.last {
        for message in traffic.day(day) {
            filler.add(trace.store(), message.events)?;
        }
        filler.flush(trace.store())?;
    }
    println!(
        "{{\"sealed_messages\": {messages}, \"seconds\": {:.1}, \"peak_rss_mib\": {:.0}}}",
        started.elapsed().as_secs_f64(),
        memory("VmHWM:")
    );
    for (part, bytes) in trace.store().sealed_parts(Day(i32::try_from(span.first)?)) {
        println!("{{\"part\": \"{part}\", \"bytes\": {bytes}}}");
    }
    Ok(())
}

/// Writes one day sealed; another thread makes its messages meanwhile.
fn restore_day(
    store: &Store,
    traffic: &Traffic,
    day: i64,
    number: impl Fn(i64, u64) -> u64 + Send,
) -> Result<u64, Failure> {
    std::thread::scope(|scope| {
        let (made, taken) = std::sync::mpsc::sync_channel(MADE_MAX);
        scope.spawn(move || {
            let mut left = u64::from(u32::MAX);
            for message in traffic.day_backwards(day) {
                let events = message.events.into_iter().rev().map(|event| {
                    left -= 1;
                    let key = EventKey { node: NodeId(1), seq: number(day, left) };
                    // A restored day takes the events themselves.
                    Incoming { key, event, bytes: Vec::new().into() }
                });
                let mut events: Vec<Incoming> = events.collect();
                events.reverse();
                if made.send(events).is_err() {
                    break;
                }
            }
        });
        Ok(store.restore_day(Day(i32::try_from(day)?), taken.into_iter())?)
    })
}

/// Adds the day behind the last one through the way the feed takes, while another thread asks without a pause.
pub(crate) fn ingest(arguments: &Arguments, traffic: &Traffic, span: Span) -> Result<(), Failure> {
    let (_runtime, trace) = open(&arguments.path("dir").ok_or("dir= is missing")?)?;
    let day = span.last + 1;
    let batches: Vec<Vec<Incoming>> = {
        let mut filler = Filler { seq: 1 << 60, ..Filler::default() };
        for message in traffic.day(day) {
            filler.take(message.events);
        }
        filler.batch.chunks(BATCH).map(<[Incoming]>::to_vec).collect()
    };
    let events: usize = batches.iter().map(Vec::len).sum();
    let done = std::sync::atomic::AtomicBool::new(false);
    let (mut searches, mut wall, mut cpu) = (0_u64, Duration::ZERO, 0.0);
    std::thread::scope(|scope| -> Result<(), Failure> {
        let asking = scope.spawn(|| {
            let asked = queries::all(traffic, span, 5);
            let mut count = 0_u64;
            for one in asked.iter().cycle() {
                if done.load(std::sync::atomic::Ordering::Relaxed) {
                    break;
                }
                count += u64::from(one.run(&trace, Total::Later).is_ok());
            }
            count
        });
        let (started, before) = (Instant::now(), thread_cpu());
        for batch in batches {
            trace.store().apply(batch)?;
        }
        (wall, cpu) = (started.elapsed(), thread_cpu() - before);
        done.store(true, std::sync::atomic::Ordering::Relaxed);
        searches = asking.join().unwrap_or(0);
        Ok(())
    })?;
    println!(
        "{{\"events\": {events}, \"events_per_s\": {:.0}, \"events_per_cpu_s\": {:.0}, \"searches\": {searches}}}",
        events as f64 / wall.as_secs_f64(),
        events as f64 / cpu.max(1e-9)
    );
    Ok(())
}

/// Seconds this thread has used.
pub(crate) fn thread_cpu() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split(' ').next().and_then(|nanos| nanos.parse::<f64>().ok()).unwrap_or(0.0) / 1e9
}

/// Drops the oldest day, as retention does.
pub(crate) fn retain(arguments: &Arguments, span: Span) -> Result<(), Failure> {
    let (_runtime, trace) = open(&arguments.path("dir").ok_or("dir= is missing")?)?;
    let oldest = trace.store().days().first().copied().unwrap_or(Day(i32::try_from(span.first)?));
    let started = Instant::now();
    let gone = trace.store().delete_before(Day(oldest.0 + 1))?;
    println!("{{\"days\": {}, \"ms\": {:.1}}}", gone.len(), started.elapsed().as_secs_f64() * 1_000.0);
    Ok(())
}

/// Seals all days but the last ones, as the server does by and by.
pub(crate) fn seal(arguments: &Arguments, span: Span) -> Result<(), Failure> {
    let (_runtime, trace) = open(&arguments.path("dir").ok_or("dir= is missing")?)?;
    let keep = i64::try_from(arguments.number("keep", 2)?)?;
    let started = Instant::now();
    let mut longest = Duration::ZERO;
    let mut sealed = 0;
    for day in trace.store().days().into_iter().filter(|day| i64::from(day.0) <= span.last - keep) {
        let begun = Instant::now();
        sealed += u64::from(trace.store().seal(day)? == Sealing::Done);
        longest = longest.max(begun.elapsed());
    }
    println!(
        "{{\"sealed_days\": {sealed}, \"seconds\": {:.1}, \"longest_s\": {:.2}, \"peak_rss_mib\": {:.0}}}",
        started.elapsed().as_secs_f64(),
        longest.as_secs_f64(),
        memory("VmHWM:")
    );
    Ok(())
}

#[derive(Default)]
struct Filler {
    seq: u64,
    events: u64,
    rows: u64,
    spent: Duration,
    batch: Vec<Incoming>,
}

impl Filler {
    fn take(&mut self, events: Vec<Event>) {
        for event in events {
            self.seq += 1;
            let bytes = events::encode(&event).into();
            self.batch.push(Incoming { key: EventKey { node: NodeId(1), seq: self.seq }, event, bytes });
        }
    }

    fn add(&mut self, store: &Store, events: Vec<Event>) -> Result<(), Failure> {
        self.take(events);
        if self.batch.len() >= BATCH { self.flush(store) } else { Ok(()) }
    }

    fn flush(&mut self, store: &Store) -> Result<(), Failure> {
        let batch = std::mem::take(&mut self.batch);
        let started = Instant::now();
        self.events += store.apply(batch)? as u64;
        self.spent += started.elapsed();
        self.rows += 1;
        Ok(())
    }
}

/// The rows as a spreadsheet would have them.
struct Csv<W> {
    out: W,
    rows: u64,
}

impl<W: Write> Csv<W> {
    fn new(mut out: W) -> Result<Csv<W>, Failure> {
        writeln!(
            out,
            "received,status,sender,author,recipient,subject,message_id,network_message_id,internal_message_id,from_ip,to_ip,size,direction,latency_ms"
        )?;
        Ok(Csv { out, rows: 0 })
    }

    fn message(&mut self, events: &[Event]) -> Result<(), Failure> {
        let keyed: Vec<(EventKey, Event)> = (1..)
            .zip(events)
            .map(|(seq, event)| (EventKey { node: NodeId(1), seq }, event.clone()))
            .collect();
        let Some(head) = events.first() else { return Ok(()) };
        let Some(facts) = &head.message else { return Ok(()) };
        for row in fold(&keyed) {
            let latency = row.ended_at.filter(|_| row.status.is_leaf()).map_or(String::new(), |end| {
                let micros = end.as_microsecond() - head.received.as_microsecond();
                (micros.div_euclid(1_000)).to_string()
            });
            let ip = |ip: Option<std::net::IpAddr>| ip.map_or(String::new(), |ip| ip.to_string());
            writeln!(
                self.out,
                "{:.6},{},{},{},{},{},{},{},{},{},{},{},{},{latency}",
                head.received,
                row.status,
                facts.return_path,
                facts.from_address.as_deref().filter(|from| *from != facts.return_path).unwrap_or_default(),
                row.recipient_address,
                facts.subject,
                head.message_id.as_ref().map_or("", |id| id.as_str()),
                head.network_message_id,
                head.internal_message_id.map_or(0, |id| id.0),
                ip(head.client_ip),
                ip(row.to_ip),
                facts.total_bytes,
                facts.directionality.as_str(),
            )?;
            self.rows += 1;
        }
        Ok(())
    }
}
