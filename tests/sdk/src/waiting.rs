use std::time::{Duration, Instant};

/// Asks `holds` again and again until it says yes. Panics when it has not after a long while.
#[track_caller]
#[expect(
    clippy::disallowed_methods,
    reason = "the only clock here ends a wait that hangs"
)]
pub fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(
            begun.elapsed() < PATIENCE,
            "it does not come to pass: {what}"
        );
        std::thread::sleep(PAUSE);
    }
}

const PATIENCE: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(5);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_asks_until_the_answer_is_yes() {
        let mut asked = 0;

        until("the third time", || {
            asked += 1;
            asked == 3
        });

        assert_eq!(asked, 3);
    }
}
