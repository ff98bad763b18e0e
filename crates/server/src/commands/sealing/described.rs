use crate::admin::{SealStatus, SharesRow};
use crate::commands::table;
use seal::SealKind;

/// A status for people.
pub(super) fn described(status: &SealStatus) -> String {
    let mut lines = vec![
        format!("state     {}", status.state),
        format!("seal      {}", status.seal),
    ];
    if let Some(pending) = status.pending {
        lines.push(format!(
            "pending   {pending}; both seals open the data directory"
        ));
        lines.extend(next_step(status, pending).map(|next| format!("next      {next}")));
    }
    if let Some(notice) = &status.notice {
        lines.push(format!("notice    {notice}"));
    }
    for SharesRow {
        set,
        given,
        threshold,
    } in &status.shares
    {
        lines.push(format!(
            "given     {given} of {threshold} shares of the set {set}"
        ));
    }
    if let Some(SharesRow { set, threshold, .. }) = &status.recovery {
        lines.push(format!("recovery  {threshold} shares of the set {set}"));
    }
    lines.push(format!("root key  {}", status.root_key));
    let mut text = lines.join("\n");
    if !status.is_sealed() {
        text.push_str(&described_keys(status));
    }
    text
}

/// What there is to do about the migration to `pending`.
fn next_step(status: &SealStatus, pending: SealKind) -> Option<String> {
    if status.inherited {
        return Some(String::from(
            "run `strongroom seal migrate --finish`, which takes what opens the new seal, since the \
             server was started anew; or give it up with `strongroom seal migrate --abandon`",
        ));
    }
    let can_finish = !status.is_sealed() && pending == SealKind::Shamir;
    can_finish
        .then(|| String::from("hand the shares out, then run `strongroom seal migrate --finish`"))
}

fn described_keys(status: &SealStatus) -> String {
    let count = |count: Option<u64>| match count {
        Some(count) => count.to_string(),
        None => String::from("not counted yet"),
    };
    let locked = if status.key_pages_protected {
        "yes"
    } else {
        "no"
    };
    let lines = [
        format!("pages of keys are locked         {locked}"),
        format!(
            "records under older keys         {}",
            count(status.records_under_older_keys)
        ),
        format!(
            "KMS keys under older root keys   {}",
            count(status.kms_keys_under_older_root_keys)
        ),
    ];
    let state = |active| String::from(if active { "seals" } else { "opens" });
    let roots = status.root_keys.iter().map(|key| {
        let created = key.created.clone().unwrap_or_else(|| String::from("-"));
        let fingerprint = key.fingerprint.clone();
        [
            key.number.to_string(),
            fingerprint,
            created,
            state(key.active),
        ]
    });
    let roots = table(["ROOT KEY", "FINGERPRINT", "CREATED", "STATE"], roots);
    let keys = status.keys.iter();
    let keys = keys.map(|key| [key.id.to_string(), key.created.clone(), state(key.active)]);
    let keys = table(["KEY", "CREATED", "STATE"], keys);
    format!("\n{}\n\n{roots}\n\n{keys}", lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::admin::SealPhase;

    fn shares() -> SharesRow {
        SharesRow {
            set: String::from("abcd"),
            given: 1,
            threshold: 2,
        }
    }

    #[test]
    fn a_sealed_server_says_what_it_needs() {
        let status = SealStatus {
            notice: Some(String::from(
                "give the shares with `strongroom seal unseal`",
            )),
            shares: vec![shares()],
            recovery: Some(shares()),
            root_key: String::from("0123456789abcdef"),
            ..SealStatus::bare(SealPhase::Sealed, SealKind::Shamir)
        };

        assert_eq!(
            described(&status),
            "state     sealed\nseal      shamir\n\
             notice    give the shares with `strongroom seal unseal`\n\
             given     1 of 2 shares of the set abcd\n\
             recovery  2 shares of the set abcd\nroot key  0123456789abcdef"
        );
    }

    #[test]
    fn a_migration_of_before_the_start_ends_with_what_opens_the_new_seal() {
        let pending = |state, inherited| {
            let status = SealStatus {
                inherited,
                ..SealStatus::bare(state, SealKind::File)
            };
            next_step(&status, SealKind::Shamir)
        };

        let next = "run `strongroom seal migrate --finish`, which takes what opens the new seal, \
                    since the server was started anew; or give it up with `strongroom seal migrate \
                    --abandon`";
        assert_eq!(pending(SealPhase::Open, true).as_deref(), Some(next));
        assert_eq!(pending(SealPhase::Sealed, false), None);
    }

    #[test]
    fn an_open_server_shows_its_keys_and_what_is_under_older_ones() {
        let status = SealStatus {
            pending: Some(SealKind::Shamir),
            root_key: String::from("0123"),
            records_under_older_keys: Some(7),
            key_pages_protected: false,
            ..SealStatus::bare(SealPhase::Open, SealKind::File)
        };

        assert_eq!(
            described(&status),
            "state     open\nseal      file\n\
             pending   shamir; both seals open the data directory\n\
             next      hand the shares out, then run `strongroom seal migrate --finish`\n\
             root key  0123\n\
             pages of keys are locked         no\n\
             records under older keys         7\n\
             KMS keys under older root keys   not counted yet\n\n\
             ROOT KEY  FINGERPRINT  CREATED  STATE\n\nKEY  CREATED  STATE"
        );
    }
}
