//! Names: of servers that only records know, of this server itself, of reports.
//! May touch: a simulated world.

use super::places::office;
use super::*;

/// A server that records name is there, also where it has nothing of what was asked.
#[test]
fn a_server_that_records_name_is_known_where_it_has_nothing() {
    let office = office();
    office.json("Import-MessageTrace /logs/exch01 -Place exchange -LogFormat TrackingLog");
    let none = json!([]);
    for asked in [
        "-Server EXCH01 -Recipients nobody@contoso.example",
        "-Server exch01.contoso.example -Recipients nobody@contoso.example",
        "-Server exch01 -Start 2026-01-01 -End 2026-01-02",
        "-Server exchange -Recipients nobody@contoso.example",
    ] {
        assert_eq!(office.json(&format!("Get-MessageTrackingLog {asked}")), none, "{asked}");
    }
    let ask = "Get-MessageTrackingLog -Start 2026-11-20 -Recipients kim@contoso.example -Server";
    for server in ["exch01", "exch01.contoso.example"] {
        assert_eq!(office.json(&format!("{ask} {server}")).as_array().unwrap().len(), 2, "{server}");
    }
    let (_, err) = office.fails("Get-MessageTrackingLog -Server nope -Recipients nobody@contoso.example");
    assert!(err.contains("there is no server \"nope\"") && err.contains("exchange, exch01"), "{err}");
    let (_, err) = office.fails("Get-MessageTrace -Server nope");
    assert!(err.contains("exchange, exch01"), "{err}");
}
