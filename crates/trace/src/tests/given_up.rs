//! A search whose caller hung up ends.
//!
//! May touch: a simulated world (tests).

use std::sync::Arc;

use futures::FutureExt as _;
use jiff::SignedDuration;
use spool::Batch;
use world::sim::SimWorld;

use super::House;
use crate::{LogQuery, Query, SearchError, TrafficBy, Watch};

/// Whatever can be given up.
#[derive(Debug, Clone, Copy)]
enum Asked {
    Rows,
    Events,
    Traffic,
}

async fn ask(house: &House, asked: Asked, watch: Arc<Watch>) -> Result<(), SearchError> {
    match asked {
        Asked::Rows => house.trace.search_watched(Query::default(), watch).await.map(drop),
        Asked::Events => house.trace.tracking_log(LogQuery::default(), watch).await.map(drop),
        Asked::Traffic => {
            let (now, hour) = (house.world.clock.now(), SignedDuration::from_hours(1));
            house.trace.traffic((now - hour, now + hour), TrafficBy::Sender, watch).await.map(drop)
        }
    }
}

#[test]
fn a_caller_who_hangs_up_in_the_middle_of_a_search_ends_it() {
    let sim = SimWorld::new(1);
    let house = House::start(&sim);
    sim.run(async {
        let mut batch = Batch::new();
        house.receive(1, &["kj@contoso.example"], "", &mut batch);
        house.commit(batch).await;
    });
    for asked in [Asked::Rows, Asked::Events, Asked::Traffic] {
        assert!(sim.run(ask(&house, asked, Arc::default())).is_ok(), "{asked:?}");
        let watch = Arc::<Watch>::default();
        let mut call = Box::pin(ask(&house, asked, Arc::clone(&watch)));
        assert!(call.as_mut().now_or_never().is_none(), "{asked:?} has begun");
        assert!(watch.check().is_ok(), "{asked:?} goes on");
        drop(call);
        // What searches for it comes to its next look at whether it is wanted.
        assert!(watch.check().is_err() && sim.run(ask(&house, asked, watch)).is_err(), "{asked:?} ends");
    }
}
