//! Simulated name resolution: a table the test fills.
//!
//! May touch: nothing (pure).
//! Standards: RFC 1034 §3.6.2 (CNAME), RFC 8020 (a name above an existing one exists).

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use futures::future::BoxFuture;
use parking_lot::Mutex;

use crate::dns::{Answer, DnsBackend, Question, reverse_name};
use crate::{Dns, DnsError, Mx, Srv};

/// CNAME records followed one after another, then the answer is a temporary failure.
const CNAME_CHAIN_MAX: usize = 8;

/// The table of a simulation's DNS. Names are taken in any case, with or without trailing dot.
#[derive(Clone, Default)]
pub struct SimDns(Arc<Mutex<Table>>);

#[derive(Default)]
struct Table {
    names: BTreeMap<String, Records>,
    failing: BTreeMap<String, String>,
    asked: BTreeMap<String, u64>,
}

#[derive(Default)]
struct Records {
    alias_of: Option<String>,
    answers: Vec<(Question, Answer)>,
}

fn key(name: &str) -> String {
    name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase()
}

impl SimDns {
    pub(super) fn new() -> Self {
        Self::default()
    }

    pub(super) fn dns(&self) -> Dns {
        Dns::from_backend(Arc::new(self.clone()))
    }

    fn add(&self, name: &str, question: Question, answer: Answer) {
        self.0.lock().names.entry(key(name)).or_default().answers.push((question, answer));
    }

    /// Adds an MX record.
    pub fn add_mx(&self, domain: &str, preference: u16, host: &str) {
        self.add(domain, Question::Mx, Answer::Mx(Mx { preference, host: key(host) }));
    }

    /// Adds a null MX (RFC 7505): the domain takes no mail.
    pub fn add_null_mx(&self, domain: &str) {
        self.add_mx(domain, 0, ".");
    }

    /// Adds an A or AAAA record.
    pub fn add_ip(&self, host: &str, ip: IpAddr) {
        let question = if ip.is_ipv4() { Question::A } else { Question::Aaaa };
        self.add(host, question, Answer::Ip(ip));
    }

    /// Adds a TXT record.
    pub fn add_txt(&self, name: &str, text: &str) {
        self.add(name, Question::Txt, Answer::Txt(text.to_owned()));
    }

    /// Adds an SRV record.
    pub fn add_srv(&self, name: &str, srv: Srv) {
        self.add(name, Question::Srv, Answer::Srv(Srv { target: key(&srv.target), ..srv }));
    }

    /// Adds a PTR record for an address.
    pub fn add_ptr(&self, ip: IpAddr, name: &str) {
        self.add(&reverse_name(ip), Question::Ptr, Answer::Ptr(key(name)));
    }

    /// Makes a name an alias (CNAME) of another.
    pub fn add_cname(&self, alias: &str, name: &str) {
        self.0.lock().names.entry(key(alias)).or_default().alias_of = Some(key(name));
    }

    /// Removes all records of a name.
    pub fn remove(&self, name: &str) {
        self.0.lock().names.remove(&key(name));
    }

    /// Every lookup of this name fails with [`DnsError::Temporary`] and this text until [`SimDns::heal`].
    pub fn fail(&self, name: &str, text: &str) {
        self.0.lock().failing.insert(key(name), text.to_owned());
    }

    /// Ends [`SimDns::fail`].
    pub fn heal(&self, name: &str) {
        self.0.lock().failing.remove(&key(name));
    }

    /// How many lookups asked for this name.
    #[must_use]
    pub fn asked(&self, name: &str) -> u64 {
        self.0.lock().asked.get(&key(name)).copied().unwrap_or(0)
    }

    fn answer(&self, name: &str, question: Question) -> Result<Vec<Answer>, DnsError> {
        let mut table = self.0.lock();
        let mut name = key(name);
        *table.asked.entry(name.clone()).or_default() += 1;
        for _ in 0..CNAME_CHAIN_MAX {
            if let Some(text) = table.failing.get(&name) {
                return Err(DnsError::Temporary(text.clone()));
            }
            let Some(records) = table.names.get(&name) else {
                let below = format!(".{name}");
                let exists = table.names.keys().any(|present| present.ends_with(&below));
                return Err(if exists { DnsError::NoRecords } else { DnsError::NxDomain });
            };
            if let Some(target) = &records.alias_of {
                name.clone_from(target);
                continue;
            }
            let found: Vec<Answer> = records
                .answers
                .iter()
                .filter(|(asked, _)| *asked == question)
                .map(|(_, answer)| answer.clone())
                .collect();
            return if found.is_empty() { Err(DnsError::NoRecords) } else { Ok(found) };
        }
        Err(DnsError::Temporary("too many CNAME records one after another".to_owned()))
    }
}

impl DnsBackend for SimDns {
    fn lookup(&self, name: &str, question: Question) -> BoxFuture<'_, Result<Vec<Answer>, DnsError>> {
        Box::pin(std::future::ready(self.answer(name, question)))
    }
}

impl std::fmt::Debug for SimDns {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.0.lock().names.keys()).finish()
    }
}
