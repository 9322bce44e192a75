//! A whole message as somebody sees it who may see a part of it.
//! May touch: nothing (pure).

use std::collections::{BTreeMap, HashSet};

use serde_json::{Value, json};
use trace::Status;

use super::{OWN_PROPERTIES, Reader};
use crate::output::Row;

/// How many members of the group with an address have which status: a member's forward does not count.
pub(crate) type Members<'a> = dyn Fn(&str) -> BTreeMap<Status, u64> + 'a;

/// A whole message as its sender or one of its recipients sees it: what they addressed, below a group only counts; as
/// recipient their own node.
pub(crate) fn own_tree(tree: &Row, reader: &Reader, is_sender: bool, members: &Members<'_>) -> Row {
    let mut own: Row = tree.keys().map(|name| (name.clone(), Value::Null)).collect();
    for (name, value) in tree.iter().filter(|(name, _)| OWN_PROPERTIES.contains(&name.as_str())) {
        own.insert(name.clone(), value.clone());
    }
    let roots = children(tree);
    let mut nodes: Vec<Value> = Vec::new();
    let mut add = |found: &Value| {
        let address = found.get("RecipientAddress");
        if !nodes.iter().any(|node| node.get("RecipientAddress") == address) {
            nodes.push(own_node(found, reader, members));
        }
    };
    roots.iter().filter(|_| is_sender).for_each(&mut add);
    for found in own_nodes(roots, reader) {
        add(found);
    }
    own.insert("Counts".into(), counts_of_nodes(&nodes));
    own.insert("Nodes".into(), nodes.into());
    let linked = tree.get("Linked").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let reports = linked.iter().filter(|message| is_own_report(message, reader)).map(|message| {
        let shown = ["Relation", "Basis", "MessageTraceId", "Received", "Subject", "Recipients"];
        Value::Object(pick(message, &shown))
    });
    own.insert("Linked".into(), reports.collect());
    own
}

fn children(node: &Row) -> &[Value] {
    node.get("Nodes").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// The nodes that are the reader's: those that were addressed or are members of a group. Where somebody's forward alone
/// led to them it is the first of those, so that nothing tells of another way.
fn own_nodes<'a>(roots: &'a [Value], reader: &Reader) -> Vec<&'a Value> {
    let mut found = Found::default();
    roots.iter().for_each(|root| gather(root, reader, Way::Addressed, &mut found));
    if found.addressed.is_empty() { found.forwarded.into_iter().take(1).collect() } else { found.addressed }
}

/// The reader's nodes, by the way that led to them.
#[derive(Debug, Default)]
struct Found<'a> {
    addressed: Vec<&'a Value>,
    forwarded: Vec<&'a Value>,
}

/// What led to a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// The sender, or a group.
    Addressed,
    /// Somebody's forward on the way.
    Forwarded,
}

/// The trace bounds the depth.
fn gather<'a>(node: &'a Value, reader: &Reader, way: Way, found: &mut Found<'a>) {
    if node.get("RecipientAddress").and_then(Value::as_str).is_some_and(|address| reader.has(address)) {
        match way {
            Way::Addressed => found.addressed.push(node),
            Way::Forwarded => found.forwarded.push(node),
        }
        return;
    }
    let way = match node.get("ReplacedBy").and_then(Value::as_str) {
        Some("Members" | "PrimarySmtpAddress") => way,
        _ => Way::Forwarded,
    };
    let below = node.get("Nodes").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    below.iter().for_each(|child| gather(child, reader, way, found));
}

/// What became of the recipients of these nodes; of a group, of its members.
fn counts_of_nodes(nodes: &[Value]) -> Value {
    let mut all = BTreeMap::<&str, u64>::new();
    for node in nodes {
        let counts = node.get("Counts").and_then(Value::as_object).into_iter().flatten();
        let counts: Vec<(&str, u64)> =
            counts.filter_map(|(status, count)| Some((status.as_str(), count.as_u64()?))).collect();
        let own = node.get("Status").and_then(Value::as_str).filter(|_| counts.is_empty());
        for (status, count) in counts.into_iter().chain(own.map(|status| (status, 1))) {
            let sum = all.entry(status).or_default();
            *sum = sum.saturating_add(count);
        }
    }
    json!(all)
}

fn own_node(node: &Value, reader: &Reader, members: &Members<'_>) -> Value {
    let text = |name: &str| node.get(name).and_then(Value::as_str);
    let is_mine = text("RecipientAddress").is_some_and(|address| reader.has(address));
    let status = match text("Status") {
        Some("Resolved") => text("FinalStatus").unwrap_or("Pending"),
        other => other.unwrap_or_default(),
    };
    let is_group = text("ReplacedBy") == Some("Members");
    let members = text("RecipientAddress").filter(|_| is_group).map(members).unwrap_or_default();
    let counts: Row =
        members.iter().map(|(status, count)| (status.as_str().to_owned(), json!(count))).collect();
    json!({
        "RecipientAddress": text("RecipientAddress"),
        "Status": status,
        "Folder": node.get("Folder").filter(|_| is_mine),
        "ReplacedBy": is_group.then_some("Members"),
        "Counts": counts,
        "ShownBefore": false,
        "Nodes": [],
    })
}

fn is_own_report(message: &Value, reader: &Reader) -> bool {
    let to = message.get("Recipients").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let is_to_me = |one: &Value| {
        one.get("RecipientAddress").and_then(Value::as_str).is_some_and(|address| reader.has(address))
    };
    message.get("Relation").and_then(Value::as_str) == Some("Report")
        && !to.is_empty()
        && to.iter().all(is_to_me)
}

fn pick(value: &Value, names: &[&str]) -> Row {
    names.iter().filter_map(|name| Some(((*name).to_owned(), value.get(name)?.clone()))).collect()
}

/// A whole message as somebody with rights for some domains sees it: the nodes of those, in the place of what led to
/// them. Counts are of what is shown.
pub(crate) fn tree_of_domains(tree: &Row, reader: &Reader) -> Row {
    let mut kept = tree.clone();
    let nodes: Vec<Value> = children(tree).iter().flat_map(|node| pruned(node, reader)).collect();
    let linked = tree.get("Linked").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let linked = linked.iter().filter_map(|message| {
        let to = message.get("Recipients").and_then(Value::as_array)?;
        let mine: Vec<Value> = to
            .iter()
            .filter(|one| {
                one.get("RecipientAddress").and_then(Value::as_str).is_some_and(|to| reader.has(to))
            })
            .cloned()
            .collect();
        let mut message = message.clone();
        message.as_object_mut()?.insert("Counts".to_owned(), counts_of(&mine));
        *message.get_mut("Recipients")? = (!mine.is_empty()).then_some(mine)?.into();
        Some(message)
    });
    kept.insert("Linked".into(), linked.collect());
    kept.insert("Counts".into(), counts_below(&nodes));
    kept.insert("Nodes".into(), nodes.into());
    kept
}

/// How many of these recipients have which status; those that stand for others are not counted.
fn counts_of(recipients: &[Value]) -> Value {
    let mut counts = BTreeMap::<&str, u64>::new();
    let stands_for_others = [Status::Expanded.as_str(), Status::Resolved.as_str()];
    let statuses = recipients.iter().filter_map(|one| one.get("Status").and_then(Value::as_str));
    for status in statuses.filter(|status| !stands_for_others.contains(status)) {
        let count = counts.entry(status).or_default();
        *count = count.saturating_add(1);
    }
    json!(counts)
}

/// How many of the recipients shown in these nodes and below have which status: each once.
fn counts_below(nodes: &[Value]) -> Value {
    let (mut open, mut seen) = (nodes.iter().collect::<Vec<_>>(), HashSet::new());
    let mut found = Vec::new();
    while let Some(node) = open.pop() {
        if seen.insert(node.get("RecipientAddress").and_then(Value::as_str)) {
            found.push(node.clone());
        }
        open.extend(node.get("Nodes").and_then(Value::as_array).into_iter().flatten());
    }
    counts_of(&found)
}

fn pruned(node: &Value, reader: &Reader) -> Vec<Value> {
    let below = node.get("Nodes").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let below: Vec<Value> = below.iter().flat_map(|child| pruned(child, reader)).collect();
    if !node.get("RecipientAddress").and_then(Value::as_str).is_some_and(|address| reader.has(address)) {
        return below;
    }
    let mut kept = node.clone();
    if let Some(kept) = kept.as_object_mut() {
        let counts =
            if below.is_empty() { counts_of(std::slice::from_ref(node)) } else { counts_below(&below) };
        kept.insert("Counts".into(), counts);
        kept.insert("Nodes".into(), below.into());
    }
    vec![kept]
}
