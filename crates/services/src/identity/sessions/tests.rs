use super::*;
use base::Entropy;
use proptest::prelude::*;
use seal::{KeyRing, RootKey};
use testkit::SeededEntropy;

struct World {
    ring: Arc<KeyRing>,
    root: RootKey,
    sessions: Sessions,
}

impl World {
    fn new() -> Self {
        let entropy: Arc<dyn Entropy> = Arc::new(SeededEntropy::new(1));
        let now = Timestamp::from_millis(1_768_478_400_000);
        let ring = Arc::new(KeyRing::generate(entropy.clone(), now).unwrap());
        Self {
            sessions: Sessions::new(ring.clone()),
            ring,
            root: RootKey::generate(entropy).unwrap(),
        }
    }

    fn rotate(&self) {
        let now = Timestamp::from_millis(1_768_478_400_000);
        let rotated = self.ring.prepare_rotation(&self.root, now).unwrap();
        rotated.install();
    }

    fn token(&self, session: &Session) -> String {
        let secret = Plaintext::from(SECRET.to_owned());
        let token = self.sessions.issue(session, secret).unwrap().token;
        String::from_utf8(token.expose().to_vec()).unwrap()
    }
}

fn session(access_key_id: &str) -> Session {
    let mut tags = Tags::default();
    let tag = (Some("team".to_owned()), "red".to_owned());
    tags.set(std::iter::once(tag)).unwrap();
    let policy =
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
    Session {
        account: AccountId::parse("123456789012").unwrap(),
        access_key_id: access_key_id.to_owned(),
        subject: SessionSubject::Role {
            name: "reader".to_owned(),
            id: "AROAEXAMPLE".to_owned(),
        },
        name: Some("session".to_owned()),
        issued: Timestamp::from_millis(1_768_478_400_000),
        expires: Timestamp::from_millis(1_768_482_000_000),
        policy: Some(IdentityDocument::parse(policy).unwrap()),
        policy_arns: vec!["arn:aws:iam::aws:policy/AdministratorAccess".to_owned()],
        tags,
        transitive_tag_keys: vec!["team".to_owned()],
        source_identity: Some("alice@example".to_owned()),
        federated_provider: Some("arn:aws:iam::123456789012:oidc-provider/x".to_owned()),
        claims: vec![("x:sub".to_owned(), "cart".to_owned())],
    }
}

#[test]
fn a_token_says_everything_that_was_put_into_it() {
    let world = World::new();
    let session = session(KEY);

    let opened = world.sessions.open(KEY, &world.token(&session)).unwrap();

    assert_eq!(*opened.session, session);
    assert_eq!(opened.secret_access_key.expose(), SECRET.as_bytes());
}

#[test]
fn a_token_does_not_show_what_it_says() {
    let world = World::new();

    let token = world.token(&session(KEY));

    let bytes = BASE64.decode(token.as_bytes()).unwrap();
    for text in [SECRET, "reader", "AROAEXAMPLE", "alice@example"] {
        let shows = |bytes: &[u8]| bytes.windows(text.len()).any(|run| run == text.as_bytes());
        assert!(!shows(&bytes) && !shows(token.as_bytes()), "{text}");
    }
}

#[test]
fn two_tokens_of_one_session_differ_and_both_open() {
    let world = World::new();
    let session = session(KEY);

    let tokens = [world.token(&session), world.token(&session)];

    assert_ne!(tokens[0], tokens[1]);
    for token in tokens {
        assert!(world.sessions.open(KEY, &token).is_some());
    }
}

#[test]
fn a_token_opens_for_its_own_access_key_only() {
    let world = World::new();

    let token = world.token(&session(KEY));

    assert!(world.sessions.open("ASIAOTHER", &token).is_none());
    assert!(world.sessions.open("", &token).is_none());
}

#[test]
fn a_token_of_another_ring_does_not_open() {
    let world = World::new();
    let entropy: Arc<dyn Entropy> = Arc::new(SeededEntropy::new(2));
    let other = KeyRing::generate(entropy, Timestamp::from_millis(0)).unwrap();

    let token = world.token(&session(KEY));

    assert!(Sessions::new(Arc::new(other)).open(KEY, &token).is_none());
}

#[test]
fn a_token_from_before_a_rotation_still_opens() {
    let world = World::new();
    let before = world.token(&session(KEY));

    world.rotate();
    let after = world.token(&session(KEY));
    world.rotate();

    for token in [before, after] {
        assert!(world.sessions.open(KEY, &token).is_some());
    }
}

#[test]
fn no_byte_of_a_token_can_be_changed_added_or_left_out() {
    let world = World::new();
    let bytes = BASE64.decode(world.token(&session(KEY)).as_bytes());
    let bytes = bytes.unwrap();
    let opens = |bytes: &[u8]| world.sessions.open(KEY, &BASE64.encode(bytes)).is_some();

    for position in 0..bytes.len() {
        for bit in [1, 128] {
            let mut changed = bytes.clone();
            changed[position] ^= bit;
            assert!(!opens(&changed), "{position}");
        }
        assert!(!opens(&bytes[..position]), "{position}");
    }
    assert!(!opens(&[bytes.as_slice(), &[0]].concat()));
    assert!(opens(&bytes));
}

#[test]
fn what_is_longer_than_any_token_is_not_even_decoded() {
    let world = World::new();

    let long = "A".repeat(LONGEST_TOKEN + 4);

    assert!(world.sessions.open(KEY, &long).is_none());
}

#[test]
fn only_what_was_remembered_is_known_and_for_its_own_key_only() {
    let world = World::new();
    let token = world.token(&session(KEY));
    let digest = token_digest(&token);
    assert!(world.sessions.known(KEY, &digest).is_none());

    world.sessions.remember(digest, Arc::new(session(KEY)));

    assert_eq!(
        world.sessions.known(KEY, &digest).as_deref(),
        Some(&session(KEY))
    );
    assert!(world.sessions.known("ASIAOTHER", &digest).is_none());
    assert!(world.sessions.known(KEY, &token_digest("other")).is_none());
}

proptest! {
    #[test]
    fn no_text_opens_that_was_not_issued(text in "[A-Za-z0-9+/=]{0,200}") {
        prop_assert!(World::new().sessions.open(KEY, &text).is_none());
    }
}

const KEY: &str = "ASIAEXAMPLE000000000";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
