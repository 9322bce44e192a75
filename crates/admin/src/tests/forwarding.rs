//! What is said of forwarding when it is set.
//! May touch: a simulated world.

use super::*;

/// The remote domain of a contact's or mail user's address outside decides, whichever name the forwarding gives.
#[test]
fn forwarding_to_somebody_outside_warns_where_it_is_dropped() {
    let office = Office::open();
    office.json("New-Mailbox Kim -Shared");
    office.json("New-DistributionGroup Sales");
    office.json("New-MailContact Partner -ExternalEmailAddress partner@fabrikam.example");
    office.json("New-MailContact Inside -ExternalEmailAddress inside@contoso.example");
    office.json("New-MailUser Guest -ExternalEmailAddress guest@open.example -PrimarySmtpAddress guest@contoso.example");
    office.json("New-RemoteDomain Open -DomainName open.example");
    office.json("Set-RemoteDomain Open -AutoForwardEnabled true");
    let told = |target: &str| {
        let (code, _, err) =
            office.ask(&["Set-Mailbox", "kim", "-ForwardingAddress", target], Answer::NoTerminal);
        assert_eq!(code, 0, "{err}");
        err
    };
    let err = told("Partner");
    let expected = "WARNING: mail forwarded to partner@fabrikam.example is dropped, because the remote domain \"Default\" forbids";
    assert!(err.contains(expected), "{err}");
    for target in ["Inside", "Guest", "Sales", "$null"] {
        assert!(!told(target).contains("is dropped"), "{target}");
    }
    office.json("Set-RemoteDomain Open -AutoForwardEnabled false");
    assert!(told("Guest").contains("guest@open.example is dropped"));
}
