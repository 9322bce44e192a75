//! Measures a report of everything in a store: how fast it is written, and how much memory it takes however long it is.
//!
//! May touch: the folder and file it is given, the clock, `/proc/self`.

#![expect(clippy::disallowed_types, reason = "the file a measurement writes is no part of the store")]

use std::io::Write as _;
use std::time::Instant;

use trace::Query;
use trace::reports::{ReportFormat, ReportRequest, ReportState, ReportType};

use super::{Arguments, Failure, Span, memory, open};

/// A measurement of memory is taken after so many portions.
const PORTIONS_PER_LOOK: u64 = 50;

/// `store report dir= [out=FILE] [type=Summary|EnhancedSummary|Extended]`: writes it as the background job does.
pub(super) fn run(arguments: &Arguments, span: Span) -> Result<(), Failure> {
    let dir = arguments.path("dir").ok_or("dir= is missing")?;
    let kind = match arguments.0.get("type").map(String::as_str) {
        None | Some("Summary") => ReportType::Summary,
        Some("EnhancedSummary") => ReportType::EnhancedSummary,
        Some("Extended") => ReportType::Extended,
        Some(other) => return Err(format!("{other} is no report").into()),
    };
    let (_runtime, trace) = open(&dir)?;
    let start = jiff::Timestamp::from_second(span.first.saturating_mul(86_400))?;
    let query = Query { start: Some(start), ..Query::default() };
    let request = ReportRequest {
        kind,
        format: ReportFormat::Csv,
        query,
        cut: trace::Cut::default(),
        rows_per_portion: 0,
    };
    let mut out = std::fs::File::create(arguments.path("out").unwrap_or_else(|| "/dev/null".into()))?;
    let (mut state, mut bytes, mut portions) = (ReportState::default(), 0_u64, 0_u64);
    let mut resident: Vec<f64> = Vec::new();
    let begun = Instant::now();
    while !state.is_complete {
        let mut text = String::new();
        trace.report_portion(&request, &mut state, &mut text)?;
        out.write_all(text.as_bytes())?;
        bytes += text.len() as u64;
        portions += 1;
        if portions.is_multiple_of(PORTIONS_PER_LOOK) {
            resident.push(memory("VmRSS:"));
        }
    }
    let seconds = begun.elapsed().as_secs_f64().max(1e-9);
    let half = resident.len() / 2;
    let most = |looks: &[f64]| looks.iter().copied().fold(0.0, f64::max);
    let (early, late) = resident.split_at(half);
    println!(
        "{{\"report\": \"{}\", \"rows\": {}, \"lines\": {}, \"bytes\": {bytes}, \"seconds\": {seconds:.1}, \"rows_per_s\": {:.0}, \"rss_first_half_mib\": {:.0}, \"rss_second_half_mib\": {:.0}, \"peak_rss_mib\": {:.0}}}",
        kind.as_str(),
        state.rows,
        state.lines,
        state.rows as f64 / seconds,
        most(early),
        most(late),
        memory("VmHWM:")
    );
    Ok(())
}
