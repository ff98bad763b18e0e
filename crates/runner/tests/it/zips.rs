//! Zips that are no functions.

use crate::bench::{Bench, execution, python, zip};

#[tokio::test]
async fn what_is_no_zip_is_refused_and_leaves_nothing() {
    let bench = Bench::new().await;
    let whole = zip(&[("app.py", "def handler(e, c): return 'a' * 100")]);
    let mut damaged = whole.clone();
    damaged[40] ^= 0xff;
    let cut = whole[..whole.len() / 2].to_vec();

    for broken in [Vec::new(), b"no zip".to_vec(), cut, damaged] {
        let refused = bench
            .runner
            .run(execution("python3.9", "app.handler", broken, "{}"), &[]);
        let told = refused.await.err().unwrap().to_string();

        assert!(told.starts_with("the code is not a readable zip"), "{told}");
    }
    let code = std::fs::read_dir(bench.directory.path().join("scratch/code")).unwrap();
    assert_eq!(code.count(), 0);
    assert_eq!(
        bench.run(python("def handler(e, c): pass")).await.response,
        "null"
    );
}
