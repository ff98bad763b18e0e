//! `UpdateStack`, which is not there yet.

use super::kit::is_not_there_yet;

#[tokio::test]
async fn it_says_that_it_is_not_there_and_does_nothing() {
    is_not_there_yet("UpdateStack").await;
}
