//! Causes found by this server, or by one like it: a file each.
//!
//! May touch: nothing (pure).

mod auth_failed;
mod auth_required_group;
mod auth_required_organization;
mod auth_required_recipient;
mod auto_forward_blocked;
mod back_pressure;
mod bad_outbound_sender;
mod bare_line_feed;
mod connection_dropped;
mod connection_refused;
mod connection_timed_out;
mod directory_temporary;
mod dmarc_failed;
mod dns_no_records;
mod dns_nx_domain;
mod dns_temporary;
mod duplicate_resend;
mod empty_group;
mod forwarding_loop;
mod header_too_large;
mod hop_count;
mod internal;
mod invalid_address;
mod line_too_long;
mod mailbox_full;
mod mailbox_unavailable;
mod malware;
mod moderation;
mod ndr_suppressed_by_request;
mod ndr_suppressed_null_sender;
mod ndr_suppressed_rate;
mod needs_binary_mime;
mod needs_smtp_utf8;
mod no_connector;
mod not_authenticated;
mod not_redundant;
mod null_mx;
mod poison;
mod protocol_error;
mod queue_expired;
mod rate_limit;
mod received_line_loop;
mod recipient_access_denied;
mod recipient_limit;
mod recipient_not_found;
mod relay_denied;
mod remote_permanent;
mod remote_transient;
mod removed_by_administrator;
mod report_to_group;
mod routes_to_self;
mod send_as_denied;
mod sender_denied;
mod sender_not_allowed;
mod service_unavailable;
mod session_aborted;
mod session_timed_out;
mod size_connector;
mod size_organization;
mod size_recipient;
mod size_sender;
mod source_blocked;
mod spam;
mod spf_failed;
mod suspended;
mod tls_failed;
mod too_many_recipients;
mod transport_rule;
mod unauthenticated_ipv6;

use super::KnownCause;

/// All of them.
pub(super) static ALL: &[KnownCause] = &[
    auth_failed::CAUSE,
    auth_required_group::CAUSE,
    auth_required_organization::CAUSE,
    auth_required_recipient::CAUSE,
    auto_forward_blocked::CAUSE,
    back_pressure::CAUSE,
    bad_outbound_sender::CAUSE,
    bare_line_feed::CAUSE,
    connection_dropped::CAUSE,
    connection_refused::CAUSE,
    connection_timed_out::CAUSE,
    directory_temporary::CAUSE,
    dmarc_failed::CAUSE,
    dns_no_records::CAUSE,
    dns_nx_domain::CAUSE,
    dns_temporary::CAUSE,
    duplicate_resend::CAUSE,
    empty_group::CAUSE,
    forwarding_loop::CAUSE,
    header_too_large::CAUSE,
    hop_count::CAUSE,
    internal::CAUSE,
    invalid_address::CAUSE,
    line_too_long::CAUSE,
    mailbox_full::CAUSE,
    mailbox_unavailable::CAUSE,
    malware::CAUSE,
    moderation::CAUSE,
    ndr_suppressed_by_request::CAUSE,
    ndr_suppressed_null_sender::CAUSE,
    ndr_suppressed_rate::CAUSE,
    needs_binary_mime::CAUSE,
    needs_smtp_utf8::CAUSE,
    no_connector::CAUSE,
    not_authenticated::CAUSE,
    not_redundant::CAUSE,
    null_mx::CAUSE,
    poison::CAUSE,
    protocol_error::CAUSE,
    queue_expired::CAUSE,
    rate_limit::CAUSE,
    received_line_loop::CAUSE,
    recipient_access_denied::CAUSE,
    recipient_limit::CAUSE,
    recipient_not_found::CAUSE,
    relay_denied::CAUSE,
    remote_permanent::CAUSE,
    remote_transient::CAUSE,
    removed_by_administrator::CAUSE,
    report_to_group::CAUSE,
    routes_to_self::CAUSE,
    send_as_denied::CAUSE,
    sender_denied::CAUSE,
    sender_not_allowed::CAUSE,
    service_unavailable::CAUSE,
    session_aborted::CAUSE,
    session_timed_out::CAUSE,
    size_connector::CAUSE,
    size_organization::CAUSE,
    size_recipient::CAUSE,
    size_sender::CAUSE,
    source_blocked::CAUSE,
    spam::CAUSE,
    spf_failed::CAUSE,
    suspended::CAUSE,
    tls_failed::CAUSE,
    too_many_recipients::CAUSE,
    transport_rule::CAUSE,
    unauthenticated_ipv6::CAUSE,
];
