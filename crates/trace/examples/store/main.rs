//! Measures the trace store: fills it with made-up traffic, asks it what an administrator asks, prints lines of JSON.
//!
//! May touch: folders it is given, the clock, `/proc/self`.
//!
//! `store fill dir= rows= [days=90] [csv=FILE]` fills a store through the way the feed takes, and writes the CSV.
//! `store restore dir= rows= [days=90] [keep=2]` writes all days but the last ones sealed at once.
//! `store ingest dir= rows= [days=90]` adds another day as the feed would, while a search runs all the time.
//! `store maillog log=FILE [messages=20000]` writes the Postfix log of the day behind the last one.
//! `store import dir= log=FILE [searches=1]` imports it, while a search runs all the time if asked for.
//! `store retain dir= [days=90]` drops the oldest day.
//! `store seal dir= [days=90] [keep=2]` seals all days but the last ones.
//! `store ask dir= rows= [days=90] [rounds=20] [only=NAME]` asks every query with keys drawn from the traffic.
//! `store report dir= rows= [days=90] [type=Summary] [out=FILE]` writes a report of everything, and says what memory it took.
//! `store keys rows= [days=90] [rounds=20]` prints the same keys, for other programs to be asked.
#![expect(clippy::disallowed_methods, reason = "a measurement reads its own time and memory")]

mod fill;
mod import;
mod queries;
mod report;
mod traffic;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use queries::Asked;
use trace::search::Total;
use trace::{Config, Trace};
use traffic::Traffic;
use world::{RealConfig, World};

/// As the server has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// 2026-11-21, the last day of traffic.
const LAST_DAY: i64 = 20_778;

pub(crate) type Failure = Box<dyn std::error::Error>;

/// `key=value` words.
pub(crate) struct Arguments(BTreeMap<String, String>);

impl Arguments {
    fn number(&self, key: &str, otherwise: u64) -> Result<u64, Failure> {
        Ok(self.0.get(key).map_or(Ok(otherwise), |text| text.parse())?)
    }

    fn path(&self, key: &str) -> Option<PathBuf> {
        self.0.get(key).map(PathBuf::from)
    }
}

/// What the traffic spans.
#[derive(Clone, Copy)]
pub(crate) struct Span {
    pub(crate) first: i64,
    pub(crate) last: i64,
}

/// No day filled is older than what is kept.
const KEPT_DAYS: u32 = 36_500;

fn main() -> Result<(), Failure> {
    let mut words = std::env::args().skip(1);
    let command = words.next().unwrap_or_default();
    let pairs =
        words.filter_map(|word| word.split_once('=').map(|(key, value)| (key.to_owned(), value.to_owned())));
    let arguments = Arguments(pairs.collect());
    let (rows, days) = (arguments.number("rows", 1_000_000)?, arguments.number("days", 90)?);
    let last = i64::try_from(arguments.number("last", LAST_DAY.cast_unsigned())?)?;
    let span = Span { first: last - i64::try_from(days)? + 1, last };
    let traffic = Traffic::new(rows, days);
    match command.as_str() {
        "fill" => fill::run(&arguments, &traffic, span),
        "restore" => fill::restore(&arguments, &traffic, span),
        "ingest" => fill::ingest(&arguments, &traffic, span),
        "maillog" => import::maillog(&arguments, &traffic, span),
        "import" => import::run(&arguments, &traffic, span),
        "retain" => fill::retain(&arguments, span),
        "seal" => fill::seal(&arguments, span),
        "ask" => ask(&arguments, &traffic, span),
        "report" => report::run(&arguments, span),
        "keys" => {
            let rounds = arguments.number("rounds", 20)?;
            for asked in queries::all(&traffic, span, rounds) {
                println!("{}", asked.key_line());
            }
            Ok(())
        }
        other => Err(format!(
            "\"{other}\" is none of fill, restore, ingest, maillog, import, retain, seal, ask, report, keys"
        )
        .into()),
    }
}

/// Opens the trace in a folder.
pub(crate) fn open(dir: &std::path::Path) -> Result<(tokio::runtime::Runtime, Trace), Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let guard = runtime.enter();
    let world = World::real(&RealConfig::default())?;
    // The days filled are fixed ones, whatever the day.
    let config = Config { retention_days: KEPT_DAYS, ..Config::new("mx1") };
    let trace = Trace::open(&world.disk, &world.clock, &world.exec, dir, config)?;
    drop(guard);
    Ok((runtime, trace))
}

/// Asks every query, and says how long each took.
fn ask(arguments: &Arguments, traffic: &Traffic, span: Span) -> Result<(), Failure> {
    let dir = arguments.path("dir").ok_or("dir= is missing")?;
    let rounds = arguments.number("rounds", 20)?;
    let only = arguments.0.get("only");
    let begun = Instant::now();
    let (_runtime, trace) = open(&dir)?;
    let mut by_name: BTreeMap<(&'static str, &'static str), Vec<Figure>> = BTreeMap::new();
    let asked = queries::all(traffic, span, rounds);
    let mut first = None;
    for one in asked.iter().filter(|one| only.is_none_or(|only| one.name == only)) {
        for (phase, what) in [("page", Total::Later), ("total", Total::Alone)] {
            let (started, before) = (Instant::now(), fill::thread_cpu());
            let (rows, total) = one.run(&trace, what)?;
            let (took, cpu) = (started.elapsed(), fill::thread_cpu() - before);
            first.get_or_insert_with(|| begun.elapsed());
            by_name.entry((one.name, phase)).or_default().push(Figure { took, cpu, rows, total });
        }
    }
    println!(
        "{{\"open_and_first_ms\": {:.1}, \"rss_mib\": {:.0}, \"peak_rss_mib\": {:.0}}}",
        millis(first.unwrap_or_default()),
        memory("VmRSS:"),
        memory("VmHWM:")
    );
    for ((name, phase), figures) in by_name {
        print_figures(name, phase, figures);
    }
    Ok(())
}

struct Figure {
    took: Duration,
    /// Seconds of processor the answer took: what it would take on a machine with nothing else to do.
    cpu: f64,
    rows: usize,
    total: u64,
}

fn print_figures(name: &str, phase: &str, mut figures: Vec<Figure>) {
    let totals: Vec<u64> = figures.iter().map(|figure| figure.total).collect();
    let shown: usize = figures.iter().map(|figure| figure.rows).sum();
    let first = figures.first().map_or(0.0, |figure| millis(figure.took));
    let mut cpu: Vec<f64> = figures.iter().map(|figure| figure.cpu * 1_000.0).collect();
    cpu.sort_unstable_by(f64::total_cmp);
    figures.sort_by_key(|figure| figure.took);
    let at = |share: f64| {
        let place = ((figures.len().saturating_sub(1)) as f64 * share).round() as usize;
        (figures.get(place).map_or(0.0, |figure| millis(figure.took)), cpu.get(place).copied().unwrap_or(0.0))
    };
    let ((p50, cpu50), (p95, cpu95), (most, _)) = (at(0.5), at(0.95), at(1.0));
    println!(
        "{{\"query\": \"{name}\", \"phase\": \"{phase}\", \"p50_ms\": {p50:.2}, \"p95_ms\": {p95:.2}, \"max_ms\": {most:.2}, \"cpu_p50_ms\": {cpu50:.2}, \"cpu_p95_ms\": {cpu95:.2}, \"first_ms\": {first:.2}, \"shown\": {shown}, \"totals\": {totals:?}}}"
    );
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

/// A line of `/proc/self/status`, in MiB.
pub(crate) fn memory(field: &str) -> f64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with(field)).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kib| kib.parse::<f64>().ok()).unwrap_or(0.0) / 1_024.0
}

impl Asked {
    /// The key as JSON, for the other programs.
    fn key_line(&self) -> String {
        let pairs: Vec<String> =
            self.keys.iter().map(|(name, value)| format!("\"{name}\": {}", quoted(value))).collect();
        format!("{{\"query\": \"{}\", {}}}", self.name, pairs.join(", "))
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
