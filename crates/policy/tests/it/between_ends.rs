//! The two ends of what nobody knows, against requests that bring it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use strongroom_policy::{
    Caller, Cause, Effect, Form, Named, Policies, Policy, Request, Rule, evaluate, matching,
};

use crate::generate::{self, Bias, Dice};
use crate::pools::{MULTI, SINGLE};
use crate::resolved::{ENDS, Keys};

/// Whatever a request turns out to bring, its answer lies between the two ends; and so does every
/// single statement. Documents, keys and requests are those of the comparison with the naive
/// evaluator, with more resources that hang on a variable.
#[test]
fn every_request_lies_between_the_ends() {
    let mut seen = BTreeMap::new();
    for seed in 0..WORLDS {
        let dice = &mut Dice::new(seed.wrapping_mul(0x2545_f491_4f6c_dd1d));
        let world = World::new(dice);
        for _ in 0..QUESTIONS {
            *seen.entry(world.compare(dice, seed)).or_insert(0_u32) += 1;
        }
    }

    // Enough of each: hope and certainty.
    for ends in [(false, false), (true, false), (true, true)] {
        assert!(
            seen.get(&ends).is_some_and(|count| *count > 3_000),
            "{seen:?}"
        );
    }
}

struct World {
    identity: [Policy; 2],
    boundary: Option<Policy>,
    resource: Policy,
    open: BTreeSet<String>,
}

impl World {
    fn new(dice: &mut Dice) -> Self {
        let policy = |dice: &mut Dice, form, bias| {
            let mut json = generate::document(dice, form, bias);
            hang(&mut json, dice);
            let text = json.to_string();
            Policy::parse(&text, form).unwrap_or_else(|e| panic!("{e}: {text}"))
        };
        let names = SINGLE.iter().map(|(key, _)| key);
        let names = names.chain(MULTI.iter().map(|(key, _)| key));
        Self {
            identity: [Bias::Grants, Bias::Grants].map(|bias| policy(dice, Form::Identity, bias)),
            boundary: dice
                .percent(30)
                .then(|| policy(dice, Form::Identity, Bias::Bounds)),
            resource: policy(dice, Form::Resource, Bias::Grants),
            open: names
                .filter(|_| dice.percent(40))
                .map(|key| key.to_lowercase())
                .collect(),
        }
    }

    /// Hope and certainty of one question, compared with some requests.
    fn compare(&self, dice: &mut Dice, seed: u64) -> (bool, bool) {
        let target = generate::target(dice);
        let caller = generate::caller(dice);
        let known = generate::keys(dice);
        let ends = ENDS.map(|towards| {
            let is_open = |key: &str| self.open.contains(key);
            let resolved = |policy: &Policy| policy.resolved(towards, &is_open).into_owned();
            let end = Self {
                identity: self.identity.each_ref().map(resolved),
                boundary: self.boundary.as_ref().map(resolved),
                resource: resolved(&self.resource),
                open: BTreeSet::new(),
            };
            end.answer(
                target,
                caller,
                &Keys {
                    held: &known,
                    open: &self.open,
                },
            )
        });
        let [(_, all), (hope, hoped), (certainty, feared)] = ends;
        for _ in 0..REQUESTS {
            let mut held = generate::keys(dice);
            held.retain(|key, _| self.open.contains(key));
            let closed = known.iter().filter(|(key, _)| !self.open.contains(*key));
            held.extend(closed.map(|(key, held)| (key.clone(), held.clone())));
            let open = &BTreeSet::new();
            let (allowed, applied) = self.answer(target, caller, &Keys { held: &held, open });

            assert!(hope || !allowed, "seed {seed}: {held:?}");
            assert!(allowed || !certainty, "seed {seed}: {held:?}");
            assert!(applied.is_subset(&all), "seed {seed}: {held:?}");
            let surely = |ends: &Applied, allows| {
                let mut ends = ends.iter().filter(|(.., is_allow)| *is_allow == allows);
                ends.all(|one| applied.contains(one))
            };
            assert!(surely(&hoped, false), "seed {seed}: {held:?}");
            assert!(surely(&feared, true), "seed {seed}: {held:?}");
        }
        assert!(hope || !certainty, "seed {seed}");
        (hope, certainty)
    }

    /// Whether the request is allowed, and the statements that apply.
    fn answer(
        &self,
        (action, resource, resource_account): (&str, &str, Option<&str>),
        caller: Caller<'_>,
        context: &Keys<'_>,
    ) -> (bool, Applied) {
        let named = |name, policy| Named { name, policy };
        let [first, second] = &self.identity;
        let identity = [named("first", first), named("second", second)];
        let policies = Policies {
            identity: &identity,
            boundary: self
                .boundary
                .as_ref()
                .map(|policy| named("boundary", policy)),
            resource: Some(named("resource", &self.resource)),
            rule: Rule::Union,
            ..Policies::default()
        };
        let request = Request {
            action,
            resource,
            resource_account,
            caller,
            context,
        };
        let one = |(cause, effect): (Cause<'_>, Effect)| {
            (
                cause.policy.to_owned(),
                cause.statement,
                effect == Effect::Allow,
            )
        };
        let applied = matching(&request, &policies).into_iter().map(one);
        (
            evaluate(&request, &policies).is_allowed(),
            applied.collect(),
        )
    }
}

/// Policy, statement, and whether it allows.
type Applied = BTreeSet<(String, usize, bool)>;

/// Makes every third statement name its resources, or those that it leaves out, by variables.
fn hang(document: &mut Value, dice: &mut Dice) {
    // Without a version of the language there are no variables.
    if document["Version"] != "2012-10-17" {
        return;
    }
    let statements = match &mut document["Statement"] {
        Value::Array(list) => list.iter_mut().collect(),
        one => vec![one],
    };
    for statement in statements {
        let statement = statement.as_object_mut().unwrap();
        if !dice.percent(33) {
            continue;
        }
        let name = dice.of(&["Resource", "NotResource"]);
        statement.remove("Resource");
        statement.remove("NotResource");
        statement.insert(name.to_owned(), dice.of(&HANGING).into());
    }
}

const HANGING: [&str; 5] = [
    "arn:aws:secretsmanager:*:*:secret:${aws:username}/*",
    "arn:aws:secretsmanager:*:*:secret:*${aws:PrincipalTag/team, 'db'}*",
    "arn:aws:secretsmanager:${aws:RequestedRegion}:${aws:PrincipalAccount}:*",
    "arn:aws:secretsmanager:*:111111111111:${aws:PrincipalTag/team}",
    "arn:*:*:*:*:*${aws:TagKeys, 'secret'}*",
];
const WORLDS: u64 = 8_000;
const QUESTIONS: u64 = 10;
const REQUESTS: u64 = 5;
