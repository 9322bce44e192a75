//! Changes connectors and certificates.
//!
//! May touch: nothing (pure).

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;

use uuid::Uuid;

use super::{Draft, existing, unique};
use crate::DirectoryError;
use crate::certificate::{Certificate, CertificateService};
use crate::object::{Few, Object};
use crate::receive_connector::{ListenSource, ReceiveConnector};
use crate::send_connector::SendConnector;
use crate::snapshot::{Snapshot, with, without};

/// Most connectors of one direction.
pub const CONNECTORS_MAX: usize = 1_000;
/// Most certificates.
pub const CERTIFICATES_MAX: usize = 1_000;

impl Draft {
    /// Adds or replaces a Receive connector. Two connectors with a binding in common may not have ranges that are
    /// equal or overlap in part.
    pub fn put_receive_connector(
        &mut self,
        connector: ReceiveConnector,
    ) -> Result<Arc<ReceiveConnector>, DirectoryError> {
        connector.check()?;
        let few = &self.next.receive_connectors;
        unique(few, connector.guid, "Name", &connector.name, |other| other.name.clone())?;
        check_room(few, connector.guid, CONNECTORS_MAX)?;
        self.check_certificate_name(connector.tls_certificate_name.as_deref())?;
        for other in few.values().filter(|other| other.guid != connector.guid) {
            let Some(shared) = shared_binding(&self.next, &connector, other) else { continue };
            if let Some((own, theirs)) = connector.clash(other) {
                let how = if own == theirs { "is also in" } else { "partly overlaps" };
                return Err(DirectoryError::invalid(
                    "RemoteIPRanges",
                    format!(
                        "{own} {how} {theirs} of the Receive connector \"{}\", which listens on {shared} as well; give a range that lies wholly inside or outside, or another binding.",
                        other.name
                    ),
                ));
            }
        }
        let connector = Arc::new(connector);
        self.touch::<ReceiveConnector>(connector.guid);
        self.next.receive_connectors =
            with(&self.next.receive_connectors, connector.guid, Arc::clone(&connector));
        Ok(connector)
    }

    /// Removes a Receive connector.
    pub fn remove_receive_connector(&mut self, guid: Uuid) -> Result<(), DirectoryError> {
        existing(&self.next.receive_connectors, guid)?;
        self.touch::<ReceiveConnector>(guid);
        self.next.receive_connectors = without(&self.next.receive_connectors, guid);
        Ok(())
    }

    /// Adds or replaces a Send connector.
    pub fn put_send_connector(
        &mut self,
        connector: SendConnector,
    ) -> Result<Arc<SendConnector>, DirectoryError> {
        connector.check()?;
        let few = &self.next.send_connectors;
        unique(few, connector.guid, "Name", &connector.name, |other| other.name.clone())?;
        check_room(few, connector.guid, CONNECTORS_MAX)?;
        self.check_certificate_name(connector.tls_certificate_name.as_deref())?;
        let connector = Arc::new(connector);
        self.touch::<SendConnector>(connector.guid);
        self.next.send_connectors = with(&self.next.send_connectors, connector.guid, Arc::clone(&connector));
        Ok(connector)
    }

    /// Removes a Send connector.
    pub fn remove_send_connector(&mut self, guid: Uuid) -> Result<(), DirectoryError> {
        existing(&self.next.send_connectors, guid)?;
        self.touch::<SendConnector>(guid);
        self.next.send_connectors = without(&self.next.send_connectors, guid);
        Ok(())
    }

    /// Adds or replaces a certificate.
    pub fn put_certificate(&mut self, certificate: Certificate) -> Result<Arc<Certificate>, DirectoryError> {
        certificate.check()?;
        let few = &self.next.certificates;
        unique(few, certificate.guid, "Thumbprint", &certificate.thumbprint, |other| {
            other.thumbprint.clone()
        })?;
        check_room(few, certificate.guid, CERTIFICATES_MAX)?;
        let certificate = Arc::new(certificate);
        self.touch::<Certificate>(certificate.guid);
        self.next.certificates = with(&self.next.certificates, certificate.guid, Arc::clone(&certificate));
        Ok(certificate)
    }

    /// Removes a certificate no connector names.
    pub fn remove_certificate(&mut self, guid: Uuid) -> Result<(), DirectoryError> {
        let certificate = existing(&self.next.certificates, guid)?;
        let names_it = |name: &Option<String>| name.as_deref().is_some_and(|name| certificate.is_named(name));
        let receive =
            self.next.receive_connectors().find(|connector| names_it(&connector.tls_certificate_name));
        let send = self.next.send_connectors().find(|connector| names_it(&connector.tls_certificate_name));
        let user = receive
            .map(|connector| ("Receive", &connector.name))
            .or_else(|| send.map(|connector| ("Send", &connector.name)));
        if let Some((direction, name)) = user {
            return Err(DirectoryError::refused(format!(
                "The certificate {} is used by the {direction} connector \"{name}\"; change its TlsCertificateName first.",
                certificate.thumbprint
            )));
        }
        self.touch::<Certificate>(guid);
        self.next.certificates = without(&self.next.certificates, guid);
        Ok(())
    }

    fn check_certificate_name(&self, name: Option<&str>) -> Result<(), DirectoryError> {
        let Some(name) = name else { return Ok(()) };
        if let Some(found) = self.next.certificates().find(|certificate| certificate.is_named(name)) {
            if found.services.contains(&CertificateService::Smtp) {
                return Ok(());
            }
            let thumbprint = &found.thumbprint;
            return Err(DirectoryError::invalid(
                "TlsCertificateName",
                format!(
                    "the certificate {thumbprint} is not enabled for SMTP; run Enable-ExchangeCertificate {thumbprint} -Services SMTP first."
                ),
            ));
        }
        Err(DirectoryError::invalid(
            "TlsCertificateName",
            format!(
                "there is no certificate \"{name}\"; give a thumbprint, or <I>issuer<S>subject, from Get-ExchangeCertificate."
            ),
        ))
    }
}

fn check_room<T: Object>(few: &Few<T>, guid: Uuid, most: usize) -> Result<(), DirectoryError> {
    if few.len() < most || few.contains_key(&guid) {
        return Ok(());
    }
    Err(DirectoryError::refused(format!(
        "There are {most} of the kind {}, the most there can be.",
        T::KIND.words()
    )))
}

/// A binding the two have in common, in words.
fn shared_binding(snapshot: &Snapshot, one: &ReceiveConnector, other: &ReceiveConnector) -> Option<String> {
    if one.listen != ListenSource::Bindings && one.listen == other.listen {
        return Some(format!("[listen] {}", one.listen.as_str().to_lowercase()));
    }
    let mine = addresses(snapshot, one);
    addresses(snapshot, other).intersection(&mine).next().map(SocketAddr::to_string)
}

/// Where the connector listens as far as is known: port 0 is the port it became, while the bindings are the ones that
/// were opened.
fn addresses(snapshot: &Snapshot, connector: &ReceiveConnector) -> BTreeSet<SocketAddr> {
    let stored = match connector.listen {
        ListenSource::Bindings => connector.bindings.as_slice(),
        ListenSource::Smtp | ListenSource::Submission => &[],
    };
    let known = snapshot.receive_connectors.get(&connector.guid);
    let is_opened = stored.is_empty()
        || known.is_some_and(|known| known.bindings == connector.bindings && has_port_0(stored));
    let bound = snapshot.bound.get(&connector.guid).filter(|_| is_opened).map_or(&[][..], Vec::as_slice);
    stored
        .iter()
        .chain(bound)
        .filter(|address| address.port() != 0)
        .map(|address| SocketAddr::new(address.ip().to_canonical(), address.port()))
        .collect()
}

fn has_port_0(bindings: &[SocketAddr]) -> bool {
    bindings.iter().any(|binding| binding.port() == 0)
}
