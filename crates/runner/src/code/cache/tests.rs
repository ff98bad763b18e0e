use super::*;
use std::io::{Cursor, Write as _};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

fn code(content: &str) -> Code {
    let options = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("file", options).unwrap();
    zip.write_all(content.as_bytes()).unwrap();
    Code::new(zip.finish().unwrap().into_inner(), [0; 32]).digested()
}

fn cache(most_bytes: u64) -> (tempfile::TempDir, Cache) {
    let directory = tempfile::tempdir().unwrap();
    let cache = Cache::new(directory.path().to_owned(), None, most_bytes);
    (directory, cache)
}

#[tokio::test]
async fn the_same_zip_is_unpacked_once() {
    let (directory, cache) = cache(100);

    let first = cache.unpacked(&code("one")).await.unwrap();
    let again = cache.unpacked(&code("one")).await.unwrap();
    let other = cache.unpacked(&code("two")).await.unwrap();

    assert_eq!(first.path(), again.path());
    assert_ne!(first.path(), other.path());
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 2);
}

#[tokio::test]
async fn what_was_not_used_for_longest_makes_room_but_not_what_is_in_use() {
    let (_directory, cache) = cache(8);
    let in_use = cache.unpacked(&code("1111")).await.unwrap();
    let idle = cache
        .unpacked(&code("2222"))
        .await
        .unwrap()
        .path()
        .to_owned();

    let newest = cache.unpacked(&code("3333")).await.unwrap();

    while fs::exists(&idle).unwrap() {
        tokio::task::yield_now().await;
    }
    assert!(in_use.path().exists());
    assert!(newest.path().exists());
}

#[tokio::test]
async fn a_wrong_digest_leads_to_no_other_code() {
    let (_directory, cache) = cache(100);
    let (one, two) = (code("one"), code("two"));

    // As it is when the code is replaced between two looks at the function.
    let mistaken = Code::new(Arc::clone(&two.zip), one.sha256);
    let first = cache.unpacked(&mistaken).await.unwrap();
    let of_one = cache.unpacked(&one).await.unwrap();
    let of_two = cache.unpacked(&two).await.unwrap();

    let content = |of: &Unpacked| fs::read(of.path().join("file")).unwrap();
    assert_eq!(content(&first), b"two");
    assert_eq!(content(&of_one), b"one");
    assert_eq!(of_two.path(), first.path());
}

#[tokio::test]
async fn code_that_somebody_removed_is_unpacked_again() {
    let (_directory, cache) = cache(100);
    let first = cache.unpacked(&code("one")).await.unwrap();
    fs::remove_dir_all(first.path()).unwrap();

    let again = cache.unpacked(&code("one")).await.unwrap();
    drop(first);

    assert_eq!(fs::read(again.path().join("file")).unwrap(), b"one");
    let third = cache.unpacked(&code("one")).await.unwrap();
    assert_eq!(third.path(), again.path());
}

#[tokio::test]
async fn a_zip_that_fails_leaves_nothing_and_fails_again() {
    let (directory, cache) = cache(100);

    for _ in 0..2 {
        assert!(
            cache
                .unpacked(&Code::new(*b"no zip", [0; 32]))
                .await
                .is_err()
        );
    }

    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0);
}
