//! What runs beside the pipeline: the daily cleaning, certificates that change or come near their end.
//!
//! May touch: mailboxes, directory, certificates, clock, executor.

use std::time::Duration;

use directory::Directory;
use jiff::SignedDuration;
use mailbox::{MailboxError, MailboxStore};
use world::{Clock, Executor, World};

use crate::certificates::Certificates;

/// The name the audit log shows for what the server does by itself.
const ACTOR: &str = "Postroom";
/// Days rows of the administrator audit log are kept (AdminAuditLogAgeLimit).
pub(crate) const AUDIT_DAYS: i64 = 90;
/// Time between the start and the first cleaning: mail comes first.
const FIRST_CLEANING_AFTER: Duration = Duration::from_secs(10 * 60);
/// Time between two cleanings.
const CLEANING_INTERVAL: Duration = Duration::from_secs(24 * 3600);
/// Time between two looks at how long certificates are valid.
const EXPIRY_INTERVAL: Duration = Duration::from_secs(6 * 3600);

/// Starts everything.
pub(crate) fn start(
    world: &World,
    directory: &Directory,
    mailboxes: &MailboxStore,
    certificates: &Certificates,
) {
    let exec = &world.exec;
    exec.spawn(
        "cleaning",
        clean_daily(world.clock.clone(), exec.clone(), directory.clone(), mailboxes.clone()),
    );
    exec.spawn("certificates", follow_certificates(exec.clone(), directory.clone(), certificates.clone()));
    exec.spawn("expiry", watch_expiry(world.clock.clone(), certificates.clone()));
}

async fn clean_daily(clock: Clock, exec: Executor, directory: Directory, mailboxes: MailboxStore) {
    clock.sleep(FIRST_CLEANING_AFTER).await;
    loop {
        clean(&clock, &exec, &directory, &mailboxes).await;
        clock.sleep(CLEANING_INTERVAL).await;
    }
}

/// One cleaning: removed mailboxes whose time is over, blobs nobody uses, old audit rows.
async fn clean(clock: &Clock, exec: &Executor, directory: &Directory, mailboxes: &MailboxStore) {
    for due in directory.snapshot().due_for_purge(clock.now()) {
        let (guid, address) = (due.guid, due.primary_smtp_address.to_string());
        // The file first: were it the other way round, a crash between would leave it for ever.
        match mailboxes.remove_mailbox(guid).await {
            // Without a file nothing was ever delivered to it, or a crash came behind the file's end.
            Ok(()) | Err(MailboxError::NoMailbox(_)) => {}
            Err(error) => {
                tracing::error!(%guid, address, %error, "the file of a removed mailbox cannot be deleted");
                continue;
            }
        }
        let changing = directory.clone();
        let purged = exec.blocking(move || changing.change(ACTOR, |draft| draft.purge_mailbox(guid))).await;
        match purged {
            Ok(()) => tracing::info!(%guid, address, "a mailbox removed 30 days ago was deleted for good"),
            Err(error) => tracing::error!(%guid, address, %error, "a removed mailbox cannot be purged"),
        }
    }
    match mailboxes.sweep().await {
        Ok(report) => tracing::info!(
            mailboxes = report.mailboxes,
            removed = report.removed,
            freed = report.freed,
            "mailbox bodies nobody uses were deleted"
        ),
        Err(error) => tracing::error!(%error, "mailbox bodies nobody uses cannot be deleted"),
    }
    let before = clock.now().saturating_sub(SignedDuration::from_hours(24 * AUDIT_DAYS));
    let trimming = directory.clone();
    match (before, directory) {
        (Ok(before), _) => {
            if let Err(error) = exec.blocking(move || trimming.trim_audit(before)).await {
                tracing::error!(%error, "old rows of the audit log cannot be deleted");
            }
        }
        (Err(error), _) => tracing::error!(%error, "the clock is out of range"),
    }
}

async fn follow_certificates(exec: Executor, directory: Directory, certificates: Certificates) {
    let mut changes = directory.changes();
    let mut known = certificates.fingerprint();
    while changes.changed().await.is_ok() {
        let now = certificates.fingerprint();
        if now != known {
            known = now;
            let loading = certificates.clone();
            let count = exec.blocking(move || loading.load()).await;
            tracing::info!(count, "certificates were exchanged");
            certificates.warn();
        }
    }
}

async fn watch_expiry(clock: Clock, certificates: Certificates) {
    loop {
        certificates.warn();
        clock.sleep(EXPIRY_INTERVAL).await;
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use directory::{PasswordHash, Recipient, RecipientKind, Seed};
    use world::sim::SimWorld;

    use super::*;

    #[test]
    fn a_removed_mailbox_without_a_file_is_purged() {
        let sim = SimWorld::new(1);
        let world = sim.world();
        let dir = Path::new("/data");
        world.disk.create_dir_all(dir).unwrap();
        let directory =
            Directory::open(&world.disk, &dir.join("directory.sqlite"), &world.clock, &world.chance).unwrap();
        let password = PasswordHash::from_phc("none".to_owned());
        let seed = Seed { domain: "contoso.example", server_name: "mx1", password };
        directory.change("test", |draft| draft.seed(&seed)).unwrap();
        let address = "ann@contoso.example".parse().unwrap();
        let ann = {
            let guid = world.chance.uuid_v4();
            Recipient::new(guid, RecipientKind::UserMailbox, "Ann", "ann", address, world.clock.now())
        };
        let guid = ann.guid;
        directory.change("test", |draft| draft.put_recipient(ann).map(|_| ())).unwrap();
        directory.change("test", |draft| draft.remove_recipient(guid)).unwrap();
        let config = mailbox::Config::default();
        let mailboxes = MailboxStore::open(&world.disk, &world.clock, &world.exec, dir, config).unwrap();
        sim.advance(Duration::from_secs(31 * 86_400));
        sim.run(clean(&world.clock, &world.exec, &directory, &mailboxes));
        assert!(directory.snapshot().soft_deleted_mailbox(guid).is_none());
    }
}
