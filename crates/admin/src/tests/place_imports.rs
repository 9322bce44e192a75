//! What was imported is listed, and a place imported under a wrong name is taken out again.
//! May touch: a simulated world.

use std::time::Duration;

use super::places::{GATEWAY, office};
use super::*;
use crate::historical::HistoricalSearches;

#[test]
fn imports_are_listed_with_who_what_and_how_they_ended() {
    let office = office();
    assert_eq!(office.json("Get-MessageTraceImport"), json!([]));
    office.json("Import-MessageTrace /logs/mail.log -Place gateway");
    office.json("Import-MessageTrace /logs/exch01 -Place exch01");
    office.json("Import-MessageTrace /logs/mail.log -Place gateway");
    office.fails("Import-MessageTrace /logs/mail.log -Place gateway -LogFormat Exim");
    office.fails("Import-MessageTrace /logs/nowhere.log -Place gateway");
    let listed = office.json("Get-MessageTraceImport");
    let shown: Vec<String> = listed
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            format!(
                "{} {} {} {} {} {} {}",
                one["Identity"],
                one["Place"],
                one["LogFormat"],
                one["Files"],
                one["Lines"],
                one["Events"],
                one["State"]
            )
        })
        .collect();
    let wanted = [
        r#""5" "gateway" "" ["nowhere.log"] null null "Failed""#,
        r#""4" "gateway" "" ["mail.log"] null null "Failed""#,
        r#""3" "gateway" "Postfix" ["mail.log"] 6 0 "Completed""#,
        r#""2" "exch01" "TrackingLog" ["MSGTRK.LOG"] 2 2 "Completed""#,
        r#""1" "gateway" "Postfix" ["mail.log"] 6 2 "Completed""#,
    ];
    assert_eq!(shown, wanted);
    let first = &office.json("Get-MessageTraceImport 1")[0];
    assert_eq!(
        (&first["FirstEvent"], &first["LastEvent"], &first["UnknownLines"]),
        (&json!("2026-11-20T07:00:00Z"), &json!("2026-11-20T07:00:01Z"), &json!(1))
    );
    assert!(first["ImportedBy"].as_str().is_some_and(|by| !by.is_empty()), "{first}");
    assert!(first["EndTime"].as_str() >= first["StartTime"].as_str() && first["StartTime"].is_string());
    // Why, and nothing of the file.
    let reasons = [4, 5].map(|id| office.json(&format!("Get-MessageTraceImport {id}"))[0]["Reason"].clone());
    assert!(reasons[0].as_str().unwrap().contains("format"), "{reasons:?}");
    assert!(reasons[1].as_str().unwrap().contains("no such file"), "{reasons:?}");
    assert_eq!(office.json("Get-MessageTraceImport -Place EXCH01").as_array().unwrap().len(), 1);
    assert_eq!(office.json("Get-MessageTraceImport -ResultSize 2").as_array().unwrap().len(), 2);
    for (line, told) in [
        ("Get-MessageTraceImport -Place nope", "no place \"nope\" is known"),
        ("Get-MessageTraceImport 77", "there is no import 77"),
        ("Get-MessageTraceImport first", "is the number of an import"),
    ] {
        let (_, err) = office.fails(line);
        assert!(err.contains(told), "{line}: {err}");
    }
}

#[test]
fn a_place_of_a_wrong_name_is_taken_out_and_imported_under_the_right_one() {
    let office = office();
    office.json("Import-MessageTrace /logs/exch01 -Place exch01");
    let ask = "Get-MessageTrace -RecipientAddress kim@contoso.example";
    let before = office.json(ask);
    office.json("Import-MessageTrace /logs/mail.log -Place gatway");
    assert_ne!(office.json(ask), before);
    let (_, err) = office.fails("Remove-MessageTraceImport -Place gatway");
    assert!(
        err.contains("take 2 events and 0 refused attempts of the place \"gatway\" out of 1 message"),
        "{err}"
    );
    let (_, _, told) =
        office.ask(&["Remove-MessageTraceImport", "-Place", "gatway", "-WhatIf"], Answer::NoTerminal);
    assert!(told.contains("What if: this would take 2 events"), "{told}");
    assert_eq!(office.json("Get-MessageTraceImport").as_array().unwrap().len(), 2);
    let done = office.json("Remove-MessageTraceImport -Place GATWAY -Confirm:false");
    assert_eq!((&done["Messages"], &done["Events"], &done["Refusals"]), (&json!(1), &json!(2), &json!(0)));
    assert_eq!(office.json(ask), before);
    let left = office.json("Get-MessageTraceImport");
    assert_eq!((left.as_array().unwrap().len(), &left[0]["Place"]), (1, &json!("exch01")));
    let audited = office.json("Search-AdminAuditLog -Cmdlets Remove-MessageTraceImport");
    assert!(audited.as_array().unwrap().iter().any(|row| row["ResultRows"] == 2), "{audited}");
    for line in ["Get-MessageTrace -Place gatway", "Remove-MessageTraceImport -Place gatway -Confirm:false"] {
        let (_, err) = office.fails(line);
        assert!(err.contains("no place \"gatway\" is known"), "{line}: {err}");
    }
    let again = office.json("Import-MessageTrace /logs/mail.log -Place gateway");
    assert_eq!((&again[0]["New"], &again[0]["Certain"]), (&json!(2), &json!(1)));
    assert_eq!(office.json("Get-MessageTrace -Place gateway").as_array().unwrap().len(), 1);
}

#[test]
fn a_place_that_is_this_server_or_is_being_read_is_not_removed() {
    let office = office();
    let refused = |place: &str| {
        let line = format!("Remove-MessageTraceImport -Place {place} -Confirm:false");
        office.fails(&line).1
    };
    assert!(refused("mx1").contains("mx1 is this server itself"));
    assert!(refused("nope").contains("there are: mx1"));
    office.json("New-TraceSource edge -Type Folder -Path /logs -Place gateway");
    office.sim.advance(Duration::from_secs(3));
    assert!(refused("Gateway").contains("run Remove-TraceSource edge first"));
    office.json("Remove-TraceSource edge -Confirm:false");
    // What a source has read is a place too, though nobody imported it.
    let done = office.json("Remove-MessageTraceImport -Place gateway -Confirm:false");
    assert_eq!(done["Events"], 2);
    assert_eq!(office.json("Get-MessageTrace"), json!([]));
    assert!(GATEWAY.contains("kim@contoso.example"));
}

#[test]
fn what_was_imported_before_imports_were_listed_is_listed_as_far_as_it_is_known() {
    let office = office();
    let file = Path::new("/data/trace/imported.json");
    office.world.disk.write_atomic(file, br#"{"old":"2026-11-19T07:00:00Z"}"#).unwrap();
    let listed = office.json("Get-MessageTraceImport");
    let one = &listed[0];
    assert_eq!(
        (&one["Place"], &one["LastEvent"], &one["State"], &one["Events"]),
        (&json!("old"), &json!("2026-11-19T07:00:00Z"), &json!("Completed"), &Value::Null)
    );
    office.json("Import-MessageTrace /logs/mail.log -Place gateway");
    assert_eq!(office.json("Get-MessageTraceImport").as_array().unwrap().len(), 2);
    let kept = office.world.disk.read(file).unwrap();
    let kept: Value = serde_json::from_slice(&kept).unwrap();
    assert_eq!((&kept["version"], &kept["places"]["old"]), (&json!(3), &json!("2026-11-19T07:00:00Z")));
}

/// What was noted before the server ended is known, and searches say that the rest is not here.
#[test]
fn an_import_that_the_servers_end_cut_off_shows_what_it_read() {
    let office = office();
    let file = Path::new("/data/trace/imported.json");
    let start = office.world.clock.now();
    let last = start - jiff::SignedDuration::from_mins(10);
    let left = json!({ "version": 2, "places": {}, "next": 2, "imports": [{
        "id": 1, "place": "gw", "formats": [], "asked": "mail.log", "files": ["mail.log"], "file_count": 1,
        "by": "kim", "start": start, "end": null, "lines": 505_000, "new": 101_000, "unknown": 0,
        "first": last, "last": last, "state": "Running", "reason": null,
    }] });
    office.world.disk.write_atomic(file, left.to_string().as_bytes()).unwrap();
    let one = &office.json("Get-MessageTraceImport")[0];
    assert_eq!(
        (&one["State"], &one["Lines"], &one["Events"], &one["UnknownLines"]),
        (&json!("Stopped"), &json!(505_000), &json!(101_000), &Value::Null)
    );
    assert!(one["Reason"].as_str().unwrap().contains("at least what is counted here"), "{one}");
    let (_, _, err) = office.ask(&["Get-MessageTrace"], Answer::NoTerminal);
    assert!(err.contains("rows may be missing: an import of gw did not come to its end"), "{err}");
    let (status, answer) = graph(&office, "subject eq 'nothing'");
    assert!(status == 200 && answer.contains("an import of gw did not come to its end"), "{answer}");
}

/// What a list of Graph answers.
fn graph(office: &Office, filter: &str) -> (u16, String) {
    use http_body_util::BodyExt as _;
    use tower::ServiceExt as _;
    let uri = format!("/v1.0/admin/exchange/tracing/messageTraces?$filter={}", filter.replace(' ', "%20"));
    let request = hyper::Request::get(uri).body(axum::body::Body::empty()).unwrap();
    let router = http::router(office.instance.clone(), Access::LocalSocket);
    office.sim.run(async move {
        let response = router.oneshot(request).await.unwrap();
        let status = response.status().as_u16();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (status, String::from_utf8_lossy(&body).into_owned())
    })
}

/// Whoever asks, and however: a name mistyped is no search that finds nothing.
#[test]
fn a_place_nothing_has_is_refused_by_every_way_to_ask() {
    let office = Office::with(|_, world| {
        let config = trace::Config::new("mx1");
        let dir = Path::new("/data/trace");
        let trace = trace::Trace::open(&world.disk, &world.clock, &world.exec, dir, config).unwrap();
        let reports = HistoricalSearches::open(&world.disk, Path::new("/data/reports")).unwrap();
        Services { trace: Some(trace), historical_searches: Some(reports), ..Services::default() }
    });
    let report = "Start-HistoricalSearch -ReportTitle Mine -ReportType Summary -Place";
    for line in [
        "Get-MessageTrace -Place nope",
        "Get-MessageTrace -Slowest 3 -Place nope",
        "Get-MessageTrace -Slowest 3 -Server nope",
        "Get-MessageTrace -ConnectorId nope -ReportType Summary -Path nope.csv",
        &format!("{report} nope"),
    ] {
        let (_, err) = office.fails(line);
        assert!(err.contains("\"nope\" is known") && err.contains("there are: "), "{line}: {err}");
    }
    assert_eq!(office.json("Get-MessageTrace -Slowest 3 -Place mx1"), json!([]));
    assert!(office.json(&format!("{report} mx1"))["JobId"].is_string());
    let (status, answer) = graph(&office, "place eq 'nope'");
    assert!(status == 400 && answer.contains("is known, and no record names it"), "{status} {answer}");
    assert_eq!(graph(&office, "place eq 'mx1'").0, 200);
}
