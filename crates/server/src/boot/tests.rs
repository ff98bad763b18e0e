use super::*;
use crate::cli::ServeFlags;
use crate::error::chain;
use base::AccountId;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;

struct Rig(tempfile::TempDir);

impl Rig {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn dir(&self) -> PathBuf {
        self.0.path().join("data")
    }

    fn config(&self, account: Option<&str>) -> Config {
        Config::load(&ServeFlags {
            data_dir: Some(self.dir()),
            account_id: account.map(str::to_owned),
            ..ServeFlags::default()
        })
        .unwrap()
    }

    async fn boot(&self) -> Result<Booted, String> {
        start(&self.config(None))
            .await
            .map_err(|error| chain(&error))
    }

    /// Starts and stops a server, and gives its account and credentials.
    async fn once(&self) -> (AccountId, String) {
        let booted = self.boot().await.unwrap();
        let account = booted.deployment.account().clone();
        stop(booted).await;
        (account, self.credentials())
    }

    fn credentials(&self) -> String {
        fs::read_to_string(self.dir().join("aws/credentials")).unwrap()
    }

    /// Puts the store back to where the first account is not handed out.
    async fn forget_hand_out(&self) {
        let path = self.dir().join("strongroom.db");
        let database = Database::sqlite(&path, &SqliteOptions::default()).unwrap();
        let stored = database.meta("deployment").await.unwrap().unwrap();
        let text = String::from_utf8(stored.clone()).unwrap();
        let before = text.replace("\"handed_out\":true", "\"handed_out\":false");
        assert_ne!(before, text);
        database
            .put_meta("deployment", Some(&stored), before.as_bytes())
            .await
            .unwrap();
        database.close().await.unwrap();
    }
}

/// Starts what needs nobody to open it.
async fn start(config: &Config) -> Result<Booted, BootError> {
    let ground = Ground::take(config, Taken::default())?;
    let opening = ground.open()?;
    let database = ground.database()?;
    match opening {
        Opening::Open(opened) => boot(config, ground, database, *opened).await,
        Opening::Sealed(door) => panic!("{}", door.why()),
    }
}

async fn stop(booted: Booted) {
    booted.audit.sink.close();
    booted.store.close().await.unwrap();
}

#[tokio::test]
async fn a_second_start_finds_what_the_first_made() {
    let rig = Rig::new();

    let first = rig.once().await;
    let second = rig.once().await;

    assert_eq!(first, second);
}

#[tokio::test]
async fn a_directory_in_use_is_refused() {
    let rig = Rig::new();
    let running = rig.boot().await.unwrap();

    let refused = rig.boot().await.err().unwrap();

    let dir = rig.dir().canonicalize().unwrap();
    assert_eq!(
        refused,
        format!("another strongroom server is using `{}`", dir.display())
    );
    stop(running).await;
}

#[tokio::test]
async fn a_start_that_died_before_the_account_is_completed() {
    let rig = Rig::new();
    fs::create_dir_all(rig.dir()).unwrap();
    fs::set_permissions(rig.dir(), fs::Permissions::from_mode(0o700)).unwrap();
    let layout = Layout::of(&rig.dir());
    let root = seal::RootKey::generate(Arc::new(SystemEntropy)).unwrap();
    seal::file::create(&rig.dir().join("root.key"), &root).unwrap();
    let key = fs::read(rig.dir().join("root.key")).unwrap();
    let database = Database::sqlite(&layout.store(), &SqliteOptions::default()).unwrap();
    database.close().await.unwrap();

    rig.once().await;

    assert_eq!(fs::read(rig.dir().join("root.key")).unwrap(), key);
    assert!(rig.credentials().contains("aws_secret_access_key"));
}

#[tokio::test]
async fn a_start_that_died_before_the_credentials_gives_new_ones_for_the_same_account() {
    let rig = Rig::new();
    let (account, lost) = rig.once().await;
    rig.forget_hand_out().await;
    fs::remove_file(rig.dir().join("aws/credentials")).unwrap();

    let booted = rig.boot().await.unwrap();
    let accounts = booted.app.list_accounts().await.unwrap();
    stop(booted).await;

    let accounts: Vec<AccountId> = accounts.into_iter().map(|known| known.account_id).collect();
    assert_eq!(accounts, [account]);
    assert_ne!(rig.credentials(), lost);
}

#[tokio::test]
async fn a_start_that_died_before_the_mark_replaces_the_credentials() {
    let rig = Rig::new();
    let (account, unseen) = rig.once().await;
    rig.forget_hand_out().await;

    let (same, handed_out) = rig.once().await;
    let (_, later) = rig.once().await;

    assert_eq!(same, account);
    assert_ne!(handed_out, unseen);
    assert_eq!(later, handed_out);
}

#[tokio::test]
async fn a_store_without_its_root_key_is_refused() {
    let rig = Rig::new();
    rig.once().await;
    let layout = Layout::of(&rig.dir().canonicalize().unwrap());
    let root_key = layout.dir().join("root.key");
    fs::remove_file(&root_key).unwrap();

    let refused = rig.boot().await.err().unwrap();

    assert_eq!(
        refused,
        format!(
            "neither `{}` nor `{}` is there, and without the one that kept its root key the store \
             `{}` cannot be read: put back whichever of the two your copy has",
            root_key.display(),
            layout.seal().display(),
            layout.store().display()
        )
    );
    assert!(!root_key.exists());
}

#[tokio::test]
async fn credentials_without_their_store_are_not_replaced() {
    let rig = Rig::new();
    let (_, credentials) = rig.once().await;
    let layout = Layout::of(&rig.dir().canonicalize().unwrap());
    fs::remove_file(layout.store()).unwrap();

    let refused = rig.boot().await.err().unwrap();

    assert_eq!(
        refused,
        format!(
            "the store `{}` is missing, and yet `{}` holds credentials for one: put the store \
             back, or move the credentials away to begin anew",
            layout.store().display(),
            layout.aws_credentials().display()
        )
    );
    assert_eq!(rig.credentials(), credentials);
}

#[tokio::test]
async fn a_store_of_another_root_key_is_refused() {
    let rig = Rig::new();
    rig.once().await;
    let path = rig.dir().join("root.key");
    fs::remove_file(&path).unwrap();
    let other = seal::RootKey::generate(Arc::new(SystemEntropy)).unwrap();
    seal::file::create(&path, &other).unwrap();

    let refused = rig.boot().await.err().unwrap();

    assert_eq!(
        refused,
        "cannot open the key ring with this root key: the sealed bytes name a key that the ring does \
         not hold"
    );
}

#[tokio::test]
async fn the_account_that_was_asked_for_is_made_and_another_refused() {
    let rig = Rig::new();
    let asked = rig.config(Some("123456789012"));

    let booted = start(&asked).await.unwrap();
    let account = booted.deployment.account().clone();
    stop(booted).await;
    let refused = start(&rig.config(Some("210987654321")))
        .await
        .err()
        .unwrap();

    assert_eq!(account.as_str(), "123456789012");
    assert_eq!(
        refused.to_string(),
        "the data directory belongs to the account `123456789012`, not to `210987654321`"
    );
}

#[tokio::test]
async fn the_first_accounts_creation_is_on_file_without_its_secret() {
    let rig = Rig::new();
    let (account, credentials) = rig.once().await;

    let log = fs::read_to_string(rig.dir().join("audit/00000000000000000001.log")).unwrap();

    let first: serde_json::Value = serde_json::from_str(log.lines().next().unwrap()).unwrap();
    assert_eq!(first["eventName"], "CreateAccount");
    assert_eq!(first["recipientAccountId"], account.as_str());
    let secret = credentials
        .lines()
        .last()
        .unwrap()
        .split_once(" = ")
        .unwrap()
        .1;
    assert!(!log.contains(secret));
}

/// Brings up a node over `database` and stops it. The database stays open for the next one.
async fn node(rig: &Rig, database: &Database) -> Result<AccountId, String> {
    let start = async {
        let ground = Ground::take(&rig.config(None), Taken::default())?;
        let ground = ground.sharing(database.clone(), Some(String::from("one")));
        let opening = ground.open()?;
        let database = ground.database()?;
        match opening {
            Opening::Open(opened) => boot(&rig.config(None), ground, database, *opened).await,
            Opening::Sealed(door) => panic!("{}", door.why()),
        }
    };
    let booted = start.await.map_err(|error: BootError| chain(&error))?;
    booted.keys.leave().await;
    booted.audit.sink.close();
    Ok(booted.deployment.account().clone())
}

#[tokio::test]
async fn a_node_over_a_shared_store_keeps_its_records_and_envelopes_there() {
    let (rig, database) = (Rig::new(), Database::memory());

    let first = node(&rig, &database).await.unwrap();
    let credentials = rig.credentials();
    let second = node(&rig, &database).await.unwrap();

    assert_eq!((&first, credentials), (&second, rig.credentials()));
    assert!(!rig.dir().join("strongroom.db").exists());
    assert!(!rig.dir().join("seal.json").exists());
    let identity = fs::read_to_string(rig.dir().join("node.json")).unwrap();
    assert!(identity.contains("\"name\":\"one\""), "{identity}");
    for name in ["seal", "key_ring", "deployment", "nodes"] {
        assert!(database.meta(name).await.unwrap().is_some(), "{name}");
    }
}

#[tokio::test]
async fn an_empty_data_directory_opens_no_deployment_that_was_made() {
    let database = Database::memory();
    node(&Rig::new(), &database).await.unwrap();
    let empty = Rig::new();

    let refused = node(&empty, &database).await.err().unwrap();

    let key = empty.dir().canonicalize().unwrap().join("root.key");
    assert!(refused.contains("was made already"), "{refused}");
    assert!(!key.exists() && !empty.dir().join("node.json").exists());
}

#[tokio::test]
async fn a_data_directory_with_its_own_store_is_no_node() {
    let rig = Rig::new();

    rig.once().await;

    assert!(!rig.dir().join("node.json").exists());
}
