//! Plays a scenario: each line is a step that acts or that compares; the first that differs ends it.
//!
//! May touch: the simulated world, and everything of it.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use directory::{Recipient, RecipientKind};
use trace::search::{SubjectFilter, SubjectFilterType};
use trace::{Facet, FacetFilter, Query};
use world::sim::{PowerCut, SimWorld};

use super::client::{Client, Heard};
use super::house::{ADDRESS, House, SMTP, SUBMISSION};
use super::remote::Remote;
use super::script::{self, Step};
use super::{Fault, cmdlets, contract, expect, show};

/// No scenario lasts longer, in simulated time.
const TIME_MAX: Duration = Duration::from_secs(30 * 86_400);
/// Where messages of `send` come from unless said.
const CLIENT: &str = "192.0.2.7";
/// Octets of a line of filling, CRLF included: what base64 makes of 57.
const FILL_LINE: usize = 78;

/// Plays the scenario `text`, which stands in `file`; panics with file, line, what was expected and what there was.
pub fn play(file: &str, text: &str) {
    let steps = match script::read(text) {
        Ok(steps) => steps,
        Err(fault) => panic!("{file}: {fault}"),
    };
    let mut stage = Stage::new().unwrap_or_else(|fault| panic!("{file}: the server does not start: {fault}"));
    for step in &steps {
        if let Err(fault) = stage.step(step) {
            let transcript = stage.client.as_ref().map(Client::transcript).unwrap_or_default();
            panic!("{file}:{}: {}\n{fault}\nsession:\n{transcript}\n", step.line, step.text);
        }
    }
    if let Err(fault) = stage.end() {
        panic!("{file}: {fault}");
    }
}

/// A scenario under way.
struct Stage {
    sim: SimWorld,
    house: Option<House>,
    remotes: BTreeMap<String, Remote>,
    client: Option<Client>,
    /// Sessions left open for another.
    others: Vec<Client>,
    /// InternalId of the message accepted last.
    last: Option<u64>,
    sent: u32,
}

impl Stage {
    fn new() -> Result<Stage, Fault> {
        let sim = SimWorld::new(1);
        sim.set_time_max(TIME_MAX);
        let house = House::start(&sim)?;
        let (remotes, others) = (BTreeMap::new(), Vec::new());
        Ok(Stage { sim, house: Some(house), remotes, client: None, others, last: None, sent: 0 })
    }

    fn house(&self) -> &House {
        self.house.as_ref().expect("the server runs between steps")
    }

    fn end(&mut self) -> Result<(), Fault> {
        self.client = None;
        self.others.clear();
        contract::check(&self.sim, self.house())
    }

    fn step(&mut self, step: &Step) -> Result<(), Fault> {
        let (word, rest) = step.text.split_once(' ').unwrap_or((&step.text, ""));
        match word {
            ">" => self.cmdlet(rest),
            "dns" => self.dns(rest),
            "remote" => self.remote(rest),
            "client" => self.connect(rest),
            "C:" => self.say(format!("{rest}\r\n").as_bytes()),
            "C" => self.say_specially(rest),
            "S:" => self.hear(rest, None),
            "S" => self.hear_specially(rest),
            "tls" => self.sim.run(self.client.as_mut().ok_or("no client")?.start_tls()),
            "hang" => {
                self.client.as_mut().ok_or("no client")?.hang_up();
                self.house().settle(&self.sim);
                Ok(())
            }
            "send" => self.send(rest),
            "flood" => self.flood(rest),
            "group" => self.group(rest),
            "advance" => {
                self.house().settle(&self.sim);
                self.sim.advance(script::duration(rest)?);
                Ok(())
            }
            "crash" => self.crash(rest),
            _ => self.compare(word, rest, &step.table),
        }
    }

    fn cmdlet(&mut self, line: &str) -> Result<(), Fault> {
        let last = self.last.map(|last| last.to_string()).unwrap_or_default();
        let line = line.replace("{last}", &last);
        let (line, failure) = match line.split_once("!!") {
            Some((line, failure)) => (line.trim(), Some(failure.trim())),
            None => (line.as_str(), None),
        };
        self.house().settle(&self.sim);
        let result = self.sim.run(Box::pin(cmdlets::run(self.house(), line)));
        self.sim.run_until_stalled();
        match (result, failure) {
            (Ok(_), None) => Ok(()),
            (Err(fault), None) => Err(fault),
            (Ok(_), Some(failure)) => Err(format!("expected the failure \"{failure}\", and it succeeded")),
            (Err(fault), Some(failure)) if expect::holds(&fault, failure) => Ok(()),
            (Err(fault), Some(failure)) => {
                Err(format!("expected the failure \"{failure}\", got \"{fault}\""))
            }
        }
    }

    fn dns(&mut self, rest: &str) -> Result<(), Fault> {
        let words: Vec<&str> = rest.split_whitespace().collect();
        let dns = self.sim.dns();
        match words.as_slice() {
            [name, "MX", preference, host] => {
                dns.add_mx(name, preference.parse().map_err(|_| "no preference")?, host);
            }
            [name, "NULLMX"] => dns.add_null_mx(name),
            [name, "A" | "AAAA", ip] => dns.add_ip(name, ip.parse().map_err(|_| "no address")?),
            [name, "fails"] => dns.fail(name, "server failure"),
            [name, "works"] => dns.heal(name),
            [name, "gone"] => dns.remove(name),
            _ => {
                return Err(
                    "write `dns NAME MX 10 HOST`, `NULLMX`, `A IP`, `fails`, `works` or `gone`".to_owned()
                );
            }
        }
        Ok(())
    }

    fn remote(&mut self, rest: &str) -> Result<(), Fault> {
        let (name, rest) = rest.split_once(' ').ok_or("write what the remote server does")?;
        if let Some(remote) = self.remotes.get(name) {
            let net = self.sim.net();
            match rest {
                "down" => {
                    net.make_unreachable(remote.ip);
                    net.drop_connections(remote.ip);
                }
                "silent" => net.make_silent(remote.ip),
                "up" => net.heal(remote.ip),
                "accepts" => remote.accept_all(),
                _ => {
                    let rest = rest.strip_prefix("says ").ok_or("write down, up, silent, accepts or says")?;
                    let (what, reply) = rest.split_once(": ").ok_or("write `says VERB [TEXT]: REPLY`")?;
                    let (verb, needle) = what.split_once(' ').unwrap_or((what, ""));
                    remote.tell(verb, needle, reply);
                }
            }
            return Ok(());
        }
        let mut words = rest.split_whitespace();
        let ip: IpAddr = words.next().and_then(|ip| ip.parse().ok()).ok_or("write the server's address")?;
        let mut keywords: Vec<&str> = words.collect();
        if let Some(at) = keywords.iter().position(|word| *word == "for") {
            for domain in keywords.drain(at..).skip(1) {
                self.sim.dns().add_mx(domain, 10, name);
            }
        }
        self.sim.dns().add_ip(name, ip);
        let remote = Remote::new(name, ip, &keywords);
        self.sim.run(remote.listen(&self.sim.world()))?;
        self.remotes.insert(name.to_owned(), remote);
        Ok(())
    }

    fn connect(&mut self, rest: &str) -> Result<(), Fault> {
        let words = script::words(rest);
        let mut words = words.iter().map(String::as_str);
        let from: IpAddr = words.next().and_then(|ip| ip.parse().ok()).ok_or("write the client's address")?;
        let mut port = SMTP;
        let mut account = None;
        while let Some(word) = words.next() {
            match word {
                "submission" => port = SUBMISSION,
                "port" => port = words.next().and_then(|port| port.parse().ok()).ok_or("write the port")?,
                "as" => account = Some((words.next().ok_or("no user")?, words.next().ok_or("no password")?)),
                other => return Err(format!("{other} is neither submission, port nor as")),
            }
        }
        self.others.extend(self.client.take());
        let world = self.house().world.clone();
        let client = self.sim.run(async {
            let mut client = Client::connect(&world, from, SocketAddr::new(ADDRESS, port)).await?;
            if let Some((user, password)) = account {
                client.sign_in(user, password).await?;
            }
            Ok::<_, Fault>(client)
        })?;
        self.client = Some(client);
        Ok(())
    }

    fn say(&mut self, octets: &[u8]) -> Result<(), Fault> {
        let client = self.client.as_mut().ok_or("no client")?;
        self.sim.run(client.send(octets));
        Ok(())
    }

    fn say_specially(&mut self, rest: &str) -> Result<(), Fault> {
        match rest.split_once(": ") {
            Some(("raw", text)) => self.say(&script::unescape(script::quoted(text)?)?),
            Some(("fill", size)) => self.say(&filling(script::size(size)?)),
            Some(("long", text)) => {
                let mut words = text.splitn(3, ' ');
                let (number, unit) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
                let line = words.next().ok_or("write `C long: 3 KB LINE`")?;
                let missing = script::size(&format!("{number} {unit}"))?.saturating_sub(line.len());
                self.say(format!("{line}{}\r\n", "x".repeat(missing)).as_bytes())
            }
            Some(("repeat", text)) => {
                let (count, line) = text.split_once(' ').ok_or("write `C repeat: 250 LINE`")?;
                let count: usize = count.parse().map_err(|_| "no count")?;
                let lines: String =
                    (1..=count).map(|n| format!("{}\r\n", line.replace("{n}", &n.to_string()))).collect();
                self.say(lines.as_bytes())
            }
            _ => Err("write `C: LINE`, `C raw: \"…\"`, `C fill: 11 MB` or `C repeat: 250 LINE`".to_owned()),
        }
    }

    fn hear_specially(&mut self, rest: &str) -> Result<(), Fault> {
        let client = self.client.as_mut().ok_or("no client")?;
        match rest.split_once(": ") {
            None if rest == "closed" => match self.sim.run(client.hear()) {
                Heard::Closed => Ok(()),
                other => Err(format!("expected the end of the connection, got {other:?}")),
            },
            Some((word, pattern)) if word.starts_with('x') => {
                let count: usize = word.trim_start_matches('x').parse().map_err(|_| "no count")?;
                (0..count).try_for_each(|_| self.hear(pattern, None))
            }
            Some((time, pattern)) => self.hear(pattern, Some(script::duration(time)?)),
            None => Err("write `S: 250`, `S 5s: 550`, `S x200: 250` or `S closed`".to_owned()),
        }
    }

    fn hear(&mut self, pattern: &str, after: Option<Duration>) -> Result<(), Fault> {
        let client = self.client.as_mut().ok_or("no client")?;
        let (reply, took) = match self.sim.run(client.hear()) {
            Heard::Reply(reply, took) => (reply, took),
            Heard::Closed => return Err("the server closed the connection".to_owned()),
            Heard::Silence => return Err("no reply came".to_owned()),
        };
        self.note_accepted(&reply);
        if !expect::begins(&reply, pattern) {
            return Err(format!("expected {pattern}\ngot      {reply}"));
        }
        match after {
            Some(after) if after != took => {
                Err(format!("expected after {after:?}, got after {took:?}: {reply}"))
            }
            _ => Ok(()),
        }
    }

    fn note_accepted(&mut self, reply: &str) {
        let number = reply.split_once("InternalId=").and_then(|(_, rest)| rest.split([',', ']']).next());
        if let Some(number) = number.and_then(|number| number.parse().ok()) {
            self.last = Some(number);
        }
    }

    fn send(&mut self, rest: &str) -> Result<(), Fault> {
        let usage = "write `send [as USER PASSWORD] [from IP] [of 11 MB] FROM -> TO, TO: Subject`";
        let (head, subject) = rest.split_once(": ").ok_or(usage)?;
        let (left, to) = head.split_once(" -> ").ok_or(usage)?;
        let words = script::words(left);
        let mut words = words.iter().map(String::as_str).peekable();
        let (mut account, mut from, mut fill) = (None, CLIENT, 0);
        let sender = loop {
            match words.next().ok_or(usage)? {
                "as" => account = Some((words.next().ok_or(usage)?, words.next().ok_or(usage)?)),
                "from" => from = words.next().ok_or(usage)?,
                "of" => {
                    let (number, unit) = (words.next().ok_or(usage)?, words.next().ok_or(usage)?);
                    fill = script::size(&format!("{number} {unit}"))?;
                }
                sender => break sender.to_owned(),
            }
        };
        let recipients: Vec<&str> = to.split(',').map(str::trim).collect();
        self.sent += 1;
        let message = message(self.sent, &sender, &recipients, subject, fill);
        let port = if account.is_some() { " submission" } else { "" };
        let account = account.map(|(user, password)| format!(" as {user} {password}")).unwrap_or_default();
        self.connect(&format!("{from}{port}{account}"))?;
        let greet = account.is_empty();
        let client = self.client.as_mut().ok_or("no client")?;
        let reply = self.sim.run(async {
            if greet {
                client.want("220").await?;
                client.ask("EHLO client.example", "250").await?;
            }
            let reply = client.submit(&sender, &recipients, &message).await?;
            client.ask("QUIT", "221").await?;
            Ok::<_, Fault>(reply)
        })?;
        self.note_accepted(&reply);
        self.client = None;
        Ok(())
    }

    /// `group 2500 all@contoso.example`: an open group with so many contacts, m1@fabrikam.example and so on.
    fn group(&mut self, rest: &str) -> Result<(), Fault> {
        let (count, address) = rest.split_once(' ').ok_or("write `group 2500 all@contoso.example`")?;
        let count: u32 = count.parse().map_err(|_| "no number of members")?;
        let world = self.house().world.clone();
        let make = |kind, name: &str, address: &str| {
            let address = mail::Address::parse(address).map_err(|error| error.to_string())?;
            let guid = world.chance.uuid_v4();
            Ok::<_, Fault>(Recipient::new(guid, kind, name, name, address, world.clock.now()))
        };
        let mut members = Vec::new();
        for number in 1..=count {
            let name = format!("m{number}");
            let mut contact = make(RecipientKind::MailContact, &name, &format!("{name}@contoso.example"))?;
            let outside = mail::Address::parse(&format!("{name}@fabrikam.example"));
            contact.external_email_address = Some(outside.map_err(|error| error.to_string())?);
            members.push(contact);
        }
        let mut group = make(RecipientKind::MailUniversalDistributionGroup, "Large", address)?;
        group.members = members.iter().map(|member| member.guid).collect();
        group.require_sender_authentication_enabled = false;
        let made = self.house().directory.change("test", |draft| {
            for recipient in members.into_iter().chain([group]) {
                draft.put_recipient(recipient)?;
            }
            Ok(())
        });
        made.map_err(|error| error.to_string())
    }

    /// `flood 10000 FROM -> TO`: so many messages over one connection.
    fn flood(&mut self, rest: &str) -> Result<(), Fault> {
        let usage = "write `flood 10000 FROM -> TO`";
        let (count, rest) = rest.split_once(' ').ok_or(usage)?;
        let count: u32 = count.parse().map_err(|_| usage)?;
        let (from, to) = rest.split_once(" -> ").ok_or(usage)?;
        self.connect(CLIENT)?;
        let world = self.house().world.clone();
        let client = self.client.as_mut().ok_or("no client")?;
        let message = "Subject: Flood\r\n\r\nHello\r\n";
        let transaction =
            format!("MAIL FROM:<{from}>\r\nRCPT TO:<{to}>\r\nBDAT {} LAST\r\n{message}", message.len());
        self.sim.run(async {
            client.want("220").await?;
            client.ask("EHLO client.example", "250").await?;
            for _ in 0..count {
                client.send(transaction.as_bytes()).await;
                for _ in 0..3 {
                    client.want("250").await?;
                }
                // Never so many at one instant: the trace gives every message a microsecond of its own.
                world.clock.sleep(Duration::from_millis(1)).await;
            }
            client.ask("QUIT", "221").await?;
            Ok::<_, Fault>(())
        })
    }

    /// `rows 200 Delivered`: rows of the last message with this status; no others.
    fn rows(&self, rest: &str) -> Result<(), Fault> {
        let rows = self.sim.run(Box::pin(show::trace_rows(self.house(), self.query("")?)))?;
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for row in rows.iter().filter(|row| row.stage != trace::Stage::NotReceived) {
            *counts.entry(row.status.to_string()).or_default() += 1;
        }
        let got: Vec<String> = counts.iter().map(|(status, count)| format!("{count} {status}")).collect();
        if got.join(", ") == rest { Ok(()) } else { Err(format!("expected {rest}, got {}", got.join(", "))) }
    }

    fn crash(&mut self, how: &str) -> Result<(), Fault> {
        let cut = match how {
            "" | "losing everything unsynced" => PowerCut::LoseAll,
            "keeping everything" => PowerCut::KeepAll,
            "tearing writes" => PowerCut::Random,
            _ => {
                return Err(
                    "write `crash [losing everything unsynced|keeping everything|tearing writes]`".to_owned()
                );
            }
        };
        self.client = None;
        self.others.clear();
        self.sim.crash(cut);
        self.house = None;
        let world = self.sim.world();
        for remote in self.remotes.values() {
            self.sim.run(remote.listen(&world))?;
        }
        self.house = Some(House::start(&self.sim)?);
        Ok(())
    }

    fn compare(&mut self, word: &str, rest: &str, table: &[String]) -> Result<(), Fault> {
        self.house().settle(&self.sim);
        let house = self.house();
        match word {
            "trace" => {
                let query = self.query(rest)?;
                let rows = self.sim.run(Box::pin(show::trace_rows(house, query)))?;
                expect::table(table, &rows.iter().map(show::trace_row).collect::<Vec<_>>(), 4)
            }
            "mailbox" => {
                let (address, folder) = rest.split_once(' ').unwrap_or((rest, "Inbox"));
                let items = self.sim.run(Box::pin(show::items(house, address, folder)))?;
                expect::table(table, &items.into_iter().map(|item| vec![item.subject]).collect::<Vec<_>>(), 1)
            }
            "queues" => expect::table(table, &show::queues(house), 4),
            "events:" => {
                let last = self.last.ok_or("no message was accepted yet")?;
                let found = self.sim.run(Box::pin(async {
                    let id = show::network_id(house, last).await?;
                    show::event_ids(house, id).await
                }))?;
                let found = found.join(" ");
                if found == rest { Ok(()) } else { Err(format!("expected {rest}\ngot      {found}")) }
            }
            "reports" => {
                let address = rest.strip_prefix("to ").ok_or("write `reports to ADDRESS`")?;
                let messages = self.sim.run(Box::pin(show::messages_for(house, &self.remotes, address)))?;
                let rows: Vec<_> = messages.iter().flat_map(|message| show::report_rows(message)).collect();
                expect::table(table, &rows, 4)
            }
            "got" => {
                let got = self.remotes.get(rest).ok_or_else(|| format!("there is no remote {rest}"))?.got();
                expect::table(table, &got.iter().map(show::got_row).collect::<Vec<_>>(), 3)
            }
            "message" => self.newest(rest),
            "attempts" => self.attempts(rest),
            "prints" => self.prints(rest, table),
            "rows" => self.rows(rest),
            _ => Err(format!("there is no step \"{word}\"; tests/paths/README.md lists them")),
        }
    }

    /// `message to ADDRESS has "TEXT"`, `… lacks "TEXT"`: in the newest one.
    fn newest(&self, rest: &str) -> Result<(), Fault> {
        let usage = "write `message to ADDRESS has \"TEXT\"` or `… lacks \"TEXT\"`";
        let rest = rest.strip_prefix("to ").ok_or(usage)?;
        let (address, rest) = rest.split_once(' ').ok_or(usage)?;
        let messages = self.sim.run(Box::pin(show::messages_for(self.house(), &self.remotes, address)))?;
        let newest = messages.last().ok_or_else(|| format!("{address} got nothing"))?;
        let wanted = script::unescape(script::quoted(rest)?)?;
        let has = newest.windows(wanted.len().max(1)).any(|part| part == wanted);
        let fine = match rest.split_once(' ') {
            Some(("has", _)) => has,
            Some(("lacks", _)) => !has,
            _ => return Err(usage.to_owned()),
        };
        let shown: String = String::from_utf8_lossy(newest).chars().take(4_000).collect();
        if fine { Ok(()) } else { Err(format!("the message is:\n{shown}")) }
    }

    /// `prints CMDLET LINE`: every row of the table stands in what it says; one behind `not` does not.
    fn prints(&self, line: &str, table: &[String]) -> Result<(), Fault> {
        let house = self.house();
        let mut line = line.to_owned();
        if let Some(last) = self.last.filter(|_| line.contains("{last}") || line.contains("{id}")) {
            line = line.replace("{last}", &last.to_string());
            if line.contains("{id}") {
                let id = self.sim.run(Box::pin(show::network_id(house, last)))?;
                line = line.replace("{id}", &id.to_string());
            }
        }
        let printed = self.sim.run(Box::pin(cmdlets::print(house, &line)))?;
        for row in table {
            let fine = match row.trim().strip_prefix("not ") {
                Some(absent) => !expect::holds(&printed, absent),
                None => printed.lines().any(|line| expect::holds(line, row.trim())),
            };
            if !fine {
                return Err(format!("not as expected: {row}\nprinted:\n{printed}"));
            }
        }
        Ok(())
    }

    /// `attempts NAME 11`: connections that were tried to a remote server.
    fn attempts(&self, rest: &str) -> Result<(), Fault> {
        let (name, count) = rest.split_once(' ').ok_or("write `attempts NAME NUMBER`")?;
        let remote = self.remotes.get(name).ok_or_else(|| format!("there is no remote {name}"))?;
        let (tried, taken) = (self.sim.net().attempts(remote.ip), remote.sessions());
        if tried.to_string() == count {
            Ok(())
        } else {
            Err(format!("{tried} were tried, {taken} were taken"))
        }
    }

    fn query(&self, rest: &str) -> Result<Query, Fault> {
        let query = Query::default();
        let (what, value) = rest.split_once(' ').unwrap_or((rest, ""));
        let pattern = || {
            value
                .parse()
                .map(|pattern| vec![pattern])
                .map_err(|error: trace::search::PatternError| error.to_string())
        };
        match what {
            "" => {
                let last = self.last.ok_or("no message was accepted yet")?;
                let id = self.sim.run(Box::pin(show::network_id(self.house(), last)))?;
                Ok(Query { network_message_ids: vec![id], ..query })
            }
            "subject" => {
                let subject = SubjectFilter { kind: SubjectFilterType::Contains, text: value.to_owned() };
                Ok(Query { subject: Some(subject), ..query })
            }
            "client" => Ok(Query { from_ip: Some(value.parse().map_err(|_| "no address")?), ..query }),
            "recipient" => Ok(Query { recipients: pattern()?, ..query }),
            "sender" => Ok(Query { senders: pattern()?, ..query }),
            "spf" => Ok(Query { facets: vec![FacetFilter::any(Facet::Spf, [value])], ..query }),
            "everything" => Ok(show::everything()),
            _ => Err("write `trace`, or `trace subject|client|recipient|sender|spf VALUE`".to_owned()),
        }
    }
}

/// A message as a simple program writes one.
pub fn message(number: u32, sender: &str, to: &[&str], subject: &str, fill: usize) -> Vec<u8> {
    let from = if sender == "<>" { "MAILER-DAEMON@fabrikam.example" } else { sender };
    let mut message = format!(
        "From: {from}\r\nTo: {}\r\nSubject: {subject}\r\nDate: Fri, 20 Nov 2026 08:00:00 +0000\r\n\
         Message-ID: <{number}@client.example>\r\n\r\nHello\r\n",
        to.join(", ")
    )
    .into_bytes();
    message.extend(filling(fill.saturating_sub(message.len())));
    message
}

/// About `size` octets in lines.
fn filling(size: usize) -> Vec<u8> {
    let line = format!("{}\r\n", "x".repeat(FILL_LINE - 2));
    line.repeat(size / FILL_LINE).into_bytes()
}
