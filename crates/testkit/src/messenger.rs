use parking_lot::Mutex;
use serde_json::Value;
use services::ports::{Mail, Messenger, NotSent, Post, SendFuture};
use std::collections::HashMap;

/// Keeps messages instead of sending them. Endpoints can be made to fail.
///
/// It allows URLs under `https://hooks.example/` and `http://127.0.0.1/`, and mail to `corp.example`.
#[derive(Debug, Default)]
pub struct RecordedMessenger {
    posts: Mutex<Vec<SentPost>>,
    mails: Mutex<Vec<SentMail>>,
    failing: Mutex<HashMap<String, NotSent>>,
}

/// A request that was posted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentPost {
    /// How.
    pub method: String,
    /// Where to.
    pub url: String,
    /// Names and values, secrets included.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
}

/// A mail that was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentMail {
    /// Whom to.
    pub to: String,
    /// What about.
    pub subject: String,
    /// The text.
    pub body: String,
}

impl SentPost {
    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// The value of the header `name`.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        headers
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }
}

impl RecordedMessenger {
    /// Every attempt to post, failed ones included.
    pub fn posts(&self) -> Vec<SentPost> {
        self.posts.lock().clone()
    }

    /// Every attempt to mail, failed ones included.
    pub fn mails(&self) -> Vec<SentMail> {
        self.mails.lock().clone()
    }

    /// From now on `endpoint` fails in this way, or works again.
    pub fn fail(&self, endpoint: &str, why: Option<NotSent>) {
        let mut failing = self.failing.lock();
        match why {
            Some(why) => failing.insert(endpoint.to_owned(), why),
            None => failing.remove(endpoint),
        };
    }

    fn outcome(&self, endpoint: &str) -> Result<(), NotSent> {
        match self.failing.lock().get(endpoint) {
            Some(why) => Err(why.clone()),
            None => Ok(()),
        }
    }
}

impl Messenger for RecordedMessenger {
    fn own_url(&self) -> Option<String> {
        Some(String::from("https://strongroom.example"))
    }

    fn may_post(&self, url: &str) -> bool {
        url.starts_with("https://hooks.example/") || url.starts_with("http://127.0.0.1/")
    }

    fn may_mail(&self, address: &str) -> bool {
        address.ends_with("@corp.example")
    }

    fn post<'a>(&'a self, post: Post<'a>) -> SendFuture<'a> {
        let secrets = post.secrets.iter().map(|(name, value)| {
            let value = String::from_utf8(value.expose().to_vec());
            (name.clone(), value.unwrap())
        });
        self.posts.lock().push(SentPost {
            method: post.method.to_owned(),
            url: post.url.to_owned(),
            headers: post.headers.iter().cloned().chain(secrets).collect(),
            body: post.body.to_owned(),
        });
        Box::pin(async { self.outcome(post.url) })
    }

    fn mail<'a>(&'a self, mail: Mail<'a>) -> SendFuture<'a> {
        self.mails.lock().push(SentMail {
            to: mail.to.to_owned(),
            subject: mail.subject.to_owned(),
            body: mail.body.to_owned(),
        });
        Box::pin(async { self.outcome(mail.to) })
    }
}
