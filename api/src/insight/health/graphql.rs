//! Data health in the schema. It holds no rule.

#![expect(clippy::doc_markdown, reason = "descriptions are read in the schema, where words have no backticks")]

use async_graphql::{Context, Object, Result as Answer, SimpleObject};
use entity::{
    data_quality_rule::{self, Subject},
    id::RowId,
    user::Side,
};

use super::{Kept, kept, now, score};
use crate::{
    actor::Permission,
    error::Result,
    graph::{
        Node,
        derived::{Ratio, Term, Tried},
        root::access,
        scalar::Decimal,
    },
    insight::metric::unit::Unit,
    store::Access,
};

#[derive(Default)]
pub struct HealthReads;

/// How well records are kept by rules of data quality.
#[derive(SimpleObject)]
pub struct DataHealth {
    /// The mean of the rules' shares by their weights, rounded half-even to six places; of all rules the metric DATA_HEALTH.
    /// Null where there are no rules or no records, when a rule judges too few records, and where it would tell a rule that
    /// is withheld: with `entity` or `side` when one of them is.
    score: Option<Decimal>,
    /// Each rule, by its type of record and name.
    rules: Vec<DataHealthRule>,
}

/// A rule, and how many records pass it.
#[derive(SimpleObject)]
pub struct DataHealthRule {
    /// The rule.
    rule: Node<data_quality_rule::Entity>,
    /// What people call it.
    name: String,
    /// Whose data it judges.
    entity: Term<Subject>,
    /// The side that sees to it.
    owner_side: Term<Side>,
    /// How much it counts.
    weight: i32,
    /// Records that pass among those it judges; null when withheld.
    passed: Option<Ratio>,
    /// Whether it judges, or is failed by, too few records for the caller to be told.
    withheld: bool,
}

impl DataHealthRule {
    fn of(kept: &Kept) -> Self {
        let told = !kept.withheld;
        Self {
            rule: Some(kept.rule.id.uuid()).into(),
            name: kept.rule.name.clone(),
            entity: Term(kept.rule.entity),
            owner_side: Term(kept.rule.owner_side),
            weight: kept.rule.weight,
            passed: told.then(|| Ratio::of(kept.passed, kept.records)),
            withheld: kept.withheld,
        }
    }
}

#[Object]
impl HealthReads {
    /// How many records pass which rule of data quality, as they are now, over the whole organisation: the figures are the same
    /// for whoever may read metrics. A rule that judges fewer than five records, or that one to four do not pass, is withheld from who
    /// does not see all of them; where that is one rule alone, another is withheld with it. Null without the permission. Requires METRIC_READ.
    async fn data_health(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only rules for these records.")] entity: Option<Term<Subject>>,
        #[graphql(desc = "Only rules that this side sees to.")] side: Option<Term<Side>>,
    ) -> Answer<Tried<DataHealth>> {
        let access = access(ctx)?;
        if !access.actor().may(Permission::MetricRead) {
            return Ok(Tried(Ok(None)));
        }
        Ok(Tried(health(access, entity.map(|term| term.0), side.map(|term| term.0)).await.map(Some)))
    }
}

async fn health(access: &Access, entity: Option<Subject>, side: Option<Side>) -> Result<DataHealth> {
    let ask = now(access).await?;
    let all = kept(&ask, entity, side).await?;
    let score = score(&all, entity.is_none() && side.is_none())
        .and_then(|score| Unit::Ratio.text(score, 0)?.parse().ok().map(Decimal));
    Ok(DataHealth { score, rules: all.iter().map(DataHealthRule::of).collect() })
}
