//! `strongroom access` and `strongroom unused`.
//!
//! SECURITY: what a client calls itself is its own choice, and reaches the operator's terminal without control
//! characters and in one cell.

use super::terminal::on_one_line;
use super::{print, read, table};
use crate::admin::{self, Command};
use crate::cli::{OneSecret, Unused};
use crate::config;
use crate::error::Error;
use services::secretsmanager::{Moment, ShownAccess, UnusedSecrets};

/// `strongroom access …`.
pub(crate) fn access(asked: &OneSecret, json: bool) -> Result<(), Error> {
    let account_id = asked.account_id.clone().map(config::account_id);
    let region = asked.region.clone().map(config::region_name);
    let request = Command::AccessShow(admin::OneSecret {
        secret: asked.secret.clone(),
        account_id: account_id.transpose()?,
        region: region.transpose()?,
    });
    let answer = admin::call(&asked.target.data_dir, &request)?;
    match json {
        true => print(&answer),
        false => print(&readers_told(&read(&answer)?)),
    }
}

/// `strongroom unused`.
pub(crate) fn unused(asked: &Unused, json: bool) -> Result<(), Error> {
    let account_id = asked.account_id.clone().map(config::account_id);
    let region = asked.region.clone().map(config::region_name);
    let request = Command::AccessUnused(admin::Unused {
        days: asked.days,
        account_id: account_id.transpose()?,
        region: region.transpose()?,
    });
    let answer = admin::call(&asked.target.data_dir, &request)?;
    match json {
        true => print(&answer),
        false => print(&unused_told(&read(&answer)?, asked.days)),
    }
}

fn readers_told(shown: &ShownAccess) -> String {
    let mut lines = vec![format!("{}  {}", shown.name, shown.arn)];
    if let Some(since) = shown.known_since {
        lines.push(format!("the audit log begins at {}", since.to_iso()));
    }
    if shown.readers.is_empty() {
        lines.push(String::from("nobody is known to have read its value"));
        return lines.join("\n");
    }
    let rows = shown.readers.iter().map(|reader| {
        [
            on_one_line(&reader.principal),
            reader.last_read.to_iso(),
            reader.reads.to_string(),
            reader.first_read.to_iso(),
            on_one_line(&reader.source_ip),
            on_one_line(reader.session.as_deref().unwrap_or_default()),
            on_one_line(&reader.user_agent),
        ]
    });
    let header = [
        "PRINCIPAL",
        "LAST READ",
        "READS",
        "FIRST READ",
        "FROM",
        "SESSION",
        "USER AGENT",
    ];
    lines.push(String::new());
    lines.push(table(header, rows));
    lines.join("\n")
}

fn unused_told(unused: &UnusedSecrets, days: u32) -> String {
    if unused.secrets.is_empty() {
        return format!("every secret was made or read in the last {days} days");
    }
    let rows = unused.secrets.iter().map(|secret| {
        let read = secret.last_accessed_date.map(Moment::to_iso);
        [
            secret.name.clone(),
            secret.created_date.to_iso(),
            read.unwrap_or_else(|| String::from("never")),
            secret.arn.clone(),
        ]
    });
    let mut told = table(["NAME", "CREATED", "LAST READ", "ARN"], rows);
    if unused.has_more {
        told.push_str("\nand more: delete or read some of these, and ask again");
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::Timestamp;
    use services::secretsmanager::{ShownReader, UnusedSecret};

    const NOON: Moment = Moment(Timestamp::from_millis(1_768_478_400_000));

    fn shown(readers: Vec<ShownReader>) -> ShownAccess {
        ShownAccess {
            name: String::from("db"),
            arn: String::from("arn:db"),
            known_since: Some(NOON),
            readers,
        }
    }

    #[test]
    fn readers_are_a_table_that_no_user_agent_breaks() {
        let reader = ShownReader {
            principal: String::from("arn:ann"),
            session: None,
            first_read: NOON,
            last_read: NOON,
            reads: 7,
            source_ip: String::from("::1"),
            user_agent: String::from("a\nb\u{1b}[2J"),
            event_id: String::from("e"),
        };

        let told = readers_told(&shown(vec![reader]));

        assert_eq!(
            told,
            "db  arn:db\n\
             the audit log begins at 2026-01-15T12:00:00Z\n\
             \n\
             PRINCIPAL  LAST READ             READS  FIRST READ            FROM  SESSION  USER AGENT\n\
             arn:ann    2026-01-15T12:00:00Z  7      2026-01-15T12:00:00Z  ::1            a b\\u{1b}[2J"
        );
    }

    #[test]
    fn a_secret_without_readers_says_so() {
        let told = readers_told(&shown(Vec::new()));

        assert!(
            told.ends_with("\nnobody is known to have read its value"),
            "{told}"
        );
    }

    #[test]
    fn unused_secrets_are_a_table() {
        let one = UnusedSecret {
            name: String::from("db"),
            arn: String::from("arn:db"),
            created_date: NOON,
            last_accessed_date: None,
        };
        let unused = UnusedSecrets {
            secrets: vec![one],
            has_more: true,
        };

        let told = [
            unused_told(&unused, 90),
            unused_told(&UnusedSecrets::default(), 90),
        ];

        assert_eq!(
            told,
            [
                "NAME  CREATED               LAST READ  ARN\n\
                 db    2026-01-15T12:00:00Z  never      arn:db\n\
                 and more: delete or read some of these, and ask again",
                "every secret was made or read in the last 90 days",
            ]
        );
    }
}
