//! Get-MessageTrace -ReportType: the rows as a Summary, Enhanced summary or Extended file, at once.
//! May touch: trace (read), executor.

use jiff::tz::TimeZone;
use trace::Wanted;
use trace::reports::{ReportFormat, ReportRequest, ReportState, ReportType};

use super::{completeness, find, interval, known};
use crate::arguments::{Arguments, usage};
use crate::context::Context;
use crate::error::CmdletError;
use crate::output::{Beyond, Output, grouped};
use crate::privacy;

/// Octets of a report that is made at once: it is in memory as a whole.
const REPORT_BYTES_MAX: usize = 256 << 20;

/// The words of -ReportType: ours, and Exchange Online's for the same reports.
pub(crate) const TYPES: &[&str] =
    &["Summary", "EnhancedSummary", "Extended", "MessageTrace", "MessageTraceDetail"];
/// The words of -ReportFormat.
pub(crate) const FORMATS: &[&str] = &["Csv", "JsonLines"];

/// The report meant by a word.
pub(crate) fn kind(word: &str) -> ReportType {
    match word {
        "EnhancedSummary" | "MessageTrace" => ReportType::EnhancedSummary,
        "Extended" | "MessageTraceDetail" => ReportType::Extended,
        _ => ReportType::Summary,
    }
}

/// The format meant by a word.
pub(crate) fn format(word: Option<&str>) -> ReportFormat {
    match word {
        Some("JsonLines") => ReportFormat::JsonLines,
        _ => ReportFormat::Csv,
    }
}

/// The report as a file; `None` where none was asked for.
pub(super) async fn run(context: &Context, arguments: &Arguments) -> Result<Option<Output>, CmdletError> {
    let Some(word) = arguments.text("ReportType") else {
        return match arguments.is_given("Path") {
            true => Err(usage(
                arguments.cmdlet(),
                "Path",
                "needs -ReportType: Summary, EnhancedSummary or Extended",
            )),
            false => Ok(None),
        };
    };
    if !arguments.is_given("Path") {
        return Err(usage(arguments.cmdlet(), "ReportType", "needs -Path, the file to write"));
    }
    let granted = context.granted()?;
    privacy::admit_report(granted, kind(word))?;
    let mut query = find::conditions_of(arguments, &context.directory.snapshot())?;
    privacy::confine(granted, &mut query);
    let asked = query.facets.clone();
    let request = ReportRequest {
        kind: kind(word),
        format: format(arguments.text("ReportFormat")),
        query,
        cut: privacy::cut(granted),
        rows_per_portion: 0,
    };
    let trace = context.services.trace()?.clone();
    let wanted = Wanted::default();
    let watch = wanted.watch();
    let work = move || {
        let (mut text, mut state) = (String::new(), ReportState::default());
        while !state.is_complete {
            trace.report_portion_watched(&request, &mut state, &mut text, &watch)?;
            if text.len() > REPORT_BYTES_MAX {
                return Err(CmdletError::Invalid(format!(
                    "the report of {} rows is too large to be made at once; use Start-HistoricalSearch with the same conditions",
                    grouped(state.total.unwrap_or(0))
                )));
            }
        }
        Ok((text, state))
    };
    let (text, state) = context.world.exec.blocking(work).await?;
    if state.total.unwrap_or(0) == 0 {
        known::check(context, &asked).await?;
    }
    let gaps = state.gaps.iter().map(|gap| completeness::warning(gap, "rows", arguments.zone()));
    let mut output =
        Output { count: Some(state.lines), warnings: gaps.collect(), ..Output::binary(text.into()) };
    output.notes = notes(&state, arguments.zone());
    output.about_beyond = beyond(&state);
    output.also_about = state.recipients.into_iter().collect();
    Ok(Some(output))
}

/// Whether a report is about more people than its state names.
pub(crate) fn beyond(state: &ReportState) -> Beyond {
    if state.has_more_recipients { Beyond::MoreThan(0) } else { Beyond::Exactly(0) }
}

/// What a report is of: its span, what it leaves out, and who was asked.
fn notes(state: &ReportState, zone: &TimeZone) -> Vec<String> {
    let mut notes = Vec::from([interval::in_words(state.start, state.end, zone)]);
    notes.extend(completeness::refused(state.refused_not_listed));
    if state.sources.len() > 1 {
        notes.push(format!("{}{}", completeness::SEARCHED, state.sources.join(completeness::BETWEEN)));
    }
    notes
}
