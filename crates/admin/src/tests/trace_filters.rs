//! Every condition of a search, asked of stored mail by cmdlet, saved search, HTTP, stream and Graph.
//! May touch: a simulated world.

use std::path::Path;

use axum::body::Body;
use axum::http::Request;
use events::{Directionality, Event, EventId, EventRecipient, MessageFacts, Source};
use jiff::{SignedDuration, Timestamp};
use mail::{InternalMessageId, MessageId, NetworkMessageId};
use serde_json::json;
use tower::ServiceExt as _;
use trace::{EventKey, NodeId, Trace};
use uuid::Uuid;

use super::*;

/// What differs between the messages of the test.
struct Letter {
    number: u8,
    subject: &'static str,
    from: &'static str,
    return_path: &'static str,
    to: &'static str,
    client: &'static str,
    connector: &'static str,
    tls: Option<&'static str>,
    size: u64,
    direction: Directionality,
    server: &'static str,
    pairs: &'static [(&'static str, &'static str)],
    /// The last event and how long after the first.
    end: (EventId, Source, i64),
    is_deferred: bool,
}

/// `A` from outside, `B` to outside, `C` inside.
const LETTERS: &[Letter] = &[
    Letter {
        number: 1,
        subject: "Plans for the Übersicht",
        from: "editor@shop.example",
        return_path: "bounce@lists.example",
        to: "kim@contoso.example",
        client: "192.0.2.10",
        connector: "Default Frontend MX1",
        tls: Some("TLS1.3 TLS_AES_256_GCM_SHA384"),
        size: 2_048,
        direction: Directionality::Incoming,
        server: "mx1.contoso.example",
        pairs: &[
            ("AuthenticationResults", "spf=pass (sender IP is 192.0.2.10); dkim=fail; dmarc=none"),
            ("TRA", "ETR|ruleId=Disclaimer 7|st=1|action=ApplyHtmlDisclaimer"),
        ],
        end: (EventId::Deliver, Source::StoreDriver, 3),
        is_deferred: false,
    },
    Letter {
        number: 2,
        subject: "Quarterly plans",
        from: "kim@contoso.example",
        return_path: "kim@contoso.example",
        to: "x@tailspin.example",
        client: "198.51.100.7",
        connector: "Client Proxy MX1",
        tls: None,
        size: 20 << 20,
        direction: Directionality::Originating,
        server: "mx2.contoso.example",
        pairs: &[("FinalAction", "Quarantined; Discarded"), ("SPF", "softfail"), ("DMARC", "fail")],
        end: (EventId::SendExternal, Source::Smtp, 40),
        is_deferred: true,
    },
    Letter {
        number: 3,
        subject: "Plans",
        from: "kim@contoso.example",
        return_path: "kim@contoso.example",
        to: "ann@contoso.example",
        client: "2001:db8::7",
        connector: "Client Proxy MX1",
        tls: Some("TLS1.2 TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"),
        size: 100,
        direction: Directionality::Originating,
        server: "mx1.contoso.example",
        pairs: &[],
        end: (EventId::Deliver, Source::StoreDriver, 9),
        is_deferred: false,
    },
];

fn events(letter: &Letter, now: Timestamp) -> Vec<Event> {
    let began = now.checked_sub(SignedDuration::from_mins(30 + i64::from(letter.number))).unwrap();
    let id = NetworkMessageId(Uuid::from_u128(u128::from(letter.number)));
    let at = |seconds| began.checked_add(SignedDuration::from_secs(seconds)).unwrap();
    let event = |seconds, id_of, source| {
        let mut event = Event::new(at(seconds), id_of, source, id);
        event.received = began;
        event.internal_message_id = Some(InternalMessageId(u64::from(letter.number)));
        event.server_hostname = Some(letter.server.to_owned());
        event.recipients = vec![EventRecipient { address: letter.to.to_owned(), status: String::new() }];
        event
    };
    let mut first = event(0, EventId::Receive, Source::Smtp);
    first.message_id = Some(MessageId::parse(&format!("l{}@shop.example", letter.number)).unwrap());
    first.client_ip = Some(letter.client.parse().unwrap());
    first.connector_id = Some(letter.connector.to_owned());
    first.detail.tls = letter.tls.map(str::to_owned);
    first.message = Some(MessageFacts {
        subject: letter.subject.to_owned(),
        sender_address: letter.from.to_owned(),
        from_address: Some(letter.from.to_owned()),
        return_path: letter.return_path.to_owned(),
        total_bytes: letter.size,
        directionality: letter.direction,
        ..MessageFacts::default()
    });
    let mut note = event(1, EventId::AgentInfo, Source::Agent);
    note.custom_data =
        letter.pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    let deferred = letter.is_deferred.then(|| event(2, EventId::Defer, Source::Smtp));
    let mut last = event(letter.end.2, letter.end.0, letter.end.1);
    last.detail.next_hop = (letter.end.0 == EventId::SendExternal).then_some(events::NextHop::Outside);
    [first, note].into_iter().chain(deferred).chain([last]).collect()
}

fn office() -> Office {
    Office::with(|_, world| {
        let dir = Path::new("/data/trace");
        let config = trace::Config::new("mx1.contoso.example");
        let trace = Trace::open(&world.disk, &world.clock, &world.exec, dir, config).unwrap();
        let now = world.clock.now();
        let all = (1..).zip(LETTERS.iter().flat_map(|letter| events(letter, now)));
        let keyed = all.map(|(seq, event)| (EventKey { node: NodeId(1), seq }, event)).collect();
        trace.store().import(keyed).unwrap();
        Services { trace: Some(trace), ..Services::default() }
    })
}

/// The letters of the rows found, in the order of their numbers.
fn letters(rows: &Value) -> String {
    let ids = rows.as_array().unwrap().iter().map(|row| row["MessageTraceId"].as_str().unwrap().to_owned());
    let mut found: Vec<char> =
        ids.map(|id| char::from(b'@' + id.parse::<Uuid>().unwrap().as_bytes()[15])).collect();
    found.sort_unstable();
    found.dedup();
    found.into_iter().collect()
}

/// Conditions as they are typed, and whom they find.
const CONDITIONS: &[(&[&str], &str)] = &[
    (&["-SenderAddress", "kim@contoso.example,editor@shop.example"], "ABC"),
    (&["-SenderAddress", "*@contoso.example"], "BC"),
    (&["-SenderAddress", "edi*"], "A"),
    (&["-SenderAddress", "*@sho*,*oun*"], "A"),
    (&["-FromAddress", "editor@shop.example"], "A"),
    (&["-FromAddress", "bounce@lists.example"], ""),
    (&["-ReturnPath", "bounce@lists.example"], "A"),
    (&["-ReturnPath", "editor@shop.example"], ""),
    (&["-NotSenderAddress", "*@contoso.example"], "A"),
    (&["-RecipientAddress", "kim@contoso.example,ann@contoso.example"], "AC"),
    (&["-RecipientAddress", "*@contoso.example", "-NotRecipientAddress", "ann*"], "A"),
    (&["-NotRecipientAddress", "*@contoso.example"], "B"),
    (&["-Subject", "PLANS"], "ABC"),
    (&["-Subject", "plans", "-SubjectFilterType", "StartsWith"], "AC"),
    (&["-Subject", "PLANS", "-SubjectFilterType", "EndsWith"], "BC"),
    (&["-Subject", "plans", "-SubjectFilterType", "Equals"], "C"),
    (&["-Subject", "ÜBERSICHT"], "A"),
    (&["-NotSubject", "quarterly"], "AC"),
    (&["-MessageId", "l2@shop.example"], "B"),
    (&["-MessageId", "<l2@shop.example>,<l3@shop.example>"], "BC"),
    (&["-NetworkMessageId", "00000000-0000-0000-0000-000000000003"], "C"),
    (&["-InternalMessageId", "1"], "A"),
    (&["-Status", "Delivered,Failed"], "ABC"),
    (&["-Direction", "Inbound"], "A"),
    (&["-Direction", "Outbound"], "B"),
    (&["-Direction", "Internal"], "C"),
    (&["-Direction", "Internal", "-RecipientAddress", "k*"], ""),
    (&["-Direction", "Originating"], "BC"),
    (&["-FromIP", "192.0.2.10"], "A"),
    (&["-FromIP", "192.0.2.0/24,2001:db8::/32"], "AC"),
    (&["-Server", "MX2.contoso.example"], "B"),
    (&["-Server", "mx1*"], "AC"),
    (&["-Server", "mx1"], "AC"),
    (&["-Server", "mx1.contoso.example"], "AC"),
    (&["-ConnectorId", "default frontend mx1"], "A"),
    (&["-ConnectorId", "client*,nothing"], "BC"),
    (&["-TransportRule", "disclaimer*"], "A"),
    (&["-EventId", "DEFER"], "B"),
    (&["-EventId", "deliver,SENDEXTERNAL"], "ABC"),
    (&["-MinimumSize", "1KB"], "AB"),
    (&["-MinimumSize", "1KB", "-MaximumSize", "1MB"], "A"),
    (&["-MaximumSize", "100"], "C"),
    (&["-Tls", "TLS1.3"], "A"),
    (&["-Tls", "TLS1.2,TLS_AES_256_GCM_SHA384"], "AC"),
    (&["-Tls", "*"], "AC"),
    (&["-Tls", "None"], "B"),
    (&["-Spf", "Pass"], "A"),
    (&["-Spf", "Pass,SoftFail"], "AB"),
    (&["-Dkim", "fail"], "A"),
    (&["-Dmarc", "Fail"], "B"),
    (&["-Dmarc", "None"], "A"),
    (&["-FinalAction", "quarantined*"], "B"),
    (&["-Slowest", "1"], "B"),
    (&["-Slowest", "2"], "BC"),
    (&["-Tls", "*", "-NotSenderAddress", "editor*", "-MaximumSize", "1KB", "-Status", "Delivered"], "C"),
];

/// The body of a call over HTTP, with every value as text or list of texts.
fn body(words: &[&str]) -> Value {
    let pairs = words.chunks(2).map(|pair| {
        let name = pair[0].trim_start_matches('-').to_owned();
        let is_number = name == "Slowest" || name == "InternalMessageId";
        let value = match pair[1].split(',').collect::<Vec<_>>().as_slice() {
            [one] if is_number => one.parse::<i64>().unwrap().into(),
            [one] => json!(one),
            many => json!(many),
        };
        (name, value)
    });
    Value::Object(pairs.collect())
}

fn call(office: &Office, request: Request<Body>) -> (u16, Value) {
    let router = http::router(office.instance.clone(), Access::LocalSocket);
    office.sim.run(async move {
        let response = router.oneshot(request).await.unwrap();
        let status = response.status().as_u16();
        let body = axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
        (status, serde_json::from_slice(&body).unwrap_or(Value::Null))
    })
}

fn post(office: &Office, cmdlet: &str, body: &Value) -> (u16, Value) {
    let request = Request::post(format!("/api/v1/cmdlets/{cmdlet}"));
    let request = request.header("content-type", "application/json");
    call(office, request.body(Body::from(body.to_string())).unwrap())
}

#[test]
fn each_condition_finds_its_messages_by_cmdlet_http_and_saved_search() {
    let office = office();
    for (number, (words, expected)) in CONDITIONS.iter().enumerate() {
        for cmdlet in ["Get-MessageTrace", "Get-MessageTraceV2"] {
            let line: Vec<&str> =
                [cmdlet].into_iter().chain(words.iter().copied()).chain(["-Format", "json"]).collect();
            let (code, out, err) = office.ask(&line, Answer::NoTerminal);
            assert_eq!(code, 0, "{words:?}: {err}");
            let rows: Value = serde_json::from_str(&out).unwrap();
            assert_eq!(letters(&rows), *expected, "{cmdlet} {words:?}");
            let (status, answer) = post(&office, cmdlet, &body(words));
            assert_eq!((status, letters(&answer["value"])), (200, (*expected).to_owned()), "{words:?}");
        }
        let name = format!("Search {number}");
        let line: Vec<&str> =
            ["New-MessageTraceQuery", &name].into_iter().chain(words.iter().copied()).collect();
        let (code, _, err) = office.ask(&line, Answer::NoTerminal);
        assert_eq!(code, 0, "{words:?}: {err}");
        let (_, out, _) =
            office.ask(&["Get-MessageTrace", "-Query", &name, "-Format", "json"], Answer::NoTerminal);
        assert_eq!(letters(&serde_json::from_str(&out).unwrap()), *expected, "saved: {words:?}");
    }
}

#[test]
fn events_are_found_by_the_conditions_of_their_messages() {
    let office = office();
    let own =
        ["Server", "Place", "EventId", "Status", "Slowest", "Subject", "SenderAddress", "RecipientAddress"];
    let mut asked = 0;
    for (words, expected) in CONDITIONS {
        if words.iter().any(|word| own.contains(&word.trim_start_matches('-'))) {
            continue;
        }
        if words[0] == "-MessageId" && words[1].contains(',') {
            continue;
        }
        let mut body = body(words);
        body["ResultSize"] = json!("Unlimited");
        let (status, answer) = post(&office, "Get-MessageTrackingLog", &body);
        assert_eq!(status, 200, "{words:?}: {answer}");
        let ids = answer["value"]
            .as_array()
            .unwrap()
            .iter()
            .map(|event| json!({ "MessageTraceId": event["NetworkMessageId"] }));
        assert_eq!(letters(&ids.collect()), *expected, "{words:?}");
        asked += 1;
    }
    assert!(asked > 30, "{asked}");
}

#[test]
fn graph_takes_the_same_conditions() {
    let office = office();
    let filters = [
        ("senderAddress in ('kim@contoso.example','nobody@contoso.example')", "BC"),
        ("recipientAddress ne 'kim@contoso.example'", "BC"),
        ("startsWith(recipientAddress,'kim')", "A"),
        ("contains(senderAddress,'kim')", "BC"),
        ("subject eq 'PLANS'", "C"),
        ("endsWith(subject,'plans')", "BC"),
        ("size ge 1024 and size le 1048576", "A"),
        ("direction eq 'internal'", "C"),
        ("fromIP eq '192.0.2.0/24'", "A"),
        ("server eq 'mx2*' and connectorId eq 'client*'", "B"),
        ("transportRule eq 'Disclaimer 7'", "A"),
        ("eventId eq 'DEFER'", "B"),
        ("tls eq 'None'", "B"),
        ("spf in ('pass','softfail') and dmarc eq 'none' and dkim eq 'fail'", "A"),
        ("finalAction eq '*discarded'", "B"),
    ];
    for (filter, expected) in filters {
        let escaped = filter.replace(' ', "%20");
        let path = format!("/v1.0/admin/exchange/tracing/messageTraces?$filter={escaped}");
        let (status, answer) = call(&office, Request::get(path).body(Body::empty()).unwrap());
        assert_eq!(status, 200, "{filter}: {answer}");
        let rows = answer["value"].as_array().unwrap().iter();
        let ids: Value = rows.map(|row| json!({ "MessageTraceId": row["id"] })).collect();
        assert_eq!(letters(&ids), expected, "{filter}");
    }
}

#[test]
fn values_that_are_none_are_refused_with_those_there_are() {
    let office = office();
    for (words, part) in [
        (&["-Direction", "Sideways"][..], "All, Inbound, Outbound, Internal"),
        (&["-EventId", "RECIEVE"], "did you mean RECEIVE?"),
        (&["-Spf", "maybe"], "Pass, Fail, SoftFail, Neutral, None"),
        (&["-SubjectFilterType", "Like", "-Subject", "x"], "Contains, StartsWith, EndsWith, Equals"),
        (&["-FromIP", "192.0.2.0/33"], "a network such as 192.0.2.0/24"),
        (&["-FromIP", "contoso.example"], "an IP address such as 192.0.2.10"),
        (&["-MinimumSize", "big"], "-MinimumSize"),
        (&["-MinimumSize", "2MB", "-MaximumSize", "1MB"], "exchange them"),
        (&["-Tls", "None,TLS1.3"], "None alone"),
        (&["-Server", " "], "empty value"),
        (&["-FromAddress", " "], ""),
        (&["-Status", "Lost"], "GettingStatus, Pending"),
        (&["-Slowest", "0"], "from 1 to"),
    ] {
        let line: Vec<&str> = ["Get-MessageTrace"].into_iter().chain(words.iter().copied()).collect();
        let (code, _, err) = office.ask(&line, Answer::NoTerminal);
        if !part.is_empty() {
            assert!(code != 0 && err.contains(part), "{words:?}: {err}");
            assert_eq!(post(&office, "Get-MessageTrace", &body(words)).0, 400, "{words:?}");
        }
    }
}
