//! The judge of validity, which is not our own code.

use std::{fs, path::Path, process::Command};

/// Fails unless `xmllint` accepts every document against the DTD. One call judges them all. The
/// DOCTYPE is taken off, as its address leads nowhere.
pub(super) fn assert_valid(documents: &[Vec<u8>]) {
    assert!(!documents.is_empty(), "nothing to judge");
    let folder = tempfile::tempdir().unwrap();
    for (nth, document) in documents.iter().enumerate() {
        let text = std::str::from_utf8(document).expect("UTF-8");
        let bare = match text
            .split_once("<!DOCTYPE")
            .and_then(|(before, after)| Some((before, after.split_once('>')?.1)))
        {
            Some((before, after)) => format!("{before}{after}"),
            None => text.to_owned(),
        };
        fs::write(folder.path().join(format!("{nth}.xml")), bare).unwrap();
    }
    let dtd = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/cnrp.dtd");
    let verdict = Command::new("xmllint")
        .args(["--noout", "--nonet", "--dtdvalid"])
        .arg(dtd)
        .args((0..documents.len()).map(|nth| folder.path().join(format!("{nth}.xml"))))
        .output()
        .expect("xmllint is installed (Debian: libxml2-utils)");
    assert!(verdict.status.success(), "{}", String::from_utf8_lossy(&verdict.stderr));
    println!("xmllint accepts {} documents", documents.len());
}

#[test]
#[should_panic(expected = "validity error")]
fn the_judge_judges() {
    assert_valid(&[b"<cnrp><results><service/></results></cnrp>".to_vec()]);
}
