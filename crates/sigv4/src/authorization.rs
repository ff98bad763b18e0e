use crate::canonical::Form;
use crate::presented::Claims;
use crate::{Error, Request};
use std::borrow::Cow;
use std::fmt::Write;

/// Reads the claims of an `Authorization` header.
///
/// COMPAT: parts are parted by commas, blanks or both (recorded on DynamoDB); a part without an
/// equal-sign is refused before a missing one is.
pub(crate) fn claims<'a>(request: &Request<'a>, header: &'a str) -> Result<Claims<'a>, Error> {
    let (algorithm, rest) = header
        .split_once([' ', '\t'])
        .unwrap_or((header, Default::default()));
    let [credential, signature, signed_headers] = parameters(header, rest)?;
    let date = request
        .header("x-amz-date")
        .or_else(|| request.header("date"));
    let present = |value: Option<&'a str>| value.filter(|text| !text.is_empty());
    let (Some(credential), Some(signature), Some(signed_headers), Some(date)) = (
        present(credential),
        present(signature),
        signed_headers,
        date.clone(),
    ) else {
        let absent = [
            present(credential).is_none(),
            present(signature).is_none(),
            signed_headers.is_none(),
        ];
        return Err(incomplete(absent, date.is_none(), header));
    };
    Ok(Claims {
        form: Form::Header,
        algorithm: Cow::Borrowed(algorithm),
        credential: Cow::Borrowed(credential),
        date,
        lifetime: None,
        session_token: request.header("x-amz-security-token"),
        signature: Cow::Borrowed(signature),
        signed_headers: Cow::Borrowed(signed_headers),
    })
}

/// The values of [`PARAMETERS`], in that order. Others are ignored.
fn parameters<'a>(header: &str, rest: &'a str) -> Result<[Option<&'a str>; 3], Error> {
    let mut found = [None; 3];
    for part in rest.split([',', ' ', '\t']).filter(|part| !part.is_empty()) {
        let (name, value) = part.split_once('=').ok_or_else(|| Error::NotAPair {
            part: part.to_owned(),
            header: header.to_owned(),
        })?;
        let known = PARAMETERS
            .iter()
            .zip(&mut found)
            .find(|(known, _)| **known == name);
        let Some((_, slot)) = known else { continue };
        if slot.replace(value).is_some() {
            return Err(Error::Incomplete(format!(
                "Authorization header requires exactly one '{name}' parameter. Authorization={header}"
            )));
        }
    }
    Ok(found)
}

/// One sentence for each that is absent, and then the header.
fn incomplete(absent: [bool; 3], no_date: bool, header: &str) -> Error {
    let mut text = String::new();
    for (name, _) in PARAMETERS.iter().zip(absent).filter(|(_, absent)| *absent) {
        let _ = write!(text, "Authorization header requires '{name}' parameter. ");
    }
    if no_date {
        text.push_str(
            "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ",
        );
    }
    let _ = write!(text, "Authorization={header}");
    Error::Incomplete(text)
}

const PARAMETERS: [&str; 3] = ["Credential", "Signature", "SignedHeaders"];
