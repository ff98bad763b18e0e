//! Secrets on their way from one start of the program to the next.
//!
//! SECURITY: they wait in a socket that the next start has as its standard input, and are gone from
//! there when it has read them. The real standard input comes with them and takes the place of the
//! socket, so that nothing stays open.

use base::Plaintext;
use rustix::cmsg_space;
use rustix::net::{
    AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, ReturnFlags,
    SendAncillaryBuffer, SendAncillaryMessage, SendFlags, SocketFlags, SocketType, recvmsg,
    sendmsg, socketpair,
};
use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, OwnedFd};
use zeroize::Zeroizing;

/// What one start leaves for the next.
pub(super) struct Parcel {
    /// The secrets by their names.
    pub(super) secrets: Vec<(String, Plaintext)>,
    /// The standard input.
    pub(super) input: OwnedFd,
}

/// The end of a socket in which `secrets` and `input` wait to be read.
pub(super) fn sent(secrets: &[(&str, Plaintext)], input: impl AsFd) -> io::Result<OwnedFd> {
    let written = written(secrets);
    if written.len() > MOST_BYTES {
        return Err(io::Error::other("it is too long"));
    }
    let (near, far) = socketpair(
        AddressFamily::UNIX,
        SocketType::SEQPACKET,
        SocketFlags::CLOEXEC,
        None,
    )?;
    let mut space = [MaybeUninit::uninit(); cmsg_space!(ScmRights(1))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    let input = [input.as_fd()];
    if !control.push(SendAncillaryMessage::ScmRights(&input)) {
        return Err(io::Error::other("there is no room for standard input"));
    }
    let body = [IoSlice::new(&written)];
    let taken = sendmsg(&near, &body, &mut control, SendFlags::NOSIGNAL)?;
    if taken != written.len() {
        return Err(io::ErrorKind::WriteZero.into());
    }
    Ok(far)
}

/// What waits in `socket`.
pub(super) fn received(socket: impl AsFd) -> io::Result<Parcel> {
    let mut bytes = Zeroizing::new(vec![0; MOST_BYTES]);
    let mut space = [MaybeUninit::uninit(); cmsg_space!(ScmRights(1))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let mut body = [IoSliceMut::new(&mut bytes)];
    let flags = RecvFlags::CMSG_CLOEXEC | RecvFlags::DONTWAIT;
    let got = recvmsg(socket, &mut body, &mut control, flags)?;
    let input = control.drain().find_map(|message| match message {
        RecvAncillaryMessage::ScmRights(mut files) => files.next(),
        _ => None,
    });
    let is_whole = !got
        .flags
        .intersects(ReturnFlags::TRUNC | ReturnFlags::CTRUNC);
    let secrets = bytes.get(..got.bytes).and_then(read);
    match (secrets, input) {
        (Some(secrets), Some(input)) if is_whole => Ok(Parcel { secrets, input }),
        _ => Err(io::Error::other("it is nothing that an earlier start left")),
    }
}

/// As in an environment: neither a name nor a value has a zero byte, and a name has no `=`.
fn written(secrets: &[(&str, Plaintext)]) -> Zeroizing<Vec<u8>> {
    let room = |(name, value): &(&str, Plaintext)| name.len() + value.len() + 2;
    let mut written = Zeroizing::new(Vec::with_capacity(secrets.iter().map(room).sum()));
    for (name, value) in secrets {
        written.extend_from_slice(name.as_bytes());
        written.push(b'=');
        written.extend_from_slice(value.expose());
        written.push(0);
    }
    written
}

fn read(written: &[u8]) -> Option<Vec<(String, Plaintext)>> {
    let written = written.strip_suffix(&[0])?;
    let pairs = written.split(|byte| *byte == 0).map(|pair| {
        let at = pair.iter().position(|byte| *byte == b'=')?;
        let name = std::str::from_utf8(pair.get(..at)?).ok()?;
        let value = pair.get(at + 1..)?.to_vec();
        Some((name.to_owned(), Plaintext::new(value)))
    });
    pairs.collect()
}

const MOST_BYTES: usize = 64 << 10;

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::File;
    use std::io::{Read as _, Seek as _, Write as _};

    fn secret(text: &str) -> Plaintext {
        Plaintext::new(text.as_bytes().to_vec())
    }

    fn file_of(text: &str) -> File {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        file.rewind().unwrap();
        file
    }

    #[test]
    fn a_parcel_is_read_once() {
        let secrets = [("WORDS", secret("a=b\n")), ("PIN", secret(""))];
        let socket = sent(&secrets, file_of("typed")).unwrap();

        let parcel = received(&socket).unwrap();

        let read: Vec<_> = parcel
            .secrets
            .iter()
            .map(|(name, value)| (name.as_str(), value.expose()))
            .collect();
        assert_eq!(read, [("WORDS", &b"a=b\n"[..]), ("PIN", b"")]);
        let mut typed = String::new();
        File::from(parcel.input).read_to_string(&mut typed).unwrap();
        assert_eq!(typed, "typed");
        assert!(received(&socket).is_err());
    }

    #[test]
    fn what_is_no_parcel_is_refused() {
        let (near, far) = std::os::unix::net::UnixDatagram::pair().unwrap();
        for message in [&b""[..], b"WORDS", b"WORDS=x", b"WORDS\0"] {
            near.send(message).unwrap();

            assert!(received(&far).is_err(), "{message:?}");
        }
        assert!(received(file_of("WORDS=x\0")).is_err());
    }

    #[test]
    fn a_parcel_is_never_cut_off() {
        let long = "x".repeat(MOST_BYTES);

        assert!(sent(&[("WORDS", secret(&long))], file_of("")).is_err());
    }
}
