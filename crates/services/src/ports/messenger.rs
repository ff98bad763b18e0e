//! What carries messages out of the server: HTTP requests and mail, to whom the operator allows.

use base::Plaintext;
use std::fmt;
use std::future::Future;
use std::pin::Pin;

/// Sends messages.
///
/// SECURITY: where messages go is for users of the API to say, and the server stands in a network that
/// they do not. So it sends to nobody whom the operator did not allow, whatever it is asked, and looks
/// again at each message: at the address that a name has then, too.
pub trait Messenger: Send + Sync {
    /// The URL by which those outside reach this server, without a path and without a slash at the end.
    /// `None`: it is not known yet.
    fn own_url(&self) -> Option<String>;

    /// Whether messages may be posted to `url`.
    fn may_post(&self, url: &str) -> bool;

    /// Whether mail may be sent to `address`.
    fn may_mail(&self, address: &str) -> bool;

    /// Sends a request, within a bounded time. The answer's body is nobody's business.
    fn post<'a>(&'a self, post: Post<'a>) -> SendFuture<'a>;

    /// Sends a mail, within a bounded time.
    fn mail<'a>(&'a self, mail: Mail<'a>) -> SendFuture<'a>;
}

/// What [`Messenger`] returns.
pub type SendFuture<'a> = Pin<Box<dyn Future<Output = Result<(), NotSent>> + Send + 'a>>;

/// A request to be sent.
#[derive(Clone, Copy)]
pub struct Post<'a> {
    /// For whom: it decides how long it may take and which answers are worth another attempt.
    pub kind: PostKind,
    /// The method, such as `POST`.
    pub method: &'static str,
    /// Where to.
    pub url: &'a str,
    /// Beyond those that every request has, which these cannot replace.
    pub headers: &'a [(String, String)],
    /// Headers whose values are secrets.
    pub secrets: &'a [(String, Plaintext)],
    /// The body.
    pub body: &'a str,
}

/// For whom a request is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PostKind {
    /// A subscription of a topic.
    Subscription,
    /// An API destination of a rule.
    ApiDestination,
}

/// A mail to be sent.
#[derive(Clone, Copy)]
pub struct Mail<'a> {
    /// Whom to.
    pub to: &'a str,
    /// What it is about: one line.
    pub subject: &'a str,
    /// Plain text.
    pub body: &'a str,
}

impl fmt::Debug for Post<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Post").finish_non_exhaustive()
    }
}

impl fmt::Debug for Mail<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mail").finish_non_exhaustive()
    }
}

/// Why a message was not sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct NotSent {
    /// Whether it would be of no use to try again.
    pub is_final: bool,
    /// For the operator. Says nothing of the message.
    pub why: String,
    /// How long the other side asks to wait before the next attempt.
    pub retry_after_seconds: Option<u32>,
}

impl NotSent {
    /// What may go better another time.
    pub fn for_now(why: impl Into<String>) -> Self {
        Self {
            is_final: false,
            why: why.into(),
            retry_after_seconds: None,
        }
    }

    /// What will not.
    pub fn for_good(why: impl Into<String>) -> Self {
        Self {
            is_final: true,
            why: why.into(),
            retry_after_seconds: None,
        }
    }

    /// The same, after the time that the other side asks for.
    #[must_use]
    pub fn after(mut self, seconds: Option<u32>) -> Self {
        self.retry_after_seconds = seconds;
        self
    }
}

/// Sends nothing to anybody: what a server has that allows nobody.
#[derive(Clone, Copy, Debug, Default)]
pub struct Nobody;

impl Messenger for Nobody {
    fn own_url(&self) -> Option<String> {
        None
    }

    fn may_post(&self, _: &str) -> bool {
        false
    }

    fn may_mail(&self, _: &str) -> bool {
        false
    }

    fn post<'a>(&'a self, _: Post<'a>) -> SendFuture<'a> {
        Box::pin(async { Err(NotSent::for_good(NOBODY)) })
    }

    fn mail<'a>(&'a self, _: Mail<'a>) -> SendFuture<'a> {
        Box::pin(async { Err(NotSent::for_good(NOBODY)) })
    }
}

const NOBODY: &str = "this server sends nothing";
