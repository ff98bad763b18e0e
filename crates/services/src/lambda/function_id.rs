//! The ways to name a function: its name, a partial ARN, an ARN; each perhaps with a qualifier.

use super::error::Error;
use base::{AccountId, CommonError, RegionName};

/// A function, whether or not it exists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FunctionId {
    pub(crate) account: AccountId,
    pub(crate) region: RegionName,
    pub(crate) name: String,
    /// What stands after the name: a version or an alias.
    pub(crate) qualifier: Option<String>,
}

impl FunctionId {
    /// The function that `sent` means to a caller of `account` in `region`.
    ///
    /// # Errors
    /// [`Error::OtherRegion`]; [`Error::InvalidParameter`] when the two qualifiers differ.
    pub(crate) fn parse(
        sent: &str,
        qualifier: Option<&str>,
        account: &AccountId,
        region: &RegionName,
    ) -> Result<Self, Error> {
        // The model's pattern is checked before.
        let parts = Parts::read(sent, true)
            .ok_or_else(|| CommonError::internal("a name that is not of the model's pattern"))?;
        if let Some(named) = parts.region.filter(|named| *named != region.as_str()) {
            let (there, here) = (named.to_owned(), region.to_string());
            return Err(Error::OtherRegion(there, here));
        }
        if let (Some(derived), Some(given)) = (parts.qualifier, qualifier)
            && derived != given
        {
            return Err(Error::InvalidParameter(DIFFERENT_QUALIFIERS.to_owned()));
        }
        let owner = parts.account.map(AccountId::parse).transpose();
        let owner = owner.map_err(CommonError::internal)?;
        Ok(Self {
            account: owner.unwrap_or_else(|| account.clone()),
            region: region.clone(),
            name: parts.name.to_owned(),
            qualifier: parts.qualifier.or(qualifier).map(str::to_owned),
        })
    }

    /// The function that an ARN means. `None` for what is no ARN of a function.
    pub(crate) fn of_arn(arn: &str) -> Option<Self> {
        let is_of_function = arn.starts_with("arn:") && arn.split(':').nth(5) == Some("function");
        let parts = Parts::read(arn, false).filter(|_| is_of_function)?;
        Some(Self {
            account: AccountId::parse(parts.account?).ok()?,
            region: RegionName::parse(parts.region?).ok()?,
            name: parts.name.to_owned(),
            qualifier: parts.qualifier.map(str::to_owned),
        })
    }

    /// The function's ARN, without the qualifier.
    pub(crate) fn arn(&self) -> String {
        arn(&self.account, &self.region, &self.name)
    }

    /// The ARN as it was asked for.
    pub(crate) fn qualified_arn(&self) -> String {
        match &self.qualifier {
            Some(qualifier) => format!("{}:{qualifier}", self.arn()),
            None => self.arn(),
        }
    }

    /// Whether the one version there is can be meant.
    pub(crate) fn is_latest(&self) -> bool {
        matches!(self.qualifier.as_deref(), None | Some(LATEST))
    }
}

/// The ARN of a function.
pub(crate) fn arn(account: &AccountId, region: &RegionName, name: &str) -> String {
    format!(
        "arn:{}:lambda:{region}:{account}:function:{name}",
        region.partition()
    )
}

/// Whether `text` is a name that CreateFunction and its like take.
pub(super) fn is_name(text: &str) -> bool {
    Parts::read(text, false).is_some()
}

/// The same where names of other namespaces, with dots, may be asked for.
pub(super) fn is_namespaced_name(text: &str) -> bool {
    Parts::read(text, true).is_some()
}

/// Whether `text` names a Region as ARNs do.
pub(super) fn is_region(text: &str) -> bool {
    let text = text.strip_prefix("eusc-").unwrap_or(text);
    let mut parts = text.split('-');
    let is_word =
        |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase());
    let begins = parts.next().is_some_and(|c| c.len() == 2 && is_word(c));
    let rest: Vec<&str> = parts.collect();
    let is_number = |text: &str| text.len() == 1 && text.bytes().all(|b| b.is_ascii_digit());
    let is_cloud =
        |word: &str| word == "gov" || word.strip_prefix("iso").is_some_and(|rest| rest.len() <= 1);
    begins
        && match rest.as_slice() {
            [place, number] => is_word(place) && is_number(number),
            [cloud, place, number] => {
                is_cloud(cloud) && is_word(cloud) && is_word(place) && is_number(number)
            }
            _ => false,
        }
}

/// What a name is made of.
struct Parts<'a> {
    region: Option<&'a str>,
    account: Option<&'a str>,
    name: &'a str,
    qualifier: Option<&'a str>,
}

impl<'a> Parts<'a> {
    /// Reads the pattern of the model: every part before the name may be missing, and is taken for
    /// what it looks like where it can be.
    fn read(text: &'a str, with_dots: bool) -> Option<Self> {
        let parts: Vec<&str> = match text.strip_prefix("arn:") {
            None => text.split(':').collect(),
            Some(rest) => {
                let (partition, rest) = rest.split_once(':')?;
                let is_partition = partition
                    .strip_prefix("aws")
                    .is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_alphabetic() || b == b'-'));
                if !(partition.is_empty() || is_partition) {
                    return None;
                }
                rest.strip_prefix("lambda:")?.split(':').collect()
            }
        };
        // From the reading with the most parts before the name to that with none.
        (0_u8..8).rev().find_map(|kept| {
            let mut rest = parts.as_slice();
            let mut take = |is_kept: bool, fits: fn(&str) -> bool| {
                if !is_kept {
                    return Some(None);
                }
                let (first, tail) = rest.split_first().filter(|(first, _)| fits(first))?;
                rest = tail;
                Some(Some(*first))
            };
            let region = take(kept & 4 != 0, is_region)?;
            let account = take(kept & 2 != 0, is_account)?;
            take(kept & 1 != 0, |part| part == "function")?;
            let (name, qualifier) = match *rest {
                [name] => (name, None),
                [name, qualifier] => (name, Some(qualifier)),
                _ => return None,
            };
            let is_fit = is_part(name, with_dots) && qualifier.is_none_or(is_qualifier);
            is_fit.then_some(Self {
                region,
                account,
                name,
                qualifier,
            })
        })
    }
}

fn is_account(text: &str) -> bool {
    AccountId::parse(text).is_ok()
}

fn is_part(text: &str, with_dots: bool) -> bool {
    let fits =
        |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_') || (with_dots && b == b'.');
    !text.is_empty() && text.bytes().all(fits)
}

fn is_qualifier(text: &str) -> bool {
    text == LATEST || is_part(text, false)
}

/// The version that there is.
pub(crate) const LATEST: &str = "$LATEST";

const DIFFERENT_QUALIFIERS: &str =
    "The derived qualifier from the function name does not match the specified qualifier.";

#[cfg(test)]
mod tests;
