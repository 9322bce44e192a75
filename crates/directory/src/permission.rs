//! What a client of a Receive connector may do.
//!
//! May touch: nothing (pure).

use serde::{Deserialize, Serialize};

use crate::text_enum::text_enum;

text_enum! {
    /// A permission on a Receive connector, in the spelling of `Add-ADPermission -ExtendedRights`.
    pub enum Permission "ExtendedRights" {
        /// Send mail at all; without it `530 5.7.1 Client was not authenticated`.
        Submit = "Ms-Exch-SMTP-Submit",
        /// Send to recipients outside the accepted domains (relay).
        AcceptAnyRecipient = "Ms-Exch-SMTP-Accept-Any-Recipient",
        /// Send from addresses outside the accepted domains.
        AcceptAnySender = "Ms-Exch-SMTP-Accept-Any-Sender",
        /// Send from addresses in authoritative domains.
        AcceptAuthoritativeDomainSender = "Ms-Exch-SMTP-Accept-Authoritative-Domain-Sender",
        /// Count as an internal sender.
        AcceptAuthenticationFlag = "Ms-Exch-SMTP-Accept-Authentication-Flag",
        /// Pass by the spam filters.
        BypassAntiSpam = "Ms-Exch-Bypass-Anti-Spam",
        /// Pass by the size limits.
        BypassMessageSizeLimit = "Ms-Exch-Bypass-Message-Size-Limit",
        /// Keep `Received` and `Resent-*` headers.
        AcceptHeadersRouting = "Ms-Exch-Accept-Headers-Routing",
        /// Keep `X-MS-Exchange-Organization-*` headers.
        AcceptHeadersOrganization = "Ms-Exch-Accept-Headers-Organization",
        /// Keep `X-MS-Exchange-Forest-*` headers.
        AcceptHeadersForest = "Ms-Exch-Accept-Headers-Forest",
    }
}

/// A set of [`Permission`]s.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct PermissionSet(u16);

impl PermissionSet {
    /// No permission.
    pub const EMPTY: PermissionSet = PermissionSet(0);

    /// The set of these.
    pub const fn of(permissions: &[Permission]) -> PermissionSet {
        let mut set = 0;
        let mut rest = permissions;
        while let [first, others @ ..] = rest {
            set |= 1 << (*first as u16);
            rest = others;
        }
        PermissionSet(set)
    }

    /// Whether it holds the permission.
    pub const fn has(self, permission: Permission) -> bool {
        self.0 & (1 << (permission as u16)) != 0
    }

    /// Both sets together.
    #[must_use]
    pub const fn and(self, other: PermissionSet) -> PermissionSet {
        PermissionSet(self.0 | other.0)
    }

    /// The permissions in it.
    pub fn iter(self) -> impl Iterator<Item = Permission> {
        Permission::ALL.iter().copied().filter(move |permission| self.has(*permission))
    }
}

text_enum! {
    /// A permission group of a Receive connector.
    pub enum PermissionGroup "PermissionGroups" {
        /// Clients that did not sign in.
        AnonymousUsers = "AnonymousUsers",
        /// Users who signed in.
        ExchangeUsers = "ExchangeUsers",
        /// Servers of this organization.
        ExchangeServers = "ExchangeServers",
        /// Servers of older versions.
        ExchangeLegacyServers = "ExchangeLegacyServers",
        /// Partner organizations known by their certificate.
        Partners = "Partners",
    }
}

/// What a session is, once it signed in or did not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SessionIdentity {
    /// Did not sign in.
    Anonymous,
    /// Signed in as a user.
    User,
    /// A server of this organization.
    Server,
    /// A server of an older version.
    LegacyServer,
    /// A host the connector takes for one of ours because the network says so (ExternalAuthoritative).
    ExternallySecured,
    /// A partner known by its certificate.
    Partner,
}

impl SessionIdentity {
    /// The permission group the identity needs on the connector.
    pub const fn group(self) -> PermissionGroup {
        match self {
            SessionIdentity::Anonymous => PermissionGroup::AnonymousUsers,
            SessionIdentity::User => PermissionGroup::ExchangeUsers,
            SessionIdentity::Server | SessionIdentity::ExternallySecured => PermissionGroup::ExchangeServers,
            SessionIdentity::LegacyServer => PermissionGroup::ExchangeLegacyServers,
            SessionIdentity::Partner => PermissionGroup::Partners,
        }
    }

    /// What the group gives it.
    pub const fn permissions(self) -> PermissionSet {
        use Permission as P;
        const TRUSTED: PermissionSet = PermissionSet::of(&[
            P::Submit,
            P::AcceptAnyRecipient,
            P::AcceptAnySender,
            P::AcceptAuthoritativeDomainSender,
            P::AcceptAuthenticationFlag,
            P::BypassAntiSpam,
            P::BypassMessageSizeLimit,
            P::AcceptHeadersRouting,
        ]);
        match self {
            SessionIdentity::Anonymous => PermissionSet::of(&[
                P::Submit,
                P::AcceptAnySender,
                P::AcceptAuthoritativeDomainSender,
                P::AcceptHeadersRouting,
            ]),
            SessionIdentity::User => PermissionSet::of(&[
                P::Submit,
                P::AcceptAnyRecipient,
                P::BypassAntiSpam,
                P::AcceptHeadersRouting,
            ]),
            SessionIdentity::Server => {
                TRUSTED.and(PermissionSet::of(&[P::AcceptHeadersOrganization, P::AcceptHeadersForest]))
            }
            SessionIdentity::ExternallySecured | SessionIdentity::LegacyServer => TRUSTED,
            SessionIdentity::Partner => PermissionSet::of(&[P::Submit, P::AcceptHeadersRouting]),
        }
    }
}

text_enum! {
    /// Whom an extended right is granted to.
    pub enum Trustee "User" {
        /// `NT AUTHORITY\ANONYMOUS LOGON`: clients that did not sign in.
        AnonymousLogon = "ANONYMOUS LOGON",
        /// `NT AUTHORITY\Authenticated Users`: users who signed in.
        AuthenticatedUsers = "Authenticated Users",
    }
}

impl Trustee {
    /// Reads the name with or without `NT AUTHORITY\`.
    pub fn parse(text: &str) -> Result<Trustee, crate::DirectoryError> {
        let bare = match text.split_once('\\') {
            Some((authority, rest)) if authority.eq_ignore_ascii_case("NT AUTHORITY") => rest,
            _ => text,
        };
        bare.parse()
    }
}

/// A permission given beyond the groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ExtendedRight {
    /// Who has it.
    pub user: Trustee,
    /// What it allows.
    pub right: Permission,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Exchange's permission groups, row by row: Submit, Any-Recipient, Any-Sender, Authoritative-Domain-Sender,
    /// Authentication-Flag, Bypass-Anti-Spam, Bypass-Message-Size-Limit, headers Routing, Organization, Forest.
    #[test]
    fn groups_give_what_the_table_says() {
        use SessionIdentity as S;
        for (identity, row) in [
            (S::Anonymous, "x-xx---x--"),
            (S::User, "xx---x-x--"),
            (S::Server, "xxxxxxxxxx"),
            (S::ExternallySecured, "xxxxxxxx--"),
            (S::LegacyServer, "xxxxxxxx--"),
            (S::Partner, "x------x--"),
        ] {
            let shown: String = Permission::ALL
                .iter()
                .map(|permission| if identity.permissions().has(*permission) { 'x' } else { '-' })
                .collect();
            assert_eq!(shown, row, "{identity:?}");
        }
    }

    #[test]
    fn sets_hold_what_was_put_in() {
        let set = PermissionSet::of(&[Permission::Submit, Permission::AcceptHeadersForest]);
        assert_eq!(set.iter().collect::<Vec<_>>(), [Permission::Submit, Permission::AcceptHeadersForest]);
        assert!(!PermissionSet::EMPTY.has(Permission::Submit));
        assert_eq!(Trustee::parse("NT AUTHORITY\\anonymous logon").unwrap(), Trustee::AnonymousLogon);
        assert!(Trustee::parse("Ann").is_err());
    }
}
