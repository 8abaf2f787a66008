//! The files behind TLS: reading them, and judging whether they hold together.

use std::{
    io::Read,
    path::{Path, PathBuf},
    sync::Arc,
};

use rustls::{
    RootCertStore, ServerConfig,
    crypto::{CryptoProvider, aws_lc_rs},
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    server::{WebPkiClientVerifier, danger::ClientCertVerifier},
};
use xxhash_rust::xxh3::Xxh3;

use crate::config::open;

/// What is spoken inside TLS, in the order in which we prefer it (RFC 7301).
const PROTOCOLS: [&[u8]; 2] = [b"h2", b"http/1.1"];

/// Where certificate and key are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificate and those that lead from it to its authority, in PEM, the certificate first.
    pub cert: PathBuf,
    /// Its private key, in PEM, without a passphrase.
    pub key: PathBuf,
    /// The authorities of clients' certificates, in PEM. `Some`: a client has to show one.
    pub client_ca: Option<PathBuf>,
}

/// What is wrong with one of the files.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct TlsError {
    /// `cert`, `key` or `client_ca`.
    pub file: &'static str,
    /// What is wrong with it, and what was expected.
    pub message: String,
}

/// The files as they were at one moment.
pub(super) struct Contents {
    cert: Vec<u8>,
    key: Vec<u8>,
    client_ca: Option<Vec<u8>>,
}

/// A number that is another one when the files, or what is wrong with them, are others.
pub(super) fn fingerprint(read: &Result<Contents, TlsError>) -> u64 {
    let mut hash = Xxh3::new();
    let parts = match read {
        Ok(contents) => vec![&contents.cert[..], &contents.key, contents.client_ca.as_deref().unwrap_or(b"")],
        Err(error) => vec![error.message.as_bytes()],
    };
    for part in parts {
        hash.update(&part.len().to_le_bytes());
        hash.update(part);
    }
    hash.digest()
}

impl TlsFiles {
    pub(super) fn read(&self) -> Result<Contents, TlsError> {
        Ok(Contents {
            cert: read("cert", &self.cert)?,
            key: read("key", &self.key)?,
            client_ca: self.client_ca.as_deref().map(|path| read("client_ca", path)).transpose()?,
        })
    }

    /// What the files amount to, if they hold together.
    pub(super) fn judge(&self, contents: &Contents) -> Result<ServerConfig, TlsError> {
        let chain = certificates("cert", &self.cert, &contents.cert)?;
        let key = PrivateKeyDer::from_pem_slice(&contents.key).map_err(|error| {
            wrong("key", &self.key, format!("expected a private key in PEM without a passphrase ({error})"))
        })?;
        let provider = Arc::new(aws_lc_rs::default_provider());
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(|error| wrong("cert", &self.cert, error.to_string()))?;
        let builder = match self.client_ca.as_deref().zip(contents.client_ca.as_deref()) {
            Some((path, pem)) => builder.with_client_cert_verifier(verifier(path, pem, provider)?),
            None => builder.with_no_client_auth(),
        };
        let mut config = builder.with_single_cert(chain, key).map_err(|error| self.mismatch(&error))?;
        config.alpn_protocols = PROTOCOLS.map(<[u8]>::to_vec).to_vec();
        Ok(config)
    }

    fn mismatch(&self, error: &rustls::Error) -> TlsError {
        match error {
            rustls::Error::InconsistentKeys(_) => wrong(
                "key",
                &self.key,
                format!("expected the key of the certificate in {}", shown(&self.cert)),
            ),
            rustls::Error::InvalidCertificate(_) => wrong("cert", &self.cert, error.to_string()),
            _ => wrong("key", &self.key, format!("expected a key of RSA, ECDSA or Ed25519 ({error})")),
        }
    }
}

fn verifier(
    path: &Path,
    pem: &[u8],
    provider: Arc<CryptoProvider>,
) -> Result<Arc<dyn ClientCertVerifier>, TlsError> {
    let mut roots = RootCertStore::empty();
    for authority in certificates("client_ca", path, pem)? {
        roots.add(authority).map_err(|error| wrong("client_ca", path, error.to_string()))?;
    }
    WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
        .build()
        .map_err(|error| wrong("client_ca", path, error.to_string()))
}

fn certificates(
    file: &'static str,
    path: &Path,
    pem: &[u8],
) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let expected = |why: &str| wrong(file, path, format!("expected certificates in PEM ({why})"));
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    match found {
        Ok(found) if found.is_empty() => Err(expected("there is none")),
        Ok(found) => Ok(found),
        Err(error) => Err(expected(&error.to_string())),
    }
}

fn read(file: &'static str, path: &Path) -> Result<Vec<u8>, TlsError> {
    let mut bytes = Vec::new();
    open(path)
        .and_then(|mut file| file.read_to_end(&mut bytes))
        .map(|_| bytes)
        .map_err(|error| TlsError { file, message: format!("{} can't be read: {error}", shown(path)) })
}

fn wrong(file: &'static str, path: &Path, what: impl AsRef<str>) -> TlsError {
    TlsError { file, message: format!("{}: {}", shown(path), what.as_ref()) }
}

fn shown(path: &Path) -> std::path::Display<'_> {
    path.display()
}
