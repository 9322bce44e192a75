//! Detail, causes and routes through the whole stack: command line, HTTP, output.
//! May touch: a simulated world.

use serde_json::json;

use super::*;

fn fates(value: &Value) -> Vec<(&str, &str)> {
    let rows = value.as_array().unwrap().iter();
    rows.map(|row| (row["RecipientAddress"].as_str().unwrap(), row["Outcome"].as_str().unwrap())).collect()
}

#[test]
fn a_route_is_shown_without_a_message_and_without_a_trace_of_it() {
    let office = Office::open();
    office.json("New-Mailbox Kim -Shared -PrimarySmtpAddress kim@contoso.example");
    office.json("New-Mailbox Ann -Shared -PrimarySmtpAddress ann@contoso.example");
    office.json("Set-Mailbox ann -ForwardingAddress kim -DeliverToMailboxAndForward true -EmailAddresses @{Add='a@contoso.example'}");
    office.json("New-DistributionGroup Sales -PrimarySmtpAddress sales@contoso.example -Members kim,ann");
    let route = office.json(
        "Test-MessageRoute -From kim@contoso.example -To sales@contoso.example,a@contoso.example,nobody@contoso.example,x@fabrikam.example",
    );
    assert_eq!(
        fates(&route),
        [
            ("sales@contoso.example", "Expand"),
            ("kim@contoso.example", "Deliver"),
            ("ann@contoso.example", "Deliver"),
            ("kim@contoso.example", "Duplicate"),
            ("nobody@contoso.example", "Fail"),
            ("x@fabrikam.example", "Wait"),
        ]
    );
    let failed = route.as_array().unwrap().iter().find(|row| row["Outcome"] == "Fail").unwrap();
    assert!(failed["Reply"].as_str().unwrap().starts_with("550 5.1.10"));
    assert!(failed["Fix"].as_str().unwrap().contains("proxy address"));
}

#[test]
fn a_route_shows_the_connector_and_the_limits() {
    let office = Office::open();
    office.json("New-Mailbox Kim -Shared -PrimarySmtpAddress kim@contoso.example");
    office.json("New-SendConnector Out -AddressSpaces *.fabrikam.example -SmartHosts relay.contoso.example -MaxMessageSize 5MB");
    let to = |size: &str, from: &str| {
        let line = format!("Test-MessageRoute -From {from} -To x@mail.fabrikam.example -Size {size}");
        office.json(&line)
    };
    let route = to("1MB", "kim@contoso.example");
    assert_eq!(fates(&route), [("x@mail.fabrikam.example", "Send")]);
    assert_eq!(
        (&route[0]["Connector"], &route[0]["NextHop"]),
        (&json!("Out"), &json!("relay.contoso.example"))
    );
    assert!(to("6MB", "kim@contoso.example")[0]["Reply"].as_str().unwrap().contains("ROUTING.SizeLimit"));
    assert!(to("60MB", "kim@contoso.example")[0]["Reply"].as_str().unwrap().contains("SizeLimit.Org"));
    let inward = office.json("Test-MessageRoute -From <> -To kim@contoso.example");
    assert_eq!(fates(&inward), [("kim@contoso.example", "Deliver")]);
    assert!(office.fails("Test-MessageRoute -From nobody -To kim@contoso.example").1.contains("-From"));
}

#[test]
fn a_group_closed_to_the_outside_says_what_to_change() {
    let office = Office::open();
    office.json("New-DistributionGroup Sales -PrimarySmtpAddress sales@contoso.example");
    let route = office.json("Test-MessageRoute -From boss@fabrikam.example -To sales@contoso.example");
    assert_eq!(fates(&route), [("sales@contoso.example", "Fail")]);
    assert!(route[0]["Fix"].as_str().unwrap().contains("RequireSenderAuthenticationEnabled"));
}
