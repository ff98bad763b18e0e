//! A request that differs from the signed one by a single byte never verifies.

use crate::kit::{Owned, key, now};
use http::header::{HeaderName, HeaderValue};
use proptest::prelude::*;
use proptest::sample::Index;
use strongroom_sigv4::{Error, Presented};

proptest! {
    #[test]
    fn a_request_verifies_as_it_was_signed(request in requests()) {
        prop_assert_eq!(verified(&request.clone().signed()), Ok(()));
        prop_assert_eq!(verified(&request.presigned_for(60)), Ok(()));
    }

    #[test]
    fn another_method_does_not_verify(
        request in signed_requests(),
        at in any::<Index>(),
        to in "[A-Z]",
    ) {
        let mut changed = request.clone();
        prop_assume!(replace(&mut changed.method, at, &to));

        prop_assert!(verified(&changed).is_err());
    }

    #[test]
    fn another_path_does_not_verify(
        request in signed_requests(),
        at in any::<Index>(),
        to in "[!-~]",
    ) {
        let mut changed = request.clone();
        prop_assume!(replace(&mut changed.path, at, &to));

        prop_assert!(verified(&changed).is_err(), "{}", changed.path);
    }

    #[test]
    fn a_query_of_another_meaning_does_not_verify(
        request in signed_requests(),
        at in any::<Index>(),
        to in "[!-~]",
    ) {
        let mut changed = request.clone();
        prop_assume!(replace(&mut changed.query, at, &to));
        prop_assume!(meaning(&changed.query) != meaning(&request.query));

        prop_assert!(verified(&changed).is_err(), "{}", changed.query);
    }

    #[test]
    fn another_signed_header_does_not_verify(
        request in signed_requests(),
        which in any::<Index>(),
        at in any::<Index>(),
        to in "[!-~]",
    ) {
        let name = signed_names(&request)[which.index(signed_names(&request).len())].clone();
        let mut value = request.headers[&name].to_str().unwrap().to_owned();
        prop_assume!(replace(&mut value, at, &to));
        let mut changed = request.clone();
        changed.headers.insert(name, HeaderValue::from_str(&value).unwrap());

        prop_assert!(verified(&changed).is_err(), "{value}");
    }

    #[test]
    fn a_signed_header_that_is_gone_does_not_verify(
        request in signed_requests(),
        which in any::<Index>(),
    ) {
        let names = signed_names(&request);
        let mut changed = request.clone();
        changed.headers.remove(&names[which.index(names.len())]);

        prop_assert!(verified(&changed).is_err());
    }

    #[test]
    fn another_body_does_not_verify(
        request in signed_requests(),
        at in any::<Index>(),
        flip in 1_u8..,
    ) {
        prop_assume!(!request.body.is_empty());
        let mut changed = request.clone();
        let at = at.index(changed.body.len());
        changed.body[at] ^= flip;

        prop_assert_eq!(verified(&changed), Err(Error::Mismatch));
    }

    #[test]
    fn a_longer_or_shorter_body_does_not_verify(request in signed_requests(), more in any::<u8>()) {
        let mut longer = request.clone();
        longer.body.push(more);
        let mut shorter = request.clone();
        let had_body = shorter.body.pop().is_some();

        prop_assert_eq!(verified(&longer), Err(Error::Mismatch));
        prop_assert_eq!(verified(&shorter).is_err(), had_body);
    }

    #[test]
    fn another_signature_text_does_not_verify(
        request in requests(),
        at in any::<Index>(),
        to in "[!-~]",
    ) {
        let mut header = request.clone().signed();
        let mut authorization = header.header("authorization").to_owned();
        let signed = authorization.rfind("Signature=").unwrap() + "Signature=".len();
        let signature = authorization.split_off(signed);
        let mut changed = signature.clone();
        prop_assume!(replace(&mut changed, at, &to));
        // What begins a new part of the header leaves a shorter signature, still another one.
        header = header.with("authorization", &(authorization + &changed));
        let mut query = request.presigned_for(60);
        let start = query.query.len() - 64;
        let mut signature = query.query.split_off(start);
        prop_assume!(replace(&mut signature, at, &to));
        prop_assume!(!matches!(to.as_str(), "&" | "#"));
        query.query.push_str(&signature);

        prop_assert!(verified(&header).is_err());
        prop_assert!(verified(&query).is_err());
    }

    #[test]
    fn another_scope_does_not_verify(
        request in requests(),
        at in any::<Index>(),
        to in "[0-9A-Za-z/_-]",
    ) {
        let signed = request.signed();
        let scope = String::from("20150830/eu-central-1/secretsmanager/aws4_request");
        let mut changed = scope.clone();
        prop_assume!(replace(&mut changed, at, &to));

        prop_assert!(verified(&signed.replacing(&scope, &changed)).is_err());
    }

    #[test]
    fn another_date_does_not_verify(
        request in requests(),
        at in any::<Index>(),
        to in "[0-9TZ]",
    ) {
        let date = now().to_basic();
        let mut changed = date.clone();
        prop_assume!(replace(&mut changed, at, &to));
        let header = request.clone().signed().with("x-amz-date", &changed);
        let query = request.presigned_for(60).replacing(&date, &changed);

        prop_assert!(verified(&header).is_err());
        prop_assert!(verified(&query).is_err());
    }

    #[test]
    fn arbitrary_claims_are_refused(
        header in "(AWS4-HMAC-SHA256 )?((Credential|SignedHeaders|Signature|x)=?[!-~]{0,20}[, ]?){0,5}",
        query in "((X-Amz-[A-Z][A-Za-z-]{3,12}|X-Amz-Algorithm|x)=?[!-~]{0,20}&?){0,6}",
        date in "[0-9TZ]{0,17}",
    ) {
        let mut request = Owned::get_secret_value();
        request.query = query;
        prop_assert!(verified(&request).is_err());

        let request = request.with("x-amz-date", &date).with("authorization", &header);
        prop_assert!(verified(&request).is_err());
    }

    #[test]
    fn another_list_of_signed_headers_does_not_verify(
        request in requests(),
        at in any::<Index>(),
        to in "[a-zA-Z;-]",
    ) {
        let signed = request.signed();
        let authorization = signed.header("authorization").to_owned();
        let (_, rest) = authorization.split_once("SignedHeaders=").unwrap();
        let (names, _) = rest.split_once(',').unwrap();
        let mut changed = names.to_owned();
        prop_assume!(replace(&mut changed, at, &to));

        prop_assert!(verified(&signed.replacing(names, &changed)).is_err());
    }
}

/// Reads and verifies, with the right key whatever the request claims.
fn verified(request: &Owned) -> Result<(), Error> {
    let request = request.borrowed();
    Presented::read(&request, now())?.verify(&request, &key())
}

/// Requests of all kinds whose paths are in normal form.
fn requests() -> impl Strategy<Value = Owned> {
    let path = ("(/[a-zA-Z0-9_~%:@-]{1,6}){0,3}", "/?").prop_map(|(path, end)| match path.len() {
        0 => String::from("/"),
        _ => path + &end,
    });
    let query = prop::collection::vec("[a-zA-Z0-9._%+-]{1,5}(=[a-zA-Z0-9._%+/=-]{0,5})?", 0..4)
        .prop_map(|pairs| pairs.join("&"));
    let headers =
        prop::collection::vec(("x-[a-z]{1,8}", "[!-~]{1,4}( {1,3}[!-~]{1,4}){0,2}"), 0..4);
    let body = prop::collection::vec(any::<u8>(), 0..40);
    ("(GET|POST|PUT|DELETE)", path, query, headers, body).prop_map(
        |(method, path, query, headers, body)| {
            let mut request = Owned::get_secret_value();
            for (name, value) in headers {
                let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
                request
                    .headers
                    .insert(name, HeaderValue::from_str(&value).unwrap());
            }
            request.method = method;
            request.path = path;
            request.query = query;
            request.body = body;
            request
        },
    )
}

fn signed_requests() -> impl Strategy<Value = Owned> {
    (requests(), any::<bool>()).prop_map(|(request, in_query)| match in_query {
        true => request.presigned_for(60),
        false => request.signed(),
    })
}

fn signed_names(request: &Owned) -> Vec<HeaderName> {
    let unsigned = ["user-agent", "authorization"];
    let names = request.headers.keys();
    names
        .filter(|name| !unsigned.contains(&name.as_str()))
        .cloned()
        .collect()
}

/// Writes `to` over one byte of `text`. `false` when that changes nothing.
fn replace(text: &mut String, at: Index, to: &str) -> bool {
    if text.is_empty() {
        return false;
    }
    let at = at.index(text.len());
    let before = text.clone();
    text.replace_range(at..=at, to);
    *text != before
}

/// What the parameters of a query say, by the plainest reading: decoded pairs, in any order.
fn meaning(query: &str) -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut pairs: Vec<(Vec<u8>, Vec<u8>)> = query
        .split('&')
        .filter(|part| !part.is_empty())
        .map(|part| {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            (plain(name), plain(value))
        })
        .collect();
    pairs.sort();
    pairs
}

fn plain(text: &str) -> Vec<u8> {
    let text = text.replace('+', " ");
    let mut out = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let escape = text
            .get(at + 1..at + 3)
            .filter(|_| text.as_bytes()[at] == b'%');
        let digits = escape.filter(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit()));
        match digits {
            Some(hex) => {
                out.push(u8::from_str_radix(hex, 16).unwrap());
                at += 3;
            }
            None => {
                out.push(text.as_bytes()[at]);
                at += 1;
            }
        }
    }
    out
}
