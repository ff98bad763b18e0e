//! Texts of others on the operator's terminal.
//!
//! SECURITY: what callers, functions and endpoints chose (names, user agents, logs, errors) is shown so that
//! it cannot steer a terminal, hide, turn around, begin a line, or pose as another column. This is the one
//! place that says how.

/// `text` as one cell of a table.
pub(super) fn on_one_line(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(escaped).collect();
    lines.join(" ")
}

/// `line` with nothing in it but what shows itself. A tab is four spaces.
pub(super) fn escaped(line: &str) -> String {
    harmless(&line.replace('\t', "    "))
}

/// `text` as one of several cells that spaces divide: in quotation marks if there are spaces in it, and
/// with nothing in it but what shows itself.
pub(super) fn cell(text: &str) -> String {
    let cell = harmless(text);
    if cell.is_empty() || cell.contains(' ') {
        return format!("\"{cell}\"");
    }
    cell
}

fn harmless(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if is_harmless(c) {
            shown.push(c);
        } else {
            shown.extend(c.escape_unicode());
        }
    }
    shown
}

/// Whether a character only shows itself.
fn is_harmless(c: char) -> bool {
    let turns_or_hides = matches!(
        c,
        '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
    );
    !c.is_control() && !turns_or_hides && (c == ' ' || !c.is_whitespace())
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEERING: &str = "a\u{1b}[2J\u{9b}1m\u{202e}b\u{200b}\rc";
    const SHOWN: &str = "a\\u{1b}[2J\\u{9b}1m\\u{202e}b\\u{200b}\\u{d}c";

    #[test]
    fn nothing_steers_turns_or_hides_wherever_it_is_shown() {
        let shown = [on_one_line(STEERING), escaped(STEERING), cell(STEERING)];

        assert_eq!(shown, [SHOWN; 3]);
    }

    #[test]
    fn lines_and_tabs_are_spaces_on_one_line() {
        assert_eq!(on_one_line("a\tb\r\nc\n"), "a    b c");
    }

    #[test]
    fn a_cell_with_spaces_or_nothing_is_in_quotation_marks() {
        let shown = ["a", "a b", "", "a\tb"].map(cell);

        assert_eq!(shown, ["a", "\"a b\"", "\"\"", "a\\u{9}b"]);
    }
}
