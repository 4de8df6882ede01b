use http::Method;

use super::schema_ref::SchemaRef;

/// One operation of an OpenAPI document.
#[derive(Debug, Clone)]
pub struct Operation {
    /// The `operationId`.
    pub id: String,
    pub method: Method,
    /// The path template, as the document writes it: `/v1/runs/{run_id}:cancel`.
    pub path: String,
    pub parameters: Vec<Parameter>,
    pub request: Option<RequestBody>,
    /// The declared answers, in the document's order.
    pub responses: Vec<Response>,
    /// Whether the document's security requirement applies: false only where the operation lifts it.
    pub secured: bool,
}

/// A parameter in a path or query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    pub name: String,
    pub place: ParameterPlace,
    pub required: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParameterPlace {
    Path,
    Query,
    Header,
}

/// What an operation takes as its body.
#[derive(Debug, Clone)]
pub struct RequestBody {
    pub required: bool,
    pub media: Vec<MediaType>,
}

/// One declared answer.
#[derive(Debug, Clone)]
pub struct Response {
    pub status: StatusKey,
    pub media: Vec<MediaType>,
    /// Names of the headers that the answer is declared to carry.
    pub headers: Vec<String>,
}

/// A media type and the schema of what is sent with it.
#[derive(Debug, Clone)]
pub struct MediaType {
    /// The essence in lower case, without parameters: `application/json`.
    pub name: String,
    pub schema: Option<SchemaRef>,
}

/// The key of an answer in an OpenAPI document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatusKey {
    Exactly(u16),
    /// `2XX` and the like: the first digit.
    Class(u16),
    Default,
}

impl Operation {
    /// `GET /v1/runs/{run_id}`, the name that reports give the operation.
    pub fn label(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// The declared answer for `status`: the exact code before its class before `default` (OpenAPI 3.0.3, Responses Object).
    pub fn response(&self, status: u16) -> Option<&Response> {
        let find = |key: StatusKey| self.responses.iter().find(|response| response.status == key);
        find(StatusKey::Exactly(status))
            .or_else(|| find(StatusKey::Class(status / 100)))
            .or_else(|| find(StatusKey::Default))
    }

    /// The declared success answers: those of an exact or class key in 2xx. `default` stands for errors.
    pub fn successes(&self) -> impl Iterator<Item = &Response> {
        self.responses.iter().filter(|response| match response.status {
            StatusKey::Exactly(code) => (200..300).contains(&code),
            StatusKey::Class(class) => class == 2,
            StatusKey::Default => false,
        })
    }

    /// The path with its parameters filled in, each percent-encoded as one segment (RFC 3986, section 3.3).
    ///
    /// `value` gives the raw text of a parameter; the name of the first one it does not know is the error.
    pub fn fill(&self, mut value: impl FnMut(&str) -> Option<String>) -> Result<String, String> {
        let mut filled = String::with_capacity(self.path.len());
        let mut rest = self.path.as_str();
        while let Some((before, after)) = rest.split_once('{') {
            let Some((name, after)) = after.split_once('}') else { break };
            filled.push_str(before);
            let raw = value(name).ok_or_else(|| name.to_owned())?;
            filled.push_str(&encode_segment(&raw));
            rest = after;
        }
        filled.push_str(rest);
        Ok(filled)
    }
}

/// Percent-encodes one path segment: all but the unreserved characters, so that a target's own text never becomes
/// a separator, a query or a dot segment.
fn encode_segment(raw: &str) -> String {
    use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
    const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
    if raw.chars().all(|c| c == '.') {
        // "." and ".." would be taken as dot segments even when the rest of the encoding is right.
        return raw.replace('.', "%2E");
    }
    utf8_percent_encode(raw, SEGMENT).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn operation(path: &str) -> Operation {
        Operation {
            id: "get_run".into(),
            method: Method::GET,
            path: path.into(),
            parameters: vec![],
            request: None,
            responses: [StatusKey::Exactly(200), StatusKey::Exactly(401), StatusKey::Default]
                .into_iter()
                .map(|status| Response { status, media: vec![], headers: vec![] })
                .collect(),
            secured: true,
        }
    }

    #[test]
    fn a_parameter_is_one_encoded_segment() {
        let cancel = operation("/v1/runs/{run_id}:cancel");
        let fill = |id: &str| cancel.fill(|_| Some(id.to_owned())).unwrap();
        assert_eq!(fill("run-1_a.b~c"), "/v1/runs/run-1_a.b~c:cancel");
        assert_eq!(fill("a/b?c#d e%41"), "/v1/runs/a%2Fb%3Fc%23d%20e%2541:cancel");
        assert_eq!(fill("ü"), "/v1/runs/%C3%BC:cancel");
        assert_eq!(fill(".."), "/v1/runs/%2E%2E:cancel");
        assert_eq!(cancel.fill(|_| None), Err("run_id".to_owned()));
    }

    #[test]
    fn an_exact_status_comes_before_the_default() {
        let get = operation("/v1/runs/{run_id}");
        assert_eq!(get.response(401).unwrap().status, StatusKey::Exactly(401));
        assert_eq!(get.response(404).unwrap().status, StatusKey::Default);
        assert_eq!(get.successes().count(), 1);
    }
}
