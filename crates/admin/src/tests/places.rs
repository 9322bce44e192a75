//! The cmdlets that read other systems: an import, and sources.
//! May touch: a simulated world.

use std::sync::Arc;
use std::time::Duration;

use trace::Trace;
use world::CertStore;

use super::*;

pub(super) const GATEWAY: &str = "\
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

pub(super) fn office() -> Office {
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
    assert_eq!(
        (&row[0]["SenderAddress"], &row[0]["Place"]),
        (&json!("mimi@fabrikam.example"), &json!("exch01"))
    );
    // On the server's own machine a file is named as it is seen from where one is.
    let again = office.json("Import-MessageTrace ./mail.log -Place gateway");
    assert_eq!((&again[0]["Name"], &again[0]["New"]), (&json!("mail.log"), &json!(0)));
    let (_, err) = office.fails("Import-MessageTrace /logs/mail.log -Place gateway -LogFormat Exim");
    assert!(err.contains("line 1: this is Postfix, not Exim"), "{err}");
    let (_, err) = office.fails("Import-MessageTrace /data/directory.sqlite -Place gateway");
    assert!(err.contains("the folder of this server"), "{err}");
}

/// A name mistyped is no search that finds nothing; one that is there, and has nothing of what was asked, is one.
#[test]
fn places_servers_and_connectors_that_nothing_has_are_refused_with_those_there_are() {
    let office = office();
    office.json("Import-MessageTrace /logs/exch01 -Place exchange -LogFormat TrackingLog");
    for (asked, told) in [
        (
            "-Place nope",
            "no place \"nope\" is known, and no record names it; there are: mx1, mx1.contoso.example, exchange",
        ),
        ("-Server nope", "no server \"nope\" is known"),
        ("-ConnectorId nope", "there are: Client Frontend mx1"),
    ] {
        let (_, err) = office.fails(&format!("Get-MessageTrace {asked}"));
        assert!(err.contains(told), "{asked}: {err}");
    }
    let (_, err) = office.fails("Get-MessageTrackingLog -ConnectorId nope");
    assert!(err.contains("no connector \"nope\" is known"), "{err}");
    let (_, err) = office.fails("Get-MessageTrackingLog -Server nope");
    assert!(err.contains("exchange"), "imported places are taken too: {err}");
    let none = json!([]);
    for asked in ["-Place exchange", "-Server exch01", "-Place mx1", "-Place no*", "-Server EXCHANGE"] {
        assert_eq!(
            office.json(&format!("Get-MessageTrace {asked} -RecipientAddress x@nowhere.example")),
            none
        );
    }
    assert_eq!(office.json("Get-MessageTrace -Place exchange").as_array().unwrap().len(), 1);
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
    for place in ["", "two words"] {
        let words = ["Set-TraceSource", "gateway", "-Place", place];
        let (code, _, err) = office.ask(&words, Answer::NoTerminal);
        assert_eq!(code, 2, "{err}");
        assert!(err.contains("-Place") && err.contains("is not a place's name"), "{err}");
    }
    let (_, err) = office.fails("New-TraceSource GATEWAY -Type Folder -Path /logs");
    assert!(err.contains("already"), "{err}");
    let ranges =
        "New-TraceSource lan -Type Syslog -Bind 127.0.0.1:0 -RemoteIPRanges 192.0.2.0/24 -Enabled $false";
    assert_eq!(office.json(ranges)["RemoteIPRanges"], json!(["192.0.2.0/24"]));
    let more = office.json("Set-TraceSource lan -RemoteIPRanges @{Add=\"192.0.2.10\"}");
    assert_eq!(more["RemoteIPRanges"].as_array().unwrap().len(), 2);
    let (_, err) = office.fails("Set-TraceSource gateway -RemoteIPRanges 192.0.2.10");
    assert!(err.contains("Syslog"), "{err}");
    office.json("Remove-TraceSource lan -Confirm:false");
    let (_, err) = office.fails("New-TraceSource edge -Type Syslog -Bind here");
    assert!(err.contains("an address and a port"), "{err}");
    assert_eq!(office.json("Remove-TraceSource gateway -Confirm:false"), Value::Null);
    assert_eq!(office.json("Get-TraceSource"), json!([]));
}

#[test]
fn every_answer_says_which_sources_were_asked_and_which_are_behind() {
    let office = office();
    office.json("New-TraceSource gateway -Type Folder -Path /logs");
    office.json("New-TraceSource edge -Type Folder -Path /nowhere");
    office.sim.advance(Duration::from_secs(3));
    let lines = [
        "Get-MessageTrace -RecipientAddress kim@contoso.example",
        "Get-MessageTraceV2 -RecipientAddress kim@contoso.example",
        "Get-MessageTrackingLog -Recipients kim@contoso.example",
        "Get-GatewayTrace -Recipient kim",
        "Get-MessageTrace -Slowest 3",
    ];
    for line in lines {
        let words: Vec<&str> = line.split(' ').collect();
        let (code, _, err) = office.ask(&words, Answer::NoTerminal);
        assert_eq!(code, 0, "{err}");
        assert!(
            err.contains("Searched: mx1; edge (no record yet); gateway (newest record 2026-11-20 ")
                && err.contains(", 1:00:02 ago)"),
            "{line}: {err}"
        );
        assert!(err.contains("may be missing: the trace source edge is not read: /nowhere"), "{line}: {err}");
        assert!(
            err.contains("may be missing: the trace source gateway is behind, or its system is quiet (since 2026-11-20 "),
            "{line}: {err}"
        );
    }
    // A time that the gateway's newest record is behind of has no gap of it.
    let body = json!({ "RecipientAddress": ["kim@contoso.example"], "EndDate": "2026-11-20T07:00:01Z" });
    let json_type = ("content-type", "application/json");
    let path = "/api/v1/cmdlets/Get-MessageTrace";
    let (status, answer) = post(&office, Access::LocalSocket, path, &[json_type], &body.to_string());
    assert_eq!(status, 200, "{answer}");
    let names = |list: &Value, name: &str| -> Vec<String> {
        list.as_array().unwrap().iter().map(|one| one[name].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names(&answer["sources"], "Name"), ["mx1", "edge", "gateway"]);
    assert_eq!(names(&answer["sources"], "State"), ["Reading", "Failed", "Reading"]);
    assert_eq!(
        (
            &answer["sources"][2]["Place"],
            &answer["sources"][2]["LastRecord"],
            &answer["sources"][2]["LagSeconds"]
        ),
        (&json!("gateway"), &json!("2026-11-20T07:00:01Z"), &json!(3_602))
    );
    assert_eq!(names(&answer["gaps"], "Source"), ["edge"]);
}

#[test]
fn a_row_and_its_detail_show_each_join_with_its_basis_and_skew() {
    let office = office();
    office.json("Import-MessageTrace /logs/mail.log -Place gateway");
    office.json("Import-MessageTrace /logs/exch01 -Place exch01");
    let row = &office.json("Get-MessageTrace -RecipientAddress kim@contoso.example")[0];
    let hops = row["Hops"].as_array().unwrap();
    assert_eq!((hops.len(), &hops[0]["Place"], &hops[0]["From"]), (2, &json!("gateway"), &Value::Null));
    assert_eq!(
        (&hops[1]["Place"], &hops[1]["From"], &hops[1]["Basis"], &hops[1]["SkewSeconds"]),
        (&json!("exch01"), &json!("gateway"), &json!("Certain"), &json!(0.5))
    );
    let id = row["MessageTraceId"].as_str().unwrap();
    let (code, out, err) =
        office.ask(&["Get-MessageTraceDetail", id, "kim@contoso.example"], Answer::NoTerminal);
    assert_eq!(code, 0, "{err}");
    assert!(out.contains("Places: gateway -> exch01 (Certain, clock +0.500 s)"), "{out}");
}

#[test]
fn posted_records_need_the_token_of_their_source_or_the_right() {
    let office = office();
    let made = office.json("New-TraceSource shipper -Type Http -Secret sixteen-characters");
    assert_eq!((&made["Url"], &made["HasSecret"]), (&json!("/api/v1/sources/shipper/records"), &json!(true)));
    let credentials = || Access::Authenticated(Arc::new(office.instance.credentials.clone()));
    let path = "/api/v1/sources/shipper/records";
    let by = |token: &str| ("authorization", format!("Bearer {token}"));
    let send = |header: &(&str, String), text: &str| {
        post(&office, credentials(), path, &[(header.0, header.1.as_str())], text)
    };
    let (status, answer) = send(&by("sixteen-characters"), GATEWAY);
    assert_eq!(
        (status, &answer["records"], &answer["new"], &answer["unknown"]),
        (200, &json!(6), &json!(2), &json!(1))
    );
    assert!(answer["unknownLines"][0].as_str().unwrap().contains("and this is no line of it"), "{answer}");
    assert_eq!(send(&by("sixteen-characters"), GATEWAY).1["new"], 0);
    let (status, answer) = send(&by("seventeen-letters"), GATEWAY);
    let said = answer["error"]["message"].as_str().unwrap();
    assert!(
        status == 401 && said.starts_with("this is not the token of a trace source \"shipper\""),
        "{answer}"
    );
    let (status, answer) = send(&by("sixteen-characters"), "");
    assert_eq!((status, &answer["records"]), (200, &json!(0)), "{answer}");
    office.json("New-TraceSource other -Type Http -Secret sixteen-characters");
    let wrong = "/api/v1/sources/other/records";
    let (status, answer) = post(&office, Access::LocalSocket, wrong, &[], "no log at all\n");
    assert_eq!((status, &answer["error"]["code"]), (400, &json!("Invalid")), "{answer}");
    assert!(answer["error"]["message"].as_str().unwrap().contains("line 1"), "{answer}");
    let other = "/api/v1/sources/nowhere/records";
    let (status, _) =
        post(&office, credentials(), other, &[("authorization", "Bearer sixteen-characters")], "x");
    assert_eq!(status, 401, "a stranger does not learn which sources there are");
    assert_eq!(post(&office, Access::LocalSocket, other, &[], "x").0, 404);
    assert_eq!(post(&office, Access::LocalSocket, path, &[], GATEWAY).0, 200);
    // Somebody with a mailbox and no role.
    office.json("New-Mailbox Kim -Password right-horse");
    let kim = ("authorization", "Basic a2ltQGNvbnRvc28uZXhhbXBsZTpyaWdodC1ob3JzZQ==".to_owned());
    assert_eq!(send(&kim, GATEWAY).0, 403);
    assert_eq!(office.json("Get-MessageTrace -RecipientAddress kim@contoso.example")[0]["Status"], "Pending");
    assert_eq!(office.json("Get-TraceSource shipper")[0]["State"], "Reading");
}

#[test]
fn services_are_named_checked_and_their_secrets_never_shown() {
    let office = office();
    let (_, err) =
        office.fails("New-TraceSource cloud -Type ExchangeOnline -ApplicationId a -Secret s3cr3t-value");
    assert!(err.contains("-TenantId"), "{err}");
    let (_, err) = office.fails("New-TraceSource pod -Type ProofpointPoD -ClusterId c");
    assert!(err.contains("-Secret"), "{err}");
    let (_, err) =
        office.fails("New-TraceSource pod -Type ProofpointPoD -ClusterId c -Secret s3cr3t-value -Path /x");
    assert!(err.contains("is for sources of type Folder"), "{err}");
    let (_, err) = office.fails(
        "New-TraceSource pod -Type ProofpointPoD -ClusterId c -Secret s3cr3t-value -Url ws://pod.example",
    );
    assert!(err.contains("without TLS"), "{err}");
    let cloud = "New-TraceSource cloud -Type ExchangeOnline -TenantId contoso.example -ApplicationId app-1 -Secret s3cr3t-value -Enabled $false";
    let made = office.json(cloud);
    assert_eq!(
        (&made["Url"], &made["TenantId"], &made["HasSecret"], &made["State"]),
        (&json!("https://graph.microsoft.com"), &json!("contoso.example"), &json!(true), &json!("Disabled"))
    );
    office.json("Set-TraceSource cloud -ApplicationId app-2");
    let shown = format!(
        "{}{}{}",
        office.json("Get-TraceSource"),
        office.json("Search-AdminAuditLog -Cmdlets New-TraceSource"),
        office.json("Search-AdminAuditLog -Cmdlets Set-TraceSource")
    );
    assert!(shown.contains("app-2") && !shown.contains("s3cr3t-value"), "{shown}");
    // Kept all the same: a change of something else does not lose it.
    let kept = office.world.disk.read(Path::new("/data/trace/sources.json")).unwrap();
    assert!(String::from_utf8(kept).unwrap().contains("s3cr3t-value"));
}

pub(super) const POD: &str = r#"{"guid":"g-1","ts":"2026-11-20T07:30:00.000Z","connection":{"ip":"192.0.2.1","host":"mail.fabrikam.example","helo":"h","country":"**","sid":"s-9"},"envelope":{"from":"mimi@fabrikam.example","rcpts":["kim@contoso.example"]},"msg":{"header":{"message-id":["<m2@fabrikam.example>"]},"normalizedHeader":{"message-id":["m2@fabrikam.example"],"subject":["Offer"]},"sizeBytes":2048},"filter":{"qid":"4abc17-1","disposition":"discard","routeDirection":"inbound","routes":["default_inbound"],"actions":[{"module":"spam","rule":"definitespam","action":"discard","isFinal":true}],"modules":{"spam":{"scores":{"overall":99}}},"quarantine":{"folder":"Spam","rule":"quarantinerule1","module":"spam"}}}
"#;

#[test]
fn a_gateways_record_is_shown_in_its_own_words() {
    let office = office();
    office.world.disk.write_atomic(Path::new("/logs/pod.json"), POD.as_bytes()).unwrap();
    office.json("Import-MessageTrace /logs/pod.json -Place pod");
    let rows = office.json("Get-GatewayTrace -QID 4abc17-1");
    assert_eq!(rows.as_array().unwrap().len(), 1, "{rows}");
    for (property, value) in [
        ("Final_Action", "quarantine; discard"),
        ("Final_Rule", "spam.definitespam"),
        ("Module_ID", "spam"),
        ("Rule_ID", "definitespam"),
        ("Quarantine_Folder", "Spam"),
        ("Quarantine_Rule", "quarantinerule1"),
        ("Policy_Routes", "default_inbound"),
        ("Spam_Score", "99"),
        ("GUID", "g-1"),
        ("QID", "4abc17-1"),
        ("SID", "s-9"),
        ("Place", "pod"),
    ] {
        assert_eq!(rows[0][property], value, "{property}: {rows}");
    }
    assert_eq!(office.json("Get-GatewayTrace -QID nothing-1"), json!([]));
    // Its record names no server of the gateway, and ours never had it.
    for line in ["Get-MessageTrackingLog", "Get-MessageTrackingLog -Server pod"] {
        let events = office.json(&format!("{line} -Recipients kim@contoso.example"));
        let events = events.as_array().unwrap();
        assert!(
            !events.is_empty() && events.iter().all(|event| event["ServerHostname"] == "pod"),
            "{events:?}"
        );
    }
    assert_eq!(office.json("Get-MessageTrackingLog -Recipients kim@contoso.example -Server mx1"), json!([]));
    assert_eq!(office.json("Get-MessageTrace -Server mx1"), json!([]));
    assert_eq!(office.json("Get-MessageTrace -Server pod").as_array().unwrap().len(), 1);
    // The same record by either word of what was done, in both searches, and only it.
    for action in ["discard", "quarantine"] {
        assert_eq!(
            office.json(&format!("Get-GatewayTrace -FinalAction {action}")).as_array().unwrap().len(),
            1
        );
        let traced = office.json(&format!("Get-MessageTrace -FinalAction {action}"));
        assert_eq!(traced.as_array().unwrap().len(), 1, "{action}: {traced}");
    }
    assert_eq!(office.json("Get-MessageTrace -FinalAction reject"), json!([]));
    for (place, count) in [("pod", 1), ("P*", 1), ("else*", 0)] {
        let traced = office.json(&format!("Get-MessageTrace -Place {place}"));
        assert_eq!(traced.as_array().unwrap().len(), count, "{place}: {traced}");
    }
    assert!(office.fails("Get-MessageTrace -Place elsewhere").1.contains("no place \"elsewhere\""));
    let id = rows[0]["MessageTraceId"].as_str().unwrap();
    let words = ["Get-MessageTraceDetail", id, "kim@contoso.example"];
    let (_, out, err) = office.ask(&words, Answer::NoTerminal);
    let said = format!("{out}{err}");
    assert!(said.contains("held in the quarantine folder Spam at pod"), "{said}");
    assert!(said.contains("by the rule quarantinerule1 of the module spam"), "{said}");
    // Rules are Organization Management's, a gateway's too.
    let help = crate::role::Actor::with_groups("help", &[crate::role::RoleGroup::HelpDesk]);
    let cmdlet = crate::registry::find("Get-GatewayTrace").unwrap();
    let arguments = crate::Arguments::from_json(cmdlet, json!({}).as_object().unwrap()).unwrap();
    let context = office.instance.context(help);
    let seen = office.sim.run(crate::registry::invoke(&context, &arguments)).unwrap();
    let seen = format!("{:?}", seen.rows);
    assert!(
        seen.contains("Spam") && !seen.contains("definitespam") && !seen.contains("quarantinerule1"),
        "{seen}"
    );
}

#[test]
fn the_log_is_of_a_server_or_an_imported_place() {
    let office = office();
    office.json("Import-MessageTrace /logs/mail.log -Place gateway");
    office.json("Import-MessageTrace /logs/exch01 -Place exch01");
    let log = |server: &str| {
        let line = format!("Get-MessageTrackingLog -Recipients kim@contoso.example -Server {server}");
        let words: Vec<&str> = line.split(' ').chain(["-Format", "json"]).collect();
        let (code, out, err) = office.ask(&words, Answer::NoTerminal);
        assert_eq!(code, 0, "{err}");
        let events: Vec<String> = serde_json::from_str::<Value>(&out)
            .unwrap()
            .as_array()
            .unwrap()
            .iter()
            .map(|event| event["EventId"].as_str().unwrap().to_owned())
            .collect();
        (events, err)
    };
    let (events, err) = log("EXCH01");
    assert_eq!(events, ["RECEIVE", "DELIVER"]);
    assert!(err.contains("There are more at: gateway;"), "{err}");
    assert!(!log("gateway").0.contains(&"DELIVER".to_owned()));
    let (events, err) = log("mx1");
    assert!(events.is_empty() && err.contains("There are more at: exch01, gateway;"), "{events:?} {err}");
    let (_, err) = office.fails("Get-MessageTrackingLog -Recipients kim@contoso.example -Server mx9");
    assert!(err.contains("the known ones are: mx1 (mx1.contoso.example), exch01, gateway"), "{err}");
}

#[test]
fn a_places_own_queue_id_is_found_and_gaps_are_told() {
    let office = office();
    office.json("Import-MessageTrace /logs/mail.log -Place gateway");
    office.json("New-TraceSource edge -Type Folder -Path /nowhere");
    office.sim.advance(Duration::from_secs(3));
    let paste = |text: &str| {
        let words = ["Get-MessageTrace", "-Paste", text, "-Format", "json"];
        let (code, out, err) = office.ask(&words, Answer::NoTerminal);
        assert_eq!(code, 0, "{err}");
        (serde_json::from_str::<Value>(&out).unwrap(), err)
    };
    let (rows, err) = paste("queue id ABCDEF");
    assert_eq!(rows[0]["RecipientAddress"], "kim@contoso.example", "{err}");
    assert!(err.contains("Searched for Queue id ABCDEF: 1 row"), "{err}");
    let (rows, err) = paste("Message-ID: <other@fabrikam.example>");
    assert_eq!(rows, json!([]));
    assert!(err.contains("may be missing: the trace source edge is not read"), "{err}");
    assert!(err.contains("records of it may be missing, it never reached us"), "{err}");
    assert!(err.contains("Searched: mx1; edge"), "{err}");
}

#[test]
fn who_signs_in_and_posts_is_recorded() {
    let office = office();
    office.json("New-TraceSource shipper -Type Http -Secret sixteen-characters");
    let path = "/api/v1/sources/shipper/records";
    assert_eq!(post(&office, Access::LocalSocket, path, &[], GATEWAY).0, 200);
    let kept = office.json("Search-AdminAuditLog -Cmdlets Import-MessageTrace");
    assert_eq!(
        (&kept[0]["Succeeded"], &kept[0]["ResultRows"], &kept[0]["Caller"]),
        (&json!(true), &json!(6), &json!("local administrator")),
        "{kept}"
    );
    assert_eq!(kept[0]["CmdletParameters"]["Place"], "shipper");
    // The source's own token is the source, not somebody.
    let credentials = Access::Authenticated(Arc::new(office.instance.credentials.clone()));
    let token = [("authorization", "Bearer sixteen-characters")];
    assert_eq!(post(&office, credentials, path, &token, GATEWAY).0, 200);
    assert_eq!(office.directory_audit("Import-MessageTrace"), 1);
}

#[test]
fn over_http_only_the_folders_of_the_configuration_are_read() {
    let mut office = office();
    office.world.disk.create_dir_all(Path::new("/etc")).unwrap();
    office.world.disk.write_atomic(Path::new("/etc/shadow"), b"root:s3cret\n").unwrap();
    office.world.disk.write_atomic(Path::new("/logs/odd.txt"), b"root:s3cret\n").unwrap();
    let ask = |office: &Office, cmdlet: &str, body: Value| {
        let top = crate::role::Actor::with_groups("top", &[crate::role::RoleGroup::OrganizationManagement]);
        let cmdlet = crate::registry::find(cmdlet).unwrap();
        let arguments = crate::Arguments::from_json(cmdlet, body.as_object().unwrap()).unwrap();
        let context = office.instance.context(top);
        office.sim.run(crate::registry::invoke(&context, &arguments))
    };
    let import = |office: &Office, path: &str| {
        ask(office, "Import-MessageTrace", json!({"Path": path, "Place": "gateway"}))
    };
    for path in ["/logs/mail.log", "/etc/shadow", "/etc/nothing"] {
        let refused = import(&office, path).unwrap_err();
        assert_eq!(refused.code(), "Forbidden", "{refused}");
    }
    office.instance.services.allowed.import_folders = vec!["/logs".into()];
    for path in ["/etc/shadow", "/logs/../etc/shadow", "/logs2"] {
        assert_eq!(import(&office, path).unwrap_err().code(), "Forbidden", "{path}");
    }
    let refused = import(&office, "/logs/odd.txt").unwrap_err().to_string();
    assert!(refused.contains("line 1") && !refused.contains("s3cret"), "{refused}");
    let read = import(&office, "/logs/mail.log").unwrap();
    let said = format!("{:?} {:?}", read.rows, read.warnings);
    assert!(said.contains("line 6") && !said.contains("and this is no line of it"), "{said}");
    let source = |path: &str| json!({"Name": "gw", "Type": "Folder", "Path": path});
    assert_eq!(ask(&office, "New-TraceSource", source("/etc")).unwrap_err().code(), "Forbidden");
    ask(&office, "New-TraceSource", source("/logs")).unwrap();
}

#[test]
fn a_file_that_is_sent_is_read_as_one_of_the_server_and_goes_then() {
    let office = office();
    let send = |query: &str, text: &str| {
        post(&office, Access::LocalSocket, &format!("/api/v1/imports?{query}"), &[], text)
    };
    let (status, answer) = send("Place=gateway&Name=../../mail.log", GATEWAY);
    assert_eq!(status, 200, "{answer}");
    let log = &answer["value"][0];
    assert_eq!(
        (&log["Name"], &log["LogFormat"], &log["New"]),
        (&json!("mail.log"), &json!("Postfix"), &json!(2))
    );
    assert_eq!(send("Place=gateway&Name=mail.log", GATEWAY).1["value"][0]["New"], 0);
    office.sim.run_until_stalled();
    let left = office.world.disk.read_dir(std::path::Path::new("/data/trace/uploads")).unwrap();
    assert!(left.is_empty(), "{left:?}");
    assert_eq!(office.directory_audit("Import-MessageTrace"), 2);
    for (query, text, expected) in [
        ("Name=mail.log", GATEWAY, "Place"),
        ("Place=gateway&Path=/etc/passwd", GATEWAY, "-Path is the file that comes along"),
        ("Place=gateway&LogFormat=Sendmai", GATEWAY, "LogFormat"),
        ("Place=gateway", "", "the file is empty"),
        ("Place=gateway&Name=x.log", "no log at all\n", "x.log"),
    ] {
        let (status, answer) = send(query, text);
        let said = answer["error"]["message"].as_str().unwrap_or_default();
        assert!(status == 400 && said.contains(expected), "{query}: {status} {answer}");
    }
    // It is the sender's own file: the line is shown, and nothing of where it lies here.
    let said = send("Place=gateway&Name=x.csv", "hello,world\n").1["error"]["message"].to_string();
    assert!(said.contains("x.csv: line 1: ") && said.contains("hello,world"), "{said}");
    assert!(!said.contains("/data") && !said.contains("uploads"), "{said}");
    office.sim.run_until_stalled();
    assert!(office.world.disk.read_dir(std::path::Path::new("/data/trace/uploads")).unwrap().is_empty());
}

/// Sends a file and hangs up after so many looks at the answer; whether there was none by then.
fn hangs_up(office: &Office, looks: usize) -> bool {
    use futures::FutureExt as _;
    use tower::ServiceExt as _;
    let body = axum::body::Body::from(GATEWAY);
    let request = hyper::Request::post("/api/v1/imports?Place=gateway&Name=mail.log").body(body).unwrap();
    let router = http::router(office.instance.clone(), Access::LocalSocket);
    let mut answer = Box::pin(router.oneshot(request));
    let is_open = (0..looks).all(|look| {
        if look > 0 {
            office.sim.run_until_stalled();
        }
        office.sim.run(async { (&mut answer).now_or_never() }).is_none()
    });
    drop(answer);
    office.sim.run_until_stalled();
    is_open
}

#[test]
fn who_hangs_up_stops_the_import_and_its_file_goes_after_it() {
    let office = office();
    let uploads = std::path::Path::new("/data/trace/uploads");
    let looks = (1..100).take_while(|looks| hangs_up(&office, *looks)).count();
    assert!(looks > 3, "it was looked at {looks} times");
    let left = office.world.disk.read_dir(uploads).unwrap();
    assert!(left.is_empty(), "{left:?}");
    // However far it was, none lost its file on the way.
    let begun = office.json("Search-AdminAuditLog -Cmdlets Import-MessageTrace");
    for row in begun.as_array().unwrap() {
        let said = row["Error"].as_str().unwrap_or_default();
        assert!(row["Succeeded"] == true || said.contains("stopped"), "{row}");
    }
}

#[test]
fn a_file_that_comes_too_slowly_gives_up_its_place() {
    use http_body_util::BodyExt as _;
    use tower::ServiceExt as _;
    let office = office();
    let clock = office.world.clock.clone();
    let pieces = futures::stream::unfold(0_u32, move |sent| {
        let clock = clock.clone();
        async move {
            clock.sleep(Duration::from_secs(20)).await;
            (sent < 100)
                .then(|| (Ok::<_, std::convert::Infallible>("Nov 20 07:00:00 gw x[1]: y\n"), sent + 1))
        }
    });
    let body = axum::body::Body::from_stream(pieces);
    let request = hyper::Request::post("/api/v1/imports?Place=gateway").body(body).unwrap();
    let router = http::router(office.instance.clone(), Access::LocalSocket);
    let (status, said) = office.sim.run(async move {
        let response = router.oneshot(request).await.unwrap();
        let status = response.status().as_u16();
        (status, response.into_body().collect().await.unwrap().to_bytes())
    });
    let said = String::from_utf8_lossy(&said);
    assert!(status == 400 && said.contains("more slowly than 64 KB/s"), "{status} {said}");
    office.sim.run_until_stalled();
    assert!(office.world.disk.read_dir(std::path::Path::new("/data/trace/uploads")).unwrap().is_empty());
}

#[test]
fn a_file_is_taken_from_those_only_who_may_import() {
    let office = office();
    let credentials = Access::Authenticated(Arc::new(office.instance.credentials.clone()));
    let (status, _) = post(&office, credentials, "/api/v1/imports?Place=gateway", &[], GATEWAY);
    assert_eq!(status, 401);
    assert!(!office.world.disk.exists(std::path::Path::new("/data/trace/uploads")).unwrap());
}
