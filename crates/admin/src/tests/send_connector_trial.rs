//! What Test-SendConnector refuses: a stored password for another host, and the names of others as sender.
//! May touch: a simulated world.

use serde_json::json;

use super::*;
use crate::role::{Actor, RoleGroup};
use crate::{Arguments, CmdletError, registry};

/// No transport runs here: what passes every check is `Unavailable`.
const PASSED: &str = "Unavailable";

fn office() -> Office {
    let office = Office::open();
    office.json("New-Mailbox Ann -PrimarySmtpAddress ann@contoso.example -Password right-horse");
    office.json("Set-Mailbox Ann -EmailAddresses ann@contoso.example,info@contoso.example");
    office.json("New-Mailbox Bob -PrimarySmtpAddress bob@contoso.example -Password right-horse");
    office.json(
        "New-SendConnector Relay -AddressSpaces * -SmartHosts relay.fabrikam.example -SmartHostAuthMechanism BasicAuthRequireTLS -RequireTLS $true -AuthenticationUserName kim -AuthenticationPassword do-not-tell",
    );
    office
}

fn refused(office: &Office, actor: &Actor, mut body: Value) -> CmdletError {
    body["To"] = json!("kj@fabrikam.example");
    let cmdlet = registry::find("Test-SendConnector").unwrap();
    let arguments = Arguments::from_json(cmdlet, body.as_object().unwrap()).unwrap();
    let context = office.instance.context(actor.clone());
    office.sim.run(registry::invoke(&context, &arguments)).map(|output| output.rows).unwrap_err()
}

#[test]
fn a_stored_password_goes_only_where_and_how_it_is_stored_to_go() {
    let office = office();
    let admin = Actor::with_groups("admin", &[RoleGroup::OrganizationManagement]);
    assert_eq!(refused(&office, &admin, json!({ "Identity": "Relay" })).code(), PASSED);
    for (name, value) in [
        ("SmartHosts", json!(["192.0.2.66"])),
        ("Port", json!(2525)),
        ("SmartHostAuthMechanism", json!("BasicAuth")),
        ("RequireTLS", json!(false)),
        ("TlsAuthLevel", json!("EncryptionOnly")),
        ("TlsDomain", json!("fabrikam.example")),
        ("IgnoreSTARTTLS", json!(true)),
        ("DomainSecureEnabled", json!(true)),
        ("UseExternalDNSServersEnabled", json!(true)),
    ] {
        let mut body = json!({ "Identity": "Relay" });
        body[name] = value;
        let error = refused(&office, &admin, body.clone());
        let said = error.to_string();
        assert_eq!(error.code(), "Invalid", "{body}: {said}");
        assert!(
            said.contains(&format!("not used with another -{name}"))
                && said.contains("-AuthenticationPassword"),
            "{said}"
        );
        // The name alone is no proof.
        body["AuthenticationUserName"] = json!("kim");
        assert_eq!(refused(&office, &admin, body).code(), "Invalid");
    }
    let known =
        json!({ "Identity": "Relay", "SmartHosts": ["192.0.2.66"], "AuthenticationPassword": "known" });
    assert_eq!(refused(&office, &admin, known).code(), PASSED);
    let none = json!({ "Identity": "Relay", "SmartHosts": ["192.0.2.66"], "SmartHostAuthMechanism": "None" });
    assert_eq!(refused(&office, &admin, none).code(), PASSED);
    assert_eq!(refused(&office, &admin, json!({ "Identity": "Relay", "Comment": "x" })).code(), PASSED);
}

#[test]
fn nobody_writes_in_the_name_of_others() {
    let office = office();
    let ann = office.instance.directory.snapshot().resolve_recipient("Ann").unwrap().guid;
    let admin = Actor::with_groups("admin", &[RoleGroup::OrganizationManagement]);
    let ann = Actor { person: Some(ann), ..admin.clone() };
    let code = |actor: &Actor, from: &str| {
        refused(&office, actor, json!({ "Identity": "Relay", "From": from })).code()
    };
    for from in ["<>", "postmaster@contoso.example", "ann@contoso.example", "info@contoso.example"] {
        assert_eq!(code(&ann, from), PASSED, "{from}");
    }
    for from in ["bob@contoso.example", "ceo@fabrikam.example"] {
        assert_eq!(code(&ann, from), "Forbidden", "{from}");
    }
    for actor in [&admin, &Actor::local_administrator()] {
        assert_eq!(code(actor, "postmaster@contoso.example"), PASSED);
        assert_eq!(code(actor, "ann@contoso.example"), "Forbidden");
    }
}
