//! Checks that what a recipient names exists and can be what it is named as.
//!
//! May touch: nothing (pure).

use std::collections::HashSet;

use uuid::Uuid;

use super::Draft;
use crate::DirectoryError;
use crate::recipient::{Recipient, RecipientClass, RecipientKind};

impl Draft {
    /// Looks only at what is new against `old`, so that a change to a large group costs what changed.
    pub(super) fn check_references(
        &self,
        recipient: &Recipient,
        old: Option<&Recipient>,
    ) -> Result<(), DirectoryError> {
        let same_kind = old.filter(|old| old.kind == recipient.kind);
        let old_lists = same_kind.map(Recipient::lists);
        for (position, (property, list)) in recipient.lists().into_iter().enumerate() {
            let before = old_lists.as_ref().and_then(|lists| lists.get(position)).map(|(_, list)| *list);
            let known: HashSet<&Uuid> = before.into_iter().flatten().collect();
            for guid in list.iter().filter(|guid| !known.contains(guid)) {
                self.check_reference(recipient, property, *guid)?;
            }
        }
        for grant in &recipient.full_access {
            if same_kind.is_none_or(|old| !old.full_access.contains(grant)) {
                self.check_reference(recipient, "FullAccess", grant.user)?;
            }
        }
        if let Some(to) = recipient.forwarding_address
            && same_kind.is_none_or(|old| old.forwarding_address != Some(to))
        {
            self.check_reference(recipient, "ForwardingAddress", to)?;
        }
        Ok(())
    }

    fn check_reference(
        &self,
        recipient: &Recipient,
        property: &'static str,
        guid: Uuid,
    ) -> Result<(), DirectoryError> {
        let Some(named) = self.next.recipient(guid) else {
            return Err(DirectoryError::invalid(
                property,
                format!("there is no recipient {guid}; check it with Get-Recipient."),
            ));
        };
        let refuse = |rule: &str| {
            Err(DirectoryError::invalid(
                property,
                format!("\"{}\" is a {}; {rule}.", named.display_name, named.kind.words()),
            ))
        };
        let class = named.kind.class();
        let is_group = matches!(class, RecipientClass::Group | RecipientClass::DynamicGroup)
            || named.kind == RecipientKind::GroupMailbox;
        if class == RecipientClass::System {
            return refuse("it sends the system's own mail and cannot be named here");
        }
        match property {
            "FullAccess" | "SendAs" | "GrantSendOnBehalfTo" if !named.kind.may_hold_permissions() => {
                refuse("permissions are granted to users with an account and to mail-enabled security groups")
            }
            "FullAccess" | "SendAs" | "GrantSendOnBehalfTo" if guid == recipient.guid => {
                refuse("nobody needs a permission on themselves")
            }
            "ManagedBy" if !named.kind.may_hold_permissions() => {
                refuse("owners are users with an account or mail-enabled security groups")
            }
            "AcceptMessagesOnlyFrom" | "RejectMessagesFrom" if is_group => {
                refuse("name groups in the list for members of groups")
            }
            "AcceptMessagesOnlyFromDLMembers" | "RejectMessagesFromDLMembers" if !is_group => {
                refuse("name single senders in the list for senders")
            }
            "ModeratedBy" if is_group => refuse("moderators are single people"),
            "Members" => check_member(recipient, named),
            _ => Ok(()),
        }
    }
}

fn check_member(group: &Recipient, member: &Recipient) -> Result<(), DirectoryError> {
    let refuse = |rule: &str| {
        Err(DirectoryError::invalid(
            "Members",
            format!("\"{}\" is a {}; {rule}.", member.display_name, member.kind.words()),
        ))
    };
    let is_room = matches!(
        member.kind,
        RecipientKind::RoomMailbox
            | RecipientKind::LinkedRoomMailbox
            | RecipientKind::RemoteRoomMailbox
            | RecipientKind::RoomList
    );
    match group.kind {
        RecipientKind::RoomList if !is_room => refuse("a room list holds rooms and room lists"),
        RecipientKind::GroupMailbox if !(member.kind.is_mailbox() || member.kind.may_have_account()) => {
            refuse("a Microsoft 365 group holds people, not groups or contacts")
        }
        _ => Ok(()),
    }
}
