//! Tables of who sees what.
//! May touch: nothing (pure).

use std::collections::BTreeMap;

use serde_json::json;
use trace::Status;

use super::*;

fn own() -> Reader {
    Reader::Own(vec!["kim@contoso.example".into(), "k@contoso.example".into()])
}

fn domains() -> Reader {
    Reader::Domains(vec!["contoso.example".into()])
}

#[test]
fn whose_a_row_is() {
    use Seen::{AsRecipient, AsSender, Whole};
    let table = [
        // sender, recipient, from inside, kim sees it as, the administrator of contoso.example sees it as
        ("kim@contoso.example", "x@fabrikam.example", true, Some(AsSender), Some(Whole)),
        ("K@Contoso.example", "x@fabrikam.example", true, Some(AsSender), Some(Whole)),
        // Anybody outside can write a sender's name.
        ("kim@contoso.example", "x@fabrikam.example", false, None, None),
        ("x@fabrikam.example", "kim@contoso.example", false, Some(AsRecipient), Some(Whole)),
        ("kim@contoso.example", "kim@contoso.example", true, Some(AsRecipient), Some(Whole)),
        ("bob@contoso.example", "ann@contoso.example", true, None, Some(Whole)),
        ("x@fabrikam.example", "ann@contoso.example", false, None, Some(Whole)),
        ("x@fabrikam.example", "y@fabrikam.example", true, None, None),
        ("<>", "y@fabrikam.example", true, None, None),
        ("<>", "kim@contoso.example", true, Some(AsRecipient), Some(Whole)),
        ("x@sub.contoso.example", "y@fabrikam.example", true, None, None),
        ("akim@contoso.example", "y@fabrikam.example", true, None, Some(Whole)),
        ("x@fabrikam.example", "", true, None, None),
    ];
    for (sender, recipient, is_originating, kim, administrator) in table {
        let parties = Parties { sender, recipient, is_originating };
        assert_eq!(own().sees(parties), kim, "{sender} {recipient}");
        assert_eq!(domains().sees(parties), administrator, "{sender} {recipient}");
    }
}

fn row(value: Value) -> Row {
    value.as_object().cloned().unwrap()
}

#[test]
fn own_rows_show_what_is_listed_and_nothing_else() {
    let found = row(json!({
        "MessageTraceId": "1", "RecipientAddress": "ann@contoso.example", "Subject": "hi", "Status": "Resolved",
        "FinalRecipientAddress": "secret@fabrikam.example", "FinalStatus": "Delivered", "Folder": "Inbox/Rule",
        "ToIP": "192.0.2.1", "Detail": "Forwarded to secret@fabrikam.example", "AddedLater": "anything",
    }));
    let sent = own_row(&found, Seen::AsSender, "Delivered", &[]);
    assert_eq!(sent["Status"], "Delivered");
    assert_eq!(sent["Detail"], "Delivered");
    for hidden in ["FinalRecipientAddress", "FinalStatus", "Folder", "ToIP", "AddedLater"] {
        assert_eq!(sent[hidden], Value::Null, "{hidden}");
    }
    assert!(!Value::Object(sent).to_string().contains("secret"));
    assert_eq!(own_row(&found, Seen::AsRecipient, "Delivered", &[])["Folder"], "Inbox/Rule");
    let group = own_row(&found, Seen::AsSender, "Expanded", &[("delivered".into(), 3), ("failed".into(), 1)]);
    assert_eq!(group["Detail"], "Expanded: 3 delivered, 1 failed");
}

fn message() -> Row {
    row(json!({
        "MessageTraceId": "1", "SenderAddress": "kim@contoso.example", "Subject": "hi", "FromIP": "192.0.2.1",
        "Counts": {"Delivered": 4},
        "Nodes": [
            {"RecipientAddress": "sales@contoso.example", "Status": "Expanded", "ReplacedBy": "Members",
             "Counts": {"Delivered": 2}, "Nodes": [
                {"RecipientAddress": "bob@contoso.example", "Status": "Delivered", "Folder": "Secret", "Nodes": []},
                {"RecipientAddress": "eve@fabrikam.example", "Status": "Delivered", "Nodes": [
                    {"RecipientAddress": "dan@contoso.example", "Status": "Delivered", "Nodes": []},
                ]},
            ]},
            {"RecipientAddress": "ann@contoso.example", "Status": "Resolved", "ReplacedBy": "ForwardingAddress",
             "FinalRecipientAddress": "home@fabrikam.example", "FinalStatus": "Failed", "Counts": {"Failed": 1},
             "Nodes": [{"RecipientAddress": "home@fabrikam.example", "Status": "Failed", "Nodes": []}]},
        ],
        "Linked": [
            {"Relation": "Report", "MessageTraceId": "2", "Subject": "Undeliverable: hi",
             "Recipients": [{"RecipientAddress": "kim@contoso.example", "Status": "Delivered"}]},
            {"Relation": "RuleForward", "MessageTraceId": "3",
             "Recipients": [{"RecipientAddress": "bobs.lawyer@fabrikam.example", "Status": "Delivered"}]},
            {"Relation": "Journal", "MessageTraceId": "4", "Counts": {"Delivered": 1, "Failed": 7}, "Recipients": [
                {"RecipientAddress": "journal@contoso.example", "Status": "Delivered"},
                {"RecipientAddress": "archive@fabrikam.example", "Status": "Failed"},
            ]},
        ],
    }))
}

#[test]
fn a_sender_sees_the_addresses_typed_and_counts_below_a_group() {
    let members = |_: &str| BTreeMap::from([(Status::Delivered, 2)]);
    let seen = own_tree(&message(), &own(), true, &members);
    let addresses: Vec<_> =
        seen["Nodes"].as_array().unwrap().iter().map(|node| node["RecipientAddress"].clone()).collect();
    assert_eq!(addresses, ["sales@contoso.example", "ann@contoso.example"]);
    assert_eq!(seen["Nodes"][0]["Counts"], json!({"Delivered": 2}));
    assert_eq!((&seen["Nodes"][1]["Status"], &seen["Nodes"][1]["Counts"]), (&json!("Failed"), &json!({})));
    assert_eq!(seen["Linked"].as_array().unwrap().len(), 1);
    let text = Value::Object(seen).to_string();
    for secret in ["bob", "eve@", "home@", "lawyer", "Secret", "192.0.2.1", "RuleForward"] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
}

#[test]
fn a_recipient_sees_their_own_node_and_no_other() {
    let bob = Reader::Own(vec!["bob@contoso.example".into()]);
    let seen = own_tree(&message(), &bob, false, &|_: &str| BTreeMap::new());
    assert_eq!(seen["Nodes"].as_array().unwrap().len(), 1);
    assert_eq!((&seen["Nodes"][0]["Folder"], &seen["Linked"]), (&json!("Secret"), &json!([])));
    let text = Value::Object(seen).to_string();
    for secret in ["sales", "ann@", "eve@", "home@"] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
}

#[test]
fn whoever_traces_their_own_mail_is_there_once_whoever_else_sent_it_on_to_them() {
    let carl = |shown_before: bool| json!({"RecipientAddress": "carl@contoso.example", "Status": "Delivered", "ShownBefore": shown_before, "Nodes": []});
    let over = |address: &str, by: &str, below: Value| json!({"RecipientAddress": address, "Status": "Resolved", "ReplacedBy": by, "Nodes": [below]});
    let dora = |before| over("dora@contoso.example", "ForwardingAddress", carl(before));
    let inner = over("inner@contoso.example", "Members", carl(true));
    let team = over("team@contoso.example", "Members", inner);
    let alias = over("c@contoso.example", "PrimarySmtpAddress", carl(false));
    let both = Reader::Own(vec!["carl@contoso.example".into(), "c@contoso.example".into()]);
    for (nodes, shown) in [
        (json!([dora(false), carl(true)]), "carl@contoso.example"),
        (json!([carl(false), team.clone(), dora(true)]), "carl@contoso.example"),
        (json!([dora(false), team]), "carl@contoso.example"),
        // What was addressed stands alone, though it gave way to where the forward leads too.
        (json!([dora(false), alias]), "c@contoso.example"),
        (
            json!([dora(false), over("eva@contoso.example", "ForwardingAddress", carl(true))]),
            "carl@contoso.example",
        ),
    ] {
        let message = row(json!({"Counts": {}, "Nodes": nodes, "Linked": []}));
        let seen = own_tree(&message, &both, false, &|_: &str| BTreeMap::new());
        let found: Vec<_> =
            seen["Nodes"].as_array().unwrap().iter().map(|node| &node["RecipientAddress"]).collect();
        assert_eq!(found, [shown], "{nodes}");
        assert_eq!(seen["Nodes"][0]["ShownBefore"], false);
        assert_eq!(seen["Counts"].as_object().unwrap().values().filter_map(Value::as_u64).sum::<u64>(), 1);
    }
}

#[test]
fn an_administrator_of_a_domain_is_told_no_numbers_of_others() {
    let below =
        |address: &str, status: &str| json!({"RecipientAddress": address, "Status": status, "Nodes": []});
    let group = json!({"RecipientAddress": "sales@contoso.example", "Status": "Expanded", "ReplacedBy": "Members",
        "Counts": {"Delivered": 1, "Failed": 1},
        "Nodes": [below("eve@fabrikam.example", "Delivered"), below("joe@fabrikam.example", "Failed")]});
    let forward = json!({"RecipientAddress": "ann@contoso.example", "Status": "Resolved", "ReplacedBy": "ForwardingAddress",
        "Counts": {"Failed": 1}, "Nodes": [below("home@fabrikam.example", "Failed")]});
    let message =
        row(json!({"Counts": {"Delivered": 1, "Failed": 2}, "Nodes": [group, forward], "Linked": []}));
    let seen = tree_of_domains(&message, &domains());
    assert_eq!(
        (&seen["Nodes"][0]["Counts"], &seen["Nodes"][1]["Counts"]),
        (&json!({}), &json!({})),
        "{seen:?}"
    );
    assert_eq!(seen["Counts"], json!({}));
}

#[test]
fn an_administrator_of_a_domain_sees_its_nodes() {
    let seen = tree_of_domains(&message(), &domains());
    let journal = seen["Linked"].as_array().unwrap().last().unwrap();
    assert_eq!(journal["Counts"], json!({"Delivered": 1}), "what is not shown is not counted");
    assert_eq!(seen["Counts"], json!({"Delivered": 2}), "Bob and Dan");
    let text = Value::Object(seen).to_string();
    for shown in ["sales@", "bob@", "dan@", "ann@"] {
        assert!(text.contains(shown), "{shown}: {text}");
    }
    for hidden in ["\"RecipientAddress\":\"eve@", "\"RecipientAddress\":\"home@", "lawyer"] {
        assert!(!text.contains(hidden), "{hidden}: {text}");
    }
}

#[test]
fn people_are_not_told_to_run_cmdlets() {
    let whole = row(json!({
        "ActionNeededBy": trace::causes::Actor::Administrator.as_str(),
        "Fix": "Check the address for typing errors. If it should exist, give it to a recipient (Set-Mailbox -EmailAddresses). Well-known hosts stay.",
    }));
    let told = |whole: &Row| {
        let mut own = row(json!({"ActionNeededBy": null, "Fix": null}));
        explain(&mut own, whole);
        (own["ActionNeededBy"].clone(), own["Fix"].as_str().unwrap().to_owned())
    };
    let (actor, fix) = told(&whole);
    assert_eq!(actor, "your administrator");
    assert_eq!(fix, "Check the address for typing errors. Well-known hosts stay.");
    let only = row(
        json!({"ActionNeededBy": "the sender", "Fix": "Set-RemoteDomain Default -AutoForwardEnabled $true."}),
    );
    assert_eq!(told(&only).0, "the sender");
    assert!(told(&only).1.starts_with("Ask your administrator"));
}
