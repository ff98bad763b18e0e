//! The engine against the naive evaluator, on a million generated questions.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::thread;

use serde_json::Value;
use strongroom_policy::{
    Cause, Context, Decision, Effect, Form, Identity, Kind, Named, Policies, Policy, Request, Rule,
    Values, evaluate, matching,
};

use crate::generate::{self, Bias, Dice};
use crate::naive::{self, Answer, Document, Held, Question};
use crate::pools::OPERATORS;

/// Counts of what happened: answers, and operators that held and that did not.
#[derive(Default)]
struct Coverage {
    answers: BTreeMap<String, u64>,
    operators: BTreeMap<String, (u64, u64)>,
}

#[test]
fn the_engine_and_the_naive_evaluator_agree_on_a_million_questions() {
    let coverage = thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS)
            .map(|thread| scope.spawn(move || compare(thread)))
            .collect();
        threads
            .into_iter()
            .map(|t| t.join().unwrap())
            .fold(Coverage::default(), merged)
    });

    let total: u64 = coverage.answers.values().sum();
    assert!(total >= 1_000_000, "{total}");
    for expected in [
        "Root",
        "Allowed Identity",
        "Allowed Resource",
        "Denied Guardrail",
        "Denied Endpoint",
        "Denied Resource",
        "Denied Identity",
        "Denied Boundary",
        "Denied Session",
        "Missing Guardrail",
        "Missing Endpoint",
        "Missing Resource",
        "Missing Identity",
        "Missing Boundary",
        "Missing Session",
    ] {
        let count = coverage.answers.get(expected).copied().unwrap_or(0);
        assert!(
            count >= 4_000,
            "{expected}: {count} of {:?}",
            coverage.answers
        );
    }
    // Every operator but `Null` with three quantifiers, plain and `IfExists`.
    assert_eq!(coverage.operators.len(), (OPERATORS.len() - 1) * 6 + 1);
    for (operator, (held, failed)) in &coverage.operators {
        assert!(
            *held >= 20 && *failed >= 20,
            "{operator}: {held} held, {failed} failed"
        );
    }
}

fn merged(mut all: Coverage, one: Coverage) -> Coverage {
    for (answer, count) in one.answers {
        *all.answers.entry(answer).or_default() += count;
    }
    for (operator, (held, failed)) in one.operators {
        let sum = all.operators.entry(operator).or_default();
        *sum = (sum.0 + held, sum.1 + failed);
    }
    all
}

/// Some policies, in every slot and both readings.
struct World {
    ids: BTreeMap<String, String>,
    identity: Vec<Slot>,
    boundary: Slot,
    session: Vec<Slot>,
    resource: Slot,
    endpoint: Slot,
    guardrails: Vec<Slot>,
}

struct Slot {
    name: String,
    json: Value,
    policy: Policy,
}

impl World {
    fn new(dice: &mut Dice) -> Self {
        let ids = generate::ids(dice);
        let slot = |dice: &mut Dice, name: &str, form, bias| {
            let json = generate::document(dice, form, bias);
            let text = json.to_string();
            let policy = Policy::parse(&text, form).unwrap_or_else(|e| panic!("{e}: {text}"));
            Slot {
                name: name.to_owned(),
                json,
                policy: policy.with_principal_ids(&ids),
            }
        };
        let resource_form = if dice.percent(20) {
            Form::Trust
        } else {
            Form::Resource
        };
        Self {
            identity: vec![
                slot(dice, "first", Form::Identity, Bias::Grants),
                slot(dice, "second", Form::Identity, Bias::Grants),
            ],
            boundary: slot(dice, "boundary", Form::Identity, Bias::Bounds),
            session: vec![
                slot(dice, "session one", Form::Identity, Bias::Bounds),
                slot(dice, "session two", Form::Identity, Bias::Grants),
            ],
            resource: slot(dice, "resource", resource_form, Bias::Grants),
            endpoint: slot(dice, "endpoint", Form::Endpoint, Bias::Bounds),
            guardrails: vec![
                slot(dice, "guardrail one", Form::Identity, Bias::Bounds),
                slot(dice, "guardrail two", Form::Identity, Bias::Bounds),
            ],
            ids,
        }
    }
}

/// Which of a world's policies apply.
struct Choice<'w> {
    identity: &'w [Slot],
    boundary: Option<&'w Slot>,
    session: Option<&'w [Slot]>,
    resource: Option<&'w Slot>,
    endpoint: Option<&'w Slot>,
    guardrails: &'w [Slot],
    rule: Rule,
}

impl<'w> Choice<'w> {
    fn new(dice: &mut Dice, world: &'w World) -> Self {
        Self {
            identity: &world.identity[..dice.below(3)],
            boundary: dice.percent(30).then_some(&world.boundary),
            session: dice.percent(30).then(|| &world.session[..dice.below(3)]),
            resource: dice.percent(70).then_some(&world.resource),
            endpoint: dice.percent(20).then_some(&world.endpoint),
            guardrails: &world.guardrails[..if dice.percent(25) { dice.below(3) } else { 0 }],
            rule: if dice.percent(30) {
                Rule::ResourceRequired
            } else {
                Rule::Union
            },
        }
    }
}

fn compare(thread: u64) -> Coverage {
    let seen = RefCell::new(BTreeMap::new());
    let mut answers = BTreeMap::new();
    for world in 0..WORLDS {
        let seed = thread << 32 | world;
        let dice = &mut Dice::new(seed.wrapping_mul(0x2545_f491_4f6c_dd1d));
        let world = World::new(dice);
        for round in 0..QUESTIONS {
            let choice = Choice::new(dice, &world);
            let (expected, found) = both(dice, &world, &choice, &seen);
            assert_eq!(expected, found, "seed {seed}, question {round}");
            *answers.entry(summary(&expected)).or_default() += 1;
        }
    }
    Coverage {
        answers,
        operators: seen.into_inner(),
    }
}

type Matched = Vec<(String, String, usize, bool)>;

/// The naive answer and the engine's, each with all statements that match.
fn both(
    dice: &mut Dice,
    world: &World,
    choice: &Choice<'_>,
    seen: &RefCell<BTreeMap<String, (u64, u64)>>,
) -> ((Answer, Matched), (Answer, Matched)) {
    let (action, resource, resource_account) = generate::target(dice);
    let caller = generate::caller(dice);
    let keys = generate::keys(dice);
    let question = Question {
        action,
        resource,
        resource_account,
        caller,
        keys: &keys,
        guardrails: choice
            .guardrails
            .iter()
            .map(|s| world.document(s))
            .collect(),
        endpoint: choice.endpoint.map(|s| world.document(s)),
        resource_policy: choice.resource.map(|s| world.document(s)),
        identity: choice.identity.iter().map(|s| world.document(s)).collect(),
        boundary: choice.boundary.map(|s| world.document(s)),
        session: choice
            .session
            .map(|list| list.iter().map(|s| world.document(s)).collect()),
        rule: choice.rule,
        seen,
    };
    let expected = naive::answer(&question);
    let all = naive::matches(&question);
    let all = all
        .into_iter()
        .map(|m| (format!("{:?}", m.kind), m.policy, m.index, m.allows));

    let (identity, guardrails) = (named(choice.identity), named(choice.guardrails));
    let session = choice.session.map(named);
    let policies = Policies {
        identity: &identity,
        boundary: choice.boundary.map(Slot::named),
        session: session.as_deref(),
        resource: choice.resource.map(Slot::named),
        grants: &[],
        endpoint: choice.endpoint.map(Slot::named),
        guardrails: &guardrails,
        rule: choice.rule,
    };
    let request = Request {
        action,
        resource,
        resource_account,
        caller,
        context: &Keys(&keys),
    };
    ((expected, all.collect()), engine(&request, &policies))
}

/// The engine's answer, with all statements that match.
fn engine(request: &Request<'_>, policies: &Policies<'_>) -> (Answer, Matched) {
    let decision = evaluate(request, policies);
    let matched = matching(request, policies);
    let causes = matched.iter().map(|(cause, _)| *cause);
    for cause in causes.chain(decision.cause()) {
        assert_eq!(policy_at(policies, &cause), Some(cause.policy));
    }
    let matched = matched.into_iter().map(|(cause, effect)| {
        let kind = format!("{:?}", cause.kind);
        (
            kind,
            cause.policy.to_owned(),
            cause.statement,
            effect == Effect::Allow,
        )
    });
    (answer(&decision, request), matched.collect())
}

impl World {
    fn document<'a>(&'a self, slot: &'a Slot) -> Document<'a> {
        Document {
            name: &slot.name,
            json: &slot.json,
            ids: &self.ids,
        }
    }
}

impl Slot {
    fn named(&self) -> Named<'_> {
        Named {
            name: &self.name,
            policy: &self.policy,
        }
    }
}

/// The name of the policy in the place that a cause tells.
fn policy_at<'a>(policies: &Policies<'a>, cause: &Cause<'_>) -> Option<&'a str> {
    let only = |policy: Option<Named<'a>>| policy.filter(|_| cause.place == 0);
    let found = match cause.kind {
        Kind::Identity => policies.identity.get(cause.place).copied(),
        Kind::Session => policies.session?.get(cause.place).copied(),
        Kind::Guardrail => policies.guardrails.get(cause.place).copied(),
        Kind::Resource => only(policies.resource),
        Kind::Boundary => only(policies.boundary),
        Kind::Endpoint => only(policies.endpoint),
    };
    found.map(|policy| policy.name)
}

fn named(slots: &[Slot]) -> Vec<Named<'_>> {
    slots.iter().map(Slot::named).collect()
}

fn answer(decision: &Decision<'_>, request: &Request<'_>) -> Answer {
    match decision {
        Decision::Allowed { by: None } => {
            assert!(matches!(request.caller.identity, Identity::Root { .. }));
            Answer::Root
        }
        Decision::Allowed { by: Some(by) } => {
            Answer::Allowed(format!("{:?}", by.kind), by.policy.to_owned(), by.statement)
        }
        Decision::ExplicitlyDenied { by } => {
            Answer::Denied(format!("{:?}", by.kind), by.policy.to_owned(), by.statement)
        }
        Decision::ImplicitlyDenied { missing } => Answer::Missing(format!("{missing:?}")),
    }
}

fn summary((answer, _): &(Answer, Matched)) -> String {
    match answer {
        Answer::Root => String::from("Root"),
        Answer::Allowed(kind, ..) => format!("Allowed {kind}"),
        Answer::Denied(kind, ..) => format!("Denied {kind}"),
        Answer::Missing(kind) => format!("Missing {kind}"),
    }
}

struct Keys<'a>(&'a BTreeMap<String, Held>);

impl Context for Keys<'_> {
    fn values(&self, key: &str) -> Option<Values<'_>> {
        Some(match self.0.get(key)? {
            Held::One(value) => Values::One(Cow::Borrowed(value)),
            Held::Many(values) => {
                Values::Many(values.iter().map(|v| Cow::Borrowed(v.as_str())).collect())
            }
        })
    }
}

const THREADS: u64 = 4;
const WORLDS: u64 = 5_000;
const QUESTIONS: u64 = 52;
