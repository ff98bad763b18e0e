//! `strongroom node …`.

use super::terminal::on_one_line;
use super::{print, read, table};
use crate::admin::{self, Command};
use crate::cli::NodeCommand;
use crate::error::Error;
use crate::node::NodeRow;

/// `strongroom node …`.
pub(crate) fn node(command: &NodeCommand, json: bool) -> Result<(), Error> {
    match command {
        NodeCommand::List { target } => {
            let answer = admin::call(&target.data_dir, &Command::NodeList)?;
            match json {
                true => print(&answer),
                false => print(&told(&read::<Vec<NodeRow>>(&answer)?)),
            }
        }
    }
}

fn told(rows: &[NodeRow]) -> String {
    let header = [
        "NODE", "STATE", "STARTS", "SEEN", "VERSION", "RING KEY", "ROOT KEY", "ID",
    ];
    table(header, rows.iter().map(cells))
}

fn cells(row: &NodeRow) -> [String; 8] {
    let state = match row.is_living || row.has_left() {
        true => on_one_line(&row.state),
        false => String::from("not seen at work"),
    };
    let keys = |known: u32, active: u32| match known > active {
        true => format!("{active} ({known} waits)"),
        false => active.to_string(),
    };
    let own = if row.is_own { " (this one)" } else { "" };
    [
        format!("{}{own}", on_one_line(&row.name)),
        state,
        row.epoch.to_string(),
        row.at.clone(),
        on_one_line(&row.program),
        keys(row.known.ring_known, row.known.ring_active),
        keys(row.known.roots_known, row.known.roots_active),
        on_one_line(&row.id),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::Known;

    fn row(name: &str, state: &str, is_living: bool) -> NodeRow {
        NodeRow {
            name: name.to_owned(),
            id: String::from("an-id"),
            state: state.to_owned(),
            is_living,
            is_own: name == "a",
            epoch: 3,
            at: String::from("2026-01-02T03:04:05Z"),
            program: String::from("1.2.3"),
            known: Known {
                ring_known: 2,
                ring_active: 1,
                roots_known: 4,
                roots_active: 4,
            },
        }
    }

    #[test]
    fn each_node_is_a_line() {
        let rows = [
            row("a", "up", true),
            row("b", "up", false),
            row("c", "left", false),
        ];

        let told = told(&rows);

        let lines: Vec<_> = told.lines().collect();
        assert_eq!(
            lines[1],
            "a (this one)  up                3       2026-01-02T03:04:05Z  1.2.3    1 (2 waits)  4         an-id"
        );
        assert!(lines[2].contains("not seen at work") && lines[3].contains("left"));
        assert_eq!(lines.len(), 4);
    }
}
