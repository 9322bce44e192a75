//! Certificates: reading PEM, the facts an administrator sees, and making self-signed ones.
//!
//! May touch: the operating system's random source (for a new key).
//! Standards: RFC 5280, RFC 7468.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::digest;
use jiff::Timestamp;
use rcgen::{CertificateParams, DnType, ExtendedKeyUsagePurpose, KeyPair};
use rustls::crypto::CryptoProvider;
use rustls::sign::CertifiedKey;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer, X509Certificate};

use crate::tls::TlsError;

/// Certificates read of one PEM file; a longer chain is refused.
const CHAIN_LEN_MAX: usize = 16;

/// What a certificate says about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateInfo {
    /// Subject, as in `CN=mx1.contoso.example`.
    pub subject: String,
    /// Issuer in the same form.
    pub issuer: String,
    /// Names it is valid for: the DNS names and IP addresses of the subject alternative name, lower-case; the common
    /// name if there is none.
    pub names: Vec<String>,
    /// Start of validity.
    pub not_before: Timestamp,
    /// End of validity.
    pub not_after: Timestamp,
    /// Serial number, upper-case hexadecimal.
    pub serial_number: String,
    /// SHA-1 of the certificate as upper-case hexadecimal: what Exchange calls the thumbprint. Only an identifier.
    pub thumbprint: String,
    /// SHA-256 of the certificate as upper-case hexadecimal.
    pub sha256: String,
    /// Subject and issuer are the same.
    pub self_signed: bool,
}

impl CertificateInfo {
    /// Whether connectors that say `name` mean it: its thumbprint, in any case, or `<I>issuer<S>subject`.
    #[must_use]
    pub fn is_called(&self, name: &str) -> bool {
        let parts = name.strip_prefix("<I>").and_then(|rest| rest.split_once("<S>"));
        name.eq_ignore_ascii_case(&self.thumbprint)
            || parts.is_some_and(|(issuer, subject)| issuer == self.issuer && subject == self.subject)
    }

    /// Reads a certificate in DER.
    pub fn from_der(der: &[u8]) -> Result<Self, TlsError> {
        let (_, parsed) = X509Certificate::from_der(der)
            .map_err(|error| TlsError::Certificate(format!("not a certificate: {error}")))?;
        let time = |seconds: i64| {
            Timestamp::from_second(seconds)
                .map_err(|error| TlsError::Certificate(format!("validity out of range: {error}")))
        };
        Ok(Self {
            subject: parsed.subject().to_string(),
            issuer: parsed.issuer().to_string(),
            names: names_of(&parsed),
            not_before: time(parsed.validity().not_before.timestamp())?,
            not_after: time(parsed.validity().not_after.timestamp())?,
            serial_number: hex(parsed.raw_serial()),
            thumbprint: hex(digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, der).as_ref()),
            sha256: hex(digest::digest(&digest::SHA256, der).as_ref()),
            self_signed: parsed.subject().as_raw() == parsed.issuer().as_raw(),
        })
    }

    /// Reads the first certificate of a PEM file.
    pub fn from_pem(pem: &str) -> Result<Self, TlsError> {
        let first = read_chain(pem)?.into_iter().next();
        let der = first.ok_or_else(|| TlsError::Certificate("no certificate in the file".to_owned()))?;
        Self::from_der(&der)
    }
}

fn names_of(certificate: &X509Certificate<'_>) -> Vec<String> {
    let mut names = Vec::new();
    if let Ok(Some(alternative)) = certificate.subject_alternative_name() {
        for name in &alternative.value.general_names {
            match name {
                GeneralName::DNSName(name) => names.push(name.to_ascii_lowercase()),
                GeneralName::IPAddress(bytes) => names.extend(ip_text(bytes)),
                _ => {}
            }
        }
    }
    if names.is_empty() {
        let common = certificate.subject().iter_common_name().filter_map(|name| name.as_str().ok());
        names.extend(common.map(str::to_ascii_lowercase));
    }
    names
}

fn ip_text(bytes: &[u8]) -> Option<String> {
    if let Ok(v4) = <[u8; 4]>::try_from(bytes) {
        return Some(std::net::Ipv4Addr::from(v4).to_string());
    }
    <[u8; 16]>::try_from(bytes).ok().map(|v6| std::net::Ipv6Addr::from(v6).to_string())
}

fn hex(bytes: &[u8]) -> String {
    use fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02X}");
        text
    })
}

pub(crate) fn read_chain(pem: &str) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let bad = |error| TlsError::Certificate(format!("bad PEM: {error}"));
    CertificateDer::pem_slice_iter(pem.as_bytes()).collect::<Result<_, _>>().map_err(bad)
}

/// A certificate with its chain and private key, ready to serve. Cheap to clone.
#[derive(Clone)]
pub struct Certificate {
    info: Arc<CertificateInfo>,
    pub(crate) key: Arc<CertifiedKey>,
}

impl Certificate {
    /// Reads a chain (the server's own certificate first) and its private key (PKCS #8, PKCS #1 or SEC 1). Fails if
    /// they do not belong together.
    pub fn from_pem(certificate_pem: &str, key_pem: &str) -> Result<Self, TlsError> {
        let chain = read_chain(certificate_pem)?;
        if chain.len() > CHAIN_LEN_MAX {
            return Err(TlsError::Certificate(format!(
                "more than {CHAIN_LEN_MAX} certificates in the chain"
            )));
        }
        let Some(own) = chain.first() else {
            return Err(TlsError::Certificate("no certificate in the file".to_owned()));
        };
        let info = CertificateInfo::from_der(own)?;
        let key = PrivateKeyDer::from_pem_slice(key_pem.as_bytes())
            .map_err(|error| TlsError::Certificate(format!("bad private key: {error}")))?;
        let key = CertifiedKey::from_der(chain, key, &provider()).map_err(|error| {
            TlsError::Certificate(format!("certificate and key do not go together: {error}"))
        })?;
        Ok(Self { info: Arc::new(info), key: Arc::new(key) })
    }

    /// What the certificate says.
    #[must_use]
    pub fn info(&self) -> &CertificateInfo {
        &self.info
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Certificate({}, {})", self.info.subject, self.info.thumbprint)
    }
}

pub(crate) fn provider() -> CryptoProvider {
    rustls::crypto::aws_lc_rs::default_provider()
}

/// Makes a self-signed certificate (ECDSA P-256, for TLS servers) for these DNS names or IP addresses; the first is
/// the common name. Returns certificate and private key as PEM. Times are cut to whole seconds and must lie in 1970 or
/// later.
pub fn self_signed(
    names: &[String],
    not_before: Timestamp,
    not_after: Timestamp,
) -> Result<(String, String), TlsError> {
    let made = |error: rcgen::Error| TlsError::Certificate(format!("cannot make a certificate: {error}"));
    let Some(first) = names.first() else {
        return Err(TlsError::Certificate("a certificate needs a name".to_owned()));
    };
    let mut params = CertificateParams::new(names.to_vec()).map_err(made)?;
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, first.clone());
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let since_epoch = |time: Timestamp| {
        u64::try_from(time.as_second())
            .map(Duration::from_secs)
            .map_err(|_| TlsError::Certificate("validity before 1970".to_owned()))
    };
    let epoch = rcgen::date_time_ymd(1970, 1, 1);
    params.not_before = epoch + since_epoch(not_before)?;
    params.not_after = epoch + since_epoch(not_after)?;
    let key = KeyPair::generate().map_err(made)?;
    let certificate = params.self_signed(&key).map_err(made)?;
    Ok((certificate.pem(), key.serialize_pem()))
}
