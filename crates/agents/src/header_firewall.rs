//! Cuts the headers only our own servers may set out of messages from sessions that may not bring them.
//!
//! May touch: nothing (pure).
//! Standards: RFC 5322 §2.2 (names without regard to case, folding).
//!
//! `X-MS-Exchange-Organization-*` stays only with Ms-Exch-Accept-Headers-Organization, `X-MS-Exchange-Forest-*` with
//! …-Forest, `Received` and `Resent-*` with …-Routing. So nobody outside can bring in a spam verdict or a trace id.

use directory::{Permission, PermissionSet};
use mail::HeaderBlock;
use mail::edit::{self, HeaderFamily};

use crate::action::{Action, HeaderEdit, HeaderSelection};
use crate::agent::Agent;
use crate::context::Context;
use crate::point::Point;

const FAMILIES: [(HeaderFamily, Permission); 3] = [
    (HeaderFamily::Organization, Permission::AcceptHeadersOrganization),
    (HeaderFamily::Forest, Permission::AcceptHeadersForest),
    (HeaderFamily::Routing, Permission::AcceptHeadersRouting),
];

/// The header firewall of the receiving side.
#[derive(Debug, Clone, Copy, Default)]
pub struct HeaderFirewall;

impl Agent for HeaderFirewall {
    fn name(&self) -> &'static str {
        "Header Firewall"
    }

    fn points(&self) -> &'static [Point] {
        &[Point::EndOfHeaders]
    }

    fn on(&self, _: Point, context: &Context<'_>) -> Vec<Action> {
        let refused = refused(context.session.permissions);
        let block = HeaderBlock::scan(context.header);
        let found: Vec<HeaderFamily> = refused
            .into_iter()
            .filter(|family| block.fields().any(|field| edit::header_family(field.name) == Some(*family)))
            .collect();
        if found.is_empty() {
            return Vec::new();
        }
        vec![Action::Edit(HeaderEdit::Remove(HeaderSelection::Families(found)))]
    }
}

fn refused(permissions: PermissionSet) -> Vec<HeaderFamily> {
    FAMILIES.iter().filter(|(_, needs)| !permissions.has(*needs)).map(|(family, _)| *family).collect()
}

#[cfg(test)]
mod tests {
    use directory::{SessionIdentity, Snapshot};

    use super::*;
    use crate::context::{Envelope, Session};

    const MESSAGE: &[u8] = b"Received: from a\r\n\tby b\r\n\
        x-ms-EXCHANGE-organization-SCL: -1\r\n\
        Subject: keep  me \r\n\
        X-MS-Exchange-Organization-Network-Message-Id:\r\n  folded\r\n\tover lines\r\n\
        X-MS-Exchange-Forest-Rules : 1\r\n\
        X-MS-Exchange-OrganizationX: stays\r\n\
        Resent-From: c\r\n\
        \r\n\
        X-MS-Exchange-Organization-SCL: in the body\r\n";

    fn firewall(permissions: PermissionSet, message: &[u8]) -> (Vec<Action>, Vec<u8>) {
        let session = Session {
            client_ip: None,
            client_hostname: None,
            principal: None,
            permissions,
            connector: "Default Frontend".to_owned(),
            tls: false,
        };
        let (envelope, directory) = (Envelope::default(), Snapshot::default());
        let context = Context::new(&session, &envelope, &directory);
        let header = HeaderBlock::scan(message).bytes();
        let actions = HeaderFirewall.on(Point::EndOfHeaders, &context.with_header(header));
        let mut message = message.to_vec();
        for action in &actions {
            let Action::Edit(edit) = action else { panic!("not an edit: {action:?}") };
            message = edit.apply(&message).into_owned();
        }
        (actions, message)
    }

    #[test]
    fn each_kind_of_session_keeps_what_it_may_bring() {
        let organization = "x-ms-EXCHANGE-organization-SCL: -1\r\n";
        let folded = "X-MS-Exchange-Organization-Network-Message-Id:\r\n  folded\r\n\tover lines\r\n";
        let forest = "X-MS-Exchange-Forest-Rules : 1\r\n";
        let received = "Received: from a\r\n\tby b\r\n";
        let resent = "Resent-From: c\r\n";
        let whole = std::str::from_utf8(MESSAGE).unwrap();
        for (permissions, cut) in [
            (SessionIdentity::Anonymous.permissions(), vec![organization, folded, forest]),
            (SessionIdentity::User.permissions(), vec![organization, folded, forest]),
            (SessionIdentity::ExternallySecured.permissions(), vec![organization, folded, forest]),
            (SessionIdentity::Server.permissions(), vec![]),
            (PermissionSet::of(&[Permission::AcceptHeadersOrganization]), vec![forest, received, resent]),
            (PermissionSet::EMPTY, vec![organization, folded, forest, received, resent]),
        ] {
            let expected = cut.iter().fold(whole.to_owned(), |rest, line| rest.replacen(line, "", 1));
            let (actions, result) = firewall(permissions, MESSAGE);
            assert_eq!(std::str::from_utf8(&result).unwrap(), expected, "{permissions:?}");
            assert_eq!(actions.is_empty(), cut.is_empty());
        }
    }

    #[test]
    fn nothing_is_wanted_where_there_is_nothing_to_cut() {
        for message in
            [&b""[..], b"\r\nX-MS-Exchange-Organization-SCL: 1\r\n", b"Subject: x\r\n\r\n", b"no header"]
        {
            assert_eq!(firewall(PermissionSet::EMPTY, message), (vec![], message.to_vec()));
        }
    }
}
