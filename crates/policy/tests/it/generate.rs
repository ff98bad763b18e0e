//! Policies and requests out of a seed, from pools small enough for them to meet.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use strongroom_policy::{Caller, Form};

use crate::naive::Held;
use crate::pools::{
    ACTIONS, CALLERS, MULTI, OPERATORS, PLAIN_RESOURCES, PRINCIPALS, PROVIDERS, REQUEST_ACTIONS,
    REQUEST_RESOURCES, RESOURCES, SERVICES, SINGLE, TRUST_ACTIONS, VARIABLES,
};

/// A source of choices (splitmix64).
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(bound).unwrap()).unwrap()
    }

    pub(crate) fn percent(&mut self, share: usize) -> bool {
        self.below(100) < share
    }

    pub(crate) fn of<T: Copy>(&mut self, pool: &[T]) -> T {
        pool[self.below(pool.len())]
    }

    fn some_of(&mut self, pool: &[&str]) -> Value {
        if self.percent(50) {
            return self.of(pool).into();
        }
        let count = 1 + self.below(3);
        (0..count).map(|_| Value::from(self.of(pool))).collect()
    }
}

/// How lenient the policies of a slot are made: bounds have to let something through.
#[derive(Clone, Copy)]
pub(crate) enum Bias {
    Grants,
    Bounds,
}

pub(crate) fn document(dice: &mut Dice, form: Form, bias: Bias) -> Value {
    let new = dice.percent(75);
    let count = 1 + dice.below(3);
    let mut statements: Vec<Value> = (0..count).map(|_| statement(dice, form, new)).collect();
    let generous = match bias {
        Bias::Grants => 12,
        Bias::Bounds => 65,
    };
    if dice.percent(generous) {
        let mut every = json!({"Effect": "Allow", "Action": "*", "Resource": "*"});
        if form == Form::Resource {
            every["Principal"] = principal(dice);
        }
        if form == Form::Trust {
            every = json!({"Effect": "Allow", "Action": "sts:*", "Principal": principal(dice)});
        }
        let at = dice.below(statements.len() + 1);
        statements.insert(at, every);
    }
    let mut document = Map::new();
    match (new, dice.percent(50)) {
        (true, _) => drop(document.insert("Version".into(), "2012-10-17".into())),
        (false, true) => drop(document.insert("Version".into(), "2008-10-17".into())),
        (false, false) => {}
    }
    let statement = if statements.len() == 1 && dice.percent(50) {
        statements.remove(0)
    } else {
        Value::Array(statements)
    };
    document.insert("Statement".into(), statement);
    Value::Object(document)
}

fn statement(dice: &mut Dice, form: Form, new: bool) -> Value {
    let mut statement = Map::new();
    let denies = dice.percent(22);
    statement.insert(
        "Effect".into(),
        if denies { "Deny" } else { "Allow" }.into(),
    );
    let (actions, not_action) = if form == Form::Trust {
        (&TRUST_ACTIONS[..], false)
    } else {
        (&ACTIONS[..], dice.percent(10))
    };
    let name = if not_action { "NotAction" } else { "Action" };
    statement.insert(name.into(), dice.some_of(actions));
    if form != Form::Trust {
        let name = if dice.percent(10) {
            "NotResource"
        } else {
            "Resource"
        };
        let every = name == "Resource" && dice.percent(45);
        let pool = if new {
            &RESOURCES[..]
        } else {
            &RESOURCES[..PLAIN_RESOURCES]
        };
        let value = if every {
            "*".into()
        } else {
            dice.some_of(pool)
        };
        statement.insert(name.into(), value);
    }
    let needs = matches!(form, Form::Resource | Form::Trust);
    if needs || (form == Form::Endpoint && dice.percent(60)) {
        let except = denies && dice.percent(40);
        let name = if except { "NotPrincipal" } else { "Principal" };
        statement.insert(name.into(), principal(dice));
    }
    let chance = if denies { 60 } else { 30 };
    if dice.percent(chance) {
        statement.insert("Condition".into(), condition(dice, new));
    }
    Value::Object(statement)
}

fn principal(dice: &mut Dice) -> Value {
    if dice.percent(20) {
        return "*".into();
    }
    let mut kinds = Map::new();
    if dice.percent(85) {
        kinds.insert("AWS".into(), dice.some_of(&PRINCIPALS));
    }
    if dice.percent(15) {
        kinds.insert("Service".into(), dice.some_of(&SERVICES));
    }
    if dice.percent(15) {
        kinds.insert("Federated".into(), dice.some_of(&PROVIDERS));
    }
    if kinds.is_empty() || dice.percent(3) {
        kinds.insert(
            "CanonicalUser".into(),
            "79a59df900b949e55d96a1e698fbaced".into(),
        );
    }
    Value::Object(kinds)
}

fn condition(dice: &mut Dice, new: bool) -> Value {
    let mut block = Map::new();
    let count = if dice.percent(75) { 1 } else { 2 };
    for _ in 0..count {
        let (base, keys, operands) = dice.of(&OPERATORS);
        let prefix = match dice.below(4) {
            0 if base != "Null" => "ForAllValues:",
            1 if base != "Null" => "ForAnyValue:",
            _ => "",
        };
        let suffix = if base != "Null" && dice.percent(25) {
            "IfExists"
        } else {
            ""
        };
        let variables = VARIABLES.iter().any(|(kind, _)| base.contains(kind));
        let open = VARIABLES
            .iter()
            .find(|(kind, _)| base.contains(kind))
            .map(|(_, list)| *list);
        let operand = match open {
            Some(open) if new && variables && dice.percent(25) => dice.some_of(open),
            _ => dice.some_of(operands),
        };
        let operand = match operand.as_str() {
            Some(text @ ("true" | "false")) if dice.percent(50) => json!(text == "true"),
            Some("7") if dice.percent(50) => json!(7),
            _ => operand,
        };
        let key = dice.of(keys);
        let key = if dice.percent(20) {
            key.to_uppercase()
        } else {
            key.to_owned()
        };
        block.insert(format!("{prefix}{base}{suffix}"), json!({ key: operand }));
    }
    Value::Object(block)
}

/// The context of a request, keys in lower case.
pub(crate) fn keys(dice: &mut Dice) -> BTreeMap<String, Held> {
    let mut keys = BTreeMap::new();
    for (key, pool) in SINGLE {
        if dice.percent(75) {
            keys.insert(key.to_lowercase(), Held::One(dice.of(pool).to_owned()));
        }
    }
    for (key, pool) in MULTI {
        if dice.percent(75) {
            let count = dice.below(4);
            let values = (0..count).map(|_| dice.of(pool).to_owned()).collect();
            keys.insert(key.to_lowercase(), Held::Many(values));
        }
    }
    keys
}

pub(crate) fn caller(dice: &mut Dice) -> Caller<'static> {
    let (account, identity) = dice.of(&CALLERS);
    Caller { account, identity }
}

/// The ids that ARNs had when a policy was written: some of users and roles that are no more.
pub(crate) fn ids(dice: &mut Dice) -> BTreeMap<String, String> {
    let bound = [
        (
            "arn:aws:iam::111111111111:user/ana",
            ["AIDAANAANAANAANAANA1", "AIDAGONEGONEGONEGON1"],
        ),
        (
            "arn:aws:iam::111111111111:role/app",
            ["AROAAPPAPPAPPAPPAPP1", "AROAGONEGONEGONEGON1"],
        ),
        (
            "arn:aws:sts::111111111111:assumed-role/app/one",
            ["AROAAPPAPPAPPAPPAPP1", "AROAGONEGONEGONEGON1"],
        ),
    ];
    let mut ids = BTreeMap::new();
    if dice.percent(30) {
        for (arn, pool) in bound {
            if dice.percent(50) {
                ids.insert(arn.to_owned(), dice.of(&pool).to_owned());
            }
        }
    }
    ids
}

/// One of the request's own actions and resources, and the account of the latter.
pub(crate) fn target(dice: &mut Dice) -> (&'static str, &'static str, Option<&'static str>) {
    let account = if dice.percent(2) {
        None
    } else if dice.percent(65) {
        Some("111111111111")
    } else {
        Some("222222222222")
    };
    (
        dice.of(&REQUEST_ACTIONS),
        dice.of(&REQUEST_RESOURCES),
        account,
    )
}
