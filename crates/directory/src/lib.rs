//! Recipients, groups, every grant but folder rights, accounts, accepted domains, connectors and limits.
//!
//! May touch: clock, chance, executor, disk (one SQLite file, through [`Directory`]).
//!
//! Readers take a [`Snapshot`], which never changes. Writers call [`Directory::change`], which is one transaction.
//! Nothing here sends, receives or decides what becomes of a message: rules that need a message live in `transport`.

mod accepted_domain;
mod administrator;
mod certificate;
mod credentials;
mod directory;
mod domain_pattern;
mod draft;
mod error;
mod ip_range;
pub mod name;
mod object;
pub mod password;
mod permission;
mod receive_connector;
mod recipient;
mod remote_domain;
mod rights;
mod role_group;
mod routing;
mod seed;
mod send_connector;
pub mod settings;
mod snapshot;
mod store;
mod table;
#[cfg(test)]
mod tests;
mod text_enum;
mod trace_query;
mod transport;

pub use accepted_domain::{AcceptedDomain, AcceptedDomainType};
pub use administrator::Administrator;
pub use certificate::{Certificate, CertificateService};
pub use credentials::{
    Credentials, REMEMBERED_FOR, REMEMBERED_MAX, RUNS_AT_ONCE, SignInError, SignedIn, WAITING_MAX,
};
pub use directory::Directory;
pub use domain_pattern::{Closeness, DomainPattern, PATTERN_LENGTH_MAX};
pub use draft::{CERTIFICATES_MAX, CONNECTORS_MAX, DOMAINS_MAX, Draft, OBJECTS_PER_CHANGE_MAX};
pub use error::DirectoryError;
pub use ip_range::{IpRange, Overlap};
pub use object::{Few, Object, ObjectKind};
pub use permission::{ExtendedRight, Permission, PermissionGroup, PermissionSet, SessionIdentity, Trustee};
pub use receive_connector::{
    AuthMechanism, BANNER_LENGTH_MAX, BINDINGS_MAX, ConnectorUsage, ListenSource, MessageRateSource,
    ProtocolLoggingLevel, REMOTE_IP_RANGES_MAX, ReceiveConnector, ReceiveLimits, SizeKeyword, TransportRole,
};
pub use recipient::{
    Account, Archive, DynamicFilter, EMAIL_ADDRESSES_MAX, Forwarding, FullAccess, GRANTS_MAX, GroupSettings,
    Hold, IncludedRecipients, LinkedAccount, MAIL_TIP_LENGTH_MAX, MAILBOX_RETENTION_DAYS, MEMBERS_MAX,
    MemberDepartRestriction, MemberJoinRestriction, Moderation, ModerationNotice, PasswordHash, Person,
    Quotas, RECIPIENT_LIMITS_MAX, Recipient, RecipientClass, RecipientKind, Resource, Retention,
    SIZE_LIMIT_MAX,
};
pub use remote_domain::{AllowedOofType, ContentType, RemoteDomain};
pub use rights::{
    GROUPS_OF_ONE_MAX, SendRefusal, SendRight, Sender, SenderAction, SenderDecision, SenderReason, Through,
};
pub use role_group::{
    BuiltInRoleGroup, DOMAIN_SCOPE_MAX, ManagementRole, ROLE_GROUP_MEMBERS_MAX, ROLE_GROUPS_MAX, RoleGroup,
};
pub use routing::Selection;
pub use seed::{ADMINISTRATOR, SYSTEM_LOCAL_PART, Seed};
pub use send_connector::{
    ADDRESS_SPACES_MAX, AddressSpace, COST_MAX, ErrorPolicy, SMART_HOSTS_MAX, Secret, SendConnector,
    SendLimits, SmartHost, SmartHostAuthMechanism, SmartHostCredential, TlsAuthLevel,
};
pub use snapshot::{BoundAddresses, Lookup, Snapshot};
pub use store::{
    AUDIT_COMMANDS_KEPT_MAX, AUDIT_LOOK_UPS_KEPT_MAX, AUDIT_OBJECTS_KEPT_MAX, AUDIT_ROWS_MAX, AuditAction,
    AuditEnd, AuditOutcome, AuditQuery, AuditRow, AuditVia, AuditedCommand, AuditedObject, CommandId,
    SCHEMA_VERSION,
};
pub use trace_query::{
    MessageTraceAlert, MessageTraceQuery, TRACE_ALERTS_MAX, TRACE_QUERIES_AUTOSAVED_MAX, TRACE_QUERIES_MAX,
    TraceQueryKind,
};
pub use transport::{Organization, TraceSubjectVisibility, TransportConfig, TransportService};
