//! The pages in a real browser: what a person sees, types, and where they arrive.

mod accessible;
mod address_bar;
mod arriving;
mod chromium;
mod firefox;
mod links;
mod looks;
mod operating;
mod screen;

use crate::support::{Reply, Upstream};

/// A page that names lead to, on loopback, so that nothing leaves this machine.
async fn destination() -> Upstream {
    let page = "<!doctype html><html lang=\"en\"><title>Arrived</title><link rel=\"icon\" href=\"data:,\"><p>Arrived.";
    Upstream::start(move |_| Reply::Http(200, "Content-Type: text/html\r\n", page.into())).await
}

/// A configuration whose names lead to `target`: certain ones, likely ones, and a source that is away.
fn names(target: &str) -> String {
    format!(
        r#"
service: {{uri: "urn:test:names", description: "Names of the house"}}
backends:
- name: handbook
  type: static
  allow_schemes: [mailto]
  names:
  - {{name: Boeing, uri: "{target}/boeing", description: "Makes aircraft, and has since 1916."}}
  - {{name: Bordeaux, uri: "{target}/bordeaux", description: "A city on the Garonne."}}
  - {{name: Bosporus, uri: "{target}/bosporus"}}
  - {{name: 東京大学, aliases: [University of Tokyo], uri: "{target}/tokyo", description: "東京都文京区にある大学。"}}
  - {{name: جامعة القاهرة, uri: "{target}/cairo", description: "جامعة حكومية في الجيزة، تأسست عام 1908."}}
  - {{name: Imitation, uri: "https://аррӏе.com/", description: "A host that is not what it looks like."}}
  - {{name: Boeing Commercial Airplanes, uri: "{target}/commercial"}}
- {{name: gone, type: searxng, url: "http://127.0.0.1:1"}}
"#
    )
}
