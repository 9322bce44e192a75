//! The PEM files of certificates, as the cmdlets of ExchangeCertificate need them.
//! May touch: nothing (a trait); the server implements it over its data directory.

/// Where a certificate's files lie, as paths within the data directory: what the registry's row holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredFiles {
    /// The chain, such as `certificates/<Thumbprint>.pem`.
    pub certificate_file: String,
    /// The private key, such as `certificates/<Thumbprint>.key`.
    pub key_file: String,
}

/// Keeps the PEM files of certificates. Both calls block; cmdlets make them on the executor's blocking threads.
pub trait CertificateFiles: Send + Sync {
    /// Writes chain and key, synced, the key readable by the owner alone; files of the same thumbprint are replaced.
    ///
    /// # Errors
    /// One sentence that names the file.
    fn store(&self, thumbprint: &str, certificate_pem: &str, key_pem: &str) -> Result<StoredFiles, String>;

    /// Removes both files; files that are gone already are no error.
    ///
    /// # Errors
    /// One sentence that names the file.
    fn remove(&self, files: &StoredFiles) -> Result<(), String>;
}
