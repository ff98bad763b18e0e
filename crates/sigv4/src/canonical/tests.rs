use super::*;
use http::header::{HeaderMap, HeaderName, HeaderValue};
use proptest::prelude::*;

const EMPTY_HASH: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

fn path(text: &str) -> String {
    let mut out = Vec::new();
    push_path(&mut out, text);
    String::from_utf8(out).unwrap()
}

fn query(text: &str, form: Form) -> String {
    let mut out = Vec::new();
    push_query(&mut out, text, form);
    String::from_utf8(out).unwrap()
}

fn headers(lines: &[(&'static str, &[u8])]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in lines {
        let value = HeaderValue::from_bytes(value).unwrap();
        headers.append(HeaderName::from_static(name), value);
    }
    headers
}

fn request<'a>(headers: &'a HeaderMap, body: &'a [u8]) -> Request<'a> {
    Request {
        method: "POST",
        path: "/",
        query: "",
        headers,
        body,
    }
}

fn canonical(lines: &[(&'static str, &[u8])], signed_headers: &str) -> Result<String, Error> {
    let headers = headers(lines);
    canonical_request(&request(&headers, b""), Form::Header, signed_headers)
        .map(|text| String::from_utf8_lossy(&text).into_owned())
}

#[test]
fn a_path_loses_empty_and_dot_segments() {
    for (sent, normal) in [
        ("", "/"),
        ("/", "/"),
        ("//", "/"),
        ("/.", "/"),
        ("/..", "/"),
        ("/../../a", "/a"),
        ("/a/./b//c/", "/a/b/c/"),
        ("/a/b/../c", "/a/c"),
        ("/a/..", "/"),
        ("/...", "/..."),
    ] {
        assert_eq!(path(sent), normal, "{sent}");
    }
}

#[test]
fn a_path_is_encoded_once_more() {
    assert_eq!(
        path("/2015-03-31/functions/arn%3Aaws%3Alambda:x/invocations"),
        "/2015-03-31/functions/arn%253Aaws%253Alambda%3Ax/invocations"
    );
    assert_eq!(path("/a%2Fb/%2e%2e"), "/a%252Fb/%252e%252e");
}

#[test]
fn what_is_no_path_shares_no_form_with_one() {
    assert_eq!(path("."), ".");
    assert_eq!(path("a/../b"), "a%2F..%2Fb");
    assert_eq!(path("*"), "%2A");
}

#[test]
fn a_query_is_sorted_by_name_and_then_value() {
    assert_eq!(
        query("b=1&a=2&a=1&a-=0&A=9&c", Form::Header),
        "A=9&a=1&a=2&a-=0&b=1&c="
    );
}

#[test]
fn only_a_presigned_query_leaves_out_its_signature() {
    let sent = "X-Amz-Signature=ab&X-Amz-Date=1";

    assert_eq!(query(sent, Form::Query), "X-Amz-Date=1");
    assert_eq!(query(sent, Form::Header), "X-Amz-Date=1&X-Amz-Signature=ab");
}

#[test]
fn header_values_are_joined_and_collapsed() {
    let text = canonical(
        &[
            ("host", b"example"),
            ("x-amz-a", b"  two   words "),
            ("x-amz-a", b"tab\there"),
            ("x-amz-b", b""),
        ],
        "host;x-amz-a;x-amz-b",
    )
    .unwrap();

    assert_eq!(
        text,
        format!(
            "POST\n/\n\nhost:example\nx-amz-a:two words,tab here\nx-amz-b:\n\n\
             host;x-amz-a;x-amz-b\n{EMPTY_HASH}"
        )
    );
}

#[test]
fn a_header_value_counts_byte_by_byte() {
    let mut texts = [&b"\xe9"[..], b"\xe8", b"\xc3\xa9"].map(|value| {
        let headers = headers(&[("host", value)]);
        canonical_request(&request(&headers, b""), Form::Header, "host").unwrap()
    });

    texts.sort();
    assert!(texts.is_sorted_by(|a, b| a < b));
}

#[test]
fn a_listed_header_that_is_absent_is_refused() {
    for listed in ["host;x-gone", "host;", "", "host;x-gone\nevil:1", "host; "] {
        let refused = canonical(&[("host", b"example")], listed);

        assert_eq!(refused, Err(Error::Mismatch), "{listed}");
    }
}

#[test]
fn a_claimed_body_hash_has_to_be_the_bodys() {
    let with = |claims: &[&'static str]| {
        let lines: Vec<_> = [("host", &b"example"[..])]
            .into_iter()
            .chain(claims.iter().map(|c| (BODY_HASH_HEADER, c.as_bytes())))
            .collect();
        canonical(&lines, "host").map(drop)
    };

    assert_eq!(with(&[]), Ok(()));
    assert_eq!(with(&[EMPTY_HASH]), Ok(()));
    for claim in [
        "",
        "UNSIGNED-PAYLOAD",
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
        "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
        "E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855",
        "9095672bbd1f56dfc5b65f3e153adc8731a4a654192329106275f4c7b24d0b6e",
    ] {
        assert_eq!(with(&[claim]), Err(Error::Mismatch), "{claim}");
        assert_eq!(with(&[EMPTY_HASH, claim]), Err(Error::Mismatch), "{claim}");
    }
}

#[test]
fn the_string_to_sign_has_four_lines() {
    let text = string_to_sign(b"", "20150830T123600Z", "20150830/r/s/aws4_request");

    assert_eq!(
        String::from_utf8(text).unwrap(),
        format!("AWS4-HMAC-SHA256\n20150830T123600Z\n20150830/r/s/aws4_request\n{EMPTY_HASH}")
    );
}

proptest! {
    #[test]
    fn a_path_is_normalized_as_by_rewriting(sent in "(/(\\.|\\.\\.|a|b|\\.a)?){0,8}") {
        prop_assert_eq!(path(&sent), rewritten(&sent));
    }

    #[test]
    fn a_normal_path_stays(sent in "(/(\\.|\\.\\.|a|b|\\.a)?){0,8}") {
        let normal = path(&sent);

        prop_assert_eq!(path(&normal), normal);
    }

    #[test]
    fn the_order_of_parameters_does_not_matter(
        pairs in prop::collection::vec(("[a-c]{1,2}", "[a-c=%]{0,2}"), 0..6),
    ) {
        let text = |pairs: &[(String, String)]| {
            let pairs: Vec<String> = pairs.iter().map(|(n, v)| format!("{n}={v}")).collect();
            query(&pairs.join("&"), Form::Header)
        };
        let mut turned = pairs.clone();
        turned.reverse();

        prop_assert_eq!(text(&pairs), text(&turned));
    }
}

/// The slow twin: drops one superfluous segment at a time until there is none.
fn rewritten(path: &str) -> String {
    let mut segments: Vec<&str> = path.split('/').collect();
    while let Some(at) = segments.iter().position(|s| matches!(*s, "" | "." | "..")) {
        if segments[at] == ".." && at > 0 {
            segments.remove(at);
            segments.remove(at - 1);
        } else {
            segments.remove(at);
        }
    }
    let end = if path.ends_with('/') && !segments.is_empty() {
        "/"
    } else {
        ""
    };
    format!("/{}{end}", segments.join("/"))
}
