//! Writes objects as JSON documents with a version, and reads them back.
//!
//! May touch: nothing (pure).

use std::sync::Arc;

use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::DirectoryError;
use crate::accepted_domain::AcceptedDomain;
use crate::administrator::Administrator;
use crate::certificate::Certificate;
use crate::object::{Few, Object, ObjectKind};
use crate::receive_connector::ReceiveConnector;
use crate::recipient::Recipient;
use crate::remote_domain::RemoteDomain;
use crate::role_group::RoleGroup;
use crate::send_connector::SendConnector;
use crate::snapshot::{Snapshot, with};
use crate::trace_query::{MessageTraceAlert, MessageTraceQuery};
use crate::transport::{Organization, TransportConfig, TransportService};

/// Lists longer than this come into the audit as what was added and removed.
const AUDIT_LIST_MAX: usize = 100;
/// Properties the audit never shows.
const HIDDEN: [&str; 2] = ["password_hash", "password"];

/// One object as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Document {
    pub(crate) name: String,
    pub(crate) version: i64,
    pub(crate) json: String,
}

fn encode<T: Object>(object: &T) -> Result<Document, DirectoryError> {
    let json = serde_json::to_string(object).map_err(|error| {
        DirectoryError::Damaged(format!("{} cannot be written: {error}", T::KIND.words()))
    })?;
    Ok(Document { name: object.name(), version: T::VERSION, json })
}

fn decode<T: Object>(guid: Uuid, version: i64, json: &str) -> Result<T, DirectoryError> {
    if version > T::VERSION {
        return Err(DirectoryError::NewerFormat {
            what: format!("The {} {guid}", T::KIND.words()),
            found: version,
            known: T::VERSION,
        });
    }
    let object: T = serde_json::from_str(json).map_err(|error| {
        DirectoryError::Damaged(format!("the {} {guid} cannot be read: {error}", T::KIND.words()))
    })?;
    if object.guid() != guid {
        return Err(DirectoryError::Damaged(format!(
            "the {} {guid} names itself otherwise",
            T::KIND.words()
        )));
    }
    Ok(object)
}

/// The document of one object of a snapshot, if it is there.
pub(crate) fn document(
    snapshot: &Snapshot,
    kind: ObjectKind,
    guid: Uuid,
) -> Result<Option<Document>, DirectoryError> {
    fn of<T: Object>(few: &Few<T>, guid: Uuid) -> Result<Option<Document>, DirectoryError> {
        few.get(&guid).map(|object| encode(&**object)).transpose()
    }
    match kind {
        ObjectKind::Recipient => {
            let recipient = snapshot.recipient(guid).or_else(|| snapshot.soft_deleted_mailbox(guid));
            recipient.map(|recipient| encode(&**recipient)).transpose()
        }
        ObjectKind::AcceptedDomain => of(&snapshot.accepted_domains, guid),
        ObjectKind::RemoteDomain => of(&snapshot.remote_domains, guid),
        ObjectKind::ReceiveConnector => of(&snapshot.receive_connectors, guid),
        ObjectKind::SendConnector => of(&snapshot.send_connectors, guid),
        ObjectKind::Certificate => of(&snapshot.certificates, guid),
        ObjectKind::Administrator => of(&snapshot.administrators, guid),
        ObjectKind::MessageTraceQuery => of(&snapshot.message_trace_queries, guid),
        ObjectKind::MessageTraceAlert => of(&snapshot.message_trace_alerts, guid),
        ObjectKind::RoleGroup => of(&snapshot.role_groups, guid),
        // Before `init` there is no organization, and its settings are defaults nobody stored.
        _ if !snapshot.is_seeded() => Ok(None),
        ObjectKind::TransportConfig => encode(&**snapshot.transport_config()).map(Some),
        ObjectKind::TransportService => encode(&**snapshot.transport_service()).map(Some),
        ObjectKind::Organization => encode(&**snapshot.organization()).map(Some),
    }
}

/// Puts a stored object into a snapshot that is being read.
pub(crate) fn restore(
    snapshot: &mut Snapshot,
    kind: ObjectKind,
    guid: Uuid,
    version: i64,
    json: &str,
) -> Result<(), DirectoryError> {
    fn into<T: Object>(few: &mut Few<T>, guid: Uuid, version: i64, json: &str) -> Result<(), DirectoryError> {
        *few = with(few, guid, Arc::new(decode::<T>(guid, version, json)?));
        Ok(())
    }
    match kind {
        ObjectKind::Recipient => {
            let recipient = Arc::new(decode::<Recipient>(guid, version, json)?);
            if let Some(key) = snapshot.put_recipient(recipient) {
                return Err(DirectoryError::Damaged(format!("two recipients have \"{key}\"")));
            }
        }
        ObjectKind::AcceptedDomain => {
            into::<AcceptedDomain>(&mut snapshot.accepted_domains, guid, version, json)?;
        }
        ObjectKind::RemoteDomain => into::<RemoteDomain>(&mut snapshot.remote_domains, guid, version, json)?,
        ObjectKind::ReceiveConnector => {
            into::<ReceiveConnector>(&mut snapshot.receive_connectors, guid, version, json)?;
        }
        ObjectKind::SendConnector => {
            into::<SendConnector>(&mut snapshot.send_connectors, guid, version, json)?
        }
        ObjectKind::Certificate => into::<Certificate>(&mut snapshot.certificates, guid, version, json)?,
        ObjectKind::Administrator => {
            into::<Administrator>(&mut snapshot.administrators, guid, version, json)?
        }
        ObjectKind::MessageTraceQuery => {
            into::<MessageTraceQuery>(&mut snapshot.message_trace_queries, guid, version, json)?;
        }
        ObjectKind::MessageTraceAlert => {
            into::<MessageTraceAlert>(&mut snapshot.message_trace_alerts, guid, version, json)?;
        }
        ObjectKind::RoleGroup => into::<RoleGroup>(&mut snapshot.role_groups, guid, version, json)?,
        ObjectKind::TransportConfig => {
            snapshot.transport_config = Arc::new(decode::<TransportConfig>(guid, version, json)?);
        }
        ObjectKind::TransportService => {
            snapshot.transport_service = Arc::new(decode::<TransportService>(guid, version, json)?);
        }
        ObjectKind::Organization => {
            snapshot.organization = Arc::new(decode::<Organization>(guid, version, json)?);
        }
    }
    Ok(())
}

/// What an audit row shows of a change: the properties that differ, before and after, without secrets.
pub(crate) fn differences(
    before: Option<&Document>,
    after: Option<&Document>,
) -> (Option<String>, Option<String>) {
    let (mut old, mut new) = (properties(before), properties(after));
    if let (Some(old), Some(new)) = (&mut old, &mut new) {
        old.retain(|property, value| new.get(property) != Some(value));
        let kept: Vec<String> = new
            .iter()
            .filter(|(property, _)| {
                old.contains_key(*property)
                    || properties(before).is_none_or(|all| !all.contains_key(*property))
            })
            .map(|(property, _)| property.clone())
            .collect();
        new.retain(|property, _| kept.contains(property));
        for property in kept {
            if let (Some(old), Some(new)) = (old.get_mut(&property), new.get_mut(&property)) {
                shorten(old, new);
            }
        }
    }
    (old.map(render), new.map(render))
}

fn properties(document: Option<&Document>) -> Option<Map<String, Value>> {
    match serde_json::from_str(&document?.json) {
        Ok(Value::Object(properties)) => Some(properties),
        _ => Some(Map::new()),
    }
}

fn shorten(old: &mut Value, new: &mut Value) {
    let (Value::Array(before), Value::Array(after)) = (&*old, &*new) else { return };
    if before.len().max(after.len()) <= AUDIT_LIST_MAX {
        return;
    }
    let texts = |list: &[Value]| list.iter().map(Value::to_string).collect::<std::collections::HashSet<_>>();
    let (had, has) = (texts(before), texts(after));
    let gone: Vec<&Value> = before.iter().filter(|value| !has.contains(&value.to_string())).collect();
    let come: Vec<&Value> = after.iter().filter(|value| !had.contains(&value.to_string())).collect();
    let shown =
        (json!({ "count": before.len(), "removed": gone }), json!({ "count": after.len(), "added": come }));
    (*old, *new) = shown;
}

fn render(properties: Map<String, Value>) -> String {
    let mut value = Value::Object(properties);
    hide(&mut value);
    value.to_string()
}

fn hide(value: &mut Value) {
    match value {
        Value::Object(properties) => {
            for (property, value) in properties {
                if HIDDEN.contains(&property.as_str()) && !value.is_null() {
                    *value = Value::String("(hidden)".to_owned());
                } else {
                    hide(value);
                }
            }
        }
        Value::Array(values) => values.iter_mut().for_each(hide),
        _ => {}
    }
}
