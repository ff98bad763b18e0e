mod asking;

use super::*;
use crate::ports::KeySetFuture;
use base::AwsError;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::error::Error as _;
use std::future::Future;
use testkit::{Issuer, KeyType, TokenAlgorithm};

/// An issuer, what its keys' way to us makes of them, and who asked.
struct Stand {
    issuer: Issuer,
    way: Mutex<Way>,
    fetched: Mutex<Option<Arc<[u8]>>>,
    asked: Mutex<Vec<bool>>,
}

enum Way {
    Good,
    Unknown,
    Unreachable,
    Instead(Vec<u8>),
}

impl Stand {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            issuer: Issuer::new(ISSUER),
            way: Mutex::new(Way::Good),
            fetched: Mutex::default(),
            asked: Mutex::default(),
        })
    }

    fn with_set(set: &Value) -> Arc<Self> {
        let stand = Self::new();
        *stand.way.lock() = Way::Instead(set.to_string().into_bytes());
        stand
    }

    fn identities(self: &Arc<Self>) -> WebIdentities {
        WebIdentities::new(Arc::clone(self) as Arc<dyn IssuerKeys>)
    }

    fn token(&self) -> String {
        self.issuer.token(&self.claims())
    }

    fn claims(&self) -> Value {
        self.issuer.claims(SUBJECT, AUDIENCE, now())
    }

    /// Signed with `key-1`.
    fn token_with_header(&self, header: &Value) -> String {
        let claims = self.claims().to_string();
        let header = header.to_string();
        self.issuer
            .token_with("key-1", TokenAlgorithm::Es256, &header, &claims)
    }
}

impl IssuerKeys for Stand {
    fn key_set<'a>(&'a self, issuer: &'a str, fresh: bool) -> KeySetFuture<'a> {
        assert_eq!(issuer, ISSUER);
        self.asked.lock().push(fresh);
        let mut fetched = self.fetched.lock();
        let set = match (&*self.way.lock(), &*fetched) {
            (Way::Unknown, _) => Err(IssuerKeysError::Unknown),
            (Way::Unreachable, _) => Err(IssuerKeysError::Unreachable("switched off".into())),
            (Way::Instead(set), _) => Ok(set.clone().into()),
            (Way::Good, Some(set)) if !fresh => Ok(Arc::clone(set)),
            (Way::Good, _) => Ok(self.issuer.jwks().to_string().into_bytes().into()),
        };
        *fetched = set.as_ref().ok().cloned();
        Box::pin(async move { set })
    }
}

fn done<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime.unwrap().block_on(future)
}

fn now() -> Timestamp {
    Timestamp::from_millis(1_768_478_400_000)
}

fn verified_at(
    identities: &WebIdentities,
    token: &str,
    now: Timestamp,
) -> Result<Claims, WebIdentityError> {
    let client_ids = [String::from("other"), String::from(AUDIENCE)];
    let issuer = IssuerUrl::parse(ISSUER).unwrap();
    let provider = Provider {
        issuer: &issuer,
        client_ids: &client_ids,
    };
    done(identities.verify(provider, &Plaintext::from(token.to_owned()), now))
}

fn verified(stand: &Arc<Stand>, token: &str) -> Result<Claims, WebIdentityError> {
    verified_at(&stand.identities(), token, now())
}

#[test]
fn a_service_accounts_token_is_verified() {
    let stand = Stand::new();

    let claims = verified(&stand, &stand.token()).unwrap();

    let texts = [("aud", AUDIENCE), ("iss", ISSUER), ("sub", SUBJECT)];
    assert_eq!(
        claims,
        Claims {
            issuer: IssuerUrl::parse(ISSUER).unwrap(),
            subject: SUBJECT.to_owned(),
            audience: AUDIENCE.to_owned(),
            authorized_party: None,
            amr: Vec::new(),
            expires: now().plus_seconds(3_600),
            session_tags: claims::SessionTags::default(),
            source_identity: None,
            texts: texts
                .map(|(name, value)| (name.to_owned(), vec![value.to_owned()]))
                .into(),
        }
    );
}

#[test]
fn every_algorithm_verifies_with_its_kind_of_key() {
    use TokenAlgorithm::*;
    let stand = Stand::new();
    stand.issuer.add_key("rsa", KeyType::Rsa);
    stand.issuer.add_key("p-384", KeyType::P384);
    let claims = stand.claims().to_string();

    for (id, algorithms) in [
        ("rsa", &[Rs256, Rs384, Rs512, Ps256, Ps384, Ps512][..]),
        ("key-1", &[Es256]),
        ("p-384", &[Es384]),
    ] {
        for algorithm in algorithms {
            let header = json!({ "alg": algorithm.name(), "kid": id }).to_string();
            let token = stand.issuer.token_with(id, *algorithm, &header, &claims);

            let subject = verified(&stand, &token).map(|claims| claims.subject);

            assert_eq!(subject.unwrap(), SUBJECT, "{algorithm:?}");
        }
    }
}

#[test]
fn a_header_cannot_turn_one_algorithm_into_another() {
    use TokenAlgorithm::*;
    let stand = Stand::new();
    stand.issuer.add_key("rsa", KeyType::Rsa);
    stand.issuer.add_key("p-384", KeyType::P384);
    let claims = stand.claims().to_string();
    let answer = |id: &str, signed: TokenAlgorithm, named: &str| {
        let header = json!({ "alg": named, "kid": id }).to_string();
        let token = stand.issuer.token_with(id, signed, &header, &claims);
        verified(&stand, &token).unwrap_err()
    };

    for (id, signed) in [("rsa", Rs256), ("key-1", Es256), ("p-384", Es384)] {
        for named in [
            "none", "HS256", "HS384", "HS512", "ES512", "EdDSA", "", "es256",
        ] {
            let refused = answer(id, signed, named);
            assert!(matches!(refused, WebIdentityError::NoKey), "{id} {named}");
        }
    }
    for (id, signed, named) in [
        ("rsa", Rs256, "ES256"),
        ("key-1", Es256, "RS256"),
        ("key-1", Es256, "PS512"),
        ("key-1", Es256, "ES384"),
        ("p-384", Es384, "ES256"),
    ] {
        let refused = answer(id, signed, named);
        assert!(matches!(refused, WebIdentityError::NoKey), "{id} {named}");
    }
    for (signed, named) in [(Rs256, "RS384"), (Rs256, "PS256"), (Ps256, "RS256")] {
        let refused = answer("rsa", signed, named);
        assert!(matches!(refused, WebIdentityError::Signature), "{named}");
    }
}

#[test]
fn an_unsigned_token_is_refused() {
    let stand = Stand::new();
    let token = stand.token();
    let (signed, _) = token.rsplit_once('.').unwrap();

    let refused = verified(&stand, &format!("{signed}.")).unwrap_err();

    assert!(matches!(refused, WebIdentityError::Signature));
}

#[test]
fn a_key_in_the_header_is_not_used() {
    let stand = Stand::new();
    let attacker = Issuer::new(ISSUER);
    let own_key = attacker.jwks()["keys"][0].clone();
    let claims = stand.claims().to_string();
    let header = json!({ "alg": "ES256", "kid": "key-1", "jwk": own_key }).to_string();
    let token = attacker.token_with("key-1", TokenAlgorithm::Es256, &header, &claims);

    let refused = verified(&stand, &token).unwrap_err();

    assert!(matches!(refused, WebIdentityError::Signature));
}

#[test]
fn a_token_without_a_key_id_is_for_the_only_key_that_fits() {
    let stand = Stand::new();
    let token = stand.token_with_header(&json!({ "alg": "ES256" }));

    let with_keys_beside_it = |key_types: &[KeyType]| {
        *stand.fetched.lock() = None;
        for (n, key_type) in key_types.iter().enumerate() {
            stand.issuer.add_key(&format!("other-{n}"), *key_type);
        }
        verified(&stand, &token)
    };

    let alone = with_keys_beside_it(&[]);
    let beside_another_kind = with_keys_beside_it(&[KeyType::P384]);
    let beside_its_own_kind = with_keys_beside_it(&[KeyType::P256]);

    assert!(alone.is_ok());
    assert!(beside_another_kind.is_ok());
    assert!(matches!(beside_its_own_kind, Err(WebIdentityError::NoKey)));
}

#[test]
fn a_token_of_another_issuer_is_not_looked_at() {
    let stand = Stand::new();
    for url in [
        "https://other.example/cluster",
        "https://issuer.example/cluster/",
        "https://issuer.example/Cluster",
        "https://issuer.example",
    ] {
        let token = Issuer::new(url).token(&json!({ "iss": url }));

        let refused = verified(&stand, &token).unwrap_err();

        assert_eq!(
            refused.to_string(),
            format!("No OpenIDConnect provider found in your account for {url}")
        );
    }
    assert!(stand.asked.lock().is_empty());
}

#[test]
fn the_claimed_issuer_is_read_before_anything_is_verified() {
    let issuer = |token: &str| WebIdentities::claimed_issuer(&Plaintext::from(token.to_owned()));
    let stand = Stand::new();
    let forged = format!("{}AAAA", stand.token());

    assert_eq!(issuer(&forged).unwrap().as_str(), ISSUER);
    assert!(matches!(
        issuer("an.access.token"),
        Err(WebIdentityError::NotAToken)
    ));
    assert!(matches!(
        issuer(&stand.issuer.token(&json!({}))),
        Err(WebIdentityError::MissingClaim("iss"))
    ));
    assert!(matches!(
        issuer(&stand.issuer.token(&json!({ "iss": "issuer.example" }))),
        Err(WebIdentityError::IssuerForm)
    ));
}

#[test]
fn answers_have_the_names_and_statuses_of_sts() {
    use WebIdentityError::*;
    let expired = Expired {
        now: Timestamp::from_millis(1_731_098_245_999),
        expires: Timestamp::from_millis(1_731_095_240_000),
    };
    for (error, code, text) in [
        (Audience, "InvalidIdentityToken", "Incorrect token audience"),
        (
            Claim("exp"),
            "InvalidIdentityToken",
            "Invalid claim in the ID Token: exp",
        ),
        (
            expired,
            "ExpiredTokenException",
            "Token expired: current date/time 1731098245 must be before the expiration date/time \
             1731095240",
        ),
        (
            IssuerForm,
            "InvalidIdentityToken",
            "Issuer must be a valid URL",
        ),
        (
            MissingClaim("sub"),
            "InvalidIdentityToken",
            "Missing a required claim: sub",
        ),
        (
            NotAToken,
            "InvalidIdentityToken",
            "The ID Token provided is not a valid JWT. (You may see this error if you sent an \
             Access Token)",
        ),
        (
            NotYetValid,
            "InvalidIdentityToken",
            "The ID Token provided is not valid yet",
        ),
        (
            Signature,
            "InvalidIdentityToken",
            "The signature of the ID Token provided is not valid",
        ),
    ] {
        assert_eq!(
            (error.code(), error.status(), error.client_message()),
            (code, 400, text.to_owned())
        );
    }
}

#[test]
fn claims_are_believed_only_with_a_signature() {
    let stand = Stand::new();
    let mut expired = stand.claims();
    expired["exp"] = json!(1);
    let token = stand.issuer.token(&expired);
    let (signed, _) = token.rsplit_once('.').unwrap();

    let forged = verified(&stand, &format!("{signed}.AAAA")).unwrap_err();
    let genuine = verified(&stand, &token).unwrap_err();

    assert!(matches!(forged, WebIdentityError::Signature));
    assert!(matches!(genuine, WebIdentityError::Expired { .. }));
}

proptest! {
    #[test]
    fn a_token_with_one_character_changed_is_refused(
        place in any::<prop::sample::Index>(),
        character in "[A-Za-z0-9_.=-]",
    ) {
        let stand = Stand::new();
        let token = stand.token();
        let place = place.index(token.len());
        let mut changed = token.clone();
        changed.replace_range(place..=place, &character);

        let answer = verified(&stand, &changed);

        prop_assert_eq!(answer.is_ok(), changed == token);
        if let Err(refused) = answer {
            let shown = format!("{refused} {refused:?}");
            let secret = changed.rsplit('.').next().unwrap_or_default();
            prop_assert!(secret.is_empty() || !shown.contains(secret));
        }
    }

    #[test]
    fn no_claims_of_any_kind_panic(
        name in prop::sample::select(vec![
            "iss", "sub", "aud", "azp", "exp", "nbf", "iat", "amr",
            "https://aws.amazon.com/tags", "https://aws.amazon.com/source_identity",
        ]),
        value in prop::sample::select(vec![
            json!(null), json!(true), json!(-1), json!(1e300), json!(u64::MAX), json!(i64::MIN),
            json!(""), json!([]), json!([1]), json!([[""]]), json!({}), json!({ "a": {} }),
        ]),
    ) {
        let stand = Stand::new();
        let mut claims = stand.claims();
        claims[name] = value;

        let _ = verified(&stand, &stand.issuer.token(&claims)).map(|read| read.condition_keys());
    }
}

const ISSUER: &str = "https://issuer.example/cluster";
const AUDIENCE: &str = "sts.amazonaws.com";
const SUBJECT: &str = "system:serviceaccount:shop:checkout";
