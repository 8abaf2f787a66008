//! A certificate authority, and certificates for this machine.

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};

pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub(crate) fn new() -> Self {
        // With a name of this machine, so that it may be a server as well.
        let mut params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).expect("an authority");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        // OpenSSL takes a certificate whose issuer has its own name for one signed by itself.
        params.distinguished_name.push(DnType::CommonName, "authority of the tests");
        let key = KeyPair::generate().expect("a key");
        Self(CertifiedIssuer::self_signed(params, key).expect("an authority"))
    }

    /// Its own certificate, in PEM.
    pub(crate) fn pem(&self) -> String {
        self.0.pem()
    }

    /// Its own certificate and key, in PEM, as of a server that is its own authority.
    pub(crate) fn own_pair(&self) -> (String, String) {
        (self.0.pem(), self.0.key().serialize_pem())
    }

    /// A new certificate for 127.0.0.1 and its key, in PEM.
    pub(crate) fn pair(&self) -> (String, String) {
        let key = KeyPair::generate().expect("a key");
        let params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).expect("a certificate");
        let cert = params.signed_by(&key, &self.0).expect("a signature");
        (cert.pem(), key.serialize_pem())
    }
}
