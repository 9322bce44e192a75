//! Imports a mail log into the store, alone or while searches run, and writes such a log.
//!
//! May touch: the folders it is given, the clock.
#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "a measurement reads its own time and writes its own file"
)]

use std::fs::File;
use std::io::{BufWriter, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use trace::places::{Options, Surroundings};
use trace::search::Total;

use crate::fill::thread_cpu;
use crate::queries;
use crate::traffic::{Dice, Traffic};
use crate::{Arguments, Failure, Span, memory, open};

/// Microseconds of a day.
const DAY_MICROS: i64 = 86_400_000_000;

/// Writes a day of a gateway's Postfix log: five lines and two events a message, as most messages have; its senders and
/// recipients are those of the traffic.
pub(crate) fn maillog(arguments: &Arguments, traffic: &Traffic, span: Span) -> Result<(), Failure> {
    let messages = arguments.number("messages", 20_000)?;
    let path = arguments.path("log").ok_or("log= is missing")?;
    let mut out = BufWriter::with_capacity(1 << 20, File::create(&path)?);
    let mut dice = Dice::new(7);
    let start = (span.last + 1) * DAY_MICROS;
    let step = DAY_MICROS / i64::try_from(messages.max(1))?;
    for number in 0..messages {
        let came = start + i64::try_from(number)? * step;
        let at = |micros: i64| Timestamp::from_microsecond(came + micros);
        let (from, to) = (traffic.sender(&mut dice), traffic.recipient(&mut dice));
        let domain = from.rsplit_once('@').map_or("fabrikam.example", |(_, domain)| domain);
        let (port, process) = (dice.roll(250), dice.roll(9_000));
        let id = format!("4{:011X}", number + 0x00A7_0000_0000);
        writeln!(
            out,
            "{:.6} gw postfix/smtpd[{process}]: {id}: client=mail.{domain}[192.0.2.{port}]",
            at(0)?
        )?;
        writeln!(
            out,
            "{:.6} gw postfix/cleanup[{}]: {id}: message-id=<{:016x}.{number}@{domain}>",
            at(40_000)?,
            process + 1,
            dice.next()
        )?;
        writeln!(
            out,
            "{:.6} gw postfix/qmgr[13]: {id}: from=<{from}>, size={}, nrcpt=1 (queue active)",
            at(70_000)?,
            1_000 + dice.roll(90_000)
        )?;
        writeln!(
            out,
            "{:.6} gw postfix/smtp[{}]: {id}: to=<{to}>, relay=mx1.contoso.example[192.0.2.25]:25, delay=0.4, delays=0.1/0/0.02/0.3, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as {:012X})",
            at(400_000)?,
            process + 2,
            dice.next() >> 16
        )?;
        writeln!(out, "{:.6} gw postfix/qmgr[13]: {id}: removed", at(410_000)?)?;
    }
    out.flush()?;
    println!("{{\"messages\": {messages}}}");
    Ok(())
}

/// Imports the log; with `searches=1` while another thread asks without a pause.
pub(crate) fn run(arguments: &Arguments, traffic: &Traffic, span: Span) -> Result<(), Failure> {
    let (_runtime, trace) = open(&arguments.path("dir").ok_or("dir= is missing")?)?;
    let log = arguments.path("log").ok_or("log= is missing")?.canonicalize()?;
    let is_asked = arguments.number("searches", 0)? > 0;
    let now = Timestamp::from_microsecond((span.last + 2) * DAY_MICROS)?;
    let done = AtomicBool::new(false);
    let (mut searches, mut wall, mut cpu, mut report) = (0_u64, Duration::ZERO, 0.0, None);
    std::thread::scope(|scope| -> Result<(), Failure> {
        let asking = is_asked.then(|| {
            scope.spawn(|| {
                let asked = queries::all(traffic, span, 5);
                let mut count = 0_u64;
                for one in asked.iter().cycle() {
                    if done.load(Ordering::Relaxed) {
                        break;
                    }
                    count += u64::from(one.run(&trace, Total::Later).is_ok());
                }
                count
            })
        });
        let (started, before) = (Instant::now(), thread_cpu());
        let found = trace.places().import_path(
            &log,
            &"gateway".parse()?,
            &Arc::new(Surroundings::default()),
            &Options::new(now),
            now,
            &|_| true,
        );
        (wall, cpu) = (started.elapsed(), thread_cpu() - before);
        done.store(true, Ordering::Relaxed);
        searches = asking.and_then(|asking| asking.join().ok()).unwrap_or(0);
        report = Some(found?);
        Ok(())
    })?;
    let logs = report.map(|report| report.logs).unwrap_or_default();
    let events: u64 = logs.iter().map(|log| log.tally.events).sum();
    let new: u64 = logs.iter().map(|log| log.imported.new).sum();
    println!(
        "{{\"events\": {events}, \"new\": {new}, \"seconds\": {:.2}, \"events_per_s\": {:.0}, \"events_per_cpu_s\": {:.0}, \"searches\": {searches}, \"peak_rss_mib\": {:.0}}}",
        wall.as_secs_f64(),
        events as f64 / wall.as_secs_f64(),
        events as f64 / cpu.max(1e-9),
        memory("VmHWM:")
    );
    Ok(())
}
