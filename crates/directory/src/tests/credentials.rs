//! Signing in: right and wrong passwords, what is remembered, and how much runs at once.
//!
//! May touch: a temporary directory, the simulated executor.

use std::time::Duration;

use super::*;
use RecipientKind as K;

fn house_with_ann(password: &str) -> (House, Credentials, Uuid) {
    let house = House::seeded();
    let ann = house.add(K::UserMailbox, "ann");
    let hash = password::hash(&house.world.chance, password).unwrap();
    house.edit(ann, |ann| ann.account.as_mut().unwrap().password_hash = Some(hash)).unwrap();
    let credentials =
        Credentials::new(&house.directory, &house.world.clock, &house.world.chance, &house.world.exec);
    (house, credentials, ann)
}

#[test]
fn the_right_password_signs_in_and_no_other() {
    let (house, credentials, ann) = house_with_ann("correct horse");
    let verify = |user: &str, password: &str| {
        let (user, password) = (user.to_owned(), password.to_owned());
        house.sim.run(credentials.verify(&user, password.as_bytes())).map(|found| found.guid)
    };
    assert_eq!(verify("ann@contoso.example", "correct horse"), Ok(ann));
    assert_eq!(verify("ANN@Contoso.Example", "correct horse"), Ok(ann));
    for (user, password, error) in [
        ("ann@contoso.example", "correct hors", SignInError::WrongPassword),
        ("ann@contoso.example", "", SignInError::WrongPassword),
        ("ann@contoso.example", "Correct horse", SignInError::WrongPassword),
        ("bob@contoso.example", "correct horse", SignInError::UnknownUser),
        ("", "", SignInError::UnknownUser),
    ] {
        assert_eq!(verify(user, password), Err(error), "{user} {password}");
    }
    // By primary address where that is not the user principal name; a proxy is no user name.
    house
        .edit(ann, |ann| {
            ann.account.as_mut().unwrap().user_principal_name = "a.smith@corp.example".to_owned();
            ann.email_addresses.push(address("info@contoso.example"));
        })
        .unwrap();
    assert_eq!(verify("a.smith@corp.example", "correct horse"), Ok(ann));
    assert_eq!(verify("ann@contoso.example", "correct horse"), Ok(ann));
    assert_eq!(verify("info@contoso.example", "correct horse"), Err(SignInError::UnknownUser));
    // An account without a password lets nobody in.
    house.edit(ann, |ann| ann.account.as_mut().unwrap().password_hash = None).unwrap();
    assert_eq!(verify("a.smith@corp.example", "correct horse"), Err(SignInError::WrongPassword));
}

#[test]
fn what_is_remembered_ends_with_time_password_and_account() {
    let (house, credentials, ann) = house_with_ann("number one");
    let verify = |password: &str| {
        let password = password.to_owned();
        house.sim.run(credentials.verify("ann@contoso.example", password.as_bytes())).map(|found| found.guid)
    };
    let remembered = || format!("{credentials:?}");
    assert_eq!(verify("wrong"), Err(SignInError::WrongPassword));
    assert!(remembered().contains("remembered: 0"), "a failure is not remembered");
    assert_eq!(verify("number one"), Ok(ann));
    assert!(remembered().contains("remembered: 1"));
    assert_eq!(verify("number one"), Ok(ann));
    assert_eq!(
        verify("number two"),
        Err(SignInError::WrongPassword),
        "remembering one password lets in no other"
    );

    house.edit(ann, |ann| ann.account.as_mut().unwrap().enabled = false).unwrap();
    assert_eq!(verify("number one"), Err(SignInError::Disabled));
    house.edit(ann, |ann| ann.account.as_mut().unwrap().enabled = true).unwrap();
    assert_eq!(verify("number one"), Ok(ann));

    let two = password::hash(&house.world.chance, "number two").unwrap();
    house.edit(ann, |ann| ann.account.as_mut().unwrap().password_hash = Some(two)).unwrap();
    assert_eq!(
        verify("number one"),
        Err(SignInError::WrongPassword),
        "a new password ends what was remembered"
    );
    assert_eq!(verify("number two"), Ok(ann));
    house.sim.advance(REMEMBERED_FOR + Duration::from_secs(1));
    assert_eq!(verify("number two"), Ok(ann));
    house.change(|draft| draft.remove_recipient(ann)).unwrap();
    assert_eq!(verify("number two"), Err(SignInError::UnknownUser));
}

#[test]
fn administrators_are_apart_from_mailboxes() {
    let (house, credentials, _) = house_with_ann("number one");
    let hash = house.sim.run(credentials.hash("admin pw".to_owned())).unwrap();
    house
        .change(|draft| {
            let mut changed =
                Administrator::clone(&*draft.snapshot().resolve_administrator("administrator")?);
            changed.password_hash = hash;
            draft.put_administrator(changed)
        })
        .unwrap();
    let admin = |user: &str, password: &str| {
        let (user, password) = (user.to_owned(), password.to_owned());
        house
            .sim
            .run(credentials.verify_administrator(&user, password.as_bytes()))
            .map(|found| found.user_name.clone())
    };
    assert_eq!(admin("ADMINISTRATOR", "admin pw").as_deref(), Ok("Administrator"));
    assert_eq!(admin("Administrator", "number one"), Err(SignInError::WrongPassword));
    assert_eq!(admin("ann@contoso.example", "number one"), Err(SignInError::UnknownUser));
    assert!(house.sim.run(credentials.verify("Administrator", b"admin pw")).is_err());
}

#[test]
fn passwords_are_bounded_and_hidden() {
    let house = House::empty();
    for bad in ["", &"x".repeat(257)] {
        assert!(password::hash(&house.world.chance, bad).is_err());
    }
    let hash = password::hash(&house.world.chance, "the same").unwrap();
    let again = password::hash(&house.world.chance, "the same").unwrap();
    assert_ne!(hash, again, "each hash has a salt of its own");
    assert!(hash.as_phc().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
    assert!(password::verify(&hash, b"the same") && !password::verify(&hash, b"Same"));
    assert!(!password::verify(&PasswordHash::from_phc("nonsense".to_owned()), b""));
    assert_eq!(format!("{hash:?}"), "PasswordHash(hidden)");
}
