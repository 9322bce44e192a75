//! A source of type Http: posted lines and JSON, once, twice and after a restart.
//!
//! May touch: a simulated world (tests).

use directory::Secret;
use world::sim::SimWorld;

use super::sources::{message, spec, start, state, total};
use crate::Trace;
use crate::places::{ImportError, PostError, Posted, SourceKind};

const TOKEN: &str = "sixteen-characters";

fn post(sim: &SimWorld, trace: &Trace, text: &str) -> Result<Posted, PostError> {
    sim.run(trace.sources().unwrap().post("GW", text.into()))
}

#[test]
fn posted_records_are_taken_once_in_pieces_and_again() {
    let sim = SimWorld::new(4);
    let (_, trace) = start(&sim);
    let sources = trace.sources().unwrap();
    sources.add(spec("gw", SourceKind::Http { token: Some(Secret::new(TOKEN)) })).unwrap();
    assert!(
        sources.knows_token("gw", TOKEN)
            && !sources.knows_token("gw", "other")
            && !sources.knows_token("x", TOKEN)
    );
    let error = post(&sim, &trace, "no log at all\n").unwrap_err();
    assert!(matches!(&error, PostError::Import(ImportError::Format(_))), "{error}");
    assert!(error.to_string().contains("line 1"), "{error}");
    let (first, second) = (message(&sim, 1), message(&sim, 2));
    // A message may stand in two posts.
    let at = first.lines().take(3).map(|line| line.len() + 1).sum();
    let (head, tail) = first.split_at(at);
    assert_eq!(post(&sim, &trace, head).unwrap().records, 3);
    assert_eq!(post(&sim, &trace, tail).unwrap().records, 2);
    let posted = post(&sim, &trace, &format!("{second}and this is no line\n")).unwrap();
    assert_eq!((posted.records, posted.new, posted.unknown), (6, 2, 1));
    assert!(posted.unknown_lines[0].contains("and this is no line"), "{posted:?}");
    assert_eq!(total(&trace), (2, true));
    for text in [&first, &second, &first] {
        assert_eq!(post(&sim, &trace, text).unwrap().new, 0);
    }
    // Counts are kept once a second.
    sim.advance(std::time::Duration::from_secs(1));
    drop(trace);
    let (_, again) = start(&sim);
    assert_eq!(post(&sim, &again, &first).unwrap().new, 0);
    assert_eq!((total(&again), state(&again).records), ((2, true), 31), "what was counted before goes on");
    let sources = again.sources().unwrap();
    let mut off = sources.list().remove(0).0;
    off.enabled = false;
    sources.set(off).unwrap();
    assert!(matches!(post(&sim, &again, &first), Err(PostError::NotFound(_))));
}

#[test]
fn a_posted_list_and_posted_rows_are_whole_by_themselves() {
    let sim = SimWorld::new(4);
    let (_, trace) = start(&sim);
    trace.sources().unwrap().add(spec("gw", SourceKind::Http { token: None })).unwrap();
    let at = sim.world().clock.now();
    let object = format!(
        r#"[{{"id":"11111111-1111-7111-8111-111111111111","messageId":"<1@a.example>","receivedDateTime":"{at}","senderAddress":"s@a.example","recipientAddress":"u1@contoso.example","subject":"Offer","size":1,"status":"delivered"}}]"#
    );
    for new in [2, 0] {
        let posted = post(&sim, &trace, &object).unwrap();
        assert_eq!((posted.records, posted.new, posted.unknown), (1, new, 0), "{posted:?}");
    }
    assert_eq!(total(&trace), (1, true));
    let short = spec("x", SourceKind::Http { token: Some(Secret::new("short")) });
    assert!(trace.sources().unwrap().add(short).unwrap_err().to_string().contains("16 characters"));
}

#[test]
fn a_refused_post_leaves_nothing_behind_and_every_post_is_looked_at() {
    let sim = SimWorld::new(4);
    let (_, trace) = start(&sim);
    trace.sources().unwrap().add(spec("gw", SourceKind::Http { token: None })).unwrap();
    let send = |text: Vec<u8>| sim.run(trace.sources().unwrap().post("gw", text));
    // In UTF-16, and no log: the next one is in UTF-8 nevertheless.
    let wide: Vec<u8> =
        [0xff, 0xfe].into_iter().chain("no log\n".encode_utf16().flat_map(u16::to_le_bytes)).collect();
    assert!(matches!(send(wide), Err(PostError::Import(ImportError::Format(_)))));
    let first = message(&sim, 1);
    assert_eq!(send(first.clone().into()).unwrap().records, 5);
    // After the first success a text in no format is refused still, with its line.
    let error = send("one,two\n1,2\n".into()).unwrap_err();
    assert!(error.to_string().contains("line 1"), "{error}");
    // Lines of other programs go on where the log stood, and another format is read as what it is.
    let other = format!("{} mx1 cron[1]: nothing\n", first.get(..15).unwrap());
    assert_eq!(send(other.into()).map(|posted| (posted.records, posted.unknown)).unwrap(), (1, 0));
    let at = sim.world().clock.now();
    let row = format!(
        r#"{{"id":"11111111-1111-7111-8111-111111111111","messageId":"<9@a.example>","receivedDateTime":"{at}","senderAddress":"s@a.example","recipientAddress":"u9@contoso.example","subject":"Offer","size":1,"status":"delivered"}}"#
    );
    assert_eq!(send(row.into()).map(|posted| (posted.new, posted.unknown)).unwrap(), (2, 0));
    assert_eq!(send(message(&sim, 2).into()).map(|posted| (posted.new, posted.unknown)).unwrap(), (2, 0));
    assert_eq!(total(&trace), (3, true));
}

#[test]
fn what_is_posted_and_not_kept_is_told() {
    let sim = SimWorld::new(4);
    let (_, trace) = start(&sim);
    trace.sources().unwrap().add(spec("gw", SourceKind::Http { token: None })).unwrap();
    let old: String = [
        "smtpd[1]: ABCD1: client=a.example[192.0.2.1]",
        "cleanup[1]: ABCD1: message-id=<1@a.example>",
        "qmgr[1]: ABCD1: from=<s@a.example>, size=10, nrcpt=1 (queue active)",
        "virtual[1]: ABCD1: to=<u1@contoso.example>, relay=virtual, dsn=2.0.0, status=sent (delivered)",
        "qmgr[1]: ABCD1: removed",
    ]
    .iter()
    .map(|line| format!("2019-05-01T00:00:00Z mx1 postfix/{line}\n"))
    .collect();
    let posted = post(&sim, &trace, &old).unwrap();
    assert_eq!((posted.records, posted.new, posted.unknown), (5, 0, 0), "{posted:?}");
    assert!(posted.too_old > 0, "{posted:?}");
    assert!(posted.unknown_lines[0].ends_with("are older than the trace keeps records, and were left out"));
    sim.advance(std::time::Duration::from_secs(1));
    drop(trace);
    let (_, trace) = start(&sim);
    assert_eq!(state(&trace).too_old, posted.too_old, "it outlives a restart");
    let at = sim.world().clock.now();
    let object = |rcpts: &str| {
        format!(
            r#"{{"guid":"g1","ts":"{at}","envelope":{{"from":"s@a.example","rcpts":{rcpts}}},"filter":{{"qid":"Q1","disposition":"continue"}}}}"#
        )
    };
    for wrong in [r#""notalist""#, "[1]", "5", "{}"] {
        let posted = post(&sim, &trace, &object(wrong)).unwrap();
        assert_eq!((posted.records, posted.new, posted.unknown), (1, 0, 1), "{posted:?}");
        assert!(posted.unknown_lines[0].contains("envelope.rcpts is no list of addresses: {"), "{posted:?}");
    }
    assert_eq!(post(&sim, &trace, &object(r#"["u1@contoso.example"]"#)).unwrap().unknown, 0);
}
