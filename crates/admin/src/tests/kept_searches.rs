//! The searches kept by themselves, through the whole stack.
//! May touch: a simulated world.

use serde_json::json;

use super::*;
use crate::cmdlets::message_trace::saved::Part;
use crate::tests::mail_flow::office;

#[test]
fn the_last_searches_of_an_administrator_are_kept() {
    let office = office();
    for number in 0..12 {
        office.json(&format!("Get-MessageTrace -RecipientAddress r{number}@contoso.example"));
        office.sim.run(office.world.clock.sleep(std::time::Duration::from_secs(1)));
    }
    // The same again is no other search.
    office.json("Get-MessageTrace -RecipientAddress r11@contoso.example");
    let kept = office.json("Get-MessageTraceQuery -Kind Autosaved");
    let kept = kept.as_array().unwrap();
    assert_eq!(kept.len(), 10, "{kept:?}");
    let addresses: Vec<&str> =
        kept.iter().map(|row| row["Parameters"]["RecipientAddress"][0].as_str().unwrap()).collect();
    assert!(addresses.contains(&"r11@contoso.example") && !addresses.contains(&"r0@contoso.example"));
    // They do not bury what administrators change.
    let callers = |line: &str| {
        let rows = office.json(line);
        let callers = rows.as_array().unwrap().iter().map(|row| row["Caller"].as_str().unwrap().to_owned());
        callers.collect::<Vec<_>>()
    };
    let is_autosave = |caller: &String| caller == "autosaved searches";
    assert!(!callers("Search-AdminAuditLog -ResultSize Unlimited").iter().any(is_autosave));
    assert!(callers("Search-AdminAuditLog -IncludeLookUps -ResultSize Unlimited").iter().any(is_autosave));
}

/// A search of the admin center comes with the zone of the reader, for somebody's mail as two, and letter by letter.
#[test]
fn a_search_is_kept_once() {
    let office = office();
    let cmdlet = crate::registry::find("Get-MessageTrace").unwrap();
    let ask = |part: Option<&str>, body: Value| {
        let mut context = office.instance.context(crate::role::Actor::local_administrator());
        context.part = part.and_then(Part::read);
        let arguments = crate::Arguments::from_json(cmdlet, body.as_object().unwrap()).unwrap();
        office.sim.run(crate::registry::invoke(&context, &arguments)).unwrap();
        office.sim.run(office.world.clock.sleep(std::time::Duration::from_secs(1)));
    };
    let kept = || {
        let rows = office.json("Get-MessageTraceQuery -Kind Autosaved");
        rows.as_array().unwrap().iter().map(|row| row["Parameters"].clone()).collect::<Vec<_>>()
    };
    let whose = "x@tailspin.example";
    // Searched for alone before, it is another search.
    ask(None, json!({ "RecipientAddress": [whose], "TimeZone": "Europe/Berlin" }));
    ask(None, json!({ "RecipientAddress": [whose] }));
    assert_eq!(kept(), [json!({ "RecipientAddress": [whose] })]);
    for zone in ["Europe/Berlin", "Etc/UTC"] {
        for half in ["RecipientAddress", "SenderAddress"] {
            ask(
                Some(&format!("Address {half}")),
                json!({ half: [whose], "Last": "1.00:00:00", "TimeZone": zone }),
            );
        }
    }
    let either = json!({ "Address": [whose], "Last": "1.00:00:00" });
    assert_eq!(kept(), [either.clone(), json!({ "RecipientAddress": [whose] })]);
    let name = office.json("Get-MessageTraceQuery -Kind Autosaved")[0]["Name"].as_str().unwrap().to_owned();
    let words: [&[&str]; 2] =
        [&["Get-MessageTrace", "-Query", &name], &["Set-MessageTraceQuery", &name, "-Name", "Mine"]];
    for words in words {
        let (code, _, err) = office.ask(words, Answer::NoTerminal);
        assert!(code != 0 && err.contains("is several questions"), "{words:?}: {err}");
    }
    ask(Some("Words RecipientAddress"), json!({ "RecipientAddress": ["*plans*"] }));
    ask(Some("Words SenderAddress"), json!({ "SenderAddress": ["*plans*"] }));
    ask(Some("Words Subject"), json!({ "Subject": "plans" }));
    assert_eq!(kept()[..2], [json!({ "Words": "plans" }), either]);
    for typed in ["B", "Bu", "Budgets", "Budget"] {
        ask(None, json!({ "Subject": typed }));
    }
    assert_eq!(kept()[..2], [json!({ "Subject": "Budget" }), json!({ "Words": "plans" })]);
    assert_eq!(kept().len(), 4);
}
