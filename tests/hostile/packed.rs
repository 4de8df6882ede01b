//! Content codings (RFC 9110, section 8.4.1), and bodies that become ever larger when they are decoded.

use async_compression::Level;
use async_compression::tokio::bufread::{BrotliDecoder, GzipDecoder, ZlibDecoder, ZstdDecoder};
use async_compression::tokio::write::{BrotliEncoder, GzipEncoder, ZlibEncoder, ZstdEncoder};
use futures_util::FutureExt;
use libtest_mimic::Failed;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// What a bomb consists of, decoded: so many times so many spaces, a GiB together.
const PART: usize = 256 << 10;
const PARTS: usize = 4096;

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

    /// A small body that decodes to [`PARTS`] times [`PART`] spaces, and then breaks off.
    pub fn bomb(self) -> Vec<u8> {
        match self {
            Coding::Gzip => bomb(GzipEncoder::with_quality(Vec::new(), Level::Fastest), GzipEncoder::get_ref),
            Coding::Deflate => {
                bomb(ZlibEncoder::with_quality(Vec::new(), Level::Fastest), ZlibEncoder::get_ref)
            }
            Coding::Br => {
                bomb(BrotliEncoder::with_quality(Vec::new(), Level::Fastest), BrotliEncoder::get_ref)
            }
            Coding::Zstd => bomb(ZstdEncoder::with_quality(Vec::new(), Level::Fastest), ZstdEncoder::get_ref),
        }
    }
}

fn fill(mut encoder: impl AsyncWrite + Unpin, octets: &[u8]) {
    ready(encoder.write_all(octets));
    ready(encoder.shutdown());
}

/// A coder that is flushed after every part of the same content begins to repeat itself: what it repeats is written often.
fn bomb<E: AsyncWrite + Unpin>(mut encoder: E, written: fn(&E) -> &Vec<u8>) -> Vec<u8> {
    let spaces = vec![b' '; PART];
    let mut ends = Vec::new();
    for _ in 0..4 {
        ready(encoder.write_all(&spaces));
        ready(encoder.flush());
        ends.push(written(&encoder).len());
    }
    let octets = written(&encoder);
    let (first, again) = (&octets[..ends[1]], &octets[ends[1]..ends[2]]);
    assert_eq!(again, &octets[ends[2]..ends[3]], "the coder does not repeat itself");
    [first, &again.repeat(PARTS)].concat()
}

/// Bombs are small, and decode to more than anybody reads.
pub fn bombs_explode() -> Result<(), Failed> {
    for coding in [Coding::Gzip, Coding::Deflate, Coding::Br, Coding::Zstd] {
        let bomb = coding.bomb();
        let mut decoder: Box<dyn AsyncRead + Unpin> = match coding {
            Coding::Gzip => Box::new(GzipDecoder::new(&bomb[..])),
            Coding::Deflate => Box::new(ZlibDecoder::new(&bomb[..])),
            Coding::Br => Box::new(BrotliDecoder::new(&bomb[..])),
            Coding::Zstd => Box::new(ZstdDecoder::new(&bomb[..])),
        };
        let mut decoded = vec![0; 9 << 20];
        ready(async { decoder.read_exact(&mut decoded).await.map(drop) });
        if bomb.len() > 8 << 20 || decoded.iter().any(|octet| *octet != b' ') {
            return Err(format!("{coding:?}: {} octets", bomb.len()).into());
        }
    }
    Ok(())
}

/// A vector takes whatever is written at once.
fn ready(writing: impl Future<Output = std::io::Result<()>>) {
    writing.now_or_never().unwrap().unwrap();
}
