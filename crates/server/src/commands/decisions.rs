//! `strongroom explain` and `strongroom who-can`.

use super::{print, read, table};
use crate::admin::{self, Command, Explain};
use crate::cli::{ExplainFlags, WhoCanFlags};
use crate::config;
use crate::error::Error;
use services::{Access, Explanation, Matched};

/// `strongroom explain`.
pub(crate) fn explain(flags: &ExplainFlags, json: bool) -> Result<(), Error> {
    let account_id = flags.account_id.clone().map(config::account_id);
    let region = flags.region.clone().map(config::region_name);
    let request = Command::Explain(Explain {
        principal: flags.principal.clone(),
        action: flags.action.clone(),
        resource: flags.resource.clone(),
        account_id: account_id.transpose()?,
        region: region.transpose()?,
        context: flags.context.clone(),
    });
    let answer = admin::call(&flags.target.data_dir, &request)?;
    if json {
        return print(&answer);
    }
    print(&told(read(&answer)?))
}

/// `strongroom who-can`.
pub(crate) fn who_can(flags: &WhoCanFlags, json: bool) -> Result<(), Error> {
    let account_id = flags.account_id.clone().map(config::account_id);
    let region = flags.region.clone().map(config::region_name);
    let request = Command::WhoCan {
        action: flags.action.clone(),
        secret: flags.resource.clone(),
        account_id: account_id.transpose()?,
        region: region.transpose()?,
    };
    let answer = admin::call(&flags.target.data_dir, &request)?;
    if json {
        return print(&answer);
    }
    print(&listed(read(&answer)?))
}

/// The answer first, then what it hangs on, then every statement that had a part in it.
fn told(explanation: Explanation) -> String {
    let Explanation {
        principal,
        action,
        resource,
        decision,
        reason,
        by,
        matched,
        conditional,
        missing_keys,
        key,
        note,
        ..
    } = explanation;
    let may = if decision == "allowed" {
        "may"
    } else {
        "may not"
    };
    let mut lines = vec![
        format!("{principal} {may} {action} on {resource}"),
        match by {
            Some(by) => format!("{decision} {reason}: {}", place(&by)),
            None => format!("{decision} {reason}"),
        },
    ];
    if let Some(key) = &key {
        lines.push(of_key(key));
    }
    if conditional {
        let keys = missing_keys.join(", ");
        lines.push(format!("another answer is possible, depending on {keys}"));
    }
    lines.extend(note.map(|note| format!("note: {note}")));
    let mut text = lines.join("\n");
    text.push_str(&tabled(matched));
    if let Some(key) = key.filter(|key| !key.matched.is_empty()) {
        text.push_str(&format!("\n\n{} on {}:", key.action, key.resource));
        text.push_str(&tabled(key.matched));
    }
    text
}

/// The answer about the key that is needed as well.
fn of_key(key: &Explanation) -> String {
    let Explanation {
        action,
        resource,
        decision,
        reason,
        by,
        ..
    } = key;
    let by = by.as_ref().map(|by| format!(": {}", place(by)));
    let by = by.unwrap_or_default();
    format!("needs {action} on {resource}: {decision} {reason}{by}")
}

/// The statements, after an empty line, if there are any.
fn tabled(matched: Vec<Matched>) -> String {
    if matched.is_empty() {
        return String::new();
    }
    let rows = matched.into_iter().map(|one| {
        let statement = one.statement.to_string();
        let sid = one.sid.unwrap_or_default();
        [one.effect, one.policy_type, one.policy, statement, sid]
    });
    let header = ["EFFECT", "KIND", "POLICY", "STATEMENT", "SID"];
    format!("\n\n{}", table(header, rows))
}

fn place(by: &Matched) -> String {
    let sid = by.sid.as_ref().map(|sid| format!(" ({sid})"));
    format!(
        "{}, statement {}{}",
        by.policy,
        by.statement,
        sid.unwrap_or_default()
    )
}

fn listed(all: Vec<Access>) -> String {
    let rows = all.into_iter().map(|access| {
        let depends = access.keys.join(", ");
        [access.principal, access.via.join("; "), depends]
    });
    table(["PRINCIPAL", "VIA", "DEPENDS ON"], rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn by() -> Matched {
        Matched {
            effect: String::from("Deny"),
            policy_type: String::from("identity-based policy"),
            policy: String::from("user/a policy p"),
            statement: 2,
            sid: Some(String::from("No")),
        }
    }

    fn explanation() -> Explanation {
        Explanation {
            principal: String::from("arn:p"),
            action: String::from("a:B"),
            resource: String::from("*"),
            decision: String::from("explicitDeny"),
            policy_type: Some(String::from("identity-based policy")),
            reason: String::from("with an explicit deny in an identity-based policy"),
            by: Some(by()),
            matched: vec![by()],
            conditional: true,
            missing_keys: vec![String::from("aws:SourceIp")],
            key: None,
            note: None,
        }
    }

    #[test]
    fn an_explanation_begins_with_the_answer() {
        assert_eq!(
            told(explanation()),
            "arn:p may not a:B on *\n\
             explicitDeny with an explicit deny in an identity-based policy: user/a policy p, \
             statement 2 (No)\n\
             another answer is possible, depending on aws:SourceIp\n\n\
             EFFECT  KIND                   POLICY           STATEMENT  SID\n\
             Deny    identity-based policy  user/a policy p  2          No"
        );
    }

    #[test]
    fn what_nothing_decided_and_nothing_matched_is_two_lines() {
        let explanation = Explanation {
            decision: String::from("allowed"),
            reason: String::from("as the root of the account that owns the resource"),
            by: None,
            matched: Vec::new(),
            conditional: false,
            note: Some(String::from("n")),
            ..explanation()
        };

        assert_eq!(
            told(explanation),
            "arn:p may a:B on *\nallowed as the root of the account that owns the resource\nnote: n"
        );
    }

    #[test]
    fn the_key_that_is_needed_has_a_line_and_a_table_of_its_own() {
        let key = Explanation {
            action: String::from("kms:Decrypt"),
            resource: String::from("arn:k"),
            ..explanation()
        };
        let explanation = Explanation {
            matched: Vec::new(),
            conditional: false,
            key: Some(Box::new(key)),
            ..explanation()
        };

        assert_eq!(
            told(explanation),
            "arn:p may not a:B on *\n\
             explicitDeny with an explicit deny in an identity-based policy: user/a policy p, \
             statement 2 (No)\n\
             needs kms:Decrypt on arn:k: explicitDeny with an explicit deny in an identity-based \
             policy: user/a policy p, statement 2 (No)\n\n\
             kms:Decrypt on arn:k:\n\n\
             EFFECT  KIND                   POLICY           STATEMENT  SID\n\
             Deny    identity-based policy  user/a policy p  2          No"
        );
    }

    #[test]
    fn those_who_may_are_a_table() {
        let access = Access {
            principal: String::from("arn:p"),
            via: vec![
                String::from("user/a policy p"),
                String::from("user/a → arn:q"),
            ],
            conditional: true,
            keys: vec![String::from("aws:SourceIp")],
        };

        assert_eq!(
            listed(vec![access]),
            "PRINCIPAL  VIA                              DEPENDS ON\n\
             arn:p      user/a policy p; user/a → arn:q  aws:SourceIp"
        );
    }
}
