//! A network between a store and its server that fails when it is told to.

use parking_lot::Mutex;
use std::io::{Read, Write};
use std::mem;
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

/// What happens to the next `COMMIT`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// The connection ends before the server gets it.
    CutBefore,
    /// The connection ends when the server has got it.
    CutAfter,
    /// As `CutAfter`, and no connection is let through afterwards.
    CutAfterAndStayDown,
    /// The server never gets it, and nobody is told.
    Swallow,
    /// The server gets it, and its answer is lost.
    SwallowAnswer,
    /// The server gets it when it is let go.
    Hold,
}

pub(super) struct Proxy {
    pub(super) port: u16,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    fault: Option<Fault>,
    is_down: bool,
    is_held: bool,
    holds_commit: bool,
    turns: u64,
    connections: Vec<TcpStream>,
}

impl Proxy {
    pub(super) fn to(server: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let state: Arc<Mutex<State>> = Arc::default();
        let shared = Arc::clone(&state);
        // It ends with the process.
        thread::spawn(move || {
            for client in listener.incoming() {
                let Ok(client) = client else { continue };
                if shared.lock().is_down {
                    continue;
                }
                let Ok(server) = TcpStream::connect(("127.0.0.1", server)) else {
                    continue;
                };
                connect(&shared, client, server);
            }
        });
        Self { port, state }
    }

    /// Makes the next `COMMIT` fail.
    pub(super) fn fail_next(&self, fault: Fault) {
        self.state.lock().fault = Some(fault);
    }

    /// Whether the fault has happened.
    pub(super) fn has_failed(&self) -> bool {
        self.state.lock().fault.is_none()
    }

    /// Ends all connections and lets none through.
    pub(super) fn take_down(&self) {
        self.state.lock().take_down();
    }

    /// How often a client has spoken after its server, on all connections together.
    pub(super) fn turns(&self) -> u64 {
        self.state.lock().turns
    }

    /// Holds everything that clients send.
    pub(super) fn freeze(&self) {
        self.state.lock().is_held = true;
    }

    /// Lets go of what is held.
    pub(super) fn let_go(&self) {
        let mut state = self.state.lock();
        state.is_held = false;
        state.holds_commit = false;
    }

    pub(super) fn bring_up(&self) {
        self.state.lock().is_down = false;
    }
}

impl State {
    fn take_down(&mut self) {
        self.is_down = true;
        for connection in self.connections.drain(..) {
            let _ = connection.shutdown(Shutdown::Both);
        }
    }
}

fn connect(state: &Arc<Mutex<State>>, client: TcpStream, server: TcpStream) {
    let copies = [client.try_clone().unwrap(), server.try_clone().unwrap()];
    state.lock().connections.extend(copies);
    let is_deaf = Arc::new(Mutex::new(false));
    let is_clients_turn = Arc::new(Mutex::new(true));
    let clients_turn = Arc::clone(&is_clients_turn);
    let (mut from, mut to) = (server.try_clone().unwrap(), client.try_clone().unwrap());
    let deaf = Arc::clone(&is_deaf);
    thread::spawn(move || {
        let mut buffer = [0; 65_536];
        while let Ok(count @ 1..) = from.read(&mut buffer) {
            *clients_turn.lock() = true;
            if !*deaf.lock() && to.write_all(&buffer[..count]).is_err() {
                break;
            }
        }
        let _ = to.shutdown(Shutdown::Both);
    });
    let (state, mut client, mut server) = (Arc::clone(state), client, server);
    thread::spawn(move || {
        let mut buffer = [0; 65_536];
        while let Ok(count @ 1..) = client.read(&mut buffer) {
            let sent = &buffer[..count];
            state.lock().turns += u64::from(mem::replace(&mut *is_clients_turn.lock(), false));
            let is_commit = sent.windows(COMMIT.len()).any(|window| window == COMMIT);
            let fault = is_commit.then(|| state.lock().fault.take()).flatten();
            match fault {
                None => wait_while_held(&state),
                Some(Fault::CutBefore) => break,
                Some(Fault::Swallow) => continue,
                Some(Fault::Hold) => {
                    state.lock().holds_commit = true;
                    while state.lock().holds_commit {
                        thread::sleep(POLL);
                    }
                }
                Some(Fault::SwallowAnswer) => *is_deaf.lock() = true,
                Some(Fault::CutAfter | Fault::CutAfterAndStayDown) => {
                    let _ = client.shutdown(Shutdown::Both);
                }
            }
            if server.write_all(sent).is_err() {
                break;
            }
            if fault == Some(Fault::CutAfterAndStayDown) {
                state.lock().take_down();
            }
        }
        let _ = server.shutdown(Shutdown::Both);
        let _ = client.shutdown(Shutdown::Both);
    });
}

fn wait_while_held(state: &Mutex<State>) {
    while state.lock().is_held {
        thread::sleep(POLL);
    }
}

const POLL: Duration = Duration::from_millis(5);
const COMMIT: &[u8] = b"; COMMIT\0";
