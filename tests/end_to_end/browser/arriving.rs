//! From a few letters to the place that they mean.

use thirtyfour::Key;

use super::{
    chromium::{Chromium, Look},
    destination, names,
};
use crate::support::Gateway;

#[tokio::test]
async fn a_few_letters_and_the_keyboard_lead_to_where_a_name_means() {
    let target = destination().await;
    let gateway = Gateway::start(&names(&target.url()));
    Chromium::with(true, async |browser| {
        browser.look(Look::PLAIN).await;
        browser.open(&gateway.url("http")).await;
        browser.type_name("bo").await;
        browser.wait("document.querySelectorAll('[role=option]').length >= 3").await;
        browser.press_key(Key::Down).await;
        browser.wait("document.querySelector('[aria-selected=true]')").await;
        assert_eq!(browser.value("return document.getElementById('q').value").await, "Boeing");
        browser.keep_picture("suggestions").await;
        browser.press_key(Key::Enter).await;
        browser.wait("document.querySelector('.results a')").await;
        assert_eq!(browser.address().await, format!("{}/?q=Boeing", gateway.url("http")));
        // Nothing but Tab and Enter from the top of the page to the first result.
        let mut tabs = 0;
        while browser.value("return document.activeElement.matches('.results a')").await != true {
            browser.press_key(Key::Tab).await;
            tabs += 1;
            assert!(tabs < 8, "the first result is not among the first places of the keyboard");
        }
        browser.press_key(Key::Enter).await;
        browser.wait("document.title === 'Arrived'").await;
        assert_eq!(browser.address().await, format!("{}/boeing", target.url()));
    })
    .await;
    assert!(target.calls().iter().any(|line| line.starts_with("GET /boeing ")), "{:?}", target.calls());
}

#[tokio::test]
async fn escape_gives_back_what_was_typed() {
    let target = destination().await;
    let gateway = Gateway::start(&names(&target.url()));
    Chromium::with(true, async |browser| {
        browser.open(&gateway.url("http")).await;
        browser.type_name("bor").await;
        browser.wait("document.querySelectorAll('[role=option]').length === 1").await;
        browser.press_key(Key::Down).await;
        browser.wait("document.getElementById('q').value === 'Bordeaux'").await;
        browser.press_key(Key::Escape).await;
        browser
            .wait("document.getElementById('q').value === 'bor' && document.getElementById('names').hidden")
            .await;
    })
    .await;
}

#[tokio::test]
async fn names_for_what_stood_in_the_box_before_do_not_come_back() {
    const NONE: &str =
        "document.getElementById('names').hidden && document.querySelectorAll('[role=option]').length === 0";
    let gateway = Gateway::start(&names("https://names.example"));
    Chromium::with(true, async |browser| {
        browser.open(&gateway.url("http")).await;
        let offered = async || {
            browser.type_name("bo").await;
            browser.wait("document.querySelectorAll('[role=option]').length >= 3").await;
        };
        offered().await;
        for _ in 0..2 {
            browser.press_key(Key::Backspace).await;
        }
        browser.wait(NONE).await;
        browser.press_key(Key::Down).await;
        assert_eq!(browser.value(&format!("return {NONE}")).await, true, "the box is empty");
        for reply in ["new Response('', { status: 429 })", "Promise.reject(new TypeError('gone'))"] {
            browser.open(&gateway.url("http")).await;
            offered().await;
            browser.value(&format!("window.fetch = async () => {reply}")).await;
            browser.press("r").await;
            browser.wait(NONE).await;
        }
    })
    .await;
}

#[tokio::test]
async fn keys_that_choose_a_word_of_an_input_method_choose_no_name() {
    let gateway = Gateway::start(&names("https://names.example"));
    Chromium::with(true, async |browser| {
        browser.open(&gateway.url("http")).await;
        browser.type_name("bo").await;
        browser.wait("document.querySelectorAll('[role=option]').length >= 3").await;
        for (is_composing, expected) in [(true, "bo"), (false, "Boeing")] {
            let pressed = format!("{{ key: 'ArrowDown', isComposing: {is_composing} }}");
            let script = format!(
                "const box = document.getElementById('q');
                 box.dispatchEvent(new KeyboardEvent('keydown', {pressed}));
                 return box.value"
            );
            assert_eq!(browser.value(&script).await, expected, "{pressed}");
        }
    })
    .await;
}

#[tokio::test]
async fn the_page_works_without_its_script() {
    let target = destination().await;
    let gateway = Gateway::start(&names(&target.url()));
    Chromium::with(false, async |browser| {
        browser.open(&gateway.url("http")).await;
        browser.type_name("boeing").await;
        assert_eq!(browser.count("[role=listbox]").await, 0, "the script ran");
        browser.press_key(Key::Enter).await;
        browser.wait("document.querySelector('.results a')").await;
        browser.find(".results a").await.click().await.expect("a click");
        browser.wait("document.title === 'Arrived'").await;
        assert_eq!(browser.address().await, format!("{}/boeing", target.url()));
    })
    .await;
}
