//! The next hop is somebody else's program: smtp-sink and a real Postfix, taking and refusing.
//!
//! May touch: processes, files, sockets on loopback.

use super::house::{House, address};
use super::message::{assert_below_added, parsed, plain};
use super::patience::{until, until_eq};
use super::peers::{Postfix, Sink, program, run};
use super::session::Session;

const MIMI: &str = "mimi@movetocloud.example";

fn send(house: &House, from: &str, to: &str, id: &str) -> Vec<u8> {
    let sent = plain(from, to, id);
    Session::open(house.port("smtp")).unwrap().send(from, to, &sent).unwrap();
    sent
}

#[test]
fn relayed_to_smtp_sink_byte_for_byte() {
    let house = House::new();
    let sink = Sink::start(house.folder(), &[]);
    house.relay_to(sink.port);
    let sent = send(&house, MIMI, "r@dst.test", "relayed");
    until_eq("the relayed message", &1, || sink.taken().len());
    let taken = sink.taken().remove(0);
    assert_below_added(&taken.content, &sent);
    assert!(
        taken.envelope.contains("<mimi@movetocloud.example>") && taken.envelope.contains("<r@dst.test>"),
        "{taken:?}"
    );
    assert_eq!(parsed(&[taken.content])[0]["subject"], "Message relayed");
    house.traced(&["-SenderAddress", MIMI], &[("r@dst.test", "Delivered")]);
}

#[test]
fn every_message_of_a_load_is_relayed_once() {
    let house = House::new();
    let sink = Sink::start(house.folder(), &[]);
    house.relay_to(sink.port);
    let server = format!("127.0.0.1:{}", house.port("smtp"));
    run(program("smtp-source")
        .args(["-s", "20", "-m", "500", "-l", "4096", "-f", "s@src.test", "-t", "r@dst.test"])
        .arg(server));
    until_eq("500 messages", &500, || sink.taken().len());
    let contents: Vec<Vec<u8>> = sink.taken().into_iter().map(|taken| taken.content).collect();
    let ids: std::collections::BTreeSet<String> =
        parsed(&contents).iter().map(|row| row["message_id"].to_string()).collect();
    assert_eq!(ids.len(), 500, "a message was relayed twice");
    until_eq("empty queues", &0, || house.rows(&["Get-Message", "-ResultSize", "Unlimited"]).len());
}

#[test]
fn refused_by_smtp_sink_becomes_a_report() {
    let house = House::new();
    house.add_mailbox("ann");
    let sink = Sink::start(house.folder(), &["-f", "rcpt"]);
    house.relay_to(sink.port);
    let ann = address("ann");
    send(&house, &ann, "r@dst.test", "refused");
    let reports = parsed(&house.delivered("ann", 1));
    assert_eq!(reports[0]["report"], "delivery-status");
    let parts = reports[0]["parts"].as_array().unwrap();
    let status =
        parts.iter().find(|part| part["type"] == "message/delivery-status").expect("the status part");
    assert_eq!(status["fields"][1]["action"], "failed", "{status}");
    house.traced(&["-RecipientAddress", "r@dst.test"], &[("r@dst.test", "Failed")]);
}

#[test]
fn refused_for_now_waits_in_its_queue_and_goes_when_it_may() {
    let house = House::new();
    let mut sink = Sink::start(house.folder(), &["-r", "rcpt"]);
    house.relay_to(sink.port);
    let sent = send(&house, MIMI, "r@dst.test", "later");
    house.traced(&["-SenderAddress", MIMI], &[("r@dst.test", "Pending")]);
    // The host was reached; what it said is about the message, not about the queue.
    let waiting = until("the message's last error", || {
        let messages = house.rows(&["Get-Message"]);
        messages.into_iter().find(|one| one["LastError"].as_str().is_some_and(|error| error.contains("450")))
    });
    let (port, folder) = (sink.port, house.folder().to_owned());
    drop(sink);
    sink = Sink::start_on(&folder, &[], port);
    house.cmdlet(&["Retry-Queue", "-Identity", waiting["Queue"].as_str().unwrap()]);
    until_eq("the message", &1, || sink.taken().len());
    assert_below_added(&sink.taken()[0].content, &sent);
    house.traced(&["-SenderAddress", MIMI], &[("r@dst.test", "Delivered")]);
}

#[test]
fn relayed_to_postfix_which_refuses_some() {
    let house = House::new();
    let postfix = Postfix::start(house.folder());
    house.add_mailbox("ann");
    house.relay_to(postfix.port);
    let ann = address("ann");
    let sent = plain(&ann, "r@dst.test", "to-postfix");
    let mut session = Session::open(house.port("smtp")).unwrap();
    for command in [
        format!("MAIL FROM:<{ann}>"),
        "RCPT TO:<r@dst.test>".into(),
        "RCPT TO:<refused@dst.test>".into(),
        "RCPT TO:<later@dst.test>".into(),
    ] {
        let (code, text) = session.say(&command).unwrap();
        assert_eq!(code, 250, "{command}: {text}");
    }
    session.data(&sent).unwrap();
    until_eq("the maildir", &1, || postfix.delivered().len());
    let arrived = postfix.delivered();
    // Postfix's own fields stand above ours, so only the end is compared.
    assert!(arrived[0].ends_with(&sent), "{}", String::from_utf8_lossy(&arrived[0]));
    assert_eq!(parsed(&arrived)[0]["subject"], "Message to-postfix");
    house.traced(
        &["-SenderAddress", &ann],
        &[("r@dst.test", "Delivered"), ("refused@dst.test", "Failed"), ("later@dst.test", "Pending")],
    );
    let reports = parsed(&house.delivered("ann", 1));
    assert_eq!(reports[0]["report"], "delivery-status");
    let text = serde_json::to_string(&reports[0]).unwrap();
    assert!(text.contains("no such mailbox here") && text.contains("refused@dst.test"), "{text}");
    assert!(!text.contains("later@dst.test"), "{text}");
}
