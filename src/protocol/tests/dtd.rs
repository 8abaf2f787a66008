//! Documents drawn from the grammar of the DTD, also such as no service of ours would send.

use super::{dice::Dice, xmllint::assert_valid};
use crate::protocol::{decode_answer, decode_request};

/// A document in the making: the ids given so far, by what they stand for.
struct Draw {
    dice: Dice,
    out: String,
    next_id: usize,
    services: Vec<usize>,
    datasets: Vec<usize>,
    others: Vec<usize>,
}

impl Draw {
    fn new(seed: u64) -> Self {
        let (services, datasets, others) = (Vec::new(), Vec::new(), Vec::new());
        Self { dice: Dice(seed), out: String::new(), next_id: 0, services, datasets, others }
    }

    fn chance(&mut self) -> bool {
        self.dice.roll(2) == 0
    }

    /// White space, comments and instructions, which may stand between any two elements.
    fn gap(&mut self) {
        self.out.push_str(self.dice.pick(&["", "\r\n\t", "<!-- - > <x> -->", "<?x <cnrp>?>", " "]));
    }

    fn text(&mut self, name: &str) {
        let text = self.dice.pick(&["", " ", "x", "&#233;&lt;", "<![CDATA[<&]]>", "a<!-- -->b", "\u{85}"]);
        self.gap();
        self.out.push_str(&format!("<{name}\n>{text}</{name} >"));
    }

    fn id(&mut self) -> Option<usize> {
        self.chance().then(|| {
            self.out.push_str(&format!(" id = 'n.{}'", self.next_id));
            self.next_id += 1;
            self.next_id - 1
        })
    }

    fn properties(&mut self) {
        for _ in 0..self.dice.roll(3) {
            let start = self.dice.pick(&[
                "<property name=''>",
                "<property type=\"\" name='dataseturi'>",
                "<property name='X' type='&quot;'>",
            ]);
            self.out.push_str(&format!("{start}urn:x</property>"));
            self.gap();
        }
    }

    fn service(&mut self) {
        self.out.push_str("<service ttl='x'");
        let id = self.id();
        self.services.extend(id);
        self.out.push('>');
        self.text("serviceuri");
        for _ in 0..self.dice.roll(3) {
            self.out.push_str("<dataset");
            let id = self.id();
            self.datasets.extend(id);
            self.out.push('>');
            self.properties();
            self.out.push_str("</dataset>");
        }
        if self.chance() {
            self.out.push_str("<servers><server>");
            self.text("serveruri");
            self.properties();
            self.out.push_str("</server></servers>");
        }
        if self.chance() {
            self.text("description");
        }
        self.properties();
        if self.chance() {
            self.schema();
        }
        self.out.push_str("</service>");
    }

    fn schema(&mut self) {
        self.out.push_str("<propertyschema><propertydeclaration");
        let id = self.id();
        self.others.extend(id);
        self.out.push('>');
        self.text("propertyname");
        self.out.push_str("<propertytype default='no'/><propertytype default='yes'>x</propertytype></propertydeclaration></propertyschema>");
        if let Some(id) = id {
            self.out.push_str(&format!(
                "<queryschema><propertyreference required='no' ref='n.{id}'/></queryschema>"
            ));
        }
        self.out.push_str("<serviceschema/>");
    }

    fn reference(&mut self, name: &str, to: &[usize]) {
        let id = if to.is_empty() || self.chance() { None } else { Some(self.dice.pick(to)) };
        let reference = id.map(|id| format!(" ref='n.{id}'")).unwrap_or_default();
        self.out.push_str(&format!("<{name}{reference}></{name}>"));
    }

    fn references(&mut self) {
        self.reference("serviceref", &self.services.clone());
        if self.chance() {
            self.reference("datasetref", &self.datasets.clone());
        }
    }

    fn item(&mut self) {
        match self.dice.roll(4) {
            0 => self.service(),
            1 => {
                self.out.push_str("<resourcedescriptor");
                let id = self.id();
                self.others.extend(id);
                self.out.push('>');
                ["commonname", "id", "resourceuri"].into_iter().for_each(|name| self.text(name));
                self.references();
                self.text("description");
                self.properties();
                self.out.push_str("</resourcedescriptor>");
            }
            2 => {
                self.out.push_str("<referral");
                let id = self.id();
                self.others.extend(id);
                self.out.push('>');
                self.references();
                self.out.push_str("</referral>");
            }
            _ => {
                let anything = [self.services.clone(), self.datasets.clone(), self.others.clone()].concat();
                let about = if anything.is_empty() {
                    String::new()
                } else {
                    format!(" ref='n.{}'", self.dice.pick(&anything))
                };
                let code = self.dice.pick(&["", "3.1.1", "x.y", "999999.1.1"]);
                self.out.push_str(&format!("<status code='{code}'{about}>&amp;</status>"));
            }
        }
        self.gap();
    }

    fn answer(mut self) -> String {
        self.gap();
        self.out.push_str("<cnrp><results>");
        if self.dice.roll(8) > 0 {
            self.service();
            (0..self.dice.roll(8)).for_each(|_| self.item());
        }
        self.out.push_str("</results></cnrp>");
        self.gap();
        self.out
    }

    fn query(mut self) -> String {
        self.out.push_str("<cnrp>");
        self.gap();
        self.out.push_str("<query>");
        self.gap();
        if self.chance() {
            self.out.push_str("<id>&#x31;</id>");
        } else {
            self.out.push_str("<commonname><![CDATA[a]]></commonname>");
            self.properties();
        }
        self.gap();
        self.out.push_str("</query></cnrp>");
        self.out
    }
}

#[test]
fn r19_every_valid_document_is_accepted() {
    let answers: Vec<String> = (0..400).map(|seed| Draw::new(seed).answer()).collect();
    let queries: Vec<String> = (0..100).map(|seed| Draw::new(seed).query()).collect();
    assert_valid(&answers.iter().chain(&queries).map(|text| text.clone().into_bytes()).collect::<Vec<_>>());
    for document in &answers {
        decode_answer(document.as_bytes(), None).unwrap_or_else(|invalid| panic!("{invalid}\n{document}"));
    }
    for document in &queries {
        let decoded = decode_request(document.as_bytes(), None, 10);
        let is_plain = decoded.as_ref().is_ok_and(|decoded| {
            decoded.statuses.iter().all(|status| status.message.contains("without a name"))
        });
        assert!(is_plain, "{decoded:?}\n{document}");
    }
}
