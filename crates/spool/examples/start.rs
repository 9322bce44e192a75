//! Builds a spool with messages passed through and messages left queued, then times how long it takes to open.
//!
//! May touch: the disk, through `world`.
//!
//! `cargo run --release -p spool --example start -- build DIR [PASSED] [QUEUED]` makes it (1,000,000 and 100,000 unless
//! told; 4 KiB each, one recipient); empty the page cache; `… -- open DIR` opens it and prints the report and the
//! memory used.

use std::error::Error;
use std::path::Path;

use bytes::Bytes;
use spool::{Batch, Config, EntryNo, Mark, Spool};
use world::{Clock, Disk, Executor};

const BODY: usize = 4096;
/// Commits sent at once.
const AT_ONCE: u64 = 256;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |index: usize, default: u64| -> Result<u64, std::num::ParseIntError> {
        arguments.get(index).map_or(Ok(default), |text| text.parse())
    };
    let (Some(what), Some(dir)) = (arguments.first(), arguments.get(1)) else {
        return Err("start build|open DIR [PASSED] [QUEUED]".into());
    };
    let (passed, queued) = (number(2, 1_000_000)?, number(3, 100_000)?);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(run(what, Path::new(dir), passed, queued))
}

async fn run(what: &str, dir: &Path, passed: u64, queued: u64) -> Result<(), Box<dyn Error>> {
    let (disk, clock) = (Disk::real(), Clock::real());
    let exec = Executor::real(tokio::runtime::Handle::current());
    let (spool, report) = Spool::open(&disk, &clock, &exec, dir, Config::default())?;
    println!("{report}");
    println!("{} of {} segments scanned, {} bytes read", report.scanned, report.segments, report.bytes_read);
    if what == "build" {
        let started = clock.elapsed();
        build(&spool, passed, queued).await?;
        let took = clock.elapsed().saturating_sub(started);
        println!("{passed} messages passed, {queued} left, in {took:?}");
    }
    println!("{:?}", spool.stats());
    if let Ok(status) = disk.open(Path::new("/proc/self/status"), world::OpenMode::Read) {
        let mut text = vec![0; 8192];
        let length = status.read_at(&mut text, 0)?;
        text.truncate(length);
        let text = String::from_utf8_lossy(&text);
        text.lines().filter(|line| line.starts_with("VmRSS") || line.starts_with("VmHWM")).for_each(|line| {
            println!("{line}");
        });
    }
    spool.close().await?;
    Ok(())
}

/// Every message is accepted in one commit and categorized in another; all but the ones left end in a third.
async fn build(spool: &Spool, passed: u64, queued: u64) -> Result<(), Box<dyn Error>> {
    let body = Bytes::from(vec![b'x'; BODY]);
    // Those left are spread evenly over those passed.
    let keep_every = (passed / queued.max(1)).max(1);
    let mut done = 0;
    while done < passed {
        let numbers: Vec<_> = (0..AT_ONCE.min(passed - done)).map(|_| spool.next_message_no()).collect();
        let accepts = numbers.iter().map(|no| {
            let mut batch = Batch::new();
            let about = Some((*no, EntryNo(1)));
            batch.message(*no, vec![b'e'; 200], body.clone()).put_entry(*no, EntryNo(1), vec![b'q'; 100]);
            batch.event(1, false, about, vec![b'v'; 400]);
            spool.commit(batch)
        });
        for result in futures::future::join_all(accepts).await {
            result?;
        }
        let ends = numbers.iter().zip(done..).filter(|(_, index)| index % keep_every != 0).map(|(no, _)| {
            let mut batch = Batch::new();
            let about = Some((*no, EntryNo(1)));
            batch.event(2, true, about, vec![b'v'; 300]).remove_entry(*no, EntryNo(1));
            spool.commit(batch)
        });
        for result in futures::future::join_all(ends).await {
            result?;
        }
        spool.set_mark(Mark::Trace, spool.end());
        spool.set_mark(Mark::Mailbox, spool.end());
        done += numbers.len() as u64;
    }
    spool.flush_marks().await?;
    Ok(())
}
