use base::Plaintext;
use rotators::{Database, DatabaseError, Engine, Login, Tls};
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::thread::JoinHandle;
use std::time::Duration;

/// A server, on `127.0.0.1`, that never stops talking once it has begun.
pub struct Flood {
    /// The port.
    pub port: u16,
    server: JoinHandle<usize>,
}

impl Flood {
    /// Sends `first` at once. Then, each time it has been sent something, the next of `answers`; and the
    /// last of them followed by `endless`, for ever.
    pub fn start(first: Vec<u8>, answers: Vec<Vec<u8>>, endless: Vec<u8>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = std::thread::spawn(move || {
            let (mut client, _) = listener.accept().unwrap();
            drop(listener);
            client.set_read_timeout(Some(PATIENCE)).unwrap();
            client.set_write_timeout(Some(PATIENCE)).unwrap();
            client.write_all(&first).unwrap();
            for answer in answers {
                let mut sent = [0; 4096];
                assert_ne!(client.read(&mut sent).unwrap(), 0, "it left");
                client.write_all(&answer).unwrap();
            }
            let mut written = 0;
            while written < ENOUGH {
                match client.write(&endless) {
                    Ok(more) => written += more,
                    Err(_) => break,
                }
            }
            written
        });
        Self { port, server }
    }

    /// What `driver` says of it when it is to log in there.
    pub async fn refusal(&self, driver: &impl Database, engine: Engine, tls: Tls) -> DatabaseError {
        let password = Plaintext::from(String::from("x"));
        let login = Login {
            engine,
            host: "127.0.0.1",
            port: self.port,
            username: "app",
            password: &password,
            dbname: None,
            home: None,
            tls,
        };
        driver.log_in(login).await.err().unwrap()
    }

    /// Whether the other side left before it had heard everything.
    pub fn was_left(self) -> bool {
        self.server.join().unwrap() < ENOUGH
    }
}

const PATIENCE: Duration = Duration::from_secs(30);
/// More than the buffers of two sockets hold.
const ENOUGH: usize = 64 * 1024 * 1024;
