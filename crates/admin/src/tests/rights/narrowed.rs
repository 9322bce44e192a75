//! What is left of answers for whoever may not see everything: saved searches, pastes, and what was not found.
//! May touch: a simulated world.

use super::*;

#[test]
fn the_help_desk_is_told_what_is_near_without_subjects_and_the_audit_log_of_whom() {
    let office = office();
    let help = Actor::with_groups("help", &[RoleGroup::HelpDesk]);
    let ask = || {
        let body = json!({"SenderAddress": ["ann@contoso.example"], "RecipientAddress": ["bob@contoso.example"], "Status": ["Failed"]});
        let found = call(&office, &help, "Get-MessageTrace", body).unwrap();
        assert!(found.rows.is_empty());
        text(&found)
    };
    assert!(ask().contains("Salaries"));
    office.json("Set-TransportConfig -TraceSubjectVisibility HiddenFromHelpDesk");
    let told = ask();
    assert!(
        told.contains("nearest in time:") && told.contains("to bob@contoso.example, Delivered"),
        "{told}"
    );
    assert!(!told.contains("Salaries"), "{told}");
    let audited = office.json("Search-AdminAuditLog -Cmdlets Get-MessageTrace -IncludeLookUps");
    assert_eq!(
        (&audited[0]["LookedUp"], &audited[0]["ResultRows"]),
        (&json!("bob@contoso.example"), &json!(0))
    );
}

#[test]
fn saved_searches_without_a_subject_run_where_subjects_are_hidden() {
    let office = office();
    office.json("Set-TransportConfig -TraceSubjectVisibility HiddenFromHelpDesk");
    office.json("New-MessageTraceQuery Pay -Subject Salaries");
    let help = Actor::with_groups("help", &[RoleGroup::HelpDesk]);
    let run = |name: &str| call(&office, &help, "Get-MessageTrace", json!({"Query": name}));
    assert!(run("Failed in the last day").is_ok());
    assert_eq!(run("Pay").unwrap_err().code(), "Forbidden");
    let listed = call(&office, &help, "Get-MessageTraceQuery", json!({})).unwrap();
    assert!(text(&listed).contains("Pay") && !text(&listed).contains("Salaries"), "{}", text(&listed));
}

#[test]
fn an_administrator_of_a_domain_has_saved_searches_and_pastes_of_that_domain() {
    let office = office();
    office.json("New-MessageTraceQuery Watched -SenderAddress bob@contoso.example");
    office.json("New-MessageTraceQuery Partner -SenderAddress '*@tailspin.example'");
    let local = scoped(&[Role::MessageTracking], "fabrikam.example");
    let listed = call(&office, &local, "Get-MessageTraceQuery", json!({})).unwrap();
    let said = text(&listed);
    assert!(said.contains("Pending now") && said.contains("Partner") && !said.contains("bob@"), "{said}");
    let run = |body: Value| call(&office, &local, "Get-MessageTrace", body);
    assert_eq!(run(json!({"Query": "Watched"})).unwrap_err().code(), "NotFound");
    assert!(run(json!({"Query": "Partner"})).is_ok());
    let found = run(json!({"Paste": id(FROM_ANN)})).unwrap();
    assert_eq!(
        (recipients(&found), found.count),
        (vec!["eve@fabrikam.example".to_owned(), "kim@fabrikam.example".to_owned()], Some(2))
    );
    let beyond = run(json!({"Paste": id(FORGED)})).unwrap();
    assert_eq!((beyond.rows.len(), beyond.count), (0, Some(0)));
    let said = text(&beyond);
    assert!(
        said.contains("Your rights are for fabrikam.example")
            && !said.contains("bob@")
            && !said.contains("1 row"),
        "{said}"
    );
}

#[test]
fn a_detail_without_an_event_that_fits_says_so() {
    let office = office();
    office.json("Set-TransportConfig -TraceSubjectVisibility HiddenFromHelpDesk");
    let ask = |actor: &Actor| {
        let body = json!({"MessageTraceId": id(FROM_ANN), "RecipientAddress": "bob@contoso.example", "EndDate": "2000-01-01"});
        let found = call(&office, actor, "Get-MessageTraceDetail", body).unwrap();
        assert!(found.rows.is_empty());
        found.notes.last().cloned().unwrap_or_default()
    };
    let help = Actor::with_groups("help", &[RoleGroup::HelpDesk]);
    for actor in [&help, &Actor::local_administrator(), &person(&office, "Bob")] {
        let said = ask(actor);
        assert!(
            said.starts_with("None of the ") && said.ends_with("events fits what was asked for"),
            "{said}"
        );
    }
}

#[test]
fn every_event_in_a_list_names_its_message_and_recipient() {
    let office = office();
    let words = ["Get-MessageTraceDetail", &id(FROM_ANN), "bob@contoso.example", "-Format", "list"];
    let (code, out, err) = office.ask(&words, Answer::NoTerminal);
    assert_eq!(code, 0, "{err}");
    let lines = |name: &str| {
        out.lines().filter(|line| line.split_once(" :").is_some_and(|(one, _)| one.trim() == name)).count()
    };
    assert!(lines("Event") > 1, "{out}");
    for name in ["MessageId", "MessageTraceId", "RecipientAddress"] {
        assert_eq!(lines(name), lines("Event"), "{name}: {out}");
    }
    assert_eq!(lines("Headline"), 1, "{out}");
}

#[test]
fn errors_of_graphs_calls_have_its_codes() {
    let office = office();
    office.json("New-User helper -Password right-horse");
    office.ask(&["Add-RoleGroupMember", "Help Desk", "-Member", "helper"], Answer::NoTerminal);
    let list = "/v1.0/admin/exchange/tracing/messageTraces";
    let gone =
        format!("{list}/{}/getDetailsByRecipient(recipientAddress='gone@contoso.example')", id(FROM_ANN));
    let top = format!("{list}?$top=0");
    for (user, path, status, code) in [
        ("bob@contoso.example", list, 403, "Forbidden"),
        ("helper", &gone, 404, "NotFound"),
        ("helper", &top, 400, "BadRequest"),
    ] {
        let (answered, body) = get(&office, user, path);
        let body: Value = serde_json::from_str(&body).unwrap();
        assert_eq!((answered, &body["error"]["code"]), (status, &json!(code)), "{path}");
    }
}
