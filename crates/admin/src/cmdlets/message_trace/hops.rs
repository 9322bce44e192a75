//! The places a message passed as people read them: what each join rests on, and how far the clocks are apart.
//! May touch: nothing (pure).

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;

use super::interval::local;

/// A line per hop: `exch01 (7@exch01), 2026-11-20 08:00:01, from gateway: Certain, clock +0.500 s`.
pub(crate) fn draw(hops: &Value, zone: &TimeZone) -> String {
    let lines = items(hops).iter().map(|hop| {
        let first = text(hop, "First").and_then(|at| at.parse::<Timestamp>().ok());
        let at = first.map(|at| format!(", {}", local(at, zone))).unwrap_or_default();
        let ids: Vec<&str> =
            items(hop.get("QueueIds").unwrap_or(&Value::Null)).iter().filter_map(Value::as_str).collect();
        let ids = if ids.is_empty() { String::new() } else { format!(" ({})", ids.join(", ")) };
        let from = join(hop).map(|join| format!(", {join}")).unwrap_or_default();
        plain(&format!("{}{ids}{at}{from}", text(hop, "Place").unwrap_or_default()))
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// All of them in one line: `gateway -> exch01 (Certain, clock +0.500 s)`.
pub(crate) fn line(hops: &Value) -> String {
    let parts = items(hops).iter().map(|hop| {
        let place = text(hop, "Place").unwrap_or_default();
        match (text(hop, "Basis"), skew(hop)) {
            (Some(basis), Some(skew)) => format!("{place} ({basis}, clock {skew})"),
            (Some(basis), None) => format!("{place} ({basis})"),
            (None, _) => place.to_owned(),
        }
    });
    plain(&parts.collect::<Vec<_>>().join(" -> "))
}

fn join(hop: &Value) -> Option<String> {
    let (from, basis) = (text(hop, "From")?, text(hop, "Basis")?);
    let skew = skew(hop).map(|skew| format!(", clock {skew}")).unwrap_or_default();
    Some(format!("from {from}: {basis}{skew}"))
}

/// The clock here less the clock before, the transfer included.
fn skew(hop: &Value) -> Option<String> {
    hop.get("SkewSeconds").and_then(Value::as_f64).map(|secs| format!("{secs:+.3} s"))
}

fn items(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn text<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
    value.get(name).and_then(Value::as_str)
}

/// Ids of other systems come from outside: what could move the cursor is taken out.
fn plain(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn hops_are_drawn_with_the_basis_of_each_join() {
        let hops = json!([
            { "Place": "gateway", "QueueIds": ["ABC\u{1b}"], "First": "2026-11-20T07:00:00Z", "From": null, "Basis": null, "SkewSeconds": null },
            { "Place": "exch01", "QueueIds": [], "First": "2026-11-20T07:00:01Z", "From": "gateway", "Basis": "Certain", "SkewSeconds": 0.5 },
        ]);
        assert_eq!(line(&hops), "gateway -> exch01 (Certain, clock +0.500 s)");
        let zone = crate::value::read_zone("+01:00").unwrap();
        assert_eq!(
            draw(&hops, &zone),
            "gateway (ABC ), 2026-11-20 08:00:00\nexch01, 2026-11-20 08:00:01, from gateway: Certain, clock +0.500 s"
        );
        assert_eq!((line(&json!([])), draw(&Value::Null, &zone)), (String::new(), String::new()));
    }
}
