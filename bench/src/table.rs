//! Text in aligned columns.

/// A table: the first column is words and aligned left, the others are numbers, aligned right.
pub(crate) struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with the given heads of its columns.
    pub(crate) fn new(heads: &[&str]) -> Self {
        Self {
            rows: vec![heads.iter().map(ToString::to_string).collect()],
        }
    }

    /// Adds a row. A short one leaves its last columns empty.
    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// The table as lines, each with its end.
    pub(crate) fn to_text(&self) -> String {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or_default();
        let widths: Vec<usize> = (0..columns).map(|column| self.width(column)).collect();
        self.rows.iter().map(|row| line(row, &widths)).collect()
    }

    fn width(&self, column: usize) -> usize {
        let cells = self.rows.iter().filter_map(|row| row.get(column));
        cells
            .map(|cell| cell.chars().count())
            .max()
            .unwrap_or_default()
    }
}

fn line(row: &[String], widths: &[usize]) -> String {
    let mut text = String::new();
    for (column, (cell, width)) in row.iter().zip(widths).enumerate() {
        if column == 0 {
            text.push_str(&format!("{cell:<width$}"));
        } else {
            text.push_str(&format!("  {cell:>width$}"));
        }
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
    text
}

/// A whole number with a comma between thousands.
pub(crate) fn whole(number: f64) -> String {
    let digits = format!("{number:.0}");
    let (sign, digits) = match digits.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", digits.as_str()),
    };
    let mut text = String::from(sign);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cells(texts: &[&str]) -> Vec<String> {
        texts.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn words_stand_left_and_numbers_right() {
        let mut table = Table::new(&["operation", "req/s"]);
        table.row(cells(&["Get", "41,000"]));
        table.row(cells(&["Describe, µ", "7"]));

        assert_eq!(
            table.to_text(),
            "operation     req/s\n\
             Get          41,000\n\
             Describe, µ       7\n"
        );
    }

    #[test]
    fn a_short_row_ends_early() {
        let mut table = Table::new(&["a", "b", "c"]);
        table.row(cells(&["word"]));

        assert_eq!(table.to_text(), "a     b  c\nword\n");
    }

    #[test]
    fn thousands_are_set_apart() {
        let texts = [0.0, 7.4, 999.5, 46_000.0, 1_234_567.0, -1_000.0].map(whole);

        assert_eq!(texts, ["0", "7", "1,000", "46,000", "1,234,567", "-1,000"]);
    }

    proptest! {
        #[test]
        fn every_column_ends_at_one_place(
            rows in prop::collection::vec(prop::collection::vec("[a-zµ0-9]{1,8}", 3), 1..10),
        ) {
            let mut table = Table::new(&["x", "y", "z"]);
            rows.into_iter().for_each(|row| table.row(row));

            let text = table.to_text();

            let lengths: Vec<usize> = text.lines().map(|line| line.chars().count()).collect();
            prop_assert!(lengths.windows(2).all(|pair| pair[0] == pair[1]), "{}", text);
        }

        #[test]
        fn commas_do_not_change_a_number(number in 0_u32..) {
            prop_assert_eq!(whole(f64::from(number)).replace(',', ""), number.to_string());
        }
    }
}
