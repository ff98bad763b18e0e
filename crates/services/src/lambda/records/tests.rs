use super::*;

#[test]
fn a_zip_file_comes_back_as_it_was() {
    let code = FunctionCode {
        account: AccountId::parse("123456789012").unwrap(),
        region: RegionName::parse("us-east-1").unwrap(),
        name: String::from("f"),
        zip: Bytes(Arc::from(&b"PK\x05\x06\xff\x00"[..])),
    };

    let read = FunctionCode::decode(1, &code.encode().unwrap()).unwrap();

    assert_eq!(&*read.zip.0, b"PK\x05\x06\xff\x00");
    assert_eq!(read.key(), code.key());
    assert!(FunctionCode::decode(2, b"").is_err());
}
