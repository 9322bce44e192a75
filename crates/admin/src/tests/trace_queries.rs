//! Saved searches, alerts, pasted text, reports and compatible shapes through the whole stack.
//! May touch: a simulated world.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use axum::routing::post;
use parking_lot::Mutex;
use serde_json::json;
use tower::ServiceExt as _;

use super::*;
use crate::tests::mail_flow::{GROUP, named, office};

#[test]
fn a_saved_search_is_run_by_name_and_with_more_conditions() {
    let office = office();
    let (_, _, err) = office.ask(
        &["New-MessageTraceQuery", "Group failures", "-Status", "Failed,Pending", "-Last", "30.00:00:00"],
        Answer::NoTerminal,
    );
    assert_eq!(err, "");
    let ask = |words: &[&str]| {
        let words: Vec<&str> = words.iter().copied().chain(["-Format", "json"]).collect();
        let (code, out, err) = office.ask(&words, Answer::NoTerminal);
        assert_eq!(code, 0, "{err}");
        serde_json::from_str::<Value>(&out).unwrap()
    };
    let found = ask(&["Get-MessageTrace", "-Query", "group failures"]);
    assert!(!found.as_array().unwrap().is_empty());
    assert!(found.as_array().unwrap().iter().all(|row| row["Status"] == "Failed"), "{found}");
    let fewer =
        ask(&["Get-MessageTrace", "-Query", "Group failures", "-RecipientAddress", "x@tailspin.example"]);
    assert_eq!(fewer.as_array().unwrap().len(), 1);
    let day = ask(&["Get-MessageTrace", "-Query", "Failed in the last day"]);
    assert!(!day.as_array().unwrap().is_empty());
    let (code, _, err) = office.ask(&["Get-MessageTrace", "-Query", "To one mailbox"], Answer::NoTerminal);
    assert!(code != 0 && err.contains("-RecipientAddress"), "{err}");
    let (code, _, err) =
        office.ask(&["Get-MessageTrace", "-Query", "Failed in the last dya"], Answer::NoTerminal);
    assert!(code != 0 && err.contains("did you mean \"Failed in the last day\"?"), "{err}");
    let kinds = ask(&["Get-MessageTraceQuery"]);
    let shown =
        |name: &str| kinds.as_array().unwrap().iter().find(|row| row["Name"] == name).cloned().unwrap();
    assert_eq!(shown("Group failures")["TimeRange"], "Relative");
    assert_eq!(shown("Refused")["Kind"], "Default");
    let renamed = ask(&["Set-MessageTraceQuery", "Group failures", "-Name", "Failures"]);
    assert_eq!(renamed["Parameters"], shown("Group failures")["Parameters"], "what it finds is as it was");
    assert_eq!(renamed["Parameters"].get("TimeZone"), None);
    ask(&["Remove-MessageTraceQuery", "Failures", "-Confirm:false"]);
    assert_eq!(office.fails("Get-MessageTraceQuery Failures").0, 1);
}

#[test]
fn a_relative_search_goes_on_where_it_ended() {
    let office = office();
    let whole = office.json("Get-MessageTrace -Last 30.00:00:00");
    let first = ["Get-MessageTrace", "-Last", "30.00:00:00", "-ResultSize", "2", "-Format", "json"];
    let (code, out, err) = office.ask(&first, Answer::NoTerminal);
    assert_eq!(code, 0, "{err}");
    let cursor = err.lines().find_map(|line| line.strip_prefix("Go on with: -Cursor ")).unwrap();
    office.sim.run(office.world.clock.sleep(std::time::Duration::from_secs(5)));
    let rest = office.json(&format!("Get-MessageTrace -Last 30.00:00:00 -Cursor {cursor}"));
    let mut both = serde_json::from_str::<Value>(&out).unwrap().as_array().unwrap().clone();
    both.extend(rest.as_array().unwrap().iter().cloned());
    assert_eq!(&both, whole.as_array().unwrap());
}

#[test]
fn the_refused_are_found_and_nothing_found_is_an_answer() {
    let office = office();
    let words = ["Get-MessageTrace", "-Query", "Refused", "-Format", "json"];
    let (_, out, _) = office.ask(&words, Answer::NoTerminal);
    let rows: Value = serde_json::from_str(&out).unwrap();
    assert!(rows.as_array().unwrap().iter().all(|row| row["Stage"] == "NotReceived"), "{rows}");
    assert!(!rows.as_array().unwrap().is_empty());
    let words = [
        "Get-MessageTrace",
        "-SenderAddress",
        "bounce@fabrikam.example",
        "-Subject",
        "Budget",
        "-Format",
        "json",
    ];
    let (code, out, err) = office.ask(&words, Answer::NoTerminal);
    assert_eq!((code, out.trim()), (0, "[]"));
    assert!(err.contains("Subject: Budget") && err.contains("\"Plans\""), "{err}");
}

#[test]
fn pasted_text_finds_its_message() {
    let office = office();
    let report = "Final-Recipient: rfc822; x@tailspin.example\r\nAction: failed\r\nMessage-ID: <m10@fabrikam.example>\r\n";
    let paste = |text: &str| {
        let (code, out, err) =
            office.ask(&["Get-MessageTrace", "-Paste", text, "-Format", "json"], Answer::NoTerminal);
        (code, serde_json::from_str::<Value>(&out).unwrap_or(Value::Null), err)
    };
    let (_, rows, err) = paste(report);
    assert_eq!(rows[0]["RecipientAddress"], "x@tailspin.example", "{err}");
    assert!(
        err.contains("a delivery report") && err.contains("Searched for Message-ID <m10@fabrikam.example>"),
        "{err}"
    );
    let (_, rows, _) =
        paste("250 2.6.0 <m10@fabrikam.example> [InternalId=10, Hostname=mx1] Queued mail for delivery");
    assert_eq!(rows[0]["MessageTraceId"], named(GROUP));
    // The same number of a stranger's server, and this server by its full name.
    let (_, rows, err) = paste("250 2.6.0 <x@y.example> [InternalId=10, Hostname=mx9.other.example] Queued");
    assert_eq!(rows, json!([]), "{err}");
    assert!(
        err.contains("rows left out: another host's id, the text does not agree in Message-ID, host"),
        "{err}"
    );
    let (_, rows, _) = paste("[InternalId=10, Hostname=mx1.contoso.example] Queued mail for delivery");
    assert_eq!(rows[0]["MessageTraceId"], named(GROUP));
    // An address is nobody's Message-ID: it is searched as recipient and as sender.
    let (_, rows, err) = paste("x@tailspin.example");
    assert_eq!(rows.as_array().unwrap().len(), 2, "{rows}");
    assert!(err.contains("1 address (x@tailspin.example)"), "{err}");
    assert!(err.contains("Searched for Recipient x@tailspin.example: 2 rows"), "{err}");
    let (_, rows, _) = paste("win@lottery.example");
    assert_eq!(rows[0]["MessageTraceId"], named(0xc));
    // A piece of a report's diagnostic text, with and without an address in it.
    for said in ["smtp;550 5.1.1 no such user", "550 5.1.1 <x@tailspin.example> no such user"] {
        let (_, rows, err) = paste(said);
        assert_eq!(rows[0]["MessageTraceId"], named(GROUP), "{said}: {err}");
    }
    let (_, rows, err) = paste("4ABCDE1234: to=<x@tailspin.example>, relay=none");
    assert_eq!(rows.as_array().unwrap().len(), 2, "{err}");
    assert!(err.contains("1 queue id (4ABCDE1234)") && err.contains("1 address (x@"), "{err}");
    let words = ["Get-MessageTrace", "-RecipientAddress", "tailspin", "-Format", "json"];
    let (_, _, err) = office.ask(&words, Answer::NoTerminal);
    assert!(err.contains("'*tailspin*'"), "{err}");
    let (code, _, err) = paste("hello there");
    assert!(code != 0 && err.contains("holds no id"), "{err}");
}

#[test]
fn reports_in_other_shapes_say_the_same() {
    let office = office();
    office.json("New-Mailbox Kim -Shared -PrimarySmtpAddress kim@contoso.example");
    let found = office.json("Search-MessageTrackingReport -Identity kim -Sender bounce@fabrikam.example");
    let id = found[0]["MessageTrackingReportId"].as_str().unwrap();
    let report = office.json(&format!("Get-MessageTrackingReport {id}"));
    let report = &report[0];
    assert_eq!(
        (&report["DeliveredCount"], &report["UnsuccessfulCount"], &report["TransferredCount"]),
        (&json!(2), &json!(1), &json!(0))
    );
    let path = office.json(&format!(
        "Get-MessageTrackingReport {} -ReportTemplate RecipientPath -RecipientPathFilter x@tailspin.example -DetailLevel Verbose",
        named(GROUP)
    ));
    let events = path[0]["RecipientTrackingEvents"].as_array().unwrap();
    assert_eq!(events.last().unwrap()["EventDescription"], "Fail");
    // Mail of this server alone, groups and refused attempts are no records of a gateway.
    assert_eq!(office.json("Get-GatewayTrace -StartDate 2000-01-01"), json!([]));
    assert_eq!(office.json("Get-GatewayTrace -Sender @"), json!([]));
    let pages = |page: u32| office.json(&format!("Get-MessageTrace -PageSize 2 -Page {page}"));
    let (one, two) = (pages(1), pages(2));
    assert_eq!(one.as_array().unwrap().len(), 2);
    assert!(one.as_array().unwrap().iter().all(|row| !two.as_array().unwrap().contains(row)));
}

#[test]
fn a_route_of_graph_gives_pages_and_details() {
    let office = office();
    let router = http::router(office.instance.clone(), Access::LocalSocket);
    let get = |path: &str| {
        let request = Request::get(path).header("host", "mx1.contoso.example").body(Body::empty()).unwrap();
        let router = router.clone();
        office.sim.run(async move {
            let response = router.oneshot(request).await.unwrap();
            let status = response.status().as_u16();
            let body = axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
            (status, serde_json::from_slice::<Value>(&body).unwrap())
        })
    };
    let base = "/v1.0/admin/exchange/tracing/messageTraces";
    let (_, all) = get(base);
    let total = all["@odata.count"].as_u64().unwrap();
    let (mut path, mut seen) = (format!("{base}?$top=2"), 0);
    loop {
        let (status, page) = get(&path);
        assert_eq!(status, 200, "{page}");
        seen += page["value"].as_array().unwrap().len() as u64;
        match page["@odata.nextLink"].as_str() {
            Some(next) => path = next.strip_prefix("http://mx1.contoso.example").unwrap().to_owned(),
            None => break,
        }
    }
    assert_eq!(seen, total);
    let (_, failed) = get(&format!(
        "{base}?$filter=status%20eq%20'failed'%20and%20recipientAddress%20eq%20'x@tailspin.example'"
    ));
    assert_eq!(failed["value"].as_array().unwrap().len(), 1, "{failed}");
    assert_eq!(failed["value"][0]["status"], "failed");
    assert!(failed["@postroom.searched"]["start"].is_string(), "{failed}");
    // An id is searched for in all that is kept, as the cmdlet does.
    office.sim.advance(std::time::Duration::from_secs(5 * 86_400));
    assert_eq!(get(base).1["value"], json!([]));
    let (_, by_id) = get(&format!("{base}?$filter=id%20eq%20'{}'", named(GROUP)));
    assert!(!by_id["value"].as_array().unwrap().is_empty(), "{by_id}");
    assert_eq!(by_id["@postroom.searched"]["start"], Value::Null);
    let message_id = by_id["value"][0]["messageId"].as_str().unwrap();
    let found = get(&format!("{base}?$filter=messageId%20eq%20'{}'", message_id.trim_matches(['<', '>']))).1;
    assert_eq!(found["value"], by_id["value"]);
    let details =
        format!("{base}/{}/getDetailsByRecipient(recipientAddress='x@tailspin.example')", named(GROUP));
    assert_eq!(get(&details).1["value"].as_array().unwrap().len(), 2);
    assert_eq!(get(&format!("{base}?$filter=status%20eq%20'failed'%20or%20status%20eq%20'pending'")).0, 400);
    assert_eq!(get(&format!("{base}?$orderby=subject")).0, 400);
    let audited = office.directory_audit("Get-MessageTraceV2");
    assert!(audited >= 3, "{audited} look-ups recorded");
    let (_, document) = get("/api/v1/openapi.json");
    assert!(document["paths"][base]["get"].is_object());
}

/// A webhook's end: keeps what is posted.
fn listener(office: &Office) -> (SocketAddr, Arc<Mutex<Vec<Value>>>) {
    let posted: Arc<Mutex<Vec<Value>>> = Arc::default();
    let kept = Arc::clone(&posted);
    let router = Router::new().route(
        "/hook",
        post(move |axum::Json(body): axum::Json<Value>| {
            kept.lock().push(body);
            async { "" }
        }),
    );
    let (net, exec) = (office.world.net.clone(), office.world.exec.clone());
    let address = office.sim.run(async move {
        let listener = net.listen("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let address = listener.local_addr().unwrap();
        let per_connection = exec.clone();
        exec.spawn("hook", async move {
            while let Ok(connection) = listener.accept().await {
                let router = router.clone();
                per_connection.spawn("hooked", async move {
                    let _ = http::serve_connection(connection.io, router).await;
                });
            }
        });
        address
    });
    (address, posted)
}

#[test]
fn an_alert_tells_once_per_crossing() {
    let office = office();
    let (address, posted) = listener(&office);
    let (code, _, err) = office.ask(
        &[
            "New-MessageTraceAlert",
            "Failures",
            "-Query",
            "Failed in the last day",
            "-Threshold",
            "1",
            "-WebhookUrl",
            &format!("http://{address}/hook"),
        ],
        Answer::NoTerminal,
    );
    assert_eq!(code, 0, "{err}");
    let look = || office.sim.run(crate::trace_alerts::look(&office.instance));
    look();
    look();
    assert_eq!(posted.lock().len(), 1, "told once");
    let first = posted.lock().first().cloned().unwrap();
    assert_eq!((&first["alert"], &first["threshold"]), (&json!("Failures"), &json!(1)));
    assert_eq!(office.json("Get-MessageTraceAlert Failures")[0]["IsRaised"], true);
    let needed = || {
        let status = office.json("Get-MailFlowStatus");
        let entries = status["Attention"].as_array().unwrap().iter();
        entries.filter(|one| one["Kind"] == "Alert").cloned().collect::<Vec<_>>()
    };
    let [raised] = &needed()[..] else { panic!("{:?}", needed()) };
    assert_eq!(
        (&raised["Identity"], &raised["What"]),
        (&json!("Failures"), &json!("The alert Failures is raised."))
    );
    assert!(
        raised["Cause"]
            .as_str()
            .unwrap()
            .contains("\"Failed in the last day\" has found 1 row or more since")
    );
    office.json("Set-MessageTraceAlert Failures -Threshold 1000000");
    look();
    assert_eq!(office.json("Get-MessageTraceAlert Failures")[0]["IsRaised"], false);
    assert_eq!(needed(), Vec::<Value>::new());
    office.json("Set-MessageTraceAlert Failures -Threshold 1");
    look();
    assert_eq!(posted.lock().len(), 2, "told again after it had found fewer");
    let (code, _, err) = office.ask(
        &[
            "New-MessageTraceAlert",
            "-Query",
            "Slowest deliveries",
            "-Threshold",
            "1",
            "-WebhookUrl",
            "http://127.0.0.1/",
        ],
        Answer::NoTerminal,
    );
    assert!(code != 0 && err.contains("always finds"), "{err}");
    assert!(office.fails("New-MessageTraceAlert X -Query Quarantined -Threshold 1").1.contains("-Notify"));
}

#[test]
fn an_alert_that_nobody_heard_is_told_again() {
    let office = office();
    office.ask(
        &[
            "New-MessageTraceAlert",
            "Failures",
            "-Query",
            "Failed in the last day",
            "-Threshold",
            "1",
            "-WebhookUrl",
            "http://127.0.0.1:1/hook",
        ],
        Answer::NoTerminal,
    );
    office.sim.run(crate::trace_alerts::look(&office.instance));
    let shown = &office.json("Get-MessageTraceAlert")[0];
    // The search finds as many, whoever heard of it; why nobody did stands beside it, and on Home.
    assert_eq!(shown["IsRaised"], true, "{shown}");
    assert!(
        shown["LastError"].as_str().unwrap().contains("the webhook of the alert was not told"),
        "{shown}"
    );
    assert!(shown["LastAttempt"].is_string(), "{shown}");
    let status = office.json("Get-MailFlowStatus");
    let entries = status["Attention"].as_array().unwrap();
    let alerts = entries.iter().filter(|one| one["Kind"] == "Alert" && one["Identity"] == "Failures");
    assert_eq!(alerts.count(), 2, "it is raised, and nobody heard of it: {status}");
    let (address, posted) = listener(&office);
    let url = format!("http://{address}/hook");
    office.ask(&["Set-MessageTraceAlert", "Failures", "-WebhookUrl", &url], Answer::NoTerminal);
    office.sim.run(crate::trace_alerts::look(&office.instance));
    assert_eq!(posted.lock().len(), 1, "told at last");
    let shown = &office.json("Get-MessageTraceAlert")[0];
    assert_eq!((&shown["IsRaised"], &shown["LastError"]), (&json!(true), &Value::Null));
}

#[test]
fn a_webhook_that_could_never_be_told_is_refused() {
    // Nothing on this machine may be told here.
    let office = Office::with(|_, _| Services::default());
    let new = |url: &str| {
        let words =
            ["New-MessageTraceAlert", "A", "-Query", "Refused", "-Threshold", "1", "-WebhookUrl", url];
        office.ask(&words, Answer::NoTerminal)
    };
    for (url, said) in [
        ("http://127.0.0.1:9/x", "without TLS"),
        ("http://127.0.0.1:9/x", "private_webhooks"),
        ("https://127.0.0.1:9/x", "private_webhooks"),
        ("https://[fd00::1]/x", "private_webhooks"),
    ] {
        let (code, _, err) = new(url);
        assert!(code != 0 && err.contains("-WebhookUrl") && err.contains(said), "{url}: {err}");
    }
    let (code, _, err) = new("https://hooks.contoso.example/mail");
    assert_eq!(code, 0, "{err}");
    let words = ["Set-MessageTraceAlert", "A", "-WebhookUrl", "https://10.0.0.1/x"];
    assert_ne!(office.ask(&words, Answer::NoTerminal).0, 0);
}

#[test]
fn no_search_takes_the_name_of_one_every_server_has() {
    let office = office();
    let words =
        ["New-MessageTraceQuery", "failed in the LAST day", "-RecipientAddress", "x@tailspin.example"];
    let (code, _, err) = office.ask(&words, Answer::NoTerminal);
    assert!(code != 0 && err.contains("every server has"), "{err}");
    office.json("New-MessageTraceQuery Mine -RecipientAddress x@tailspin.example");
    let (code, _, err) =
        office.ask(&["Set-MessageTraceQuery", "Mine", "-Name", "Quarantined"], Answer::NoTerminal);
    assert!(code != 0 && err.contains("every server has"), "{err}");
    // One stored before that was refused does not stand in the way either.
    let body = office.json("Get-MessageTraceQuery Mine")[0]["Parameters"].clone();
    assert!(body.is_object());
    office
        .instance
        .directory
        .change("test", |draft| {
            let found = draft.snapshot().resolve_message_trace_query("Mine")?;
            let renamed = directory::MessageTraceQuery { name: "Refused".to_owned(), ..(*found).clone() };
            draft.put_message_trace_query(renamed)
        })
        .unwrap();
    let rows = office.json("Get-MessageTrace -Query Refused");
    assert!(rows.as_array().unwrap().iter().all(|row| row["Stage"] == "NotReceived"), "{rows}");
}

#[test]
fn a_channel_that_was_told_is_not_told_again_for_the_sake_of_another() {
    let office = office();
    let (address, posted) = listener(&office);
    // No transport runs here, so the mail cannot be sent.
    let url = format!("http://{address}/hook");
    let words = ["New-MessageTraceAlert", "Failures", "-Query", "Failed in the last day", "-Threshold", "1"];
    let told = ["-WebhookUrl", url.as_str(), "-Notify", "ops@contoso.example"];
    let words: Vec<&str> = words.into_iter().chain(told).collect();
    let (code, _, err) = office.ask(&words, Answer::NoTerminal);
    assert_eq!(code, 0, "{err}");
    for _ in 0..3 {
        office.sim.run(crate::trace_alerts::look(&office.instance));
    }
    assert_eq!(posted.lock().len(), 1, "the webhook is told once though the mail fails");
    let shown = &office.json("Get-MessageTraceAlert")[0];
    assert_eq!(shown["IsRaised"], true);
    assert!(shown["LastError"].is_string(), "the mail is tried again: {shown}");
}

#[test]
fn a_later_page_says_what_may_be_missing_and_one_too_far_back_is_refused() {
    let office = office();
    let words = "Get-MessageTrace -StartDate 2000-01-01 -PageSize 2 -Page 2".split(' ').collect::<Vec<_>>();
    let (code, _, err) = office.ask(&words, Answer::NoTerminal);
    assert_eq!(code, 0, "{err}");
    assert!(err.contains("rows may be missing: records are kept for 90 days"), "{err}");
    assert!(!err.lines().any(|line| line.ends_with(" shown")), "{err}");
    let (_, err) = office.fails("Get-MessageTrace -PageSize 5000 -Page 300");
    assert!(err.contains("-Cursor"), "{err}");
}

#[test]
fn a_paste_about_an_unknown_address_gives_nobody_elses_rows() {
    let office = office();
    let text = "gone@contoso.example\nServer returned '550 5.1.1 no such user'";
    let (code, out, err) =
        office.ask(&["Get-MessageTrace", "-Paste", text, "-Format", "json"], Answer::NoTerminal);
    assert_eq!((code, out.trim()), (0, "[]"), "{err}");
    let offered = err.lines().find(|line| line.starts_with("The same reply was given for other recipients"));
    assert!(offered.unwrap().contains("x@tailspin.example"), "{err}");
    // Whose mail was told of is in the audit log, though no row of theirs is shown.
    let recorded = office.json("Search-AdminAuditLog -Cmdlets Get-MessageTrace -IncludeLookUps");
    let recorded = recorded.to_string();
    assert!(recorded.contains("x@tailspin.example"), "{recorded}");
}

/// Refused at MAIL FROM, before a recipient was named: the paste of somebody else's refusal still says that there is more.
#[test]
fn rows_without_a_recipient_in_the_words_of_a_paste_are_told_by_number() {
    let refused = |world: &World, step, recipients: &[&str]| trace::Refusal {
        network_message_id: mail::NetworkMessageId(world.chance.uuid_v4()),
        step,
        reason: None,
        reply: "550 5.7.1 TRANSPORT.Denied; the client is not allowed to send".to_owned(),
        recipients: recipients.iter().map(|to| (*to).to_owned()).collect(),
        return_path: Some("a@lottery.example".to_owned()),
        message: None,
        message_id: None,
        client_ip: Some("198.51.100.4".parse().unwrap()),
        client_hostname: None,
        server_ip: None,
        connector_id: None,
        source_context: None,
    };
    let text = "gone@contoso.example\nServer returned '550 5.7.1 TRANSPORT.Denied; the client is not allowed to send'";
    for (number, said) in [
        (0_u8, None),
        (1, Some("The same reply was given once before a recipient was named")),
        (2, Some("The same reply was given 2 times before a recipient was named")),
    ] {
        let office = Office::with(|sim, world| {
            let (dir, config) = (Path::new("/data/trace"), trace::Config::new("mx1.contoso.example"));
            let trace = trace::Trace::open(&world.disk, &world.clock, &world.exec, dir, config).unwrap();
            (0..number).for_each(|_| trace.refusals().record(refused(world, events::RefusedStep::Mail, &[])));
            let to = ["nobody@contoso.example"];
            trace.refusals().record(refused(world, events::RefusedStep::Rcpt, &to));
            let own = trace.clone();
            sim.run(async move { own.refusals().close().await });
            Services { trace: Some(trace), ..Services::default() }
        });
        let (code, out, err) =
            office.ask(&["Get-MessageTrace", "-Paste", text, "-Format", "json"], Answer::NoTerminal);
        assert_eq!((code, out.trim()), (0, "[]"), "{err}");
        assert!(err.contains("other recipients (nobody@contoso.example)"), "{err}");
        let told = err.lines().find(|line| line.contains("before a recipient was named"));
        assert_eq!(told.map(|line| line.starts_with(said.unwrap_or("nothing"))), said.map(|_| true), "{err}");
    }
}

#[test]
fn what_was_found_by_its_id_is_not_said_to_be_missing() {
    let office = office();
    for words in [
        ["Get-MessageTrace", "-Paste", "Message-ID: <m10@fabrikam.example>"],
        ["Get-MessageTrace", "-MessageId", "m10@fabrikam.example"],
        ["Get-MessageTrace", "-MessageTraceId", &named(GROUP)],
    ] {
        let (code, out, err) = office.ask(&words, Answer::NoTerminal);
        assert!(code == 0 && !out.is_empty(), "{err}");
        assert!(!err.contains("rows may be missing"), "{err}");
    }
    let (_, _, err) =
        office.ask(&["Get-MessageTrace", "-Paste", "nobody@tailspin.example"], Answer::NoTerminal);
    assert_eq!(err.matches("rows may be missing").count(), 1, "{err}");
    assert!(!err.contains("1970"), "{err}");
}

#[test]
fn the_slowest_are_as_many_as_asked_and_in_their_order() {
    let office = office();
    let slowest = office.json("Get-MessageTrace -Slowest 100 -ResultSize 2 -StartDate 2000-01-01");
    assert_eq!(slowest.as_array().unwrap().len(), 2, "{slowest}");
}

#[test]
fn a_report_says_what_it_is_of_and_what_it_leaves_out() {
    let office = office();
    let words = ["Get-MessageTrace", "-ReportType", "Summary", "-Path", "-", "-Last", "2.00:00:00"];
    let (code, _, err) = office.ask(&words, Answer::NoTerminal);
    assert_eq!(code, 0, "{err}");
    assert!(err.contains("1 refused attempt not shown") && err.contains("From "), "{err}");
}

#[test]
fn a_server_that_observes_is_not_ill_for_want_of_what_it_does_not_do() {
    let office = Office::with(|_, _| Services { is_observer: true, ..Services::default() });
    let rows = office.json("Test-ServiceHealth");
    let status = |name: &str| {
        let row = rows.as_array().unwrap().iter().find(|row| row["Component"] == name).unwrap();
        row["Status"].as_str().unwrap().to_owned()
    };
    for name in ["Receive connectors", "Transport", "Mailbox store"] {
        assert_eq!(status(name), "Healthy", "{name}");
    }
}

#[test]
fn what_a_search_left_out_is_told_where_its_rows_are_counted() {
    use crate::pipeline::{Script, Session, Surroundings, run_statement};
    let office = office();
    let now = office.world.clock.now();
    let surroundings = Surroundings { now, zone: TimeZone::UTC };
    let socket =
        LocalSocket { net: office.world.net.clone(), path: SOCKET.into(), when_down: "no server".into() };
    let told = |line: &str| {
        let mut screen = Screen { out: String::new(), err: String::new(), answer: Answer::NoTerminal };
        let statement = Script::new(line, 1, &surroundings).next().unwrap();
        let mut session = Session {
            terminal: &mut screen,
            connect: &socket,
            surroundings: &surroundings,
            history: &[],
            names_lines: false,
        };
        office.sim.run(run_statement(&mut session, statement));
        (screen.out, screen.err)
    };
    for line in ["Get-MessageTrace | Group-Object Status", "Get-MessageTrace | Measure-Object"] {
        let (out, err) = told(line);
        assert!(!out.is_empty(), "{line}: {err}");
        assert!(err.contains("1 refused attempt not shown"), "{line}: {err}");
        assert!(err.contains("The last 48 hours"), "{line}: {err}");
    }
    // Lines of several recipients in one table say whose they are; those of one need not.
    let (out, _) = told("Get-MessageTrace | Get-MessageTraceDetail");
    assert!(out.contains("RecipientAddress") && out.contains("MessageTraceId"), "{out}");
    let (_, out, _) =
        office.ask(&["Get-MessageTraceDetail", &named(GROUP), "x@tailspin.example"], Answer::NoTerminal);
    assert!(!out.contains("RecipientAddress"), "{out}");
    let rows = office.json(&format!("Get-MessageTraceDetail {} x@tailspin.example", named(GROUP)));
    assert!(rows.as_array().unwrap().iter().all(|row| row["Place"].is_string() && row["Server"].is_string()));
}
