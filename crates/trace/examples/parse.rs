//! Measures reading and joining a mail log, the store left out: lines a second on one core.
//!
//! May touch: a file named on the command line, the clock, `/proc/self/status`.
//!
//! `parse FILE [joins]`: reads the file into memory first, then measures; with `joins` the hops are also looked up
//! and joined in a bounded memory index.
#![expect(clippy::disallowed_methods, reason = "a measurement reads its own input and clock")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use trace::places::{MemoryIndex, Options, Reader, Surroundings, join_in_memory};

/// Octets given to the reader at once.
const PIECE_BYTES: usize = 256 * 1_024;
/// Events joined at once.
const EVENTS_AT_ONCE: usize = 10_000;
/// Hops remembered.
const HOPS_MAX: usize = 200_000;

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let file = arguments.next().ok_or("usage: parse FILE [joins]")?;
    let joins = arguments.next().as_deref() == Some("joins");
    let bytes = std::fs::read(&file)?;
    let mut reader =
        Reader::new("gateway".parse()?, Arc::new(Surroundings::default()), Options::new(Timestamp::now()));
    let mut index = MemoryIndex::new(HOPS_MAX);
    let (start, mut events, mut joining) = (Instant::now(), 0_usize, Duration::ZERO);
    for piece in bytes.chunks(PIECE_BYTES) {
        reader.feed(piece)?;
        if reader.waiting() < EVENTS_AT_ONCE {
            continue;
        }
        let found = reader.take();
        events += found.len();
        if joins {
            let before = Instant::now();
            join_in_memory(&mut index, found)?;
            joining += before.elapsed();
        }
    }
    reader.end_file()?;
    let found = reader.take();
    events += found.len();
    if joins {
        let before = Instant::now();
        join_in_memory(&mut index, found)?;
        joining += before.elapsed();
    }
    let took = start.elapsed();
    let tally = reader.tally();
    let rate = tally.lines as f64 / took.as_secs_f64();
    println!(
        "{} lines, {events} events, {} unknown, {} open at the end: {took:.2?}, of it joining {joining:.2?}: {rate:.0} lines/s",
        tally.lines, tally.unknown, tally.open
    );
    let status = std::fs::read_to_string("/proc/self/status")?;
    let peak = status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or_default();
    println!("{peak} (of it the file itself: {} kB)", bytes.len() / 1_024);
    Ok(())
}
