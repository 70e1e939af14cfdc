//! The question whether an opportunity may leave its stage, in the schema. It holds no rule.

#![expect(clippy::doc_markdown, reason = "descriptions are read in the schema, where words have no backticks")]

use async_graphql::{Context, ID, Object, Result as Answer, SimpleObject};
use entity::stage_criterion::CriterionKind;

use super::sheet::Judged;
use crate::{
    crm::opportunity::exit,
    error::Error,
    graph::{derived::Term, root::access},
};

/// A condition for leaving a stage, and whether an opportunity meets it.
#[derive(SimpleObject)]
pub struct ExitCriterion {
    /// The criterion: an id that begins with `stage_criterion_`.
    criterion_id: ID,
    /// The stage that asks for it: an id that begins with `stage_`.
    stage_id: ID,
    /// What people call it.
    label: String,
    /// What it looks at.
    kind: Term<CriterionKind>,
    /// Path from the opportunity to what it looks at, e.g. `["amount"]`, `["customFields", "budget"]`, `["activities"]`,
    /// `["buyerConfirmations"]`.
    field: Vec<String>,
    /// What it asks for, in English.
    expected: String,
    /// What there is, in English.
    actual: String,
    /// Whether that is enough.
    met: bool,
}

impl From<Judged> for ExitCriterion {
    fn from(Judged { criterion, judgement }: Judged) -> Self {
        Self {
            field: exit::path(&criterion),
            criterion_id: criterion.id.to_string().into(),
            stage_id: criterion.stage_id.to_string().into(),
            label: criterion.label,
            kind: Term(criterion.kind),
            expected: judgement.expected,
            actual: judgement.actual,
            met: judgement.met,
        }
    }
}

#[derive(Default)]
pub struct CriterionReads;

#[Object]
impl CriterionReads {
    /// What must be true before an opportunity leaves its stage, and whether it is; with a stage to go to, the criteria
    /// of every stage on the way there, as `opportunityMove` and `opportunityWin` would ask for them. Empty when
    /// nothing is asked: backwards, to a LOST stage, from a closed one. Null when there is no such opportunity, stage
    /// of its pipeline, or the caller may not see it. Requires OPPORTUNITY_READ.
    async fn opportunity_exit_criteria(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which opportunity: an id that begins with `opportunity_`.")] id: ID,
        #[graphql(desc = "Where it would go: an id that begins with `stage_`. Unless given, only out of its stage.")]
        to_stage_id: Option<ID>,
    ) -> Answer<Option<Vec<ExitCriterion>>> {
        let id = id.parse().map_err(|_| Error::BadInput("id: not an id of opportunity".into()))?;
        let to = to_stage_id.map(|to| to.parse().map_err(|_| Error::BadInput("toStageId: not an id of stage".into())));
        let judged = exit::ask(access(ctx)?, id, to.transpose()?).await?;
        Ok(judged.map(|all| all.into_iter().map(ExitCriterion::from).collect()))
    }
}
