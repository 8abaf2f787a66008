//! Mail over real sockets: answers go to a real relay, and hostile conversations change nothing.

mod hostile;
mod relay;
mod starttls;

use tokio::io::{AsyncRead, AsyncWrite};

use super::*;
use crate::{
    model::{MailAddress, MailPattern},
    transport::SmtpSettings,
};

use relay::{Mood, Relay};

/// The rules of a listener whose answers go to `relay`.
fn rules(relay: &Relay) -> SmtpSettings {
    SmtpSettings {
        mailbox: MailAddress::parse("cnrp@names.example.com").unwrap(),
        relay: relay.address,
        allow: vec![MailPattern::parse("*@example.com").unwrap()],
        peers: vec!["127.0.0.0/8".parse().unwrap()],
        patience: Duration::from_millis(500),
    }
}

/// A listener for mail whose answers go to `relay`.
async fn start_with(relay: &Relay, change: impl FnOnce(&mut SmtpSettings)) -> Running {
    let mut smtp = rules(relay);
    change(&mut smtp);
    start(|settings| settings.smtp = Some(smtp)).await
}

impl Running {
    /// Sends all of `wire`, closes that half, and reads what is said: the code of each reply.
    async fn said(&self, wire: &[u8]) -> String {
        said(TcpStream::connect(self.smtp.unwrap()).await.unwrap(), wire).await
    }
}

async fn said(stream: impl AsyncRead + AsyncWrite + Send + 'static, wire: &[u8]) -> String {
    let (mut read, mut write) = tokio::io::split(stream);
    let wire = wire.to_vec();
    let writing = tokio::spawn(async move {
        // It may be closed on before it is done.
        let _ = write.write_all(&wire).await;
        let _ = write.shutdown().await;
    });
    let mut said = Vec::new();
    let reading = read.read_to_end(&mut said);
    let _ = tokio::time::timeout(Duration::from_secs(20), reading).await.expect("it ends");
    writing.abort();
    codes(&said)
}

fn codes(said: &[u8]) -> String {
    let text = String::from_utf8(said.to_vec()).unwrap();
    let last = text.split_inclusive("\r\n").filter(|line| line.as_bytes().get(3) != Some(&b'-'));
    last.map(|line| line.get(..3).unwrap().to_owned()).collect::<Vec<_>>().join(" ")
}

const HONEST: &str = "EHLO mx.example.com\r\nMAIL FROM:<alice@example.com>\r\nRCPT TO:<cnrp@names.example.com>\r\n\
    DATA\r\nFrom: Alice <other@example.com>\r\nTo: cnrp@names.example.com\r\nMessage-ID: <1@example.com>\r\n\
    Subject: honest\r\nContent-Type: application/cnrp+xml\r\n\r\n<cnrp>honest</cnrp>\r\n.\r\nQUIT\r\n";
const ANSWERED: &str = "220 250 250 250 354 250 221";

#[tokio::test]
async fn r21_a_question_is_answered_to_its_envelope_sender_with_a_null_return_path() {
    let relay = Relay::start(Mood::Taking).await;
    let running = start_with(&relay, |_| {}).await;
    assert_eq!(running.said(HONEST.as_bytes()).await, ANSWERED);
    let taken = relay.taken();
    let [message] = taken.as_slice() else { panic!("{taken:?}") };
    assert!(message.starts_with("MAIL FROM:<>\r\nRCPT TO:<alice@example.com>\r\n"), "{message}");
    for line in [
        "From: <cnrp@names.example.com>",
        "To: <alice@example.com>",
        "Subject: Re: honest",
        "In-Reply-To: <1@example.com>",
        "Auto-Submitted: auto-replied",
        "Content-Type: application/cnrp+xml",
        "127.0.0.1|None|[]|<cnrp>honest</cnrp>",
    ] {
        assert!(message.contains(&format!("\r\n{line}\r\n")), "{line}\n{message}");
    }
    let metrics = running.metrics.text();
    assert!(metrics.contains("cnrp_requests_total{transport=\"smtp\",result=\"answered\"} 1"), "{metrics}");
}

#[tokio::test]
async fn a_relay_that_does_not_take_the_answer_leaves_the_question_with_its_sender_unless_it_is_for_good() {
    for (mood, code) in [(Mood::Busy, 451), (Mood::Refusing, 554), (Mood::Gone, 451)] {
        let relay = Relay::start(mood).await;
        let running = start_with(&relay, |_| {}).await;
        let expected = format!("220 250 250 250 354 {code} 221");
        assert_eq!(running.said(HONEST.as_bytes()).await, expected, "{mood:?}");
    }
}

#[tokio::test]
async fn mail_that_deserves_no_answer_is_taken_and_gets_none() {
    let relay = Relay::start(Mood::Taking).await;
    let running = start_with(&relay, |_| {}).await;
    for (from, to) in [
        ("MAIL FROM:<alice@example.com>", "MAIL FROM:<>"),
        ("Subject: honest", "Auto-Submitted: auto-replied"),
        ("Subject: honest", "List-Id: <names.example.com>"),
        ("Subject: honest", "Precedence: bulk"),
        ("<cnrp>honest</cnrp>", "garbage <results/>"),
    ] {
        assert_eq!(running.said(HONEST.replace(from, to).as_bytes()).await, ANSWERED, "{to}");
    }
    assert_eq!(relay.taken(), [""; 0]);
}

#[tokio::test]
async fn only_peers_are_spoken_to() {
    let relay = Relay::start(Mood::Taking).await;
    let running = start_with(&relay, |smtp| smtp.peers = vec!["192.0.2.0/24".parse().unwrap()]).await;
    assert_eq!(running.said(HONEST.as_bytes()).await, "554");
}

#[tokio::test]
async fn the_slow_are_sent_away_and_drops_buy_no_time() {
    let relay = Relay::start(Mood::Taking).await;
    let running = start_with(&relay, |smtp| smtp.patience = Duration::from_millis(200)).await;
    let in_data = HONEST.split("Subject").next().unwrap();
    for (begun, expected) in
        [("", "220 421"), ("EHLO a\r\nMA", "220 250 421"), (in_data, "220 250 250 250 354 421")]
    {
        let mut wire = Wire::to(running.smtp.unwrap()).await;
        wire.send(begun).await;
        let began = std::time::Instant::now();
        for _ in 0..100 {
            if wire.stream.write_all(b"x").await.is_err() || began.elapsed() > Duration::from_millis(600) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        wire.stream.shutdown().await.ok();
        while wire.more().await.is_some() {}
        assert_eq!(codes(&wire.unread), expected, "{begun:?}");
    }
}

#[tokio::test]
async fn draining_ends_conversations_and_finishes_an_answer_under_way() {
    let relay = Relay::start(Mood::Taking).await;
    let running = start_with(&relay, |smtp| smtp.patience = Duration::from_secs(20)).await;
    let mut idle = Wire::to(running.smtp.unwrap()).await;
    idle.send("EHLO a\r\n").await;
    let mut busy = Wire::to(running.smtp.unwrap()).await;
    busy.send(&HONEST.replace("<cnrp>honest</cnrp>", "slow:400")).await;
    tokio::time::sleep(Duration::from_millis(150)).await;
    running.stop.cancel();
    for (wire, expected) in [(&mut idle, "220 250 421"), (&mut busy, ANSWERED)] {
        wire.stream.shutdown().await.unwrap();
        while wire.more().await.is_some() {}
        assert_eq!(codes(&wire.unread), expected);
    }
    assert_eq!(relay.taken().len(), 1);
    tokio::time::timeout(Duration::from_secs(3), running.serving).await.unwrap().unwrap();
}

#[tokio::test]
async fn who_asks_too_often_comes_again() {
    let relay = Relay::start(Mood::Taking).await;
    let smtp = start_with(&relay, |_| {}).await;
    assert_eq!(smtp.said(HONEST.as_bytes()).await, ANSWERED);
    let mut limited = None;
    let running = start(|settings| {
        settings.per_client.exempt.clear();
        settings.smtp = Some(rules(&relay));
    })
    .await;
    for _ in 0..6 {
        limited = Some(running.said(HONEST.as_bytes()).await);
    }
    assert_eq!(limited.unwrap(), "220 250 250 250 354 451 221");
}
