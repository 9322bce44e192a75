//! Certificates of the running server: reading the files the registry names, choosing defaults, warning before expiry.
//!
//! May touch: disk (the PEM files), directory snapshot, clock.

use std::collections::HashMap;
use std::sync::Arc;

use admin::services::{CertificateFiles, StoredFiles};
use directory::{CertificateService, Directory, Snapshot};
use jiff::Timestamp;
use parking_lot::Mutex;
use world::{CertStore, Clock, Disk};

use crate::data_dir::DataDir;

/// Days before the end at which the service log warns.
const WARN_DAYS: [i64; 4] = [30, 14, 7, 1];
/// Largest PEM file read, in bytes.
const PEM_BYTES_MAX: u64 = 1 << 20;

/// The certificates of all services. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Certificates(Arc<Inner>);

struct Inner {
    disk: Disk,
    clock: Clock,
    dir: DataDir,
    directory: Directory,
    smtp: CertStore,
    https: CertStore,
    /// The last threshold warned of, by thumbprint.
    warned: Mutex<HashMap<String, i64>>,
}

/// How long a certificate is valid yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Validity {
    /// Its thumbprint.
    pub(crate) thumbprint: String,
    /// Its subject.
    pub(crate) subject: String,
    /// Whole days until it ends; negative when it has ended.
    pub(crate) days_left: i64,
}

impl Certificates {
    /// Nothing is loaded yet.
    pub(crate) fn new(dir: &DataDir, directory: &Directory, disk: &Disk, clock: &Clock) -> Self {
        Self(Arc::new(Inner {
            disk: disk.clone(),
            clock: clock.clone(),
            dir: dir.clone(),
            directory: directory.clone(),
            smtp: CertStore::new(),
            https: CertStore::new(),
            warned: Mutex::default(),
        }))
    }

    /// Those of SMTP sessions.
    pub(crate) fn smtp(&self) -> &CertStore {
        &self.0.smtp
    }

    /// Those of administration over HTTPS.
    pub(crate) fn https(&self) -> &CertStore {
        &self.0.https
    }

    /// Reads every certificate of the registry; the next handshake uses them. Blocks. A certificate that cannot be
    /// read is logged and left out: the others go on.
    pub(crate) fn load(&self) -> usize {
        let inner = &self.0;
        let snapshot = inner.directory.snapshot();
        let mut loaded = Vec::new();
        for row in snapshot.certificates() {
            let read = self.read(&row.certificate_file).and_then(|chain| {
                let key = self.read(&row.key_file)?;
                world::Certificate::from_pem(&chain, &key).map_err(|error| error.to_string())
            });
            match read {
                Ok(certificate) => loaded.push((certificate, row.services.clone())),
                Err(error) => {
                    tracing::error!(
                        thumbprint = row.thumbprint,
                        subject = row.subject,
                        error,
                        "a certificate cannot be used"
                    );
                }
            }
        }
        let now = inner.clock.now();
        let count = loaded.len();
        for (store, service) in
            [(&inner.https, CertificateService::Iis), (&inner.smtp, CertificateService::Smtp)]
        {
            // A client that asks for a name is shown only what the administrator enabled for the service.
            let enabled = loaded.iter().filter(|(_, services)| services.contains(&service));
            let enabled = enabled.map(|(certificate, _)| certificate.clone()).collect();
            store.replace(enabled, default_of(&snapshot, service, now).as_deref());
        }
        count
    }

    fn read(&self, file: &str) -> Result<String, String> {
        let path = self.0.dir.root().join(file);
        let failed = |error: &dyn std::fmt::Display| format!("cannot read {}: {error}", path.display());
        let found = self.0.disk.metadata(&path).map_err(|error| failed(&error))?;
        if found.len > PEM_BYTES_MAX {
            return Err(failed(&"it is too long for a PEM file"));
        }
        let bytes = self.0.disk.read(&path).map_err(|error| failed(&error))?;
        String::from_utf8(bytes).map_err(|_| failed(&"it is not PEM"))
    }

    /// What the registry holds, as far as it decides what [`Certificates::load`] does.
    pub(crate) fn fingerprint(&self) -> Vec<(String, String, Vec<CertificateService>)> {
        let snapshot = self.0.directory.snapshot();
        let row = |row: &Arc<directory::Certificate>| {
            (row.thumbprint.clone(), row.certificate_file.clone(), row.services.iter().copied().collect())
        };
        let mut rows: Vec<_> = snapshot.certificates().map(row).collect();
        rows.sort();
        rows
    }

    /// How long each is valid yet.
    pub(crate) fn validities(&self) -> Vec<Validity> {
        let now = self.0.clock.now();
        let snapshot = self.0.directory.snapshot();
        snapshot
            .certificates()
            .map(|row| Validity {
                thumbprint: row.thumbprint.clone(),
                subject: row.subject.clone(),
                days_left: row.not_after.duration_since(now).as_hours().div_euclid(24),
            })
            .collect()
    }

    /// Warns in the service log of each certificate that comes near its end, once for each threshold.
    pub(crate) fn warn(&self) {
        let validities = self.validities();
        let mut warned = self.0.warned.lock();
        warned.retain(|thumbprint, _| validities.iter().any(|one| one.thumbprint == *thumbprint));
        for one in validities {
            let Some(threshold) = threshold(one.days_left) else {
                warned.remove(&one.thumbprint);
                continue;
            };
            if warned.insert(one.thumbprint.clone(), threshold) == Some(threshold) {
                continue;
            }
            let (thumbprint, subject, days) = (one.thumbprint, one.subject, one.days_left);
            if days < 0 {
                tracing::error!(
                    thumbprint,
                    subject,
                    "a certificate has expired; Import-ExchangeCertificate or New-ExchangeCertificate replaces it"
                );
            } else {
                tracing::warn!(
                    thumbprint,
                    subject,
                    days,
                    "a certificate expires soon; Import-ExchangeCertificate or New-ExchangeCertificate replaces it"
                );
            }
        }
    }
}

/// The PEM files of the data directory.
#[derive(Debug, Clone)]
pub(crate) struct PemFiles {
    dir: DataDir,
    disk: Disk,
}

impl PemFiles {
    /// Those of a data directory.
    pub(crate) fn new(dir: &DataDir, disk: &Disk) -> Self {
        Self { dir: dir.clone(), disk: disk.clone() }
    }

    fn write(&self, name: &str, pem: &str) -> Result<String, String> {
        let path = self.dir.certificates().join(name);
        self.disk
            .write_atomic(&path, pem.as_bytes())
            .map_err(|error| format!("cannot write {}: {error}", path.display()))?;
        Ok(format!("certificates/{name}"))
    }
}

impl CertificateFiles for PemFiles {
    fn store(&self, thumbprint: &str, certificate_pem: &str, key_pem: &str) -> Result<StoredFiles, String> {
        let folder = self.dir.certificates();
        self.disk
            .create_dir_all(&folder)
            .map_err(|error| format!("cannot make {}: {error}", folder.display()))?;
        // Like every file of the data directory they are for their owner alone.
        let key_file = self.write(&format!("{thumbprint}.key"), key_pem)?;
        let certificate_file = self.write(&format!("{thumbprint}.pem"), certificate_pem)?;
        Ok(StoredFiles { certificate_file, key_file })
    }

    fn remove(&self, files: &StoredFiles) -> Result<(), String> {
        for file in [&files.certificate_file, &files.key_file] {
            let path = self.dir.root().join(file);
            match self.disk.remove_file(&path) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(format!("cannot remove {}: {error}", path.display()));
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// The lowest threshold reached, 0 when it has ended.
fn threshold(days_left: i64) -> Option<i64> {
    if days_left < 0 {
        return Some(0);
    }
    WARN_DAYS.into_iter().filter(|days| days_left <= *days).min()
}

/// The certificate a service shows to clients that ask for no name: of those enabled for it the valid one that lasts
/// longest.
fn default_of(snapshot: &Snapshot, service: CertificateService, now: Timestamp) -> Option<String> {
    snapshot
        .certificates()
        .filter(|row| row.services.contains(&service))
        .max_by_key(|row| (row.is_valid_at(now), row.not_after))
        .map(|row| row.thumbprint.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_threshold_is_reached_once() {
        for (days_left, expected) in [
            (400, None),
            (31, None),
            (30, Some(30)),
            (15, Some(30)),
            (14, Some(14)),
            (7, Some(7)),
            (2, Some(7)),
            (1, Some(1)),
            (0, Some(1)),
            (-1, Some(0)),
        ] {
            assert_eq!(threshold(days_left), expected, "{days_left}");
        }
    }
}
