//! What initiatives are expected to bring: the gap of their goals, measured now, by their shares and by how sure both sides
//! are.

#![expect(clippy::doc_markdown, reason = "descriptions are read in the schema, where words have no backticks")]

use std::collections::HashMap;

use async_graphql::{Context, ID, Object, Result as Answer};
use entity::{
    id::RowId,
    initiative::{Entity, InitiativeStatus, Model},
};
use uuid::Uuid;

use super::ice::{self, Both, Ice};
use crate::{
    actor::Permission,
    error::{Error, Result},
    graph::{
        derived::{Term, Tried},
        root::access,
        scalar::{CurrencyCode, DateTime, Decimal},
        value,
    },
    insight::{
        goal::measure::Progress,
        metric::{exact::Exact, graphql::result::text, unit::Unit},
    },
    store::{Access, Guarded, Scoped},
};

/// Initiatives in one call.
const MOST: usize = 100;
/// Goals that they may be for.
const MOST_GOALS: usize = 25;

#[derive(Default)]
pub struct InitiativeReads;

#[Object]
impl InitiativeReads {
    /// What these initiatives are expected to bring, in the order of the ids: the gap of the goal of each, as `goalProgress`
    /// measures it, times its `impactShare`, times the mean of both sides' confidence as a percentage (confidence times ten).
    /// Initiatives of one goal cost as one, each goal that asks something else as one more. Null in the place of an initiative that the caller does not see, and where its goal
    /// cannot be measured, with an error entry: BAD_USER_INPUT for money in currencies without a rate that is young enough.
    /// Empty without INITIATIVE_READ or AGREEMENT_READ. Errors: BAD_USER_INPUT for more than 100 ids, for initiatives of more
    /// than 25 goals, and for what is no id of an initiative. Requires METRIC_READ; without it the list is empty.
    async fn initiative_contributions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which initiatives: 1 to 100, each an id that begins with `initiative_`.")] ids: Vec<ID>,
        #[graphql(
            desc = "With goals as they were at this instant; now unless given, at most now. Scores are those of now."
        )]
        as_of: Option<DateTime>,
    ) -> Answer<Vec<Tried<InitiativeContribution>>> {
        let access = access(ctx)?;
        let needed = [Permission::MetricRead, Permission::AgreementRead, Permission::InitiativeRead];
        if !needed.iter().all(|permission| access.actor().may(*permission)) {
            return Ok(vec![]);
        }
        if ids.is_empty() || ids.len() > MOST {
            return Err(Error::BadInput(format!("ids: give between 1 and {MOST}")).into());
        }
        let wrong = |id: &ID| Error::BadInput(format!("ids: {} is not an id of initiative", id.as_str()));
        let read = |id: &ID| value::id(Entity::NAME, id).ok_or_else(|| wrong(id));
        let ids: Vec<Uuid> = ids.iter().map(read).collect::<Result<_>>()?;
        Ok(contributions(access, &ids, as_of).await?)
    }
}

/// One statement for the initiatives, and what their goals cost.
async fn contributions(
    access: &Access,
    ids: &[Uuid],
    as_of: Option<DateTime>,
) -> Result<Vec<Tried<InitiativeContribution>>> {
    let rows = Scoped::<Entity>::read(access).ids(ids).models().await?;
    let mut goals: Vec<Uuid> = rows.iter().map(|row| row.goal_id.uuid()).collect();
    goals.sort_unstable();
    goals.dedup();
    if goals.len() > MOST_GOALS {
        return Err(Error::BadInput(format!("ids: these are for more than {MOST_GOALS} goals")));
    }
    let at = as_of.map_or(access.now(), |at| at.0.min(access.now()));
    let progress = Box::pin(Progress::of(access, &goals, at)).await?;
    let progress: HashMap<Uuid, _> = goals.into_iter().zip(progress).collect();
    let rows: HashMap<Uuid, Model> = rows.into_iter().map(|row| (row.id.uuid(), row)).collect();
    let of = |id: &Uuid| {
        let row = rows.get(id)?;
        let progress = progress.get(&row.goal_id.uuid())?.clone()?;
        Some((row.clone(), progress))
    };
    let told = |(row, progress): (Model, Result<Progress>)| {
        progress.map(|progress| Some(InitiativeContribution { row, progress }))
    };
    Ok(ids.iter().map(|id| Tried(of(id).map_or(Ok(None), told))).collect())
}

/// What an initiative is expected to bring. Values are in the unit of the goal's metric: money in whole units with the decimals
/// of its currency, all else to six places, rounded half to even only here.
pub struct InitiativeContribution {
    row: Model,
    progress: Progress,
}

impl InitiativeContribution {
    fn unit(&self) -> Unit {
        self.progress.body.measures().unit
    }

    fn told(&self, value: Option<Exact>) -> Option<Decimal> {
        text(self.unit(), value, self.progress.ask.currency)
    }

    /// What is missing; nothing once the target is reached.
    fn missing(&self) -> Option<Exact> {
        let actual = self.progress.figures.worked.value.filter(|_| !self.progress.figures.withheld)?;
        if self.progress.figures.worked.target_met == Some(true) {
            return Some(Exact::ZERO);
        }
        let way = self.progress.body.way();
        if way.reached(actual) { Some(Exact::ZERO) } else { way.target.minus(actual) }
    }

    fn both(&self) -> Option<Both> {
        let marketing = Ice::kept(self.row.marketing_score.as_ref())?;
        Some(Both { marketing, sales: Ice::kept(self.row.sales_score.as_ref())? })
    }
}

/// What an initiative is expected to bring. Values are in the unit of the goal's metric: money in whole units with the decimals
/// of its currency, all else to six places, rounded half to even only here.
#[Object]
impl InitiativeContribution {
    /// The initiative, for `node` and `initiatives`.
    async fn initiative_id(&self) -> ID {
        ID(self.row.id.to_string())
    }

    /// The goal that it is for, for `node` and `goals`.
    async fn goal_id(&self) -> ID {
        ID(self.row.goal_id.to_string())
    }

    /// What the values count.
    #[graphql(name = "unit")]
    async fn counts(&self) -> Term<Unit> {
        Term(self.unit())
    }

    /// The currency of the values where they are money.
    async fn currency(&self) -> CurrencyCode {
        CurrencyCode(self.progress.ask.currency)
    }

    /// The instant of the figures.
    async fn as_of(&self) -> DateTime {
        DateTime(self.progress.ask.now())
    }

    /// What is missing of the goal: target less actual, 0 once the target is reached, below 0 where less is better. Null where
    /// the metric has no value, and when that is withheld.
    async fn gap(&self) -> Option<Decimal> {
        self.told(self.missing())
    }

    /// Gap times impact share times confidence, the mean of both sides' as a percentage. Null where `gap` is, until both
    /// sides have scored, and once it is DONE or DROPPED.
    async fn expected_contribution(&self) -> Option<Decimal> {
        if matches!(self.row.status, InitiativeStatus::Done | InitiativeStatus::Dropped) {
            return None;
        }
        self.told(
            self.missing()
                .zip(self.both())
                .and_then(|(gap, both)| ice::contribution(gap, self.row.impact_share_e2, both)),
        )
    }

    /// Whether the goal's figure rests on records that the caller may not be told of.
    async fn withheld(&self) -> bool {
        self.progress.figures.withheld
    }
}
