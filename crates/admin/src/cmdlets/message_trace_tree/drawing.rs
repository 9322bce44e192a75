//! The parts of a message's tree as people read them: an indented tree, counts in words, a line per linked message.
//! May touch: nothing (pure).

use jiff::tz::TimeZone;
use serde_json::Value;

use crate::cmdlets::message_trace::interval;
use crate::cmdlets::message_trace::object::STATUSES;
use crate::output::grouped;
use crate::value::in_sentence;

/// Between the parts of a line.
const DOT: &str = " · ";
/// Columns the addresses are padded to at most, so that statuses stand below each other.
const WIDTH_MAX: usize = 60;

/// `2 Delivered, 1 Failed`.
pub(super) fn counts(counts: &Value, _: &TimeZone) -> String {
    let each = counts.as_object().into_iter().flatten();
    let words =
        each.map(|(status, count)| format!("{} {}", grouped(count.as_u64().unwrap_or(0)), label(status)));
    words.collect::<Vec<_>>().join(", ")
}

/// The recipients, each below what led to it.
pub(super) fn nodes(nodes: &Value, zone: &TimeZone) -> String {
    let mut lines = Vec::new();
    for node in items(nodes) {
        add(node, "", "", &mut lines, zone);
    }
    let width = lines.iter().map(|(head, _)| head.chars().count()).max().unwrap_or(0).min(WIDTH_MAX);
    let drawn: Vec<String> = lines.iter().map(|(head, rest)| format!("{head:width$}  {rest}")).collect();
    drawn.join("\n")
}

/// `head` stands before the node itself, `below` before everything under it.
fn add(node: &Value, head: &str, below: &str, lines: &mut Vec<(String, String)>, zone: &TimeZone) {
    let mut parts = vec![label(text(node, "Status"))];
    if node.get("ShownBefore").and_then(Value::as_bool) == Some(true) {
        parts.push("shown above");
    }
    let detail = in_sentence(text(node, "Detail"), zone);
    parts.push(&detail);
    let children = items(node.get("Nodes").unwrap_or(&Value::Null));
    let of_members = counts(node.get("Counts").unwrap_or(&Value::Null), zone);
    if !children.is_empty() && text(node, "Status") == "Expanded" {
        parts.push(&of_members);
    }
    parts.retain(|part| !part.is_empty());
    lines.push((format!("{head}{}", plain(text(node, "RecipientAddress"))), plain(&parts.join(DOT))));
    for (at, child) in children.iter().enumerate() {
        let (own, under) = if at + 1 == children.len() { ("└─ ", "   ") } else { ("├─ ", "│  ") };
        add(child, &format!("{below}{own}"), &format!("{below}{under}"), lines, zone);
    }
}

/// A line per message that belongs to this one.
pub(super) fn linked(linked: &Value, zone: &TimeZone) -> String {
    let lines: Vec<String> = items(linked).iter().map(|message| one_linked(message, zone)).collect();
    lines.join("\n")
}

fn one_linked(message: &Value, zone: &TimeZone) -> String {
    let relation = match text(message, "Relation") {
        "Report" => "Report",
        "RuleForward" => "Forwarded by an Inbox rule",
        "AgentCopy" => "Copy made by an agent",
        "Journal" => "Journal report",
        "Origin" => "Came from",
        other => other,
    };
    let basis = if text(message, "Basis") == "Probable" { " (probably)" } else { "" };
    let received = text(message, "Received").parse().map(|at| interval::local(at, zone)).unwrap_or_default();
    let to = items(message.get("Recipients").unwrap_or(&Value::Null)).iter();
    let to = to.map(|one| format!("{} {}", text(one, "RecipientAddress"), label(text(one, "Status"))));
    let to = format!("to {}", to.collect::<Vec<_>>().join(", "));
    let head = format!("{relation}{basis}");
    let parts = [head.as_str(), &received, text(message, "Subject"), &to, text(message, "MessageTraceId")];
    plain(&parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(DOT))
}

fn items(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn label(status: &str) -> &str {
    STATUSES.iter().find(|(word, _)| *word == status).map_or(status, |(_, label)| label)
}

/// Addresses and replies come from outside: a line end in them must not look like a node.
fn plain(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_tree_reads_from_the_top_to_the_leaves() {
        let leaf = |address: &str, status: &str, detail: &str| json!({"RecipientAddress": address, "Status": status, "Detail": detail, "Nodes": []});
        let tree = json!([
            {
                "RecipientAddress": "all@contoso.example", "Status": "Expanded", "Detail": "Group, 2 members",
                "Counts": {"Delivered": 1, "FilteredAsSpam": 1},
                "Nodes": [
                    {"RecipientAddress": "sales@contoso.example", "Status": "Expanded", "Detail": null,
                     "Counts": {"FilteredAsSpam": 1},
                     "Nodes": [leaf("ann@contoso.example", "FilteredAsSpam", "Spam,\nblocked")]},
                    leaf("kim@contoso.example", "Delivered", "Delivered to Inbox"),
                ],
            },
            leaf("x@fabrikam.example", "Failed", ""),
        ]);
        let expected = "\
all@contoso.example          Expanded · Group, 2 members · 1 Delivered, 1 Filtered as spam
├─ sales@contoso.example     Expanded · 1 Filtered as spam
│  └─ ann@contoso.example    Filtered as spam · Spam, blocked
└─ kim@contoso.example       Delivered · Delivered to Inbox
x@fabrikam.example           Failed";
        let drawn = nodes(&tree, &TimeZone::UTC);
        let squeezed = |text: &str| -> Vec<String> {
            text.lines()
                .map(|line| line.split("  ").filter(|part| !part.is_empty()).collect::<Vec<_>>().join("  "))
                .collect()
        };
        assert_eq!(squeezed(&drawn), squeezed(expected), "{drawn}");
        let columns: Vec<_> = drawn.lines().map(|line| line.chars().take(24).count()).collect();
        assert!(columns.iter().all(|column| *column == 24), "{drawn}");
    }

    #[test]
    fn times_in_a_tree_are_in_the_zone_of_the_answer() {
        let tree = json!([{"RecipientAddress": "x@fabrikam.example", "Status": "Pending", "Nodes": [],
            "Detail": "Deferred in queue q after 1 attempt, next attempt 2026-11-22T13:51:14Z: 451 later"}]);
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        assert!(
            nodes(&tree, &zone).contains("next attempt 2026-11-22 14:51:14: 451 later"),
            "{}",
            nodes(&tree, &zone)
        );
    }

    #[test]
    fn linked_messages_take_a_line_each() {
        let message = json!([{
            "Relation": "Report", "Basis": "Certain", "Received": "2026-11-20T09:03:11Z", "Subject": "Undeliverable: hi",
            "MessageTraceId": "01936f0a-0000-7000-8000-00000000000a",
            "Recipients": [{"RecipientAddress": "ann@contoso.example", "Status": "Delivered"}],
        }]);
        assert_eq!(
            linked(&message, &TimeZone::UTC),
            "Report · 2026-11-20 09:03:11 · Undeliverable: hi · to ann@contoso.example Delivered · 01936f0a-0000-7000-8000-00000000000a"
        );
    }
}
