//! The parts of a detail as people read them: the time budget, rules, groups, forwards, who sent it.
//! May touch: nothing (pure).

use jiff::tz::TimeZone;
use serde_json::Value;

use crate::output::grouped;

/// Members named of one group; the number is always whole.
const MEMBERS_SHOWN: usize = 10;

/// A line per part: `12 ms  Categorizer (mx1.contoso.example)`, the slowest marked, and below it one for each agent that
/// was measured and one for the rest.
pub(super) fn budget(budget: &Value, _: &TimeZone) -> String {
    let parts = items(budget.get("Parts"));
    let mut lines: Vec<String> = parts.iter().flat_map(part).collect();
    if !lines.is_empty() {
        lines.push(format!("{} in all", duration(number(budget, "TotalMs"))));
    }
    lines.join("\n")
}

fn part(part: &Value) -> Vec<String> {
    let hop = part.get("Hop").and_then(Value::as_str).map(|hop| format!(" ({hop})")).unwrap_or_default();
    let slow = if part.get("IsSlowest") == Some(&Value::Bool(true)) { " <- slowest" } else { "" };
    let whole = number(part, "Ms");
    let mut lines = vec![plain(&format!("{}  {}{hop}{slow}", duration(whole), text(part, "What")))];
    let mut rest = whole;
    for agent in items(part.get("Agents")) {
        let ms = number(agent, "Ms");
        rest = rest.saturating_sub(ms);
        lines.push(plain(&format!("  of it {}  {}", duration(ms), text(agent, "Agent"))));
    }
    if rest > 0 && lines.len() > 1 {
        lines.push(format!("  of it {}  everything else", duration(rest)));
    }
    lines
}

/// The budget in one line: the whole, and its slowest part.
pub(super) fn budget_line(budget: &Value) -> String {
    let Some(total) = budget.get("TotalMs").and_then(Value::as_i64) else { return String::new() };
    let slowest =
        items(budget.get("Parts")).iter().find(|part| part.get("IsSlowest") == Some(&Value::Bool(true)));
    let slowest = slowest
        .map(|part| format!("; the longest part: {} {}", text(part, "What"), duration(number(part, "Ms"))));
    let so_far = if budget.get("IsFinal") == Some(&Value::Bool(false)) { " so far" } else { "" };
    plain(&format!("{}{so_far}{}", duration(total), slowest.unwrap_or_default()))
}

/// `1.234 s`, `2 min 3 s`: exact below a minute.
fn duration(ms: i64) -> String {
    let whole = u64::try_from(ms).unwrap_or(0);
    match whole {
        _ if ms < 0 => format!("{ms} ms"),
        0..1_000 => format!("{whole} ms"),
        1_000..60_000 => format!("{}.{:03} s", whole / 1_000, whole % 1_000),
        60_000..3_600_000 => format!("{} min {} s", whole / 60_000, whole / 1_000 % 60),
        _ => format!("{} h {} min", grouped(whole / 3_600_000), whole / 60_000 % 60),
    }
}

/// A rule per line: its name or id, and what it did.
pub(super) fn rules(rules: &Value, _: &TimeZone) -> String {
    let lines = items(Some(rules)).iter().map(|rule| {
        let name = rule.get("Name").and_then(Value::as_str).unwrap_or_else(|| text(rule, "RuleId"));
        let actions: Vec<&str> = items(rule.get("Actions")).iter().filter_map(Value::as_str).collect();
        let did = if actions.is_empty() { String::new() } else { format!(": {}", actions.join(", ")) };
        let says =
            rule.get("Text").and_then(Value::as_str).map(|text| format!(" ({text})")).unwrap_or_default();
        plain(&format!("{name}{did}{says}"))
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// A group per line with its first members.
pub(super) fn groups(groups: &Value, _: &TimeZone) -> String {
    let lines = items(Some(groups)).iter().map(|group| {
        let members: Vec<&str> = items(group.get("Members")).iter().filter_map(Value::as_str).collect();
        let count = group.get("Count").and_then(Value::as_u64).unwrap_or(0);
        let shown = members.iter().take(MEMBERS_SHOWN).copied().collect::<Vec<_>>().join(", ");
        let more = if members.len() > MEMBERS_SHOWN { ", ..." } else { "" };
        let noun = if count == 1 { "member" } else { "members" };
        plain(&format!("{} had {} {noun} then: {shown}{more}", text(group, "Address"), grouped(count)))
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// A forward per line.
pub(super) fn forwards(forwards: &Value, _: &TimeZone) -> String {
    let lines = items(Some(forwards)).iter().map(|forward| {
        let to: Vec<&str> = items(forward.get("To")).iter().filter_map(Value::as_str).collect();
        plain(&format!("{} -> {}", text(forward, "From"), to.join(", ")))
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// `kim@contoso.example as sales@contoso.example (Send As)`.
pub(super) fn sent_by(sent: &Value, _: &TimeZone) -> String {
    let of = |name: &str| sent.get(name).and_then(Value::as_str);
    match (of("AuthenticatedAs"), of("From"), of("Right")) {
        (Some(account), Some(from), Some(right)) if right != "Self" => {
            plain(&format!("{account} as {from} ({right})"))
        }
        (Some(account), _, _) => plain(account),
        (None, Some(from), _) => plain(&format!("{from}, not signed in")),
        _ => String::new(),
    }
}

fn items(value: Option<&Value>) -> &[Value] {
    value.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn number(value: &Value, name: &str) -> i64 {
    value.get(name).and_then(Value::as_i64).unwrap_or(0)
}

/// Names and texts come from outside: a line end in them must not begin another line.
fn plain(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_budget_is_read_from_top_to_bottom() {
        let value = json!({"TotalMs": 62_003, "IsFinal": true, "Parts": [
            {"Hop": "mx1", "What": "Categorizer", "Ms": 3, "IsSlowest": false, "Agents": [{"Agent": "Rules", "Ms": 2}]},
            {"Hop": null, "What": "Waiting for the next attempt", "Ms": 62_000, "IsSlowest": true, "Agents": []},
        ]});
        let expected = "3 ms  Categorizer (mx1)\n  of it 2 ms  Rules\n  of it 1 ms  everything else\n1 min 2 s  Waiting for the next attempt <- slowest\n1 min 2 s in all";
        assert_eq!(budget(&value, &TimeZone::UTC), expected);
        assert_eq!(
            budget_line(&value),
            "1 min 2 s; the longest part: Waiting for the next attempt 1 min 2 s"
        );
        assert_eq!(budget_line(&Value::Null), "");
        assert_eq!(
            (duration(1_250), duration(7_260_000), duration(-4)),
            ("1.250 s".into(), "2 h 1 min".into(), "-4 ms".into())
        );
    }

    #[test]
    fn what_comes_from_outside_stays_on_its_line() {
        let value = json!([{"RuleId": "1", "Name": "No\nexe", "Text": "x", "Actions": ["Reject"]}]);
        assert_eq!(rules(&value, &TimeZone::UTC), "No exe: Reject (x)");
    }
}
