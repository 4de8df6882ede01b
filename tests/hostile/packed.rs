//! Content codings (RFC 9110, section 8.4.1), and bodies that become ever larger when they are decoded.

use async_compression::tokio::write::{BrotliEncoder, GzipEncoder, ZlibEncoder, ZstdEncoder};
use futures_util::FutureExt;
use tokio::io::{AsyncWrite, AsyncWriteExt};

/// What a bomb consists of, decoded: as many MiB of spaces as no client may keep.
const MEBIBYTES: usize = 1024;

#[derive(Debug, Clone, Copy)]
pub enum Coding {
    Gzip,
    Deflate,
    Br,
    Zstd,
}

impl Coding {
    /// Octets in this coding.
    pub fn pack(self, octets: &[u8]) -> Vec<u8> {
        let mut packed = Vec::new();
        match self {
            Coding::Gzip => fill(GzipEncoder::new(&mut packed), octets),
            Coding::Deflate => fill(ZlibEncoder::new(&mut packed), octets),
            Coding::Br => fill(BrotliEncoder::new(&mut packed), octets),
            Coding::Zstd => fill(ZstdEncoder::new(&mut packed), octets),
        }
        packed
    }

    /// A small body that decodes to [`MEBIBYTES`], and then breaks off.
    pub fn bomb(self) -> Vec<u8> {
        match self {
            Coding::Gzip => bomb(GzipEncoder::new(Vec::new()), GzipEncoder::get_ref),
            Coding::Deflate => bomb(ZlibEncoder::new(Vec::new()), ZlibEncoder::get_ref),
            Coding::Br => bomb(BrotliEncoder::new(Vec::new()), BrotliEncoder::get_ref),
            Coding::Zstd => bomb(ZstdEncoder::new(Vec::new()), ZstdEncoder::get_ref),
        }
    }
}

fn fill(mut encoder: impl AsyncWrite + Unpin, octets: &[u8]) {
    ready(encoder.write_all(octets));
    ready(encoder.shutdown());
}

/// A coder that is flushed after every MiB of the same content begins to repeat itself: what it repeats is written often.
fn bomb<E: AsyncWrite + Unpin>(mut encoder: E, written: fn(&E) -> &Vec<u8>) -> Vec<u8> {
    let spaces = vec![b' '; 1 << 20];
    let mut ends = Vec::new();
    for _ in 0..4 {
        ready(encoder.write_all(&spaces));
        ready(encoder.flush());
        ends.push(written(&encoder).len());
    }
    let octets = written(&encoder);
    let (first, again) = (&octets[..ends[1]], &octets[ends[1]..ends[2]]);
    assert_eq!(again, &octets[ends[2]..ends[3]], "the coder does not repeat itself");
    [first, &again.repeat(MEBIBYTES)].concat()
}

/// A vector takes whatever is written at once.
fn ready(writing: impl Future<Output = std::io::Result<()>>) {
    writing.now_or_never().unwrap().unwrap();
}
