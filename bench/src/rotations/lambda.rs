//! A rotation function in a process that the server starts: a client of Lambda's runtime API.

use super::caller::Caller;
use super::home::Home;
use super::steps::{self, Event};
use crate::Error;
use crate::load::runtime;
use serde_json::json;
use std::io::{Read, Write};
use std::net::TcpStream;

/// Asks the runtime at `api` for events and does what they say, until the runtime ends it.
pub(super) fn run(api: &str, variable: impl Fn(&str) -> Option<String>) -> Result<(), Error> {
    let home = Home::told(variable)?;
    let runtime = runtime()?;
    let mut caller = runtime.block_on(Caller::open(&home.endpoint, home.signer))?;
    loop {
        let event = exchange(api, "GET", "next", "")?;
        let (id, payload) = event_of(&event).ok_or(Error::Malformed("the runtime's event"))?;
        let event: Event = serde_json::from_str(payload)?;
        match runtime.block_on(steps::take(&mut caller, &event)) {
            Ok(()) => exchange(api, "POST", &format!("{id}/response"), "null")?,
            Err(error) => {
                let failure = json!({"errorType": "StepFailed", "errorMessage": error.to_string()});
                exchange(api, "POST", &format!("{id}/error"), &failure.to_string())?
            }
        };
    }
}

/// Asks the runtime one thing, over a connection of its own.
fn exchange(api: &str, method: &str, place: &str, body: &str) -> Result<String, Error> {
    let failed = || Error::io("reach the runtime");
    let length = body.len();
    let request = format!(
        "{method} /2018-06-01/runtime/invocation/{place} HTTP/1.1\r\nhost: {api}\r\n\
         content-length: {length}\r\nconnection: close\r\n\r\n{body}"
    );
    let mut stream = TcpStream::connect(api).map_err(failed())?;
    stream.write_all(request.as_bytes()).map_err(failed())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).map_err(failed())?;
    Ok(answer)
}

/// The id and the payload of an event.
fn event_of(answer: &str) -> Option<(&str, &str)> {
    let (head, payload) = answer.split_once("\r\n\r\n")?;
    let id = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case(REQUEST_ID).then(|| value.trim())
    })?;
    Some((id, payload))
}

const REQUEST_ID: &str = "lambda-runtime-aws-request-id";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_has_an_id_and_a_payload() {
        let answer =
            "HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: id-1\r\nx: y\r\n\r\n{\"Step\":1}";

        assert_eq!(event_of(answer), Some(("id-1", "{\"Step\":1}")));
        assert_eq!(event_of("HTTP/1.1 200 OK\r\nx: y\r\n\r\n{}"), None);
        assert_eq!(event_of(""), None);
    }
}
