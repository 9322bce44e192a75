//! Rules of accepted domains and remote domains.
//!
//! May touch: a temporary directory.

use super::*;
use AcceptedDomainType as T;
use RecipientKind as K;

fn domain(house: &House, name: &str, kind: T) -> Result<Uuid, DirectoryError> {
    house.change(|draft| {
        let new = AcceptedDomain::new(draft.new_guid(), name, name.parse()?, kind);
        draft.put_accepted_domain(new).map(|made| made.guid)
    })
}

#[test]
fn the_closest_accepted_domain_is_found() {
    let house = House::seeded();
    domain(&house, "*.relay.example", T::InternalRelay).unwrap();
    domain(&house, "deep.relay.example", T::Authoritative).unwrap();
    let all = domain(&house, "all.example", T::ExternalRelay).unwrap();
    house
        .change(|draft| {
            let mut changed =
                AcceptedDomain::clone(&*draft.snapshot().resolve_accepted_domain(&all.to_string())?);
            changed.match_sub_domains = true;
            draft.put_accepted_domain(changed)
        })
        .unwrap();
    let now = house.now();
    for (name, expected) in [
        ("contoso.example", Some("contoso.example")),
        ("CONTOSO.Example", Some("contoso.example")),
        ("a.contoso.example", None),
        ("relay.example", Some("*.relay.example")),
        ("a.relay.example", Some("*.relay.example")),
        ("a.b.relay.example", Some("*.relay.example")),
        ("deep.relay.example", Some("deep.relay.example")),
        ("a.deep.relay.example", Some("*.relay.example")),
        ("xrelay.example", None),
        ("a.all.example", Some("all.example")),
        ("example", None),
        ("[192.0.2.1]", None),
    ] {
        let found = now.accepted_domain(name).map(|found| found.domain_name.to_string());
        assert_eq!(found.as_deref(), expected, "{name}");
    }
    assert_eq!(now.resolve_accepted_domain("*.RELAY.example").unwrap().domain_type, T::InternalRelay);
}

#[test]
fn names_are_unique_and_well_formed() {
    let house = House::seeded();
    assert!(matches!(
        domain(&house, "contoso.example", T::Authoritative),
        Err(DirectoryError::NameInUse { .. })
    ));
    for bad in ["*", "*contoso.example", "a b", "", "[192.0.2.1]"] {
        assert!(domain(&house, bad, T::Authoritative).is_err(), "{bad}");
    }
    domain(&house, "*.contoso.example", T::InternalRelay).unwrap();
}

#[test]
fn there_is_always_one_default() {
    let house = House::seeded();
    let first = house.now().default_domain().unwrap().guid;
    let error = house.change(|draft| draft.remove_accepted_domain(first)).unwrap_err().to_string();
    assert!(error.contains("is the default domain and cannot be removed"), "{error}");
    let error = house
        .change(|draft| {
            let mut changed = AcceptedDomain::clone(draft.snapshot().default_domain().unwrap());
            changed.default = false;
            draft.put_accepted_domain(changed)
        })
        .unwrap_err()
        .to_string();
    assert!(error.contains("make another domain the default"), "{error}");
    let second = domain(&house, "fabrikam.example", T::Authoritative).unwrap();
    house.change(|draft| draft.make_default_domain(second)).unwrap();
    let now = house.now();
    assert_eq!(now.default_domain().unwrap().guid, second);
    assert_eq!(now.accepted_domains().filter(|domain| domain.default).count(), 1);
    let system = now.system_recipient().unwrap();
    assert_eq!(system.primary_smtp_address.domain(), "fabrikam.example");
    assert!(now.recipient_by_address(&address(&format!("{SYSTEM_LOCAL_PART}@contoso.example"))).is_some());
    let error = house
        .change(|draft| {
            let mut changed = AcceptedDomain::clone(draft.snapshot().default_domain().unwrap());
            changed.domain_type = T::ExternalRelay;
            draft.put_accepted_domain(changed)
        })
        .unwrap_err()
        .to_string();
    assert!(error.contains("cannot be ExternalRelay"), "{error}");
}

#[test]
fn a_domain_in_use_stays() {
    let house = House::seeded();
    let second = domain(&house, "fabrikam.example", T::Authoritative).unwrap();
    let ann = house.add(K::UserMailbox, "ann");
    house.edit(ann, |ann| ann.set_primary(address("ann@fabrikam.example"))).unwrap();
    let error = house.change(|draft| draft.remove_accepted_domain(second)).unwrap_err().to_string();
    assert!(error.contains("ann@fabrikam.example of the mailbox \"ann\""), "{error}");
    let to_external = |draft: &mut Draft| {
        let mut changed =
            AcceptedDomain::clone(&*draft.snapshot().resolve_accepted_domain("fabrikam.example")?);
        changed.domain_type = T::ExternalRelay;
        draft.put_accepted_domain(changed).map(|_| ())
    };
    assert!(house.change(to_external).is_err());
    // A wildcard that still covers it is enough.
    domain(&house, "*.fabrikam.example", T::Authoritative).unwrap();
    house.change(|draft| draft.remove_accepted_domain(second)).unwrap();
    house.edit(ann, |ann| ann.set_primary(address("ann@contoso.example"))).unwrap();
    domain(&house, "relay.example", T::ExternalRelay).unwrap();
    let error = house.edit_error(ann, |ann| ann.set_primary(address("ann@relay.example")));
    assert!(error.contains("external relay"), "{error}");
}

#[test]
fn the_closest_remote_domain_is_found_and_the_default_stays() {
    let house = House::seeded();
    for (name, pattern) in [("Fabrikam", "fabrikam.example"), ("Fabrikam all", "*.fabrikam.example")] {
        house
            .change(|draft| {
                draft.put_remote_domain(RemoteDomain::new(draft.new_guid(), name, pattern.parse()?))
            })
            .unwrap();
    }
    let now = house.now();
    for (domain, expected) in [
        ("fabrikam.example", "Fabrikam"),
        ("A.Fabrikam.example", "Fabrikam all"),
        ("other.example", "Default"),
        ("[192.0.2.1]", "Default"),
    ] {
        assert_eq!(now.remote_domain(domain).unwrap().name, expected, "{domain}");
    }
    assert!(now.remote_domain("fabrikam.example").unwrap().auto_forward_enabled);
    let default = now.resolve_remote_domain("*").unwrap().guid;
    assert!(house.change(|draft| draft.remove_remote_domain(default)).is_err());
    let other = now.resolve_remote_domain("Fabrikam").unwrap().guid;
    house.change(|draft| draft.remove_remote_domain(other)).unwrap();
    assert_eq!(house.now().remote_domain("fabrikam.example").unwrap().name, "Fabrikam all");
}
