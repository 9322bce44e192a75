//! Reports in the background: written, gone on with after a restart, stopped, and gone when they expire.
//! May touch: a simulated world.

use std::path::Path;

use directory::{Credentials, Directory, PasswordHash, Seed};
use events::{Event, EventId, MessageFacts, Source};
use jiff::SignedDuration;
use mail::NetworkMessageId;
use serde_json::json;
use trace::reports::{ReportFormat, ReportType};
use trace::{NodeId, Trace};
use world::World;
use world::sim::SimWorld;

use super::*;
use crate::services::Services;

/// Rows of the trace: more than one note of progress covers.
const ROWS: u64 = 25_000;

struct Desk {
    sim: SimWorld,
    world: World,
    trace: Trace,
    instance: Instance,
}

impl Desk {
    fn open() -> Desk {
        let sim = SimWorld::new(9);
        let world = sim.world();
        world.disk.create_dir_all(Path::new("/data")).unwrap();
        let directory =
            Directory::open(&world.disk, Path::new("/data/directory.sqlite"), &world.clock, &world.chance)
                .unwrap();
        let password = PasswordHash::from_phc("$argon2id$none".into());
        directory
            .change("init", |draft| {
                draft.seed(&Seed { domain: "contoso.example", server_name: "mx1", password })
            })
            .unwrap();
        let config = trace::Config::new("mx1.contoso.example");
        let trace =
            Trace::open(&world.disk, &world.clock, &world.exec, Path::new("/data/trace"), config).unwrap();
        let start = world.clock.now();
        let events = (0..ROWS).map(|number| {
            let at = start - SignedDuration::from_micros(i64::try_from(number).unwrap() + 1);
            let id = NetworkMessageId(uuid::Uuid::from_u128(u128::from(number) + 1));
            let mut event = Event::new(at, EventId::Receive, Source::Smtp, id)
                .recipient(format!("r{number}@contoso.example"), "");
            event.message =
                Some(MessageFacts { return_path: "a@fabrikam.example".into(), ..MessageFacts::default() });
            (trace::EventKey { node: NodeId(1), seq: number + 1 }, event)
        });
        trace.store().import(events.collect()).unwrap();
        let credentials = Credentials::new(&directory, &world.clock, &world.chance, &world.exec);
        let reports = HistoricalSearches::open(&world.disk, Path::new("/data/reports")).unwrap();
        let services = Services {
            trace: Some(trace.clone()),
            historical_searches: Some(reports),
            ..Services::default()
        };
        let (seats, just_made) = (crate::http::Seats::default(), crate::http::JustMade::default());
        let instance = Instance { directory, credentials, world: world.clone(), services, seats, just_made };
        Desk { sim, world, trace, instance }
    }

    fn reports(&self) -> &HistoricalSearches {
        self.instance.services.historical_searches().unwrap()
    }

    fn job(&self, end: bool) -> Job {
        let id = self.world.chance.uuid_v4();
        let mut job = Job::new(id, ReportType::Summary, ReportFormat::Csv, self.world.clock.now());
        job.parameters.insert("StartDate".to_owned(), json!("2000-01-01T00:00:00Z"));
        if end {
            job.parameters.insert("EndDate".to_owned(), json!("2001-01-01T00:00:00Z"));
        }
        job
    }

    fn finished(&self, id: Uuid) -> Job {
        self.sim.run(async {
            loop {
                let job = self.reports().job(id).unwrap();
                if !job.state.is_open() {
                    return job;
                }
                self.world.clock.sleep(std::time::Duration::from_secs(1)).await;
            }
        })
    }
}

fn lines(desk: &Desk, job: &Job) -> Vec<String> {
    let text = String::from_utf8(desk.world.disk.read(&desk.reports().file(job)).unwrap()).unwrap();
    text.lines().map(str::to_owned).collect()
}

#[test]
fn a_report_is_written_whole_and_goes_when_it_expires() {
    let desk = Desk::open();
    let job = desk.job(false);
    desk.sim.run(async { desk.reports().start(&desk.instance, job.clone()).await.unwrap() });
    let done = desk.finished(job.id);
    assert_eq!(
        (done.state, done.report.percent(), done.report.lines),
        (JobState::Completed, 100, ROWS),
        "{done:?}"
    );
    let lines = lines(&desk, &done);
    assert_eq!(lines.len() as u64, ROWS + 1);
    assert!(
        lines[1].contains("r0@contoso.example") && lines.last().unwrap().contains("r24999@contoso.example")
    );
    assert_eq!(desk.world.disk.metadata(&desk.reports().file(&done)).unwrap().len, done.bytes);
    desk.sim.run(desk.world.clock.sleep(std::time::Duration::from_secs(11 * 86_400)));
    desk.sim.run(desk.reports().remove_expired(&desk.instance));
    assert!(desk.reports().list().is_empty());
    assert!(!desk.world.disk.exists(&desk.reports().file(&done)).unwrap());
}

#[test]
fn a_report_goes_on_where_it_was_after_a_restart() {
    let desk = Desk::open();
    let mut job = desk.job(false);
    // As a server left it that died in the middle: noted up to a portion, and more in the file.
    let arguments = crate::Arguments::from_json(
        &crate::cmdlets::message_trace::get_message_trace::CMDLET,
        &job.parameters,
    );
    let query =
        crate::cmdlets::message_trace::find::conditions_of(&arguments.unwrap(), &Default::default()).unwrap();
    let request = trace::reports::ReportRequest {
        kind: job.kind,
        format: job.format,
        query,
        cut: trace::Cut::default(),
        rows_per_portion: 0,
    };
    let mut text = String::new();
    for _ in 0..3 {
        desk.trace.report_portion(&request, &mut job.report, &mut text).unwrap();
    }
    job.state = JobState::InProgress;
    job.bytes = text.len() as u64;
    text.push_str("half a li");
    let path = Path::new("/data/reports").join(job.file_name());
    desk.world.disk.write_atomic(&path, text.as_bytes()).unwrap();
    let record = Path::new("/data/reports").join(job.record_name());
    desk.world.disk.write_atomic(&record, &record::write(&job)).unwrap();
    let again = HistoricalSearches::open(&desk.world.disk, Path::new("/data/reports")).unwrap();
    let mut instance = desk.instance.clone();
    instance.services.historical_searches = Some(again);
    let desk = Desk { instance, ..desk };
    crate::background::start(&desk.instance);
    let done = desk.finished(job.id);
    assert_eq!((done.state, done.report.lines), (JobState::Completed, ROWS));
    let mut lines = lines(&desk, &done);
    assert_eq!(lines.len() as u64, ROWS + 1);
    assert!(!lines.iter().any(|line| line.contains("half a li")));
    lines.sort();
    lines.dedup();
    assert_eq!(lines.len() as u64, ROWS + 1, "a line was written twice");
}

#[test]
fn a_report_that_is_stopped_leaves_no_file() {
    let desk = Desk::open();
    let (first, second) = (desk.job(false), desk.job(true));
    desk.sim.run(async {
        desk.reports().start(&desk.instance, first.clone()).await.unwrap();
        desk.reports().start(&desk.instance, second.clone()).await.unwrap();
        let stopped = desk.reports().stop(&desk.instance, first.id).await.unwrap();
        assert_eq!(stopped.state, JobState::Cancelled);
    });
    assert_eq!(desk.finished(second.id).state, JobState::Completed);
    assert_eq!(desk.finished(first.id).state, JobState::Cancelled);
    let again = desk.sim.run(desk.reports().stop(&desk.instance, first.id));
    assert!(matches!(again, Err(CmdletError::Conflict(_))));
    assert_eq!(
        lines(&desk, &desk.reports().job(second.id).unwrap()).len(),
        1,
        "only the head: nothing is so old"
    );
}

#[test]
fn a_report_that_cannot_be_made_says_why() {
    let desk = Desk::open();
    let mut job = desk.job(false);
    job.parameters.insert("SenderAddres".to_owned(), json!("x"));
    desk.sim.run(async { desk.reports().start(&desk.instance, job.clone()).await.unwrap() });
    let failed = desk.finished(job.id);
    assert_eq!(failed.state, JobState::Failed);
    assert!(failed.error.unwrap().contains("SenderAddres"));
}

/// Nobody reads the list of reports who waits for the mail.
#[test]
fn the_mail_that_a_report_is_ready_says_what_may_be_missing() {
    let desk = Desk::open();
    let mut job = desk.job(true);
    (job.title, job.state) = ("November".to_owned(), JobState::Completed);
    let cause = "records of gw were imported while this report was written; start it again to have them all";
    let gap = trace::search::Gap {
        source: "gw".to_owned(),
        start: None,
        end: None,
        count: None,
        cause: cause.to_owned(),
    };
    job.report.gaps.push(gap);
    let (subject, text) = runner::mail(&job);
    assert_eq!(subject, "Report \"November\" is ready");
    assert!(text.contains(&format!("\nrows may be missing: {cause}.\n")), "{text}");
}

/// Nobody has to ask for the next one.
#[test]
fn a_report_goes_by_itself_when_it_expires() {
    let desk = Desk::open();
    let (first, second) = (desk.job(true), desk.job(true));
    crate::background::start(&desk.instance);
    desk.sim.run(async { desk.reports().start(&desk.instance, first.clone()).await.unwrap() });
    let done = desk.finished(first.id);
    let file = desk.reports().file(&done);
    desk.sim.run(desk.world.clock.sleep(std::time::Duration::from_secs(9 * 86_400)));
    assert!(desk.world.disk.exists(&file).unwrap());
    desk.sim.run(desk.world.clock.sleep(std::time::Duration::from_secs(2 * 86_400)));
    assert!(desk.reports().list().is_empty());
    assert!(!desk.world.disk.exists(&file).unwrap());
    assert!(!desk.world.disk.exists(&file.with_extension("json")).unwrap());
    // What expired while the server was down is not given out before it is removed.
    desk.sim.run(async { desk.reports().start(&desk.instance, second.clone()).await.unwrap() });
    let mut late = desk.finished(second.id);
    late.expires = Some(desk.world.clock.now());
    desk.sim.run(desk.reports().save(&desk.instance, late)).unwrap();
    let (status, _, text) = fetch(&desk, second.id);
    assert!(
        status == 404 && text.contains("expired at") && text.contains("start it again"),
        "{status} {text}"
    );
    let find = crate::registry::find("Get-HistoricalSearch").unwrap();
    let body = json!({ "JobId": second.id.to_string(), "Path": "-" });
    let arguments = crate::Arguments::from_json(find, body.as_object().unwrap()).unwrap();
    let context = desk.instance.context(crate::role::Actor::local_administrator());
    let refused = desk.sim.run(crate::registry::invoke(&context, &arguments)).unwrap_err();
    assert!(refused.to_string().contains("expired at"), "{refused}");
}

/// One GET of a report as it is fetched over HTTP: status, head and all octets.
fn fetch(desk: &Desk, id: Uuid) -> (u16, String, String) {
    fetch_range(desk, id, None, "content-disposition")
}

/// The same of some octets, with one of the head's lines.
fn fetch_range(desk: &Desk, id: Uuid, range: Option<&str>, line: &'static str) -> (u16, String, String) {
    use http_body_util::BodyExt as _;
    use tower::ServiceExt as _;
    let router = crate::http::router(desk.instance.clone(), crate::http::Access::LocalSocket);
    let mut request = axum::http::Request::get(format!("/api/v1/reports/{id}"));
    if let Some(range) = range {
        request = request.header("range", range);
    }
    let request = request.body(axum::body::Body::empty()).unwrap();
    desk.sim.run(async move {
        let response = router.oneshot(request).await.unwrap();
        let status = response.status().as_u16();
        let name = response.headers().get(line).cloned();
        let name = name.map(|name| name.to_str().unwrap().to_owned()).unwrap_or_default();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (status, name, String::from_utf8_lossy(&body).into_owned())
    })
}

#[test]
fn a_report_is_fetched_over_http_and_the_audit_says_what_it_was() {
    let desk = Desk::open();
    let mut job = desk.job(false);
    job.title = "November".to_owned();
    job.parameters.insert("SenderAddress".to_owned(), json!(["a@fabrikam.example"]));
    let missing = fetch(&desk, job.id);
    assert_eq!(missing.0, 404, "{}", missing.2);
    desk.sim.run(async { desk.reports().start(&desk.instance, job.clone()).await.unwrap() });
    let done = desk.finished(job.id);
    let (status, name, text) = fetch(&desk, job.id);
    assert_eq!((status, text.len() as u64), (200, done.bytes));
    assert!(done.bytes > 2 * 256 * 1024, "more than one piece: {}", done.bytes);
    assert_eq!(name, format!("attachment; filename=\"{0}.csv\"; filename*=UTF-8''{0}.csv", job.title));
    assert_eq!(text.lines().map(str::to_owned).collect::<Vec<_>>(), lines(&desk, &done));
    let (status, range, part) = fetch_range(&desk, job.id, Some("bytes=10-300010"), "content-range");
    assert_eq!((status, range), (206, format!("bytes 10-300010/{}", done.bytes)));
    assert_eq!(part.as_bytes(), &text.as_bytes()[10..=300_010]);
    let (status, range, part) = fetch_range(&desk, job.id, Some("bytes=99999999-"), "content-range");
    assert_eq!((status, range, part), (416, format!("bytes */{}", done.bytes), String::new()));
    let find = crate::registry::find("Search-AdminAuditLog").unwrap();
    let body = json!({ "Cmdlets": ["Get-HistoricalSearch"], "IncludeLookUps": true });
    let arguments = crate::Arguments::from_json(find, body.as_object().unwrap()).unwrap();
    let context = desk.instance.context(crate::role::Actor::local_administrator());
    let found = desk.sim.run(crate::registry::invoke(&context, &arguments)).unwrap();
    let told = found.rows.iter().find(|row| row["Succeeded"] == json!(true)).unwrap();
    assert_eq!(told["ResultRows"], json!(ROWS), "{told:?}");
    let said = serde_json::to_string(told).unwrap();
    assert!(said.contains("November") && said.contains("a@fabrikam.example"), "{said}");
    assert!(told["LookedUp"].as_str().is_some_and(|about| about.ends_with(" more")), "{said}");
}

#[test]
fn a_report_stopped_during_its_last_portion_ends_as_stopped() {
    let desk = Desk::open();
    let mut stopped = desk.job(false);
    stopped.state = JobState::Cancelled;
    let mut late = stopped.clone();
    late.state = JobState::Completed;
    let stored = desk.sim.run(async {
        desk.reports().save(&desk.instance, stopped.clone()).await.unwrap();
        desk.reports().save(&desk.instance, late).await.unwrap()
    });
    assert_eq!(stored.state, JobState::Cancelled, "this is what its mail says");
    assert_eq!(desk.reports().job(stopped.id).unwrap().state, JobState::Cancelled);
}
