//! Names in the many ways that people write them.

use crate::support::Gateway;

pub(crate) const NAMES: &str = r#"
service: {uri: "urn:test:gateway", description: "Test"}
backends:
  - name: names
    type: static
    names:
      - {name: Boeing, aliases: ["The Boeing Company"], uri: "https://www.boeing.com/", description: "Aircraft & rockets",
         properties: {language: en-US, geography: US, category: aerospace}}
      - {name: BMW, uri: "https://www.bmw.de/", properties: {language: de-DE, geography: DE}}
      - {name: BMW, uri: "https://www.bmw.fr/", properties: {language: fr-FR, geography: FR}}
      - {name: BMW, uri: "https://www.bmwusa.com/", properties: {language: en-US, geography: US}}
      - {name: Société Générale, uri: "https://www.societegenerale.com/"}
      - {name: 東京大学, uri: "https://www.u-tokyo.ac.jp/", aliases: ["University of Tokyo"]}
      - {name: Toys R Us, uri: "https://www.toysrus.com/"}
      - {name: Procter & Gamble Co., uri: "https://us.pg.com/"}
      - {name: International Business Machines, uri: "https://www.ibm.com/"}
      - {name: München, uri: "https://www.muenchen.de/"}
"#;

#[tokio::test]
async fn a_name_is_found_however_it_is_written() {
    let gateway = Gateway::start(NAMES);
    for (name, uri) in [
        ("boeing", "https://www.boeing.com/"),
        ("  BOEING ", "https://www.boeing.com/"),
        ("the boeing company", "https://www.boeing.com/"),
        ("boeing company", "https://www.boeing.com/"),
        ("Bo\u{200b}e\u{200b}ing", "https://www.boeing.com/"),
        ("Ｂｏｅｉｎｇ", "https://www.boeing.com/"),
        ("boieng", "https://www.boeing.com/"),
        ("boein", "https://www.boeing.com/"),
        ("boeeing", "https://www.boeing.com/"),
        ("societe generale", "https://www.societegenerale.com/"),
        ("Socie\u{301}te\u{301} Ge\u{301}ne\u{301}rale", "https://www.societegenerale.com/"),
        ("東京大学", "https://www.u-tokyo.ac.jp/"),
        ("Tokyo University", "https://www.u-tokyo.ac.jp/"),
        ("toysrus", "https://www.toysrus.com/"),
        ("toys-r-us", "https://www.toysrus.com/"),
        ("procter and gamble", "https://us.pg.com/"),
        ("IBM", "https://www.ibm.com/"),
        ("Muenchen", "https://www.muenchen.de/"),
        ("munchen", "https://www.muenchen.de/"),
    ] {
        assert_eq!(gateway.ask(name, &[]).await.first_uri(), uri, "{name}");
    }
}

#[tokio::test]
async fn r22_d3_what_is_another_name_is_not_found() {
    let gateway = Gateway::start(NAMES);
    // The last two are written with a Cyrillic letter that only looks like the Latin one.
    for name in ["bmv", "bm", "zzqqxx no such name at all", "boeeeing", "b\u{43e}eing", "\u{412}MW"] {
        let answer = gateway.ask(name, &[]).await;
        assert_eq!((answer.uris(), answer.codes()), (vec![], vec!["2.1.0".to_owned()]), "{name}");
    }
}

#[tokio::test]
async fn r8_hints_order_and_never_empty() {
    let gateway = Gateway::start(NAMES);
    let language = |tag| ("language", "rfc1766", tag);
    assert_eq!(gateway.ask("bmw", &[language("fr-FR")]).await.first_uri(), "https://www.bmw.fr/");
    assert_eq!(
        gateway.ask("bmw", &[("geography", "iso3166-1", "US")]).await.first_uri(),
        "https://www.bmwusa.com/"
    );
    let ordered = gateway.ask("bmw", &[language("fr-FR"), language("de-DE"), language("*")]).await.uris();
    assert_eq!(ordered, ["https://www.bmw.fr/", "https://www.bmw.de/", "https://www.bmwusa.com/"]);
    assert_eq!(gateway.ask("bmw", &[language("ja")]).await.uris().len(), 3, "a hint never empties an answer");
}
