//! Tables for command lines: as programs send them, as people type them, as attackers do.

use super::*;

fn mail_from(text: &str) -> (String, MailParams) {
    match parse(text.as_bytes()) {
        Ok(Command::Mail(path, params)) => (path.as_trace().to_owned(), params),
        other => panic!("{text}: {other:?}"),
    }
}

fn rcpt_to(text: &str) -> (String, RcptParams) {
    match parse(text.as_bytes()) {
        Ok(Command::Rcpt(ForwardPath::Address(address), params)) => (address.as_str().to_owned(), params),
        other => panic!("{text}: {other:?}"),
    }
}

#[test]
fn sent_by_programs_and_typed_by_hand() {
    for (text, address) in [
        ("MAIL FROM:<kim@contoso.example>", "kim@contoso.example"),
        ("mail from:<kim@contoso.example>", "kim@contoso.example"),
        ("MAIL FROM: mimi@movetocloud.example", "mimi@movetocloud.example"),
        ("MAIL FROM:mimi@movetocloud.example", "mimi@movetocloud.example"),
        ("Mail From : <mimi@movetocloud.example>  ", "mimi@movetocloud.example"),
        ("  MAIL  FROM:\t< mimi@movetocloud.example > ", "mimi@movetocloud.example"),
        ("MAIL FROM:<>", "<>"),
        ("MAIL FROM: <> ", "<>"),
        (r#"MAIL FROM:<"a b"@contoso.example>"#, r#""a b"@contoso.example"#),
        (r#"MAIL FROM:<"a@b"@contoso.example>"#, r#""a@b"@contoso.example"#),
        (r#"MAIL FROM:<"a>b"@contoso.example> SIZE=1"#, r#""a>b"@contoso.example"#),
        (r#"MAIL FROM:<"a\"> SIZE=1 b"@contoso.example>"#, r#""a\"> SIZE=1 b"@contoso.example"#),
        (r#"MAIL FROM:"a b"@contoso.example SIZE=1"#, r#""a b"@contoso.example"#),
        ("MAIL FROM:<kim@[192.0.2.1]>", "kim@[192.0.2.1]"),
        ("MAIL FROM:<kim@[IPv6:2001:db8::1]>", "kim@[IPv6:2001:db8::1]"),
        ("MAIL FROM:<@a.example,@b.example:kim@contoso.example>", "kim@contoso.example"),
        ("MAIL FROM:<@[IPv6:2001:db8::1]:kim@contoso.example>", "kim@contoso.example"),
        ("MAIL FROM:@a.example:kim@contoso.example", "kim@contoso.example"),
    ] {
        assert_eq!(mail_from(text).0, address, "{text}");
    }
    assert_eq!(rcpt_to("RCPT TO: kj@contoso.example").0, "kj@contoso.example");
    assert_eq!(rcpt_to("rcpt to:<KJ@Contoso.example> ").0, "KJ@Contoso.example");
    assert_eq!(
        parse(b"RCPT TO:<PostMaster>"),
        Ok(Command::Rcpt(ForwardPath::Postmaster, RcptParams::default()))
    );
}

#[test]
fn paths_that_are_none() {
    use CommandError::{Arguments, ForwardPath, NonAscii, ReversePath};
    for (text, error) in [
        ("MAIL", Arguments),
        ("MAIL FROM", Arguments),
        ("MAIL FROM:", Arguments),
        ("MAIL FROM kim@contoso.example", Arguments),
        ("MAIL TO:<kim@contoso.example>", Arguments),
        ("MAIL FROM:<kim@contoso.example", ReversePath),
        ("MAIL FROM:<kim@contoso.example>x", ReversePath),
        ("MAIL FROM:<kim@contoso.example>SIZE=1", ReversePath),
        ("MAIL FROM:<kim>", ReversePath),
        ("MAIL FROM:<kim@>", ReversePath),
        ("MAIL FROM:<@contoso.example>", ReversePath),
        ("MAIL FROM:<@a.example:>", ReversePath),
        ("MAIL FROM:<kim @contoso.example>", ReversePath),
        ("MAIL FROM:<<kim@contoso.example>>", ReversePath),
        (r#"MAIL FROM:<"kim@contoso.example>"#, ReversePath),
        ("MAIL FROM:<kïm@contoso.example>", NonAscii),
        ("RCPT TO:<>", ForwardPath),
        ("RCPT TO:", Arguments),
        ("RCPT FROM:<kim@contoso.example>", Arguments),
        ("RCPT TO:<kim@contoso.example", ForwardPath),
        ("RCPT TO:<kim@a..example>", ForwardPath),
    ] {
        assert_eq!(parse(text.as_bytes()), Err(error), "{text}");
    }
    assert_eq!(mail_from("MAIL FROM:<kïm@contoso.example> SMTPUTF8").0, "kïm@contoso.example");
}

#[test]
fn mail_parameters() {
    let (_, params) = mail_from(
        "MAIL FROM:<a@b.example> SIZE=1024 body=8bitmime SMTPUTF8 RET=HDRS ENVID=QQ+2B1 AUTH=e+2Ba@b.example",
    );
    assert_eq!(params.size, Some(1024));
    assert_eq!(params.body, Body::EightBitMime);
    assert!(params.smtputf8);
    assert_eq!(params.ret, Some(Ret::Headers));
    assert_eq!(params.envid.as_deref(), Some("QQ+1"));
    assert_eq!(params.auth.map(|path| path.as_trace().to_owned()).as_deref(), Some("e+a@b.example"));
    assert_eq!(mail_from("MAIL FROM:<a@b.example> AUTH=<>").1.auth, Some(ReversePath::Null));
    assert_eq!(mail_from("MAIL FROM:<> SIZE=99999999999999999999").1.size, Some(u64::MAX));
    assert_eq!(mail_from("MAIL FROM:<> BODY=BINARYMIME").1.body, Body::BinaryMime);
    for (text, error) in [
        ("SIZE=", CommandError::Arguments),
        ("SIZE", CommandError::Arguments),
        ("SIZE=-1", CommandError::Arguments),
        ("SIZE=1x", CommandError::Arguments),
        ("SIZE=1 SIZE=2", CommandError::Arguments),
        ("SIZE=111111111111111111111", CommandError::Arguments),
        ("BODY=9BIT", CommandError::Arguments),
        ("BODY=7BIT BODY=7BIT", CommandError::Arguments),
        ("SMTPUTF8=yes", CommandError::Arguments),
        ("RET=ALL", CommandError::Arguments),
        ("ENVID=", CommandError::Arguments),
        ("ENVID=a+0D+0Ab", CommandError::Arguments),
        ("ENVID=a=b", CommandError::Arguments),
        ("NOTIFY=NEVER", CommandError::Parameter),
        ("XOORG=contoso", CommandError::Parameter),
    ] {
        assert_eq!(parse(format!("MAIL FROM:<a@b.example> {text}").as_bytes()), Err(error), "{text}");
    }
}

#[test]
fn rcpt_parameters() {
    let on = |success, failure, delay| Some(Notify::On { success, failure, delay });
    for (text, notify) in [
        ("NOTIFY=NEVER", Some(Notify::Never)),
        ("NOTIFY=SUCCESS", on(true, false, false)),
        ("notify=failure,delay", on(false, true, true)),
        ("NOTIFY=SUCCESS,FAILURE,DELAY", on(true, true, true)),
        ("", None),
    ] {
        assert_eq!(rcpt_to(&format!("RCPT TO:<a@b.example> {text}")).1.notify, notify, "{text}");
    }
    let (_, params) = rcpt_to("RCPT TO:<a@b.example> ORCPT=rfc822;Bob+40old.example NOTIFY=NEVER");
    let orcpt = params.orcpt.unwrap();
    assert_eq!((orcpt.address_type.as_str(), orcpt.address.as_str()), ("rfc822", "Bob@old.example"));
    assert_eq!(orcpt.to_string(), "rfc822;Bob@old.example");
    for text in [
        "NOTIFY=",
        "NOTIFY=NEVER,SUCCESS",
        "NOTIFY=SUCCESS,",
        "NOTIFY=ALWAYS",
        "NOTIFY=NEVER NOTIFY=NEVER",
        "ORCPT=rfc822",
        "ORCPT=;x",
        "ORCPT=rfc822;",
        "ORCPT=rf c;x",
        "ORCPT=rfc822;a+0D+0ABcc:+20evil",
    ] {
        let line = format!("RCPT TO:<a@b.example> {text}");
        let error = parse(line.as_bytes());
        assert!(matches!(error, Err(CommandError::Arguments | CommandError::Parameter)), "{text}: {error:?}");
    }
}

#[test]
fn other_commands() {
    for (text, command) in [
        ("EHLO movetocloud.example", Command::Ehlo("movetocloud.example".to_owned())),
        ("ehlo [IPv6:2001:db8::1]", Command::Ehlo("[IPv6:2001:db8::1]".to_owned())),
        ("EHLO", Command::Ehlo(String::new())),
        ("HELO MY_PC ", Command::Helo("MY_PC".to_owned())),
        ("BDAT 10", Command::Bdat { octets: 10, last: false }),
        ("bdat 0 last", Command::Bdat { octets: 0, last: true }),
        (
            "AUTH plain AGEAYg==",
            Command::Auth { mechanism: "PLAIN".to_owned(), initial: Some("AGEAYg==".to_owned()) },
        ),
        ("DATA ", Command::Data),
        ("Quit", Command::Quit),
        ("NOOP whatever", Command::Noop),
        ("VRFY kim", Command::Vrfy("kim".to_owned())),
        ("STARTTLS", Command::StartTls),
    ] {
        assert_eq!(parse(text.as_bytes()), Ok(command), "{text}");
    }
    for (text, error) in [
        (&b"EHLO foo bar"[..], CommandError::Domain),
        (b"EHLO b\xc3\xbccher.example", CommandError::Domain),
        (b"EHLO <script>", CommandError::Domain),
        (b"EHLO []", CommandError::Domain),
        (b"BDAT", CommandError::ChunkSize),
        (b"BDAT x", CommandError::ChunkSize),
        (b"BDAT -1", CommandError::ChunkSize),
        (b"BDAT 1 LAST x", CommandError::ChunkSize),
        (b"DATA x", CommandError::Arguments),
        (b"STARTTLS now", CommandError::Arguments),
        (b"AUTH", CommandError::Arguments),
        (b"VRFY", CommandError::Arguments),
        (b"", CommandError::Unrecognized),
        (b"EXPN staff", CommandError::Unrecognized),
        (b"GET / HTTP/1.1", CommandError::Unrecognized),
        (b"MAILFROM:<a@b.example>", CommandError::Unrecognized),
        (b"MAIL FROM:<a@b.example>\rRCPT TO:<c@d.example>", CommandError::BareNewline),
        (b"NOOP\n", CommandError::BareNewline),
        (b"NOOP \0", CommandError::Characters),
        (b"NOOP \x1b[2J", CommandError::Characters),
        (b"RCPT TO:<k\xefm@contoso.example>", CommandError::Characters),
    ] {
        assert_eq!(parse(text), Err(error), "{}", String::from_utf8_lossy(text));
    }
}

#[test]
fn a_long_domain_is_refused() {
    let text = format!("EHLO {}", "a".repeat(256));
    assert_eq!(parse(text.as_bytes()), Err(CommandError::Domain));
}
