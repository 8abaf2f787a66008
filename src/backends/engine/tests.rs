use crate::{
    backends::battery::{build, query},
    model::Ask,
    upstream::tests::{Act, Fixture},
};

/// In the request, and nowhere else: a page's relative link would show the address it stands at.
#[tokio::test]
async fn a_key_goes_into_the_request_alone() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("key"), "hunter2\n").unwrap();
    let key = format!("key: {{file: {}}}", folder.path().join("key").display());
    for (kind, media, body, parts) in [
        (
            "json",
            "application/json",
            r##"[{"a": "T", "b": "#x"}]"##,
            "results: '$[*]', title: $.a, link: $.b",
        ),
        ("html", "text/html", "<li><a href='#x'>T</a>", "results: li, title: a, link: a@href"),
    ] {
        let server = Fixture::always(Act::ok(media, body)).await;
        let url = format!("url: '{}/{{key}}/s?q={{query}}&k={{key}}'", server.url);
        let options = format!("{{{url}, headers: {{Authorization: 'Bearer {{key}}'}}, {key}, {parts}}}");
        let backend = build(kind, &options).unwrap();
        let reply = backend.ask(&query("x")).await.unwrap();
        let head = server.heads()[0].clone();
        assert!(head.starts_with("GET /hunter2/s?q=x&k=hunter2 HTTP/1.1"), "{head}");
        assert!(head.to_lowercase().contains("authorization: bearer hunter2\r\n"), "{head}");
        assert!(reply.hits[0].uri.ends_with("/s?q=x&k=#x"), "{}", reply.hits[0].uri);
        let Ask::Request(known_as) = backend.request(&query("x")) else { panic!("{kind} asks nothing") };
        assert!(!known_as.contains("hunter2"), "{known_as}");
        let closed = options.replace(&server.url, "http://127.0.0.1:1");
        let failure = build(kind, &closed).unwrap().ask(&query("x")).await.unwrap_err();
        assert!(!failure.to_string().contains("hunter2"), "{failure}");
    }
}

#[test]
fn a_key_has_a_place_and_a_place_has_a_key() {
    let parts = "results: $, title: $.a, link: $.b";
    for (yaml, expected) in [
        (
            "url: 'http://x/{query}?k={key}'",
            "options:1:1: the key \"key\" is required: `url` or `headers` has a `{key}`",
        ),
        (
            "url: 'http://x/{query}', headers: {X-K: '{key}'}",
            "options:1:1: the key \"key\" is required: `url` or `headers` has a `{key}`",
        ),
        (
            "key: {env: PATH}, url: 'http://x/{query}'",
            "options:1:7: key: expected a `{key}` in `url` or `headers`: it would be sent nowhere",
        ),
        (
            "url: 'http://{key}.example/{query}'",
            "options:1:7: url: a placeholder may stand in the path or after the `?`, not in the host",
        ),
    ] {
        let problems = build("json", &format!("{{{yaml}, {parts}}}")).err().expect(yaml);
        assert_eq!(problems.to_string(), expected, "{yaml}");
    }
}
