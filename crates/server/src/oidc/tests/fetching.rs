use super::site::{Answer, Site};
use super::*;

fn discovering(url: &str, ca_file: &Path) -> Fetching {
    let document = format!("{url}/.well-known/openid-configuration");
    Fetching {
        from: Start::Discovery(Endpoint::parse(&document).unwrap()),
        ca_file: Some(ca_file.to_owned()),
        token_file: None,
    }
}

fn document(issuer: &str, keys: &str) -> String {
    format!(r#"{{"issuer":"{issuer}","jwks_uri":"{keys}","claims_supported":[]}}"#)
}

/// Fetches by `settings` for the issuer `url`.
async fn fetched(url: &str, settings: Fetching) -> Result<String, String> {
    fetched_within(GENEROUS, url, settings).await
}

async fn fetched_within(
    timeout: Duration,
    url: &str,
    settings: Fetching,
) -> Result<String, String> {
    let all = [issuer(url, KeySource::Fetched(settings))];
    let issuers = Issuers::with_timeout(&all, HandClock::new(), timeout);
    let text = text_of(&issuers, url).await;
    text.map_err(|error| {
        let known = "the issuer's keys cannot be had: ";
        error.strip_prefix(known).unwrap().to_owned()
    })
}

#[tokio::test]
async fn keys_are_fetched_from_a_url() {
    let site = Site::secure().await;
    site.answer("/keys?version=1", "", SET);
    let url = site.url("https", "/keys?version=1");

    let set = fetched(URL, from_url(&url, site.ca())).await;

    assert_eq!(set.unwrap(), SET);
    assert_eq!(
        site.requests(),
        [format!(
            "GET /keys?version=1 HTTP/1.1\r\nhost: 127.0.0.1:{}\r\naccept: application/json, \
             application/jwk-set+json\r\nuser-agent: strongroom\r\nconnection: close\r\n\r\n",
            site.port()
        )]
    );
}

#[tokio::test]
async fn a_host_may_have_a_name() {
    let site = Site::secure().await;
    site.answer("/keys", "", SET);
    let url = format!("https://localhost:{}/keys", site.port());

    assert_eq!(fetched(URL, from_url(&url, site.ca())).await.unwrap(), SET);
}

#[tokio::test]
async fn http_is_spoken_on_loopback() {
    let site = Site::plain().await;
    site.answer("/keys", "", SET);
    let settings = Fetching {
        ca_file: None,
        ..from_url(&site.url("http", "/keys"), PathBuf::new())
    };

    assert_eq!(fetched(URL, settings).await.unwrap(), SET);
}

#[tokio::test]
async fn the_discovery_document_says_where_the_keys_are() {
    let site = Site::secure().await;
    let url = site.url("https", "/tenant");
    let keys = site.url("https", "/openid/v1/jwks");
    let well_known = "/tenant/.well-known/openid-configuration";
    site.answer(well_known, "", &document(&url, &keys));
    site.answer("/openid/v1/jwks", "", SET);

    let set = fetched(&url, discovering(&url, &site.ca())).await;

    assert_eq!(set.unwrap(), SET);
    assert_eq!(site.paths(), [well_known, "/openid/v1/jwks"]);
}

#[tokio::test]
async fn a_discovery_document_that_cannot_be_relied_upon_is_refused() {
    let site = Site::secure().await;
    let url = site.url("https", "");
    let keys = site.url("https", "/keys");
    for (document, refusal) in [
        (
            document("https://other.example", &keys),
            "the discovery document is of the issuer `https://other.example`".to_owned(),
        ),
        (
            document(&format!("{url}/"), &keys),
            format!("the discovery document is of the issuer `{url}/`"),
        ),
        (
            document(&url, "http://127.0.0.1/keys"),
            "the discovery document names keys at `http://127.0.0.1/keys`, which is no HTTPS URL"
                .to_owned(),
        ),
        (
            document(&url, "file:///etc/passwd"),
            "the discovery document names keys at `file:///etc/passwd`, which is no HTTPS URL"
                .to_owned(),
        ),
    ] {
        site.answer("/.well-known/openid-configuration", "", &document);

        let refused = fetched(&url, discovering(&url, &site.ca())).await;

        assert_eq!(refused.unwrap_err(), refusal);
    }
    for document in ["", "{}", r#"{"issuer":1,"jwks_uri":""}"#] {
        site.answer("/.well-known/openid-configuration", "", document);

        let refused = fetched(&url, discovering(&url, &site.ca())).await;

        let expected = "the discovery document cannot be understood: ";
        assert!(refused.unwrap_err().starts_with(expected));
    }
    assert!(!site.paths().contains(&"/keys".to_owned()));
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let (site, other) = (Site::secure().await, Site::secure().await);
    other.answer("/keys", "", SET);
    let location = other.url("https", "/keys");
    let url = site.url("https", "/keys");
    for status in [301, 302, 303, 307, 308] {
        let answer =
            format!("HTTP/1.1 {status} Moved\r\nlocation: {location}\r\ncontent-length: 0\r\n\r\n");
        site.answer_with("/keys", Answer::Raw(answer));

        let refused = fetched(URL, from_url(&url, site.ca())).await;

        let expected = format!("{url}: it answered with status {status}");
        assert_eq!(refused.unwrap_err(), expected);
    }
    assert!(other.requests().is_empty());
}

#[tokio::test]
async fn only_status_200_brings_keys() {
    let site = Site::secure().await;
    let url = site.url("https", "/keys");
    for status in [201, 204, 401, 403, 500, 503] {
        let body = if status == 204 { "" } else { SET };
        let length = body.len();
        let answer = format!("HTTP/1.1 {status} X\r\ncontent-length: {length}\r\n\r\n{body}");
        site.answer_with("/keys", Answer::Raw(answer));

        let refused = fetched(URL, from_url(&url, site.ca())).await;

        let expected = format!("{url}: it answered with status {status}");
        assert_eq!(refused.unwrap_err(), expected);
    }
}

#[tokio::test]
async fn an_answer_may_have_half_a_mebibyte() {
    let site = Site::secure().await;
    let url = site.url("https", "/keys");
    let of_size = |size: usize| {
        let padding = size - r#"{"keys":[""]}"#.len();
        format!("{{\"keys\":[\"{}\"]}}", "x".repeat(padding))
    };
    let fits = of_size(MOST_BYTES);
    let too_large = of_size(MOST_BYTES + 1);
    let without_length = format!("HTTP/1.1 200 OK\r\n\r\n{too_large}");

    site.answer("/keys", "", &fits);
    let set = fetched(URL, from_url(&url, site.ca())).await;
    site.answer("/keys", "", &too_large);
    let announced = fetched(URL, from_url(&url, site.ca())).await;
    site.answer_with("/keys", Answer::Raw(without_length));
    let unannounced = fetched(URL, from_url(&url, site.ca())).await;

    let refusal = format!("{url}: the answer is larger than 524288 bytes");
    assert_eq!(set.unwrap(), fits);
    assert_eq!(announced.unwrap_err(), refusal);
    assert_eq!(unannounced.unwrap_err(), refusal);
}

#[tokio::test]
async fn an_answer_without_keys_is_refused() {
    let site = Site::secure().await;
    let url = site.url("https", "/keys");
    for body in ["", "<html>", "[]", r#"{"keys":"none"}"#] {
        site.answer("/keys", "", body);

        let refused = fetched(URL, from_url(&url, site.ca())).await.unwrap_err();

        let expected = format!("{url}: not a JSON Web Key Set: ");
        assert!(refused.starts_with(&expected), "{refused}");
    }
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_refused() {
    let site = Site::secure().await;
    let url = site.url("https", "/keys");
    for answer in [
        "",
        "HTTP/1.1 200",
        "not HTTP\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"keys\":[]}",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nb\r\n{\"keys\":[]}\r\n",
    ] {
        site.answer_with("/keys", Answer::Raw(answer.to_owned()));

        let refused = fetched(URL, from_url(&url, site.ca())).await;

        assert!(refused.is_err(), "{answer}");
    }
}

#[tokio::test]
async fn a_silent_issuer_is_given_up() {
    let site = Site::secure().await;
    site.answer_with("/keys", Answer::Silence);
    let url = site.url("https", "/keys");
    let short = Duration::from_millis(250);

    let refused = fetched_within(short, URL, from_url(&url, site.ca())).await;

    assert_eq!(refused.unwrap_err(), "no answer within 0.25 s");
}

#[tokio::test]
async fn an_issuer_must_be_vouched_for_by_the_authority() {
    let (site, other) = (Site::secure().await, Site::secure().await);
    let elsewhere = Site::named(&["issuer.example"]).await;
    for site in [&site, &elsewhere] {
        site.answer("/keys", "", SET);
    }
    let keys = site.url("https", "/keys");
    let misnamed = elsewhere.url("https", "/keys");

    let by_another = fetched(URL, from_url(&keys, other.ca())).await.unwrap_err();
    let by_the_system = fetched(
        URL,
        Fetching {
            ca_file: None,
            ..from_url(&keys, PathBuf::new())
        },
    );
    let by_the_system = by_the_system.await;
    let of_another_name = fetched(URL, from_url(&misnamed, elsewhere.ca())).await;

    assert!(
        by_another.starts_with(&format!("{keys}: TLS failed: ")),
        "{by_another}"
    );
    assert!(by_the_system.is_err());
    let of_another_name = of_another_name.unwrap_err();
    assert!(of_another_name.contains("TLS failed"), "{of_another_name}");
    assert!(site.requests().is_empty() && elsewhere.requests().is_empty());
}

#[tokio::test]
async fn an_authority_that_cannot_be_read_is_named() {
    let (dir, path) = a_file("no certificate");
    let missing = dir.path().join("missing");
    let keys = "https://127.0.0.1:1/keys";

    let empty = fetched(URL, from_url(keys, path.clone())).await;
    let absent = fetched(URL, from_url(keys, missing.clone())).await;

    assert_eq!(
        empty.unwrap_err(),
        format!("`{}` holds no certificate in PEM form", path.display())
    );
    let expected = format!("cannot read `{}`", missing.display());
    assert!(absent.unwrap_err().starts_with(&expected));
}

#[tokio::test]
async fn a_bearer_token_is_read_at_each_fetch() {
    let site = Site::secure().await;
    site.answer("/keys", "", SET);
    let (_dir, token_file) = a_file("first\n");
    let settings = || Fetching {
        token_file: Some(token_file.clone()),
        ..from_url(&site.url("https", "/keys"), site.ca())
    };

    fetched(URL, settings()).await.unwrap();
    fs::write(&token_file, "second").unwrap();
    fetched(URL, settings()).await.unwrap();

    let [first, second] = <[String; 2]>::try_from(site.requests()).unwrap();
    assert!(first.contains("\r\nauthorization: Bearer first\r\n"));
    assert!(second.contains("\r\nauthorization: Bearer second\r\n"));
}

#[tokio::test]
async fn a_bearer_token_goes_to_its_own_server_only() {
    let (site, other) = (Site::secure().await, Site::secure().await);
    let (dir, token_file) = a_file("token");
    let both = dir.path().join("both.pem");
    let authorities = [site.ca(), other.ca()].map(|path| fs::read_to_string(path).unwrap());
    fs::write(&both, authorities.concat()).unwrap();
    let url = site.url("https", "");
    let keys = other.url("https", "/keys");
    site.answer(
        "/.well-known/openid-configuration",
        "",
        &document(&url, &keys),
    );
    other.answer("/keys", "", SET);
    let settings = Fetching {
        token_file: Some(token_file),
        ..discovering(&url, &both)
    };

    fetched(&url, settings).await.unwrap();

    assert!(site.requests()[0].contains("authorization: Bearer token"));
    assert!(!other.requests()[0].contains("authorization"));
}

#[tokio::test]
async fn a_token_that_cannot_be_sent_is_named_and_not_shown() {
    for content in ["", " \n", "two words", "line\r\nx-header: 1", "t\u{e4}"] {
        let (_dir, path) = a_file(content);
        let settings = Fetching {
            token_file: Some(path.clone()),
            ..from_url("https://127.0.0.1:1/keys", PathBuf::from("/nowhere"))
        };

        let refused = fetched(URL, settings).await.unwrap_err();

        let path = path.display();
        assert_eq!(
            refused,
            format!("the bearer token in `{path}` cannot be used")
        );
    }
}

#[tokio::test]
async fn a_host_that_is_not_there_is_told() {
    let site = Site::secure().await;
    // Nobody listens on port 1 of a loopback address.
    let settings = from_url("https://127.0.0.1:1/keys", site.ca());

    let refused = fetched(URL, settings).await.unwrap_err();

    let expected = "https://127.0.0.1:1/keys: cannot connect: ";
    assert!(refused.starts_with(expected), "{refused}");
}

#[tokio::test]
async fn a_query_is_not_shown() {
    let site = Site::secure().await;
    let settings = from_url("https://127.0.0.1:1/keys?api-key=hunter2", site.ca());

    let refused = fetched(URL, settings).await.unwrap_err();

    assert!(!refused.contains("hunter2"), "{refused}");
}
