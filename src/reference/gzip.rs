//! The gzip format (RFC 1952) without any compression: whoever reads it cannot tell.

/// The most octets that a stored block of deflate can hold (RFC 1951, section 3.2.4).
const BLOCK: usize = 0xffff;

/// `octets` as one gzip member.
pub fn gzip(octets: &[u8]) -> Vec<u8> {
    // Deflate, no flags, no time, no hint on effort, unknown system.
    let mut member = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
    let mut rest = octets;
    loop {
        let (block, after) = rest.split_at(rest.len().min(BLOCK));
        let length = block.len() as u16;
        member.push(u8::from(after.is_empty()));
        member.extend(length.to_le_bytes());
        member.extend((!length).to_le_bytes());
        member.extend(block);
        rest = after;
        if rest.is_empty() {
            break;
        }
    }
    member.extend(crc32(octets).to_le_bytes());
    member.extend((octets.len() as u32).to_le_bytes());
    member
}

/// The checksum of RFC 1952, section 8.
fn crc32(octets: &[u8]) -> u32 {
    !octets.iter().fold(u32::MAX, |sum, octet| {
        (0..8).fold(sum ^ u32::from(*octet), |sum, _| (sum >> 1) ^ if sum & 1 == 1 { 0xedb8_8320 } else { 0 })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_that_of_the_standard() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
        assert_eq!(crc32(b""), 0);
    }

    #[test]
    fn a_member_holds_stored_blocks() {
        let member = gzip(b"ab");
        assert_eq!(member[10..17], [1, 2, 0, 0xfd, 0xff, b'a', b'b']);
        assert_eq!(member[21..], [2, 0, 0, 0]);
        let large = gzip(&vec![7; BLOCK + 1]);
        assert_eq!(large.len(), 10 + 5 + BLOCK + 5 + 1 + 8);
        assert_eq!((large[10], large[10 + 5 + BLOCK]), (0, 1));
        assert_eq!(gzip(b"").len(), 10 + 5 + 8);
    }
}
