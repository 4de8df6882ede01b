//! A second witness of event streams: what an ordinary client, `eventsource-client`, makes of the same octets. It judges
//! nothing; it is lenient where the standard is, and stricter in places where the standard is not.

use bytes::Bytes;
use eventsource_client::{Client, ClientBuilder, ReconnectOptions, SSE};
use futures_util::{StreamExt, stream};
use launchdarkly_sdk_transport::{HttpTransport, ResponseFuture};

/// What the client read, whatever it came to in the end.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Witness {
    /// The data of each event that it dispatched.
    pub events: Vec<String>,
    /// Why it stopped, where that was not the end of the stream.
    pub trouble: Option<String>,
}

/// Gives the recorded octets to whoever asks.
#[derive(Clone)]
struct Recorded(Bytes);

impl HttpTransport for Recorded {
    fn request(&self, _: http::Request<Option<Bytes>>) -> ResponseFuture {
        let body = self.0.clone();
        Box::pin(async move {
            let stream: launchdarkly_sdk_transport::ByteStream =
                Box::pin(stream::once(async move { Ok(body) }));
            Ok(http::Response::new(stream))
        })
    }
}

/// Lets the client read a body from its begin to its end.
pub(super) async fn read(body: Bytes) -> Witness {
    let mut witness = Witness::default();
    // The address is never asked: the transport has the answer already.
    let Ok(builder) = ClientBuilder::for_url("http://127.0.0.1/") else { return witness };
    let once = ReconnectOptions::reconnect(false).retry_initial(false).build();
    let client = builder.reconnect(once).redirect_limit(0).build_with_transport(Recorded(body));
    let mut stream = client.stream();
    while let Some(next) = stream.next().await {
        match next {
            Ok(SSE::Event(event)) => witness.events.push(event.data),
            Ok(SSE::Connected(_) | SSE::Comment(_)) => {}
            Err(eventsource_client::Error::Eof) => break,
            Err(error) => {
                witness.trouble = Some(error.to_string());
                break;
            }
        }
    }
    witness
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_client_reads_what_was_recorded() {
        let whole = read(Bytes::from_static(b": hi\n\ndata: 1\n\ndata: {\"a\":\ndata: 2}\n\n")).await;
        assert_eq!(whole, Witness { events: vec!["1".into(), "{\"a\":\n2}".into()], trouble: None });
        let cut = read(Bytes::from_static(b"data: 1\n\ndata: 2")).await;
        assert_eq!((cut.events, cut.trouble.is_some()), (vec!["1".to_owned()], true));
    }
}
