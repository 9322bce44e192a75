//! Who follows the trace is told of records of other systems too.
//!
//! May touch: a simulated world (tests).

use std::path::Path;
use std::time::Duration;

use world::sim::SimWorld;

use super::sources::{message, spec, start};
use crate::Query;
use crate::places::SourceKind;

#[test]
fn an_open_search_is_told_of_what_is_imported() {
    let sim = SimWorld::new(3);
    let (world, trace) = start(&sim);
    let config = spool::Config::small();
    let dir = Path::new("/srv/data/spool");
    let (spool, _) = spool::Spool::open(&world.disk, &world.clock, &world.exec, dir, config).unwrap();
    let feed = sim.run(trace.feed(&spool)).unwrap();
    let mut follower = feed.follow();
    trace.sources().unwrap().add(spec("gw", SourceKind::Http { token: None })).unwrap();
    sim.run(trace.sources().unwrap().post("gw", message(&sim, 1).into())).unwrap();
    let waited = world.clock.timeout(Duration::from_secs(1), follower.changed(10));
    let changed = sim.run(waited).unwrap().unwrap();
    let row = trace.search_blocking(&Query::default()).unwrap().rows.remove(0);
    assert_eq!(changed.messages[0].network_message_id, row.network_message_id);
}
