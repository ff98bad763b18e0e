//! The text format of Prometheus, version 0.0.4.

use std::fmt::{Display, Write as _};

/// What a scrape is answered with, in the making.
#[derive(Default)]
pub(super) struct Exposition(String);

/// What the numbers of a family are.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    /// They only rise, but for a start.
    Counter,
    Gauge,
    Histogram,
}

/// Label and value.
pub(super) type Label<'a> = (&'static str, &'a str);

impl Exposition {
    /// Begins the family `name`, whose samples follow.
    pub(super) fn family(&mut self, name: &str, kind: Kind, help: &str) {
        let kind = match kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram => "histogram",
        };
        // Writing to a `String` cannot fail, here and below.
        let _ = writeln!(self.0, "# HELP {name} {help}");
        let _ = writeln!(self.0, "# TYPE {name} {kind}");
    }

    /// One number.
    pub(super) fn sample(&mut self, name: &str, labels: &[Label<'_>], value: impl Display) {
        self.0.push_str(name);
        let mut before = '{';
        for (label, value) in labels {
            let _ = write!(self.0, "{before}{label}=\"");
            for letter in value.chars() {
                match letter {
                    '\\' => self.0.push_str("\\\\"),
                    '"' => self.0.push_str("\\\""),
                    '\n' => self.0.push_str("\\n"),
                    other => self.0.push(other),
                }
            }
            self.0.push('"');
            before = ',';
        }
        if !labels.is_empty() {
            self.0.push('}');
        }
        let _ = writeln!(self.0, " {value}");
    }

    /// A family of one number.
    pub(super) fn single(&mut self, name: &str, kind: Kind, help: &str, value: impl Display) {
        self.family(name, kind, help);
        self.sample(name, &[], value);
    }

    /// The text.
    pub(super) fn finish(self) -> String {
        self.0
    }
}

/// How the format is called in a header.
pub(super) const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_and_samples_are_lines() {
        let mut text = Exposition::default();

        text.single("up_total", Kind::Counter, "How often.", 3);
        text.family("size_bytes", Kind::Gauge, "How large.");
        text.sample("size_bytes", &[("kind", "a"), ("of", "b")], 0.5);

        assert_eq!(
            text.finish(),
            "# HELP up_total How often.\n# TYPE up_total counter\nup_total 3\n\
             # HELP size_bytes How large.\n# TYPE size_bytes gauge\n\
             size_bytes{kind=\"a\",of=\"b\"} 0.5\n"
        );
    }

    #[test]
    fn the_value_of_a_label_ends_where_it_should() {
        let mut text = Exposition::default();

        text.sample("x", &[("of", "a\"} 1\n\\")], 2);

        assert_eq!(text.finish(), "x{of=\"a\\\"} 1\\n\\\\\"} 2\n");
    }
}
