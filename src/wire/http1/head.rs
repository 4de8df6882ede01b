//! The head of an answer: the status line and the header fields (RFC 9112, sections 2 to 5).

use super::deviations::Deviations;

/// The head of an answer, as far as it can be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    pub status: u16,
    /// The answer is HTTP/1.1, not HTTP/1.0.
    pub persistent: bool,
    /// In the order of the answer, names in lower case, values without the spaces around them.
    pub fields: Vec<(String, Vec<u8>)>,
    /// What the standard forbids and can be read past.
    pub deviations: Deviations,
}

/// Why octets are no head of an answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HeadError {
    #[error("it begins with {0}, which is no HTTP status line")]
    NoStatusLine(String),
    #[error("its status line {0} names a version that is not spoken on this connection")]
    OtherVersion(String),
}

/// What every answer begins with.
const BEGIN: &[u8] = b"HTTP/";

/// Where the head ends: after its first empty line. `line` is where the first line not yet looked at begins, and is moved on.
///
/// # Errors
///
/// As soon as the octets cannot be the begin of an answer.
pub fn end(octets: &[u8], line: &mut usize) -> Result<Option<usize>, HeadError> {
    let begin = &octets[..octets.len().min(BEGIN.len())];
    if !BEGIN.starts_with(begin) {
        return Err(HeadError::NoStatusLine(shown(
            octets.split(|octet| *octet == b'\n').next().unwrap_or(octets),
        )));
    }
    while let Some(length) = octets[*line..].iter().position(|octet| *octet == b'\n') {
        let empty = matches!(&octets[*line..*line + length], b"" | b"\r");
        *line += length + 1;
        if empty {
            return Ok(Some(*line));
        }
    }
    Ok(None)
}

/// Reads a whole head, its empty line included.
pub fn parse(octets: &[u8]) -> Result<Head, HeadError> {
    let mut deviations = Deviations::default();
    let mut lines = octets.split(|octet| *octet == b'\n').map(|line| match line.strip_suffix(b"\r") {
        Some(line) => (line, true),
        None => (line, false),
    });
    let mut next_line = || lines.next().unwrap_or((b"", true));
    let (status_line, mut crlf) = next_line();
    let (status, persistent) = status(status_line, &mut deviations)?;
    let mut fields: Vec<(String, Vec<u8>)> = Vec::new();
    loop {
        let (line, has_cr) = next_line();
        crlf &= has_cr;
        if line.is_empty() {
            break;
        }
        field(line, &mut fields, &mut deviations);
    }
    if !crlf {
        deviations.note("a line of the head ends with a line feed alone (RFC 9112, section 2.2)");
    }
    Ok(Head { status, persistent, fields, deviations })
}

impl Head {
    /// The values of all fields of this name, split at commas (RFC 9110, section 5.6.1).
    pub fn list(&self, name: &str) -> Vec<String> {
        let values = self.fields.iter().filter(|(found, _)| found == name).map(|(_, value)| value);
        let texts = values.map(|value| String::from_utf8_lossy(value).into_owned());
        let members = texts.flat_map(|text| {
            text.split(',').map(|member| member.trim_matches([' ', '\t']).to_owned()).collect::<Vec<_>>()
        });
        members.filter(|member| !member.is_empty()).collect()
    }
}

fn status(line: &[u8], deviations: &mut Deviations) -> Result<(u16, bool), HeadError> {
    let wrong = || HeadError::NoStatusLine(shown(line));
    let (version, rest) = line.split_at_checked(9).ok_or_else(wrong)?;
    let persistent = match version {
        b"HTTP/1.1 " => true,
        b"HTTP/1.0 " => false,
        _ if version.starts_with(BEGIN) && version.ends_with(b" ") => {
            return Err(HeadError::OtherVersion(shown(line)));
        }
        _ => return Err(wrong()),
    };
    let (digits, reason) = rest.split_at_checked(3).ok_or_else(wrong)?;
    let status =
        std::str::from_utf8(digits).ok().filter(|digits| digits.bytes().all(|octet| octet.is_ascii_digit()));
    let status: u16 =
        status.and_then(|digits| digits.parse().ok()).filter(|status| *status >= 100).ok_or_else(wrong)?;
    match reason.split_first() {
        None => deviations.note(format!("no space after the status {status} (RFC 9112, section 4)")),
        Some((b' ', reason)) if reason.iter().any(|octet| is_forbidden(*octet)) => {
            deviations.note("a control character in the reason phrase (RFC 9112, section 4)");
        }
        Some((b' ', _)) => {}
        Some(_) => return Err(wrong()),
    }
    Ok((status, persistent))
}

pub(super) fn field(line: &[u8], fields: &mut Vec<(String, Vec<u8>)>, deviations: &mut Deviations) {
    if line.starts_with(b" ") || line.starts_with(b"\t") {
        deviations.note("a header field goes on in a line of its own (RFC 9112, section 5.2)");
        if let Some((_, value)) = fields.last_mut() {
            value.push(b' ');
            value.extend_from_slice(line.trim_ascii());
        }
        return;
    }
    let Some(colon) = line.iter().position(|octet| *octet == b':') else {
        deviations.note(format!("the header line {} has no colon (RFC 9112, section 5)", shown(line)));
        return;
    };
    let (name, value) = (&line[..colon], &line[colon + 1..]);
    let trimmed = name.trim_ascii_end();
    if trimmed.len() < name.len() {
        deviations.note(format!("a space before the colon of {} (RFC 9112, section 5.1)", shown(trimmed)));
    }
    if trimmed.is_empty() || !trimmed.iter().all(|octet| is_token(*octet)) {
        deviations.note(format!("{} is no name of a header field (RFC 9110, section 5.1)", shown(trimmed)));
        return;
    }
    let name = String::from_utf8_lossy(trimmed).to_ascii_lowercase();
    let value = trimmed_value(value);
    if value.iter().any(|octet| is_forbidden(*octet)) {
        deviations.note(format!("a control character in the value of {name} (RFC 9110, section 5.5)"));
    }
    fields.push((name, value.to_vec()));
}

/// The value without the spaces and tabs around it (RFC 9110, section 5.5), and nothing else.
fn trimmed_value(value: &[u8]) -> &[u8] {
    let is_blank = |octet: &u8| matches!(octet, b' ' | b'\t');
    let from = value.iter().position(|octet| !is_blank(octet)).unwrap_or(value.len());
    let to = value.iter().rposition(|octet| !is_blank(octet)).map_or(from, |at| at + 1);
    &value[from..to]
}

/// Control characters other than the tab.
fn is_forbidden(octet: u8) -> bool {
    octet.is_ascii_control() && octet != b'\t'
}

/// RFC 9110, section 5.6.2.
fn is_token(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&octet)
}

fn shown(octets: &[u8]) -> String {
    // Not cut: a part of a secret would not be known for one.
    format!("{:?}", String::from_utf8_lossy(octets).trim_end_matches('\r'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Head, HeadError> {
        parse(text.as_bytes())
    }

    #[test]
    fn a_right_head_has_no_deviations() {
        let head =
            read("HTTP/1.1 200 OK\r\nContent-Type:  application/json \r\nX-A:\r\nx-a: b\tc, dä\r\n\r\n")
                .unwrap();
        assert_eq!((head.status, head.persistent, &head.deviations), (200, true, &Deviations::default()));
        assert_eq!(head.fields[0], ("content-type".into(), b"application/json".to_vec()));
        assert_eq!(head.list("x-a"), ["b\tc", "dä"]);
        let old = read("HTTP/1.0 404 \r\n\r\n").unwrap();
        assert_eq!(
            (old.status, old.persistent, old.fields.len(), old.deviations),
            (404, false, 0, Deviations::default())
        );
    }

    #[test]
    fn what_can_be_read_past_is_a_deviation() {
        for (text, said) in [
            ("HTTP/1.1 200 OK\nA: b\n\n", "a line feed alone"),
            ("HTTP/1.1 200 OK\r\nA: b\n\r\n", "a line feed alone"),
            ("HTTP/1.1 200\r\nA: b\r\n\r\n", "no space after the status 200"),
            ("HTTP/1.1 200 O\x07K\r\nA: b\r\n\r\n", "in the reason phrase"),
            ("HTTP/1.1 200 OK\r\nA : b\r\n\r\n", "a space before the colon of \"A\""),
            ("HTTP/1.1 200 OK\r\nA: \r\n b\r\n\r\n", "goes on in a line of its own"),
            ("HTTP/1.1 200 OK\r\nA: b\r\nnonsense\r\n\r\n", "the header line \"nonsense\" has no colon"),
            ("HTTP/1.1 200 OK\r\nA: b\r\n: x\r\n\r\n", "\"\" is no name"),
            ("HTTP/1.1 200 OK\r\nA: b\r\nB(x): x\r\n\r\n", "\"B(x)\" is no name"),
            ("HTTP/1.1 200 OK\r\nA: b\r\nX: a\0b\r\n\r\n", "a control character in the value of x"),
            ("HTTP/1.1 200 OK\r\nA: b\r\nX: a\rb\r\n\r\n", "a control character in the value of x"),
            ("HTTP/1.1 200 OK\r\nA: b\r\nX: a\r\r\n\r\n", "a control character in the value of x"),
        ] {
            let head = read(text).unwrap();
            let deviations = head.deviations.into_vec();
            assert_eq!(deviations.len(), 1, "{text:?}: {deviations:?}");
            assert!(deviations[0].contains(said), "{text:?}: {deviations:?}");
            let first = head.fields.first().map(|(name, value)| (name.as_str(), value.trim_ascii()));
            assert_eq!(first, Some(("a", &b"b"[..])), "{text:?}");
        }
    }

    #[test]
    fn what_is_no_head_is_refused_with_its_begin() {
        for text in [
            "SMTP ready\r\n\r\n",
            "HTTP/1.1 2OO OK\r\n\r\n",
            "HTTP/1.1 20\r\n\r\n",
            "HTTP/1.1 2000\r\n\r\n",
            "HTTP/1.1  200\r\n\r\n",
            "HTTP/1.1 099 X\r\n\r\n",
        ] {
            let error = read(text).unwrap_err();
            assert!(matches!(error, HeadError::NoStatusLine(_)), "{text:?}: {error}");
        }
        let error = read("HTTP/2.0 200 OK\r\n\r\n").unwrap_err();
        assert_eq!(
            error.to_string(),
            "its status line \"HTTP/2.0 200 OK\" names a version that is not spoken on this connection"
        );
    }

    #[test]
    fn the_end_is_found_however_the_octets_come() {
        let text = b"HTTP/1.1 200 OK\r\nA: b\r\n\r\n{}";
        for size in 1..text.len() {
            let mut line = 0;
            let ends: Vec<_> = (1..=text.len())
                .step_by(size)
                .filter_map(|to| end(&text[..to], &mut line).unwrap())
                .collect();
            assert!(ends.first().is_none_or(|end| *end == text.len() - 2), "{size}: {ends:?}");
        }
        assert_eq!(end(b"HTTP/1.1 200 OK\n\nx", &mut 0), Ok(Some(17)));
        assert!(matches!(end(b"{\"a\": 1}", &mut 0), Err(HeadError::NoStatusLine(_))));
        assert_eq!(end(b"HTT", &mut 0), Ok(None));
    }
}
