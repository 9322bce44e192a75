//! Proofpoint: the log service's `message` and `maillog` objects, and Smart Search results.
//!
//! May touch: nothing (pure).
//! What is never believed: `delivered.rcpts` (it is filled for held messages too), and the place of the final action
//! in its list.

use events::{Directionality, Event, EventId, EventRecipient, MessageFacts, Reason, Source};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use mail::MessageId;
use serde_json::{Map, Value};

use super::build::{At, Builder};
use super::csv_rows::{plain_name, values};
use super::exchange_online::moment;
use super::sendmail::{Sendmail, SendmailLine};
use super::tally::{Heard, Sink};
use crate::gateway;

/// Recipients of one message.
const RECIPIENTS_MAX: usize = 10_000;
/// Results of SPF, DKIM and DMARC taken from one record.
const CHECKS_MAX: usize = 50;

/// Columns of a search result that are kept as they are, and the names they are kept under.
const RESULT_PAIRS: &[(&str, &str)] = &[
    ("policyroutes", gateway::POLICY_ROUTES),
    ("spamscore", gateway::SPAM_SCORE),
    ("virusnames", gateway::VIRUS_NAMES),
    ("sid", gateway::SID),
    ("dispositionaction", gateway::DISPOSITION_ACTION),
    ("guid", gateway::GUID),
    ("duration", gateway::DURATION),
];

/// The reader.
#[derive(Debug)]
pub(crate) struct Proofpoint {
    build: Builder,
    zone: TimeZone,
    sendmail: Sendmail,
    columns: Option<Vec<String>>,
}

/// What the gateway did, in the words of its own log.
#[derive(Debug, Default)]
struct Verdict {
    /// `continue`, `discard`, `reject`, `retry`, `redirect`, `accept`.
    action: String,
    module: String,
    rule: String,
    folder: String,
    quarantine_rule: String,
    pairs: Vec<(String, String)>,
}

/// A message as the gateway saw it.
#[derive(Debug, Default)]
struct Seen {
    queue_id: String,
    received: Option<Timestamp>,
    message_id: Option<MessageId>,
    facts: MessageFacts,
    recipients: Vec<String>,
    client_ip: Option<std::net::IpAddr>,
    client_host: String,
    agent: String,
    tls: Option<String>,
}

/// Whether a header is that of Smart Search rows.
pub(crate) fn is_header(line: &str) -> bool {
    let names: Vec<String> = values(line).iter().map(|name| plain_name(name)).collect();
    let has = |wanted: &str| names.iter().any(|known| known == wanted);
    has("finalaction") && (has("recipients") || has("recipient")) && (has("qid") || has("sid") || has("guid"))
}

impl Proofpoint {
    pub(crate) fn new(build: Builder, zone: TimeZone, open_max: usize) -> Proofpoint {
        let sendmail = Sendmail::new(build.clone(), open_max);
        Proofpoint { build, zone, sendmail, columns: None }
    }

    pub(crate) fn open(&self) -> (usize, u64) {
        self.sendmail.open()
    }

    /// One object of the log service, or one result.
    pub(crate) fn object(&mut self, object: &Map<String, Value>, sink: &mut Sink) -> Heard {
        if object.contains_key("sm") {
            return self.maillog(object, sink);
        }
        if object.contains_key("filter") {
            return self.message(object, sink);
        }
        if object.keys().any(|name| plain_name(name) == "finalaction") {
            let pairs: Vec<(String, String)> =
                object.iter().map(|(name, value)| (plain_name(name), flat(value))).collect();
            return self.result(&pairs, sink);
        }
        Heard::Unknown("neither a message, a maillog nor a search result".to_owned())
    }

    /// A row of Smart Search results as CSV; the first is the header.
    pub(crate) fn row(&mut self, row: &str, sink: &mut Sink) -> Heard {
        if row.trim().is_empty() {
            return Heard::Idle;
        }
        let values = values(row);
        let Some(names) = self.columns.as_ref().filter(|_| !is_header(row)) else {
            self.columns = Some(values.iter().map(|name| plain_name(name)).collect());
            return Heard::Idle;
        };
        if values.len() != names.len() {
            return Heard::Unknown(format!("{} values where the header names {}", values.len(), names.len()));
        }
        let pairs: Vec<(String, String)> = names.iter().cloned().zip(values).collect();
        self.result(&pairs, sink)
    }

    /// A line of the gateway's own Sendmail.
    fn maillog(&mut self, object: &Map<String, Value>, sink: &mut Sink) -> Heard {
        let Some(at) = text(object, "/ts").and_then(|ts| moment(&ts, &self.zone)) else {
            return Heard::Unknown("a maillog without a time".to_owned());
        };
        let Some(sm) = object.get("sm").and_then(Value::as_object) else {
            return Heard::Unknown("a maillog without sm".to_owned());
        };
        sink.saw(at);
        let pairs: Vec<(String, String)> = sm
            .iter()
            .map(|(name, value)| {
                (if name == "sizeBytes" { "size".to_owned() } else { name.clone() }, list(value))
            })
            .collect();
        let fields = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let queue_id = pairs.iter().find(|(name, _)| name == "qid").map_or("", |(_, value)| value.as_str());
        let raw = text(object, "/id").or_else(|| text(object, "/data")).unwrap_or_default();
        let host = text(object, "/pps/agent")
            .or_else(|| text(object, "/metadata/origin/data/agent"))
            .unwrap_or_default();
        self.sendmail.fields(at, &host, &raw, &SendmailLine { queue_id, fields }, sink)
    }

    fn message(&mut self, object: &Map<String, Value>, sink: &mut Sink) -> Heard {
        let Some(received) = text(object, "/ts").and_then(|ts| moment(&ts, &self.zone)) else {
            return Heard::Unknown("a message without a time".to_owned());
        };
        let named = object.get("envelope").and_then(|envelope| envelope.get("rcpts"));
        if !named.is_none_or(is_texts) {
            return Heard::Unknown("envelope.rcpts is no list of addresses".to_owned());
        }
        sink.saw(received);
        let get = |path: &str| text(object, path).unwrap_or_default();
        // Bare in the normalized header, with brackets in the raw one.
        let message_id = first_of(object, &["/msg/normalizedHeader/message-id", "/msg/header/message-id"]);
        let from = get("/envelope/from");
        let seen = Seen {
            queue_id: get("/filter/qid"),
            received: Some(received),
            message_id: MessageId::parse(&message_id).ok(),
            facts: MessageFacts {
                subject: first_of(object, &["/msg/normalizedHeader/subject", "/msg/header/subject"]),
                sender_address: if from.is_empty() { "<>".to_owned() } else { from.clone() },
                from_address: Some(first_of(object, &["/msg/parsedAddresses/from"]))
                    .filter(|from| from.contains('@')),
                return_path: if from.is_empty() { "<>".to_owned() } else { from },
                total_bytes: number(object, &["/msg/sizeBytes", "/filter/msgSizeBytes"]),
                directionality: direction(&get("/filter/routeDirection")),
                ..MessageFacts::default()
            },
            recipients: strings(object.get("envelope").and_then(|envelope| envelope.get("rcpts"))),
            client_ip: get("/connection/ip").parse().ok(),
            client_host: get("/connection/host"),
            agent: text(object, "/pps/agent").unwrap_or_else(|| get("/metadata/origin/data/agent")),
            tls: text(object, "/connection/tls/inbound/version").map(|version| {
                format!("{version} {}", get("/connection/tls/inbound/cipher")).trim().to_owned()
            }),
        };
        let verdict = verdict_of(object);
        self.told(&seen, &verdict, &get("/guid"), sink)
    }

    fn result(&mut self, pairs: &[(String, String)], sink: &mut Sink) -> Heard {
        let get = |name: &str| {
            pairs.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.as_str())
        };
        let Some(received) = moment(get("date"), &self.zone) else {
            return Heard::Unknown(format!("the Date \"{}\" is not a time", get("date")));
        };
        sink.saw(received);
        let (module, rule) = get("finalrule").split_once('.').unwrap_or(("", get("finalrule")));
        let sender = if get("sender").is_empty() { "<>" } else { get("sender") };
        let split = |list: &str| {
            list.split([',', ';']).map(|one| one.trim().to_owned()).filter(|one| !one.is_empty()).collect()
        };
        let seen = Seen {
            queue_id: get("qid").to_owned(),
            received: Some(received),
            message_id: MessageId::parse(get("messageid")).ok(),
            facts: MessageFacts {
                subject: get("subject").to_owned(),
                sender_address: sender.to_owned(),
                return_path: sender.to_owned(),
                total_bytes: get("messagesize").parse().unwrap_or(0),
                ..MessageFacts::default()
            },
            recipients: split(if get("recipients").is_empty() {
                get("recipient")
            } else {
                get("recipients")
            }),
            client_ip: get("senderipaddress").parse().ok(),
            client_host: get("senderhost").to_owned(),
            agent: get("agent").to_owned(),
            tls: Some(get("tls").to_owned()).filter(|tls| !tls.is_empty()),
        };
        let mut verdict = Verdict {
            action: get("finalaction").to_lowercase(),
            module: if module.is_empty() { get("moduleid").to_owned() } else { module.to_owned() },
            rule: if rule.is_empty() { get("ruleid").to_owned() } else { rule.to_owned() },
            folder: get("quarantinefolder").to_owned(),
            quarantine_rule: get("quarantinerule").to_owned(),
            pairs: Vec::new(),
        };
        verdict.action = disposition(&verdict.action).to_owned();
        for (name, key) in RESULT_PAIRS {
            verdict.pairs.push(((*key).to_owned(), get(name).to_owned()));
        }
        let heard = self.told(&seen, &verdict, get("guid"), sink);
        if heard == Heard::Taken && !get("sendmailstat").is_empty() && !get("sendmailto").is_empty() {
            let fields = Vec::from([
                ("to", get("sendmailto")),
                ("stat", get("sendmailstat")),
                ("dsn", get("sendmailerrorcode")),
                ("mailer", "esmtp"),
            ]);
            let text = format!("{} {}", get("sendmailto"), get("sendmailstat"));
            self.sendmail.fields(
                received,
                get("agent"),
                &text,
                &SendmailLine { queue_id: get("qid"), fields },
                sink,
            );
        }
        heard
    }

    /// The events of a message and of what the gateway did with it.
    fn told(&self, seen: &Seen, verdict: &Verdict, guid: &str, sink: &mut Sink) -> Heard {
        let Some(received) = seen.received else { return Heard::Unknown("no time".to_owned()) };
        let id = if seen.queue_id.is_empty() {
            self.build.place.hop(&[b"guid", guid.as_bytes()])
        } else {
            Sendmail::hop(&self.build, &seen.queue_id)
        };
        if seen.queue_id.is_empty() && guid.is_empty() {
            return Heard::Unknown("a message with neither a queue id nor a GUID".to_owned());
        }
        let of = At {
            id,
            received,
            message_id: seen.message_id.as_ref(),
            queue_id: &seen.queue_id,
            host: &seen.agent,
        };
        let named: Vec<EventRecipient> = seen
            .recipients
            .iter()
            .take(RECIPIENTS_MAX)
            .map(|address| EventRecipient { address: address.clone(), status: String::new() })
            .collect();
        let key = |kind: &[u8]| self.build.place.key(&[id.0.as_bytes(), kind]);
        let mut event = self.build.event(&of, received, EventId::Receive, Source::Smtp);
        event.message = Some(seen.facts.clone());
        event.recipients.clone_from(&named);
        event.client_ip = seen.client_ip;
        event.client_hostname = Some(seen.client_host.clone()).filter(|host| !host.is_empty());
        event.detail.tls.clone_from(&seen.tls);
        sink.put(key(b"receive"), event);
        let Some(mut event) = self.acted(&of, verdict, &named) else {
            return Heard::Unknown(format!("the final action \"{}\" is not known", verdict.action));
        };
        event.custom_data.extend(pairs(verdict));
        sink.put(key(format!("final {} {}", verdict.action, verdict.folder).as_bytes()), event);
        Heard::Taken
    }

    /// The event of the final action.
    fn acted(&self, of: &At<'_>, verdict: &Verdict, named: &[EventRecipient]) -> Option<Event> {
        let held = !verdict.folder.is_empty();
        let (event_id, source) = match verdict.action.as_str() {
            // The mail log tells where it went; a folder beside it holds a copy.
            "continue" | "accept" | "" => (EventId::Queued, Source::Smtp),
            "discard" | "discards" if held => (EventId::Quarantine, Source::Agent),
            "discard" | "discards" => (EventId::Drop, Source::Agent),
            "quarantine" | "quarantin" => (EventId::Quarantine, Source::Agent),
            "reject" => (EventId::Fail, Source::Agent),
            "retry" => (EventId::Defer, Source::Agent),
            "redirect" => (EventId::Redirect, Source::Agent),
            _ => return None,
        };
        let mut event = self.build.event(of, of.received, event_id, source);
        event.detail.reason = match verdict.module.as_str() {
            _ if matches!(event_id, EventId::Queued | EventId::Redirect) => None,
            "spam" => Some(Reason::Spam),
            "av" | "zerohour" | "pdr_malware" => Some(Reason::Malware),
            "access" | "pdr" => Some(Reason::SourceBlocked),
            _ => Some(Reason::TransportRule),
        };
        if event_id == EventId::Redirect {
            // Where to is in the mail log.
            event.related_recipient_address = named.first().map(|first| first.address.clone());
            return Some(event);
        }
        event.recipients = named.to_vec();
        if event_id == EventId::Quarantine {
            event.detail.folder = Some(verdict.folder.clone());
        }
        Some(event)
    }
}

/// The verdict in the order in which a reader wants it, `Quarantined; Discarded` as the product shows it.
fn pairs(verdict: &Verdict) -> Vec<(String, String)> {
    let shown = match (verdict.action.as_str(), verdict.folder.is_empty()) {
        ("discard" | "discards", false) => "Quarantined; Discarded".to_owned(),
        (action, _) => action.to_owned(),
    };
    let mut pairs = Vec::from([
        (gateway::FINAL_ACTION.to_owned(), shown),
        (gateway::FINAL_MODULE.to_owned(), verdict.module.clone()),
        (gateway::FINAL_RULE.to_owned(), verdict.rule.clone()),
        (gateway::QUARANTINE_FOLDER.to_owned(), verdict.folder.clone()),
        (gateway::QUARANTINE_RULE.to_owned(), verdict.quarantine_rule.clone()),
    ]);
    pairs.extend(verdict.pairs.iter().cloned());
    pairs.retain(|(_, value)| !value.is_empty());
    pairs
}

/// What the modules for SPF, DKIM and DMARC found, each result once; nothing where they did not run.
fn checks_of(object: &Map<String, Value>) -> Vec<(String, String)> {
    let modules = object.get("filter").and_then(|filter| filter.get("modules"));
    let Some(modules) = modules else { return Vec::new() };
    let list =
        |path: &str| modules.pointer(path).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let result = |one: &Value| one.get("result").and_then(Value::as_str).map(str::to_lowercase);
    let mut checks: Vec<(String, String)> = Vec::new();
    let mut add = |method: &str, found: Option<String>| {
        let Some(found) = found.filter(|found| !found.is_empty()) else { return };
        let check = (method.to_owned(), found);
        if checks.len() < CHECKS_MAX && !checks.contains(&check) {
            checks.push(check);
        }
    };
    add("SPF", modules.get("spf").and_then(result));
    list("/dkimv").iter().for_each(|one| add("DKIM", result(one)));
    for one in list("/dmarc/authResults") {
        let method = one.get("method").and_then(Value::as_str).unwrap_or_default().to_uppercase();
        if ["SPF", "DKIM", "DMARC"].contains(&method.as_str()) {
            add(&method, result(one));
        }
    }
    checks
}

/// Shown as `quarantined; discarded` and the like: the second word is the disposition.
fn disposition(action: &str) -> &str {
    action.rsplit_once("; ").map_or(action, |(_, second)| second.trim_end_matches("ed"))
}

fn verdict_of(object: &Map<String, Value>) -> Verdict {
    let get = |path: &str| text(object, path).unwrap_or_default();
    let actions = object.get("filter").and_then(|filter| filter.get("actions")).and_then(Value::as_array);
    // The final action is marked, wherever it stands.
    let last = actions
        .and_then(|all| all.iter().find(|one| one.get("isFinal").and_then(Value::as_bool) == Some(true)));
    let of_final = |name: &str| {
        last.and_then(|one| one.get(name)).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let disposition = get("/filter/disposition");
    let action = if disposition.is_empty() { of_final("action") } else { disposition };
    let action = if action.is_empty() { get("/final_action") } else { action };
    let mut pairs = Vec::new();
    for (path, key) in [
        ("/guid", gateway::GUID),
        ("/connection/sid", gateway::SID),
        ("/filter/routeDirection", gateway::ROUTE_DIRECTION),
        ("/filter/modules/spam/scores/overall", gateway::SPAM_SCORE),
        ("/filter/durationSecs", gateway::DURATION),
    ] {
        pairs.push((key.to_owned(), get(path)));
    }
    let routes = strings(object.get("filter").and_then(|filter| filter.get("routes")));
    pairs.push((gateway::POLICY_ROUTES.to_owned(), routes.join(",")));
    pairs.extend(checks_of(object));
    Verdict {
        action: action.to_lowercase(),
        module: Some(of_final("module"))
            .filter(|module| !module.is_empty())
            .unwrap_or_else(|| get("/final_module")),
        rule: Some(of_final("rule")).filter(|rule| !rule.is_empty()).unwrap_or_else(|| get("/final_rule")),
        folder: get("/filter/quarantine/folder"),
        quarantine_rule: get("/filter/quarantine/rule"),
        pairs,
    }
}

fn at<'a>(object: &'a Map<String, Value>, path: &str) -> Option<&'a Value> {
    let mut parts = path.split('/').skip(1);
    let mut value = object.get(parts.next()?)?;
    for part in parts {
        value = value.get(part)?;
    }
    Some(value)
}

fn text(object: &Map<String, Value>, path: &str) -> Option<String> {
    match at(object, path)? {
        Value::String(text) => Some(text.clone()).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The first element of a list, or the text itself, at the first path that has one.
fn first_of(object: &Map<String, Value>, paths: &[&str]) -> String {
    let found = paths.iter().find_map(|path| match at(object, path)? {
        Value::Array(list) => list.first()?.as_str().map(str::to_owned),
        Value::String(text) => Some(text.clone()),
        _ => None,
    });
    found.unwrap_or_default()
}

fn number(object: &Map<String, Value>, paths: &[&str]) -> u64 {
    paths.iter().find_map(|path| at(object, path)?.as_u64()).unwrap_or(0)
}

/// Whether it is a list of texts, or nothing.
fn is_texts(value: &Value) -> bool {
    value.is_null() || value.as_array().is_some_and(|list| list.iter().all(Value::is_string))
}

fn strings(value: Option<&Value>) -> Vec<String> {
    let list = value.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    list.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

fn list(value: &Value) -> String {
    match value {
        Value::Array(_) => strings(Some(value)).join(","),
        other => flat(other),
    }
}

fn flat(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        Value::Array(_) => strings(Some(value)).join(", "),
        other => other.to_string(),
    }
}

fn direction(word: &str) -> Directionality {
    match word {
        "inbound" => Directionality::Incoming,
        "outbound" | "internal" => Directionality::Originating,
        _ => Directionality::Undefined,
    }
}
