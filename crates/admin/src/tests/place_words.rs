//! What is said of other places beside their rows: on the first page, in the audit log, in notes and details.
//! May touch: a simulated world.

use std::time::Duration;

use super::places::{POD, office};
use super::*;

fn words(office: &Office, line: &[&str]) -> String {
    let (code, out, err) = office.ask(line, Answer::NoTerminal);
    assert_eq!(code, 0, "{line:?}: {err}");
    out + &err
}

#[test]
fn a_source_that_is_not_read_needs_attention_until_it_is_removed() {
    let office = office();
    office.json("New-TraceSource nix -Type Folder -Path /nonexistent/x");
    office.json("New-TraceSource good -Type Folder -Path /logs");
    office.sim.advance(Duration::from_secs(3));
    let told = || {
        let status = office.json("Get-MailFlowStatus");
        let entries = status["Attention"].as_array().unwrap().clone();
        entries.into_iter().filter(|one| one["Kind"] == "TraceSource").collect::<Vec<_>>()
    };
    let found = told();
    assert_eq!(found.len(), 1, "{found:?}");
    let text = |name: &str| found[0][name].as_str().unwrap().to_owned();
    assert_eq!((text("Identity"), text("Severity")), ("nix".to_owned(), "Warning".to_owned()));
    assert_eq!(Some(text("Cause").as_str()), office.json("Get-TraceSource nix")[0]["Error"].as_str());
    assert!(text("Remedy").contains("Set-TraceSource 'nix'"), "{found:?}");
    assert!(text("ActionNeededBy").contains("administrator"), "{found:?}");
    office.json("Remove-TraceSource nix -Confirm:false");
    assert_eq!(told(), Vec::<Value>::new());
}

#[test]
fn the_audit_log_names_the_place_an_import_wrote_and_what_it_leaves_out() {
    let office = office();
    office.json("Import-MessageTrace /logs/mail.log -Place gateway");
    office.json("Import-MessageTrace /logs/exch01 -Place exch01");
    office.json("Get-MessageTrace");
    let rows = office.json("Search-AdminAuditLog -ObjectIds gateway");
    assert_eq!(rows.as_array().unwrap().len(), 1, "{rows}");
    assert_eq!(
        (&rows[0]["CmdletName"], &rows[0]["ObjectModified"]),
        (&json!("Import-MessageTrace"), &json!("gateway"))
    );
    let note = "-IncludeLookUps shows them";
    assert!(words(&office, &["Search-AdminAuditLog"]).contains(note));
    assert!(!words(&office, &["Search-AdminAuditLog", "-IncludeLookUps"]).contains(note));
    assert!(!words(&office, &["Search-AdminAuditLog", "-Cmdlets", "Import-MessageTrace"]).contains(note));
}

#[test]
fn the_slowest_say_of_which_time_they_are() {
    let office = office();
    office.json("Import-MessageTrace /logs/exch01 -Place exch01");
    let week = words(&office, &["Get-MessageTrace", "-Query", "Slowest deliveries"]);
    assert!(week.contains("From 2026-11-13 08:00:0") && week.contains("until now"), "{week}");
    assert!(words(&office, &["Get-MessageTrace", "-Slowest", "3"]).contains("From 2026-11-18 08:00:0"));
}

#[test]
fn a_gateways_search_takes_a_time_up_to_now() {
    let office = office();
    office.world.disk.write_atomic(Path::new("/logs/pod.json"), POD.as_bytes()).unwrap();
    office.json("Import-MessageTrace /logs/pod.json -Place pod");
    let count =
        |asked: &str| office.json(&format!("Get-GatewayTrace -Last {asked}")).as_array().unwrap().len();
    assert_eq!((count("00:00:01"), count("7.00:00:00")), (0, 1));
    let told = words(&office, &["Get-GatewayTrace", "-Last", "7.00:00:00"]);
    assert!(told.contains("From 2026-11-13 08:00:0") && !told.contains("24 hours"), "{told}");
    let (_, err) = office.fails("Get-GatewayTrace -Last 1.00:00:00 -StartDate 2026-11-19");
    assert!(err.contains("takes the place of -StartDate"), "{err}");
}

const THROWN: &str = "\
Nov 20 07:00:00 gwa postfix/smtpd[1]: AAAA0004: client=unknown[198.51.100.51]
Nov 20 07:00:00 gwa postfix/cleanup[2]: AAAA0004: message-id=<disc1@fabrikam.example>
Nov 20 07:00:00 gwa postfix/cleanup[2]: AAAA0004: discard: header Subject: x from unknown[198.51.100.51]; from=<disc@fabrikam.example> to=<may@contoso.example> proto=ESMTP helo=<x>: spam thrown away
Nov 20 07:06:00 gwa postfix/smtp[4]: AAAA9999: to=<orphan@contoso.example>, relay=mx.contoso.example[192.0.2.25]:25, delay=1, dsn=5.0.0, status=bounced (host said: 554 no)
";

#[test]
fn nothing_is_said_twice_and_no_sender_is_left_empty() {
    let office = office();
    office.world.disk.write_atomic(Path::new("/logs/gwa.log"), THROWN.as_bytes()).unwrap();
    office.json("Import-MessageTrace /logs/gwa.log -Place gwa");
    let detail = |recipient: &str| {
        let row = office.json(&format!("Get-MessageTrace -RecipientAddress {recipient}"));
        let id = row[0]["MessageTraceId"].as_str().unwrap().to_owned();
        ["Get-MessageTraceDetail", "-MessageTraceId", &id, "-RecipientAddress", recipient].map(str::to_owned)
    };
    let discarded = office.json(&detail("may@contoso.example").join(" "));
    let cause = discarded[0]["Cause"].as_str().unwrap();
    assert_eq!(cause.matches("spam thrown away").count(), 1, "{cause}");
    let line = detail("orphan@contoso.example");
    let told = words(&office, &line.each_ref().map(String::as_str));
    assert!(told.contains("from an unknown sender to orphan@contoso.example"), "{told}");
}

/// Twenty sources of which one has something: above a table there is room for those that matter.
#[test]
fn a_table_names_the_first_of_many_sources_and_a_list_all() {
    let office = office();
    office.json("New-TraceSource good -Type Folder -Path /logs");
    for number in 1..20 {
        office.json(&format!("New-TraceSource gw{number} -Type Folder -Path /nowhere{number}"));
    }
    office.sim.advance(Duration::from_secs(3));
    let told = |line: &str| {
        let line: Vec<&str> = line.split(' ').collect();
        let (code, _, err) = office.ask(&line, Answer::NoTerminal);
        assert_eq!(code, 0, "{line:?}: {err}");
        err
    };
    let missing =
        |text: &str| text.lines().filter(|line| line.starts_with("WARNING: rows may be missing")).count();
    let searched = |text: &str| text.lines().find(|line| line.starts_with("Searched: ")).unwrap().to_owned();
    let asked = "Get-MessageTrace -RecipientAddress kim@contoso.example";
    let (table, list) = (told(asked), told(&format!("{asked} -Format list")));
    assert_eq!(searched(&table).matches("; ").count(), 6, "{table}");
    assert!(searched(&table).ends_with("; and 16 more; -Format list shows all"), "{table}");
    assert!(!searched(&table).contains("mx1"), "what may lack something comes first: {table}");
    assert_eq!((searched(&list).matches("; ").count(), missing(&list)), (20, 20), "{list}");
    assert_eq!(missing(&table), 5, "{table}");
    assert!(table.contains("WARNING: and 15 more gaps like these; -Format list shows all"), "{table}");
    // Where nothing is found the text has the same lists.
    let nothing = "Get-MessageTrace -RecipientAddress nobody@contoso.example";
    let (table, list) = (told(nothing), told(&format!("{nothing} -Format list")));
    assert!(table.contains("\n  and 16 more\nRecords that may be missing:\n"), "{table}");
    assert!(list.contains("  mx1: ") && !list.contains(" more; "), "{list}");
}
