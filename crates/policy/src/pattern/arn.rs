//! ARNs, compared segment by segment.
//!
//! Rules kept here: a wildcard stays within its segment, except in the last, which holds the rest
//! of the ARN, colons included; the value of a variable stays within its segment too; what is no
//! ARN matches only the pattern that matches everything.

use std::collections::BTreeSet;
use std::mem::size_of_val;

use super::template::{Part, Template, parts};
use crate::document::{Language, quoted};
use crate::request::Context;
use crate::resolve::Open;

/// What patterns are compared with, split once for all of them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ArnText<'a> {
    /// `None` for what is no ARN.
    segments: Option<[Segment<'a>; LAST + 1]>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Segment<'a> {
    text: &'a str,
    /// The segment with all that follows.
    tail: &'a str,
}

impl<'a> ArnText<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self {
            segments: Self::split(text),
        }
    }

    fn split(text: &'a str) -> Option<[Segment<'a>; LAST + 1]> {
        if !text.starts_with("arn:") {
            return None;
        }
        let mut segments = [Segment::default(); LAST + 1];
        let (last, before) = segments.split_last_mut()?;
        let mut tail = text;
        for segment in before {
            let (text, rest) = tail.split_once(':')?;
            *segment = Segment { text, tail };
            tail = rest;
        }
        *last = Segment { text: tail, tail };
        Some(segments)
    }

    /// The last pattern is compared with all that is left.
    fn fits(&self, patterns: &[Template], context: &dyn Context) -> bool {
        let (Some(segments), Some((last, before))) = (&self.segments, patterns.split_last()) else {
            return false;
        };
        let tail = segments.get(before.len());
        let each = || before.iter().zip(segments);
        tail.is_some_and(|segment| last.matches(segment.tail, context))
            && each().all(|(pattern, segment)| pattern.matches(segment.text, context))
    }
}

/// An entry of `Resource` or `NotResource`, or an operand of an ARN operator.
#[derive(Clone, Debug)]
pub(crate) enum ArnPattern {
    Every,
    /// One to six; the last is compared with all that is left.
    Segments(Box<[Template]>),
}

impl ArnPattern {
    /// An entry of `Resource`: has the form of an ARN, or is `*`.
    pub(crate) fn parse_resource(text: &str, language: Language) -> Result<Self, String> {
        let segments = segments(text, language)?;
        if is_every(&segments) {
            return Ok(Self::Every);
        }
        if !is_arn_shaped(&segments) {
            return Err(not_an_arn(text));
        }
        Ok(Self::new(segments))
    }

    /// An operand of a condition. May come out of variables altogether.
    pub(crate) fn parse_operand(text: &str, language: Language) -> Result<Self, String> {
        let segments = segments(text, language)?;
        if is_every(&segments) {
            return Ok(Self::Every);
        }
        let is_open = |part: &Part| matches!(part, Part::Variable(_));
        if !is_arn_shaped(&segments) && !segments.iter().flatten().any(is_open) {
            return Err(not_an_arn(text));
        }
        Ok(Self::new(segments))
    }

    fn new(segments: Vec<Vec<Part>>) -> Self {
        Self::Segments(segments.into_iter().map(Template::new).collect())
    }

    pub(crate) fn matches(&self, arn: &ArnText<'_>, context: &dyn Context) -> bool {
        match self {
            Self::Every => true,
            Self::Segments(segments) => arn.fits(segments, context),
        }
    }

    /// Whether it matches one ARN only, whoever asks.
    pub(crate) fn is_fixed(&self) -> bool {
        match self {
            Self::Every => false,
            Self::Segments(segments) => segments.iter().all(Template::is_fixed),
        }
    }

    /// Without the open keys; `None` when no ARN surely matches.
    pub(crate) fn resolved(&self, open: Open<'_>) -> Option<Self> {
        match self {
            Self::Every => Some(Self::Every),
            Self::Segments(segments) => {
                let resolved = segments.iter().map(|segment| segment.resolved(open));
                resolved.collect::<Option<_>>().map(Self::Segments)
            }
        }
    }

    pub(crate) fn keys(&self, into: &mut BTreeSet<String>) {
        if let Self::Segments(segments) = self {
            segments.iter().for_each(|segment| segment.keys(into));
        }
    }

    pub(crate) fn weight(&self) -> usize {
        match self {
            Self::Every => 0,
            Self::Segments(segments) => {
                size_of_val(&**segments) + segments.iter().map(Template::weight).sum::<usize>()
            }
        }
    }
}

/// Splits at the first five colons of the policy's own text: those within `${aws:username}` and
/// within its value do not count.
fn segments(text: &str, language: Language) -> Result<Vec<Vec<Part>>, String> {
    let mut done = Vec::new();
    let mut segment = Vec::new();
    for part in parts(text, language, true)? {
        let Part::Text(text) = part else {
            segment.push(part);
            continue;
        };
        let mut rest: &str = &text;
        while done.len() < LAST
            && let Some((piece, after)) = rest.split_once(':')
        {
            push_text(piece, &mut segment);
            done.push(std::mem::take(&mut segment));
            rest = after;
        }
        push_text(rest, &mut segment);
    }
    done.push(segment);
    Ok(done)
}

fn push_text(text: &str, segment: &mut Vec<Part>) {
    if !text.is_empty() {
        segment.push(Part::Text(text.into()));
    }
}

fn is_every(segments: &[Vec<Part>]) -> bool {
    matches!(segments, [only] if !only.is_empty()
        && only.iter().all(|part| matches!(part, Part::Any)))
}

/// Begins with `arn:` and has six segments, or ends in a wildcard that stands for the others.
fn is_arn_shaped(segments: &[Vec<Part>]) -> bool {
    let begins = matches!(segments.first().map(Vec::as_slice),
        Some([Part::Text(text)]) if **text == *"arn");
    let ends = matches!(
        segments.last().and_then(|last| last.last()),
        Some(Part::Any)
    );
    begins && (segments.len() > LAST || (segments.len() > 1 && ends))
}

fn not_an_arn(text: &str) -> String {
    format!(
        "{} is neither `*` nor an ARN of the form `arn:partition:service:region:account:resource`",
        quoted(text)
    )
}

/// The segment that holds the rest.
const LAST: usize = 5;
