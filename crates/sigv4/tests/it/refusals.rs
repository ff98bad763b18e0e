//! Every refusal, with its exception name and its text, and which of two comes first.

use crate::kit::{ACCESS_KEY, Owned, incomplete, invalid, missing, now, refusal, reply};
use strongroom_sigv4::Error;

const MISMATCH: &str = "The request signature we calculated does not match the signature you \
    provided. Check your AWS Secret Access Key and signing method. Consult the service \
    documentation for details.";

fn request() -> Owned {
    Owned::get_secret_value()
}

fn with_authorization(value: &str) -> Owned {
    let date = now().to_basic();
    request()
        .with("x-amz-date", &date)
        .with("authorization", value)
}

#[test]
fn a_request_without_a_signature_misses_its_token() {
    for anonymous in [
        request(),
        request().with("authorization", ""),
        request().with("authorization", "Bearer abc"),
        request().with("authorization", "AWS AKID:sig"),
    ] {
        assert_eq!(
            refusal(&anonymous),
            missing("Request is missing Authentication Token")
        );
    }
}

#[test]
fn both_forms_at_once_are_refused() {
    let mut both = request().presigned_for(60);
    both = both.with("authorization", "AWS4-HMAC-SHA256 Credential=a");

    assert_eq!(
        refusal(&both),
        invalid(
            "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP \
             header."
        )
    );
}

#[test]
fn each_missing_part_of_the_header_is_named() {
    let all = "Authorization header requires 'Credential' parameter. \
        Authorization header requires 'Signature' parameter. \
        Authorization header requires 'SignedHeaders' parameter. ";
    let date = "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' \
        header. ";
    for (request, text) in [
        (
            request().with("authorization", "AWS4-HMAC-SHA256"),
            format!("{all}{date}Authorization=AWS4-HMAC-SHA256"),
        ),
        (
            with_authorization("AWS4-HMAC-SHA256 Credential=,Signature=,Other=1"),
            format!("{all}Authorization=AWS4-HMAC-SHA256 Credential=,Signature=,Other=1"),
        ),
        (
            with_authorization("AWS4-HMAC-SHA256 Credential=a, SignedHeaders=b"),
            String::from(
                "Authorization header requires 'Signature' parameter. \
                 Authorization=AWS4-HMAC-SHA256 Credential=a, SignedHeaders=b",
            ),
        ),
        (
            request().with(
                "authorization",
                "AWS4-HMAC-SHA256 Credential=a, SignedHeaders=b, Signature=c",
            ),
            format!(
                "{date}Authorization=AWS4-HMAC-SHA256 Credential=a, SignedHeaders=b, Signature=c"
            ),
        ),
    ] {
        assert_eq!(refusal(&request), incomplete(&text));
    }
}

#[test]
fn a_part_without_an_equal_sign_is_named() {
    let header = "AWS4-HMAC-SHA256 Signature=b,    Credential,    SignedHeaders";

    assert_eq!(
        refusal(&with_authorization(header)),
        incomplete(&format!(
            "'Credential' not a valid key=value pair (missing equal-sign) in Authorization \
             header: '{header}'."
        ))
    );
}

#[test]
fn a_part_given_twice_is_refused() {
    let header = "AWS4-HMAC-SHA256 Credential=a, Credential=a, SignedHeaders=b, Signature=c";

    assert_eq!(
        refusal(&with_authorization(header)),
        incomplete(&format!(
            "Authorization header requires exactly one 'Credential' parameter. \
             Authorization={header}"
        ))
    );
}

#[test]
fn each_missing_parameter_of_a_presigned_query_is_named() {
    let mut bare = request();
    bare.query = String::from("X-Amz-Algorithm=&x=1");

    assert_eq!(
        refusal(&bare),
        incomplete(
            "AWS query-string parameters must include 'X-Amz-Algorithm'. \
             AWS query-string parameters must include 'X-Amz-Credential'. \
             AWS query-string parameters must include 'X-Amz-Signature'. \
             AWS query-string parameters must include 'X-Amz-SignedHeaders'. \
             AWS query-string parameters must include 'X-Amz-Date'. \
             Re-examine the query-string parameters."
        )
    );
}

#[test]
fn a_presigned_parameter_given_twice_is_refused() {
    for name in [
        "X-Amz-Algorithm",
        "X-Amz-Credential",
        "X-Amz-Date",
        "X-Amz-Expires",
        "X-Amz-Signature",
        "X-Amz-SignedHeaders",
    ] {
        let mut twice = request().presigned_for(60);
        twice.query.push_str(&format!("&{name}=x"));

        assert_eq!(
            refusal(&twice),
            incomplete(&format!(
                "AWS query-string parameters must include '{name}' only once. \
                 Re-examine the query-string parameters."
            ))
        );
    }
}

#[test]
fn host_has_to_be_signed() {
    let list = "content-type;host;x-amz-date;x-amz-target";
    for names in [
        "content-type;x-amz-date;x-amz-target",
        "",
        "Host;x-amz-date",
        "hosts",
    ] {
        assert_eq!(
            refusal(&request().signed().replacing(list, names)),
            invalid("'Host' must be a 'SignedHeader' in the AWS Authorization.")
        );
    }
}

#[test]
fn every_header_of_amazons_has_to_be_signed() {
    let list = "content-type;host;x-amz-date;x-amz-target";
    for (request, name) in [
        (
            request().signed().replacing(list, "host;x-amz-date"),
            "x-amz-target",
        ),
        (request().signed().with("x-amz-acl", "public"), "x-amz-acl"),
        (
            request()
                .presigned_for(60)
                .with("x-amz-security-token", "t"),
            "x-amz-security-token",
        ),
    ] {
        assert_eq!(
            refusal(&request),
            invalid(&format!(
                "'{name}' must be a 'SignedHeader' in the AWS Authorization."
            ))
        );
    }
    let traced = request().signed().with("x-amzn-trace-id", "Root=1");
    assert_eq!(traced.accepted(), Ok(()));
}

#[test]
fn a_signed_header_is_listed_once_and_in_lower_case() {
    let list = "content-type;host;x-amz-date;x-amz-target";
    for names in [
        "host;x-amz-date;x-amz-target;host",
        "host;X-Amz-Date;x-amz-target",
        "host;;",
    ] {
        assert_eq!(
            refusal(&request().signed().replacing(list, names)),
            incomplete(&format!(
                "'SignedHeaders' must list each header once and in lower case. Got '{names}'."
            ))
        );
    }
}

#[test]
fn another_algorithm_is_refused() {
    for (request, algorithm) in [
        (
            request()
                .signed()
                .replacing("AWS4-HMAC-SHA256 ", "AWS4-HMAC-SHA25 "),
            "AWS4-HMAC-SHA25",
        ),
        (
            request()
                .presigned_for(60)
                .replacing("AWS4-HMAC-SHA256&", "AWS4-ECDSA-P256-SHA256&"),
            "AWS4-ECDSA-P256-SHA256",
        ),
    ] {
        assert_eq!(
            refusal(&request),
            incomplete(&format!(
                "Unsupported AWS 'algorithm': '{algorithm}' (only AWS4-HMAC-SHA256 for now). "
            ))
        );
    }
}

#[test]
fn a_credential_has_five_parts() {
    let scope = "/20150830/eu-central-1/secretsmanager/aws4_request";
    for rest in ["", "/a/b/c", "/a/b/c/d/e", "/a/b/c/"] {
        assert_eq!(
            refusal(&request().signed().replacing(scope, rest)),
            incomplete(&format!(
                "Credential must have exactly 5 slash-delimited elements, e.g. \
                 keyid/date/region/service/term, got '{ACCESS_KEY}{rest}'"
            ))
        );
    }
}

#[test]
fn everything_wrong_with_a_scope_is_said_at_once() {
    let scope = "20150830/eu-central-1/secretsmanager/aws4_request";
    let region = "Credential should be scoped to a valid region, not 'mars-1'. ";
    let service = "Credential should be scoped to correct service: 'secretsmanager'. ";
    let terminator =
        "Credential should be scoped with a valid terminator: 'aws4_request', not 'aws5'. ";
    let date = "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date \
        from HTTP: '20150831' != '20150830', from '20150830T123600Z'.";
    for (changed, text) in [
        (
            "20150830/mars-1/secretsmanager/aws4_request",
            String::from(region),
        ),
        (
            "20150830/eu-central-1/iam/aws4_request",
            String::from(service),
        ),
        (
            "20150830/eu-central-1/secretsmanager/aws5",
            String::from(terminator),
        ),
        (
            "20150831/eu-central-1/secretsmanager/aws4_request",
            String::from(date),
        ),
        (
            "20150831/mars-1/iam/aws5",
            [region, service, terminator, date].concat(),
        ),
    ] {
        assert_eq!(
            refusal(&request().signed().replacing(scope, changed)),
            invalid(&text)
        );
    }
}

#[test]
fn a_wrong_signature_is_a_mismatch() {
    let signed = request().signed();
    let authorization = signed.header("authorization");
    let (_, signature) = authorization.split_once("Signature=").unwrap();
    let signature = signature.to_owned();
    let mut other_key = signed.clone();
    other_key.body = b"{}".to_vec();
    for request in [
        other_key,
        signed.clone().replacing(&signature, "00"),
        signed
            .clone()
            .replacing(&signature, &signature.to_uppercase()),
        signed.clone().replacing(&signature, &"0".repeat(64)),
        signed.replacing(&signature, &"é".repeat(32)),
    ] {
        assert_eq!(refusal(&request), invalid(MISMATCH));
    }
}

#[test]
fn a_body_that_claims_to_be_unsigned_is_a_mismatch() {
    for claim in ["UNSIGNED-PAYLOAD", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"] {
        let mut request = request().signed();
        let list = "content-type;host;x-amz-date;x-amz-target";
        request = request.with("x-amz-content-sha256", claim).replacing(
            list,
            "content-type;host;x-amz-content-sha256;x-amz-date;x-amz-target",
        );

        assert_eq!(refusal(&request), invalid(MISMATCH));
    }
}

#[test]
fn what_callers_find_about_keys_has_its_texts_here() {
    assert_eq!(
        reply(&Error::UnknownKey),
        (
            "UnrecognizedClientException",
            String::from("The security token included in the request is invalid."),
            ("InvalidClientTokenId", 403)
        )
    );
    assert_eq!(
        reply(&Error::ExpiredToken),
        (
            "ExpiredTokenException",
            String::from("The security token included in the request is expired"),
            ("ExpiredToken", 403)
        )
    );
}

/// One request with everything wrong; mending the first thing each time shows the next.
#[test]
fn refusals_come_in_the_order_of_aws() {
    let mut request = request().with("authorization", "AWS4-X Credential=a");
    let mut seen = vec![request.accepted()];
    for header in [
        "AWS4-X Credential=a, Signature=b, SignedHeaders=c",
        "AWS4-X Credential=a, Signature=b, SignedHeaders=host;x-amz-date;x-amz-target",
        "AWS4-HMAC-SHA256 Credential=a, Signature=b, SignedHeaders=host;x-amz-date;x-amz-target",
        "AWS4-HMAC-SHA256 Credential=a/b/c/d/e, Signature=b, \
         SignedHeaders=host;x-amz-date;x-amz-target",
        "AWS4-HMAC-SHA256 Credential=a/20150830/eu-central-1/secretsmanager/aws4_request, \
         Signature=b, SignedHeaders=host;x-amz-date;x-amz-target",
    ] {
        request = request.with("authorization", header);
        if seen.len() == 1 {
            for date in ["never", "20150829T123600Z", "20150830T123600Z"] {
                request = request.with("x-amz-date", date);
                seen.push(request.accepted());
            }
        } else {
            seen.push(request.accepted());
        }
    }

    let starts: Vec<String> = seen
        .into_iter()
        .map(|refused| refused.unwrap_err().to_string().chars().take(20).collect())
        .collect();
    assert_eq!(
        starts,
        [
            "Authorization header",
            "Date must be in ISO-",
            "Signature expired: 2",
            "'Host' must be a 'Si",
            "Unsupported AWS 'alg",
            "Credential must have",
            "Credential should be",
            "The request signatur",
        ]
    );
}
