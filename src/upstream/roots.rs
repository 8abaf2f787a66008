//! Certificates that are trusted beside the system's authorities.
//!
//! Most are authorities. One may be a server's own as well, signed by itself; what a plain `openssl req -x509`
//! makes says that it is an authority's (CA:TRUE), which webpki takes from no server (`CaUsedAsEndEntity`).
//! Whoever names that very certificate means that very server, so it is taken from it.

use std::{fs, path::Path, sync::Arc};

use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
    client::{
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
        verify_server_name,
    },
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject},
    server::ParsedCertificate,
};
use rustls_platform_verifier::Verifier;

/// Further certificates; by default none.
#[derive(Debug, Clone, Default)]
pub struct Roots(Vec<CertificateDer<'static>>);

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
        for certificate in &found {
            store.add(certificate.clone()).map_err(|error| expected(&error.to_string()))?;
        }
        Ok(Self(found))
    }

    /// How a client speaks TLS that trusts them; `None` where there are none, and the system's authorities
    /// are all.
    pub(super) fn tls(&self) -> Result<Option<ClientConfig>, Error> {
        if self.0.is_empty() {
            return Ok(None);
        }
        let provider = Arc::new(aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(self.verifier()?));
        let mut config = config.with_no_client_auth();
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Some(config))
    }

    fn verifier(&self) -> Result<Named, Error> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let usual = Verifier::new_with_extra_roots(self.0.clone(), provider)?;
        Ok(Named { usual, named: self.0.clone() })
    }
}

/// Verifies as usual, and takes from a server the very certificate that is named.
#[derive(Debug)]
struct Named {
    usual: Verifier,
    named: Vec<CertificateDer<'static>>,
}

impl ServerCertVerifier for Named {
    fn verify_server_cert(
        &self,
        own: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        match self.usual.verify_server_cert(own, others, name, ocsp, now) {
            // Its dates are looked at before, its name would be after.
            Err(Error::InvalidCertificate(why)) if is_authority(&why) && self.named.contains(own) => {
                verify_server_name(&ParsedCertificate::try_from(own)?, name)?;
                Ok(ServerCertVerified::assertion())
            }
            verified => verified,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.usual.verify_tls12_signature(message, cert, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.usual.verify_tls13_signature(message, cert, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.usual.supported_verify_schemes()
    }
}

/// Whether a certificate is refused for being an authority's. The verifier has no value of its own for it.
pub(super) fn is_authority(why: &CertificateError) -> bool {
    matches!(why, CertificateError::Other(other) if other.to_string() == "CaUsedAsEndEntity")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

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
        assert_eq!(Roots::read(&path).unwrap().0.len(), 2);
        fs::remove_file(&path).unwrap();
        assert!(Roots::read(&path).unwrap_err().contains("ca.pem can't be read: No such file"));
    }

    fn certificate(pem: &str) -> CertificateDer<'static> {
        CertificateDer::from_pem_slice(pem.as_bytes()).unwrap()
    }

    #[test]
    fn r23_an_authoritys_certificate_is_a_servers_own_only_if_that_very_one_is_named() {
        let (named, other) = (Authority::of_this_machine(), Authority::of_this_machine());
        let signed = certificate(&named.pair().cert);
        let [named, other] = [named, other].map(|authority| certificate(&authority.pem()));
        let verifier = Roots(vec![named.clone()]).verifier().unwrap();
        let verified = |own: &CertificateDer<'_>, host: &'static str, year: u64| {
            let now = UnixTime::since_unix_epoch(Duration::from_secs((year - 1970) * 31_556_952));
            let name = ServerName::try_from(host).unwrap();
            let why = verifier.verify_server_cert(own, &[], &name, &[], now).err();
            why.map_or_else(|| "taken".to_owned(), |why| format!("{why:?}"))
        };
        assert_eq!(verified(&named, "127.0.0.1", 2026), "taken");
        assert_eq!(verified(&signed, "127.0.0.1", 2026), "taken");
        for (own, host, year, why) in [
            (&other, "127.0.0.1", 2026, "CaUsedAsEndEntity"),
            (&named, "names.example", 2026, "NotValidForName"),
            (&named, "127.0.0.1", 5000, "Expired"),
            (&named, "127.0.0.1", 1971, "NotValidYet"),
        ] {
            let said = verified(own, host, year);
            assert!(said.contains(why), "{said}");
        }
    }
}
