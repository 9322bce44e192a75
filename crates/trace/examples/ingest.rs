//! Measures what the trace costs: messages of three events each, from the spool into a day file.
//!
//! May touch: a folder, the clock, `/proc/self/stat`.
//!
//! `ingest [messages] [per second]`: without a rate the events wait in the spool before the feed starts, so that
//! nothing but the feed is measured; with one they are committed at that rate while it runs.
#![expect(clippy::disallowed_methods, reason = "a measurement reads its own CPU time")]

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use events::{Directionality, EventRecipient, MessageFacts, Source};
use mail::{MessageId, NetworkMessageId};
use spool::{Batch, EntryNo, Spool};
use trace::{About, Config, Ended, HandOn, Query, Received, Recorder, Trace};
use world::{RealConfig, World};

/// As the server has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Messages in one commit of the spool.
const PER_COMMIT: u64 = 50;

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let messages: u64 = arguments.next().map_or(Ok(100_000), |text| text.parse())?;
    let rate: Option<u64> = arguments.next().map(|text| text.parse()).transpose()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(measure(messages, rate))
}

/// User and system time of the process so far.
fn cpu() -> Result<Duration, Failure> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let fields: Vec<&str> = stat.rsplit(") ").next().unwrap_or_default().split(' ').collect();
    let ticks = |at: usize| fields.get(at).and_then(|text| text.parse::<u64>().ok()).unwrap_or(0);
    Ok(Duration::from_millis((ticks(11) + ticks(12)) * 10))
}

async fn measure(messages: u64, rate: Option<u64>) -> Result<(), Failure> {
    let world = World::real(&RealConfig::default())?;
    let dir = tempfile::Builder::new().prefix("ingest").tempdir_in(".")?;
    let config = spool::Config { event_memory_bytes: 1 << 30, ..spool::Config::default() };
    let (spool, _) = Spool::open(&world.disk, &world.clock, &world.exec, dir.path().join("spool"), config)?;
    let trace =
        Trace::open(&world.disk, &world.clock, &world.exec, &dir.path().join("trace"), Config::new("mx1"))?;
    let mut feed = None;
    if rate.is_some() {
        feed = Some(trace.feed(&spool).await?);
    }
    let (cpu_start, start) = (cpu()?, world.clock.elapsed());
    let mut done = 0;
    while done < messages {
        let mut batch = Batch::new();
        for number in done..(done + PER_COMMIT).min(messages) {
            message(trace.recorder(), &world, &spool, &mut batch, number);
        }
        spool.commit(batch).await?;
        done += PER_COMMIT;
        if let Some(rate) = rate {
            let due = start + Duration::from_secs_f64(done as f64 / rate as f64);
            world.clock.sleep(due.saturating_sub(world.clock.elapsed())).await;
        }
    }
    let (cpu_filled, filled) = (cpu()?, world.clock.elapsed());
    let feed = match feed {
        Some(feed) => feed,
        None => trace.feed(&spool).await?,
    };
    feed.caught_up().await;
    let (cpu_end, end) = (cpu()?, world.clock.elapsed());
    let each = |time: Duration| time.as_secs_f64() * 1e6 / messages as f64;
    println!(
        "commit: {:.1} us CPU, {:.1} us wall a message",
        each(cpu_filled - cpu_start),
        each(filled - start)
    );
    println!("feed:   {:.1} us CPU, {:.1} us wall a message", each(cpu_end - cpu_filled), each(end - filled));
    let before = world.clock.elapsed();
    let answer = trace.search(Query { page_size: 100, ..Query::default() }).await?;
    println!("search: {} rows in {:?}", answer.total, world.clock.elapsed() - before);
    feed.stop().await;
    for entry in world.disk.read_dir(&dir.path().join("trace"))? {
        println!("{:>9} KiB {}", world.disk.metadata(&entry.path)?.len >> 10, entry.name.to_string_lossy());
    }
    spool.close().await?;
    Ok(())
}

fn message(recorder: &Recorder, world: &World, spool: &Spool, batch: &mut Batch, number: u64) {
    let about = About {
        no: spool.next_message_no(),
        network_message_id: NetworkMessageId(world.chance.uuid_v7(&world.clock)),
        received: world.clock.now(),
    };
    batch.message(about.no, vec![0; 200], bytes::Bytes::new()).put_entry(about.no, EntryNo(1), vec![0; 100]);
    let spread = number.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40;
    let (to, from) = (
        format!("user{}@contoso.example", spread % 20_000),
        format!("kj{}@movetocloud{}.example", spread % 3_000, spread % 500),
    );
    let words = ["invoice", "meeting", "status", "project", "offer", "holiday", "report", "question"];
    let word = |shift: u32| words.get(((spread >> shift) % 8) as usize).copied().unwrap_or_default();
    let ended = [Ended { entry: EntryNo(1), recipient: to.clone(), status: "250 2.1.5 Recipient OK".into() }];
    let recipients = vec![EventRecipient { address: to, status: "To".into() }];
    let [_, a, b, c] = u32::try_from(spread & 0xffff).unwrap_or(0).to_be_bytes();
    recorder.received(
        batch,
        &about,
        Received {
            source: Source::Smtp,
            recipients: recipients.clone(),
            message_id: MessageId::parse(&format!("<{}@movetocloud.example>", about.network_message_id)).ok(),
            facts: MessageFacts {
                subject: format!("{} {} {} {number}", word(0), word(5), word(9)),
                sender_address: from.clone(),
                from_address: Some(from.clone()),
                return_path: from,
                total_bytes: 1_024,
                directionality: Directionality::Incoming,
                ..MessageFacts::default()
            },
            client_ip: Some(IpAddr::V4(Ipv4Addr::new(10, a, b, c))),
            client_hostname: Some("smtp.movetocloud.example".into()),
            server_ip: Some(IpAddr::V4(Ipv4Addr::LOCALHOST)),
            connector_id: Some("Default Frontend mx1".into()),
            source_context: Some(format!("{number:016X};2026-11-20T08:00:00.000Z;0")),
            reference: Vec::new(),
            tls: None,
            custom_data: Vec::new(),
        },
    );
    recorder.queued(batch, &about, recipients, "mx1\\7", None);
    recorder.sent_external(
        batch,
        &about,
        &ended,
        HandOn {
            remote_reply: Some("250 2.0.0 Ok: queued as 4C1F2A".into()),
            remote_host: Some("mx.fabrikam.example".into()),
            remote_ip: Some(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 9))),
            remote_queue_id: Some("4C1F2A".into()),
            connector_id: Some("Internet".into()),
            ..HandOn::default()
        },
    );
}
