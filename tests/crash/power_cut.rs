//! Two messages, one to a mailbox and one to a group with a member outside, and the power fails at every call in turn.
//!
//! May touch: the simulated world.
//! SQLite files are as the simulation leaves them: untouched by the cut. Their own crates cut them.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use tests::sim::client::Client;
use tests::sim::house::{ADDRESS, House, SMTP};
use tests::sim::play::message;
use tests::sim::remote::Remote;
use tests::sim::{Fault, cmdlets, contract, show};
use world::sim::{PowerCut, SimWorld};

const SETUP: [&str; 5] = [
    "New-Mailbox Ann -PrimarySmtpAddress ann@contoso.example",
    "New-Mailbox Ben -PrimarySmtpAddress ben@contoso.example",
    "New-MailContact Bob -ExternalEmailAddress bob@fabrikam.example -PrimarySmtpAddress bob@contoso.example",
    "New-DistributionGroup Sales -PrimarySmtpAddress sales@contoso.example -Members ben,bob -RequireSenderAuthenticationEnabled false",
    "New-SendConnector Internet -AddressSpaces *",
];
const CLIENT: &str = "192.0.2.7";
const SENDER: &str = "x@tailspin.example";
/// After the restart: long enough for every retry that a cut can cause.
const AFTERWARDS: Duration = Duration::from_secs(20 * 60);
/// The fewest calls the run is expected to make; with fewer the test says nothing.
const CALLS_MIN: u64 = 10;

/// Which of the two messages got their `250`.
#[derive(Debug, Default, Clone, Copy)]
struct Acknowledged {
    one: bool,
    group: bool,
}

async fn send(house: &House) -> Acknowledged {
    let mut acknowledged = Acknowledged::default();
    let from = CLIENT.parse().unwrap();
    let Ok(mut client) = Client::connect(&house.world, from, SocketAddr::new(ADDRESS, SMTP)).await else {
        return acknowledged;
    };
    let greeted: Result<(), Fault> = async {
        client.want("220").await?;
        client.ask("EHLO client.example", "250").await.map(drop)
    }
    .await;
    if greeted.is_err() {
        return acknowledged;
    }
    let one = message(1, SENDER, &["ann@contoso.example"], "One", 0);
    acknowledged.one = client.submit(SENDER, &["ann@contoso.example"], &one).await.is_ok();
    let group = message(2, SENDER, &["sales@contoso.example"], "Group", 0);
    acknowledged.group = client.submit(SENDER, &["sales@contoso.example"], &group).await.is_ok();
    acknowledged
}

async fn subjects(house: &House, address: &str) -> Vec<String> {
    let items = show::items(house, address, "Inbox").await.unwrap();
    items.into_iter().map(|item| item.subject).collect()
}

/// What arrived must be whole: all recipients of a message or none, and all of what was acknowledged.
fn check(sim: &SimWorld, house: &House, remote: &Remote, acknowledged: Acknowledged, at: &str) {
    contract::assert_trace_contract(sim, house);
    assert!(house.spool.message_numbers().is_empty(), "{at}: something still waits");
    let ann = sim.run(Box::pin(subjects(house, "ann@contoso.example")));
    let ben = sim.run(Box::pin(subjects(house, "ben@contoso.example")));
    let bob = remote.got();
    assert!(ann.len() <= 1 && ben.len() <= 1, "{at}: a mailbox has a second copy: {ann:?} {ben:?}");
    // Towards hosts outside delivery is at least once: a cut between their 250 and our commit sends again.
    assert!(bob.len() <= 2 && bob.iter().all(|got| got == &bob[0]), "{at}: {bob:?}");
    assert!(!acknowledged.one || ann == ["One"], "{at}: acknowledged and not delivered: {ann:?}");
    assert!(!acknowledged.group || ben == ["Group"], "{at}: acknowledged and not delivered: {ben:?}");
    assert_eq!(ben.is_empty(), bob.is_empty(), "{at}: a message is half there");
    let reports: BTreeMap<String, Remote> =
        BTreeMap::from([("mx.fabrikam.example".to_owned(), remote.clone())]);
    let reports = sim.run(Box::pin(show::messages_for(house, &reports, SENDER))).unwrap();
    assert!(reports.is_empty(), "{at}: somebody got a report");
}

/// One run with a cut at call `at`; false when the run ended before.
fn cut_at(at: u64, cut: PowerCut) -> bool {
    let sim = SimWorld::new(at);
    let remote = Remote::new("mx.fabrikam.example", "198.51.100.5".parse().unwrap(), &[]);
    sim.dns().add_mx("fabrikam.example", 10, "mx.fabrikam.example");
    sim.dns().add_ip("mx.fabrikam.example", remote.ip);
    sim.run(remote.listen(&sim.world())).unwrap();
    let house = House::start(&sim).unwrap();
    for line in SETUP {
        sim.run(Box::pin(cmdlets::run(&house, line))).unwrap();
    }
    sim.run_until_stalled();
    sim.disk().crash_after(at);
    let acknowledged = sim.run(Box::pin(send(&house)));
    // Delivery, relaying and the tasks that follow: marks, checkpoints, the trace.
    sim.advance(Duration::from_secs(60));
    let reached = sim.disk().has_crashed();
    sim.crash(cut);
    drop(house);
    sim.run(remote.listen(&sim.world())).unwrap();
    let house = House::start(&sim).unwrap();
    house.settle(&sim);
    sim.advance(AFTERWARDS);
    check(&sim, &house, &remote, acknowledged, &format!("call {at}, {cut:?}"));
    assert!(reached || (acknowledged.one && acknowledged.group), "nothing failed, and a message was refused");
    reached
}

fn cut_everywhere(cut: PowerCut) {
    let mut at = 1;
    while cut_at(at, cut) {
        at += 1;
    }
    assert!(at > CALLS_MIN, "only {at} calls: the run is too short to say anything");
}

#[test]
fn power_cuts_that_lose_everything_unsynced() {
    cut_everywhere(PowerCut::LoseAll);
}

#[test]
fn power_cuts_that_keep_everything() {
    cut_everywhere(PowerCut::KeepAll);
}

#[test]
fn power_cuts_that_tear_writes() {
    cut_everywhere(PowerCut::Random);
}
