//! How answers show evaluations.

use super::evaluation::{Evaluation, Matched};
use crate::iam::listing::Page;
use policy::Place;
use wire::xml::Element;

/// `EvaluationResults`, and whether the list goes on.
pub(crate) fn write_evaluations(result: &mut Element<'_>, page: &Page<Evaluation>) {
    page.write(result, "EvaluationResults", write_evaluation);
}

fn write_evaluation(evaluation: &Evaluation, element: &mut Element<'_>) {
    element.text("EvalActionName", &evaluation.action);
    element.text("EvalResourceName", &evaluation.resource);
    element.text("EvalDecision", evaluation.decision);
    element.list("MatchedStatements", &evaluation.matched, write_matched);
    element.texts("MissingContextValues", &evaluation.missing);
    if let Some(is_allowed) = evaluation.is_in_organization {
        element.element("OrganizationsDecisionDetail", |detail| {
            detail.boolean("AllowedByOrganizations", is_allowed);
        });
    }
    if let Some(is_allowed) = evaluation.is_in_bounds {
        element.element("PermissionsBoundaryDecisionDetail", |detail| {
            detail.boolean("AllowedByPermissionsBoundary", is_allowed);
        });
    }
}

fn write_matched(matched: &Matched, element: &mut Element<'_>) {
    element.text("SourcePolicyId", &matched.id);
    element.text("SourcePolicyType", matched.kind);
    write_place(element, "StartPosition", matched.start);
    write_place(element, "EndPosition", matched.end);
}

fn write_place(element: &mut Element<'_>, name: &str, place: Place) {
    let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    element.element(name, |element| {
        element.integer("Line", number(place.line));
        element.integer("Column", number(place.column));
    });
}
