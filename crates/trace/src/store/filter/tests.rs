//! Which conditions are looked at at all.
//!
//! May touch: temporary folders (tests).

use world::{Disk, SqliteMode};

use super::*;
use crate::search::model::Bench;
use crate::search::traffic::traffic;
use crate::search::{Facet, FacetFilter};

#[test]
fn the_own_place_of_a_day_without_others_is_counted_by_the_hours() {
    let bench = Bench::new();
    bench.feed(&traffic(44, 40, 1));
    let path = bench.dir().join("2026-11-20.sqlite");
    let connection = Disk::real().sqlite(&path, SqliteMode::ReadWriteCreate).unwrap();
    let window = Window { low: 0, high: DAY_MICROS, overdue: i64::MIN };
    let by = |facet, value: &str| Query {
        statuses: Vec::from([Status::Delivered]),
        facets: Vec::from([FacetFilter::any(facet, [value])]),
        ..Query::default()
    };
    let counted = |query: &Query| {
        let made = DayFilter::new(&connection, query, window, "mx1.contoso.example").unwrap();
        made.map(|filter| filter.statuses_only.is_some())
    };
    let own = by(Facet::Place, "mx1*");
    assert_eq!(counted(&own), Some(true));
    assert_eq!(counted(&by(Facet::Place, "gateway")), None, "there is nothing of it");
    // With mail of another place the messages have to be looked at.
    connection
        .execute("INSERT INTO facet_set(facets) VALUES (CAST(char(9) || 'gateway' || char(10) AS BLOB))", [])
        .unwrap();
    assert_eq!(counted(&own), Some(false));
}
