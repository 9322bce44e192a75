//! The cmdlets that read other systems: an import, and sources.
//! May touch: a simulated world.

use std::sync::Arc;
use std::time::Duration;

use trace::Trace;
use world::CertStore;

use super::*;

const GATEWAY: &str = "\
Nov 20 07:00:00 gw postfix/smtpd[1]: ABCDEF: client=a.example[192.0.2.1]
Nov 20 07:00:00 gw postfix/cleanup[1]: ABCDEF: message-id=<m1@fabrikam.example>
Nov 20 07:00:00 gw postfix/qmgr[1]: ABCDEF: from=<mimi@fabrikam.example>, size=10, nrcpt=1 (queue active)
Nov 20 07:00:01 gw postfix/smtp[1]: ABCDEF: to=<kim@contoso.example>, relay=exch01.contoso.example[192.0.2.25]:25, delay=1, dsn=2.6.0, status=sent (250 2.6.0 <m1@fabrikam.example> [InternalId=7, Hostname=exch01.contoso.example] Queued mail for delivery)
Nov 20 07:00:01 gw postfix/qmgr[1]: ABCDEF: removed
and this is no line of it
";

const EXCHANGE: &str = "\
#Fields: date-time,server-hostname,source,event-id,internal-message-id,message-id,network-message-id,recipient-address
2026-11-20T07:00:01.500Z,EXCH01,SMTP,RECEIVE,7,<m1@fabrikam.example>,55555555-5555-5555-5555-555555555555,kim@contoso.example
2026-11-20T07:00:02.000Z,EXCH01,STOREDRIVER,DELIVER,7,<m1@fabrikam.example>,55555555-5555-5555-5555-555555555555,kim@contoso.example
";

fn office() -> Office {
    let office = Office::with(|_, world| {
        let config = trace::Config::new("mx1");
        let dir = Path::new("/data/trace");
        let trace = Trace::open(&world.disk, &world.clock, &world.exec, dir, config).unwrap();
        Services { trace: Some(trace), ..Services::default() }
    });
    let directory = office.instance.directory.clone();
    let around = Arc::new(move || crate::surroundings(&directory.snapshot()));
    let trace = office.instance.services.trace().unwrap();
    trace.start_sources(&office.world, around, &CertStore::new()).unwrap();
    office.world.disk.create_dir_all(Path::new("/logs/exch01")).unwrap();
    office.world.disk.write_atomic(Path::new("/logs/mail.log"), GATEWAY.as_bytes()).unwrap();
    office.world.disk.write_atomic(Path::new("/logs/exch01/MSGTRK.LOG"), EXCHANGE.as_bytes()).unwrap();
    office
}

#[test]
fn gateway_and_server_are_imported_and_found_as_one() {
    let office = office();
    let (code, out, err) = office.ask(
        &["Import-MessageTrace", "/logs/mail.log", "-Place", "gateway", "-Format", "json"],
        Answer::NoTerminal,
    );
    assert_eq!(code, 0, "{err}");
    assert!(err.contains("line 6: no line of a mail log: and this is no line of it"), "{err}");
    let report: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(
        (&report[0]["LogFormat"], &report[0]["New"], &report[0]["Unknown"]),
        (&json!("Postfix"), &json!(2), &json!(1))
    );
    let row = office.json("Get-MessageTrace -RecipientAddress kim@contoso.example");
    assert_eq!((&row[0]["Status"], row.as_array().unwrap().len()), (&json!("Pending"), 1));
    let report = office.json("Import-MessageTrace /logs/exch01 -Place exch01 -LogFormat TrackingLog");
    assert_eq!((&report[0]["New"], &report[0]["Certain"]), (&json!(2), &json!(1)));
    let row = office.json("Get-MessageTrace -RecipientAddress kim@contoso.example");
    assert_eq!((&row[0]["Status"], row.as_array().unwrap().len()), (&json!("Delivered"), 1));
    assert_eq!(row[0]["SenderAddress"], "mimi@fabrikam.example");
    let (_, err) = office.fails("Import-MessageTrace /logs/mail.log -Place gateway -LogFormat Exim");
    assert!(err.contains("line 1: this is Postfix, not Exim"), "{err}");
    let (_, err) = office.fails("Import-MessageTrace /data/directory.sqlite -Place gateway");
    assert!(err.contains("the folder of this server"), "{err}");
}

#[test]
fn sources_are_made_changed_shown_and_removed() {
    let office = office();
    let made = office.json("New-TraceSource gateway -Type Folder -Path /logs");
    assert_eq!(
        (&made["Type"], &made["Place"], &made["Enabled"]),
        (&json!("Folder"), &json!("gateway"), &json!(true))
    );
    office.sim.advance(Duration::from_secs(3));
    let shown = office.json("Get-TraceSource");
    assert_eq!(
        (&shown[0]["State"], &shown[0]["Records"], &shown[0]["Unknown"]),
        (&json!("Reading"), &json!(6), &json!(1))
    );
    assert_eq!(
        (&shown[0]["LastRecord"], &shown[0]["Lag"]),
        (&json!("2026-11-20T07:00:01Z"), &json!("01:00:02"))
    );
    assert_eq!(office.json("Get-MessageTrace -RecipientAddress kim@contoso.example")[0]["Status"], "Pending");
    assert_eq!(office.json("Set-TraceSource gateway -Enabled $false")["State"], "Disabled");
    let (_, err) = office.fails("New-TraceSource GATEWAY -Type Folder -Path /logs");
    assert!(err.contains("already"), "{err}");
    let (_, err) = office.fails("New-TraceSource edge -Type Syslog -Bind here");
    assert!(err.contains("an address and a port"), "{err}");
    assert_eq!(office.json("Remove-TraceSource gateway -Confirm:false"), Value::Null);
    assert_eq!(office.json("Get-TraceSource"), json!([]));
}
