//! Reports over a day of traffic: nothing lost, nothing doubled, sorted, and never more than a portion in memory.
//!
//! May touch: a simulated world (tests).

use std::collections::BTreeSet;
use std::path::Path;

use world::sim::SimWorld;

use super::*;
use crate::search::traffic::{MIDNIGHT, traffic};
use crate::{Config, Status};

struct Desk {
    _sim: SimWorld,
    trace: Trace,
}

impl Desk {
    fn with_messages(count: u64) -> Desk {
        let sim = SimWorld::new(5);
        let world = sim.world();
        let config = Config::new("mx1.contoso.example");
        let trace =
            Trace::open(&world.disk, &world.clock, &world.exec, Path::new("/srv/trace"), config).unwrap();
        trace.store().import(traffic(11, count, 2)).unwrap();
        Desk { _sim: sim, trace }
    }

    fn request(kind: ReportType, format: ReportFormat, rows_per_portion: usize) -> ReportRequest {
        let start = jiff::Timestamp::from_second(MIDNIGHT - 1).ok();
        ReportRequest {
            kind,
            format,
            query: Query { start, ..Query::default() },
            cut: crate::Cut::default(),
            rows_per_portion,
        }
    }

    /// The whole report, and the longest portion. The state goes through its stored form each time.
    fn written(&self, request: &ReportRequest) -> (String, usize, ReportState) {
        let (mut whole, mut longest, mut state) = (String::new(), 0, ReportState::default());
        while !state.is_complete {
            let mut portion = String::new();
            self.trace.report_portion(request, &mut state, &mut portion).unwrap();
            longest = longest.max(portion.len());
            whole.push_str(&portion);
            state = postcard::from_bytes(&postcard::to_allocvec(&state).unwrap()).unwrap();
        }
        (whole, longest, state)
    }
}

fn column(line: &str, place: usize) -> &str {
    line.split(',').nth(place).unwrap()
}

#[test]
fn a_summary_has_every_row_once_in_v2_order_whatever_the_portion() {
    let desk = Desk::with_messages(200);
    let request = Desk::request(ReportType::Summary, ReportFormat::Csv, 7);
    let (whole, longest, state) = desk.written(&request);
    let large = desk.written(&Desk::request(ReportType::Summary, ReportFormat::Csv, 5_000));
    assert_eq!(whole, large.0);
    assert!(longest < 7 * 2_000, "{longest} octets in one portion of {}", whole.len());
    let query = Query { page_size: 5_000, order: RowOrder::ByRecipient, ..request.query.clone() };
    let rows = desk.trace.search_blocking(&query).unwrap().rows;
    assert_eq!(state.lines, rows.len() as u64);
    assert_eq!((state.rows, state.total, state.percent()), (state.lines, Some(state.lines), 100));
    let received: Vec<&str> = whole.lines().skip(1).map(|line| column(line, 0)).collect();
    assert!(received.is_sorted_by(|one, next| one >= next));
    for (line, row) in whole.lines().skip(1).zip(&rows) {
        assert!(line.contains(&row.recipient_address) && line.contains(row.status.as_str()), "{line}");
    }
}

#[test]
fn an_enhanced_summary_has_one_line_per_message_even_across_portions() {
    let desk = Desk::with_messages(120);
    let request = Desk::request(ReportType::EnhancedSummary, ReportFormat::Csv, 1);
    let (whole, _, state) = desk.written(&request);
    assert_eq!(whole, desk.written(&Desk::request(ReportType::EnhancedSummary, ReportFormat::Csv, 5_000)).0);
    let query = Query { page_size: 5_000, ..request.query.clone() };
    let rows = desk.trace.search_blocking(&query).unwrap().rows;
    let messages: BTreeSet<String> = rows.iter().map(|row| row.network_message_id.to_string()).collect();
    assert_eq!(state.lines, messages.len() as u64);
    assert_eq!(whole.lines().next().unwrap().split(',').count(), 11);
    for id in messages {
        assert_eq!(whole.matches(&id).count(), 1, "{id}");
    }
    assert!(whole.lines().skip(1).all(|line| line.contains(",Default Frontend mx1,Normal")), "{whole}");
    let delivered = rows.iter().find(|row| row.status == Status::Expanded).unwrap();
    assert!(whole.contains(&format!("{}##Receive, Expand", delivered.recipient_address)));
}

#[test]
fn an_extended_report_has_every_event_of_every_message_once() {
    let desk = Desk::with_messages(60);
    let request = Desk::request(ReportType::Extended, ReportFormat::JsonLines, 2);
    let (whole, _, state) = desk.written(&request);
    let events = traffic(11, 60, 2).into_iter().map(|(key, _)| key).collect::<BTreeSet<_>>();
    assert_eq!(state.lines, events.len() as u64);
    assert_eq!(whole.lines().count() as u64, state.lines);
    assert!(whole.lines().all(|line| line.starts_with("{\"date_time_utc\":\"20") && line.ends_with('}')));
    assert_eq!(whole.matches("\"server_hostname\":\"\"").count(), 0, "what names no server was written here");
    assert_eq!(whole.matches("\"return_path\":\"\"").count(), 0, "every event has the facts of its message");
}

#[test]
fn a_report_of_nothing_has_its_head() {
    let desk = Desk::with_messages(1);
    let mut request = Desk::request(ReportType::Summary, ReportFormat::Csv, 0);
    request.query.recipients = vec!["nobody@nowhere.example".parse().unwrap()];
    let (whole, _, state) = desk.written(&request);
    assert_eq!(whole, format!("{}\r\n", ReportType::Summary.columns().join(",")));
    assert_eq!((state.lines, state.percent()), (0, 100));
}
