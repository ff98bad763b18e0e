//! `strongroom audit rotate-key`: another key signs the log from now on.

use crate::admin::{self, Command};
use crate::audit::Replaced;
use crate::cli::Target;
use crate::commands::{print, read};
use crate::error::Error;

/// Asks the server, and prints its answer.
pub(super) fn rotate_key(target: &Target, json: bool) -> Result<(), Error> {
    let answer = admin::call(&target.data_dir, &Command::AuditRotateKey {})?;
    if json {
        return print(&answer);
    }
    print(&told(&read(&answer)?))
}

fn told(replaced: &Replaced) -> String {
    let (new, old, first) = (
        &replaced.key_id,
        &replaced.replaced_key_id,
        replaced.first_sequence,
    );
    format!(
        "key {new} signs the audit log from event {first} on: note it, or keep a copy of what \
         `strongroom audit public-key` prints\nkey {old} was replaced, and is believed of what came before"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operator_is_told_what_to_note() {
        let replaced = Replaced {
            key_id: String::from("new"),
            replaced_key_id: String::from("old"),
            first_sequence: 7,
        };

        let text = told(&replaced);

        assert_eq!(
            text,
            "key new signs the audit log from event 7 on: note it, or keep a copy of what `strongroom \
             audit public-key` prints\nkey old was replaced, and is believed of what came before"
        );
    }
}
