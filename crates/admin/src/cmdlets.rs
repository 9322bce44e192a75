//! The cmdlets: a folder per noun, a file per cmdlet.
//! May touch: nothing (pure).

mod accepted_domain;
mod admin_audit_log;
mod admin_session;
mod administrator_password;
mod distribution_group;
mod distribution_group_member;
mod dns_record_to_publish;
mod exchange_certificate;
mod gateway_trace;
pub(crate) mod historical_search;
mod mail_contact;
mod mail_flow_map;
mod mail_flow_status;
mod mail_traffic_report;
mod mail_user;
mod mailbox;
mod mailbox_item;
mod mailbox_permission;
mod message;
mod message_route;
pub(crate) mod message_trace;
mod message_trace_alert;
pub(crate) mod message_trace_detail;
mod message_trace_import;
mod message_trace_query;
mod message_trace_tree;
mod message_tracking_log;
mod message_tracking_report;
pub(crate) mod own_trace;
mod protocol_log;
mod queue;
mod queue_history;
mod receive_connector;
mod recipient;
mod recipient_permission;
mod remote_domain;
mod role_group;
mod send_connector;
mod service_health;
mod soft_deleted_mailbox;
mod trace_cause;
pub(crate) mod trace_source;
mod transport_config;
mod transport_service;
mod user;

use crate::arguments::Arguments;
use crate::cmdlet::Cmdlet;
use crate::error::CmdletError;
use crate::output::Row;

/// What Get-MessageTrace asks of the trace.
///
/// # Errors
/// `Usage`, naming the parameter that cannot be read.
pub(crate) fn trace_query(
    arguments: &Arguments,
    snapshot: &directory::Snapshot,
) -> Result<trace::Query, CmdletError> {
    message_trace::find::query(arguments, snapshot, message_trace::find::Version::One)
}

/// A row of Get-MessageTrace.
///
/// # Errors
/// `Internal` when it cannot be written.
pub(crate) fn trace_row(found: &trace::TraceRow) -> Result<Row, CmdletError> {
    message_trace::object::row(found)
}

pub use trace_source::object::surroundings;

/// The cmdlets of each noun.
pub(crate) static NOUNS: &[&[&Cmdlet]] = &[
    accepted_domain::ALL,
    admin_audit_log::ALL,
    admin_session::ALL,
    administrator_password::ALL,
    distribution_group::ALL,
    distribution_group_member::ALL,
    dns_record_to_publish::ALL,
    exchange_certificate::ALL,
    gateway_trace::ALL,
    historical_search::ALL,
    mail_contact::ALL,
    mail_flow_map::ALL,
    mail_flow_status::ALL,
    mail_traffic_report::ALL,
    mail_user::ALL,
    mailbox::ALL,
    mailbox_item::ALL,
    mailbox_permission::ALL,
    message::ALL,
    message_route::ALL,
    message_trace::ALL,
    message_trace_import::ALL,
    message_trace_alert::ALL,
    message_trace_detail::ALL,
    message_trace_query::ALL,
    message_trace_tree::ALL,
    message_tracking_log::ALL,
    message_tracking_report::ALL,
    protocol_log::ALL,
    queue::ALL,
    queue_history::ALL,
    receive_connector::ALL,
    recipient::ALL,
    recipient_permission::ALL,
    remote_domain::ALL,
    role_group::ALL,
    send_connector::ALL,
    service_health::ALL,
    soft_deleted_mailbox::ALL,
    trace_source::ALL,
    trace_cause::ALL,
    transport_config::ALL,
    transport_service::ALL,
    user::ALL,
];
