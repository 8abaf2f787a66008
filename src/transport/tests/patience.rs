//! The slow, the many, and the end.

use std::time::Instant;

use super::*;

#[tokio::test]
async fn who_sends_its_head_too_slowly_is_closed_on() {
    let running = start(|settings| settings.header_timeout = Duration::from_millis(300)).await;
    for start_of in
        ["", "P", "PRI * HTTP/2.0\r\n", "POST / HTTP/1.1\r\nHost: x\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"]
    {
        let began = Instant::now();
        let mut wire = Wire::to(running.http).await;
        wire.send(start_of).await;
        while wire.more().await.is_some() {}
        let took = began.elapsed();
        assert!((250..1500).contains(&took.as_millis()), "{start_of:?}: {took:?}");
    }
}

#[tokio::test]
async fn drops_of_a_head_buy_no_time() {
    let running = start(|settings| settings.header_timeout = Duration::from_millis(300)).await;
    let mut wire = Wire::to(running.http).await;
    let began = Instant::now();
    for byte in post("", "x").bytes() {
        if wire.stream.write_all(&[byte]).await.is_err() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(began.elapsed() < Duration::from_millis(1000), "{:?}", began.elapsed());
}

#[tokio::test]
async fn an_idle_connection_is_closed_and_a_slow_answer_is_not() {
    let running = start(|settings| settings.header_timeout = Duration::from_millis(300)).await;
    let mut wire = Wire::to(running.http).await;
    assert_eq!(wire.ask(&post("", "slow:900")).await.status, 200);
    assert!(wire.next().await.is_none());
}

#[tokio::test]
async fn d15_a_body_that_is_too_slow_is_408() {
    let running = start(|settings| settings.body_timeout = Duration::from_millis(200)).await;
    let told = ask(running.http, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhel").await;
    assert_eq!((told.status, told.header("connection")), (408, Some("close")));
}

#[tokio::test]
async fn a_thousand_slow_clients_do_not_starve_an_honest_one() {
    let running = start(|settings| settings.connections = 200).await;
    let mut slow = Vec::new();
    for i in 0..1000 {
        let mut wire = Wire::to(running.http).await;
        let begun =
            ["", "POST / HTTP/1.1\r\n", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\nx"][i % 3];
        // Some are sent away while they begin.
        let _ = wire.stream.write_all(begun.as_bytes()).await;
        slow.push(wire);
    }
    let began = Instant::now();
    assert_eq!(ask(running.http, &post("", "honest")).await.status, 200);
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
}

#[tokio::test]
async fn draining_finishes_what_is_in_flight_and_closes_what_idles() {
    let running = start(|_| {}).await;
    let mut idle = Wire::to(running.http).await;
    assert_eq!(idle.ask(&post("", "x")).await.status, 200);
    let mut untold = Wire::to(running.http).await;
    let mut busy = Wire::to(running.http).await;
    busy.send(&post("", "slow:500")).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    running.stop.cancel();
    assert!(idle.next().await.is_none());
    assert!(untold.next().await.is_none());
    assert!(TcpStream::connect(running.http).await.is_err(), "nothing more is accepted");
    assert_eq!(ask(running.admin, &get("/livez")).await.status, 200, "the operator still sees it");
    let told = busy.next().await.unwrap();
    assert_eq!((told.status, told.header("connection")), (200, Some("close")));
    assert!(busy.next().await.is_none());
    tokio::time::timeout(Duration::from_secs(2), running.serving).await.unwrap().unwrap();
}

#[tokio::test]
async fn d15_a_document_that_comes_while_draining_is_refused() {
    let running = start(|_| {}).await;
    let mut late = Wire::to(running.http).await;
    late.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhel").await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    running.stop.cancel();
    tokio::time::sleep(Duration::from_millis(100)).await;
    let told = late.ask("lo").await;
    assert_eq!((told.status, told.header("retry-after")), (503, Some("1")));
    assert!(told.body.contains("<cnrp>4.2.2</cnrp>"), "{told:?}");
}

#[tokio::test]
async fn draining_has_an_end() {
    let any = "127.0.0.1:0".parse().unwrap();
    let bound = bind(&Addresses { http: vec![any], ..Addresses::default() }).unwrap();
    let at = bound.http[0].local_addr().unwrap();
    let stop = CancellationToken::new();
    let (metrics, drain) = (Metrics::default(), Duration::from_millis(200));
    let serving = tokio::spawn(serve(bound, settings(), &metrics, stop.clone(), drain));
    let mut wire = Wire::to(at).await;
    wire.send(&post("", "slow:60000")).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    stop.cancel();
    tokio::time::timeout(Duration::from_secs(2), serving).await.unwrap().unwrap();
    assert!(wire.next().await.is_none());
}

#[tokio::test]
async fn a_client_without_a_limit_may_have_every_place() {
    let running = start(|settings| settings.connections = 4).await;
    let mut all = Vec::new();
    for _ in 0..4 {
        let mut wire = Wire::to(running.http).await;
        wire.send(&post("", "slow:300")).await;
        all.push(wire);
    }
    for mut wire in all {
        assert_eq!(wire.next().await.map(|told| told.status), Some(200));
    }
}

#[tokio::test]
async fn who_comes_when_every_place_is_owed_an_answer_waits_for_one() {
    let running = start(|settings| settings.connections = 2).await;
    let mut all = Vec::new();
    for _ in 0..6 {
        let mut wire = Wire::to(running.http).await;
        wire.send(&post("Connection: close\r\n", "slow:100")).await;
        all.push(wire);
    }
    for mut wire in all {
        assert_eq!(wire.next().await.map(|told| told.status), Some(200));
    }
}
