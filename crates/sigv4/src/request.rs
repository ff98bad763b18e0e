use http::HeaderMap;
use std::borrow::Cow;

/// The parts of an HTTP request that a signature covers, as they came over the wire.
///
/// INVARIANT: no `Debug`, since the body may hold a secret in the clear.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// The method, such as `POST`.
    pub method: &'a str,
    /// The path as sent, with its percent-encoding.
    ///
    /// A signature covers its normal form: `/a/./b` and `/a/b` share one.
    pub path: &'a str,
    /// The query as sent, without the question mark.
    pub query: &'a str,
    /// The headers. Under HTTP/2 the caller writes `:authority` as `host`.
    pub headers: &'a HeaderMap,
    /// The whole body.
    pub body: &'a [u8],
}

impl<'a> Request<'a> {
    /// The value of a header as text; several values are joined by commas.
    pub(crate) fn header(&self, name: &str) -> Option<Cow<'a, str>> {
        let mut values = self.headers.get_all(name).iter();
        let first = String::from_utf8_lossy(values.next()?.as_bytes());
        Some(values.fold(first, |mut joined, value| {
            let text = joined.to_mut();
            text.push(',');
            text.push_str(&String::from_utf8_lossy(value.as_bytes()));
            joined
        }))
    }
}
