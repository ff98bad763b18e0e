use crate::encoding::{push_encoded, query_pairs};
use crate::{Error, Request};
use aws_lc_rs::digest::{self, SHA256};
use data_encoding::HEXLOWER;

/// Where a request carries its signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// In the `Authorization` header.
    Header,
    /// In the query: a presigned URL.
    Query,
}

/// The canonical request: what the signature covers, in one unambiguous text.
///
/// SECURITY: a header that is listed but absent is an error, so that it cannot pass for an empty
/// one; the last line is the hash of the body at hand, never the one that a header claims.
pub(crate) fn canonical_request(
    request: &Request<'_>,
    form: Form,
    signed_headers: &str,
) -> Result<Vec<u8>, Error> {
    let mut out = Vec::with_capacity(TYPICAL_SIZE);
    out.extend_from_slice(request.method.as_bytes());
    out.push(b'\n');
    push_path(&mut out, request.path);
    out.push(b'\n');
    push_query(&mut out, request.query, form);
    out.push(b'\n');
    for name in signed_headers.split(';') {
        push_header(&mut out, request, name)?;
    }
    out.push(b'\n');
    out.extend_from_slice(signed_headers.as_bytes());
    out.push(b'\n');
    push_body_hash(&mut out, request)?;
    Ok(out)
}

/// The string to sign: the canonical request's hash with its date and scope.
pub(crate) fn string_to_sign(canonical_request: &[u8], date: &str, scope: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(TYPICAL_SIZE);
    for line in [ALGORITHM, date, scope] {
        out.extend_from_slice(line.as_bytes());
        out.push(b'\n');
    }
    push_hash(&mut out, canonical_request);
    out
}

/// The path without empty and dot segments, percent-encoded once more.
///
/// SECURITY: what does not begin with a slash is no path of a server and is left as it is, so that
/// it shares no normal form with one that does.
fn push_path(out: &mut Vec<u8>, path: &str) {
    if !path.is_empty() && !path.starts_with('/') {
        return push_encoded(out, path.as_bytes());
    }
    let mut kept: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => {
                kept.pop();
            }
            _ => kept.push(segment),
        }
    }
    for segment in &kept {
        out.push(b'/');
        push_encoded(out, segment.as_bytes());
    }
    if kept.is_empty() || path.ends_with('/') {
        out.push(b'/');
    }
}

/// The pairs in the order of their encoded names and then values, less the signature itself.
fn push_query(out: &mut Vec<u8>, query: &str, form: Form) {
    if query.is_empty() {
        return;
    }
    let mut pairs: Vec<(Vec<u8>, Vec<u8>)> = query_pairs(query)
        .filter(|(name, _)| form == Form::Header || name.as_ref() != SIGNATURE_PARAMETER)
        .map(|(name, value)| (encoded(&name), encoded(&value)))
        .collect();
    pairs.sort_unstable();
    for (position, (name, value)) in pairs.iter().enumerate() {
        if position > 0 {
            out.push(b'&');
        }
        out.extend_from_slice(name);
        out.push(b'=');
        out.extend_from_slice(value);
    }
}

/// One line of a header: its values trimmed, runs of blanks made one space, joined by commas.
fn push_header(out: &mut Vec<u8>, request: &Request<'_>, name: &str) -> Result<(), Error> {
    let mut values = request.headers.get_all(name).iter();
    out.extend_from_slice(name.as_bytes());
    out.push(b':');
    push_collapsed(out, values.next().ok_or(Error::Mismatch)?.as_bytes());
    for value in values {
        out.push(b',');
        push_collapsed(out, value.as_bytes());
    }
    out.push(b'\n');
    Ok(())
}

fn push_collapsed(out: &mut Vec<u8>, value: &[u8]) {
    let mut words = value
        .split(|byte| matches!(byte, b' ' | b'\t'))
        .filter(|word| !word.is_empty());
    if let Some(first) = words.next() {
        out.extend_from_slice(first);
    }
    for word in words {
        out.push(b' ');
        out.extend_from_slice(word);
    }
}

/// SECURITY: a body is never taken on trust. A claim that is not this body's hash, be it another
/// hash, `UNSIGNED-PAYLOAD` or a streaming form, does not verify.
fn push_body_hash(out: &mut Vec<u8>, request: &Request<'_>) -> Result<(), Error> {
    let start = out.len();
    push_hash(out, request.body);
    let computed = out.get(start..).unwrap_or_default();
    let claims = request.headers.get_all(BODY_HASH_HEADER).iter();
    if claims.into_iter().all(|claim| claim.as_bytes() == computed) {
        Ok(())
    } else {
        Err(Error::Mismatch)
    }
}

fn push_hash(out: &mut Vec<u8>, bytes: &[u8]) {
    let mut hex = [0_u8; 64];
    HEXLOWER.encode_mut(digest::digest(&SHA256, bytes).as_ref(), &mut hex);
    out.extend_from_slice(&hex);
}

fn encoded(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    push_encoded(&mut out, bytes);
    out
}

pub(crate) const ALGORITHM: &str = "AWS4-HMAC-SHA256";
const BODY_HASH_HEADER: &str = "x-amz-content-sha256";
const SIGNATURE_PARAMETER: &[u8] = b"X-Amz-Signature";
const TYPICAL_SIZE: usize = 512;

#[cfg(test)]
mod tests;
