//! TLS in front of an upstream, with a certificate that can be exchanged for one that nobody trusts.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use crate::support::Authority;

pub(super) struct Tls {
    pub(super) address: SocketAddr,
    /// The authority that is to be trusted, in PEM.
    pub(super) authority: String,
    acceptor: Arc<Mutex<TlsAcceptor>>,
}

impl Tls {
    pub(super) async fn before(upstream: SocketAddr) -> Self {
        let authority = Authority::new();
        let acceptor = Arc::new(Mutex::new(acceptor(&authority)));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let shown = Arc::clone(&acceptor);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let acceptor = shown.lock().expect("no panic").clone();
                tokio::spawn(async move {
                    let mut inside = acceptor.accept(stream).await.ok()?;
                    let mut beyond = TcpStream::connect(upstream).await.ok()?;
                    tokio::io::copy_bidirectional(&mut inside, &mut beyond).await.ok()
                });
            }
        });
        Self { address, authority: authority.pem(), acceptor }
    }

    /// From now on its certificate is of another authority.
    pub(super) fn break_trust(&self) {
        *self.acceptor.lock().expect("no panic") = acceptor(&Authority::new());
    }
}

fn acceptor(authority: &Authority) -> TlsAcceptor {
    let (certificate, key) = authority.pair();
    let certificate = CertificateDer::from_pem_slice(certificate.as_bytes()).expect("a certificate");
    let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).expect("a key");
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .expect("a certificate and its key");
    TlsAcceptor::from(Arc::new(config))
}
