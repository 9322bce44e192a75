//! Tests of the directory as a whole, and what they share: a seeded organization in a temporary folder.
//!
//! May touch: a temporary directory, the simulated clock, chance and executor.

mod connectors;
mod credentials;
mod domains;
mod power_cut;
mod recipients;
mod rights;
mod role_groups;
mod store;
mod trace_queries;

use std::path::PathBuf;
use std::sync::Arc;

use mail::Address;
use uuid::Uuid;
use world::sim::SimWorld;
use world::{Disk, World};

use crate::*;

/// A directory file in a folder of its own, with a simulated clock.
pub(super) struct House {
    pub(super) sim: SimWorld,
    pub(super) world: World,
    pub(super) folder: tempfile::TempDir,
    pub(super) directory: Directory,
}

impl House {
    /// An empty directory.
    pub(super) fn empty() -> House {
        let sim = SimWorld::new(7);
        let world = sim.world();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("directory.db");
        let directory = Directory::open(&Disk::real(), &path, &world.clock, &world.chance).unwrap();
        House { sim, world, folder, directory }
    }

    /// The organization contoso.example on the server mx1.
    pub(super) fn seeded() -> House {
        let house = House::empty();
        let seed = Seed { domain: "contoso.example", server_name: "mx1", password: some_hash() };
        house.directory.change("init", |draft| draft.seed(&seed)).unwrap();
        house
    }

    pub(super) fn path(&self) -> PathBuf {
        self.folder.path().join("directory.db")
    }

    pub(super) fn now(&self) -> Arc<Snapshot> {
        self.directory.snapshot()
    }

    pub(super) fn change<T>(
        &self,
        edit: impl FnOnce(&mut Draft) -> Result<T, DirectoryError>,
    ) -> Result<T, DirectoryError> {
        self.directory.change("test", edit)
    }

    /// Adds a recipient of a kind with the address alias@contoso.example (a contact: alias@outside.example).
    pub(super) fn add(&self, kind: RecipientKind, alias: &str) -> Uuid {
        self.change(|draft| {
            let new = draft_recipient(draft, kind, alias);
            draft.put_recipient(new)
        })
        .unwrap()
        .guid
    }

    /// Edits a recipient.
    pub(super) fn edit(&self, guid: Uuid, edit: impl FnOnce(&mut Recipient)) -> Result<(), DirectoryError> {
        self.change(|draft| {
            let mut changed = Recipient::clone(draft.snapshot().recipient(guid).unwrap());
            edit(&mut changed);
            draft.put_recipient(changed).map(|_| ())
        })
    }

    /// The text of the error an edit gives.
    pub(super) fn edit_error(&self, guid: Uuid, edit: impl FnOnce(&mut Recipient)) -> String {
        self.edit(guid, edit).expect_err("the edit should be refused").to_string()
    }
}

pub(super) fn draft_recipient(draft: &Draft, kind: RecipientKind, alias: &str) -> Recipient {
    let external = kind.class() == RecipientClass::External;
    let primary =
        address(&format!("{alias}@{}", if external { "outside.example" } else { "contoso.example" }));
    let mut new = Recipient::new(draft.new_guid(), kind, alias, alias, primary.clone(), draft.now());
    if external {
        new.external_email_address = Some(primary);
    }
    if kind.may_have_account() {
        new.account = Some(Account {
            user_principal_name: format!("{alias}@contoso.example"),
            password_hash: None,
            enabled: kind.may_sign_in(),
            password_changed: None,
        });
    }
    new
}

pub(super) fn address(text: &str) -> Address {
    Address::parse(text).unwrap()
}

/// A well-formed hash no password has; making a real one takes a while.
pub(super) fn some_hash() -> PasswordHash {
    PasswordHash::from_phc(
        "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
            .to_owned(),
    )
}
