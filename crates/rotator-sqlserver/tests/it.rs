//! Against servers that only seem to be one.

use rotator_testkit::Flood;
use rotators::{Dial, Engine, TOO_MUCH, Tls};
use strongroom_rotator_sqlserver::SqlServer;

/// Whoever names the host in a secret says what speaks there.
#[tokio::test]
async fn a_server_that_never_stops_talking_is_left() {
    // A packet of a login's answer that is not the last one: a text of the server's.
    let mut packet = vec![4, 0, 0x10, 0, 0, 0, 1, 0];
    packet.resize(0x1000, 0);
    let prelogin = Flood::start(Vec::new(), vec![packet.clone()], packet.clone());
    let mut chosen = vec![4, 1, 0, 26, 0, 0, 1, 0];
    // Version, and no encryption.
    chosen.extend([0, 0, 11, 0, 6, 1, 0, 17, 0, 1, 0xff, 16, 0, 0, 0, 0, 0, 2]);
    // Every packet is a message of the server's, told and gone.
    let mut message = vec![4, 0, 0x10, 1, 0, 0, 1, 0, 0xab];
    message.extend(4086_u16.to_le_bytes());
    message.extend([0, 0, 0, 0, 1, 0]);
    message.extend(2036_u16.to_le_bytes());
    message.resize(0x1001, 0);
    let login = Flood::start(Vec::new(), vec![chosen, Vec::new()], message);

    for flood in [prelogin, login] {
        let driver = SqlServer::new(Dial::default());

        let refusal = flood.refusal(&driver, Engine::SqlServer, Tls::Plain).await;

        let text = refusal.to_string();
        assert!(
            text.starts_with("the database cannot be reached: "),
            "{text}"
        );
        assert!(text.contains(TOO_MUCH), "{text}");
        assert!(flood.was_left());
    }
}
