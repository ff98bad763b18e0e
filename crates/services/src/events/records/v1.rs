//! The form of rules of version 1: no target was an API destination.

use super::{Input, State};
use crate::tags::Tags;
use base::{AccountId, RegionName};
use serde::Deserialize;

#[derive(Deserialize)]
pub(super) struct Rule {
    account: AccountId,
    region: RegionName,
    name: String,
    description: Option<String>,
    pattern: String,
    state: State,
    tags: Tags,
    targets: Vec<Target>,
}

#[derive(Deserialize)]
struct Target {
    id: String,
    arn: String,
    input: Input,
    retries: Option<u32>,
    seconds: Option<u32>,
}

impl From<Rule> for super::Rule {
    fn from(old: Rule) -> Self {
        Self {
            account: old.account,
            region: old.region,
            name: old.name,
            description: old.description,
            pattern: old.pattern,
            state: old.state,
            tags: old.tags,
            targets: old.targets.into_iter().map(super::Target::from).collect(),
        }
    }
}

impl From<Target> for super::Target {
    fn from(old: Target) -> Self {
        Self {
            id: old.id,
            arn: old.arn,
            input: old.input,
            retries: old.retries,
            seconds: old.seconds,
            invoking: None,
        }
    }
}
