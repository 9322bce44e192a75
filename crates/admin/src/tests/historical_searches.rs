//! Reports in the background as they are asked for: of which time, and what is refused at once.
//! May touch: a simulated world.

use std::time::Duration;

use super::*;
use crate::historical::HistoricalSearches;

fn office() -> Office {
    Office::with(|_, world| {
        let (config, dir) = (trace::Config::new("mx1"), Path::new("/data/trace"));
        let trace = trace::Trace::open(&world.disk, &world.clock, &world.exec, dir, config).unwrap();
        let reports = HistoricalSearches::open(&world.disk, Path::new("/data/reports")).unwrap();
        Services { trace: Some(trace), historical_searches: Some(reports), ..Services::default() }
    })
}

/// However long it waits, and whatever moves along meanwhile.
#[test]
fn the_time_a_report_is_of_is_fixed_when_it_is_asked_for() {
    let office = office();
    let now = office.world.clock.now();
    let hours = |hours: i64| json!((now - jiff::SignedDuration::from_hours(hours)).to_string());
    // What was received this moment is in it.
    let until = json!((now + jiff::SignedDuration::from_micros(1)).to_string());
    let ask = |conditions: &str| {
        let line = format!("Start-HistoricalSearch -ReportTitle Mine -ReportType Summary{conditions}");
        office.json(&line)["JobId"].as_str().unwrap().to_owned()
    };
    let asked = [
        (ask(""), hours(48), until.clone()),
        (ask(" -Last 3.00:00:00"), hours(72), until.clone()),
        (ask(" -EndDate 2020-01-01T00:00:00Z"), Value::Null, json!("2020-01-01T00:00:00Z")),
        (ask(" -MessageId <a@b>"), Value::Null, until),
    ];
    office.sim.advance(Duration::from_secs(600));
    for (id, start, end) in asked {
        let job = &office.json(&format!("Get-HistoricalSearch {id}"))[0];
        assert_eq!((&job["Status"], &job["StartDate"], &job["EndDate"]), (&json!("Completed"), &start, &end));
        let conditions = &job["Conditions"];
        assert_eq!((&conditions["StartDate"], &conditions["EndDate"]), (&start, &end), "{conditions}");
    }
}

#[test]
fn what_no_report_can_be_made_of_is_refused_at_once() {
    let office = office();
    office.json("New-AcceptedDomain relay.example -DomainName relay.example -DomainType ExternalRelay");
    let start = "Start-HistoricalSearch -ReportType Summary";
    for (given, told) in [
        ("-ReportTitle A -StartDate 2026-01-02 -EndDate 2026-01-01", "is after the end"),
        ("-ReportTitle A -StartDate 2999-01-01", "is after now"),
        ("-ReportTitle \u{a0}", "takes a title"),
        ("-ReportTitle A -NotifyAddress nobody@contoso.example", "no recipient has the address"),
        ("-ReportTitle A -NotifyAddress nobody@fabrikam.example", "accepted domains only"),
    ] {
        let (_, err) = office.fails(&format!("{start} {given}"));
        assert!(err.contains(told), "{given}: {err}");
    }
    assert_eq!(office.json("Get-HistoricalSearch"), json!([]));
    office.json(&format!("{start} -ReportTitle A -NotifyAddress administrator@contoso.example"));
    office.json(&format!("{start} -ReportTitle A -NotifyAddress nobody@relay.example"));
}
