//! The parameters only groups have: owners, joining, reports, size.
//! May touch: nothing (pure).

use directory::{MemberDepartRestriction, MemberJoinRestriction};

use crate::cmdlets::recipient::groups::{Group, set_bool, set_recipients, set_text};
use crate::parameter::{Kind, Parameter};

/// Owners and behaviour of a group.
pub(crate) const SETTINGS: Group = Group {
    parameters: &[
        Parameter::new("ManagedBy", Kind::Change(&Kind::Identity), "The owners, at least one."),
        Parameter::new(
            "MemberJoinRestriction",
            Kind::Enum(&["Open", "Closed", "ApprovalRequired"]),
            "How people become members.",
        ),
        Parameter::new("MemberDepartRestriction", Kind::Enum(&["Open", "Closed"]), "How people leave."),
        Parameter::new(
            "ReportToOriginatorEnabled",
            Kind::Bool,
            "Whether reports for members go to the message's sender.",
        ),
        Parameter::new(
            "ReportToManagerEnabled",
            Kind::Bool,
            "Whether reports for members go to the first owner.",
        ),
        Parameter::new(
            "SendOofMessageToOriginatorEnabled",
            Kind::Bool,
            "Whether automatic replies of members go to the message's sender.",
        ),
        Parameter::new("BccBlocked", Kind::Bool, "Whether a message that names the group in Bcc is refused."),
        Parameter::new("HiddenGroupMembershipEnabled", Kind::Switch, "Hides the members; cannot be undone."),
        Parameter::new(
            "ExpansionServer",
            Kind::Text,
            "The server that expands the group; none is the nearest.",
        ),
    ],
    apply: |group, arguments, snapshot| {
        set_recipients(&mut group.managed_by, arguments, snapshot, "ManagedBy")?;
        let settings = &mut group.group;
        if let Some(word) = arguments.text("MemberJoinRestriction") {
            settings.member_join_restriction = word.parse::<MemberJoinRestriction>()?;
        }
        if let Some(word) = arguments.text("MemberDepartRestriction") {
            settings.member_depart_restriction = word.parse::<MemberDepartRestriction>()?;
        }
        set_bool(&mut settings.bcc_blocked, arguments, "BccBlocked");
        set_bool(&mut settings.hidden_group_membership_enabled, arguments, "HiddenGroupMembershipEnabled");
        set_text(&mut settings.expansion_server, arguments, "ExpansionServer");
        set_bool(&mut group.report_to_originator_enabled, arguments, "ReportToOriginatorEnabled");
        set_bool(&mut group.report_to_manager_enabled, arguments, "ReportToManagerEnabled");
        // Never both: who asks for the one gives up the other, unless that was given too.
        if arguments.is_on("ReportToManagerEnabled") && !arguments.is_given("ReportToOriginatorEnabled") {
            group.report_to_originator_enabled = false;
        }
        if arguments.is_on("ReportToOriginatorEnabled") && !arguments.is_given("ReportToManagerEnabled") {
            group.report_to_manager_enabled = false;
        }
        set_bool(
            &mut group.send_oof_message_to_originator_enabled,
            arguments,
            "SendOofMessageToOriginatorEnabled",
        );
        Ok(())
    },
};

/// -Members of a new group.
pub(crate) const MEMBERS: Group = Group {
    parameters: &[Parameter::new(
        "Members",
        Kind::Change(&Kind::Identity),
        "The members: mailboxes, contacts, mail users and groups.",
    )],
    apply: |group, arguments, snapshot| set_recipients(&mut group.members, arguments, snapshot, "Members"),
};
