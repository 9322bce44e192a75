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
