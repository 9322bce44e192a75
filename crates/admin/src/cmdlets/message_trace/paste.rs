//! Get-MessageTrace -Paste: finds the message that a report, a header, a reply or an id is about.
//! May touch: trace (read).

use trace::queries::{Paste, Pasted};

use super::{completeness, object};
use crate::arguments::Arguments;
use crate::cmdlets::message_tracking_log::own_names;
use crate::cmdlets::own_trace;
use crate::context::Context;
use crate::error::CmdletError;
use crate::output::{Output, grouped};
use crate::privacy::Reader;
use crate::role::Scope;

/// Searches for what the pasted text names; `None` where nothing was pasted.
pub(super) async fn run(context: &Context, arguments: &Arguments) -> Result<Option<Output>, CmdletError> {
    let text = arguments.text("Paste").map(str::as_bytes);
    let Some(bytes) = arguments.bytes("PasteFile").map(AsRef::as_ref).or(text) else { return Ok(None) };
    let (bytes, own) = (bytes.to_vec(), own_names(context));
    let paste = context.world.exec.blocking(move || Paste::read(&bytes).with_own_names(own)).await;
    let mut notes = Vec::from([read(&paste)]);
    if paste.is_empty() {
        return Err(CmdletError::Invalid(
            "the pasted text holds no id: paste a report, a message's header, the reply that accepted it (250 ... InternalId=), a Message-ID, a queue id, a line of a mail log or an address".to_owned(),
        ));
    }
    let mut found = context.services.trace()?.find_pasted(&paste).await?;
    let scope = &context.granted()?.scope;
    if let Some(reader) = Reader::of(scope, &context.directory.snapshot()) {
        narrow(&mut found, &reader);
        if let Scope::Domains(domains) = scope {
            let domains = domains.join(", ");
            notes.push(format!(
                "Your rights are for {domains}: only mail to these domains, or sent from them, is shown"
            ));
        }
    }
    notes.extend(searched(&found));
    let wanted = arguments.result_size();
    let rows = found.rows.iter().take(wanted).map(object::row).collect::<Result<Vec<_>, _>>()?;
    if !found.others.is_empty() {
        let others = found.others.join(", ");
        notes.push(format!(
            "The same reply was given for other recipients ({others}); paste the reply alone to see their rows"
        ));
    }
    if found.without_recipient > 0 {
        let times = match found.without_recipient {
            1 => "once".to_owned(),
            many => format!("{} times", grouped(many)),
        };
        notes.push(format!(
            "The same reply was given {times} before a recipient was named; paste the reply alone to see it"
        ));
    }
    if found.total == 0 {
        let never = match found.gaps.is_empty() {
            true => "it never reached us,",
            false => "records of it may be missing, it never reached us,",
        };
        notes.push(format!("No message with one of these is known here: {never} is older than what is kept, or the text is about another message"));
    }
    let mut output = Output::part_of(rows, found.total);
    output.notes.extend(notes);
    // A look at whose mail was refused, though no row of it is shown.
    output.also_about = found.others;
    if paste.is_cut {
        output.warnings.push("the pasted text is very long; only its first 16 MB were read".to_owned());
    }
    completeness::tell(&mut output, &found.sources, &found.gaps, "rows", arguments.zone());
    Ok(Some(output))
}

/// Leaves what the reader may see: not even how much else there is.
fn narrow(found: &mut Pasted, reader: &Reader) {
    found.rows.retain(|row| own_trace::seen(reader, row).is_some());
    found.total = u64::try_from(found.rows.len()).unwrap_or(u64::MAX);
    found.searched.clear();
    found.others.retain(|address| reader.has(address));
    found.without_recipient = 0;
}

fn read(paste: &Paste) -> String {
    let texts = |list: &[String]| list.to_vec();
    let named = [
        (paste.network_message_ids.iter().map(ToString::to_string).collect(), "network message id"),
        (paste.internal_message_ids.iter().map(ToString::to_string).collect(), "InternalId"),
        (paste.message_ids.iter().map(ToString::to_string).collect(), "Message-ID"),
        (texts(&paste.queue_ids), "queue id"),
        (texts(&paste.recipients), "recipient"),
        (texts(&paste.addresses), "address"),
        (paste.diagnostic.iter().cloned().collect(), "refusal"),
    ];
    let named: Vec<String> = named.into_iter().filter_map(|(values, what)| counted(&values, what)).collect();
    let named = if named.is_empty() { "no id".to_owned() } else { named.join(", ") };
    format!("Pasted: {}, with {named}", paste.kind.as_str())
}

/// `1 queue id (4ABCDE1234)`, `3 recipients`.
fn counted(values: &[String], what: &str) -> Option<String> {
    match values {
        [] => None,
        [one] => Some(format!("1 {what} ({one})")),
        several if what == "address" => Some(format!("{} addresses", several.len())),
        several => Some(format!("{} {what}s", several.len())),
    }
}

fn searched(found: &Pasted) -> impl Iterator<Item = String> {
    found.searched.iter().map(|one| {
        let rows = if one.found == 1 { "row" } else { "rows" };
        let limit = one.limit.as_deref().map(|limit| format!(" ({limit})")).unwrap_or_default();
        format!("Searched for {} {}: {} {rows}{limit}", one.by, one.value, grouped(one.found))
    })
}
