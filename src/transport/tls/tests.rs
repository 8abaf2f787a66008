//! The files behind TLS: what is wrong with them, and what becomes of a change.

use std::fs;

use super::*;
use crate::upstream::tests::{Authority, Pair};

/// Files in a folder of their own.
struct Folder(tempfile::TempDir);

impl Folder {
    fn with(pair: &Pair) -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        folder.put(pair);
        folder
    }

    fn put(&self, pair: &Pair) {
        self.write("cert.pem", &pair.cert);
        self.write("key.pem", &pair.key);
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.0.path().join(name), text).unwrap();
    }

    fn files(&self) -> TlsFiles {
        let at = |name| self.0.path().join(name);
        TlsFiles { cert: at("cert.pem"), key: at("key.pem"), client_ca: None }
    }

    /// What is wrong, without the folder.
    fn wrong(&self, files: TlsFiles) -> (&'static str, String) {
        let error = Tls::load(files).unwrap_err();
        (error.file, error.message.replace(&format!("{}/", self.0.path().display()), ""))
    }
}

#[test]
fn what_is_wrong_with_a_file_says_which_and_what_was_expected() {
    let authority = Authority::new();
    let folder = Folder::with(&authority.pair());
    assert!(Tls::load(folder.files()).is_ok());

    let missing = TlsFiles { cert: folder.0.path().join("none.pem"), ..folder.files() };
    let unread = "none.pem can't be read: No such file or directory (os error 2)";
    assert_eq!(folder.wrong(missing), ("cert", unread.to_owned()));

    folder.write("key.pem", &authority.pair().key);
    let foreign = "key.pem: expected the key of the certificate in cert.pem";
    assert_eq!(folder.wrong(folder.files()), ("key", foreign.to_owned()));

    let Pair { cert, key } = authority.pair();
    folder.put(&Pair { cert: cert.clone(), key: cert.clone() });
    let (file, message) = folder.wrong(folder.files());
    assert!(file == "key" && message.starts_with("key.pem: expected a private key in PEM"), "{message}");

    folder.put(&Pair { cert: key.clone(), key: key.clone() });
    let none = "cert.pem: expected certificates in PEM (there is none)";
    assert_eq!(folder.wrong(folder.files()), ("cert", none.to_owned()));

    folder.put(&Pair { cert: cert.replace("MI", "XX"), key: key.clone() });
    assert_eq!(folder.wrong(folder.files()).0, "cert");

    folder.put(&Pair { cert, key });
    folder.write("ca.pem", "nothing");
    let with_ca = TlsFiles { client_ca: Some(folder.0.path().join("ca.pem")), ..folder.files() };
    let none = "ca.pem: expected certificates in PEM (there is none)";
    assert_eq!(folder.wrong(with_ca), ("client_ca", none.to_owned()));
}

#[test]
fn changed_files_are_taken_in_once_they_hold_together() {
    let authority = Authority::new();
    let folder = Folder::with(&authority.pair());
    let tls = Tls::load(folder.files()).unwrap();
    let first = tls.current();
    let is_still = |before: &Arc<ServerConfig>| Arc::ptr_eq(before, &tls.current());
    tls.upkeep();
    assert!(is_still(&first), "nothing has changed");

    let renewed = authority.pair();
    folder.write("cert.pem", &renewed.cert);
    tls.upkeep();
    assert!(is_still(&first), "the key of the new certificate is not there yet");
    folder.write("key.pem", &renewed.key);
    tls.upkeep();
    assert!(!is_still(&first));

    let second = tls.current();
    fs::remove_file(&folder.files().cert).unwrap();
    tls.upkeep();
    tls.upkeep();
    assert!(is_still(&second), "a file that is gone takes nothing away");
    folder.put(&renewed);
    tls.upkeep();
    assert_eq!(tls.current().alpn_protocols, [b"h2".to_vec(), b"http/1.1".to_vec()]);
}
