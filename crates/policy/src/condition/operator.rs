//! The names of the operators.

use super::Quantifier;

/// What an operator's name says, apart from the comparison itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Operator {
    pub(super) quantifier: Quantifier,
    pub(super) comparison: Comparison,
    pub(super) negated: bool,
    pub(super) if_exists: bool,
}

/// How a value and an operand are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    Absent,
    Arn,
    Binary,
    Bool,
    Date(Order),
    Exact,
    IgnoringCase,
    Like,
    Network,
    Number(Order),
}

/// How the value stands to the operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    Equal,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
}

impl Order {
    pub(super) fn holds<T: Ord>(self, value: &T, operand: &T) -> bool {
        match self {
            Self::Equal => value == operand,
            Self::Greater => value > operand,
            Self::GreaterOrEqual => value >= operand,
            Self::Less => value < operand,
            Self::LessOrEqual => value <= operand,
        }
    }
}

impl Operator {
    /// `None` for a name that IAM does not know, in exactly this spelling.
    pub(super) fn parse(name: &str) -> Option<Self> {
        let (quantifier, rest) = match name.split_once(':') {
            None => (Quantifier::None, name),
            Some(("ForAllValues", rest)) => (Quantifier::All, rest),
            Some(("ForAnyValue", rest)) => (Quantifier::Any, rest),
            Some(_) => return None,
        };
        let (base, if_exists) = match rest.strip_suffix("IfExists") {
            None => (rest, false),
            Some(base) => (base, true),
        };
        let (comparison, negated) = named(base)?;
        if comparison == Comparison::Absent && (if_exists || quantifier != Quantifier::None) {
            return None;
        }
        Some(Self {
            quantifier,
            comparison,
            negated,
            if_exists,
        })
    }
}

fn named(base: &str) -> Option<(Comparison, bool)> {
    Some(match base {
        "StringEquals" => (Comparison::Exact, false),
        "StringNotEquals" => (Comparison::Exact, true),
        "StringEqualsIgnoreCase" => (Comparison::IgnoringCase, false),
        "StringNotEqualsIgnoreCase" => (Comparison::IgnoringCase, true),
        "StringLike" => (Comparison::Like, false),
        "StringNotLike" => (Comparison::Like, true),
        "NumericEquals" => (Comparison::Number(Order::Equal), false),
        "NumericNotEquals" => (Comparison::Number(Order::Equal), true),
        "NumericLessThan" => (Comparison::Number(Order::Less), false),
        "NumericLessThanEquals" => (Comparison::Number(Order::LessOrEqual), false),
        "NumericGreaterThan" => (Comparison::Number(Order::Greater), false),
        "NumericGreaterThanEquals" => (Comparison::Number(Order::GreaterOrEqual), false),
        "DateEquals" => (Comparison::Date(Order::Equal), false),
        "DateNotEquals" => (Comparison::Date(Order::Equal), true),
        "DateLessThan" => (Comparison::Date(Order::Less), false),
        "DateLessThanEquals" => (Comparison::Date(Order::LessOrEqual), false),
        "DateGreaterThan" => (Comparison::Date(Order::Greater), false),
        "DateGreaterThanEquals" => (Comparison::Date(Order::GreaterOrEqual), false),
        "Bool" => (Comparison::Bool, false),
        "BinaryEquals" => (Comparison::Binary, false),
        "IpAddress" => (Comparison::Network, false),
        "NotIpAddress" => (Comparison::Network, true),
        "ArnEquals" | "ArnLike" => (Comparison::Arn, false),
        "ArnNotEquals" | "ArnNotLike" => (Comparison::Arn, true),
        "Null" => (Comparison::Absent, false),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefix_and_suffix_are_told_from_the_comparison() {
        let operator = Operator::parse("ForAnyValue:StringNotEqualsIgnoreCaseIfExists");

        assert_eq!(
            operator,
            Some(Operator {
                quantifier: Quantifier::Any,
                comparison: Comparison::IgnoringCase,
                negated: true,
                if_exists: true,
            })
        );
    }

    #[test]
    fn only_the_documented_spelling_is_an_operator() {
        for name in [
            "",
            "stringequals",
            "StringEquals ",
            "StringEqual",
            "StringNotEqualIfExists",
            "StringEqualsIfExistsIfExists",
            "forAnyValue:StringEquals",
            "ForSomeValues:StringEquals",
            "ForAnyValue:ForAllValues:StringEquals",
            "NullIfExists",
            "ForAllValues:Null",
            "BinaryNotEquals",
            "BoolNot",
            "StringEquаls",
            "ＳtringEquals",
        ] {
            assert_eq!(Operator::parse(name), None, "{name}");
        }
    }
}
