use super::*;
use ::audit::index::{Attribute, Sought};
use ::audit::{Chain, Position};
use serde_json::json;

const ACCOUNT: &str = "111122223333";

/// A log in a directory, whose segments are written by hand.
struct Rig {
    dir: tempfile::TempDir,
    chain: Chain,
    synced: watch::Sender<u64>,
    history: History,
}

impl Rig {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let synced = watch::Sender::new(0);
        let history = History::new(dir.path(), synced.subscribe());
        Self {
            dir,
            chain: Chain::after("d", Position::beginning("d", None)),
            synced,
            history,
        }
    }

    /// A log of segments with so many events each: those of `alice` and of `bob` take turns.
    fn of(segments: &[u64]) -> Self {
        let mut rig = Self::new();
        for count in segments {
            let first = rig.chain.position().sequence + 1;
            rig.append(first, *count);
        }
        rig
    }

    /// Adds events to the segment that begins with number `first`.
    fn append(&mut self, first: u64, count: u64) {
        let mut lines = Vec::new();
        for _ in 0..count {
            let sequence = self.chain.position().sequence + 1;
            let event = record(sequence);
            self.chain.append(&event, &mut lines).unwrap();
        }
        let path = self.path(FileName::segment(first));
        let mut file = OpenOptions::new()
            .append(true)
            .create(true)
            .open(path)
            .unwrap();
        file.write_all(&lines).unwrap();
        self.synced.send_replace(self.chain.position().sequence);
    }

    fn path(&self, name: String) -> PathBuf {
        self.dir.path().join(name)
    }

    /// The numbers of the events of a user, newest first, and where to go on.
    async fn of_user(&self, user: &str, most: usize, before: u64) -> (Vec<u64>, Option<u64>) {
        let page = self.look_for(user, most, before).await.unwrap();
        for event in &page.events {
            assert_eq!(event.record, record(event.sequence));
        }
        let numbers = page.events.iter().map(|event| event.sequence);
        (numbers.collect(), page.next)
    }

    async fn look_for(
        &self,
        user: &str,
        most: usize,
        before: u64,
    ) -> Result<HistoryPage, NotLookedUp> {
        let question = Question {
            sought: Sought {
                account: ACCOUNT.to_owned(),
                region: String::from("eu-west-1"),
                attribute: Some((Attribute::Username, user.to_owned())),
            },
            from: i64::MIN + 1,
            to: i64::MAX,
            before,
        };
        self.history.look_up(question, most).await
    }

    /// As one page after the other.
    async fn all_of_user(&self, user: &str, most: usize) -> Vec<u64> {
        let mut all = Vec::new();
        let mut before = u64::MAX;
        loop {
            let (numbers, next) = self.of_user(user, most, before).await;
            all.extend(numbers);
            match next {
                Some(next) => before = next,
                None => return all,
            }
        }
    }

    fn indexes(&self) -> BTreeSet<u64> {
        let of = |name| match name {
            FileName::Index(first) => Some(first),
            _ => None,
        };
        self.history.shelves.numbers(of).unwrap()
    }
}

fn record(sequence: u64) -> Vec<u8> {
    let user = if sequence.is_multiple_of(2) {
        "bob"
    } else {
        "alice"
    };
    let second = sequence % 60;
    let record = json!({
        "userIdentity": { "type": "IAMUser", "userName": user },
        "eventTime": format!("2026-01-15T12:00:{second:02}Z"),
        "eventName": "GetSecretValue",
        "awsRegion": "eu-west-1",
        "eventID": sequence.to_string(),
        "recipientAccountId": ACCOUNT,
    });
    record.to_string().into_bytes()
}

#[tokio::test]
async fn events_are_found_over_closed_and_growing_segments() {
    let rig = Rig::of(&[3, 4, 2]);

    let all = rig.of_user("alice", 50, u64::MAX).await;

    assert_eq!(all, (vec![9, 7, 5, 3, 1], None));
    assert_eq!(rig.indexes(), [1, 4].into());
}

#[tokio::test]
async fn pages_go_on_where_they_ended() {
    let rig = Rig::of(&[3, 4, 2]);

    let first = rig.of_user("alice", 2, u64::MAX).await;
    let second = rig.of_user("alice", 2, 7).await;
    let third = rig.of_user("alice", 2, 3).await;

    assert_eq!(first, (vec![9, 7], Some(7)));
    assert_eq!(second, (vec![5, 3], Some(3)));
    assert_eq!(third, (vec![1], None));
}

#[tokio::test]
async fn what_comes_later_is_found_too() {
    let mut rig = Rig::of(&[3, 2]);
    rig.of_user("bob", 9, u64::MAX).await;

    rig.append(4, 2);
    let grown = rig.of_user("bob", 9, u64::MAX).await;
    rig.append(8, 1);
    let closed = rig.of_user("bob", 9, u64::MAX).await;

    assert_eq!(grown, (vec![6, 4, 2], None));
    assert_eq!(closed, (vec![8, 6, 4, 2], None));
}

#[tokio::test]
async fn what_is_not_synced_is_not_shown() {
    let mut rig = Rig::of(&[3]);
    rig.append(1, 3);
    rig.synced.send_replace(3);

    let before = rig.of_user("bob", 9, u64::MAX).await;
    rig.synced.send_replace(6);
    let after = rig.of_user("bob", 9, u64::MAX).await;

    assert_eq!(before, (vec![2], None));
    assert_eq!(after, (vec![6, 4, 2], None));
}

#[tokio::test]
async fn an_index_that_is_of_no_use_is_made_again() {
    for damage in [
        |path: &Path| fs::write(path, b"").unwrap(),
        |path: &Path| fs::write(path, b"x".repeat(9_000)).unwrap(),
        |path: &Path| {
            let mut bytes = fs::read(path).unwrap();
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
            fs::write(path, bytes).unwrap();
        },
        |path: &Path| fs::remove_file(path).unwrap(),
    ] {
        let rig = Rig::of(&[3, 4, 2]);
        let expected = rig.all_of_user("alice", 50).await;
        let path = rig.path(FileName::index(4));
        let sound = fs::read(&path).unwrap();
        damage(&path);

        let found = rig.all_of_user("alice", 50).await;

        assert_eq!(found, expected);
        assert_eq!(fs::read(&path).unwrap(), sound);
    }
}

#[tokio::test]
async fn one_look_makes_a_few_indexes_only() {
    let rig = Rig::of(&[1; 12]);

    let (numbers, next) = rig.of_user("nobody", 9, u64::MAX).await;
    let all = rig.all_of_user("alice", 50).await;

    assert_eq!((numbers, next), (vec![], Some(8)));
    assert_eq!(all, [11, 9, 7, 5, 3, 1]);
}

#[tokio::test]
async fn indexes_are_made_in_time_and_go_with_their_segments() {
    let rig = Rig::of(&[1, 1, 1]);

    let made = [
        rig.history.tend().await.unwrap(),
        rig.history.tend().await.unwrap(),
    ];
    let done = rig.history.tend().await.unwrap();
    let both = rig.indexes();
    fs::remove_file(rig.path(FileName::segment(1))).unwrap();
    rig.history.tend().await.unwrap();

    assert_eq!((made, done), ([true, true], false));
    assert_eq!(both, [1, 2].into());
    assert_eq!(rig.indexes(), [2].into());
    assert_eq!(rig.all_of_user("alice", 9).await, [3]);
}

#[tokio::test]
async fn without_room_for_an_index_events_are_found_all_the_same() {
    let rig = Rig::of(&[3, 1]);
    // A directory in the way, since root may write anywhere.
    fs::create_dir(rig.path(FileName::index(1))).unwrap();

    let found = rig.all_of_user("alice", 9).await;

    assert_eq!(found, [3, 1]);
    let left = fs::read_dir(rig.dir.path()).unwrap().count();
    assert_eq!(left, 3);
}

#[tokio::test]
async fn who_finds_no_seat_in_time_is_told_so() {
    let mut rig = Rig::of(&[3]);
    rig.history.patience = Duration::ZERO;
    let seats = Arc::clone(&rig.history.seats);
    let taken = seats.acquire_many_owned(4).await.unwrap();

    let refused = rig.look_for("alice", 9, u64::MAX).await;
    drop(taken);
    let found = rig.of_user("alice", 9, u64::MAX).await;

    assert!(matches!(refused, Err(NotLookedUp::Busy)), "{refused:?}");
    assert_eq!(found, (vec![3, 1], None));
    assert_eq!(rig.history.seats.available_permits(), MOST_AT_ONCE);
}

#[tokio::test]
async fn who_gets_a_seat_in_time_is_answered() {
    let mut rig = Rig::of(&[3]);
    rig.history.patience = Duration::from_secs(3_600);
    let seats = Arc::clone(&rig.history.seats);
    let taken = seats.acquire_many_owned(4).await.unwrap();
    let leaves = async {
        tokio::task::yield_now().await;
        drop(taken);
    };

    let (found, ()) = tokio::join!(rig.of_user("alice", 9, u64::MAX), leaves);

    assert_eq!(found, (vec![3, 1], None));
}
