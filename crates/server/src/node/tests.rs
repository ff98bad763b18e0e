use super::*;
use crate::outside::{SystemClock, SystemEntropy};
use tempfile::TempDir;

/// Fast enough to wait for.
const QUICK: Pace = Pace {
    beat: Duration::from_millis(2),
    dead_after: 5,
    looked_at_for: 2,
};

/// A store of some nodes, each with its data directory.
struct Rig {
    database: Database,
    dirs: Vec<TempDir>,
    clock: Arc<dyn Clock>,
}

impl Rig {
    fn new(nodes: usize) -> Self {
        Self {
            database: Database::memory(),
            dirs: (0..nodes).map(|_| tempfile::tempdir().unwrap()).collect(),
            clock: Arc::new(SystemClock),
        }
    }

    fn file(&self, node: usize) -> PathBuf {
        self.dirs[node].path().join("node.json")
    }

    fn identity(&self, node: usize) -> Identity {
        let name = format!("node-{node}");
        Identity::of(&self.file(node), Some(&name), &SystemEntropy).unwrap()
    }

    async fn join_as(&self, identity: Identity, pace: Pace) -> Result<Node, String> {
        let around = Surroundings {
            database: &self.database,
            clock: &self.clock,
            entropy: &SystemEntropy,
            pace,
        };
        let joined = Node::join(identity, knowing(1), &around).await;
        joined.map_err(|error| error.to_string())
    }

    async fn join(&self, node: usize) -> Node {
        let joined = self.join_as(self.identity(node), Pace::default()).await;
        joined.unwrap()
    }
}

fn knowing(newest: u32) -> Known {
    Known {
        ring_known: newest,
        ring_active: newest,
        roots_known: newest,
        roots_active: newest,
    }
}

#[test]
fn a_data_directory_is_one_node_for_ever_and_may_change_its_name() {
    let rig = Rig::new(2);

    let first = rig.identity(0);
    let again = rig.identity(0);
    let renamed = Identity::of(&rig.file(0), Some("other"), &SystemEntropy).unwrap();
    let host = Identity::of(&rig.file(1), None, &SystemEntropy).unwrap();

    assert_eq!(again, first);
    assert_eq!((renamed.id, renamed.name.as_str()), (first.id, "other"));
    assert!(!host.name.is_empty());
    std::fs::write(rig.file(1), "{}").unwrap();
    let refused = Identity::of(&rig.file(1), None, &SystemEntropy).err();
    assert!(matches!(refused, Some(NodeError::UnknownFile(_))));
}

#[tokio::test]
async fn each_start_of_a_node_has_an_epoch_of_its_own() {
    let rig = Rig::new(1);

    for epoch in 1..4 {
        let node = rig.join(0).await;
        assert_eq!(node.epoch(), epoch);
        node.leave(knowing(1)).await.unwrap();
    }
}

#[tokio::test]
async fn a_copied_data_directory_is_refused_while_the_other_is_at_work() {
    let rig = Rig::new(1);
    let original = rig.join(0).await;
    let copy = rig.join_as(rig.identity(0), QUICK);
    tokio::pin!(copy);

    let refused = loop {
        tokio::select! {
            joined = &mut copy => break joined.err().unwrap(),
            () = tokio::task::yield_now() => original.beat(knowing(1)).await.unwrap(),
        }
    };

    assert_eq!(
        refused,
        "another process is at work as this node, `node-0`: a data directory belongs to one node. To \
         make a copy a node of its own, remove `node.json` from it"
    );
    original.beat(knowing(1)).await.unwrap();
    assert_eq!(original.list().len(), 1);
}

#[tokio::test]
async fn who_was_killed_is_followed_and_finds_out_if_it_was_not() {
    let rig = Rig::new(1);
    let paused = rig.join(0).await;

    let next = rig.join_as(rig.identity(0), QUICK).await.unwrap();

    assert_eq!(next.epoch(), 2);
    let told = paused.beat(knowing(1)).await.err().unwrap();
    assert!(matches!(told, NodeError::Displaced(name) if name == "node-0"));
    next.beat(knowing(1)).await.unwrap();
}

#[tokio::test]
async fn two_living_nodes_have_two_names() {
    let rig = Rig::new(2);
    let one = rig.join(0).await;
    let named_alike = Identity::of(&rig.file(1), Some("node-0"), &SystemEntropy).unwrap();
    let other = rig.join_as(named_alike.clone(), QUICK);
    tokio::pin!(other);

    let refused = loop {
        tokio::select! {
            joined = &mut other => break joined.err().unwrap(),
            () = tokio::task::yield_now() => one.beat(knowing(1)).await.unwrap(),
        }
    };

    assert_eq!(
        refused,
        "another node has the name `node-0`: give each node a name of its own"
    );
    // A machine that was set up anew takes the place of the dead one.
    let anew = rig.join_as(named_alike, QUICK).await.unwrap();
    assert_eq!(anew.list().len(), 1);
    let told = one.beat(knowing(1)).await.err().unwrap();
    assert!(matches!(told, NodeError::Displaced(_)));
}

#[tokio::test]
async fn what_the_others_know_is_the_least_of_those_who_live() {
    let rig = Rig::new(3);
    let a = rig.join(0).await;
    assert_eq!(a.others_know(), None);
    let b = rig.join(1).await;
    let c = rig.join(2).await;

    b.beat(knowing(3)).await.unwrap();
    a.beat(knowing(4)).await.unwrap();

    assert_eq!(a.others_know(), Some(knowing(1)), "c has not said more");
    c.beat(knowing(2)).await.unwrap();
    a.beat(knowing(4)).await.unwrap();
    assert_eq!(a.others_know(), Some(knowing(2)));
    c.leave(knowing(2)).await.unwrap();
    a.beat(knowing(4)).await.unwrap();
    assert_eq!(a.others_know(), Some(knowing(3)));
    let living: Vec<_> = a.list().iter().map(|row| row.is_living).collect();
    assert_eq!(living, [true, true, false]);
    assert!(a.is_living(b.run()) && !a.is_living(c.run()));
}

#[tokio::test]
async fn a_node_that_does_not_change_any_more_is_dead_after_a_while() {
    let rig = Rig::new(2);
    let killed = rig.join(0).await;
    let node = rig.join_as(rig.identity(1), QUICK).await.unwrap();
    assert_eq!(
        node.others_know(),
        Some(knowing(1)),
        "living until seen still"
    );

    while node.others_know().is_some() {
        node.beat(knowing(1)).await.unwrap();
        sleep(QUICK.beat).await;
    }

    assert!(!node.is_living(killed.run()));
    assert!(node.is_first());
    killed.beat(knowing(1)).await.unwrap();
    node.beat(knowing(1)).await.unwrap();
    assert!(node.is_living(killed.run()), "it was only paused");
}

#[tokio::test]
async fn one_of_the_living_is_first() {
    let rig = Rig::new(3);
    let mut nodes = Vec::new();
    for node in 0..3 {
        nodes.push(rig.join(node).await);
    }

    for node in &nodes {
        node.beat(knowing(1)).await.unwrap();
    }

    let first: Vec<_> = nodes.iter().filter(|node| node.is_first()).collect();
    assert_eq!(first.len(), 1);
}

#[tokio::test]
async fn what_another_version_says_is_left_as_it_is() {
    let rig = Rig::new(1);
    let later = r#"{"version":1,"flag":true,"nodes":[{"id":"z","name":"z","run":"r","epoch":7,"beat":1,
        "state":"draining","at":5,"program":"9.0","ringKnown":1,"ringActive":1,"rootsKnown":1,
        "rootsActive":1,"zone":"b"}]}"#;
    let put = rig.database.put_meta("nodes", None, later.as_bytes());
    put.await.unwrap();

    let node = rig.join(0).await;

    let stored = rig.database.meta("nodes").await.unwrap().unwrap();
    let stored: serde_json::Value = serde_json::from_slice(&stored).unwrap();
    assert_eq!(stored["flag"], true);
    assert_eq!(stored["nodes"][0]["zone"], "b");
    assert!(node.is_living("r"));
}
