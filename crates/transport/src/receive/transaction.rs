//! One mail transaction of a session: from MAIL to the reply to the message.
//!
//! May touch: nothing (pure).

use mail::{Address, NetworkMessageId, ReversePath};
use smtp::command::{Body, MailParams, Notify as SmtpNotify, RcptParams, Ret as SmtpRet};

use crate::envelope::{BodyType, Entry, Notify, Ret};

/// What MAIL and RCPT said.
pub(crate) struct Transaction {
    /// Shared by accepted and refused recipients.
    pub(crate) id: NetworkMessageId,
    pub(crate) from: ReversePath,
    pub(crate) params: MailParams,
    pub(crate) entries: Vec<Entry>,
}

impl Transaction {
    pub(crate) fn new(id: NetworkMessageId, from: ReversePath, params: MailParams) -> Self {
        Self { id, from, params, entries: Vec::new() }
    }

    /// Adds a recipient; one that is named twice is one.
    pub(crate) fn add(&mut self, to: Address, params: RcptParams) {
        if self.entries.iter().any(|entry| entry.recipient == to) {
            return;
        }
        let notify = params.notify.map_or(Notify::DEFAULT, notify);
        let orcpt = params.orcpt.map(|orcpt| format!("{};{}", orcpt.address_type, orcpt.address));
        self.entries.push(Entry::submitted(to, orcpt, notify));
    }

    pub(crate) fn recipients(&self) -> Vec<Address> {
        self.entries.iter().map(|entry| entry.recipient.clone()).collect()
    }

    pub(crate) fn body_type(&self) -> BodyType {
        match self.params.body {
            Body::SevenBit => BodyType::SevenBit,
            Body::EightBitMime => BodyType::EightBitMime,
            Body::BinaryMime => BodyType::BinaryMime,
        }
    }

    pub(crate) fn ret(&self) -> Option<Ret> {
        self.params.ret.map(|ret| match ret {
            SmtpRet::Full => Ret::Full,
            SmtpRet::Headers => Ret::Hdrs,
        })
    }
}

fn notify(given: SmtpNotify) -> Notify {
    match given {
        SmtpNotify::Never => Notify::given(false, false, false),
        SmtpNotify::On { success, failure, delay } => Notify::given(success, failure, delay),
    }
}
