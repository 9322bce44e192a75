//! A store that ends while the server runs: the server stops, and no message suffers for it.
//!
//! May touch: the simulated world.

use std::net::SocketAddr;
use std::time::Duration;

use tests::sim::client::Client;
use tests::sim::house::{ADDRESS, House, SMTP};
use tests::sim::play::message;
use tests::sim::{cmdlets, contract, show};
use transport::Stopping;
use world::sim::{PowerCut, SimWorld};

const ANN: &str = "ann@contoso.example";
const SENDER: &str = "x@fabrikam.example";

#[test]
fn a_mailbox_store_that_has_ended_stops_the_server_and_no_message_is_put_off() {
    let sim = SimWorld::new(1);
    let house = House::start(&sim).unwrap();
    sim.run(Box::pin(cmdlets::run(&house, "New-Mailbox Ann -PrimarySmtpAddress ann@contoso.example")))
        .unwrap();
    // As when its writers have panicked: nobody asked the server to stop.
    sim.run(house.mailboxes.close());
    sim.run(Box::pin(async {
        let to = SocketAddr::new(ADDRESS, SMTP);
        let mut client = Client::connect(&house.world, "192.0.2.7".parse().unwrap(), to).await.unwrap();
        client.want("220").await.unwrap();
        client.ask("EHLO client.example", "250").await.unwrap();
        client.submit(SENDER, &[ANN], &message(1, SENDER, &[ANN], "One", 0)).await.unwrap();
    }));
    sim.advance(Duration::from_secs(10));
    let stopping = house.transport.stopping().borrow().clone();
    let Stopping::Failed(why) = stopping else { panic!("{stopping:?}") };
    assert!(why.contains("the mailbox store has ended"), "{why}");
    sim.crash(PowerCut::KeepAll);
    drop(house);
    let house = House::start(&sim).unwrap();
    house.settle(&sim);
    let items = sim.run(Box::pin(show::items(&house, ANN, "Inbox"))).unwrap();
    assert_eq!(items.len(), 1, "delivered by the next start, at once");
    assert_eq!(house.feed.totals().deferred, 0);
    contract::assert_trace_contract(&sim, &house);
}
