//! `cron(Minutes Hours Day-of-month Month Day-of-week Year)`, as far as Secrets Manager takes it.
//!
//! Rules (behaviour reference §6.4): six fields; minutes are `0` and the year is `*`; hours are one
//! hour, or steps (`2/10`, `/8`) that begin anew each day; of day of month and day of week one is
//! `?`. Names and the letters `L` and `?` may be in any case.

use time::{Date, Duration, Month, Weekday};

/// The days and hours on which windows open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cron {
    /// Rising. Never empty.
    hours: Vec<u8>,
    /// Whether the hours are written as steps.
    steps: bool,
    days: Days,
    months: Set,
}

/// Numbers of a field, as bits.
type Set = u32;

#[derive(Clone, Debug, PartialEq, Eq)]
enum Days {
    Every,
    OfMonth {
        numbers: Set,
        last: bool,
        last_weekdays: Set,
    },
    OfWeek {
        numbers: Set,
        last: Set,
        /// Weekday, and which one of the month.
        nth: Vec<(u8, u8)>,
    },
}

impl Cron {
    /// Reads what stands between the parentheses.
    ///
    /// # Errors
    /// What is wrong, as a sentence.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let fields: Vec<&str> = text.split(' ').filter(|field| !field.is_empty()).collect();
        let [minutes, hours, day, month, weekday, year] = fields.as_slice() else {
            return Err(String::from("A cron expression has six fields."));
        };
        if *minutes != "0" {
            return Err(String::from("The minutes field must be 0."));
        }
        if *year != "*" {
            return Err(String::from("The year field must be *."));
        }
        let days = match (*day, *weekday) {
            ("?", "?") => return Err(one_question_mark()),
            ("?", weekday) => of_week(weekday)?,
            (day, "?") => of_month(day)?,
            _ => return Err(one_question_mark()),
        };
        let cron = Self {
            hours: parse_hours(hours)?,
            steps: hours.contains('/'),
            days,
            months: set_of(month, &MONTH)?,
        };
        if cron.day_after(FIRST_DAY).is_none() {
            return Err(String::from("The expression names a day that never comes."));
        }
        Ok(cron)
    }

    /// The hours of a day at which windows open, rising.
    pub(crate) fn hours(&self) -> &[u8] {
        &self.hours
    }

    /// Whether it counts in hours: steps in the field of hours.
    pub(crate) fn counts_hours(&self) -> bool {
        self.steps
    }

    /// Whether windows open on `date`.
    pub(crate) fn is_on(&self, date: Date) -> bool {
        has(self.months, u8::from(date.month())) && self.days.has(date)
    }

    /// The first day after `date` on which windows open, in the next fifty years.
    pub(crate) fn day_after(&self, date: Date) -> Option<Date> {
        let last = date.checked_add(Duration::days(MOST_DAYS))?;
        let mut date = date.next_day()?;
        while date <= last {
            if !has(self.months, u8::from(date.month())) {
                date = first_of_next_month(date)?;
            } else if self.days.has(date) {
                return Some(date);
            } else {
                date = date.next_day()?;
            }
        }
        None
    }

    /// The fewest days between two days on which windows open. `None`: there is one in 28 years.
    pub(crate) fn fewest_days(&self) -> Option<i64> {
        let end = FIRST_DAY.checked_add(Duration::days(DAYS_OF_A_CYCLE))?;
        let mut before = self.day_after(FIRST_DAY)?;
        let mut fewest = None;
        while let Some(next) = self.day_after(before).filter(|next| *next <= end) {
            let gap = (next - before).whole_days();
            fewest = Some(fewest.map_or(gap, |fewest: i64| fewest.min(gap)));
            if gap == 1 {
                break;
            }
            before = next;
        }
        fewest
    }
}

impl Days {
    fn has(&self, date: Date) -> bool {
        let weekday = number_of(date.weekday());
        let left = days_of_month(date).saturating_sub(date.day());
        match self {
            Self::Every => true,
            Self::OfMonth {
                numbers,
                last,
                last_weekdays,
            } => {
                has(*numbers, date.day())
                    || (*last && left == 0)
                    || (left < 7 && has(*last_weekdays, weekday))
            }
            Self::OfWeek { numbers, last, nth } => {
                let which = date.day().saturating_sub(1) / 7 + 1;
                has(*numbers, weekday)
                    || (left < 7 && has(*last, weekday))
                    || nth.contains(&(weekday, which))
            }
        }
    }
}

fn parse_hours(text: &str) -> Result<Vec<u8>, String> {
    // COMPAT: AWS's table of this field lists no wildcard but `/`.
    if text.contains([',', '-']) || text == "*" {
        return Err(String::from(
            "The hours field takes one hour, or steps such as 0/8.",
        ));
    }
    let set = set_of(text, &HOUR)?;
    Ok((0..24).filter(|hour| has(set, *hour)).collect())
}

fn of_month(text: &str) -> Result<Days, String> {
    if text == "*" {
        return Ok(Days::Every);
    }
    let (mut numbers, mut last, mut last_weekdays) = (0, false, 0);
    for part in text.split(',') {
        match last_weekday(part) {
            _ if part.eq_ignore_ascii_case("L") => last = true,
            Some(weekday) => last_weekdays |= bit(weekday),
            None => numbers |= set_of(part, &DAY)?,
        }
    }
    Ok(Days::OfMonth {
        numbers,
        last,
        last_weekdays,
    })
}

fn of_week(text: &str) -> Result<Days, String> {
    if text == "*" {
        return Ok(Days::Every);
    }
    let (mut numbers, mut last, mut nth) = (0, 0, Vec::new());
    for part in text.split(',') {
        if part.eq_ignore_ascii_case("L") {
            // The last day of the week.
            numbers |= bit(WEEKDAY.most);
        } else if let Some((day, which)) = part.split_once('#') {
            let weekday = WEEKDAY.number(day).ok_or_else(|| WEEKDAY.problem())?;
            let which = which.parse().ok().filter(|which| (1..=5).contains(which));
            nth.push((weekday, which.ok_or_else(|| WEEKDAY.problem())?));
        } else if let Some(weekday) = last_weekday(part) {
            last |= bit(weekday);
        } else {
            numbers |= set_of(part, &WEEKDAY)?;
        }
    }
    Ok(Days::OfWeek { numbers, last, nth })
}

/// The weekday of `SUNL`, the last one of a month.
fn last_weekday(part: &str) -> Option<u8> {
    let day = part.strip_suffix(['L', 'l'])?;
    WEEKDAY.number(day)
}

/// One field: a list of numbers, ranges and steps.
fn set_of(text: &str, field: &Field) -> Result<Set, String> {
    let mut set = 0;
    for part in text.split(',') {
        set |= part_of(part, field).ok_or_else(|| field.problem())?;
    }
    Ok(set)
}

fn part_of(part: &str, field: &Field) -> Option<Set> {
    let (range, step) = match part.split_once('/') {
        Some((range, step)) => (range, Some(step.parse::<u8>().ok()?)),
        None => (part, None),
    };
    let (first, last) = match range.split_once('-') {
        _ if range == "*" || (range.is_empty() && step.is_some()) => (field.least, field.most),
        Some((first, last)) => (field.number(first)?, field.number(last)?),
        None => {
            let first = field.number(range)?;
            (first, step.map_or(first, |_| field.most))
        }
    };
    let step = step.unwrap_or(1);
    if first > last || step == 0 {
        return None;
    }
    let numbers = (first..=last).step_by(usize::from(step));
    Some(numbers.fold(0, |set, number| set | bit(number)))
}

/// What a field may hold.
struct Field {
    name: &'static str,
    least: u8,
    most: u8,
    /// The names of its numbers, from the least on.
    names: &'static [&'static str],
}

impl Field {
    fn number(&self, text: &str) -> Option<u8> {
        let named = self
            .names
            .iter()
            .position(|name| name.eq_ignore_ascii_case(text));
        let number = match named {
            Some(place) => self.least.checked_add(u8::try_from(place).ok()?)?,
            None if text.bytes().all(|byte| byte.is_ascii_digit()) => text.parse().ok()?,
            None => return None,
        };
        (self.least..=self.most).contains(&number).then_some(number)
    }

    fn problem(&self) -> String {
        format!("The {} field isn't valid.", self.name)
    }
}

fn one_question_mark() -> String {
    String::from("One of the day-of-month and day-of-week fields must be ?.")
}

fn bit(number: u8) -> Set {
    1_u32.checked_shl(u32::from(number)).unwrap_or(0)
}

fn has(set: Set, number: u8) -> bool {
    set & bit(number) != 0
}

/// Sunday is 1.
fn number_of(weekday: Weekday) -> u8 {
    weekday.number_from_sunday()
}

fn days_of_month(date: Date) -> u8 {
    date.month().length(date.year())
}

fn first_of_next_month(date: Date) -> Option<Date> {
    let month = date.month().next();
    let year = match month {
        Month::January => date.year().checked_add(1)?,
        _ => date.year(),
    };
    Date::from_calendar_date(year, month, 1).ok()
}

const HOUR: Field = Field {
    name: "hours",
    least: 0,
    most: 23,
    names: &[],
};
const DAY: Field = Field {
    name: "day-of-month",
    least: 1,
    most: 31,
    names: &[],
};
const MONTH: Field = Field {
    name: "month",
    least: 1,
    most: 12,
    names: &[
        "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
    ],
};
const WEEKDAY: Field = Field {
    name: "day-of-week",
    least: 1,
    most: 7,
    names: &["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"],
};
/// The day before a cycle of 28 years in which every date meets every weekday.
const FIRST_DAY: Date = match Date::from_calendar_date(2000, Month::December, 31) {
    Ok(date) => date,
    Err(_) => Date::MIN,
};
const DAYS_OF_A_CYCLE: i64 = 10_227;
/// More than the forty years that may lie between two fifth Sundays of a February.
const MOST_DAYS: i64 = 50 * 366;

#[cfg(test)]
mod tests;
