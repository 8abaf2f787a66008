//! CNRP by mail, carried by a real mail server and sent by a real client: a question goes out, and
//! its answer comes into a mailbox. Run with `--nocapture` it prints the transcript.

use std::{io::Write, process::Stdio};

use crate::support::{Authority, Exim, Gateway, Read, free_port, program, run};

const NAMES: &str = "backends:\n  - name: handbook\n    type: static\n    names:\n      \
    - {name: Boeing, uri: \"https://www.boeing.com/\"}\n      - {name: 東京大学, uri: \"https://www.u-tokyo.ac.jp/\"}\n";

fn question(name: &str) -> String {
    format!("<cnrp><query><commonname>{name}</commonname></query></cnrp>")
}

/// The document in a delivered message, and the message's text.
fn document(message: &str) -> Vec<u8> {
    let (head, body) = message.split_once("\n\n").expect("a body");
    if !head.contains("Content-Transfer-Encoding: base64") {
        return body.trim_end().as_bytes().to_vec();
    }
    let mut decoder = std::process::Command::new("base64")
        .arg("-d")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    decoder.stdin.take().unwrap().write_all(body.as_bytes()).unwrap();
    decoder.wait_with_output().unwrap().stdout
}

fn has(message: &str, lines: &[&str]) {
    let head: Vec<&str> = message.split("\n\n").next().unwrap().lines().collect();
    for line in lines {
        assert!(head.contains(line), "{line}\n{message}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn r21_a_question_sent_by_a_mail_client_is_answered_into_a_mailbox() {
    let relay = free_port();
    let gateway = Gateway::start(&format!(
        "listen:\n  http: [\"127.0.0.1:0\"]\n  admin: \"127.0.0.1:0\"\n  smtp: {{address: \"127.0.0.1:0\", \
         mailbox: \"cnrp@names.example.com\", relay: \"127.0.0.1:{relay}\", allow: [\"*@example.com\"]}}\n{NAMES}"
    ));
    let exim = Exim::start(
        relay,
        &format!(
            "driver = smtp\n  hosts = 127.0.0.1\n  port = {}\n  allow_localhost",
            gateway.address("smtp").port()
        ),
    );
    for (name, uri) in [("Boeing", "https://www.boeing.com/"), ("東京大学", "https://www.u-tokyo.ac.jp/")]
    {
        exim.send("alice@example.com", "Subject: Where is it?\nMessage-ID: <1@example.com>", &question(name));
        let answer = exim.delivered();
        assert_eq!(Read::new(&document(&answer)).first_uri(), uri, "{answer}");
        has(
            &answer,
            &[
                "Return-path: <>",
                "From: <cnrp@names.example.com>",
                "To: <alice@example.com>",
                "Subject: Re: Where is it?",
                "In-Reply-To: <1@example.com>",
                "Auto-Submitted: auto-replied",
                "Content-Type: application/cnrp+xml",
            ],
        );
    }
    // A program's mail is taken off its hands and gets no answer; a stranger's is sent back.
    exim.send("alice@example.com", "Auto-Submitted: auto-generated", &question("Boeing"));
    exim.send("mallory@example.org", "Subject: x", &question("Boeing"));
    exim.logs("550 5.7.1 this sender may not ask here");
    exim.logs("250 2.0.0 taken; it gets no answer");
    assert_eq!(exim.mailbox_size(), 0, "nothing more came");
    let service = gateway.send("<cnrp><servicequery/></cnrp>".into()).await.text().await.unwrap();
    assert!(service.contains("<serveruri>mailto:cnrp@names.example.com</serveruri>"), "{service}");
}

/// Exim trusts no certificate but ours, and swaks none but that either: both go on inside TLS.
#[test]
fn r23_a_mail_server_and_a_mail_client_go_on_inside_tls() {
    let (relay, authority) = (free_port(), Authority::new());
    let (cert, key) = authority.pair();
    let gateway = Gateway::start_with(
        &format!(
            "listen:\n  http: [\"127.0.0.1:0\"]\n  admin: \"127.0.0.1:0\"\n  tls: {{cert: cert.pem, key: key.pem}}\n  \
             smtp: {{address: \"127.0.0.1:0\", mailbox: \"cnrp@names.example.com\", relay: \"127.0.0.1:{relay}\"}}\n{NAMES}"
        ),
        &[("cert.pem", &cert), ("key.pem", &key), ("ca.pem", &authority.pem())],
    );
    let port = gateway.address("smtp").port();
    let exim = Exim::start(
        relay,
        &format!(
            "driver = smtp\n  hosts = 127.0.0.1\n  port = {port}\n  allow_localhost\n  hosts_require_tls = *\n  \
             tls_verify_certificates = FOLDER/ca.pem\n  tls_verify_hosts = *\n  tls_verify_cert_hostnames ="
        ),
    );
    exim.install("ca.pem", Some(&authority.pem()));
    exim.send("alice@example.com", "Subject: Where is it?", &question("Boeing"));
    let answer = exim.delivered();
    assert_eq!(Read::new(&document(&answer)).first_uri(), "https://www.boeing.com/", "{answer}");
    exim.logs("X=TLS1.3");
    exim.logs("CV=yes");
    let ca = gateway.folder.path().join("ca.pem");
    exim.send_to(port, "bob@example.com", &["--tls", "--tls-verify", "--tls-ca-path", ca.to_str().unwrap()]);
    let answer = exim.delivered();
    has(&answer, &["Return-path: <>", "To: <bob@example.com>"]);
}

/// The script of docs/mail.md, as the alias of a mailbox.
#[test]
fn r21_a_question_that_an_alias_pipes_to_the_filter_is_answered_into_a_mailbox() {
    let documents = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/mail.md")).unwrap();
    let script = documents.split("```sh\n").find(|block| block.starts_with("#!/bin/sh")).expect("a script");
    let script = script.split("```").next().unwrap();
    let exim = Exim::start(
        free_port(),
        "driver = pipe\n  command = FOLDER/answer\n  return_path_add\n  log_output\n  user = OWNER",
    );
    exim.install("cnrp", None);
    exim.install("gateway.yaml", Some(NAMES));
    let script = script.replace("/usr/local/bin", exim.folder()).replace("/etc/cnrp", exim.folder());
    let sendmail = format!("/usr/sbin/exim4 -C {}/exim.conf", exim.folder());
    exim.install("answer", Some(&script.replace("/usr/sbin/sendmail", &sendmail)));
    exim.send("alice@example.com", "Subject: Where is it?", &question("Boeing"));
    let answer = exim.delivered();
    assert_eq!(Read::new(&document(&answer)).first_uri(), "https://www.boeing.com/", "{answer}");
    has(&answer, &["Return-path: <>", "From: <cnrp@names.example.com>", "To: <alice@example.com>"]);
    exim.send("alice@example.com", "Precedence: bulk", &question("Boeing"));
    exim.logs_times("T=gateway", 2);
    assert_eq!(exim.mailbox_size(), 0);
}

/// Runs the filter over a message: exit code, stdout, stderr.
fn filter(arguments: &[&str], message: &[u8]) -> (i32, String, String) {
    let mut process = program()
        .arg("mail")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = process.stdin.take().unwrap();
    let message = message.to_vec();
    // It may end before it has read all.
    let writing = std::thread::spawn(move || drop(input.write_all(&message)));
    let output = process.wait_with_output().unwrap();
    writing.join().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

#[test]
fn the_filter_writes_one_message_or_nothing() {
    let head = "From: alice@example.com\nDelivered-To: cnrp@names.example.com\n";
    let (code, out, err) = filter(&[], format!("{head}\n{}", question("Boeing")).as_bytes());
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(Read::new(&document(&out)).first_uri().contains("boeing.com") && !out.contains('\r'), "{out}");
    let signed = format!("{head}\nDear gateway,\n{}\n-- \nAlice", question("Boeing"));
    let (_, out, _) = filter(&[], signed.as_bytes());
    assert!(out.contains("3.1.2") && out.contains("text around the document was ignored"), "{out}");
    let (_, out, _) =
        filter(&["--mailbox", "names@example.net"], format!("{head}\n{}", question("Boeing")).as_bytes());
    has(&out, &["From: <names@example.net>"]);
    let service = format!("{head}\n<cnrp><servicequery/></cnrp>");
    for (arguments, named) in
        [(&[][..], "cnrp@names.example.com"), (&["--mailbox", "names@example.net"], "names@example.net")]
    {
        let (_, out, _) = filter(arguments, service.as_bytes());
        let document = String::from_utf8(document(&out)).unwrap();
        assert!(document.contains(&format!("<serveruri>mailto:{named}</serveruri>")), "{document}");
    }
    for headers in ["Return-Path: <>", "Auto-Submitted: auto-replied", "List-Id: x", "Precedence: junk"] {
        let message = format!("{headers}\n{head}\n{}", question("Boeing"));
        let (code, out, err) = filter(&[], message.as_bytes());
        assert_eq!((code, out.as_str()), (0, ""), "{headers}");
        assert!(err.starts_with("no answer: "), "{headers}: {err}");
    }
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("gateway.yaml");
    for (allow, is_answered) in [("*@example.com", true), ("*@example.org", false)] {
        let smtp =
            format!("listen: {{smtp: {{mailbox: \"cnrp@names.example.com\", allow: [\"{allow}\"]}}}}\n");
        std::fs::write(&config, format!("{smtp}{NAMES}")).unwrap();
        let message = format!("{head}\n{}", question("Boeing"));
        let (code, out, err) = filter(&["--config", config.to_str().unwrap()], message.as_bytes());
        let said = if is_answered { "" } else { "no answer: its originator may not ask here\n" };
        assert_eq!((code, !out.is_empty(), err.as_str()), (0, is_answered, said), "{allow}: {out}");
    }
    let (code, out, _) = filter(&[], format!("{head}\nhello").as_bytes());
    assert!(code == 0 && out.contains("4.1.0"), "{out}");
    let (code, out, _) = filter(&[], format!("{head}\n{}", "x".repeat(5_000_000)).as_bytes());
    assert!(code == 0 && out.contains("the message has more than"), "{out}");
    let (code, out, err) =
        filter(&[], format!("From: a@b\nTo: boss@example.com\n\n{}", question("Boeing")).as_bytes());
    assert!(code == 2 && out.is_empty() && err.contains("expected --mailbox"), "{err}");
    for nobodys in [&b""[..], &[0xff; 5000]] {
        assert_eq!(filter(&[], nobodys), (0, String::new(), "no answer: it has no originator\n".to_owned()));
    }
}

#[test]
fn the_filter_explains_what_is_wrong_with_its_configuration() {
    let (code, out, err) = run(&["mail", "--config", "/no/such/file.yaml"]);
    assert!(code == 2 && out.is_empty() && err.contains("/no/such/file.yaml"), "{err}");
    let (code, _, err) = run(&["mail", "--mailbox", "nobody"]);
    assert!(code == 2 && err.contains("expected an address"), "{err}");
}
