//! TLS: a server side whose certificates can be exchanged while it runs, and a client side with or without verification.
//!
//! May touch: the clock (validity of certificates), the operating system's random source.
//! Standards: RFC 8446, RFC 5246, RFC 6066 §3, RFC 6125 §6.4.3, RFC 3207 §4.1, RFC 7435 (opportunistic security).
//! Known gaps: client certificates are not asked for.

use std::collections::HashMap;
use std::fmt;
use std::io;
use std::sync::Arc;

use arc_swap::ArcSwap;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{
    CryptoProvider, WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature,
};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::time_provider::TimeProvider;
use rustls::{
    ClientConfig, CommonState, DigitallySignedStruct, RootCertStore, ServerConfig, SignatureScheme,
};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};

use crate::certificate::{Certificate, CertificateInfo, provider, read_chain};
use crate::{BoxedIo, Clock};

// todo: RFC 8446 §4.3.2 CertificateRequest: Receive connectors that know a peer by its certificate.

/// Why TLS did not come about.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A certificate, key or root in PEM cannot be used; what is wrong with it.
    #[error("{0}")]
    Certificate(String),
    /// The name to connect to is neither a DNS name nor an IP address.
    #[error("{0} is not a name TLS can be asked for")]
    Name(String),
    /// The peer's certificate was not accepted; why.
    #[error("the peer's certificate is not accepted: {0}")]
    Untrusted(String),
    /// The peers found no common ground, or one of them broke the protocol.
    #[error("TLS handshake failed: {0}")]
    Handshake(String),
    /// The connection failed or was closed.
    #[error("the connection failed during the TLS handshake: {0}")]
    Io(io::Error),
}

impl TlsError {
    fn from_io(error: io::Error) -> Self {
        match error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
            Some(rustls::Error::InvalidCertificate(why)) => Self::Untrusted(why.to_string()),
            Some(other) => Self::Handshake(other.to_string()),
            None => Self::Io(error),
        }
    }
}

/// What was agreed on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsInfo {
    /// `TLS1.2` or `TLS1.3`.
    pub version: String,
    /// The cipher suite by its IANA name, for example `TLS_AES_256_GCM_SHA384`.
    pub cipher: String,
    /// The server name the client asked for (server side) or that was asked for (client side), lower-case.
    pub sni: Option<String>,
    /// The peer's certificate, if it showed one that can be read.
    pub peer: Option<CertificateInfo>,
    /// Whether the peer's certificate was verified against roots and name.
    pub verified: bool,
}

impl TlsInfo {
    fn read(state: &CommonState, sni: Option<String>, verified: bool) -> Self {
        let version = state.protocol_version().map(|version| match version {
            rustls::ProtocolVersion::TLSv1_3 => "TLS1.3".to_owned(),
            rustls::ProtocolVersion::TLSv1_2 => "TLS1.2".to_owned(),
            other => format!("{other:?}"),
        });
        let cipher = state.negotiated_cipher_suite().map(|suite| {
            let name = format!("{:?}", suite.suite());
            // rustls names TLS 1.3 suites TLS13_…, IANA does not.
            name.strip_prefix("TLS13_").map_or_else(|| name.clone(), |rest| format!("TLS_{rest}"))
        });
        let peer = state
            .peer_certificates()
            .and_then(<[_]>::first)
            .and_then(|der| CertificateInfo::from_der(der).ok());
        Self { version: version.unwrap_or_default(), cipher: cipher.unwrap_or_default(), sni, peer, verified }
    }

    /// Subject of the peer's certificate, if it showed one.
    #[must_use]
    pub fn peer_subject(&self) -> Option<&str> {
        self.peer.as_ref().map(|peer| peer.subject.as_str())
    }
}

/// Time for rustls from our clock, so that a simulation judges validity by simulated time.
struct ClockTime(Clock);

impl fmt::Debug for ClockTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClockTime")
    }
}

impl TimeProvider for ClockTime {
    fn current_time(&self) -> Option<UnixTime> {
        let seconds = u64::try_from(self.0.now().as_second()).ok()?;
        Some(UnixTime::since_unix_epoch(std::time::Duration::from_secs(seconds)))
    }
}

/// The certificates a server has, shared by its acceptors. [`CertStore::replace`] takes effect with the next
/// handshake. Cheap to clone; clones are the same store.
#[derive(Clone, Default)]
pub struct CertStore(Arc<ArcSwap<Table>>);

#[derive(Default)]
struct Table {
    all: Vec<Certificate>,
    default: Option<Certificate>,
    by_name: HashMap<String, Certificate>,
}

impl CertStore {
    /// An empty store: every handshake fails until there are certificates.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Exchanges all certificates at once. Each is found by every name it holds, `*.contoso.example` included; if two
    /// hold the same name the one that is valid longer is used, of two that end together the one whose first name it
    /// is. `default_thumbprint` names the one for clients that
    /// ask for no name or an unknown one (any case); without it, or if none has it, that is the first.
    pub fn replace(&self, certificates: Vec<Certificate>, default_thumbprint: Option<&str>) {
        let mut by_name: HashMap<String, Certificate> = HashMap::new();
        for certificate in &certificates {
            for name in &certificate.info().names {
                let rank = |one: &Certificate| (one.info().not_after, one.info().names.first() == Some(name));
                if by_name.get(name).is_none_or(|present| rank(present) < rank(certificate)) {
                    by_name.insert(name.clone(), certificate.clone());
                }
            }
        }
        let default = certificates
            .iter()
            .find(|one| {
                default_thumbprint.is_some_and(|wanted| wanted.eq_ignore_ascii_case(&one.info().thumbprint))
            })
            .or_else(|| certificates.first())
            .cloned();
        self.0.store(Arc::new(Table { all: certificates, default, by_name }));
    }

    /// What the store holds.
    #[must_use]
    pub fn list(&self) -> Vec<CertificateInfo> {
        self.0.load().all.iter().map(|certificate| certificate.info().clone()).collect()
    }

    /// The certificate for a name: exactly, else by a wildcard in place of its first label (RFC 6125 §6.4.3), else
    /// the one that a thumbprint or `<I>issuer<S>subject` names, else the default one.
    #[must_use]
    pub fn find(&self, name: Option<&str>) -> Option<Certificate> {
        let table = self.0.load();
        let named = name.and_then(|wanted| {
            let name = wanted.to_ascii_lowercase();
            let by_name = || {
                table.by_name.get(&name).or_else(|| {
                    let (_, parent) = name.split_once('.')?;
                    table.by_name.get(&format!("*.{parent}"))
                })
            };
            by_name().or_else(|| table.all.iter().find(|certificate| certificate.info().is_called(wanted)))
        });
        named.or(table.default.as_ref()).cloned()
    }
}

impl fmt::Debug for CertStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.0.load().all).finish()
    }
}

struct Resolver {
    store: CertStore,
    name_override: Option<String>,
}

impl fmt::Debug for Resolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Resolver({:?})", self.name_override)
    }
}

impl ResolvesServerCert for Resolver {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let name = self.name_override.as_deref().or_else(|| hello.server_name());
        self.store.find(name).map(|certificate| certificate.key)
    }
}

/// The server side of TLS 1.2 and 1.3. Cheap to clone.
#[derive(Clone)]
pub struct TlsAcceptor(tokio_rustls::TlsAcceptor);

impl TlsAcceptor {
    /// Serves the store's certificates by the name the client asks for. `name_override` serves the certificate of
    /// that name whatever the client asks for (the connector's `TlsCertificateName`). `alpn` are the application
    /// protocols offered, best first; empty for mail.
    pub fn new(
        store: &CertStore,
        name_override: Option<&str>,
        alpn: &[&str],
        clock: &Clock,
    ) -> Result<Self, TlsError> {
        let resolver = Resolver { store: store.clone(), name_override: name_override.map(str::to_owned) };
        let time = Arc::new(ClockTime(clock.clone()));
        let mut config = ServerConfig::builder_with_details(Arc::new(provider()), time)
            .with_safe_default_protocol_versions()
            .map_err(|error| TlsError::Handshake(error.to_string()))?
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(resolver));
        config.alpn_protocols = alpn.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
        Ok(Self(tokio_rustls::TlsAcceptor::from(Arc::new(config))))
    }

    /// Does the handshake as server. Has no timeout of its own.
    pub async fn accept(&self, io: BoxedIo) -> Result<(BoxedIo, TlsInfo), TlsError> {
        let stream = self.0.accept(io).await.map_err(TlsError::from_io)?;
        let (_, state) = stream.get_ref();
        let info = TlsInfo::read(state, state.server_name().map(str::to_owned), false);
        Ok((Box::new(stream), info))
    }
}

impl fmt::Debug for TlsAcceptor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TlsAcceptor")
    }
}

/// How a client judges the server's certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verification {
    /// Any certificate will do: encryption against listeners only, as mail between servers uses it (RFC 7435).
    Opportunistic,
    /// It must lead to one of the roots, be valid now, and hold the name.
    Verify(Roots),
}

/// Whom to trust.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Roots {
    /// Mozilla's roots, built in.
    System,
    /// Only the roots of this PEM text.
    Pem(String),
    /// Mozilla's, and those of this PEM text: an organization's own.
    SystemAnd(Arc<str>),
}

impl Roots {
    /// Mozilla's roots and those of a PEM text.
    ///
    /// # Errors
    /// If there is no certificate in it, or one that cannot be a root.
    pub fn system_and(pem: &str) -> Result<Roots, TlsError> {
        let roots = Roots::SystemAnd(pem.into());
        root_store(&roots)?;
        Ok(roots)
    }
}

/// The client side of TLS 1.2 and 1.3. Cheap to clone.
#[derive(Clone)]
pub struct TlsConnector {
    connector: tokio_rustls::TlsConnector,
    verified: bool,
}

impl TlsConnector {
    /// A client that judges certificates as told. Build one per setting and keep it: it holds the session tickets.
    pub fn new(verification: &Verification, clock: &Clock) -> Result<Self, TlsError> {
        let provider = Arc::new(provider());
        let time = Arc::new(ClockTime(clock.clone()));
        let builder = ClientConfig::builder_with_details(Arc::clone(&provider), time)
            .with_safe_default_protocol_versions()
            .map_err(|error| TlsError::Handshake(error.to_string()))?;
        let config = match verification {
            Verification::Opportunistic => builder
                .dangerous()
                .with_custom_certificate_verifier(Arc::new(AcceptAny::new(&provider)))
                .with_no_client_auth(),
            Verification::Verify(roots) => {
                builder.with_root_certificates(root_store(roots)?).with_no_client_auth()
            }
        };
        Ok(Self {
            connector: tokio_rustls::TlsConnector::from(Arc::new(config)),
            verified: matches!(verification, Verification::Verify(_)),
        })
    }

    /// Does the handshake as client, asking for `name` (a DNS name, with or without trailing dot, or an IP address).
    /// Has no timeout of its own.
    pub async fn connect(&self, io: BoxedIo, name: &str) -> Result<(BoxedIo, TlsInfo), TlsError> {
        let wanted = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
        let server = ServerName::try_from(wanted.clone()).map_err(|_| TlsError::Name(name.to_owned()))?;
        // RFC 6066 §3: literal addresses are not sent as a server name.
        let sni = matches!(server, ServerName::DnsName(_)).then_some(wanted);
        let stream = self.connector.connect(server, io).await.map_err(TlsError::from_io)?;
        let info = TlsInfo::read(stream.get_ref().1, sni, self.verified);
        Ok((Box::new(stream), info))
    }
}

impl fmt::Debug for TlsConnector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TlsConnector(verified: {})", self.verified)
    }
}

fn root_store(roots: &Roots) -> Result<RootCertStore, TlsError> {
    let mut store = RootCertStore::empty();
    if matches!(roots, Roots::System | Roots::SystemAnd(_)) {
        store.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    }
    let pem = match roots {
        Roots::System => return Ok(store),
        Roots::Pem(pem) => pem.as_str(),
        Roots::SystemAnd(pem) => pem,
    };
    let own = read_chain(pem)?;
    if own.is_empty() {
        return Err(TlsError::Certificate("no certificate among the roots".to_owned()));
    }
    for root in own {
        store.add(root).map_err(|error| TlsError::Certificate(format!("bad root: {error}")))?;
    }
    Ok(store)
}

/// Accepts every certificate, but still checks that the peer holds its key.
#[derive(Debug)]
struct AcceptAny(WebPkiSupportedAlgorithms);

impl AcceptAny {
    fn new(provider: &CryptoProvider) -> Self {
        Self(provider.signature_verification_algorithms)
    }
}

impl ServerCertVerifier for AcceptAny {
    fn verify_server_cert(
        &self,
        _certificate: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signature, &self.0)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signature, &self.0)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_schemes()
    }
}
