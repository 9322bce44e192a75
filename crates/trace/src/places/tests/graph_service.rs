//! A source of type ExchangeOnline against a Graph of our own: pages, limits, breaks, late and changing rows.
//!
//! May touch: a simulated world (tests).

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use directory::Secret;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use mail::NetworkMessageId;
use parking_lot::Mutex;
use serde_json::{Value, json};
use world::sim::SimWorld;
use world::{Clock, World};

use super::sources::{spec, start, state};
use super::*;
use crate::places::{ExchangeOnlineAccess, SourceKind};
use crate::{Query, Status, Trace};

const ADDRESS: &str = "127.0.0.1:8443";
const SECRET: &str = "very-secret-value";

/// What the service does instead of answering.
enum Trouble {
    Throttle { secs: u32 },
    BreakOff,
    TokenExpired,
    Error(u16),
}

#[derive(Default)]
struct Service {
    rows: Vec<Value>,
    details: Vec<Value>,
    troubles: VecDeque<Trouble>,
    /// When the trace was called, and with which path.
    calls: Vec<(Duration, String)>,
    tokens: u32,
    page_size: usize,
    /// A link given instead of the right one.
    wrong_link: Option<String>,
}

type Shared = Arc<Mutex<Service>>;

fn serve(sim: &SimWorld, service: &Shared) {
    let world = sim.world();
    let (service, own) = (Arc::clone(service), world.clone());
    world.exec.spawn("graph", async move {
        let address: SocketAddr = ADDRESS.parse().unwrap();
        let listener = own.net.listen(address).await.unwrap();
        loop {
            let conn = listener.accept().await.unwrap();
            let (service, clock) = (Arc::clone(&service), own.clock.clone());
            own.exec.spawn("graph connection", async move {
                let answer = service_fn(move |request| respond(Arc::clone(&service), clock.clone(), request));
                // A break is an error of the handler, and ends the connection.
                let _ = hyper::server::conn::http1::Builder::new()
                    .serve_connection(TokioIo::new(conn.io), answer)
                    .await;
            });
        }
    });
}

type Answer = Response<Full<Bytes>>;

fn answer(status: u16, body: &Value) -> Answer {
    Response::builder().status(status).body(Full::new(Bytes::from(body.to_string()))).unwrap()
}

async fn respond(
    service: Shared,
    clock: Clock,
    request: Request<Incoming>,
) -> Result<Answer, std::io::Error> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    let path = head.uri.path_and_query().unwrap().to_string();
    let mut service = service.lock();
    if path == "/contoso.example/oauth2/v2.0/token" {
        let form = String::from_utf8(body.to_vec()).unwrap();
        if !form.contains(&format!("client_secret={SECRET}"))
            || !form.contains("grant_type=client_credentials")
        {
            let why = json!({ "error": "invalid_client", "error_description": "AADSTS7000215: Invalid client secret.\r\nTrace ID: x" });
            return Ok(answer(401, &why));
        }
        assert!(form.contains("client_id=app-1") && form.contains("%2F.default"), "{form}");
        service.tokens += 1;
        let token = json!({ "access_token": format!("token-{}", service.tokens), "expires_in": 3_600 });
        return Ok(answer(200, &token));
    }
    service.calls.push((clock.elapsed(), path.clone()));
    match service.troubles.pop_front() {
        Some(Trouble::Throttle { secs }) => {
            let mut answer = answer(429, &json!({ "error": { "message": "Too many requests" } }));
            answer.headers_mut().insert("retry-after", secs.to_string().parse().unwrap());
            return Ok(answer);
        }
        Some(Trouble::BreakOff) => return Err(std::io::Error::other("broken off")),
        Some(Trouble::TokenExpired) => return Ok(answer(401, &json!({ "error": { "message": "expired" } }))),
        Some(Trouble::Error(status)) => {
            return Ok(answer(status, &json!({ "error": { "message": "not now" } })));
        }
        None => {}
    }
    let shown = head.headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default();
    assert_eq!(shown, format!("Bearer token-{}", service.tokens));
    if path.contains("getDetailsByRecipient") {
        return Ok(answer(200, &json!({ "value": service.details })));
    }
    Ok(page(&service, &decoded(&path)))
}

/// The rows of the window asked for, a page of them.
fn page(service: &Service, path: &str) -> Answer {
    let after = |text: &str| -> Timestamp {
        let rest = path.split_once(text).unwrap().1;
        rest.split([' ', '&']).next().unwrap().parse().unwrap()
    };
    let (from, until) = (after("receivedDateTime ge "), after("receivedDateTime le "));
    assert!(until.duration_since(from) <= jiff::SignedDuration::from_hours(240), "{path}");
    let skip: usize = path.split_once("$skiptoken=").map_or(0, |(_, rest)| rest.parse().unwrap());
    let at = |row: &Value| row["receivedDateTime"].as_str().unwrap().parse::<Timestamp>().unwrap();
    let found: Vec<&Value> = service.rows.iter().filter(|row| (from..=until).contains(&at(row))).collect();
    let rows: Vec<&Value> = found.iter().skip(skip).take(service.page_size).copied().collect();
    let mut body = json!({ "@odata.context": "x", "value": rows });
    if skip + rows.len() < found.len() {
        let base = path.split("&$skiptoken").next().unwrap().replace(' ', "%20");
        let link = format!("http://{ADDRESS}{base}&$skiptoken={}", skip + rows.len());
        body["@odata.nextLink"] = service.wrong_link.clone().unwrap_or(link).into();
    }
    answer(200, &body)
}

fn decoded(path: &str) -> String {
    path.replace("%20", " ").replace("%3A", ":")
}

fn id(number: u128) -> String {
    uuid::Uuid::from_u128(number << 64 | 0x7000_0000_0000_0000).to_string()
}

fn row(number: u128, at: Timestamp, status: &str) -> Value {
    json!({
        "id": id(number), "messageId": format!("<{number}@a.example>"), "receivedDateTime": at.to_string(),
        "senderAddress": "s@a.example", "recipientAddress": format!("u{number}@contoso.example"),
        "subject": "Offer", "size": 2_048, "fromIP": "192.0.2.1", "toIP": null, "status": status,
    })
}

fn kind(secret: &str) -> SourceKind {
    SourceKind::ExchangeOnline(ExchangeOnlineAccess {
        tenant: "contoso.example".into(),
        application: "app-1".into(),
        secret: Secret::new(secret),
        graph: format!("http://{ADDRESS}"),
        login: format!("http://{ADDRESS}"),
    })
}

fn all(trace: &Trace) -> (u64, usize) {
    let query = Query { start: Some(Timestamp::UNIX_EPOCH), page_size: 5_000, ..Query::default() };
    let found = trace.search_blocking(&query).unwrap();
    let delivered = found.rows.iter().filter(|row| row.status == Status::Delivered).count();
    (found.total, delivered)
}

fn begin(sim: &SimWorld, page_size: usize) -> (Shared, World, Trace) {
    let service: Shared = Arc::new(Mutex::new(Service { page_size, ..Service::default() }));
    serve(sim, &service);
    let (world, trace) = start(sim);
    (service, world, trace)
}

#[test]
fn pages_throttling_breaks_and_a_restart_lose_and_double_nothing() {
    let sim = SimWorld::new(5);
    let (service, world, trace) = begin(&sim, 2);
    let now = world.clock.now();
    let back = |hours: i64| now.checked_sub(jiff::SignedDuration::from_hours(hours)).unwrap();
    {
        let mut service = service.lock();
        service.rows = (1..=7).map(|number| row(number, back(20 * number as i64), "delivered")).collect();
        service.rows.push(row(8, back(1), "pending"));
        service.troubles.extend([
            Trouble::BreakOff,
            Trouble::Throttle { secs: 37 },
            Trouble::Error(500),
            Trouble::TokenExpired,
        ]);
    }
    trace.sources().unwrap().add(spec("cloud", kind(SECRET))).unwrap();
    sim.advance(Duration::from_secs(240));
    assert_eq!(all(&trace), (8, 7));
    {
        let service = service.lock();
        let asked: Vec<Duration> = service.calls.iter().map(|call| call.0).collect();
        // The second call was throttled: nothing was asked for as long as it was told.
        assert!(asked[2] - asked[1] >= Duration::from_secs(37), "{asked:?}");
        assert_eq!(service.tokens, 2, "a token that is not taken is renewed once");
    }
    let found = state(&trace);
    assert_eq!((found.error, found.last_record), (None, Some(back(1))));
    // The pending one arrives, and a row appears late.
    {
        let mut service = service.lock();
        service.rows[7]["status"] = "delivered".into();
        let late = now.checked_sub(jiff::SignedDuration::from_mins(20)).unwrap();
        service.rows.push(row(9, late, "delivered"));
    }
    sim.advance(Duration::from_secs(130));
    assert_eq!(all(&trace).0, 9);
    // An hour old and more is read again with the sweep of the last day.
    sim.advance(Duration::from_secs(6 * 3_600));
    assert_eq!(all(&trace), (9, 9));
    let before = service.lock().calls.len();
    let newest = state(&trace).last_record;
    // A new start goes on where this one stopped, and remembers the newest record.
    let sources = trace.sources().unwrap();
    assert!(!format!("{:?}", sources.list()).contains(SECRET), "a secret is shown");
    drop(trace);
    let (_, again) = start(&sim);
    sim.advance(Duration::from_secs(10));
    assert_eq!((all(&again), state(&again).last_record), ((9, 9), newest));
    let calls = service.lock().calls[before..].to_vec();
    let oldest = decoded(&calls.last().unwrap().1);
    assert!(calls.len() <= 4 && !oldest.contains(&format!("ge {:.3}", back(240))), "{calls:?}");
}

#[test]
fn the_limit_of_calls_is_kept_with_room_for_details() {
    let sim = SimWorld::new(5);
    let (service, world, trace) = begin(&sim, 1);
    let now = world.clock.now();
    service.lock().rows = (1..=200)
        .map(|number: u128| {
            let ago = jiff::SignedDuration::from_mins(60 + i64::try_from(number).unwrap());
            row(number, now.checked_sub(ago).unwrap(), "delivered")
        })
        .collect();
    trace.sources().unwrap().add(spec("cloud", kind(SECRET))).unwrap();
    sim.advance(Duration::from_secs(200));
    assert_eq!(all(&trace).0, 80, "eighty calls of a hundred are for reading");
    assert!(state(&trace).error.unwrap().contains("pause"));
    // Somebody asks: there is room for that.
    let asked = NetworkMessageId(id(3).parse().unwrap());
    let gaps = sim.run(trace.ask_for_details(asked, "u3@contoso.example"));
    assert_eq!(gaps, []);
    sim.advance(Duration::from_secs(1_000));
    assert_eq!((all(&trace), state(&trace).error), ((200, 200), None));
    let calls = service.lock().calls.clone();
    for (at, _) in &calls {
        let within = calls.iter().filter(|(other, _)| other >= at && *other < *at + Duration::from_secs(300));
        assert!(within.count() <= 100);
    }
}

#[test]
fn details_are_asked_for_when_somebody_asks() {
    let sim = SimWorld::new(5);
    let (service, world, trace) = begin(&sim, 100);
    let now = world.clock.now();
    {
        let mut service = service.lock();
        service.rows.push(row(1, now, "pending"));
        let at = now.to_string();
        service.details = vec![
            json!({ "id": id(1), "messageId": "<1@a.example>", "dateTime": at, "event": "Spam Diagnostics", "action": "", "description": "not spam", "data": "<root/>" }),
            json!({ "id": id(1), "messageId": "<1@a.example>", "date": at, "event": "Deliver", "action": "", "description": "in the Inbox", "data": "" }),
        ];
    }
    trace.sources().unwrap().add(spec("cloud", kind(SECRET))).unwrap();
    sim.advance(Duration::from_secs(5));
    assert_eq!(all(&trace), (1, 0));
    let (message, recipient) = (NetworkMessageId(id(1).parse().unwrap()), "u1@contoso.example");
    let detail =
        |trace: &Trace| sim.run(trace.detail(message, recipient, &crate::Cut::default())).unwrap().unwrap();
    let before = detail(&trace).events.len();
    let calls = || service.lock().calls.iter().filter(|call| call.1.contains("getDetails")).count();
    assert_eq!(sim.run(trace.ask_for_details(message, recipient)), []);
    assert_eq!((detail(&trace).events.len(), all(&trace), calls()), (before + 2, (1, 1), 1));
    // Not again within five minutes, and never for what this source does not know.
    sim.run(trace.ask_for_details(message, "U1@contoso.example"));
    sim.run(trace.ask_for_details(NetworkMessageId(id(99).parse().unwrap()), recipient));
    assert_eq!(calls(), 1);
    sim.advance(Duration::from_secs(301));
    service.lock().troubles.push_back(Trouble::Throttle { secs: 500 });
    let gaps = sim.run(trace.ask_for_details(message, recipient));
    assert!(gaps[0].cause.contains("takes no more calls for 500 s"), "{gaps:?}");
    assert_eq!(detail(&trace).events.len(), before + 2);
}

#[test]
fn a_wrong_secret_and_a_foreign_link_are_told_and_not_followed() {
    let sim = SimWorld::new(5);
    let (service, world, trace) = begin(&sim, 1);
    let now = world.clock.now();
    trace.sources().unwrap().add(spec("cloud", kind("wrong-one"))).unwrap();
    sim.advance(Duration::from_secs(5));
    let error = state(&trace).error.unwrap();
    assert!(
        error.contains("Invalid client secret")
            && !error.contains("wrong-one")
            && !error.contains("Trace ID"),
        "{error}"
    );
    assert!(service.lock().calls.is_empty());
    {
        let mut service = service.lock();
        service.rows = vec![row(1, now, "delivered"), row(2, now, "delivered")];
        service.wrong_link = Some("https://evil.example/v1.0/x".into());
    }
    trace.sources().unwrap().set(spec("cloud", kind(SECRET))).unwrap();
    sim.advance(Duration::from_secs(5));
    let error = state(&trace).error.unwrap();
    assert!(error.contains("not followed"), "{error}");
}
