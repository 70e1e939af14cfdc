//! What runs come to, in the schema.

#![expect(clippy::doc_markdown, reason = "descriptions are read in the schema, where words have no backticks")]

use async_graphql::{Context, ID, Object, Result as Answer, SimpleObject};
use entity::{team, user::Side, word::Word};

use crate::{
    graph::{
        Node,
        derived::{Money, Term},
        root::access,
        value,
    },
    incentive::run::Group,
};

/// What a run comes to for people together.
#[derive(SimpleObject)]
pub struct IncentiveTotal {
    /// The people of this side; null for all, and for a team.
    side: Option<Term<Side>>,
    /// The people of this team, as it was when the run was calculated; null for all, and for a side.
    team: Node<team::Entity>,
    /// How many people: at least 5.
    people: i32,
    /// What they are paid together.
    total: Money,
}

#[derive(Default)]
pub struct TotalReads;

#[Object]
impl TotalReads {
    /// What a locked run comes to for all people together, for sides and for teams. Only for five people or more, and no
    /// group from which, with the others, something could be told of fewer: the larger one is told then. Reckoned with the
    /// calculation, with the teams of then. Null before the run is locked, after it was taken back, and for a run that is not there. Requires
    /// INCENTIVE_TOTAL_READ; without it null.
    async fn incentive_totals(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which run: an id that begins with `incentive_run_`.")] run_id: ID,
    ) -> Answer<Option<Vec<IncentiveTotal>>> {
        let access = access(ctx)?;
        let Ok(id) = value::typed("runId", &run_id) else { return Ok(None) };
        let Some((run, groups)) = super::of(access, id).await? else { return Ok(None) };
        let one = |group: Group| IncentiveTotal {
            side: group.side.as_deref().and_then(Side::parse).map(Term),
            team: group.team.into(),
            people: i32::try_from(group.people).unwrap_or(i32::MAX),
            total: Money(entity::money::Money::new(group.total_minor, run.currency)),
        };
        Ok(Some(groups.into_iter().map(one).collect()))
    }
}
