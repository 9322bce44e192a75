//! The cmdlets of certificates and of service health, with files in memory and measurements made up.
//! May touch: a simulated world.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine as _;
use futures::future::BoxFuture;
use jiff::SignedDuration;

use trace::Lag;
use transport::queue::back_pressure::{Pressure, Resource};

use super::*;
use crate::Actor;
use crate::arguments::Arguments;
use crate::registry;
use crate::services::{CertificateFiles, HealthProbe, Listeners, PreparedListeners, StoredFiles};

#[derive(Default)]
struct Files(Mutex<BTreeMap<String, String>>);

impl CertificateFiles for Files {
    fn store(&self, thumbprint: &str, certificate_pem: &str, key_pem: &str) -> Result<StoredFiles, String> {
        let stored = StoredFiles {
            certificate_file: format!("certificates/{thumbprint}.pem"),
            key_file: format!("certificates/{thumbprint}.key"),
        };
        let mut files = self.0.lock().unwrap();
        files.insert(stored.certificate_file.clone(), certificate_pem.to_owned());
        files.insert(stored.key_file.clone(), key_pem.to_owned());
        Ok(stored)
    }
    fn remove(&self, files: &StoredFiles) -> Result<(), String> {
        let mut all = self.0.lock().unwrap();
        all.remove(&files.certificate_file);
        all.remove(&files.key_file);
        Ok(())
    }
}

struct Probe {
    spool: Result<(), String>,
}

impl HealthProbe for Probe {
    fn commit(&self) -> BoxFuture<'_, Result<(), String>> {
        Box::pin(async { self.spool.clone() })
    }
    fn feed_lag(&self) -> Lag {
        Lag { events: 2, age: Duration::ZERO, unreadable: 0, failure: None }
    }
    fn pressure(&self) -> Vec<(Resource, Pressure)> {
        vec![(Resource::UsedDiskSpace, Pressure::Low)]
    }
}

struct Bound;

impl Listeners for Bound {
    fn bound(&self, connector: &str) -> Vec<SocketAddr> {
        if connector.starts_with("Client") { Vec::new() } else { vec!["127.0.0.1:2525".parse().unwrap()] }
    }
    fn prepare<'a>(
        &'a self,
        _: &'a str,
        _: &'a [SocketAddr],
    ) -> BoxFuture<'a, Result<Box<dyn PreparedListeners>, String>> {
        Box::pin(async { Err("not in this test".to_owned()) })
    }
    fn rename(&self, _: &str, _: &str) {}
    fn close(&self, _: &str) {}
}

fn office(files: &Arc<Files>, spool: Result<(), String>) -> Office {
    Office::with(|_, _| Services {
        listeners: Some(Arc::new(Bound)),
        certificate_files: Some(Arc::clone(files) as Arc<dyn CertificateFiles>),
        health: Some(Arc::new(Probe { spool })),
        ..Services::default()
    })
}

fn thumbprint(certificate: &Value) -> String {
    certificate["Thumbprint"].as_str().unwrap().to_owned()
}

/// Runs a cmdlet with the bytes of files, which the command line would read from the caller's disk.
fn import(office: &Office, files: &[(&str, &str)]) -> Result<Value, String> {
    let cmdlet = registry::find("Import-ExchangeCertificate").unwrap();
    let base64 = |text: &str| base64::engine::general_purpose::STANDARD.encode(text);
    let body = files.iter().map(|(name, text)| ((*name).to_owned(), Value::from(base64(text)))).collect();
    let arguments = Arguments::from_json(cmdlet, &body).unwrap();
    let context = office.instance.context(Actor::local_administrator());
    let output = office.sim.run(async move { registry::invoke(&context, &arguments).await });
    output.map(|output| Value::Object(output.rows[0].clone())).map_err(|error| error.to_string())
}

#[test]
fn a_certificate_is_made_enabled_replaced_and_removed() {
    let files = Arc::new(Files::default());
    let office = office(&files, Ok(()));
    let first = office
        .json("New-ExchangeCertificate -DomainName Mail.contoso.example,mx1.contoso.example -Services SMTP");
    assert_eq!(first["CertificateDomains"], json!(["mail.contoso.example", "mx1.contoso.example"]));
    assert_eq!((&first["Services"], &first["Status"]), (&json!(["SMTP"]), &json!("Valid")));
    assert_eq!(
        (&first["IsSelfSigned"], &first["Subject"]),
        (&json!(true), &json!("CN=mail.contoso.example"))
    );
    assert_eq!(files.0.lock().unwrap().len(), 2);
    let (code, err) =
        office.fails(&format!("Remove-ExchangeCertificate {} -Confirm:false", thumbprint(&first)));
    assert_eq!((code, err.contains("only valid one of SMTP")), (1, true), "{err}");
    let second = office.json("New-ExchangeCertificate");
    assert_eq!((&second["Services"], &second["Subject"]), (&json!([]), &json!("CN=mx1.contoso.example")));
    let enabled =
        office.json(&format!("Enable-ExchangeCertificate {} -Services smtp,IIS", thumbprint(&second)));
    assert_eq!(enabled["Services"], json!(["SMTP", "IIS"]));
    office.json(&format!("Remove-ExchangeCertificate {} -Confirm:false", thumbprint(&first).to_lowercase()));
    let kept = office.json("Get-ExchangeCertificate");
    assert_eq!(kept.as_array().unwrap().len(), 1);
    assert_eq!(kept[0]["Thumbprint"], second["Thumbprint"]);
    assert_eq!(files.0.lock().unwrap().len(), 2);
    assert_eq!(office.json("Get-ExchangeCertificate -DomainName other.example"), json!([]));
    assert_eq!(office.fails("Get-ExchangeCertificate 0123").0, 1);
    assert_eq!(office.fails(&format!("Remove-ExchangeCertificate {}", thumbprint(&second))).0, 1);
    assert!(office.fails("New-ExchangeCertificate -DomainName a..b").1.contains("takes DNS names"));
}

#[test]
fn trying_leaves_neither_row_nor_file() {
    let files = Arc::new(Files::default());
    let office = office(&files, Ok(()));
    office.json("New-ExchangeCertificate -WhatIf");
    assert_eq!(office.json("Get-ExchangeCertificate"), json!([]));
    assert!(files.0.lock().unwrap().is_empty());
}

#[test]
fn a_certificate_is_imported_with_its_key_and_warned_of() {
    let files = Arc::new(Files::default());
    let office = office(&files, Ok(()));
    let now = office.world.clock.now();
    let soon = now.checked_add(SignedDuration::from_hours(24 * 10 + 1)).unwrap();
    let (chain, key) = world::self_signed(&["mail.contoso.example".to_owned()], now, soon).unwrap();
    let (_, other_key) = world::self_signed(&["mail.contoso.example".to_owned()], now, soon).unwrap();
    assert!(import(&office, &[("FileName", &chain)]).unwrap_err().contains("-KeyFileName"));
    assert!(import(&office, &[("FileName", &key)]).unwrap_err().contains("no certificate"));
    assert!(import(&office, &[("FileName", &chain), ("KeyFileName", &other_key)]).is_err());
    assert!(files.0.lock().unwrap().is_empty());
    let both = format!("{key}{chain}");
    let imported = import(&office, &[("FileName", &both)]).unwrap();
    let name = thumbprint(&imported);
    {
        let files = files.0.lock().unwrap();
        assert!(!files[&format!("certificates/{name}.pem")].contains("PRIVATE KEY"));
        assert!(files[&format!("certificates/{name}.key")].contains("PRIVATE KEY"));
    }
    assert!(import(&office, &[("FileName", &both)]).unwrap_err().contains("there already"));
    assert_eq!(files.0.lock().unwrap().len(), 2);
    let (_, out, err) = office.ask(&["Get-ExchangeCertificate"], Answer::NoTerminal);
    assert!(out.contains(&name), "{out}");
    assert!(err.contains("expires in 10 days"), "{err}");
}

#[test]
fn health_names_what_does_not_work() {
    let files = Arc::new(Files::default());
    let office = office(&files, Err("the volume is full".to_owned()));
    office.json("New-ExchangeCertificate -Services SMTP");
    let rows = office.json("Test-ServiceHealth");
    let status = |component: &str| {
        let row = rows.as_array().unwrap().iter().find(|row| row["Component"] == component);
        row.unwrap_or_else(|| panic!("{component}: {rows}"))["Status"].as_str().unwrap().to_owned()
    };
    assert_eq!(status("Directory"), "Healthy");
    assert_eq!(status("Receive connector Default Frontend mx1"), "Healthy");
    assert_eq!(status("Receive connector Client Frontend mx1"), "Unhealthy");
    assert_eq!(status("Transport"), "Unhealthy");
    assert_eq!(status("Spool"), "Unhealthy");
    assert_eq!(status("Message trace"), "Healthy");
    assert_eq!(status("Back pressure UsedDiskSpace"), "Healthy");
    assert_eq!(status("Certificates"), "Unhealthy");
    let (code, _, err) = office.ask(&["Test-ServiceHealth"], Answer::NoTerminal);
    assert_eq!(code, 0);
    assert!(
        err.contains("WARNING: Spool: cannot commit, so no mail is accepted: the volume is full"),
        "{err}"
    );
    assert!(err.contains("WARNING: Certificates: no valid certificate is enabled for IIS"), "{err}");
}
