use base::Plaintext;
use parking_lot::Mutex;
use serde_json::Value;
use std::collections::VecDeque;
use std::future::ready;
use strongroom_rotators::{Http, HttpFuture, HttpReply, HttpRequest};

/// An operator's endpoint.
#[derive(Default)]
pub(crate) struct Endpoint {
    answers: Mutex<VecDeque<(u16, String)>>,
    asked: Mutex<Vec<Value>>,
}

impl Endpoint {
    /// One that gives these answers, in their order.
    pub(crate) fn with<const N: usize>(answers: [(u16, &str); N]) -> Self {
        let answers = answers.map(|(status, body)| (status, body.to_owned()));
        Self {
            answers: Mutex::new(answers.into()),
            asked: Mutex::default(),
        }
    }

    /// What it was asked since it was last asked for that.
    pub(crate) fn asked(&self) -> Vec<Value> {
        std::mem::take(&mut self.asked.lock())
    }
}

impl Http for Endpoint {
    fn post<'a>(&'a self, request: HttpRequest<'a>) -> HttpFuture<'a, HttpReply> {
        assert_eq!(request.url, URL);
        let body = serde_json::from_slice(request.body.expose()).unwrap();
        self.asked.lock().push(body);
        let (status, body) = self.answers.lock().pop_front().unwrap();
        Box::pin(ready(Ok(HttpReply {
            status,
            body: Plaintext::from(body),
        })))
    }
}

pub(crate) const URL: &str = "https://rotation.example.com/step";
