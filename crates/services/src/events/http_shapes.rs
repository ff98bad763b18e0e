//! The shapes of connections and API destinations: the constraints of EventBridge's model.
//!
//! SECURITY: what a connection is given to authorize with is sensitive as a whole, so that none of it can be
//! audited or told in a refusal. What may be known of it is shown by the operations that describe it.

use super::shapes::{BOOLEAN, NAME, is_of_name};
use base::Plaintext;
use std::collections::BTreeMap;
use wire::{Input as _, Pattern, Shape, UNBOUNDED};

pub(super) const HOLDING_NAME: Shape = Shape::text(1, 64).matching(&NAME);
pub(super) const LINE: Shape = Shape::text(0, 512).matching(&ONE_LINE);
pub(super) const AUTHORIZATION_TYPE: Shape =
    Shape::one_of(&["BASIC", "OAUTH_CLIENT_CREDENTIALS", "API_KEY"]);
pub(super) const METHOD: Shape =
    Shape::one_of(&["HEAD", "POST", "PATCH", "DELETE", "PUT", "GET", "OPTIONS"]);
pub(super) const STATE: Shape = Shape::one_of(&[
    "CREATING",
    "UPDATING",
    "DELETING",
    "AUTHORIZED",
    "DEAUTHORIZED",
    "AUTHORIZING",
    "DEAUTHORIZING",
    "ACTIVE",
    "FAILED_CONNECTIVITY",
]);
pub(super) const CONNECTION_ARN: Shape = Shape::text(1, 1_600).matching(&ARN_OF_CONNECTION);
pub(super) const HTTPS_ENDPOINT: Shape = Shape::text(1, 2_048).matching(&URL);
pub(super) const RATE: Shape = Shape::integer().between(1, i32::MAX as i64);
pub(super) const KMS_KEY: Shape = Shape::text(0, 2_048).matching(&KEY_IDENTIFIER);
pub(super) const ABSENT: Shape = Shape::structure(Absent::SHAPE);
pub(super) const NEW_AUTHORIZATION: Shape = Shape::structure(NewAuthorization::SHAPE);
pub(super) const CHANGED_AUTHORIZATION: Shape = Shape::structure(ChangedAuthorization::SHAPE);
pub(super) const HTTP_PARAMETERS: Shape = Shape::structure(GivenHttpParameters::SHAPE);
const NEW_BASIC: Shape = Shape::structure(NewBasic::SHAPE);
const NEW_API_KEY: Shape = Shape::structure(NewApiKey::SHAPE);
const CHANGED_BASIC: Shape = Shape::structure(ChangedBasic::SHAPE);
const CHANGED_API_KEY: Shape = Shape::structure(ChangedApiKey::SHAPE);
const GIVEN_HTTP: Shape = Shape::structure(GivenHttp::SHAPE);
const AUTH_NAME: Shape = Shape::text(1, 512).matching(&AUTH_TEXT);
const AUTH_SECRET: Shape = Shape::text(1, 512).matching(&AUTH_TEXT).sensitive();
const HEADERS: Shape = Shape::list(&HEADER, 0, 100);
const HEADER: Shape = Shape::structure(GivenHeader::SHAPE);
const HEADER_KEY: Shape = Shape::text(0, 512).matching(&HEADER_NAME);
const HEADER_SECRET: Shape = Shape::text(0, 512).matching(&HEADER_TEXT).sensitive();
const HEADER_VALUE: Shape = Shape::text(0, 512).matching(&HEADER_TEXT);
const QUERIES: Shape = Shape::list(&QUERY, 0, 100);
const QUERY: Shape = Shape::structure(GivenQuery::SHAPE);
const QUERY_KEY: Shape = Shape::text(0, 512).matching(&QUERY_NAME);
const QUERY_SECRET: Shape = Shape::text(0, 512).matching(&QUERY_TEXT).sensitive();
const QUERY_VALUE: Shape = Shape::text(0, 512).matching(&QUERY_TEXT);
const BODIES: Shape = Shape::list(&BODY, 0, 100);
const BODY: Shape = Shape::structure(GivenBody::SHAPE);
const BODY_KEY: Shape = Shape::text(0, UNBOUNDED);
const BODY_SECRET: Shape = Shape::text(0, UNBOUNDED).sensitive();
const PATH_VALUES: Shape = Shape::list(&PATH_VALUE, 0, UNBOUNDED);
const PATH_VALUE: Shape = Shape::text(0, UNBOUNDED).matching(&PATH_TEXT);
const HEADER_MAP: Shape = Shape::map(&HEADER_VALUE);
const QUERY_MAP: Shape = Shape::map(&QUERY_VALUE);

wire::input! {
    /// What AWS has and this server has not: only that it was given is known.
    pub(super) struct Absent {}
}

wire::input! {
    /// What a new connection authorizes with.
    pub(super) struct NewAuthorization {
        pub(super) basic: Option<NewBasic> = "BasicAuthParameters" NEW_BASIC,
        pub(super) oauth: Option<Absent> = "OAuthParameters" ABSENT,
        pub(super) api_key: Option<NewApiKey> = "ApiKeyAuthParameters" NEW_API_KEY,
        pub(super) http: Option<GivenHttp> = "InvocationHttpParameters" GIVEN_HTTP,
        pub(super) connectivity: Option<Absent> = "ConnectivityParameters" ABSENT,
    }
}

wire::input! {
    /// What a connection authorizes with from now on. What is not given stays.
    pub(super) struct ChangedAuthorization {
        pub(super) basic: Option<ChangedBasic> = "BasicAuthParameters" CHANGED_BASIC,
        pub(super) oauth: Option<Absent> = "OAuthParameters" ABSENT,
        pub(super) api_key: Option<ChangedApiKey> = "ApiKeyAuthParameters" CHANGED_API_KEY,
        pub(super) http: Option<GivenHttp> = "InvocationHttpParameters" GIVEN_HTTP,
        pub(super) connectivity: Option<Absent> = "ConnectivityParameters" ABSENT,
    }
}

wire::input! {
    /// A user name and a password.
    pub(super) struct NewBasic {
        pub(super) username: String = required "Username" AUTH_NAME,
        pub(super) password: Plaintext = required "Password" AUTH_SECRET,
    }
}

wire::input! {
    /// The same, or one of them.
    pub(super) struct ChangedBasic {
        pub(super) username: Option<String> = "Username" AUTH_NAME,
        pub(super) password: Option<Plaintext> = "Password" AUTH_SECRET,
    }
}

wire::input! {
    /// A header.
    pub(super) struct NewApiKey {
        pub(super) name: String = required "ApiKeyName" AUTH_NAME,
        pub(super) value: Plaintext = required "ApiKeyValue" AUTH_SECRET,
    }
}

wire::input! {
    /// The same, or its name or value.
    pub(super) struct ChangedApiKey {
        pub(super) name: Option<String> = "ApiKeyName" AUTH_NAME,
        pub(super) value: Option<Plaintext> = "ApiKeyValue" AUTH_SECRET,
    }
}

wire::input! {
    /// What each request has beside.
    pub(super) struct GivenHttp {
        pub(super) headers: Option<Vec<GivenHeader>> = "HeaderParameters" HEADERS,
        pub(super) query: Option<Vec<GivenQuery>> = "QueryStringParameters" QUERIES,
        pub(super) body: Option<Vec<GivenBody>> = "BodyParameters" BODIES,
    }
}

wire::input! {
    /// A header.
    pub(super) struct GivenHeader {
        pub(super) key: Option<String> = "Key" HEADER_KEY,
        pub(super) value: Option<Plaintext> = "Value" HEADER_SECRET,
        pub(super) is_secret: Option<bool> = "IsValueSecret" BOOLEAN,
    }
}

wire::input! {
    /// A parameter of the query.
    pub(super) struct GivenQuery {
        pub(super) key: Option<String> = "Key" QUERY_KEY,
        pub(super) value: Option<Plaintext> = "Value" QUERY_SECRET,
        pub(super) is_secret: Option<bool> = "IsValueSecret" BOOLEAN,
    }
}

wire::input! {
    /// A member of the body.
    pub(super) struct GivenBody {
        pub(super) key: Option<String> = "Key" BODY_KEY,
        pub(super) value: Option<Plaintext> = "Value" BODY_SECRET,
        pub(super) is_secret: Option<bool> = "IsValueSecret" BOOLEAN,
    }
}

wire::input! {
    /// What a target adds to the requests to its API destination.
    pub(super) struct GivenHttpParameters {
        pub(super) path: Option<Vec<String>> = "PathParameterValues" PATH_VALUES,
        pub(super) headers: Option<BTreeMap<String, String>> = "HeaderParameters" HEADER_MAP,
        pub(super) query: Option<BTreeMap<String, String>> = "QueryStringParameters" QUERY_MAP,
    }
}

static ONE_LINE: Pattern = Pattern {
    text: ".*",
    matches: |text| !text.contains(LINE_ENDS),
    example: "x",
    counterexample: "a\nb",
};

static ARN_OF_CONNECTION: Pattern = Pattern {
    text: r"^arn:aws([a-z]|\-)*:events:([a-z]|\d|\-)*:([0-9]{12})?:connection\/[\.\-_A-Za-z0-9]+\/[\-A-Za-z0-9]+$",
    matches: |text| is_arn_of("connection", text),
    example: "arn:aws:events:us-east-1:123456789012:connection/x/11111111-2222-4333-8444-555555555555",
    counterexample: "a connection",
};

static URL: Pattern = Pattern {
    text: r"^((%[0-9A-Fa-f]{2}|[-()_.!~*';/?:@\x26=+$,A-Za-z0-9])+)([).!';/?:,])?$",
    matches: is_url,
    example: "https://hooks.example/in",
    counterexample: "https://a b",
};

static KEY_IDENTIFIER: Pattern = Pattern {
    text: r"^[a-zA-Z0-9_\-/:]*$",
    matches: |text| {
        text.bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"_-/:".contains(&b))
    },
    example: "alias/x",
    counterexample: "a key",
};

static AUTH_TEXT: Pattern = Pattern {
    text: r"^[ \t]*[^\x00-\x1F:\x7F]+([ \t]+[^\x00-\x1F:\x7F]+)*[ \t]*$",
    matches: |text| {
        let is_plain = |c: char| !matches!(c, '\0'..='\x1f' | ':' | '\x7f');
        text.chars().all(|c| c == '\t' || is_plain(c)) && text.chars().any(is_plain)
    },
    example: "x",
    counterexample: "a:b",
};

static HEADER_NAME: Pattern = Pattern {
    text: r"^[!#$%&'*+-.^_`|~0-9a-zA-Z]+$",
    // `+-.` is a range, which has the comma too.
    matches: |text| {
        let is_of_it = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+,-.^_`|~".contains(&b);
        !text.is_empty() && text.bytes().all(is_of_it)
    },
    example: "x-team",
    counterexample: "x: y",
};

static HEADER_TEXT: Pattern = Pattern {
    text: r"^[ \t]*[\x20-\x7E]+([ \t]+[\x20-\x7E]+)*[ \t]*$",
    matches: super::headers::is_value,
    example: "x",
    counterexample: "a\r\nb",
};

static QUERY_NAME: Pattern = Pattern {
    text: r"[^\x00-\x1F\x7F]+",
    matches: |text| !text.is_empty() && !text.contains(|c| matches!(c, '\0'..='\x1f' | '\x7f')),
    example: "x",
    counterexample: "a\nb",
};

static QUERY_TEXT: Pattern = Pattern {
    text: r"[^\x00-\x09\x0B\x0C\x0E-\x1F\x7F]+",
    matches: |text| {
        let is_control =
            |c| matches!(c, '\0'..='\x09' | '\x0b' | '\x0c' | '\x0e'..='\x1f' | '\x7f');
        !text.is_empty() && !text.contains(is_control)
    },
    example: "x",
    counterexample: "a\tb",
};

static PATH_TEXT: Pattern = Pattern {
    text: r"^(?!\s*$).+",
    matches: |text| !text.trim().is_empty() && !text.contains(LINE_ENDS),
    example: "x",
    counterexample: " ",
};

/// Whether `text` is an ARN of `what`, with a name and an id.
pub(super) fn is_arn_of(what: &str, text: &str) -> bool {
    let mut parts = text.splitn(6, ':');
    let mut next = || parts.next().unwrap_or_default();
    let has_prefix = next() == "arn";
    let is_partition = next()
        .strip_prefix("aws")
        .is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'));
    let is_service = next() == "events";
    let is_of_region = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    let is_region = next().bytes().all(is_of_region);
    let account = next();
    let is_account =
        account.is_empty() || (account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit()));
    let named = next()
        .strip_prefix(what)
        .and_then(|rest| rest.strip_prefix('/'));
    let is_named = named
        .and_then(|rest| rest.split_once('/'))
        .is_some_and(|(name, id)| {
            let is_of_id = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
            !name.is_empty()
                && name.bytes().all(is_of_name)
                && !id.is_empty()
                && id.bytes().all(is_of_id)
        });
    has_prefix && is_partition && is_service && is_region && is_account && is_named
}

fn is_url(text: &str) -> bool {
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        let is_of_it = match byte {
            b'%' => (0..2).all(|_| bytes.next().is_some_and(|b| b.is_ascii_hexdigit())),
            _ => byte.is_ascii_alphanumeric() || b"-()_.!~*';/?:@&=+$,".contains(&byte),
        };
        if !is_of_it {
            return false;
        }
    }
    !text.is_empty()
}

/// What a dot does not match.
const LINE_ENDS: [char; 5] = ['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}'];
