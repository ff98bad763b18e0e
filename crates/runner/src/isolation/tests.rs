use super::*;
use crate::user::NOBODY;

#[test]
fn less_than_everything_needs_another_user_or_namespaces() {
    let user = Some(NOBODY);

    assert_eq!(least_landlock(true, None), 0);
    assert_eq!(least_landlock(false, user), 1);
    assert_eq!(least_landlock(false, None), 6);
}

#[test]
fn nothing_is_weak_when_everything_is_in_force() {
    assert_eq!(weaknesses(6, true, false, None), Vec::<String>::new());
    assert_eq!(weaknesses(0, true, true, None), Vec::<String>::new());
}

#[test]
fn what_is_missing_is_told() {
    let all = weaknesses(0, false, false, None);
    let signals = weaknesses(5, true, false, Some(NOBODY));

    assert_eq!(all.len(), 4);
    assert_eq!(
        signals,
        ["a function can send signals to processes of the functions' user"]
    );
}
