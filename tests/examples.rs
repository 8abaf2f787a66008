//! The examples do what they say: one asks the other, over a real socket.

// A test that panics has failed, which is what it is for.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr)]

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

// Their `main` is for the command line.
#[allow(dead_code)]
#[path = "../examples/answer.rs"]
mod answer;
#[allow(dead_code)]
#[path = "../examples/ask.rs"]
mod ask;

/// Reads one POST and gives its body to the example that answers.
async fn serve(mut stream: TcpStream) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    let head = String::from_utf8(head).unwrap().to_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
    let mut body = vec![0; length.parse().unwrap()];
    stream.read_exact(&mut body).await.unwrap();
    let answer = answer::answer(&body);
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/cnrp+xml\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        answer.len()
    );
    stream.write_all(&[head.as_bytes(), &answer].concat()).await.unwrap();
}

#[tokio::test]
async fn one_example_asks_the_other() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            serve(stream).await;
        }
    });
    let line = "Toys R Us  https://www.toysrus.com/  (high confidence, from urn:example:two-names)";
    assert_eq!(ask::ask(&server, "toys r us").await, Ok(vec![line.to_owned()]));
    assert_eq!(ask::ask(&server, "nobody").await, Ok(Vec::new()));
    assert!(ask::ask("127.0.0.1:1", "x").await.unwrap_err().contains("refused"));
    assert!(ask::ask("no server", "x").await.unwrap_err().contains("expected"));
}

#[test]
fn the_example_that_answers_understands_what_it_is_asked() {
    let answered = |document: &str| String::from_utf8(answer::answer(document.as_bytes())).unwrap();
    let of = |inner: &str| answered(&format!("<cnrp>{inner}</cnrp>"));
    assert!(of("<query><commonname>BOEING</commonname></query>").contains("https://www.boeing.com/"));
    assert!(of("<query><id>Boeing</id></query>").contains("https://www.boeing.com/"));
    assert!(of("<query><commonname>nobody</commonname></query>").contains("code=\"2.1.0\""));
    assert!(of("<servicequery/>").contains("<description>An example</description>"));
    assert!(answered("hello").contains("code=\"4.1.0\""));
}
