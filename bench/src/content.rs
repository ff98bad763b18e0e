//! What is in the server's store: filling it, visiting it, and finding its pages.

use crate::case::signed;
use crate::load::{Endpoint, Length, Load, ask, drive};
use crate::operation::{Ask, BATCH, Operation, scattered};
use crate::sign::Signer;
use crate::{Error, clock::now};
use serde_json::Value;
use std::time::Duration;

/// Sends one request about each of `secrets` secrets.
pub(crate) fn once_each(
    endpoint: &Endpoint,
    signer: &Signer,
    secrets: usize,
    ask: impl Fn(usize) -> Ask,
) -> Result<(), Error> {
    for begin in (0..secrets).step_by(CHUNK) {
        let numbers = (begin..secrets.min(begin + CHUNK)).map(|step| scattered(step, secrets));
        let load = Load {
            requests: signed(signer, numbers.map(&ask))?,
            connections: FILLING_CONNECTIONS,
            length: Length::Once,
            rate: None,
        };
        drive(endpoint, load, || Ok(Duration::ZERO))?;
    }
    Ok(())
}

/// What leads to the first pages of ListSecrets: nothing to the first, then each page's token.
pub(crate) fn pages(endpoint: &Endpoint, signer: &Signer) -> Result<Vec<Option<String>>, Error> {
    let mut pages = vec![None];
    while pages.len() < MOST_PAGES {
        let page = Ask::list(pages.last().and_then(Option::as_deref));
        let request = signer.sign(page, now())?;
        let answer: Value = serde_json::from_slice(&ask(endpoint, &request)?)?;
        match answer.get("NextToken").and_then(Value::as_str) {
            Some(token) => pages.push(Some(token.to_owned())),
            None => break,
        }
    }
    Ok(pages)
}

/// A batch with fewer values than asked for would compare too well.
pub(crate) fn confirm_batch(answer: &[u8]) -> Result<(), Error> {
    let json: Value = serde_json::from_slice(answer)?;
    let values = json.get("SecretValues").and_then(Value::as_array);
    if values.map(Vec::len) == Some(BATCH) {
        return Ok(());
    }
    Err(Error::WrongAnswer {
        operation: Operation::Batch.name(),
        expected: format!("{BATCH} values"),
        body: String::from_utf8_lossy(answer).chars().take(400).collect(),
    })
}

const FILLING_CONNECTIONS: usize = 64;
const CHUNK: usize = 20_000;
const MOST_PAGES: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bare::Fixture;
    use serde_json::json;

    #[test]
    fn every_secret_is_asked_about() {
        let server = Fixture::start(false);

        let asked = once_each(&server.endpoint, &server.signer, 100, |number| {
            Ask::get(number).of_bare()
        });

        assert!(asked.is_ok(), "{asked:?}");
    }

    #[test]
    fn an_answer_about_another_secret_stops_the_visit() {
        let server = Fixture::start(false);

        let stopped = once_each(&server.endpoint, &server.signer, 100, Ask::get);

        assert!(matches!(stopped, Err(Error::WrongAnswer { .. })));
    }

    #[test]
    fn an_answer_without_a_token_is_the_last_page() {
        let server = Fixture::start(false);

        let pages = pages(&server.endpoint, &server.signer).unwrap();

        assert_eq!(pages, [None]);
    }

    #[test]
    fn only_a_full_batch_is_accepted() {
        let answer = |count: usize| json!({"SecretValues": vec![json!({}); count]}).to_string();

        assert!(confirm_batch(answer(BATCH).as_bytes()).is_ok());
        for body in [answer(BATCH - 1), String::from(r#"{"Errors":[]}"#)] {
            let refused = confirm_batch(body.as_bytes());
            assert!(matches!(refused, Err(Error::WrongAnswer { .. })), "{body}");
        }
    }
}
