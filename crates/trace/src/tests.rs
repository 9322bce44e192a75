//! The trace as a whole, in a simulated world: recorded by the recorder, fed from a spool, asked by searches.
//!
//! May touch: a simulated world (tests).

mod bounds;
mod durable;
mod given_up;
mod joined;
mod joined_cut;
mod refused;
mod sealing;
mod wal;
mod way;

use std::path::Path;

use events::{Directionality, Event, EventRecipient, MessageFacts, Source};
use mail::{MessageId, NetworkMessageId};
use spool::{Batch, EntryNo, MessageNo, Spool};
use uuid::Uuid;
use world::World;
use world::sim::SimWorld;

use crate::{About, Config, Ended, Feed, HandOn, Received, Trace};

/// A server with spool and trace on a simulated machine.
struct House {
    world: World,
    spool: Spool,
    trace: Trace,
    feed: Feed,
}

impl House {
    fn start(sim: &SimWorld) -> House {
        let world = sim.world();
        let dir = Path::new("/srv");
        let (spool, _) =
            Spool::open(&world.disk, &world.clock, &world.exec, dir.join("spool"), spool::Config::small())
                .unwrap();
        let config = Config::new("mx1.contoso.example");
        let trace = Trace::open(&world.disk, &world.clock, &world.exec, &dir.join("trace"), config).unwrap();
        let feed = sim.run(trace.feed(&spool)).unwrap();
        House { world, spool, trace, feed }
    }

    /// A new message and its RECEIVE in a batch.
    fn receive(&self, number: u128, to: &[&str], subject: &str, batch: &mut Batch) -> About {
        let about = About {
            no: self.spool.next_message_no(),
            network_message_id: NetworkMessageId(Uuid::from_u128(number)),
            received: self.world.clock.now(),
        };
        batch.message(about.no, vec![1], bytes::Bytes::from_static(b"body"));
        for entry in 1..=u32::try_from(to.len()).unwrap() {
            batch.put_entry(about.no, EntryNo(entry), vec![1]);
        }
        self.trace.recorder().received(batch, &about, received(number, to, subject));
        about
    }

    async fn commit(&self, batch: Batch) {
        self.spool.commit(batch).await.unwrap();
        self.feed.caught_up().await;
    }
}

fn received(number: u128, to: &[&str], subject: &str) -> Received {
    Received {
        source: Source::Smtp,
        recipients: to.iter().map(|address| named(address)).collect(),
        message_id: MessageId::parse(&format!("m{number}@movetocloud.example")).ok(),
        facts: MessageFacts {
            subject: subject.to_owned(),
            sender_address: "mimi@movetocloud.example".into(),
            from_address: Some("mimi@movetocloud.example".into()),
            return_path: "mimi@movetocloud.example".into(),
            total_bytes: 2_048,
            directionality: Directionality::Incoming,
            ..MessageFacts::default()
        },
        client_ip: "192.0.2.1".parse().ok(),
        client_hostname: Some("smtp.movetocloud.example".into()),
        server_ip: None,
        connector_id: Some("Default Frontend mx1".into()),
        source_context: None,
        reference: Vec::new(),
        tls: None,
        custom_data: Vec::new(),
    }
}

fn named(address: &str) -> EventRecipient {
    EventRecipient { address: address.to_owned(), status: String::new() }
}

fn ended(entry: u32, recipient: &str, status: &str) -> Vec<Ended> {
    vec![Ended { entry: EntryNo(entry), recipient: recipient.to_owned(), status: status.to_owned() }]
}

fn handed_on() -> HandOn {
    HandOn {
        remote_reply: Some("250 2.0.0 Ok: queued as 4C1F2".into()),
        remote_host: Some("mx.fabrikam.example".into()),
        remote_ip: "192.0.2.9".parse().ok(),
        remote_queue_id: Some("4C1F2".into()),
        ..HandOn::default()
    }
}

/// What the spool holds of a message.
fn entries(spool: &Spool, no: MessageNo) -> usize {
    spool.message(no).map_or(0, |message| message.entries.len())
}

/// The events of a log, as words.
fn words(events: &[Event]) -> Vec<String> {
    events.iter().map(|event| format!("{}/{}", event.source, event.event_id)).collect()
}
