//! A message that was in progress when the process died twice goes to the poison queue, and others flow.
//!
//! May touch: the simulated world.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use tests::sim::client::Client;
use tests::sim::house::{ADDRESS, House, SMTP};
use tests::sim::play::message;
use tests::sim::{cmdlets, contract, show};
use transport::queue::actions::Holding;
use world::sim::{PowerCut, SimWorld};

const ANN: &str = "ann@contoso.example";
const SENDER: &str = "x@fabrikam.example";
/// Octets that one task of the categorizer has in the file of messages in progress.
const PART_OCTETS: usize = 520;
/// The part of the task that takes such messages one at a time.
const SUSPECTS_PART: usize = 2;
/// Disk calls of a start after which the message is surely through the categorizer.
const CALLS_MAX: u64 = 200;

fn cmdlet(sim: &SimWorld, house: &House, line: &str) {
    sim.run(Box::pin(cmdlets::run(house, line))).unwrap();
    sim.run_until_stalled();
}

fn send(sim: &SimWorld, house: &House, number: u32, subject: &str) {
    sim.run(Box::pin(async {
        let to = SocketAddr::new(ADDRESS, SMTP);
        let mut client = Client::connect(&house.world, "192.0.2.7".parse().unwrap(), to).await.unwrap();
        client.want("220").await.unwrap();
        client.ask("EHLO client.example", "250").await.unwrap();
        client.submit(SENDER, &[ANN], &message(number, SENDER, &[ANN], subject, 0)).await.unwrap();
    }));
}

/// Starts the server and lets the categorizer go on, which was suspended so that the message could wait for it.
fn start_resumed(sim: &SimWorld) -> Option<House> {
    let house = House::start(sim).ok()?;
    let transport = house.transport.clone();
    house.world.exec.spawn("resume", async move {
        // Where the disk fails meanwhile, it is resumed at the next start.
        let _ = transport.hold_queue("Submission", Holding::Resume).await;
    });
    Some(house)
}

/// A message that waits for the categorizer, and then one death for each number: the machine is switched on, and its
/// disk fails at that call, as a process dies there: what it wrote stays.
fn deaths_at(calls: &[u64]) -> SimWorld {
    let sim = SimWorld::new(1);
    let house = House::start(&sim).unwrap();
    cmdlet(&sim, &house, "New-Mailbox Ann -PrimarySmtpAddress ann@contoso.example");
    cmdlet(&sim, &house, "Suspend-Queue Submission");
    send(&sim, &house, 1, "Dangerous");
    sim.crash(PowerCut::KeepAll);
    drop(house);
    for call in calls {
        sim.disk().crash_after(*call);
        let house = start_resumed(&sim);
        sim.advance(Duration::from_secs(1));
        sim.crash(PowerCut::KeepAll);
        drop(house);
    }
    sim
}

/// The part of the categorizer that has the message in progress, as the file beside the spool says after a death:
/// any of them at first, the last one for a message that was in progress at a death before.
fn part_in_progress(sim: &SimWorld) -> Option<usize> {
    let octets = sim.world().disk.read(Path::new("/data/spool/in-progress")).unwrap_or_default();
    octets.chunks(PART_OCTETS).position(|part| part.iter().take(8).any(|octet| *octet != 0))
}

/// The first call of a start, after the deaths before, at which the message is in progress.
fn call_in_progress(before: &[u64]) -> u64 {
    let in_the_middle = |call: &u64| {
        let part = part_in_progress(&deaths_at(&[before, &[*call]].concat()));
        part.is_some_and(|part| before.is_empty() || part == SUSPECTS_PART)
    };
    (1..CALLS_MAX).find(in_the_middle).expect("the message is in progress at some call")
}

fn poison(house: &House) -> usize {
    let queues = house.transport.queues();
    queues.iter().filter(|queue| queue.identity.ends_with("Poison")).map(|queue| queue.message_count).sum()
}

fn subjects(sim: &SimWorld, house: &House) -> Vec<String> {
    let items = sim.run(Box::pin(show::items(house, ANN, "Inbox"))).unwrap();
    items.into_iter().map(|item| item.subject).collect()
}

#[test]
fn two_deaths_in_the_middle_of_a_message() {
    let first = call_in_progress(&[]);
    let second = call_in_progress(&[first]);
    let sim = deaths_at(&[first, second]);
    let house = start_resumed(&sim).unwrap();
    house.settle(&sim);
    assert_eq!(poison(&house), 1, "deaths at {first} and {second}");
    send(&sim, &house, 2, "Harmless");
    house.settle(&sim);
    assert_eq!(subjects(&sim, &house), ["Harmless"], "others flow");
    contract::assert_trace_contract(&sim, &house);
    let views = house.transport.queued_messages(None);
    let [view] = views.as_slice() else { panic!("one message waits: {views:?}") };
    assert_eq!((view.status, view.subject.as_str()), ("Suspended", "Dangerous"));
    let number = view.identity.rsplit('\\').next().unwrap();
    cmdlet(&sim, &house, &format!("Resume-Message {number}"));
    house.settle(&sim);
    assert_eq!(subjects(&sim, &house), ["Harmless", "Dangerous"], "Resume-Message resubmits it");
    contract::assert_trace_contract(&sim, &house);
}

#[test]
fn a_death_in_the_middle_and_one_before_it_are_not_two() {
    let first = call_in_progress(&[]);
    let second = call_in_progress(&[first]);
    for call in 1..second {
        let sim = deaths_at(&[first, call]);
        let house = start_resumed(&sim).unwrap();
        house.settle(&sim);
        assert_eq!(subjects(&sim, &house), ["Dangerous"], "the second death at call {call} of {second}");
        contract::assert_trace_contract(&sim, &house);
    }
}
