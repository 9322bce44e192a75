//! The address corpus, and the laws parsing obeys on any text.
//!
//! May touch: nothing (pure).

use super::*;
use proptest::prelude::*;
use std::collections::hash_map::DefaultHasher;

#[test]
fn valid_addresses_and_their_keys() {
    let cases = [
        ("kj@contoso.example", "kj@contoso.example"),
        ("KJ@Contoso.Example", "kj@contoso.example"),
        ("first.last+tag@contoso.example", "first.last+tag@contoso.example"),
        ("!#$%&'*+-/=?^_`{|}~@x.example", "!#$%&'*+-/=?^_`{|}~@x.example"),
        ("root@localhost", "root@localhost"),
        ("a@1.example", "a@1.example"),
        ("a@x--y.example", "a@x--y.example"),
        ("\"kj\"@contoso.example", "kj@contoso.example"),
        ("\"k\\j\"@contoso.example", "kj@contoso.example"),
        ("\"John Doe\"@contoso.example", "\"john doe\"@contoso.example"),
        ("\"a@b\"@contoso.example", "\"a@b\"@contoso.example"),
        ("\"a\\\"b\\\\\"@contoso.example", "\"a\\\"b\\\\\"@contoso.example"),
        ("\"\"@contoso.example", "\"\"@contoso.example"),
        ("\"a..b\"@contoso.example", "\"a..b\"@contoso.example"),
        ("a@[192.0.2.1]", "a@[192.0.2.1]"),
        ("a@[IPv6:2001:DB8::1]", "a@[ipv6:2001:db8::1]"),
        ("d\u{f6}rte@b\u{fc}cher.example", "d\u{f6}rte@xn--bcher-kva.example"),
        ("D\u{d6}RTE@B\u{dc}CHER.example", "d\u{f6}rte@xn--bcher-kva.example"),
        ("d\u{f6}rte@XN--bcher-kva.example", "d\u{f6}rte@xn--bcher-kva.example"),
        ("\u{7528}\u{6237}@\u{4f8b}\u{5b50}.example", "\u{7528}\u{6237}@xn--fsqu00a.example"),
    ];
    for (text, key) in cases {
        let address = Address::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(address.key(), key);
        assert_eq!(address.to_string(), text);
        assert_eq!(format!("{}@{}", address.local_key(), address.domain_key()), key);
        assert_eq!(address.is_ascii(), text.is_ascii());
        assert_eq!(Address::parse(key).unwrap(), address, "the key names the same mailbox");
    }
}

#[test]
fn invalid_addresses_and_why() {
    use AddressError::*;
    let cases = [
        ("", Empty),
        ("kj", NoDomain),
        ("kj@", NoDomain),
        ("\"kj\"", NoDomain),
        ("@contoso.example", BadLocalPart),
        (".kj@contoso.example", BadLocalPart),
        ("kj.@contoso.example", BadLocalPart),
        ("k..j@contoso.example", BadLocalPart),
        ("k j@contoso.example", BadLocalPart),
        ("k(j)@contoso.example", BadLocalPart),
        ("k,j@contoso.example", BadLocalPart),
        ("k\u{a0}j@contoso.example", BadLocalPart),
        ("k\0j@contoso.example", BadLocalPart),
        ("kj\r\n@contoso.example", BadLocalPart),
        ("<kj@contoso.example", BadLocalPart),
        ("\"kj@contoso.example", BadLocalPart),
        ("\"k\"j@contoso.example", BadLocalPart),
        ("\"k\nj\"@contoso.example", BadLocalPart),
        ("k@j@contoso.example", BadDomain),
        ("kj@contoso..example", BadDomain),
        ("kj@.example", BadDomain),
        ("kj@contoso.example.", BadDomain),
        ("kj@-contoso.example", BadDomain),
        ("kj@contoso-.example", BadDomain),
        ("kj@con_toso.example", BadDomain),
        ("kj@contoso example", BadDomain),
        ("kj@contoso.example>", BadDomain),
        ("kj@xn--bcher-kva.b\u{fc}\u{2028}cher", BadDomain),
        ("kj@[192.0.2]", BadLiteral),
        ("kj@[192.0.2.1", BadLiteral),
        ("kj@[IPv6:nonsense]", BadLiteral),
        ("kj@[x400:g=a]", BadLiteral),
    ];
    for (text, error) in cases {
        assert_eq!(Address::parse(text), Err(error), "{text:?}");
    }
}

#[test]
fn limits() {
    let local = "a".repeat(LOCAL_BYTES_MAX);
    let label = "b".repeat(63);
    let domain = format!("{label}.{label}.{label}.{}", "c".repeat(63));
    assert_eq!(domain.len(), DOMAIN_BYTES_MAX);
    let longest = format!("{local}@{domain}");
    assert_eq!(longest.len(), ADDRESS_BYTES_MAX);
    assert!(Address::parse(&longest).is_ok());
    for text in [format!("{local}a@x.example"), format!("a@{domain}.d"), format!("{longest}c")] {
        assert_eq!(Address::parse(&text), Err(AddressError::TooLong));
    }
    assert_eq!(Address::parse(&format!("a@{label}b.example")), Err(AddressError::BadDomain));
}

#[test]
fn equal_addresses_are_one_key() {
    let hash = |address: &Address| {
        let mut hasher = DefaultHasher::new();
        address.hash(&mut hasher);
        hasher.finish()
    };
    let one = Address::parse("\"Kim\"@B\u{fc}cher.example").unwrap();
    let two = Address::parse("kim@xn--bcher-kva.example").unwrap();
    assert_eq!(one, two);
    assert_eq!(hash(&one), hash(&two));
    assert_eq!(one.cmp(&two), Ordering::Equal);
    assert_eq!(one.domain(), "b\u{fc}cher.example");
    assert_eq!(two.domain(), "xn--bcher-kva.example");
    assert_eq!(one.local(), "\"Kim\"");
    assert_ne!(one, Address::parse("kim2@xn--bcher-kva.example").unwrap());
    assert!(Address::parse("a@[192.0.2.1]").unwrap().is_literal() && !two.is_literal());
    let json = serde_json::to_string(&one).unwrap();
    assert_eq!(json, "\"\\\"Kim\\\"@B\u{fc}cher.example\"");
    assert_eq!(serde_json::from_str::<Address>(&json).unwrap().as_str(), one.as_str());
    assert!(serde_json::from_str::<Address>("\"x\"").is_err());
}

#[test]
fn reverse_paths() {
    assert_eq!(ReversePath::parse(""), Ok(ReversePath::Null));
    assert_eq!(ReversePath::parse("<>"), Ok(ReversePath::Null));
    assert_eq!((ReversePath::Null.to_string().as_str(), ReversePath::Null.as_trace()), ("", "<>"));
    let path = ReversePath::parse("Kim@x.example").unwrap();
    assert_eq!((path.to_string().as_str(), path.as_trace()), ("Kim@x.example", "Kim@x.example"));
    assert!(!path.is_null() && path.address().is_some() && ReversePath::Null.address().is_none());
    assert!(ReversePath::parse("kim").is_err());
}

#[test]
fn domain_keys() {
    assert_eq!(domain_key("B\u{dc}CHER.Example").as_deref(), Ok("xn--bcher-kva.example"));
    assert_eq!(domain_key("[192.0.2.1]"), Err(AddressError::BadDomain));
    assert_eq!(domain_key(""), Err(AddressError::BadDomain));
    assert_eq!(domain_key("a.example."), Err(AddressError::BadDomain));
}

proptest! {
    /// What is accepted is short, one line, and its key is a fixed point.
    #[test]
    fn laws(text in "\\PC{0,40}|[a-zA-Z0-9.\"\\\\@ \\[\\]:\u{e9}\r\n-]{0,24}|\"[ -~]{0,10}\"@[a-z]{1,5}") {
        if let Ok(address) = Address::parse(&text) {
            prop_assert!(!text.chars().any(char::is_control));
            let head = format!("{}@", address.local());
            prop_assert!(text.starts_with(&head));
            let again = Address::parse(address.key());
            prop_assert_eq!(again.as_ref().map(Address::key), Ok(address.key()), "{}", text);
        }
    }

    #[test]
    fn case_does_not_matter(local in "[a-zA-Z0-9]{1,8}(\\.[a-zA-Z]{1,4})?", domain in "[a-zA-Z]{1,8}\\.[a-zA-Z]{2,4}") {
        let text = format!("{local}@{domain}");
        let address = Address::parse(&text).unwrap();
        prop_assert_eq!(&address, &Address::parse(&text.to_uppercase()).unwrap());
        prop_assert_eq!(address.domain(), domain.to_lowercase());
    }
}
