//! One connection: its statements, and the task that carries its messages.

use super::trouble::Trouble;
use super::value::Param;
use std::collections::{HashMap, HashSet};
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::task::AbortHandle;
use tokio_postgres::error::{DbError, SqlState};
use tokio_postgres::types::ToSql;
use tokio_postgres::{AsyncMessage, Client, Connection, Error, Row, Statement};

/// A statement with its parameters.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) text: String,
    pub(super) params: Vec<Param>,
    pub(super) gives: Gives,
}

/// What the answer to a statement is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gives {
    Rows,
    /// How many rows were changed.
    Count,
    /// One or more statements without parameters, whose answers are not looked at.
    Nothing,
}

impl Step {
    pub(super) fn rows(text: impl Into<String>, params: Vec<Param>) -> Self {
        Self {
            text: text.into(),
            params,
            gives: Gives::Rows,
        }
    }

    pub(super) fn count(text: impl Into<String>, params: Vec<Param>) -> Self {
        Self {
            text: text.into(),
            params,
            gives: Gives::Count,
        }
    }

    pub(super) fn command(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            params: Vec::new(),
            gives: Gives::Nothing,
        }
    }
}

/// The answer to a statement.
#[derive(Debug)]
pub(super) enum Answer {
    Rows(Vec<Row>),
    Count(u64),
}

impl Answer {
    pub(super) fn into_rows(self) -> Vec<Row> {
        match self {
            Self::Rows(rows) => rows,
            Self::Count(_) => Vec::new(),
        }
    }

    pub(super) fn rows(&self) -> &[Row] {
        match self {
            Self::Rows(rows) => rows,
            Self::Count(_) => &[],
        }
    }
}

/// What the server said beside its answers.
#[derive(Default)]
pub(super) struct Signs {
    unreplicated: AtomicBool,
}

impl Signs {
    fn note(&self, notice: &DbError) {
        // Whatever language it speaks: a wait for a standby that was cut short.
        if notice.routine() == Some("SyncRepWaitForLSN") {
            self.unreplicated.store(true, Ordering::Release);
        }
        // Going back from a transaction that has ended is harmless.
        if *notice.code() == SqlState::NO_ACTIVE_SQL_TRANSACTION {
            return;
        }
        tracing::warn!(
            code = notice.code().code(),
            message = notice.message(),
            "the database warns"
        );
    }
}

/// A connection that is logged in.
pub(super) struct Session {
    client: Client,
    driver: AbortHandle,
    signs: Arc<Signs>,
    statements: HashMap<String, Statement>,
    /// Whether it is to end politely.
    takes_leave: bool,
}

impl Session {
    pub(super) fn new(client: Client, driver: AbortHandle, signs: Arc<Signs>) -> Self {
        Self {
            client,
            driver,
            signs,
            statements: HashMap::new(),
            takes_leave: false,
        }
    }

    pub(super) fn client(&self) -> &Client {
        &self.client
    }

    pub(super) fn is_closed(&self) -> bool {
        self.client.is_closed()
    }

    /// Whether a commit since the last question was acknowledged although no standby had it that was
    /// to have it.
    pub(super) fn was_unreplicated(&self) -> bool {
        self.signs.unreplicated.swap(false, Ordering::AcqRel)
    }

    /// Runs one statement.
    pub(super) async fn ask(&mut self, step: &Step, limit: Duration) -> Result<Answer, Trouble> {
        let mut answers = self.run(&[step], limit).await?;
        match answers.pop() {
            Some(answer) => answer.map_err(|error| Trouble::of(&error)),
            None => Err(Trouble::Lost(String::from("there was no answer"))),
        }
    }

    /// Runs statements in one round trip: all are sent before the first answer is waited for. Those
    /// that this connection has not seen yet take one more, for all of them.
    pub(super) async fn run(
        &mut self,
        steps: &[&Step],
        limit: Duration,
    ) -> Result<Vec<Result<Answer, Error>>, Trouble> {
        let run = async {
            self.prepare(steps)
                .await
                .map_err(|error| Trouble::of(&error))?;
            let Self {
                client, statements, ..
            } = &*self;
            let sent = steps
                .iter()
                .map(|step| send(client, statements.get(&step.text), step));
            Ok(together(sent.collect()).await)
        };
        match tokio::time::timeout(limit, run).await {
            Ok(answers) => answers,
            Err(_) => Err(Trouble::Lost(String::from(
                "the server did not answer in time",
            ))),
        }
    }

    async fn prepare(&mut self, steps: &[&Step]) -> Result<(), Error> {
        if self.statements.len() > MOST_STATEMENTS {
            self.statements.clear();
        }
        let missing: HashSet<&str> = steps
            .iter()
            .filter(|step| step.gives != Gives::Nothing)
            .map(|step| step.text.as_str())
            .filter(|text| !self.statements.contains_key(*text))
            .collect();
        if missing.is_empty() {
            return Ok(());
        }
        let client = &self.client;
        let prepared = missing.into_iter().map(|text| -> Sent<'_, _> {
            Box::pin(async move { Ok((text.to_owned(), client.prepare(text).await?)) })
        });
        for prepared in together(prepared.collect()).await {
            let (text, statement) = prepared?;
            self.statements.insert(text, statement);
        }
        Ok(())
    }

    /// Ends the connection after it told the server so.
    pub(super) fn take_leave(mut self) {
        self.takes_leave = true;
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // A connection in an unknown state, perhaps to a host that is silent: nobody reads from it.
        if !self.takes_leave {
            self.driver.abort();
        }
    }
}

/// Carries messages until the connection ends.
pub(super) async fn drive<S, T>(mut connection: Connection<S, T>, signs: Arc<Signs>)
where
    S: AsyncRead + AsyncWrite + Unpin,
    T: AsyncRead + AsyncWrite + Unpin,
{
    loop {
        match poll_fn(|task| connection.poll_message(task)).await {
            Some(Ok(AsyncMessage::Notice(notice))) => signs.note(&notice),
            Some(Ok(_)) => {}
            Some(Err(error)) => {
                tracing::debug!(%error, "a connection to the database ended");
                return;
            }
            None => return,
        }
    }
}

type Sent<'a, T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send + 'a>>;

fn send<'a>(
    client: &'a Client,
    statement: Option<&'a Statement>,
    step: &'a Step,
) -> Sent<'a, Answer> {
    Box::pin(async move {
        let params: Vec<&(dyn ToSql + Sync)> = step
            .params
            .iter()
            .map(|param| param as &(dyn ToSql + Sync))
            .collect();
        match (step.gives, statement) {
            (Gives::Rows, Some(statement)) => {
                client.query(statement, &params).await.map(Answer::Rows)
            }
            (Gives::Count, Some(statement)) => {
                client.execute(statement, &params).await.map(Answer::Count)
            }
            (Gives::Rows, None) => client.query(&step.text, &params).await.map(Answer::Rows),
            (Gives::Count, None) => client.execute(&step.text, &params).await.map(Answer::Count),
            (Gives::Nothing, _) => {
                let done = client.batch_execute(&step.text).await;
                done.map(|()| Answer::Count(0))
            }
        }
    })
}

/// The answers to requests, which are sent in their order before any answer is waited for.
async fn together<T>(sent: Vec<Sent<'_, T>>) -> Vec<Result<T, Error>> {
    enum Slot<'a, T> {
        Sent(Sent<'a, T>),
        Answered(Result<T, Error>),
    }
    let mut slots: Vec<Slot<'_, T>> = sent.into_iter().map(Slot::Sent).collect();
    // A request is sent when its future is first polled.
    poll_fn(|task| {
        for slot in &mut slots {
            if let Slot::Sent(sent) = slot
                && let Poll::Ready(answer) = sent.as_mut().poll(task)
            {
                *slot = Slot::Answered(answer);
            }
        }
        Poll::Ready(())
    })
    .await;
    let mut answers = Vec::with_capacity(slots.len());
    for slot in slots {
        answers.push(match slot {
            Slot::Sent(sent) => sent.await,
            Slot::Answered(answer) => answer,
        });
    }
    answers
}

/// Kinds times shapes of queries are fewer. A bound all the same, since the server keeps each.
const MOST_STATEMENTS: usize = 1_000;
