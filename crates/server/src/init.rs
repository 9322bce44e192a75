//! `postroom init`: makes an organization in an empty data directory and prints the administrator's password once.
//!
//! May touch: disk, clock, chance, executor.

use std::collections::BTreeSet;
use std::path::Path;

use admin::services::CertificateFiles as _;
use directory::{ADMINISTRATOR, CertificateService, Credentials, Directory, DirectoryError, Seed};
use jiff::SignedDuration;
use world::{CertificateInfo, Chance, RealConfig, World};

use crate::certificates::PemFiles;
use crate::config;
use crate::data_dir::DataDir;
use crate::failure::Failure;

/// Who the audit log names.
const ACTOR: &str = "postroom init";
/// Letters of a password: none that is mistaken for another.
const PASSWORD_LETTERS: &[u8] = b"abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
/// Letters in a group, and groups: 20 letters of 56 are 116 bits.
const PASSWORD_SHAPE: (usize, usize) = (5, 4);
/// How long the self-signed certificate is valid: five years, as Exchange makes it.
const CERTIFICATE_DAYS: i64 = 5 * 365;

/// What is made.
pub(crate) struct Order<'a> {
    /// The data directory.
    pub(crate) root: &'a Path,
    /// The first accepted domain.
    pub(crate) domain: &'a str,
    /// A configuration file, checked and not copied.
    pub(crate) config: Option<&'a Path>,
    /// The server's name, `None` for this machine's.
    pub(crate) server_name: Option<&'a str>,
}

/// Makes the organization.
pub(crate) async fn run(order: Order<'_>) -> Result<String, Failure> {
    let world = World::real(&RealConfig { dns_servers: nobody(), ..RealConfig::default() })
        .map_err(|error| Failure(error.to_string()))?;
    let dir = DataDir::new(order.root, &world.disk);
    dir.check_path()?;
    config::load(order.config, &dir)?;
    dir.check_vacant()?;
    dir.make()?;
    let _lock = dir.lock()?;
    dir.check_vacant()?;
    let path = dir.directory();
    let directory = Directory::open(&world.disk, &path, &world.clock, &world.chance)
        .map_err(|error| Failure::of(format!("cannot open {}", path.display()), error))?;
    let password = new_password(&world.chance);
    let credentials = Credentials::new(&directory, &world.clock, &world.chance, &world.exec);
    let hash = credentials.hash(password.clone()).await.map_err(refused)?;
    let machine = order.server_name.map_or_else(machine_name, str::to_owned);
    let seed = Seed { domain: order.domain, server_name: &machine, password: hash };
    if directory.snapshot().is_seeded() {
        return Err(Failure(format!(
            "{} is what an interrupted init left; remove the directory and run init again",
            order.root.display()
        )));
    }
    directory.change(ACTOR, |draft| draft.seed(&seed)).map_err(refused)?;
    add_certificate(&dir, &directory, &world)?;
    dir.write_stamp()?;
    Ok(summary(&order, &directory, &password))
}

/// `init` asks no name server; an address nobody answers on keeps it independent of the system's resolver file.
fn nobody() -> Vec<std::net::SocketAddr> {
    vec![std::net::SocketAddr::from(([127, 0, 0, 1], 53))]
}

fn refused(error: DirectoryError) -> Failure {
    Failure(error.to_string())
}

/// This machine's host name, as far as it can name a server.
fn machine_name() -> String {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let label: String = name
        .split('.')
        .next()
        .unwrap_or_default()
        .chars()
        .filter(|letter| letter.is_ascii_alphanumeric() || *letter == '-')
        .collect();
    let label = label.trim_matches('-').to_ascii_lowercase();
    if label.is_empty() { "mail".to_owned() } else { label }
}

fn new_password(chance: &Chance) -> String {
    let (letters, groups) = PASSWORD_SHAPE;
    let count = u64::try_from(PASSWORD_LETTERS.len()).unwrap_or(1);
    let letter = || {
        let at = usize::try_from(chance.below(count)).unwrap_or_default();
        PASSWORD_LETTERS.get(at).copied().map_or('x', char::from)
    };
    let group = || (0..letters).map(|_| letter()).collect::<String>();
    (0..groups).map(|_| group()).collect::<Vec<_>>().join("-")
}

/// Makes a self-signed certificate for everything this server may be called, so that TLS works from the first day.
fn add_certificate(dir: &DataDir, directory: &Directory, world: &World) -> Result<(), Failure> {
    let failed = |error: &dyn std::fmt::Display| Failure::of("cannot make the certificate", error);
    let now = world.clock.now();
    let not_before = now.saturating_sub(SignedDuration::from_hours(1)).map_err(|error| failed(&error))?;
    let not_after = now
        .saturating_add(SignedDuration::from_hours(24 * CERTIFICATE_DAYS))
        .map_err(|error| failed(&error))?;
    let names = certificate_names(directory);
    let (chain, key) = world::self_signed(&names, not_before, not_after).map_err(|error| failed(&error))?;
    let info = CertificateInfo::from_pem(&chain).map_err(|error| failed(&error))?;
    let files = PemFiles::new(dir, &world.disk);
    let stored = files.store(&info.thumbprint, &chain, &key).map_err(Failure)?;
    let change = directory.change(ACTOR, |draft| {
        let row = directory::Certificate {
            guid: draft.new_guid(),
            thumbprint: info.thumbprint.clone(),
            subject: info.subject.clone(),
            issuer: info.issuer.clone(),
            serial_number: info.serial_number.clone(),
            friendly_name: "Postroom".to_owned(),
            domains: info.names.clone(),
            not_before: info.not_before,
            not_after: info.not_after,
            is_self_signed: info.self_signed,
            services: BTreeSet::from([
                CertificateService::Smtp,
                CertificateService::Imap,
                CertificateService::Pop,
                CertificateService::Iis,
            ]),
            certificate_file: stored.certificate_file,
            key_file: stored.key_file,
        };
        draft.put_certificate(row)
    });
    change.map(drop).map_err(refused)
}

fn certificate_names(directory: &Directory) -> Vec<String> {
    let snapshot = directory.snapshot();
    let domain = snapshot.default_domain().map(|domain| domain.domain_name.to_string()).unwrap_or_default();
    let names = [
        snapshot.organization().server_fqdn.clone(),
        domain.clone(),
        format!("mail.{domain}"),
        format!("autodiscover.{domain}"),
        "localhost".to_owned(),
    ];
    let mut unique = Vec::new();
    for name in names.iter().filter_map(|name| idna::domain_to_ascii(name).ok()) {
        if !name.is_empty() && !unique.contains(&name) {
            unique.push(name);
        }
    }
    unique
}

fn summary(order: &Order<'_>, directory: &Directory, password: &str) -> String {
    let snapshot = directory.snapshot();
    let root = order.root.display();
    let config = order.config.map(|path| format!(" --config {}", path.display())).unwrap_or_default();
    format!(
        "Organization:  {domain}\n\
         Server:        {server}\n\
         Data:          {root}\n\
         Mailbox:       administrator@{domain} (also postmaster@ and abuse@)\n\
         Administrator: {ADMINISTRATOR}\n\
         Password:      {password}\n\n\
         The password is shown this once; `postroom --data {root} Reset-AdministratorPassword` makes a new one.\n\
         Start the server with `postroom serve --data {root}{config}`.\n",
        domain = order.domain,
        server = snapshot.organization().server_fqdn,
    )
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn order(root: &Path) -> Order<'_> {
        Order { root, domain: "contoso.example", config: None, server_name: Some("mx1") }
    }

    #[tokio::test]
    async fn an_organization_is_made_once() {
        let parent = tempfile::tempdir().unwrap();
        let root = parent.path().join("data");
        let text = run(order(&root)).await.unwrap();
        assert!(text.contains("mx1.contoso.example"), "{text}");
        let password = text.lines().find_map(|line| line.strip_prefix("Password:")).unwrap().trim();
        let world = World::real(&RealConfig { dns_servers: nobody(), ..RealConfig::default() }).unwrap();
        let dir = DataDir::new(&root, &world.disk);
        dir.check_stamp().unwrap();
        let directory = Directory::open(&world.disk, &dir.directory(), &world.clock, &world.chance).unwrap();
        let credentials = Credentials::new(&directory, &world.clock, &world.chance, &world.exec);
        credentials.verify_administrator("administrator", password.as_bytes()).await.unwrap();
        credentials.verify("administrator@contoso.example", password.as_bytes()).await.unwrap();
        let snapshot = directory.snapshot();
        // Both names of the administrator have all rights, whichever is typed.
        let everything = directory::BuiltInRoleGroup::OrganizationManagement.guid();
        let members = snapshot.role_groups().find(|group| group.guid == everything).unwrap().members.clone();
        let user = snapshot.administrators().next().unwrap().guid;
        let mailbox = snapshot.resolve_recipient("administrator@contoso.example").unwrap().guid;
        assert!(members.contains(&user) && members.contains(&mailbox), "{members:?}");
        assert_eq!(members.len(), 2);
        let row = snapshot.certificates().next().unwrap();
        for name in ["mx1.contoso.example", "mail.contoso.example", "localhost"] {
            assert!(row.covers(name), "{name}");
        }
        let key = std::fs::metadata(root.join(&row.key_file)).unwrap().permissions().mode();
        assert_eq!(key & 0o777, 0o600);
        let certificates =
            crate::certificates::Certificates::new(&dir, &directory, &world.disk, &world.clock);
        assert_eq!(certificates.load(), 1);
        assert!(certificates.https().find(None).is_some());
        let again = run(order(&root)).await.unwrap_err().to_string();
        assert!(again.contains("holds an organization already"), "{again}");
    }

    #[tokio::test]
    async fn a_domain_that_is_none_is_refused_and_can_be_corrected() {
        let parent = tempfile::tempdir().unwrap();
        let root = parent.path().join("data");
        run(Order { domain: "not a domain", ..order(&root) }).await.unwrap_err();
        run(order(&root)).await.unwrap();
    }

    #[test]
    fn passwords_differ_and_are_long() {
        let chance = Chance::real();
        let (one, two) = (new_password(&chance), new_password(&chance));
        assert_ne!(one, two);
        assert_eq!(one.len(), 23);
    }
}
