use super::site::{Answer, Site};
use super::*;

struct Rig {
    site: Site,
    clock: Arc<HandClock>,
    issuers: Issuers,
}

impl Rig {
    async fn new() -> Self {
        Self::with_timeout(GENEROUS).await
    }

    async fn with_timeout(timeout: Duration) -> Self {
        let site = Site::secure().await;
        site.answer("/keys", "", SET);
        let clock = HandClock::new();
        let settings = from_url(&site.url("https", "/keys"), site.ca());
        let all = [issuer(URL, KeySource::Fetched(settings))];
        let issuers = Issuers::with_timeout(&all, clock.clone(), timeout);
        Self {
            site,
            clock,
            issuers,
        }
    }

    /// How many fetches it takes to be answered after each of `pauses`.
    async fn fetches_after(&self, pauses: &[i64]) -> Vec<usize> {
        let mut fetches = Vec::new();
        for seconds in pauses {
            let before = self.fetches();
            self.clock.pass_seconds(*seconds);
            let _ = self.text().await;
            fetches.push(self.fetches() - before);
        }
        fetches
    }

    fn fetches(&self) -> usize {
        self.site.requests().len()
    }

    fn fail(&self) {
        let answer = "HTTP/1.1 503 X\r\ncontent-length: 0\r\n\r\n";
        self.site
            .answer_with("/keys", Answer::Raw(answer.to_owned()));
    }

    async fn text(&self) -> Result<String, String> {
        text_of(&self.issuers, URL).await
    }
}

#[tokio::test]
async fn a_set_is_remembered_for_ten_minutes() {
    let rig = Rig::new().await;

    let fetches = rig.fetches_after(&[0, 0, 599, 1, 599, 1]).await;

    assert_eq!(fetches, [1, 0, 0, 1, 0, 1]);
}

#[tokio::test]
async fn the_issuer_may_choose_between_a_minute_and_a_day() {
    for (age, seconds) in [("5", 60), ("3600", 3_600), ("999999999", 86_400)] {
        let rig = Rig::new().await;
        let header = format!("cache-control: public, max-age={age}\r\n");
        rig.site.answer("/keys", &header, SET);

        let fetches = rig.fetches_after(&[0, seconds - 1, 1]).await;

        assert_eq!(fetches, [1, 0, 1], "{age}");
    }
}

#[tokio::test]
async fn a_clock_set_back_does_not_keep_a_set() {
    let rig = Rig::new().await;

    let fetches = rig.fetches_after(&[0, -86_400, 0]).await;

    assert_eq!(fetches, [1, 1, 0]);
}

#[tokio::test]
async fn a_fresh_set_is_fetched_though_one_is_remembered() {
    let rig = Rig::new().await;
    let first = rig.issuers.key_set(URL, false).await.unwrap();

    let same = rig.issuers.key_set(URL, true).await.unwrap();
    rig.site.answer("/keys", "", OTHER_SET);
    let other = rig.issuers.key_set(URL, true).await.unwrap();
    let remembered = rig.issuers.key_set(URL, false).await.unwrap();

    assert!(Arc::ptr_eq(&first, &same));
    assert_eq!(&*other, OTHER_SET.as_bytes());
    assert!(Arc::ptr_eq(&other, &remembered));
    assert_eq!(rig.fetches(), 3);
}

#[tokio::test]
async fn who_comes_together_is_served_by_one_fetch() {
    let rig = Rig::new().await;

    let answers = tokio::join!(
        rig.issuers.key_set(URL, false),
        rig.issuers.key_set(URL, true),
        rig.issuers.key_set(URL, false),
        rig.issuers.key_set(URL, true),
    );

    assert!(answers.0.is_ok() && answers.1.is_ok() && answers.2.is_ok() && answers.3.is_ok());
    assert_eq!(rig.fetches(), 1);
}

#[tokio::test]
async fn while_the_issuer_fails_its_last_set_serves_for_a_day() {
    let rig = Rig::new().await;
    rig.text().await.unwrap();
    rig.fail();

    rig.clock.pass_seconds(600);
    let after_its_time = rig.text().await;
    let fresh = rig.issuers.key_set(URL, true).await;
    rig.clock.pass_seconds(86_400 - 601);
    let at_the_end_of_the_day = rig.text().await;
    rig.clock.pass_seconds(1);
    let after_the_day = rig.text().await;

    assert_eq!(after_its_time.unwrap(), SET);
    assert!(fresh.is_ok());
    assert_eq!(at_the_end_of_the_day.unwrap(), SET);
    let url = rig.site.url("https", "/keys");
    assert_eq!(
        after_the_day.unwrap_err(),
        format!("the issuer's keys cannot be had: {url}: it answered with status 503")
    );
}

#[tokio::test]
async fn an_issuer_that_failed_is_left_alone_for_half_a_minute() {
    let rig = Rig::new().await;
    rig.fail();

    let fetches = rig.fetches_after(&[0, 0, 29, 1, 29]).await;
    let fresh_asked = rig.issuers.key_set(URL, true).await.is_err();
    rig.site.answer("/keys", "", SET);
    let afterwards = rig.fetches_after(&[0, 1, 0]).await;

    assert_eq!(fetches, [1, 0, 0, 1, 0]);
    assert!(fresh_asked);
    assert_eq!(afterwards, [0, 1, 0]);
    assert_eq!(rig.text().await.unwrap(), SET);
}

#[tokio::test]
async fn who_waits_for_a_fetch_that_fails_does_not_begin_another() {
    let rig = Rig::with_timeout(Duration::from_millis(250)).await;
    rig.site.answer_with("/keys", Answer::Silence);

    let answers = tokio::join!(rig.text(), rig.text(), rig.text());

    let expected = "the issuer's keys cannot be had: no answer within 0.25 s";
    assert_eq!(answers.0.unwrap_err(), expected);
    assert_eq!(answers.1.unwrap_err(), expected);
    assert_eq!(answers.2.unwrap_err(), expected);
    assert!(rig.fetches() <= 1);
}

#[tokio::test]
async fn a_fetch_that_nobody_waits_for_any_more_bars_nobody() {
    let rig = Rig::new().await;
    rig.site.answer_with("/keys", Answer::Silence);
    let given_up = async {
        tokio::select! {
            biased;
            _ = rig.text() => {}
            () = async {
                while rig.fetches() == 0 {
                    tokio::task::yield_now().await;
                }
            } => {}
        }
    };
    given_up.await;

    rig.site.answer("/keys", "", SET);

    assert_eq!(rig.text().await.unwrap(), SET);
}
