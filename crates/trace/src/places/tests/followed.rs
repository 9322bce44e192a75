//! Who follows the trace is told of records of other systems too.
//!
//! May touch: a simulated world (tests).

use std::path::Path;
use std::time::Duration;

use events::{Event, EventId, Source};
use mail::NetworkMessageId;
use world::sim::SimWorld;

use super::sources::{message, spec, start};
use crate::places::SourceKind;
use crate::search::Refused;
use crate::{EventKey, Feed, NodeId, Query, Trace};

/// The feed of an empty spool.
fn fed(sim: &SimWorld, trace: &Trace) -> Feed {
    let (world, config) = (sim.world(), spool::Config::small());
    let dir = Path::new("/srv/data/spool");
    let (spool, _) = spool::Spool::open(&world.disk, &world.clock, &world.exec, dir, config).unwrap();
    sim.run(trace.feed(&spool)).unwrap()
}

#[test]
fn an_open_search_is_told_of_what_is_imported() {
    let sim = SimWorld::new(3);
    let (world, trace) = start(&sim);
    let mut follower = fed(&sim, &trace).follow();
    trace.sources().unwrap().add(spec("gw", SourceKind::Http { token: None })).unwrap();
    sim.run(trace.sources().unwrap().post("gw", message(&sim, 1).into())).unwrap();
    let waited = world.clock.timeout(Duration::from_secs(1), follower.changed(10));
    let changed = sim.run(waited).unwrap().unwrap();
    let row = trace.search_blocking(&Query::default()).unwrap().rows.remove(0);
    assert_eq!(changed.messages[0].network_message_id, row.network_message_id);
}

#[test]
fn an_open_search_is_told_of_imported_refusals_of_each_once() {
    let sim = SimWorld::new(4);
    let (world, trace) = start(&sim);
    let mut follower = fed(&sim, &trace).follow();
    let now = world.clock.now();
    let id = |number| NetworkMessageId(uuid::Uuid::from_u128(u128::from(number)));
    let refused = |number: u64| {
        let mut event = Event::new(now, EventId::Refused, Source::Smtp, id(number))
            .recipient("kim@contoso.example", "550");
        event.detail.place = Some("gw".into());
        (EventKey { node: NodeId(7), seq: number }, event)
    };
    let query = Query { refused: Refused::Include, ..Query::default() };
    for (numbers, told) in [(&[1, 2][..], &[1, 2][..]), (&[2, 3], &[3])] {
        let done = trace.places().import(numbers.iter().copied().map(refused).collect(), now).unwrap();
        assert_eq!(done.new, told.len() as u64);
        let waited = world.clock.timeout(Duration::from_secs(1), follower.changed(10));
        let changed = sim.run(waited).unwrap().unwrap();
        let ids: Vec<_> = changed.messages.iter().map(|change| change.network_message_id).collect();
        assert_eq!(ids, told.iter().copied().map(id).collect::<Vec<_>>());
        let found = trace.search_blocking(&query).unwrap();
        assert!(ids.iter().all(|id| found.rows.iter().any(|row| row.network_message_id == *id)));
    }
}
