//! What a gateway's search takes and says, and folders that are read.
//! May touch: a simulated world.

use super::places::{POD, office};
use super::*;

#[test]
fn a_gateways_search_is_narrowed_to_a_place_and_a_number_of_rows() {
    let office = office();
    office.world.disk.write_atomic(Path::new("/logs/pod.json"), POD.as_bytes()).unwrap();
    office.json("Import-MessageTrace /logs/pod.json -Place pod");
    for (conditions, count) in
        [("-Place pod", 1), ("-Place P*", 1), ("-Place else*", 0), ("-ResultSize 1", 1)]
    {
        let found = office.json(&format!("Get-GatewayTrace {conditions}"));
        assert_eq!(found.as_array().unwrap().len(), count, "{conditions}: {found}");
    }
    assert!(office.fails("Get-GatewayTrace -Place elsewhere").1.contains("no place \"elsewhere\""));
    assert!(office.fails("Get-GatewayTrace -Limit 1 -ResultSize 2").1.contains("two names for one thing"));
}

const RESULTS: &str = "\
Date,Sender,Sender_IP_Address,Recipients,Subject,Message_ID,Message_Size,GUID,QID,SID,Final_Rule,Final_Action,Disposition_Action,Quarantine_Folder,Quarantine_Rule
2026-11-20 07:30:00,mimi@fabrikam.example,192.0.2.1,kim@contoso.example,Held,<q1@fabrikam.example>,2048,g1,s1-1,s1,spam.definitespam,quarantine,,Spam,definitespam
2026-11-20 07:31:00,mimi@fabrikam.example,192.0.2.1,kim@contoso.example,Both,<q2@fabrikam.example>,2048,g2,s2-1,s2,spam.definitespam,quarantine,discard,Spam,definitespam
";

#[test]
fn a_message_is_called_discarded_only_where_the_record_says_so() {
    let office = office();
    office.world.disk.write_atomic(Path::new("/logs/results.csv"), RESULTS.as_bytes()).unwrap();
    office.json("Import-MessageTrace /logs/results.csv -Place pps");
    let action = |qid: &str| office.json(&format!("Get-GatewayTrace -QID {qid}"))[0]["Final_Action"].clone();
    assert_eq!((action("s1-1"), action("s2-1")), (json!("quarantine"), json!("quarantine; discard")));
    for (word, count) in [("quarantine", 2), ("discard", 1)] {
        let found = office.json(&format!("Get-GatewayTrace -FinalAction {word}"));
        assert_eq!(found.as_array().unwrap().len(), count, "{word}: {found}");
    }
}

#[test]
fn a_folder_that_is_not_there_is_warned_of() {
    let office = office();
    let make = |name: &str, path: &str| {
        let words =
            ["New-TraceSource", name, "-Type", "Folder", "-Path", path, "-Enabled:$false", "-Format", "json"];
        let (code, _, err) = office.ask(&words, Answer::NoTerminal);
        assert_eq!(code, 0, "{err}");
        err
    };
    let err = make("mount", "/mnt/not-there");
    assert!(
        err.contains("WARNING: there is no /mnt/not-there") && err.contains("Set-TraceSource 'mount' -Path"),
        "{err}"
    );
    assert!(!make("here", "/logs").contains("WARNING"));
}
