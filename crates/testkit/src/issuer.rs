use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _,
    RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RSA_PSS_SHA256, RSA_PSS_SHA384,
    RSA_PSS_SHA512, RsaEncoding, RsaKeyPair,
};
use base::Timestamp;
use data_encoding::BASE64URL_NOPAD;
use parking_lot::Mutex;
use serde_json::{Value, json};
use services::ports::{IssuerKeys, IssuerKeysError, KeySetFuture};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// An OpenID Connect issuer: it makes keys, signs tokens, and shows its key set as a server with a
/// cache of its own would. Its keys are real and of real chance, so its tokens differ in each run.
pub struct Issuer {
    url: String,
    keys: Mutex<Vec<Arc<SigningKey>>>,
    /// The set as it was when it was fetched last.
    fetched: Mutex<Option<Arc<[u8]>>>,
    requests: Mutex<Vec<bool>>,
    reachable: AtomicBool,
}

/// A kind of key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyType {
    /// RSA with 2,048 bits.
    Rsa,
    /// ECDSA on P-256.
    P256,
    /// ECDSA on P-384.
    P384,
}

/// How a token is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of RFC 7518")]
pub enum TokenAlgorithm {
    Es256,
    Es384,
    Ps256,
    Ps384,
    Ps512,
    Rs256,
    Rs384,
    Rs512,
}

struct SigningKey {
    id: String,
    pair: Pair,
}

enum Pair {
    Rsa(RsaKeyPair),
    P256(EcdsaKeyPair),
    P384(EcdsaKeyPair),
}

impl Issuer {
    /// The issuer `url`, with a key of P-256 whose id is `key-1`.
    pub fn new(url: &str) -> Self {
        let issuer = Self {
            url: url.to_owned(),
            keys: Mutex::default(),
            fetched: Mutex::default(),
            requests: Mutex::default(),
            reachable: AtomicBool::new(true),
        };
        issuer.add_key("key-1", KeyType::P256);
        issuer
    }

    /// The `iss` of its tokens.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Makes one more key.
    pub fn add_key(&self, id: &str, key_type: KeyType) {
        let pair = match key_type {
            KeyType::Rsa => Pair::Rsa(RsaKeyPair::generate(KeySize::Rsa2048).unwrap()),
            KeyType::P256 => {
                Pair::P256(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap())
            }
            KeyType::P384 => {
                Pair::P384(EcdsaKeyPair::generate(&ECDSA_P384_SHA384_FIXED_SIGNING).unwrap())
            }
        };
        let id = id.to_owned();
        self.keys.lock().push(Arc::new(SigningKey { id, pair }));
    }

    /// Takes a key out of use.
    pub fn remove_key(&self, id: &str) {
        self.keys.lock().retain(|key| key.id != id);
    }

    /// Whether its key set can be had.
    pub fn set_reachable(&self, reachable: bool) {
        self.reachable.store(reachable, Ordering::SeqCst);
    }

    /// How often its key set was asked for, and whether a fresh one each time.
    pub fn requests(&self) -> Vec<bool> {
        self.requests.lock().clone()
    }

    /// Claims as of a Kubernetes service account: good for an hour from `now`.
    pub fn claims(&self, subject: &str, audience: &str, now: Timestamp) -> Value {
        let now = now.as_millis() / 1_000;
        json!({
            "iss": self.url, "sub": subject, "aud": [audience],
            "iat": now, "nbf": now, "exp": now + 3_600,
        })
    }

    /// A token with these claims, signed with the newest key.
    pub fn token(&self, claims: &Value) -> String {
        let key = Arc::clone(self.keys.lock().last().unwrap());
        let algorithm = match key.pair {
            Pair::Rsa(_) => TokenAlgorithm::Rs256,
            Pair::P256(_) => TokenAlgorithm::Es256,
            Pair::P384(_) => TokenAlgorithm::Es384,
        };
        let header = json!({ "alg": algorithm.name(), "kid": key.id, "typ": "JWT" });
        key.token(algorithm, &header.to_string(), &claims.to_string())
    }

    /// A token of any header and claims, signed with the key `id` by `algorithm`, whatever the
    /// header says.
    pub fn token_with(
        &self,
        id: &str,
        algorithm: TokenAlgorithm,
        header: &str,
        claims: &str,
    ) -> String {
        let keys = self.keys.lock();
        let key = keys.iter().find(|key| key.id == id).unwrap();
        key.token(algorithm, header, claims)
    }

    /// Its JSON Web Key Set.
    pub fn jwks(&self) -> Value {
        let keys = self.keys.lock();
        json!({ "keys": keys.iter().map(|key| key.jwk()).collect::<Vec<_>>() })
    }
}

impl IssuerKeys for Issuer {
    fn key_set<'a>(&'a self, issuer: &'a str, fresh: bool) -> KeySetFuture<'a> {
        Box::pin(async move {
            if issuer != self.url {
                return Err(IssuerKeysError::Unknown);
            }
            self.requests.lock().push(fresh);
            let mut fetched = self.fetched.lock();
            if let (Some(set), false) = (&*fetched, fresh) {
                return Ok(Arc::clone(set));
            }
            if !self.reachable.load(Ordering::SeqCst) {
                let reason = String::from("the test switched it off");
                return Err(IssuerKeysError::Unreachable(reason));
            }
            let set: Arc<[u8]> = self.jwks().to_string().into_bytes().into();
            *fetched = Some(Arc::clone(&set));
            Ok(set)
        })
    }
}

impl SigningKey {
    fn token(&self, algorithm: TokenAlgorithm, header: &str, claims: &str) -> String {
        let signed = format!(
            "{}.{}",
            encode(header.as_bytes()),
            encode(claims.as_bytes())
        );
        let signature = self.sign(algorithm, signed.as_bytes());
        format!("{signed}.{}", encode(&signature))
    }

    fn sign(&self, algorithm: TokenAlgorithm, message: &[u8]) -> Vec<u8> {
        let chance = SystemRandom::new();
        match &self.pair {
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(algorithm.encoding(), &chance, message, &mut signature)
                    .unwrap();
                signature
            }
            Pair::P256(pair) | Pair::P384(pair) => {
                pair.sign(&chance, message).unwrap().as_ref().to_vec()
            }
        }
    }

    fn jwk(&self) -> Value {
        let (id, usage) = (&self.id, "sig");
        let on_curve = |pair: &EcdsaKeyPair, name: &str| {
            let point = pair.public_key().as_ref();
            let (x, y) = point[1..].split_at(point.len() / 2);
            json!({
                "kty": "EC", "crv": name, "kid": id, "use": usage,
                "x": encode(x), "y": encode(y),
            })
        };
        match &self.pair {
            Pair::Rsa(pair) => {
                // `RSAPublicKey` in DER; for 2,048 bits and 65537 each part has its fixed place.
                let der = pair.public_key().as_ref();
                let (n, e) = (&der[9..265], &der[267..270]);
                json!({ "kty": "RSA", "kid": id, "use": usage, "n": encode(n), "e": encode(e) })
            }
            Pair::P256(pair) => on_curve(pair, "P-256"),
            Pair::P384(pair) => on_curve(pair, "P-384"),
        }
    }
}

impl TokenAlgorithm {
    /// Its name in a header.
    pub fn name(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
            Self::Ps256 => "PS256",
            Self::Ps384 => "PS384",
            Self::Ps512 => "PS512",
            Self::Rs256 => "RS256",
            Self::Rs384 => "RS384",
            Self::Rs512 => "RS512",
        }
    }

    fn encoding(self) -> &'static dyn RsaEncoding {
        match self {
            Self::Ps256 => &RSA_PSS_SHA256,
            Self::Ps384 => &RSA_PSS_SHA384,
            Self::Ps512 => &RSA_PSS_SHA512,
            Self::Rs256 => &RSA_PKCS1_SHA256,
            Self::Rs384 => &RSA_PKCS1_SHA384,
            Self::Rs512 => &RSA_PKCS1_SHA512,
            Self::Es256 | Self::Es384 => panic!("an RSA key cannot sign so"),
        }
    }
}

fn encode(bytes: &[u8]) -> String {
    BASE64URL_NOPAD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn ids_of_keys(issuer: &Issuer, fresh: bool) -> Vec<String> {
        let set = issuer.key_set(issuer.url(), fresh).await.unwrap();
        let set: Value = serde_json::from_slice(&set).unwrap();
        let id = |key: &Value| key["kid"].as_str().unwrap().to_owned();
        set["keys"].as_array().unwrap().iter().map(id).collect()
    }

    #[tokio::test]
    async fn its_set_is_remembered_until_a_fresh_one_is_asked_for() {
        let issuer = Issuer::new("https://issuer.example");

        let first = ids_of_keys(&issuer, false).await;
        issuer.add_key("key-2", KeyType::P384);
        let remembered = ids_of_keys(&issuer, false).await;
        let fresh = ids_of_keys(&issuer, true).await;

        assert_eq!(first, ["key-1"]);
        assert_eq!(remembered, ["key-1"]);
        assert_eq!(fresh, ["key-1", "key-2"]);
        assert_eq!(issuer.requests(), [false, false, true]);
    }

    #[tokio::test]
    async fn it_knows_itself_only_and_may_be_out_of_reach() {
        let issuer = Issuer::new("https://issuer.example");
        issuer.set_reachable(false);

        let other = issuer.key_set("https://other.example", false).await;
        let own = issuer.key_set("https://issuer.example", false).await;

        assert!(matches!(other, Err(IssuerKeysError::Unknown)));
        assert!(matches!(own, Err(IssuerKeysError::Unreachable(_))));
    }
}
