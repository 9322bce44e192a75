//! The columns of a message row that come from its facts.
//!
//! May touch: a SQLite connection.

use rusqlite::Connection;

use super::StoreError;
use super::dictionary::Dictionary;
use super::open_message::{OpenMessage, ip_number, message_id_number};

/// The columns that come from the facts.
pub(super) struct FactColumns<'a> {
    pub(super) sender: Option<(i64, i64)>,
    pub(super) author: Option<(i64, i64)>,
    pub(super) from_ip: Option<i64>,
    pub(super) direction: u8,
    pub(super) size: i64,
    pub(super) subject: &'a str,
    pub(super) message_id: Option<i64>,
}

impl FactColumns<'_> {
    pub(super) fn of<'a>(
        message: &'a OpenMessage,
        dictionary: &mut Dictionary,
        connection: &Connection,
    ) -> Result<FactColumns<'a>, StoreError> {
        let Some(facts) = &message.facts else {
            return Ok(FactColumns {
                sender: None,
                author: None,
                from_ip: None,
                direction: 0,
                size: 0,
                subject: "",
                message_id: None,
            });
        };
        let sender = dictionary.ids(connection, &facts.sender)?;
        let author = match &facts.author {
            Some(author) => {
                let ids = dictionary.ids(connection, author)?;
                Some((ids.address, ids.domain))
            }
            None => None,
        };
        Ok(FactColumns {
            sender: Some((sender.address, sender.domain)),
            author,
            from_ip: facts.from_ip.map(ip_number),
            direction: facts.direction.code(),
            size: i64::try_from(facts.size).unwrap_or(i64::MAX),
            subject: &facts.subject,
            message_id: facts.message_id.as_ref().map(message_id_number),
        })
    }
}
