//! Which conditions are looked at at all.
//!
//! May touch: temporary folders (tests).

use world::{Disk, SqliteMode};

use super::*;
use crate::search::model::Bench;
use crate::search::traffic::traffic;
use crate::search::{Facet, FacetFilter, SubjectFilter, SubjectFilterType};

#[test]
fn the_own_place_of_a_day_without_others_is_counted_by_the_hours() {
    let bench = Bench::new();
    bench.feed(&traffic(44, 40, 1));
    let path = bench.dir().join("2026-11-20.sqlite");
    let connection = Disk::real().sqlite(&path, SqliteMode::ReadWriteCreate).unwrap();
    let window = Window { midnight: 0, low: 0, high: DAY_MICROS, overdue: i64::MIN };
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

#[test]
fn where_few_rows_lead_their_subjects_are_compared_and_no_list_by_trigrams_is_made() {
    let bench = Bench::new();
    bench.feed(&traffic(44, 40, 1));
    let path = bench.dir().join("2026-11-20.sqlite");
    let connection = Disk::real().sqlite(&path, SqliteMode::ReadWriteCreate).unwrap();
    let one = "SELECT a.key, m.subject FROM recipient r JOIN address a ON a.id = r.address
       JOIN message m ON m.id = r.id >> 20 WHERE length(m.subject) >= 3 LIMIT 1";
    let (address, subject): (String, String) =
        connection.query_row(one, [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    let window = Window { midnight: 0, low: 0, high: DAY_MICROS, overdue: i64::MIN };
    let filter = |query: &Query| {
        let made = DayFilter::new(&connection, query, window, "mx1.contoso.example").unwrap().unwrap();
        let looks_up = made.message.iter().any(|condition| condition.contains("MATCH"));
        (looks_up, made.count(&connection).unwrap())
    };
    let text = subject.chars().take(3).collect();
    let mut query = Query {
        subject: Some(SubjectFilter { kind: SubjectFilterType::Contains, text }),
        ..Query::default()
    };
    let (looks_up, all) = filter(&query);
    assert!(looks_up);
    query.recipients = Vec::from_iter(address.parse());
    let (looks_up, of_one) = filter(&query);
    assert!(!looks_up);
    assert!((1..=all).contains(&of_one), "{of_one} of {all}");
}
