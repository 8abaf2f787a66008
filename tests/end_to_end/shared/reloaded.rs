//! What a reload does to the store that gateways share.

use super::*;

/// The gateway's connections, by the number that the store gave them.
fn connections(redis: SocketAddr) -> Vec<String> {
    let list = tell(redis, &["CLIENT", "LIST"]);
    let ours = list.lines().filter(|line| line.contains("cmd=eval"));
    ours.filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
}

async fn reload(gateway: &Gateway, config: &str) {
    let listen = "listen: {http: [\"127.0.0.1:0\"], admin: \"127.0.0.1:0\"}\n";
    std::fs::write(gateway.folder.path().join("gateway.yaml"), format!("{listen}{config}")).unwrap();
    assert_eq!(gateway.post_to("admin", "/reload").await.status(), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reload_keeps_the_store_unless_it_is_another() {
    let (redis, upstream) = (redis(), knowing().await);
    let first = config(&upstream, redis.address);
    let gateway = Gateway::start(&first);
    assert_answers(&gateway, "boeing").await;
    let before = connections(redis.address);
    assert_eq!(before.len(), 1, "{before:?}");
    reload(&gateway, &format!("{first}matching: {{strict_hints: true}}\n")).await;
    assert_answers(&gateway, "airbus").await;
    assert_eq!(connections(redis.address), before, "the same connection");
    assert_eq!(tell(redis.address, &["-n", "3", "DBSIZE"]), "0");
    reload(&gateway, &first.replace("/0\"", "/3\"")).await;
    assert_answers(&gateway, "embraer").await;
    let began = Instant::now();
    while tell(redis.address, &["-n", "3", "DBSIZE"]) != "1" {
        assert!(began.elapsed() < Duration::from_secs(5), "the answer stands in the new store");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
