//! Making a connection to a target: TCP, and TLS above it for `https`.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use url::{Host, Url};

use super::client::ClientError;
use super::http1::Stream;

/// The name of HTTP/2 in a TLS handshake (RFC 9113, section 3.2).
const H2: &[u8] = b"h2";

/// Knows how to reach one target.
pub(super) struct Dialer {
    host: Host,
    port: u16,
    tls: Option<(Arc<rustls::ClientConfig>, ServerName<'static>)>,
    limit: Duration,
}

/// A connection that stands.
pub(super) enum Dialed {
    Http1(Box<dyn Stream>),
    /// The target chose HTTP/2.
    Http2,
}

/// Certificate authorities of a target, beside those that this machine trusts.
#[derive(Debug, Clone, Default)]
pub struct Authorities(Vec<CertificateDer<'static>>);

/// Why a file gives no certificate authorities.
#[derive(Debug, thiserror::Error)]
pub enum AuthoritiesError {
    #[error("{0}")]
    Unreadable(rustls::pki_types::pem::Error),
    #[error("it holds no certificate in PEM form")]
    Empty,
}

impl Authorities {
    /// Reads a PEM file.
    pub fn read(file: &Path) -> Result<Self, AuthoritiesError> {
        let found: Result<Vec<_>, _> = CertificateDer::pem_file_iter(file).and_then(Iterator::collect);
        let found = found.map_err(AuthoritiesError::Unreadable)?;
        if found.is_empty() { Err(AuthoritiesError::Empty) } else { Ok(Authorities(found)) }
    }
}

impl Dialer {
    /// # Errors
    ///
    /// For an `https` target where no certificate authorities are known, and for a URL without a host.
    pub fn new(target: &Url, authorities: &Authorities, limit: Duration) -> Result<Self, ClientError> {
        let no_host = || ClientError::NoHost(target.to_string());
        let host = target.host().ok_or_else(no_host)?.to_owned();
        let port = target.port_or_known_default().ok_or_else(no_host)?;
        let tls = match target.scheme() {
            "https" => {
                let name = match &host {
                    Host::Domain(name) => ServerName::try_from(name.clone()).map_err(|_| no_host())?,
                    Host::Ipv4(address) => ServerName::from(std::net::IpAddr::from(*address)),
                    Host::Ipv6(address) => ServerName::from(std::net::IpAddr::from(*address)),
                };
                Some((Arc::new(tls(authorities)?), name))
            }
            _ => None,
        };
        Ok(Dialer { host, port, tls, limit })
    }

    /// How TLS is spoken with the target, if it is.
    pub fn tls(&self) -> Option<rustls::ClientConfig> {
        self.tls.as_ref().map(|(config, _)| rustls::ClientConfig::clone(config))
    }

    /// Makes a connection within the limit.
    pub async fn dial(&self) -> io::Result<Dialed> {
        let too_late =
            || io::Error::new(io::ErrorKind::TimedOut, format!("none within {} s", self.limit.as_secs_f64()));
        tokio::time::timeout(self.limit, self.connect()).await.unwrap_or_else(|_| Err(too_late()))
    }

    async fn connect(&self) -> io::Result<Dialed> {
        let tcp = match &self.host {
            Host::Domain(name) => TcpStream::connect((name.as_str(), self.port)).await?,
            Host::Ipv4(address) => TcpStream::connect((*address, self.port)).await?,
            Host::Ipv6(address) => TcpStream::connect((*address, self.port)).await?,
        };
        tcp.set_nodelay(true)?;
        let Some((config, name)) = &self.tls else { return Ok(Dialed::Http1(Box::new(tcp))) };
        let stream = TlsConnector::from(config.clone()).connect(name.clone(), tcp).await?;
        match stream.get_ref().1.alpn_protocol() {
            Some(protocol) if protocol == H2 => Ok(Dialed::Http2),
            _ => Ok(Dialed::Http1(Box::new(stream))),
        }
    }
}

/// Certificate authorities are read only where they are needed: it takes time, and a machine may have none.
fn tls(authorities: &Authorities) -> Result<rustls::ClientConfig, ClientError> {
    let mut roots = rustls::RootCertStore::empty();
    let found = rustls_native_certs::load_native_certs();
    roots.add_parsable_certificates(found.certs);
    roots.add_parsable_certificates(authorities.0.iter().cloned());
    if roots.is_empty() {
        let why = found.errors.first().map_or("none are installed".to_owned(), ToString::to_string);
        return Err(ClientError::NoRoots(why));
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        // The provider above is complete, which is all that can be wrong here.
        .expect("ring supports the default protocol versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![H2.to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}
