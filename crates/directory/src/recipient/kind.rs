//! What kinds of recipient there are, and what each can do.
//!
//! May touch: nothing (pure).

use crate::text_enum::text_enum;

text_enum! {
    /// RecipientTypeDetails: the exact kind of a recipient.
    pub enum RecipientKind "RecipientTypeDetails" {
        /// A person's mailbox.
        UserMailbox = "UserMailbox",
        /// A mailbox several people open; nobody signs in to it.
        SharedMailbox = "SharedMailbox",
        /// A room that can be booked.
        RoomMailbox = "RoomMailbox",
        /// A thing that can be booked.
        EquipmentMailbox = "EquipmentMailbox",
        /// A mailbox whose owner signs in elsewhere.
        LinkedMailbox = "LinkedMailbox",
        /// A linked mailbox of a room.
        LinkedRoomMailbox = "LinkedRoomMailbox",
        /// A mailbox that holds search results.
        DiscoveryMailbox = "DiscoveryMailbox",
        /// A mailbox for scheduling pages.
        SchedulingMailbox = "SchedulingMailbox",
        /// A mailbox of the system: moderation, journaling.
        ArbitrationMailbox = "ArbitrationMailbox",
        /// A Microsoft 365 group: members and a mailbox of its own.
        GroupMailbox = "GroupMailbox",
        /// A person with an account here and a mailbox outside.
        MailUser = "MailUser",
        /// A guest with an account here and a mailbox outside.
        GuestMailUser = "GuestMailUser",
        /// A user of ours whose mailbox is in Microsoft 365.
        RemoteUserMailbox = "RemoteUserMailbox",
        /// A shared mailbox in Microsoft 365.
        RemoteSharedMailbox = "RemoteSharedMailbox",
        /// A room in Microsoft 365.
        RemoteRoomMailbox = "RemoteRoomMailbox",
        /// Equipment in Microsoft 365.
        RemoteEquipmentMailbox = "RemoteEquipmentMailbox",
        /// A person outside.
        MailContact = "MailContact",
        /// A distribution group.
        MailUniversalDistributionGroup = "MailUniversalDistributionGroup",
        /// A distribution group that can hold permissions.
        MailUniversalSecurityGroup = "MailUniversalSecurityGroup",
        /// A distribution group of rooms.
        RoomList = "RoomList",
        /// A group whose members are found by a filter when mail comes.
        DynamicDistributionGroup = "DynamicDistributionGroup",
        /// A public folder with an address.
        PublicFolder = "PublicFolder",
        /// The sender of the system's own mail to people inside.
        MicrosoftExchange = "MicrosoftExchange",
    }
}

/// What mail to a recipient does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RecipientClass {
    /// Delivered into a mailbox here.
    Mailbox,
    /// Sent on to `external_email_address`.
    External,
    /// Expanded to `members`.
    Group,
    /// Expanded to what a filter finds.
    DynamicGroup,
    /// Delivered into a public folder.
    PublicFolder,
    /// Taken by nobody: the system's own sender.
    System,
}

impl RecipientKind {
    /// What mail to this kind does.
    pub const fn class(self) -> RecipientClass {
        use RecipientKind as K;
        match self {
            K::UserMailbox
            | K::SharedMailbox
            | K::RoomMailbox
            | K::EquipmentMailbox
            | K::LinkedMailbox
            | K::LinkedRoomMailbox
            | K::DiscoveryMailbox
            | K::SchedulingMailbox
            | K::ArbitrationMailbox
            | K::GroupMailbox => RecipientClass::Mailbox,
            K::MailUser
            | K::GuestMailUser
            | K::RemoteUserMailbox
            | K::RemoteSharedMailbox
            | K::RemoteRoomMailbox
            | K::RemoteEquipmentMailbox
            | K::MailContact => RecipientClass::External,
            K::MailUniversalDistributionGroup | K::MailUniversalSecurityGroup | K::RoomList => {
                RecipientClass::Group
            }
            K::DynamicDistributionGroup => RecipientClass::DynamicGroup,
            K::PublicFolder => RecipientClass::PublicFolder,
            K::MicrosoftExchange => RecipientClass::System,
        }
    }

    /// RecipientType: the coarser kind `Get-Recipient` shows beside RecipientTypeDetails.
    pub const fn recipient_type(self) -> &'static str {
        use RecipientKind as K;
        match self.class() {
            RecipientClass::Mailbox => "UserMailbox",
            RecipientClass::External => match self {
                K::MailContact => "MailContact",
                _ => "MailUser",
            },
            RecipientClass::Group => match self {
                K::MailUniversalSecurityGroup => "MailUniversalSecurityGroup",
                _ => "MailUniversalDistributionGroup",
            },
            RecipientClass::DynamicGroup => "DynamicDistributionGroup",
            RecipientClass::PublicFolder => "PublicFolder",
            RecipientClass::System => "MicrosoftExchange",
        }
    }

    /// Whether it has a mailbox here.
    pub const fn is_mailbox(self) -> bool {
        matches!(self.class(), RecipientClass::Mailbox)
    }

    /// Whether it is a group with a list of members. A Microsoft 365 group is a mailbox with members.
    pub const fn has_members(self) -> bool {
        matches!(self.class(), RecipientClass::Group) || matches!(self, RecipientKind::GroupMailbox)
    }

    /// Whether it can have an account to sign in with.
    pub const fn may_have_account(self) -> bool {
        match self.class() {
            RecipientClass::Mailbox => !matches!(self, RecipientKind::GroupMailbox),
            RecipientClass::External => !matches!(self, RecipientKind::MailContact),
            _ => false,
        }
    }

    /// Whether the account may be enabled: nobody signs in to a shared, linked or system mailbox.
    pub const fn may_sign_in(self) -> bool {
        self.may_have_account()
            && !matches!(
                self,
                RecipientKind::SharedMailbox
                    | RecipientKind::LinkedMailbox
                    | RecipientKind::LinkedRoomMailbox
                    | RecipientKind::EquipmentMailbox
                    | RecipientKind::DiscoveryMailbox
                    | RecipientKind::SchedulingMailbox
                    | RecipientKind::ArbitrationMailbox
            )
    }

    /// Whether permissions can be granted to it: somebody with an account, or a security group.
    pub const fn may_hold_permissions(self) -> bool {
        self.may_have_account() || matches!(self, RecipientKind::MailUniversalSecurityGroup)
    }

    /// The kind in words, for error messages.
    pub const fn words(self) -> &'static str {
        match self.class() {
            RecipientClass::Mailbox => "mailbox",
            RecipientClass::External => match self {
                RecipientKind::MailContact => "mail contact",
                RecipientKind::MailUser | RecipientKind::GuestMailUser => "mail user",
                _ => "remote mailbox",
            },
            RecipientClass::Group => "group",
            RecipientClass::DynamicGroup => "dynamic distribution group",
            RecipientClass::PublicFolder => "public folder",
            RecipientClass::System => "system recipient",
        }
    }
}
