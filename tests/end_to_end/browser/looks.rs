//! How the pages look: narrow and wide, dark and light, from right to left, and on paper. Pictures are
//! kept under `target/screenshots`.

use super::{
    chromium::{Chromium, Look},
    destination, names,
};
use crate::support::Gateway;

/// Most bytes of a page with all that it is made with.
const HEAVIEST: u64 = 30_000;

const PAGES: [(&str, &str); 6] = [
    ("home", "/"),
    ("results", "/?q=Boeing"),
    ("imitation", "/?q=Imitation"),
    ("nothing", "/?q=zzqqx"),
    ("about", "/about"),
    ("nowhere", "/nowhere"),
];

const LOOKS: [(&str, Look); 6] = [
    ("wide-light", Look::PLAIN),
    ("wide-dark", Look { scheme: "dark", ..Look::PLAIN }),
    ("narrow-light", Look { width: 320, ..Look::PLAIN }),
    ("narrow-dark-arabic", Look { language: "ar", width: 320, scheme: "dark", ..Look::PLAIN }),
    ("wide-arabic", Look { language: "ar", ..Look::PLAIN }),
    ("paper", Look { medium: "print", ..Look::PLAIN }),
];

#[tokio::test]
async fn every_page_fits_its_window_and_asks_nobody_else() {
    let target = destination().await;
    let gateway = Gateway::start(&names(&target.url()));
    let ours = gateway.url("http");
    Chromium::with(true, async |browser| {
        for (look_name, look) in LOOKS {
            browser.look(look).await;
            for (page_name, path) in PAGES {
                browser.open(&format!("{ours}{path}")).await;
                let place = format!("{page_name}-{look_name}");
                browser.keep_picture(&place).await;
                let wide = browser.value("return document.documentElement.scrollWidth").await;
                assert!(wide.as_u64().unwrap() <= look.width.into(), "{place} is {wide} wide");
                let direction = if look.language == "ar" { "rtl" } else { "ltr" };
                assert_eq!(browser.value("return document.dir").await, direction, "{place}");
                let complaints = browser.complaints().await;
                // That a page is not found is said in the console as well.
                assert!(complaints.iter().all(|line| line.contains("404")), "{place}: {complaints:?}");
                let requests = browser.requests().await;
                assert!(
                    !requests.is_empty() && requests.iter().all(|url| url.starts_with(&ours)),
                    "{requests:?}"
                );
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_page_weighs_little_with_all_that_it_is_made_with() {
    const WEIGHT: &str = "const all = [...performance.getEntriesByType('navigation'), \
        ...performance.getEntriesByType('resource')]; \
        return [all.reduce((sum, one) => sum + one.decodedBodySize, 0), all.length]";
    let target = destination().await;
    let gateway = Gateway::start(&names(&target.url()));
    Chromium::with(true, async |browser| {
        for (name, path) in PAGES {
            browser.open(&format!("{}{path}", gateway.url("http"))).await;
            let told = browser.value(WEIGHT).await;
            let (bytes, files) = (told[0].as_u64().unwrap(), told[1].as_u64().unwrap());
            println!("{name}: {bytes} bytes in {files} files");
            assert!(
                files >= 3 && bytes > 5_000 && bytes < HEAVIEST,
                "{name}: {bytes} bytes in {files} files"
            );
        }
    })
    .await;
}
