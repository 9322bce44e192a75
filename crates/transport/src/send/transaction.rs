//! Turns a queued message and some of its recipients into an SMTP transaction.
//!
//! May touch: nothing (pure).
//! Standards: RFC 3461 §5.2.1 (what is passed on to a host that gives notices), RFC 5321 §4.5.3.1.8.

use bytes::Bytes;
use smtp::client::{Recipient, Transaction};

use crate::envelope::{BodyType, Entry, Envelope, Notify, Ret};

/// Recipients of one transaction; RFC 5321 §4.5.3.1.8 makes every server take as many.
pub(super) const RECIPIENTS_MAX: usize = 100;

/// The transaction that carries the message to these recipients.
pub(super) fn of<'a>(
    envelope: &Envelope,
    recipients: impl Iterator<Item = &'a Entry>,
    body: Bytes,
) -> Transaction {
    Transaction {
        from: envelope.return_path.clone(),
        recipients: recipients.map(recipient).collect(),
        body_type: match envelope.body_type {
            BodyType::SevenBit => smtp::Body::SevenBit,
            BodyType::EightBitMime => smtp::Body::EightBitMime,
            BodyType::BinaryMime => smtp::Body::BinaryMime,
        },
        smtputf8: envelope.smtp_utf8,
        ret: envelope.ret.map(|ret| match ret {
            Ret::Full => smtp::Ret::Full,
            Ret::Hdrs => smtp::Ret::Headers,
        }),
        envid: envelope.envid.clone(),
        auth: None,
        body,
    }
}

fn recipient(entry: &Entry) -> Recipient {
    let orcpt = entry.original.orcpt.as_deref().and_then(|orcpt| orcpt.split_once(';'));
    Recipient {
        address: entry.recipient.clone(),
        notify: notify(entry.notify),
        orcpt: orcpt.map(|(address_type, address)| smtp::OriginalRecipient {
            address_type: address_type.to_owned(),
            address: address.to_owned(),
        }),
    }
}

/// NOTIFY as the sender gave it; NEVER also where we decided so, for reports and for groups that want none.
fn notify(notify: Notify) -> Option<smtp::Notify> {
    let (success, failure, delay) = (notify.success(), notify.failure(), notify.delay());
    if !success && !failure && !delay {
        return Some(smtp::Notify::Never);
    }
    notify.is_given().then_some(smtp::Notify::On { success, failure, delay })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notify_is_passed_on_as_given() {
        let on = |success, failure, delay| Some(smtp::Notify::On { success, failure, delay });
        assert_eq!(notify(Notify::DEFAULT), None);
        assert_eq!(notify(Notify::NEVER), Some(smtp::Notify::Never));
        assert_eq!(notify(Notify::given(false, false, false)), Some(smtp::Notify::Never));
        assert_eq!(notify(Notify::given(true, false, true)), on(true, false, true));
        assert_eq!(notify(Notify::given(false, true, true)), on(false, true, true));
    }

    #[test]
    fn the_original_recipient_goes_along() {
        let address = mail::Address::parse("kj@fabrikam.example").unwrap();
        let entry = Entry::submitted(address, Some("rfc822;old@contoso.example".to_owned()), Notify::DEFAULT);
        let orcpt = recipient(&entry).orcpt.unwrap();
        assert_eq!((orcpt.address_type.as_str(), orcpt.address.as_str()), ("rfc822", "old@contoso.example"));
    }
}
