//! Saved searches and alerts of the message trace in a change.
//!
//! May touch: nothing itself.

use std::sync::Arc;

use uuid::Uuid;

use super::{Draft, existing, unique};
use crate::DirectoryError;
use crate::snapshot::{with, without};
use crate::trace_query::{
    MessageTraceAlert, MessageTraceQuery, TRACE_ALERTS_MAX, TRACE_QUERIES_AUTOSAVED_MAX, TRACE_QUERIES_MAX,
    TraceQueryKind,
};

impl Draft {
    /// Adds or replaces a saved search. Of those kept by themselves the oldest of the same owner go.
    pub fn put_message_trace_query(
        &mut self,
        query: MessageTraceQuery,
    ) -> Result<Arc<MessageTraceQuery>, DirectoryError> {
        query.check()?;
        let few = &self.next.message_trace_queries;
        unique(few, query.guid, "Name", &query.name, |other: &MessageTraceQuery| other.name.clone())?;
        let mut same: Vec<Arc<MessageTraceQuery>> = few
            .values()
            .filter(|other| other.kind == query.kind && other.guid != query.guid)
            .cloned()
            .collect();
        if query.kind == TraceQueryKind::Custom && same.len() >= TRACE_QUERIES_MAX {
            return Err(DirectoryError::refused(format!(
                "There are {TRACE_QUERIES_MAX} saved searches, the most there can be; remove one with Remove-MessageTraceQuery."
            )));
        }
        if query.kind == TraceQueryKind::Autosaved {
            same.retain(|other| other.owner == query.owner);
            same.sort_by_key(|other| std::cmp::Reverse(other.when_created));
            for old in same.iter().skip(TRACE_QUERIES_AUTOSAVED_MAX.saturating_sub(1)) {
                self.remove_message_trace_query(old.guid)?;
            }
        }
        let query = Arc::new(query);
        self.touch::<MessageTraceQuery>(query.guid);
        self.next.message_trace_queries =
            with(&self.next.message_trace_queries, query.guid, Arc::clone(&query));
        Ok(query)
    }

    /// Removes a saved search; one that an alert watches stays.
    pub fn remove_message_trace_query(&mut self, guid: Uuid) -> Result<(), DirectoryError> {
        let query = existing(&self.next.message_trace_queries, guid)?;
        let watched =
            self.next.message_trace_alerts().find(|alert| alert.query.eq_ignore_ascii_case(&query.name));
        if let Some(alert) = watched {
            return Err(DirectoryError::refused(format!(
                "The alert \"{}\" watches this search; remove the alert first, or give it another -Query.",
                alert.name
            )));
        }
        self.touch::<MessageTraceQuery>(guid);
        self.next.message_trace_queries = without(&self.next.message_trace_queries, guid);
        Ok(())
    }

    /// Adds or replaces an alert.
    pub fn put_message_trace_alert(
        &mut self,
        alert: MessageTraceAlert,
    ) -> Result<Arc<MessageTraceAlert>, DirectoryError> {
        alert.check()?;
        let few = &self.next.message_trace_alerts;
        unique(few, alert.guid, "Name", &alert.name, |other: &MessageTraceAlert| other.name.clone())?;
        if !few.contains_key(&alert.guid) && few.len() >= TRACE_ALERTS_MAX {
            return Err(DirectoryError::refused(format!(
                "There are {TRACE_ALERTS_MAX} alerts, the most there can be."
            )));
        }
        let alert = Arc::new(alert);
        self.touch::<MessageTraceAlert>(alert.guid);
        self.next.message_trace_alerts =
            with(&self.next.message_trace_alerts, alert.guid, Arc::clone(&alert));
        Ok(alert)
    }

    /// Removes an alert.
    pub fn remove_message_trace_alert(&mut self, guid: Uuid) -> Result<(), DirectoryError> {
        existing(&self.next.message_trace_alerts, guid)?;
        self.touch::<MessageTraceAlert>(guid);
        self.next.message_trace_alerts = without(&self.next.message_trace_alerts, guid);
        Ok(())
    }
}
