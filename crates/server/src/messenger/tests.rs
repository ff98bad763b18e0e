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

#[test]
fn what_the_endpoint_refuses_is_not_tried_again() {
    let judged = |status: u16| {
        let judged = judge(StatusCode::from_u16(status).unwrap());
        judged.map_err(|refusal| refusal.is_final)
    };

    for (status, expected) in [
        (200, Ok(())),
        (204, Ok(())),
        (301, Err(true)),
        (307, Err(true)),
        (400, Err(true)),
        (404, Err(true)),
        (429, Err(false)),
        (500, Err(false)),
        (503, Err(false)),
    ] {
        assert_eq!(judged(status), expected, "{status}");
    }
}
