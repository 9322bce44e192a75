//! The scenarios of `paths/`, one test each.
//!
//! May touch: the simulated world, the folder of scenarios (the list must be complete).

/// One test per file; the list is compared with the folder.
macro_rules! scenarios {
    ($($name:ident)+) => {
        $(
            #[test]
            fn $name() {
                tests::sim::play(
                    concat!("tests/paths/", stringify!($name), ".txt"),
                    include_str!(concat!("paths/", stringify!($name), ".txt")),
                );
            }
        )+

        const LISTED: &[&str] = &[$(stringify!($name)),+];
    };
}

scenarios! {
    alert_by_mail
    arrives_during_retry
    attempts_in_the_protocol_log
    auto_forward_outside
    back_pressure
    bare_lf_commands
    binary_and_utf8_hops
    both_forwarding_addresses
    connection_no_connector_takes
    dead_smart_host
    deliver_and_forward
    delivery_notices
    eight_bit_without_smtputf8
    empty_group
    expiry_in_unreachable
    export_with_envelope
    filters_choose_queues_and_messages
    forward_only
    forward_to_somebody_who_gets_it_anyway
    forwarding_loop
    group
    group_changed_after_expansion
    group_member_fails_at_once
    group_report_settings
    group_with_external_contact
    group_with_loop
    header_firewall
    header_injection
    header_too_large
    internal_only_member_of_open_group
    large_group
    mail_loop
    mailbox_over_quota
    mx_preference
    ndr_to_inside_and_outside
    nested_group
    no_connector_then_one
    no_open_relay
    not_authenticated
    nul_in_message
    one_mailbox
    opportunistic_tls
    outside_sender_to_internal_only_group
    over_long_lines
    over_the_envelope_limit
    printer_anonymous_relay
    printer_externally_secured
    proxy_address
    proxy_and_primary_together
    queued_mail_survives_a_crash
    receive_connector_selection
    refused_connection
    refused_message_keeps_its_header
    refused_recipient
    remote_breaks_off_after_the_message
    remote_down_then_up
    remote_refuses_at_connect
    remote_refuses_at_data
    remote_refuses_at_mail
    remote_refuses_at_rcpt
    removed_message_with_report
    removed_send_connector
    report_rate
    resubmitted_mailbox_forwards_once
    resubmitted_recipient_is_a_group_by_now
    results_of_another_servers_checks
    retry_queue
    return_path_of_others
    route_without_sending
    send_as_every_author
    send_connector_cost
    send_connector_most_specific
    sent_twice_after_a_crash
    shared_mailbox
    shared_mailbox_send_rights
    size_between_two_users
    size_declared_for_organization
    size_organization
    size_receive_connector
    size_recipient
    size_send_connector
    slow_clients
    smuggling
    success_asked_twice
    suspend_queue
    suspended_message
    suspended_queue_survives_a_restart
    tarpit
    test_send_connector
    too_many_recipients
    trace_of_a_queue_in_retry
    trace_of_held_mail
    trace_says_why_it_waits_or_ended
    typed_by_hand
    unknown_recipient_authoritative
    unknown_recipient_external_relay
    unknown_recipient_internal_relay
}

#[test]
fn every_file_is_listed() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("paths");
    let disk = world::Disk::real();
    let mut found: Vec<String> = disk
        .read_dir(&folder)
        .unwrap()
        .into_iter()
        .filter_map(|entry| entry.name.to_string_lossy().strip_suffix(".txt").map(str::to_owned))
        .collect();
    let mut listed: Vec<String> = LISTED.iter().map(|name| (*name).to_owned()).collect();
    found.sort();
    listed.sort();
    assert_eq!(found, listed);
}
