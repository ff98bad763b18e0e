use super::*;

fn addresses(texts: &[&str]) -> Vec<SocketAddr> {
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

#[test]
fn an_address_of_the_servers_networks_is_not_connected_to() {
    let found = addresses(&[
        "169.254.169.254:443",
        "8.8.8.8:443",
        "127.0.0.1:443",
        "[fd00::1]:443",
    ]);

    let usual = reachable(found.iter().copied(), false, false);
    let private = reachable(found.iter().copied(), true, false);
    let clear = reachable(found.iter().copied(), true, true);

    assert_eq!(usual, addresses(&["8.8.8.8:443"]));
    assert_eq!(private, found);
    assert_eq!(clear, addresses(&["127.0.0.1:443"]));
}

/// Whether a refusal is final, and how long the endpoint asks to wait.
fn judged(kind: PostKind, status: u16, after: Option<&str>) -> Result<(), (bool, Option<u32>)> {
    let mut headers = HeaderMap::new();
    if let Some(after) = after {
        headers.insert(header::RETRY_AFTER, HeaderValue::from_str(after).unwrap());
    }
    let judged = judge(kind, StatusCode::from_u16(status).unwrap(), &headers);
    judged.map_err(|refusal| (refusal.is_final, refusal.retry_after_seconds))
}

#[test]
fn what_the_endpoint_refuses_is_not_tried_again() {
    for (status, of_topic, of_rule) in [
        (200, None, None),
        (204, None, None),
        (301, Some(true), Some(true)),
        (307, Some(true), Some(true)),
        (400, Some(true), Some(true)),
        (401, Some(true), Some(false)),
        (404, Some(true), Some(true)),
        (407, Some(true), Some(false)),
        (409, Some(true), Some(false)),
        (429, Some(false), Some(false)),
        (500, Some(false), Some(false)),
        (503, Some(false), Some(false)),
    ] {
        let is_final = |kind| {
            judged(kind, status, None)
                .err()
                .map(|(is_final, _)| is_final)
        };

        assert_eq!(is_final(PostKind::Subscription), of_topic, "{status}");
        assert_eq!(is_final(PostKind::ApiDestination), of_rule, "{status}");
    }
}

#[test]
fn an_api_destination_is_given_the_time_that_it_asks_for() {
    for (after, expected) in [
        ("7", (false, Some(7))),
        ("0", (false, Some(0))),
        ("99999999999", (false, Some(u32::MAX))),
        ("-1", (true, None)),
        ("Wed, 21 Oct 2026 07:28:00 GMT", (false, None)),
        ("99999999999999999999", (false, None)),
    ] {
        let rule = judged(PostKind::ApiDestination, 503, Some(after));

        assert_eq!(rule, Err(expected), "{after}");
    }
    let topic = judged(PostKind::Subscription, 503, Some("-1"));
    let refused = judged(PostKind::ApiDestination, 400, Some("7"));
    assert_eq!((topic, refused), (Err((false, None)), Err((true, None))));
}

#[test]
fn nobody_says_whom_a_request_is_for_or_where_it_ends() {
    let admitted = Admitted {
        endpoint: crate::config::Endpoint::parse("https://hooks.example/in?a=b").unwrap(),
        is_private: false,
    };
    let headers = [
        ("Host", "169.254.169.254"),
        ("connection", "keep-alive"),
        ("Content-Length", "0"),
        ("Transfer-Encoding", "chunked"),
        ("x-of", "r"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()));
    let secrets = [(
        String::from("X-Key"),
        Plaintext::from(String::from("hunter2")),
    )];
    let post = Post {
        kind: PostKind::ApiDestination,
        method: "PUT",
        url: "",
        headers: &headers,
        secrets: &secrets,
        body: "{}",
    };

    let request = request(&admitted, &post).unwrap();

    let mut lines: Vec<(&str, &str)> = request
        .headers()
        .iter()
        .map(|(name, value)| (name.as_str(), value.to_str().unwrap()))
        .collect();
    lines.sort_unstable();
    let expected = [
        ("connection", "close"),
        ("host", "hooks.example"),
        ("x-key", "hunter2"),
        ("x-of", "r"),
    ];
    assert_eq!(lines, expected);
    assert_eq!(
        (
            request.method().as_str(),
            request.uri().to_string().as_str()
        ),
        ("PUT", "/in?a=b")
    );
    assert!(!format!("{:?}", request.headers()).contains("hunter2"));
}

#[test]
fn what_cannot_be_written_is_not_sent() {
    let admitted = Admitted {
        endpoint: crate::config::Endpoint::parse("https://hooks.example/").unwrap(),
        is_private: false,
    };
    let header = |name: &str, value: &str| [(name.to_owned(), value.to_owned())];
    let with = |headers: &[(String, String)], secret: &str| {
        let secrets = [(String::from("x-key"), Plaintext::from(secret.to_owned()))];
        let post = Post {
            kind: PostKind::ApiDestination,
            method: "POST",
            url: "",
            headers,
            secrets: &secrets,
            body: "",
        };
        request(&admitted, &post)
            .map(drop)
            .map_err(|refusal| refusal.is_final)
    };

    assert_eq!(with(&header("x", "a\r\nb: c"), "x"), Err(true));
    assert_eq!(with(&header("x\r\ny", "a"), "x"), Err(true));
    assert_eq!(with(&[], "a\r\nb: c"), Err(true));
    assert_eq!(with(&[], "a"), Ok(()));
}
