//! Names: of servers that only records know, of this server itself, of reports.
//! May touch: a simulated world.

use super::places::{office, office_with};
use super::*;
use crate::historical::HistoricalSearches;

/// A server that records name is there, also where it has nothing of what was asked.
#[test]
fn a_server_that_records_name_is_known_where_it_has_nothing() {
    let office = office();
    office.json("Import-MessageTrace /logs/exch01 -Place exchange -LogFormat TrackingLog");
    let none = json!([]);
    for asked in [
        "-Server EXCH01 -Recipients nobody@contoso.example",
        "-Server exch01.contoso.example -Recipients nobody@contoso.example",
        "-Server exch01 -Start 2026-01-01 -End 2026-01-02",
        "-Server exchange -Recipients nobody@contoso.example",
    ] {
        assert_eq!(office.json(&format!("Get-MessageTrackingLog {asked}")), none, "{asked}");
    }
    let ask = "Get-MessageTrackingLog -Start 2026-11-20 -Recipients kim@contoso.example -Server";
    for server in ["exch01", "exch01.contoso.example"] {
        assert_eq!(office.json(&format!("{ask} {server}")).as_array().unwrap().len(), 2, "{server}");
    }
    let (_, err) = office.fails("Get-MessageTrackingLog -Server nope -Recipients nobody@contoso.example");
    assert!(err.contains("there is no server \"nope\"") && err.contains("exchange, exch01"), "{err}");
    let (_, err) = office.fails("Get-MessageTrace -Server nope");
    assert!(err.contains("exchange, exch01"), "{err}");
}

/// Records that came under this server's own name could not be told from its own, nor be taken out again.
#[test]
fn nothing_is_read_under_this_servers_own_name() {
    let office = office();
    for line in [
        "Import-MessageTrace /logs/mail.log -Place mx1",
        "Import-MessageTrace /logs/mail.log -Place MX1.contoso.example",
        "New-TraceSource shipper -Type Http -Secret sixteen-characters -Place mx1",
        "New-TraceSource mx1 -Type Folder -Path /logs",
    ] {
        let (_, err) = office.fails(line);
        assert!(err.contains("is this server itself") && err.contains("give -Place another name"), "{err}");
    }
    assert_eq!(office.json("Get-TraceSource"), json!([]));
    assert_eq!(office.json("Get-MessageTraceImport"), json!([]));
    office.json("New-TraceSource gateway -Type Folder -Path /nowhere");
    let (_, err) = office.fails("Set-TraceSource gateway -Place mx1");
    assert!(err.contains("is this server itself"), "{err}");
    office.json("Set-TraceSource gateway -Enabled $false");
}

/// A source that was made before this server's own names were refused can be read no more, renamed and removed.
#[test]
fn a_source_under_this_servers_own_name_can_be_changed_and_removed() {
    let kept = |place: &str| {
        format!(
            r#"[{{"name":"old","place":"{place}","kind":{{"Folder":{{"path":"/logs"}}}},"format":null,"zone":"UTC","enabled":true}}]"#
        )
    };
    let office = office_with(Some(&kept("mx1")));
    office.sim.advance(std::time::Duration::from_secs(3));
    assert_eq!(office.json("Get-TraceSource")[0]["Place"], "mx1");
    // A form sends what it shows.
    assert_eq!(office.json("Set-TraceSource old -Place mx1 -Enabled $false")["State"], "Disabled");
    let (_, err) = office.fails("Set-TraceSource old -Place MX1.contoso.example");
    assert!(err.contains("is this server itself"), "{err}");
    assert_eq!(office.json("Set-TraceSource old -Place gateway -Enabled $true")["Place"], "gateway");
    office.json("Remove-TraceSource old -Confirm:false");
    for place in ["mx1", "mx1.contoso.example"] {
        let office = office_with(Some(&kept(place)));
        office.sim.advance(std::time::Duration::from_secs(3));
        assert_eq!(office.json("Remove-TraceSource old -Confirm:false"), Value::Null);
        assert_eq!(office.json("Get-TraceSource"), json!([]));
        // This server is read as ever: nothing is told of it as of a place that is not.
        let (_, _, err) = office.ask(&["Get-MessageTrace"], Answer::NoTerminal);
        assert!(!err.contains("was removed"), "{err}");
    }
}

/// A dot behind a host's name ends it; a place has one name, the one it was given first.
#[test]
fn a_place_is_the_same_with_a_dot_at_its_end_and_in_whatever_case() {
    let office = office();
    for line in
        ["Import-MessageTrace /logs/mail.log -Place mx1.", "New-TraceSource MX1. -Type Folder -Path /logs"]
    {
        let (_, err) = office.fails(line);
        assert!(err.contains("is this server itself"), "{err}");
    }
    let (_, err) = office.fails("Import-MessageTrace /logs/mail.log -Place .");
    assert!(err.contains("is not a place's name"), "{err}");
    assert_eq!(office.json("Import-MessageTrace /logs/mail.log -Place vm.")[0]["New"], 2);
    for place in ["vm", "VM", "Vm."] {
        assert_eq!(office.json(&format!("Import-MessageTrace /logs/mail.log -Place {place}"))[0]["New"], 0);
        let of = |cmdlet: &str| office.json(&format!("{cmdlet} -Place {place}")).as_array().unwrap().len();
        assert_eq!((of("Get-MessageTrace"), of("Get-MessageTraceImport") > 1), (1, true), "{place}");
        let log = format!("Get-MessageTrackingLog -Start 2026-11-20 -Server {place}");
        assert_eq!(office.json(&log).as_array().unwrap().len(), 2, "{place}");
    }
    let imports = office.json("Get-MessageTraceImport");
    assert!(imports.as_array().unwrap().iter().all(|one| one["Place"] == "vm"), "{imports}");
    let made = office.json("New-TraceSource gate -Type Folder -Path /nowhere -Place VM.");
    assert_eq!(made["Place"], "vm");
    assert_eq!(office.json("New-TraceSource new -Type Folder -Path /nowhere -Place Edge.")["Place"], "Edge");
    office.json("Remove-TraceSource gate -Confirm:false");
    assert_eq!(office.json("Remove-MessageTraceImport VM. -Confirm:false")["Events"], 2);
    assert_eq!(office.json("Get-MessageTraceImport"), json!([]));
}

/// The column of the server has the next host where an attempt came to nothing: it wrote no event.
#[test]
fn the_next_host_of_an_attempt_is_no_server_whose_events_are_shown() {
    let office = office();
    let log = "\
#Fields: date-time,server-hostname,source,event-id,internal-message-id,message-id,network-message-id,recipient-address,recipient-status,custom-data
2026-11-20T07:00:01.500Z,EXCH01,SMTP,RECEIVE,7,<m1@fabrikam.example>,55555555-5555-5555-5555-555555555555,kim@contoso.example,,
2026-11-20T07:00:02.000Z,mx.partner.example,SMTP,DEFER,7,<m1@fabrikam.example>,55555555-5555-5555-5555-555555555555,kim@contoso.example,450 4.7.1 later,S:RemoteHost=mx.partner.example
";
    office.world.disk.write_atomic(Path::new("/logs/exch01/MSGTRK.LOG"), log.as_bytes()).unwrap();
    office.json("Import-MessageTrace /logs/exch01 -Place exchange");
    let events = |server: &str| {
        let found = office.json(&format!("Get-MessageTrackingLog -Start 2026-11-20 -Server {server}"));
        found
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["EventId"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(events("exchange"), ["RECEIVE", "DEFER"]);
    assert_eq!(events("EXCH01."), ["RECEIVE"]);
    assert_eq!(events("mx.partner.example"), [""; 0]);
}

/// A report is named by its title as long as no other has it.
#[test]
fn a_report_is_found_by_its_title() {
    let office = Office::with(|_, world| {
        let (config, dir) = (trace::Config::new("mx1"), Path::new("/data/trace"));
        let trace = trace::Trace::open(&world.disk, &world.clock, &world.exec, dir, config).unwrap();
        let reports = HistoricalSearches::open(&world.disk, Path::new("/data/reports")).unwrap();
        Services { trace: Some(trace), historical_searches: Some(reports), ..Services::default() }
    });
    let start =
        || office.json("Start-HistoricalSearch -ReportTitle November -ReportType Summary")["JobId"].clone();
    let first = start();
    assert_eq!(office.json("Get-HistoricalSearch november")[0]["JobId"], first);
    let second = start();
    let (_, err) = office.fails("Stop-HistoricalSearch November");
    assert!(err.contains("2 reports have the title"), "{err}");
    for id in [&first, &second] {
        let id = id.as_str().unwrap();
        assert!(err.contains(id), "{err}");
        assert_eq!(office.json(&format!("Get-HistoricalSearch {id}"))[0]["JobId"], id);
    }
    let (_, err) = office.fails("Get-HistoricalSearch May");
    assert!(err.contains("there is no report \"May\" of yours"), "{err}");
}

/// A gateway's queue ids come again on other hosts; the number its next host answered with is of that host.
#[test]
fn an_id_of_another_host_does_not_show_what_a_gateway_recorded() {
    let office = office();
    office.json("Import-MessageTrace /logs/mail.log -Place gateway");
    let paste = |text: &str| {
        let words = ["Get-MessageTrace", "-Paste", text, "-Format", "json"];
        let (code, out, err) = office.ask(&words, Answer::NoTerminal);
        assert_eq!(code, 0, "{err}");
        (serde_json::from_str::<Value>(&out).unwrap().as_array().unwrap().len(), err)
    };
    let report = "Reporting-MTA: dns; mail.out.example\nX-Postfix-Queue-ID: ABCDEF\nX-Postfix-Sender: rfc822; rev@movetocloud.example\nArrival-Date: Fri, 20 Nov 2026 07:00:00 +0000 (UTC)\n\nFinal-Recipient: rfc822; nobody@contoso.example\nAction: failed\n";
    let theirs = report.replace("rev@movetocloud", "mimi@fabrikam").replace("nobody@", "kim@");
    for (text, rows, told) in [
        (report, 0, "does not agree in sender, recipient, host"),
        (theirs.as_str(), 1, "Searched for Queue id ABCDEF: 1 row"),
        ("Nov 20 07:00:01 other postfix/qmgr[1]: ABCDEF: removed", 0, "does not agree in host"),
        ("Nov 20 07:00:01 gw postfix/qmgr[1]: ABCDEF: removed", 1, "Queue id ABCDEF: 1 row"),
        ("Nov 20 07:00:01 gateway postfix/qmgr[1]: ABCDEF: removed", 1, "Queue id ABCDEF: 1 row"),
        ("[InternalId=7, Hostname=exch01.contoso.example] Queued", 1, "InternalId 7@exch01: 1 row"),
        ("[InternalId=7, Hostname=exch02.contoso.example] Queued", 0, "InternalId 7: 0 rows"),
    ] {
        let (found, err) = paste(text);
        assert_eq!(found, rows, "{text}: {err}");
        assert!(err.contains(told), "{text}: {err}");
    }
}
