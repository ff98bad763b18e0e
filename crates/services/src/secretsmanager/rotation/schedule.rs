//! When secrets are rotated: rules, and the windows that follow from them. Pure, no clock.
//!
//! Rules (behaviour reference §6.4 and §6.5), all in UTC:
//! - `AutomaticallyAfterDays` and `rate(n days)` count days from the last rotation; the window is
//!   that day, from midnight on, all of it or as many hours as `Duration` says;
//! - `rate(n hours)` opens windows at multiples of n hours from the midnight of the day on which the
//!   rules were set, for one hour by default;
//! - `cron(…)` opens them when it says: with steps of hours for one hour, else to the end of the day;
//! - a window does not reach into the next one, nor that of a day into the next day;
//! - there are at least four hours from one window to the next.

use super::cron::Cron;
use base::Timestamp;
use serde::{Deserialize, Serialize};
use time::{Date, Duration, OffsetDateTime, Time};

/// `RotationRules`, as they were given. Read by [`Schedule::of`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Rules {
    /// As given, or derived from the expression.
    pub(crate) automatically_after_days: Option<i64>,
    pub(crate) duration: Option<String>,
    pub(crate) schedule_expression: Option<String>,
}

/// What the rules mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Schedule {
    pattern: Pattern,
    /// How long windows are open. `None`: to the end of the day.
    open_hours: Option<i64>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Pattern {
    /// So many days after the last rotation.
    Days(i64),
    /// At moments that do not depend on it.
    Openings(Openings),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Openings {
    Hours(i64),
    Cron(Cron),
}

/// A stretch of time in which a rotation may begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Window {
    pub(crate) opens: Timestamp,
    /// The first moment after it.
    pub(crate) closes: Timestamp,
}

/// From when a schedule counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Origin {
    /// When the rules were set.
    pub(crate) set: Timestamp,
    /// The last rotation, or change of the current value by hand.
    pub(crate) counted_from: Timestamp,
}

impl Window {
    /// `NextRotationDate`: its last second.
    pub(crate) fn last_second(&self) -> Timestamp {
        self.closes.plus_seconds(-1)
    }

    /// A moment in it, spread over its first seven eighths by `chance`, so that there is time left
    /// to try again.
    pub(crate) fn moment(&self, chance: u64) -> Timestamp {
        let length = self
            .closes
            .as_millis()
            .saturating_sub(self.opens.as_millis());
        let span = u64::try_from(length / 8 * 7).unwrap_or_default().max(1);
        let offset = i64::try_from(chance % span).unwrap_or_default();
        self.opens.plus_millis(offset)
    }
}

impl Schedule {
    /// What `rules` mean.
    ///
    /// # Errors
    /// What is wrong with them, as a sentence for the caller.
    pub(crate) fn of(rules: &Rules) -> Result<Self, String> {
        let pattern = match (&rules.schedule_expression, rules.automatically_after_days) {
            (Some(expression), _) => Pattern::parse(expression)?,
            (None, Some(days)) => Pattern::Days(days),
            (None, None) => return Err(String::from(NEITHER)),
        };
        let given = rules.duration.as_deref().map(parse_duration).transpose()?;
        let most = pattern.most_open_hours();
        if given.is_some_and(|hours| hours > most) {
            return Err(String::from(TOO_LONG));
        }
        let by_default = pattern.counts_hours().then_some(1);
        Ok(Self {
            pattern,
            open_hours: given.or(by_default),
        })
    }

    /// `AutomaticallyAfterDays` of an expression: the whole days of its shortest gap, at least one.
    pub(crate) fn derived_days(&self) -> i64 {
        let days = match &self.pattern {
            Pattern::Days(days) => *days,
            Pattern::Openings(Openings::Hours(hours)) => hours / 24,
            Pattern::Openings(Openings::Cron(cron)) if cron.hours().len() > 1 => 1,
            Pattern::Openings(Openings::Cron(cron)) => cron.fewest_days().unwrap_or(MOST_DAYS),
        };
        days.clamp(1, MOST_DAYS)
    }

    /// The window that follows `origin.counted_from` and has not ended at `now`: the next in which
    /// to rotate.
    pub(crate) fn window(&self, origin: Origin, now: Timestamp) -> Option<Window> {
        match &self.pattern {
            Pattern::Days(days) => {
                let due = origin.counted_from.start_of_day().plus_days(*days);
                // What is overdue is due today.
                let today = self.window_at(due.max(now.start_of_day()));
                if today.closes > now {
                    return Some(today);
                }
                Some(self.window_at(today.opens.plus_days(1)))
            }
            Pattern::Openings(openings) => {
                // The window in which the last rotation was is over for this purpose.
                let after = |moment| openings.after(moment, origin.set);
                let mut window = self.window_at(after(origin.counted_from)?);
                if window.closes <= now {
                    window = self.window_at(after(self.latest_ended(now))?);
                }
                Some(window)
            }
        }
    }

    /// The first window for rules that are set at `now` with no rotation to go with it: one that is
    /// open already will do.
    pub(crate) fn first_window(&self, now: Timestamp) -> Option<Window> {
        match &self.pattern {
            Pattern::Days(_) => {
                let origin = Origin {
                    set: now,
                    counted_from: now,
                };
                self.window(origin, now)
            }
            Pattern::Openings(openings) => {
                Some(self.window_at(openings.after(self.latest_ended(now), now)?))
            }
        }
    }

    /// The window after `window`.
    pub(crate) fn window_after(&self, window: Window, set: Timestamp) -> Option<Window> {
        match &self.pattern {
            Pattern::Days(days) => {
                Some(self.window_at(window.opens.start_of_day().plus_days(*days)))
            }
            Pattern::Openings(openings) => Some(self.window_at(openings.after(window.opens, set)?)),
        }
    }

    /// The latest moment such that a window that opens at it or before has ended at `now`.
    fn latest_ended(&self, now: Timestamp) -> Timestamp {
        match self.open_hours {
            Some(hours) => now.plus_millis(-hours.saturating_mul(MILLIS_PER_HOUR)),
            None => now.start_of_day().plus_millis(-1),
        }
    }

    fn window_at(&self, opens: Timestamp) -> Window {
        let closes = match self.open_hours {
            Some(hours) => opens.plus_millis(hours.saturating_mul(MILLIS_PER_HOUR)),
            None => opens.start_of_day().plus_days(1),
        };
        Window { opens, closes }
    }
}

impl Openings {
    /// The first one after `moment`, of rules that were set at `set`.
    fn after(&self, moment: Timestamp, set: Timestamp) -> Option<Timestamp> {
        match self {
            Self::Hours(hours) => {
                let step = hours.saturating_mul(MILLIS_PER_HOUR);
                let grid = set.start_of_day().as_millis();
                let since = moment.as_millis().saturating_sub(grid);
                let next = since.div_euclid(step).saturating_add(1);
                let after = grid.saturating_add(next.saturating_mul(step));
                Some(Timestamp::from_millis(after))
            }
            Self::Cron(cron) => cron_after(cron, moment),
        }
    }
}

impl Pattern {
    fn parse(expression: &str) -> Result<Self, String> {
        let inside = |name: &str| expression.strip_prefix(name)?.strip_suffix(')');
        if let Some(text) = inside("rate(") {
            return Self::parse_rate(text);
        }
        let Some(text) = inside("cron(") else {
            return Err(String::from(NO_EXPRESSION));
        };
        let cron = Cron::parse(text)?;
        if fewest_hours(&cron) < LEAST_HOURS {
            return Err(String::from(TOO_OFTEN));
        }
        Ok(Self::Openings(Openings::Cron(cron)))
    }

    /// `5 hours`. COMPAT: singular and plural need not agree with the number.
    fn parse_rate(text: &str) -> Result<Self, String> {
        let malformed = || String::from(NO_RATE);
        let mut words = text.split(' ').filter(|word| !word.is_empty());
        let (Some(value), Some(unit), None) = (words.next(), words.next(), words.next()) else {
            return Err(malformed());
        };
        let digits = value.bytes().all(|byte| byte.is_ascii_digit());
        let value: i64 = value
            .parse()
            .ok()
            .filter(|_| digits)
            .ok_or_else(malformed)?;
        let days = match unit {
            "day" | "days" => true,
            "hour" | "hours" => false,
            _ => return Err(malformed()),
        };
        let most = if days {
            MOST_RATE_DAYS
        } else {
            MOST_RATE_DAYS * 24
        };
        if value < 1 || value > most {
            return Err(String::from(NO_RATE));
        }
        match days {
            true => Ok(Self::Days(value)),
            false if value < LEAST_HOURS => Err(String::from(TOO_OFTEN)),
            false => Ok(Self::Openings(Openings::Hours(value))),
        }
    }

    fn counts_hours(&self) -> bool {
        match self {
            Self::Days(_) => false,
            Self::Openings(Openings::Hours(_)) => true,
            Self::Openings(Openings::Cron(cron)) => cron.counts_hours(),
        }
    }

    fn most_open_hours(&self) -> i64 {
        match self {
            Self::Days(_) => 24,
            Self::Openings(Openings::Hours(hours)) => *hours,
            Self::Openings(Openings::Cron(cron)) if cron.counts_hours() => fewest_hours(cron),
            // To the end of the day on which it opens.
            Self::Openings(Openings::Cron(cron)) => 24_i64.saturating_sub(last_hour(cron)),
        }
    }
}

/// The fewest hours from one opening to the next.
fn fewest_hours(cron: &Cron) -> i64 {
    let hours = cron.hours();
    let inside = hours.iter().zip(hours.iter().skip(1));
    let inside = inside.map(|(a, b)| i64::from(b.saturating_sub(*a))).min();
    let days = cron.fewest_days().unwrap_or(MOST_DAYS);
    let first = hours.first().copied().map_or(0, i64::from);
    let across = days
        .saturating_mul(24)
        .saturating_sub(last_hour(cron))
        .saturating_add(first);
    inside.map_or(across, |inside| inside.min(across))
}

fn last_hour(cron: &Cron) -> i64 {
    cron.hours().last().copied().map_or(0, i64::from)
}

/// The first opening after `moment`.
fn cron_after(cron: &Cron, moment: Timestamp) -> Option<Timestamp> {
    let date = date_of(moment)?;
    let on = |date: Date, after: Timestamp| {
        let midnight = midnight_of(date);
        let hours = cron.hours().iter();
        let mut openings = hours
            .map(|hour| midnight.plus_millis(i64::from(*hour).saturating_mul(MILLIS_PER_HOUR)));
        openings.find(|opening| *opening > after)
    };
    if cron.is_on(date)
        && let Some(opening) = on(date, moment)
    {
        return Some(opening);
    }
    on(cron.day_after(date)?, moment)
}

fn date_of(moment: Timestamp) -> Option<Date> {
    let seconds = moment.as_millis().div_euclid(1_000);
    Some(OffsetDateTime::from_unix_timestamp(seconds).ok()?.date())
}

fn midnight_of(date: Date) -> Timestamp {
    let since: Duration = date.with_time(Time::MIDNIGHT).assume_utc() - OffsetDateTime::UNIX_EPOCH;
    Timestamp::from_millis(since.whole_seconds().saturating_mul(1_000))
}

fn parse_duration(text: &str) -> Result<i64, String> {
    let digits = text
        .strip_suffix('h')
        .and_then(|digits| digits.parse().ok());
    digits
        .filter(|hours| *hours >= 1)
        .ok_or_else(|| String::from("The Duration must be at least 1h."))
}

const MILLIS_PER_HOUR: i64 = 3_600_000;
/// The most that `AutomaticallyAfterDays` may be, and the most days between two rotations.
pub(super) const MOST_DAYS: i64 = 1_000;
/// The most days of `rate()`.
const MOST_RATE_DAYS: i64 = 999;
/// The fewest hours between two rotations.
const LEAST_HOURS: i64 = 4;
const NEITHER: &str = "You must specify either AutomaticallyAfterDays or ScheduleExpression.";
const NO_EXPRESSION: &str = "The ScheduleExpression must be a rate() or cron() expression.";
const NO_RATE: &str =
    "A rate expression is rate(value unit): a positive number, and hour, hours, day or days.";
const TOO_OFTEN: &str = "You can't rotate a secret more often than every four hours.";
const TOO_LONG: &str = "The rotation window must not extend into the next rotation window or the \
                        next UTC day.";

#[cfg(test)]
mod tests;
