//! What one of our clients signs, our server accepts.

use crate::kit::{ACCESS_KEY, CREDENTIALS, Owned, REGION, SECRET, SERVICE, key, now};
use strongroom_sigv4::{
    Credentials, Error, NotSignable, Presented, Scope, SigningKey, presign, sign,
};

const SESSION: Credentials<'static> = Credentials {
    session_token: Some("IQoJb3JpZ2luX2Vj+/=="),
    ..CREDENTIALS
};

#[test]
fn a_signed_request_says_who_and_where() {
    let signed = Owned::get_secret_value().signed();

    let presented = signed.read().unwrap();

    assert_eq!(presented.access_key_id(), ACCESS_KEY);
    assert_eq!(
        presented.scope(),
        Scope {
            date: "20150830",
            region: REGION,
            service: SERVICE
        }
    );
    assert_eq!(presented.session_token(), None);
    assert_eq!(presented.signed_at(), now());
    assert!(!presented.is_presigned());
    assert_eq!(signed.accepted(), Ok(()));
}

#[test]
fn every_header_but_those_that_proxies_change_is_signed() {
    let signed = Owned::get_secret_value()
        .with("x-amzn-trace-id", "Root=1")
        .with("expect", "100-continue")
        .with("x-custom", "1")
        .signed_with(&SESSION);

    let authorization = signed.header("authorization");

    assert!(
        authorization.contains(
            "SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;x-amz-target;x-custom,"
        ),
        "{authorization}"
    );
    assert_eq!(signed.accepted(), Ok(()));
}

#[test]
fn a_session_token_travels_with_either_form() {
    let header = Owned::get_secret_value().signed_with(&SESSION);
    let mut query = Owned::get_secret_value();
    query.query = presign(&query.borrowed(), &SESSION, REGION, SERVICE, now(), 60).unwrap();

    for request in [header, query] {
        let presented = request.read().unwrap();

        assert_eq!(presented.session_token(), SESSION.session_token);
        assert_eq!(request.accepted(), Ok(()));
    }
}

#[test]
fn a_presigned_request_keeps_its_own_query() {
    let mut request = Owned::get_secret_value();
    request.query = String::from("Action=GetCallerIdentity&Version=2011-06-15");

    let presigned = request.presigned_for(60);

    assert!(
        presigned
            .query
            .starts_with("Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Algorithm=")
    );
    assert!(presigned.read().unwrap().is_presigned());
    assert_eq!(presigned.accepted(), Ok(()));
}

#[test]
fn the_date_header_stands_in_for_amazons() {
    for date in ["20150830T123600Z", "Sun, 30 Aug 2015 12:36:00 GMT"] {
        let signed = Owned::get_secret_value().signed();
        let (start, _) = signed
            .header("authorization")
            .split_once("SignedHeaders=")
            .unwrap();
        let start = start.to_owned();
        let request = signed.without("x-amz-date").with("date", date).with(
            "authorization",
            &format!("{start}SignedHeaders=host;x-amz-target, Signature=0"),
        );

        let text = request.read().unwrap().string_to_sign(&request.borrowed());

        let text = text.unwrap();
        assert!(
            text.starts_with("AWS4-HMAC-SHA256\n20150830T123600Z\n"),
            "{text}"
        );
    }
}

#[test]
fn parts_of_the_header_may_be_parted_by_commas_or_blanks() {
    let signed = Owned::get_secret_value().signed();
    for parting in [",", " ", ",   ", " , ", "\t"] {
        let header = signed.header("authorization").replace(", ", parting);

        let request = signed.clone().with("authorization", &header);

        assert_eq!(request.accepted(), Ok(()), "{header}");
    }
}

#[test]
fn another_secret_does_not_verify() {
    let signed = Owned::get_secret_value().signed();
    let presented = signed.read().unwrap();

    let other = SigningKey::derive(b"another secret", presented.scope());

    let verified = presented.verify(&signed.borrowed(), &other);
    assert_eq!(verified, Err(Error::Mismatch));
}

#[test]
fn a_key_is_good_in_its_scope_only() {
    let signed = Owned::get_secret_value().signed();
    let presented = signed.read().unwrap();
    let right = presented.scope();
    let verified = |scope| presented.verify(&signed.borrowed(), &SigningKey::derive(SECRET, scope));

    assert_eq!(verified(right), Ok(()));
    for wrong in [
        Scope {
            date: "20150831",
            ..right
        },
        Scope {
            region: "us-east-1",
            ..right
        },
        Scope {
            service: "kms",
            ..right
        },
    ] {
        assert_eq!(verified(wrong), Err(Error::Mismatch), "{wrong:?}");
    }
}

#[test]
fn a_claim_does_not_verify_another_request() {
    let signed = Owned::get_secret_value().signed();
    let presented = signed.read().unwrap();
    let mut other = signed.clone();
    other.body = br#"{"SecretId":"another"}"#.to_vec();

    let verified = Presented::verify(&presented, &other.borrowed(), &key());

    assert_eq!(verified, Err(Error::Mismatch));
}

#[test]
fn what_cannot_stand_in_a_header_is_not_signed() {
    let request = Owned::get_secret_value();
    let token = Credentials {
        session_token: Some("two\nlines"),
        ..CREDENTIALS
    };
    let key = Credentials {
        access_key_id: "two\nlines",
        ..CREDENTIALS
    };

    for credentials in [token, key] {
        let signed = sign(&request.borrowed(), &credentials, REGION, SERVICE, now());

        assert!(matches!(signed, Err(NotSignable::Header(_))));
    }
}

#[test]
fn a_wrong_body_hash_is_not_signed() {
    let request = Owned::get_secret_value().with("x-amz-content-sha256", "UNSIGNED-PAYLOAD");

    let signed = sign(&request.borrowed(), &CREDENTIALS, REGION, SERVICE, now());
    let presigned = presign(
        &request.borrowed(),
        &CREDENTIALS,
        REGION,
        SERVICE,
        now(),
        60,
    );

    assert!(matches!(signed, Err(NotSignable::BodyHash)));
    assert!(matches!(presigned, Err(NotSignable::BodyHash)));
}

#[test]
fn what_is_shown_of_a_claim_holds_no_token() {
    let credentials = Credentials {
        session_token: Some("canary-token"),
        ..CREDENTIALS
    };
    let signed = Owned::get_secret_value().signed_with(&credentials);

    let shown = format!("{:?}", signed.read().unwrap());

    assert!(shown.contains(ACCESS_KEY), "{shown}");
    assert!(shown.contains(REGION), "{shown}");
    assert!(shown.contains(SERVICE), "{shown}");
    assert!(!shown.contains("canary"), "{shown}");
}
