//! A source of type ProofpointPoD against a log service of our own: two streams, breaks, records that come twice.
//!
//! May touch: a simulated world (tests).

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Duration;

use directory::Secret;
use futures::SinkExt as _;
use parking_lot::Mutex;
use tokio_tungstenite::accept_hdr_async;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::server::{Callback, ErrorResponse, Request, Response};
use tokio_tungstenite::tungstenite::http::StatusCode;
use world::sim::SimWorld;

use super::sources::{spec, start, state};
use super::*;
use crate::places::SourceKind;
use crate::{Query, Trace};

const ADDRESS: &str = "127.0.0.1:8444";
const TOKEN: &str = "pod-token-value";

/// What the service sends on one connection before it breaks off; the last script stays open.
type Script = Vec<Message>;

#[derive(Default)]
struct Service {
    message: VecDeque<Script>,
    maillog: VecDeque<Script>,
    /// How long it waits after each record.
    pause: Duration,
    /// The addresses streams were opened with.
    opened: Vec<String>,
}

type Shared = Arc<Mutex<Service>>;

/// Looks at the token, and notes the address asked for.
struct Doorman<'a>(&'a mut String);

impl Callback for Doorman<'_> {
    fn on_request(self, request: &Request, answer: Response) -> Result<Response, ErrorResponse> {
        *self.0 = request.uri().to_string();
        let shown = request.headers().get("authorization").and_then(|value| value.to_str().ok());
        if shown == Some(&format!("Bearer {TOKEN}")) {
            return Ok(answer);
        }
        let mut refusal = ErrorResponse::new(None);
        *refusal.status_mut() = StatusCode::UNAUTHORIZED;
        Err(refusal)
    }
}

fn serve(sim: &SimWorld, service: &Shared) {
    let world = sim.world();
    let (service, own) = (Arc::clone(service), world.clone());
    world.exec.spawn("log service", async move {
        let address: SocketAddr = ADDRESS.parse().unwrap();
        let listener = own.net.listen(address).await.unwrap();
        loop {
            let conn = listener.accept().await.unwrap();
            let (service, clock) = (Arc::clone(&service), own.clock.clone());
            own.exec.spawn("log service connection", async move {
                let mut path = String::new();
                let opened = accept_hdr_async(conn.io, Doorman(&mut path));
                let Ok(mut socket) = opened.await else { return };
                let (script, is_last) = {
                    let mut service = service.lock();
                    service.opened.push(path.clone());
                    let scripts = if path.contains("type=message") {
                        &mut service.message
                    } else {
                        &mut service.maillog
                    };
                    (scripts.pop_front().unwrap_or_default(), scripts.is_empty())
                };
                let pause = service.lock().pause;
                for one in script {
                    if socket.send(one).await.is_err() {
                        return;
                    }
                    clock.sleep(pause).await;
                }
                if is_last {
                    clock.sleep(Duration::from_secs(10_000)).await;
                }
            });
        }
    });
}

fn message(number: u32, at: Timestamp) -> Message {
    Message::text(format!(
        r#"{{"guid":"g-{number}","ts":"{at}","connection":{{"ip":"192.0.2.1","host":"a.example","sid":"s{number}"}},"envelope":{{"from":"s@a.example","rcpts":["u{number}@contoso.example"]}},"msg":{{"normalizedHeader":{{"message-id":["{number}@a.example"],"subject":["Offer"]}},"sizeBytes":2048}},"filter":{{"qid":"Q{number}","disposition":"continue"}}}}"#
    ))
}

fn maillog(number: u32, at: Timestamp) -> Message {
    Message::text(format!(
        r#"{{"id":"x{number}","ts":"{at}","data":"raw","pps":{{"agent":"m1.example"}},"sm":{{"qid":"Q{number}","to":["<u{number}@contoso.example>"],"mailer":"esmtp","relay":"mail.contoso.example. [192.0.2.25]","dsn":"2.0.0","stat":"Sent (250 2.6.0 ok)"}}}}"#
    ))
}

fn kind(token: &str) -> SourceKind {
    SourceKind::ProofpointPoD {
        cluster: "contoso_hosted".into(),
        token: Secret::new(token),
        url: format!("ws://{ADDRESS}"),
    }
}

/// Rows, and how many of them were handed on.
fn all(trace: &Trace) -> (u64, usize) {
    let found = trace.search_blocking(&Query::default()).unwrap();
    let handed =
        found.rows.iter().filter(|row| row.detail.as_deref().unwrap_or_default().starts_with("Handed on"));
    (found.total, handed.count())
}

#[test]
fn both_streams_are_read_over_breaks_and_repeated_records() {
    let sim = SimWorld::new(9);
    let service: Shared = Arc::new(Mutex::new(Service::default()));
    serve(&sim, &service);
    let (world, trace) = start(&sim);
    let now = world.clock.now();
    let at = |secs: i64| now.checked_add(jiff::SignedDuration::from_secs(secs)).unwrap();
    {
        let mut service = service.lock();
        service.message.extend([
            vec![message(1, at(-30)), message(2, at(-20))],
            // What came already comes again.
            vec![message(1, at(-30)), message(2, at(-20)), message(3, at(5))],
            vec![Message::Ping("x".into()), message(3, at(5))],
        ]);
        service.maillog.extend([
            vec![maillog(1, at(-29))],
            vec![maillog(1, at(-29)), maillog(2, at(-19)), Message::text("no record"), maillog(3, at(6))],
            vec![Message::text("no record"), maillog(3, at(6))],
        ]);
    }
    trace.sources().unwrap().add(spec("pod", kind(TOKEN))).unwrap();
    sim.advance(Duration::from_secs(60));
    assert_eq!(all(&trace), (3, 3));
    let found = state(&trace);
    // What came twice without being understood counts once.
    assert_eq!((&found.error, found.unknown, found.last_record), (&None, 1, Some(at(6))));
    assert!(found.unknown_lines[0].ends_with("text that is no JSON object: no record"), "{found:?}");
    {
        let opened = service.lock().opened.clone();
        let messages: Vec<&String> = opened.iter().filter(|path| path.contains("type=message")).collect();
        assert_eq!((messages.len(), opened.len()), (3, 6), "{opened:?}");
        let since = |at: Timestamp| {
            format!("cid=contoso_hosted&type=message&sinceTime={}", format!("{at:.3}").replace(':', "%3A"))
        };
        assert!(messages[0].ends_with(&since(at(-3_600))), "{opened:?}");
        assert!(
            messages[1].ends_with(&since(at(-80))),
            "from the last record on, with a minute to spare: {opened:?}"
        );
        assert!(messages[2].ends_with(&since(at(-55))), "{opened:?}");
    }
    // After a restart from there, not from the beginning.
    assert!(!format!("{:?}", trace.sources().unwrap().list()).contains(TOKEN));
    drop(trace);
    let before = service.lock().opened.len();
    let (_, again) = start(&sim);
    sim.advance(Duration::from_secs(5));
    assert_eq!(all(&again), (3, 3));
    let opened = service.lock().opened[before..].to_vec();
    let first = opened.iter().find(|path| path.contains("type=maillog")).unwrap();
    assert!(
        first.contains(&format!("sinceTime={}", format!("{:.3}", at(-54)).replace(':', "%3A"))),
        "{opened:?}"
    );
}

#[test]
fn a_token_that_is_not_taken_and_one_stream_that_fails_are_told() {
    let sim = SimWorld::new(9);
    let service: Shared = Arc::new(Mutex::new(Service::default()));
    serve(&sim, &service);
    let (world, trace) = start(&sim);
    trace.sources().unwrap().add(spec("pod", kind("wrong-token-value"))).unwrap();
    sim.advance(Duration::from_secs(5));
    let error = state(&trace).error.unwrap();
    assert!(error.contains("401") && error.contains("check the token"), "{error}");
    assert!(!error.contains("wrong-token-value"), "{error}");
    // One stream gives records, the other breaks off again and again: the error of that one stays.
    {
        let now = world.clock.now();
        let mut service = service.lock();
        service.message.extend([vec![message(1, now)]]);
        service.maillog.extend(std::iter::repeat_n(Vec::new(), 50));
    }
    trace.sources().unwrap().set(spec("pod", kind(TOKEN))).unwrap();
    sim.advance(Duration::from_secs(3));
    let found = state(&trace);
    assert_eq!(found.records, 1);
    assert!(found.error.unwrap().starts_with("the maillog stream: "), "{:?}", state(&trace).errors);
}

#[test]
fn a_record_of_tomorrow_does_not_skip_what_comes_before_it() {
    let sim = SimWorld::new(9);
    let service: Shared = Arc::new(Mutex::new(Service::default()));
    serve(&sim, &service);
    let (world, trace) = start(&sim);
    let now = world.clock.now();
    let at = |secs: i64| now.checked_add(jiff::SignedDuration::from_secs(secs)).unwrap();
    service.lock().message.extend([
        vec![message(1, at(-600)), message(2, at(80_000_000)), message(3, at(40_000))],
        vec![message(1, at(-600))],
    ]);
    service.lock().maillog.extend([Vec::new()]);
    trace.sources().unwrap().add(spec("pod", kind(TOKEN))).unwrap();
    sim.advance(Duration::from_secs(30));
    let opened = service.lock().opened.clone();
    let again = opened.iter().filter(|path| path.contains("type=message")).nth(1).unwrap();
    let since = again.rsplit_once("sinceTime=").unwrap().1.replace("%3A", ":");
    assert!(since.parse::<Timestamp>().unwrap() <= world.clock.now(), "{again}");
    assert_eq!(state(&trace).unknown, 1);
    assert!(trace.store().days().len() <= 2, "{:?}", trace.store().days());
}

#[test]
fn a_stream_that_never_pauses_is_written_all_the_same() {
    let sim = SimWorld::new(9);
    let service: Shared = Arc::new(Mutex::new(Service::default()));
    serve(&sim, &service);
    let (world, trace) = start(&sim);
    service.lock().pause = Duration::from_millis(700);
    service.lock().message.push_back((1..40).map(|number| message(number, world.clock.now())).collect());
    trace.sources().unwrap().add(spec("pod", kind(TOKEN))).unwrap();
    sim.advance(Duration::from_secs(8));
    let written = state(&trace).records;
    assert!((5..15).contains(&written), "{written} records after 8 s");
}
