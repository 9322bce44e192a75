//! Causes that other servers name in their replies: a file each.
//!
//! May touch: nothing (pure).

mod ambiguous_recipient;
mod attachment_blocked;
mod authentication_required;
mod bad_outbound_sender;
mod bad_recipient_syntax;
mod banned_sending_ip;
mod cannot_reach_recipient_server;
mod connection_dropped;
mod content_not_taken;
mod credentials_refused;
mod daily_limit;
mod dkim_failed;
mod dmarc_failed;
mod dns_block_list;
mod domain_not_served;
mod dynamic_address;
mod greylisted;
mod hello_rejected;
mod low_tenant_reputation;
mod mail_flow_rule;
mod mail_loop;
mod mailbox_disabled;
mod mailbox_full;
mod malformed_message;
mod malware;
mod message_expired;
mod message_too_large;
mod needs_utf8;
mod no_reverse_name;
mod null_mx;
mod out_of_resources;
mod policy_refusal;
mod poor_reputation;
mod protocol_error;
mod receiving_too_fast;
mod recipient_moved;
mod recipient_rejected_at_edge;
mod relay_denied;
mod remote_local_error;
mod remote_lookup_failed;
mod restricted_recipient;
mod send_as_refused;
mod sender_domain_unknown;
mod sender_rejected;
mod sender_verify_failed;
mod service_unavailable;
mod spam_content;
mod spf_failed;
mod tenant_attribution;
mod tenant_over_threshold;
mod throttled;
mod tls_required;
mod tls_trouble_there;
mod too_many_connections;
mod too_many_recipients;
mod unauthenticated;
mod unregistered_domains;
mod user_unknown;

use super::KnownCause;

/// All of them.
pub(super) static ALL: &[KnownCause] = &[
    ambiguous_recipient::CAUSE,
    attachment_blocked::CAUSE,
    authentication_required::CAUSE,
    bad_outbound_sender::CAUSE,
    bad_recipient_syntax::CAUSE,
    banned_sending_ip::CAUSE,
    cannot_reach_recipient_server::CAUSE,
    connection_dropped::CAUSE,
    content_not_taken::CAUSE,
    credentials_refused::CAUSE,
    daily_limit::CAUSE,
    dkim_failed::CAUSE,
    dmarc_failed::CAUSE,
    dns_block_list::CAUSE,
    domain_not_served::CAUSE,
    dynamic_address::CAUSE,
    greylisted::CAUSE,
    hello_rejected::CAUSE,
    low_tenant_reputation::CAUSE,
    mail_flow_rule::CAUSE,
    mail_loop::CAUSE,
    mailbox_disabled::CAUSE,
    mailbox_full::CAUSE,
    malformed_message::CAUSE,
    malware::CAUSE,
    message_expired::CAUSE,
    message_too_large::CAUSE,
    needs_utf8::CAUSE,
    no_reverse_name::CAUSE,
    null_mx::CAUSE,
    out_of_resources::CAUSE,
    policy_refusal::CAUSE,
    poor_reputation::CAUSE,
    protocol_error::CAUSE,
    receiving_too_fast::CAUSE,
    recipient_moved::CAUSE,
    recipient_rejected_at_edge::CAUSE,
    relay_denied::CAUSE,
    remote_local_error::CAUSE,
    remote_lookup_failed::CAUSE,
    restricted_recipient::CAUSE,
    send_as_refused::CAUSE,
    sender_domain_unknown::CAUSE,
    sender_rejected::CAUSE,
    sender_verify_failed::CAUSE,
    service_unavailable::CAUSE,
    spam_content::CAUSE,
    spf_failed::CAUSE,
    tenant_attribution::CAUSE,
    tenant_over_threshold::CAUSE,
    throttled::CAUSE,
    tls_required::CAUSE,
    tls_trouble_there::CAUSE,
    too_many_connections::CAUSE,
    too_many_recipients::CAUSE,
    unauthenticated::CAUSE,
    unregistered_domains::CAUSE,
    user_unknown::CAUSE,
];
