//! Certificate authorities that are trusted beside the system's.

use std::{fs, path::Path};

use rustls::{
    RootCertStore,
    pki_types::{CertificateDer, pem::PemObject},
};

/// Further authorities; by default none.
#[derive(Debug, Clone, Default)]
pub struct Roots(Vec<reqwest::Certificate>);

impl Roots {
    /// Reads a file of certificates in PEM.
    ///
    /// # Errors
    /// A sentence that says what is wrong with the file.
    pub fn read(path: &Path) -> Result<Self, String> {
        let shown = path.display();
        let pem = fs::read(path).map_err(|error| format!("{shown} can't be read: {error}"))?;
        let expected = |why: &str| format!("{shown}: expected certificates in PEM ({why})");
        let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
        let found = found.map_err(|error| expected(&error.to_string()))?;
        if found.is_empty() {
            return Err(expected("there is none"));
        }
        let mut store = RootCertStore::empty();
        let mut roots = Vec::new();
        for certificate in found {
            store.add(certificate.clone()).map_err(|error| expected(&error.to_string()))?;
            roots.extend(reqwest::Certificate::from_der(&certificate));
        }
        Ok(Self(roots))
    }

    pub(super) fn certificates(&self) -> Vec<reqwest::Certificate> {
        self.0.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::upstream::tests::Authority;

    #[test]
    fn a_file_of_authorities_holds_at_least_one_and_nothing_broken() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ca.pem");
        let wrong = |text: &str| {
            fs::write(&path, text).unwrap();
            Roots::read(&path).unwrap_err().replace(&format!("{}/", folder.path().display()), "")
        };
        assert_eq!(wrong(""), "ca.pem: expected certificates in PEM (there is none)");
        let pem = Authority::new().pem();
        assert!(wrong(&pem.replace("MI", "XX")).starts_with("ca.pem: expected certificates in PEM ("));
        fs::write(&path, format!("{pem}{}", Authority::new().pem())).unwrap();
        assert_eq!(Roots::read(&path).unwrap().certificates().len(), 2);
        fs::remove_file(&path).unwrap();
        assert!(Roots::read(&path).unwrap_err().contains("ca.pem can't be read: No such file"));
    }
}
