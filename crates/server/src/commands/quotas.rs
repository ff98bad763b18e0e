//! `strongroom quotas`: what the configuration file gives accounts. A server need not run.

use super::{print, table};
use crate::cli::{QuotasFlags, ServeFlags};
use crate::config::{self, Config};
use crate::error::Error;
use base::AccountId;
use serde_json::{Map, Value, json};
use services::{AccountQuotas, Rate};

/// `strongroom quotas`.
pub(crate) fn quotas(flags: &QuotasFlags, json: bool) -> Result<(), Error> {
    let config = Config::load(&ServeFlags {
        config: flags.config.clone(),
        ..ServeFlags::default()
    })?;
    let account = flags.account_id.clone().map(config::account_id);
    let account = account.transpose()?;
    let quotas = match &account {
        Some(account) => config.quotas.of(account),
        None => config.quotas.usual(),
    };
    let others: Vec<&AccountId> = match account {
        Some(_) => Vec::new(),
        None => {
            let mut others: Vec<_> = config.quotas.accounts().map(|(id, _)| id).collect();
            others.sort_unstable();
            others
        }
    };
    if json {
        return print(&to_json(quotas, &others).to_string());
    }
    print(&told(quotas, &others))
}

fn limits(quotas: &AccountQuotas) -> [(&'static str, u64); 8] {
    let limits = &quotas.limits;
    let wide = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
    [
        ("secrets", limits.secrets.unsigned_abs()),
        ("value_bytes", wide(limits.value_bytes)),
        ("versions", wide(limits.versions)),
        ("unlabelled_versions", wide(limits.unlabelled_versions)),
        ("unlabelled_hours", limits.unlabelled_hours.into()),
        ("labels", wide(limits.labels)),
        (
            "resource_policy_characters",
            wide(limits.resource_policy_characters),
        ),
        ("tags", wide(limits.tags)),
    ]
}

fn to_json(quotas: &AccountQuotas, others: &[&AccountId]) -> Value {
    let limits = limits(quotas).into_iter();
    let limits: Map<String, Value> = limits
        .map(|(name, limit)| (String::from(name), limit.into()))
        .collect();
    let rates = quotas.rates.groups().map(|(group, rate)| {
        json!({
            "Service": group.service,
            "Operations": group.operations,
            "PerSecond": rate.map(|rate| rate.per_second),
            "Burst": rate.map(|rate| rate.burst),
        })
    });
    let others = others.iter().map(|account| account.as_str());
    json!({
        "Limits": limits,
        "Rates": rates.collect::<Vec<_>>(),
        "AccountsWithQuotasOfTheirOwn": others.collect::<Vec<_>>(),
    })
}

fn told(quotas: &AccountQuotas, others: &[&AccountId]) -> String {
    let limits = limits(quotas).map(|(name, limit)| [String::from(name), limit.to_string()]);
    let rates = quotas.rates.groups().map(|(group, rate)| {
        let show = |number: fn(Rate) -> u32| {
            rate.map_or_else(
                || String::from("unlimited"),
                |rate| number(rate).to_string(),
            )
        };
        [
            String::from(group.service),
            show(|rate| rate.per_second.get()),
            show(|rate| rate.burst.get()),
            group.operations.join(" "),
        ]
    });
    let mut text = table(["QUOTA", "LIMIT"], limits);
    text.push_str("\n\n");
    let header = ["SERVICE", "PER SECOND", "BURST", "OPERATIONS"];
    text.push_str(&table(header, rates));
    if !others.is_empty() {
        let others: Vec<&str> = others.iter().map(|account| account.as_str()).collect();
        text.push_str("\n\nAccounts with quotas of their own: ");
        text.push_str(&others.join(" "));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_and_rates_are_tables() {
        let account = AccountId::parse("111111111111").unwrap();

        let text = told(&AccountQuotas::default(), &[&account]);

        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "QUOTA                       LIMIT");
        assert!(lines.contains(&"value_bytes                 65536"));
        let shared = lines.iter().find(|line| line.contains("GetSecretValue"));
        assert_eq!(
            shared.unwrap().split_whitespace().collect::<Vec<_>>(),
            [
                "secretsmanager",
                "10000",
                "10000",
                "DescribeSecret",
                "GetSecretValue"
            ]
        );
        assert_eq!(
            lines.last().unwrap(),
            &"Accounts with quotas of their own: 111111111111"
        );
    }

    #[test]
    fn the_same_is_json() {
        let quotas = AccountQuotas {
            rates: services::Rates::unlimited(),
            ..AccountQuotas::default()
        };

        let json = to_json(&quotas, &[]);

        assert_eq!(json["Limits"]["secrets"], 500_000);
        assert_eq!(json["Rates"][0]["PerSecond"], Value::Null);
        assert_eq!(json["AccountsWithQuotasOfTheirOwn"], json!([]));
    }
}
