//! A group, seen from outside: its members get the message, its trace names them all.
//!
//! May touch: processes, sockets on loopback.

use super::house::{House, address};
use super::message::{assert_below_added, parsed, plain};
use super::peers::Sink;
use super::session::Session;

#[test]
fn a_group_reaches_its_members_inside_and_outside() {
    let house = House::new();
    for name in ["bob", "kim"] {
        house.add_mailbox(name);
    }
    let sink = Sink::start(house.folder(), &[]);
    let port = sink.port.to_string();
    house.cmdlet(&[
        "New-MailContact",
        "-Name",
        "partner",
        "-ExternalEmailAddress",
        "partner@fabrikam.example",
    ]);
    house.cmdlet(&[
        "New-SendConnector",
        "-Name",
        "out",
        "-AddressSpaces",
        "fabrikam.example",
        "-SmartHosts",
        "127.0.0.1",
        "-Port",
        &port,
    ]);
    let team = address("team");
    house.cmdlet(&["New-DistributionGroup", "-Name", "team", "-PrimarySmtpAddress", &team]);
    house.cmdlet(&[
        "Set-DistributionGroup",
        "-Identity",
        "team",
        "-RequireSenderAuthenticationEnabled",
        "false",
    ]);
    for member in ["bob", "kim", "partner"] {
        house.cmdlet(&["Add-DistributionGroupMember", "-Identity", "team", "-Member", member]);
    }
    let from = "mimi@movetocloud.example";
    let sent = plain(from, &team, "to-the-team");
    Session::open(house.port("smtp")).unwrap().send(from, &team, &sent).unwrap();
    for name in ["bob", "kim"] {
        let arrived = house.delivered(name, 1);
        assert_below_added(&arrived[0], &sent);
        assert_eq!(parsed(&arrived)[0]["to"], team.as_str());
    }
    super::patience::until_eq("the partner's copy", &1, || sink.taken().len());
    assert_below_added(&sink.taken()[0].content, &sent);
    let (bob, kim) = (address("bob"), address("kim"));
    house.traced(
        &["-SenderAddress", from],
        &[
            (&team, "Expanded"),
            (&bob, "Delivered"),
            (&kim, "Delivered"),
            ("partner@fabrikam.example", "Delivered"),
        ],
    );
}
