//! What an operation is, and how dispatch runs one.

use crate::cx::{Cx, OpenCx};
use crate::gateway::Refusal;
use crate::service::{Protocol, Service};
use crate::tx::Reply;
use base::{AwsError, CommonError, Entropy, random_below};
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;
use wire::rest::{self, Http};
use wire::tree::{self, Fields};
use wire::{Body, Input, Parsed, Structure, json, query, xml};

/// One operation: one file, four beats.
pub(crate) trait Operation: 'static {
    /// Its name in `X-Amz-Target` or `Action`.
    const NAME: &'static str;
    /// What it takes.
    type Input: Input + Send + Sync;
    /// What it gives.
    type Output: Send;
    /// Why it refuses.
    type Error: AwsError + From<CommonError>;

    /// Finds, authorizes, acts in a transaction, commits with the audit event.
    ///
    /// Runs again when another transaction came between, so it has no effect outside its own.
    fn run(
        cx: &Cx<'_>,
        input: &Self::Input,
    ) -> impl Future<Output = Result<Reply<Self::Output>, Self::Error>> + Send;
}

/// An operation whose requests nobody signs: what proves the caller is in the request itself.
pub(crate) trait OpenOperation: 'static {
    /// Its name in `Action`.
    const NAME: &'static str;
    /// What it takes.
    type Input: Input + Send + Sync;
    /// What it gives.
    type Output: Send;
    /// Why it refuses.
    type Error: AwsError + From<CommonError>;

    /// As [`Operation::run`].
    fn run(
        cx: &OpenCx<'_>,
        input: &Self::Input,
    ) -> impl Future<Output = Result<Reply<Self::Output>, Self::Error>> + Send;
}

/// An operation in the table of its service.
pub(crate) struct Entry {
    pub(crate) info: OperationInfo,
    pub(crate) run: Run,
}

/// What is known of an operation without running it; tests compare it with the rest of the tree.
#[derive(Clone, Copy, Debug)]
pub struct OperationInfo {
    /// Its name in `X-Amz-Target` or `Action`, and in AWS's documentation.
    pub name: &'static str,
    /// Its name in audit events.
    pub event_name: &'static str,
    /// Its method and path, where these name it.
    pub http: Option<&'static Http>,
    /// Whether it only reads, as CloudTrail's `readOnly` tells.
    pub read_only: bool,
    /// Whether its requests are signed.
    pub signed: bool,
    /// The members of its input and their constraints.
    pub input: &'static Structure,
}

/// How an operation is run.
pub(crate) enum Run {
    Signed(for<'a> fn(&'a Cx<'a>, Parsed) -> RunFuture<'a>),
    /// Of a service of several protocols: what is answered, and whether its model has an output.
    Several(for<'a> fn(&'a Cx<'a>, Parsed) -> FieldsFuture<'a>, bool),
    Unsigned(for<'a> fn(&'a OpenCx<'a>, Parsed) -> RunFuture<'a>),
    /// As the one where the request is signed, as the other where it is not.
    Either(
        for<'a> fn(&'a Cx<'a>, Parsed) -> RunFuture<'a>,
        for<'a> fn(&'a OpenCx<'a>, Parsed) -> RunFuture<'a>,
    ),
}

type FieldsFuture<'a> = Pin<Box<dyn Future<Output = Result<Fields, Refusal>> + Send + 'a>>;
type RunFuture<'a> = Pin<Box<dyn Future<Output = Result<rest::Answer, Refusal>> + Send + 'a>>;

/// The table entry of a JSON operation that changes something.
pub(crate) const fn writes<O: Operation>() -> Entry
where
    O::Output: json::Output,
{
    json_entry::<O>(false)
}

/// The table entry of a JSON operation that only reads.
pub(crate) const fn reads<O: Operation>() -> Entry
where
    O::Output: json::Output,
{
    json_entry::<O>(true)
}

const fn json_entry<O: Operation>(read_only: bool) -> Entry
where
    O::Output: json::Output,
{
    Entry {
        info: info::<O>(read_only),
        run: Run::Signed(|cx, parsed| {
            Box::pin(run::<O>(cx, parsed, |_, output| {
                let body = json::Writer::output(output).map_err(CommonError::internal);
                body.map(answer)
            }))
        }),
    }
}

/// How an operation that is named by method and path is found, and what audit events call it.
#[derive(Clone, Copy)]
pub(crate) struct RestNames {
    pub(crate) http: &'static Http,
    pub(crate) event_name: &'static str,
}

/// The table entry of a REST operation that changes something.
pub(crate) const fn rest_writes<O: Operation>(names: RestNames) -> Entry
where
    O::Output: json::Output,
{
    named(json_entry::<O>(false), names)
}

/// The table entry of a REST operation that only reads.
pub(crate) const fn rest_reads<O: Operation>(names: RestNames) -> Entry
where
    O::Output: json::Output,
{
    named(json_entry::<O>(true), names)
}

/// The table entry of a REST operation that makes an answer of its own.
pub(crate) const fn rest_answers<O: Operation<Output = rest::Answer>>(names: RestNames) -> Entry {
    let entry = Entry {
        info: info::<O>(false),
        run: Run::Signed(|cx, parsed| Box::pin(run_whole::<O>(cx, parsed))),
    };
    named(entry, names)
}

const fn named(mut entry: Entry, names: RestNames) -> Entry {
    entry.info.http = Some(names.http);
    entry.info.event_name = names.event_name;
    entry
}

/// The table entry of a Query operation that changes something.
pub(crate) const fn query_writes<O: Operation>() -> Entry
where
    O::Output: xml::Output,
{
    query_entry::<O>(false)
}

/// The table entry of a Query operation that only reads.
pub(crate) const fn query_reads<O: Operation>() -> Entry
where
    O::Output: xml::Output,
{
    query_entry::<O>(true)
}

const fn query_entry<O: Operation>(read_only: bool) -> Entry
where
    O::Output: xml::Output,
{
    Entry {
        info: info::<O>(read_only),
        run: Run::Signed(|cx, parsed| Box::pin(run::<O>(cx, parsed, query_answer::<O>))),
    }
}

fn query_answer<O: Operation>(cx: &Cx<'_>, output: &O::Output) -> Result<rest::Answer, CommonError>
where
    O::Output: xml::Output,
{
    query::response(namespace_of(cx.service), O::NAME, cx.request_id(), output)
        .map_err(CommonError::internal)
        .map(answer)
}

/// The XML namespace of a service's answers.
fn namespace_of(service: &Service) -> &'static str {
    match service.protocol {
        Protocol::Query { namespace, .. } => namespace,
        Protocol::Json { .. }
        | Protocol::RestJson { .. }
        | Protocol::Several(_)
        | Protocol::Cbor(_) => "",
    }
}

/// The table entry of an operation of several protocols that changes something.
pub(crate) const fn several_writes<O: Operation>() -> Entry
where
    O::Output: tree::Output,
{
    several_entry::<O>(false)
}

/// The table entry of an operation of several protocols that only reads.
pub(crate) const fn several_reads<O: Operation>() -> Entry
where
    O::Output: tree::Output,
{
    several_entry::<O>(true)
}

const fn several_entry<O: Operation>(read_only: bool) -> Entry
where
    O::Output: tree::Output,
{
    let run: for<'a> fn(&'a Cx<'a>, Parsed) -> FieldsFuture<'a> = |cx, parsed| {
        Box::pin(async move {
            let output = output::<O>(cx, parsed).await?;
            Ok(tree::Output::fields(&output))
        })
    };
    Entry {
        info: info::<O>(read_only),
        run: Run::Several(run, <O::Output as tree::Output>::HAS_RESULT),
    }
}

const fn info<O: Operation>(read_only: bool) -> OperationInfo {
    OperationInfo {
        name: O::NAME,
        event_name: O::NAME,
        http: None,
        read_only,
        signed: true,
        input: O::Input::SHAPE,
    }
}

/// The table entry of a Query operation that nobody signs.
pub(crate) const fn query_unsigned<O: OpenOperation>() -> Entry
where
    O::Output: xml::Output,
{
    let info = OperationInfo {
        name: O::NAME,
        event_name: O::NAME,
        http: None,
        read_only: true,
        signed: false,
        input: O::Input::SHAPE,
    };
    Entry {
        info,
        run: Run::Unsigned(|cx, parsed| Box::pin(run_open::<O>(cx, parsed))),
    }
}

/// The table entry of a Query operation that changes something, and that need not be signed.
pub(crate) const fn query_either<O>() -> Entry
where
    O: Operation
        + OpenOperation<
            Input = <O as Operation>::Input,
            Output = <O as Operation>::Output,
            Error = <O as Operation>::Error,
        >,
    <O as Operation>::Output: xml::Output,
{
    let mut info = info::<O>(false);
    info.signed = false;
    Entry {
        info,
        run: Run::Either(
            |cx, parsed| Box::pin(run::<O>(cx, parsed, query_answer::<O>)),
            |cx, parsed| Box::pin(run_open::<O>(cx, parsed)),
        ),
    }
}

async fn run<O: Operation>(
    cx: &Cx<'_>,
    parsed: Parsed,
    encode: fn(&Cx<'_>, &O::Output) -> Result<rest::Answer, CommonError>,
) -> Result<rest::Answer, Refusal> {
    let output = output::<O>(cx, parsed).await?;
    encode(cx, &output).map_err(|error| Refusal::of(&O::Error::from(error)))
}

async fn run_whole<O: Operation<Output = rest::Answer>>(
    cx: &Cx<'_>,
    parsed: Parsed,
) -> Result<rest::Answer, Refusal> {
    output::<O>(cx, parsed).await
}

async fn output<O: Operation>(cx: &Cx<'_>, parsed: Parsed) -> Result<O::Output, Refusal> {
    let input: O::Input = input::<O::Input, O::Error>(parsed)?;
    let entropy = cx.entropy();
    let reply = retried(entropy, || {
        // What an earlier attempt made others do is done again.
        cx.facts.downstream.lock().clear();
        O::run(cx, &input)
    })
    .await?;
    Ok(reply.into_output())
}

/// An answer of nothing but its body.
fn answer(body: Body) -> rest::Answer {
    rest::Answer::new(OK, body)
}

async fn run_open<O: OpenOperation>(
    cx: &OpenCx<'_>,
    parsed: Parsed,
) -> Result<rest::Answer, Refusal>
where
    O::Output: xml::Output,
{
    let input: O::Input = input::<O::Input, O::Error>(parsed)?;
    let entropy = cx.app.entropy.as_ref();
    let reply = retried(entropy, || O::run(cx, &input)).await?;
    let request_id = cx.facts.request_id;
    query::response(
        namespace_of(cx.service),
        O::NAME,
        request_id,
        &reply.into_output(),
    )
    .map(answer)
    .map_err(|error| Refusal::of(&O::Error::from(CommonError::internal(error))))
}

fn input<I: Input, E: AwsError + From<CommonError>>(parsed: Parsed) -> Result<I, Refusal> {
    parsed
        .into_input()
        .map_err(|mismatch| Refusal::of(&E::from(CommonError::internal(mismatch))))
}

/// Runs again while another transaction came between.
async fn retried<T, E: AwsError, F>(
    entropy: &dyn Entropy,
    mut attempt: impl FnMut() -> F,
) -> Result<T, Refusal>
where
    F: Future<Output = Result<T, E>>,
{
    let mut retries = 0;
    loop {
        match attempt().await {
            Ok(done) => return Ok(done),
            Err(error) if error.is_conflict() && retries < MOST_RETRIES => {
                retries += 1;
                tokio::time::sleep(backoff(entropy, retries)).await;
            }
            Err(error) => return Err(Refusal::of(&error)),
        }
    }
}

/// Up to 2, 4, 8 … 64 ms: callers that met once do not meet again.
fn backoff(entropy: &dyn Entropy, attempt: u32) -> Duration {
    let most_micros = 1_000_u32 << attempt.min(6);
    Duration::from_micros(u64::from(random_below(entropy, most_micros)))
}

const OK: u16 = 200;

/// A hot secret commits once per group commit, so with many writers the last of them waits long.
const MOST_RETRIES: u32 = 200;
