use super::error::WebIdentityError;
use super::json::{self, Object};
use super::keys::Algorithm;
use base::{IssuerUrl, Plaintext};
use data_encoding::BASE64URL_NOPAD;
use zeroize::Zeroizing;

/// A token taken apart. Nothing in it is verified.
pub(super) struct Token<'a> {
    header: Object,
    claims: Object,
    signed: &'a [u8],
    signature: Zeroizing<Vec<u8>>,
}

impl<'a> Token<'a> {
    /// Takes a token in JWS compact form apart: three parts of base64url, the first two of which
    /// hold an object.
    pub(super) fn parse(token: &'a Plaintext) -> Result<Self, WebIdentityError> {
        if !LENGTHS.contains(&token.len()) {
            return Err(WebIdentityError::NotAToken);
        }
        Self::taken_apart(token.expose()).ok_or(WebIdentityError::NotAToken)
    }

    fn taken_apart(token: &'a [u8]) -> Option<Self> {
        let dots = token.iter().filter(|byte| **byte == b'.').count();
        if dots != 2 {
            return None;
        }
        let last = token.iter().rposition(|byte| *byte == b'.')?;
        let (signed, signature) = token.split_at_checked(last)?;
        let mut parts = signed.split(|byte| *byte == b'.');
        let (header, claims) = (parts.next()?, parts.next()?);
        let parsed = Self {
            header: object(header)?,
            claims: object(claims)?,
            signed,
            signature: decoded(signature.get(1..)?)?,
        };
        parsed.is_understood().then_some(parsed)
    }

    /// SECURITY: who marks an extension as critical wants those who do not know it to refuse.
    fn is_understood(&self) -> bool {
        let has = |name: &str| self.header.contains_key(name);
        let key_id_is_text = self.header.get("kid").is_none_or(|id| id.text().is_some());
        !has("crit") && !has("b64") && key_id_is_text
    }

    /// The issuer.
    pub(super) fn issuer(&self) -> Result<IssuerUrl, WebIdentityError> {
        let issuer = self
            .claims
            .get("iss")
            .ok_or(WebIdentityError::MissingClaim("iss"))?;
        issuer
            .text()
            .and_then(|issuer| IssuerUrl::parse(issuer).ok())
            .ok_or(WebIdentityError::IssuerForm)
    }

    /// The algorithm that the header names, if we know it.
    pub(super) fn algorithm(&self) -> Option<Algorithm> {
        Algorithm::named(self.header.get("alg")?.text()?)
    }

    /// The id of the key that the header names.
    pub(super) fn key_id(&self) -> Option<&str> {
        self.header.get("kid")?.text()
    }

    /// What was signed.
    pub(super) fn signed(&self) -> &[u8] {
        self.signed
    }

    /// The signature.
    pub(super) fn signature(&self) -> &[u8] {
        &self.signature
    }

    /// What the token says.
    pub(super) fn claims(&self) -> &Object {
        &self.claims
    }
}

fn object(part: &[u8]) -> Option<Object> {
    json::object(&decoded(part)?).ok()
}

/// SECURITY: takes no other spelling of the same bytes: no padding, no white space, no stray bits.
fn decoded(part: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    BASE64URL_NOPAD.decode(part).ok().map(Zeroizing::new)
}

/// AWS's bounds for the parameter `WebIdentityToken`.
const LENGTHS: std::ops::RangeInclusive<usize> = 4..=20_000;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn encoded(header: &str, claims: &str, signature: &[u8]) -> String {
        let encode = |bytes: &[u8]| BASE64URL_NOPAD.encode(bytes);
        format!(
            "{}.{}.{}",
            encode(header.as_bytes()),
            encode(claims.as_bytes()),
            encode(signature)
        )
    }

    fn is_parsed(token: &str) -> bool {
        Token::parse(&Plaintext::from(token.to_owned())).is_ok()
    }

    #[test]
    fn a_token_is_taken_apart() {
        let header = r#"{"alg":"ES256","kid":"k","typ":"JWT"}"#;
        let text = encoded(
            header,
            r#"{"iss":"https://issuer.example/x"}"#,
            b"signature",
        );
        let secret = Plaintext::from(text.clone());

        let token = Token::parse(&secret).unwrap();

        assert_eq!(token.algorithm(), Some(Algorithm::Es256));
        assert_eq!(token.key_id(), Some("k"));
        assert_eq!(token.issuer().unwrap().as_str(), "https://issuer.example/x");
        assert_eq!(token.signature(), b"signature");
        assert_eq!(token.signed(), text.rsplit_once('.').unwrap().0.as_bytes());
    }

    #[test]
    fn what_is_not_exactly_a_token_is_refused() {
        let good = encoded(r#"{"alg":"ES256"}"#, "{}", b"sig");
        let (signed, signature) = good.rsplit_once('.').unwrap();
        assert!(is_parsed(&good));

        for bad in [
            String::new(),
            "a.b".to_owned(),
            "....".to_owned(),
            signed.to_owned(),
            format!("{good}.{signature}"),
            format!("{good}."),
            format!(".{good}"),
            format!("{good}="),
            format!("{good}\n"),
            format!(" {good}"),
            good.replacen('e', "+", 1),
            good.replacen('e', "/", 1),
            encoded("[]", "{}", b"sig"),
            encoded(r#"{"alg":"ES256"}"#, "1", b"sig"),
            encoded(r#"{"alg":"ES256"}"#, r#"{"sub":"a","sub":"b"}"#, b"sig"),
            encoded(r#"{"alg":"ES256","alg":"RS256"}"#, "{}", b"sig"),
            encoded(r#"{"alg":"ES256","kid":1}"#, "{}", b"sig"),
            encoded(r#"{"alg":"ES256","crit":["b64"]}"#, "{}", b"sig"),
            encoded(r#"{"alg":"ES256","b64":false}"#, "{}", b"sig"),
        ] {
            assert!(!is_parsed(&bad), "{bad}");
        }
    }

    #[test]
    fn stray_bits_at_the_end_are_refused() {
        let good = encoded(r#"{"alg":"ES256"}"#, "{}", b"s");
        // One byte takes two characters, the second of which has four bits to spare.
        let mut stray = good.clone();
        stray.pop();
        stray.push('x');

        assert!(is_parsed(&good));
        assert!(!is_parsed(&stray));
    }

    #[test]
    fn a_token_of_20000_bytes_is_the_longest() {
        let of_length = |length: usize| {
            let empty = encoded(r#"{"alg":"ES256"}"#, "{}", b"");
            let spare = length - empty.len();
            format!("{empty}{}", "A".repeat(spare))
        };

        // Both are lengths that base64 has.
        assert!(is_parsed(&of_length(20_000)));
        assert!(!is_parsed(&of_length(20_001)));
    }

    #[test]
    fn unknown_algorithms_have_no_name() {
        for name in [
            "none", "None", "HS256", "HS512", "ES512", "EdDSA", "rs256", "",
        ] {
            assert_eq!(Algorithm::named(name), None, "{name}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = Token::parse(&Plaintext::new(bytes)).map(|token| token.issuer().is_ok());
        }

        #[test]
        fn no_text_of_the_alphabet_panics(text in "[A-Za-z0-9_.=-]{0,200}") {
            let _ = is_parsed(&text);
        }
    }
}
