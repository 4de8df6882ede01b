//! Content codings (RFC 9110, section 8.4.1). The harness asks for none; a target that uses one all the same is read
//! through it, and what comes out is limited like a body that is not compressed.

use std::io::{self, Write};

use brotli_decompressor::DecompressorWriter;
use flate2::write::{MultiGzDecoder, ZlibDecoder};

/// Codings on top of one another.
const MOST: usize = 3;

/// The base-2 logarithm of the largest window that a zstd frame may ask for: 8 MiB, as RFC 9659 has it.
const ZSTD_WINDOW: u32 = 23;

/// Octets of the buffer between a brotli stream and what came out of it.
const BROTLI_BUFFER: usize = 4096;

/// Why a coded body cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CodingError {
    #[error("the content coding {0:?} is none that clients know (RFC 9110, section 8.4.1)")]
    Unknown(String),
    #[error("the body is not what its content coding {coding} says: {why}")]
    Broken { coding: &'static str, why: String },
    /// More came out than the harness reads.
    #[error("more came out of the content coding than is read")]
    Limit,
}

/// Undoes the codings of one body.
pub struct Decoder {
    /// In the order in which they are undone.
    layers: Vec<Layer>,
}

struct Layer {
    coding: &'static str,
    undo: Undo,
    /// Something came in; a body without content has no coding to be wrong.
    begun: bool,
}

enum Undo {
    Gzip(MultiGzDecoder<Sink>),
    Deflate(ZlibDecoder<Sink>),
    Brotli(Box<DecompressorWriter<Sink>>),
    Zstd(zstd::stream::write::Decoder<'static, Sink>),
}

/// Takes what comes out of a coding, up to a limit.
#[derive(Default)]
struct Sink {
    out: Vec<u8>,
    /// Octets that may still come out.
    left: usize,
    over: bool,
}

impl Write for Sink {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        if octets.len() > self.left {
            self.over = true;
            return Err(io::Error::other("more came out than is read"));
        }
        self.left -= octets.len();
        self.out.extend_from_slice(octets);
        Ok(octets.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Decoder {
    /// A decoder for a body with these `codings`, as Content-Encoding lists them, that lets `limit` octets out; none
    /// where there is nothing to undo.
    ///
    /// # Errors
    ///
    /// For a coding that is not registered, or more of them than anybody needs.
    pub fn new(codings: &[String], limit: usize) -> Result<Option<Self>, CodingError> {
        let codings: Vec<String> = codings.iter().map(|coding| coding.to_ascii_lowercase()).collect();
        let wanted: Vec<&str> =
            codings.iter().map(String::as_str).filter(|coding| *coding != "identity").collect();
        if wanted.len() > MOST {
            return Err(CodingError::Unknown(wanted.join(", ")));
        }
        let layers: Result<Vec<Layer>, CodingError> =
            wanted.iter().rev().map(|coding| Layer::new(coding, limit)).collect();
        Ok(Some(layers?).filter(|layers| !layers.is_empty()).map(|layers| Decoder { layers }))
    }

    /// Takes the next octets and returns what they come to.
    pub fn push(&mut self, octets: &[u8]) -> Result<Vec<u8>, CodingError> {
        let mut octets = octets.to_vec();
        for layer in &mut self.layers {
            octets = layer.push(&octets)?;
        }
        Ok(octets)
    }

    /// The body has ended: returns what was still held back.
    ///
    /// # Errors
    ///
    /// Where a coding is not at its end.
    pub fn finish(self) -> Result<Vec<u8>, CodingError> {
        let mut octets = Vec::new();
        for mut layer in self.layers {
            octets = layer.push(&octets)?;
            octets.extend(layer.finish()?);
        }
        Ok(octets)
    }
}

impl Layer {
    fn new(coding: &str, limit: usize) -> Result<Self, CodingError> {
        let sink = Sink { left: limit, ..Sink::default() };
        let (coding, undo) = match coding {
            "gzip" | "x-gzip" => ("gzip", Undo::Gzip(MultiGzDecoder::new(sink))),
            "deflate" => ("deflate", Undo::Deflate(ZlibDecoder::new(sink))),
            "br" => ("br", Undo::Brotli(Box::new(DecompressorWriter::new(sink, BROTLI_BUFFER)))),
            "zstd" => {
                let broken =
                    |error: io::Error| CodingError::Broken { coding: "zstd", why: error.to_string() };
                let mut decoder = zstd::stream::write::Decoder::new(sink).map_err(broken)?;
                decoder.window_log_max(ZSTD_WINDOW).map_err(broken)?;
                ("zstd", Undo::Zstd(decoder))
            }
            other => return Err(CodingError::Unknown(other.to_owned())),
        };
        Ok(Layer { coding, undo, begun: false })
    }

    fn push(&mut self, octets: &[u8]) -> Result<Vec<u8>, CodingError> {
        if octets.is_empty() {
            return Ok(Vec::new());
        }
        self.begun = true;
        let written = match &mut self.undo {
            Undo::Gzip(decoder) => decoder.write_all(octets).and_then(|()| decoder.flush()),
            Undo::Deflate(decoder) => decoder.write_all(octets).and_then(|()| decoder.flush()),
            Undo::Brotli(decoder) => decoder.write_all(octets).and_then(|()| decoder.flush()),
            Undo::Zstd(decoder) => decoder.write_all(octets).and_then(|()| decoder.flush()),
        };
        self.outcome(written)
    }

    fn finish(&mut self) -> Result<Vec<u8>, CodingError> {
        if !self.begun {
            return Ok(Vec::new());
        }
        let finished = match &mut self.undo {
            Undo::Gzip(decoder) => decoder.try_finish(),
            Undo::Deflate(decoder) => decoder.try_finish(),
            Undo::Brotli(decoder) => decoder.close(),
            Undo::Zstd(decoder) => decoder.do_finish(),
        };
        self.outcome(finished)
    }

    fn outcome(&mut self, result: io::Result<()>) -> Result<Vec<u8>, CodingError> {
        let coding = self.coding;
        let sink = match &mut self.undo {
            Undo::Gzip(decoder) => decoder.get_mut(),
            Undo::Deflate(decoder) => decoder.get_mut(),
            Undo::Brotli(decoder) => decoder.get_mut(),
            Undo::Zstd(decoder) => decoder.get_mut(),
        };
        match result {
            _ if sink.over => Err(CodingError::Limit),
            Err(error) => Err(CodingError::Broken { coding, why: error.to_string() }),
            Ok(()) => Ok(std::mem::take(&mut sink.out)),
        }
    }
}

#[cfg(test)]
mod tests {
    use flate2::Compression;
    use flate2::write::{GzEncoder, ZlibEncoder};

    use super::*;

    const TEXT: &[u8] = b"{\"status\": \"ok\", \"status_\": \"ok\", \"status__\": \"ok\"}";

    fn coded(coding: &str, text: &[u8]) -> Vec<u8> {
        match coding {
            "gzip" => {
                let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
                encoder.write_all(text).unwrap();
                encoder.finish().unwrap()
            }
            "deflate" => {
                let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
                encoder.write_all(text).unwrap();
                encoder.finish().unwrap()
            }
            "zstd" => zstd::encode_all(text, 19).unwrap(),
            // One uncompressed metablock and an empty last one (RFC 7932, section 9.2): a window of 16 bits, MNIBBLES 4.
            "br" => {
                let length = text.len() - 1;
                let head = (length << 4) | (1 << 20);
                let head: [u8; 3] = [head as u8, (head >> 8) as u8, (head >> 16) as u8];
                [&head[..], text, &[3]].concat()
            }
            other => panic!("{other}"),
        }
    }

    fn decode(codings: &[&str], octets: &[u8], size: usize, limit: usize) -> Result<Vec<u8>, CodingError> {
        let codings: Vec<String> = codings.iter().map(|coding| (*coding).to_owned()).collect();
        let mut decoder = Decoder::new(&codings, limit)?.expect("there is something to undo");
        let mut text = Vec::new();
        for chunk in octets.chunks(size) {
            text.extend(decoder.push(chunk)?);
        }
        text.extend(decoder.finish()?);
        Ok(text)
    }

    #[test]
    fn every_registered_coding_is_undone_however_it_is_cut() {
        for coding in ["gzip", "deflate", "br", "zstd"] {
            let octets = coded(coding, TEXT);
            for size in [1, 7, octets.len()] {
                assert_eq!(decode(&[coding], &octets, size, 1000).as_deref(), Ok(TEXT), "{coding} in {size}");
            }
            assert_eq!(decode(&[coding], &octets, 9, TEXT.len() - 1), Err(CodingError::Limit), "{coding}");
        }
        let twice = coded("zstd", &coded("gzip", TEXT));
        assert_eq!(decode(&["gzip", "identity", "ZSTD"], &twice, 5, 1000).as_deref(), Ok(TEXT));
    }

    #[test]
    fn a_body_that_is_something_else_or_cut_off_is_broken() {
        for coding in ["gzip", "deflate", "br", "zstd"] {
            let octets = coded(coding, TEXT);
            let cut = decode(&[coding], &octets[..octets.len() - 4], 5, 1000);
            assert!(matches!(cut, Err(CodingError::Broken { .. })), "{coding}: {cut:?}");
            let other = decode(&[coding], b"\x7b\"status\": \"ok\", \"time\": 1}", 5, 1000);
            assert!(matches!(other, Err(CodingError::Broken { .. })), "{coding}: {other:?}");
        }
    }

    #[test]
    fn nothing_to_undo_and_nothing_that_is_known() {
        assert!(Decoder::new(&["Identity".into()], 1).unwrap().is_none());
        assert!(matches!(Decoder::new(&["rot13".into()], 1), Err(CodingError::Unknown(_))));
        let many = vec!["gzip".to_owned(); 4];
        assert!(matches!(Decoder::new(&many, 1), Err(CodingError::Unknown(_))));
        assert_eq!(Decoder::new(&many[..1], 1).unwrap().unwrap().finish(), Ok(vec![]));
    }

    #[test]
    fn a_bomb_lets_out_no_more_than_the_limit() {
        let zeros = vec![0u8; 32 << 20];
        for coding in ["gzip", "deflate", "zstd"] {
            let bomb = coded(coding, &zeros);
            assert_eq!(decode(&[coding], &bomb, 16 << 10, 1 << 20), Err(CodingError::Limit), "{coding}");
        }
    }
}
