//! The alignment index in the schema. It holds no rule.

#![expect(clippy::doc_markdown, reason = "descriptions are read in the schema, where words have no backticks")]

use async_graphql::{Context, Object, Result as Answer};
use entity::{
    agreement_version,
    id::{AgreementVersionId, RowId},
    recognition::{Column as R, Entity as Recognition},
};
use sea_orm::{
    ExprTrait,
    sea_query::{Alias, CaseStatement, Expr},
};

use super::{Scored, agreed, scored};
use crate::{
    actor::Permission,
    error::Result,
    graph::{
        Node,
        derived::{Period, Term, Tried, whole},
        root::access,
        scalar::Decimal,
    },
    insight::metric::{
        answer::Figures,
        ask::Ask,
        catalog::alignment_index::{COMPONENTS, METRIC},
        exact::Exact,
        graphql::{
            inputs::{Asked, MissingRate},
            result::MetricResult,
        },
        key::Key,
        known::known,
        unit::Unit,
        weights::Weights,
    },
    store::{Access, Guarded, Scoped},
};

#[derive(Default)]
pub struct AlignmentReads;

/// How well marketing and sales work together.
pub struct AlignmentIndex {
    ask: Ask,
    weights: Weights,
    version: Option<AgreementVersionId>,
    found: Scored,
    thanks: (i64, i64),
}

#[Object]
impl AlignmentReads {
    /// How well marketing and sales work together in a period, as it is known now: one number, 0 to 100, and what it is made of,
    /// over the whole organisation. Weighed by the agreement of kind ALIGNMENT_INDEX with the key INDEX that is in force; by the
    /// standard weights while there is none. The same number for whoever may read metrics; withheld with its parts where one of
    /// them rests on fewer than five records that the caller does not see. Null without the permission. Errors: BAD_USER_INPUT
    /// as for `metric`. Requires METRIC_READ.
    async fn alignment_index(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The period. Days belong to it that begin in it where the organisation is.")] period: Period,
    ) -> Answer<Tried<AlignmentIndex>> {
        let access = access(ctx)?;
        if !access.actor().may(Permission::MetricRead) {
            return Ok(Tried(Ok(None)));
        }
        Ok(Tried(Box::pin(AlignmentIndex::of(access, period)).await.map(Some)))
    }
}

impl AlignmentIndex {
    async fn of(access: &Access, period: Period) -> Result<Self> {
        let missing = MissingRate::Bucket;
        let currency = Some("EUR".parse().map_err(crate::error::Error::internal)?);
        let asked = Asked { period, filter: None, as_of: None, by: vec![], currency, options: None, missing };
        let ask = asked.ask(access, Some(&METRIC)).await?;
        let ask = known(&ask, &METRIC).await?.into_owned();
        let weights = ask.options.weights.unwrap_or_default();
        let version = agreed(access, ask.now()).await?.map(|active| active.version);
        let found = scored(&ask, &weights).await?;
        let thanks = thanks(&ask).await?;
        Ok(Self { ask, weights, version, found, thanks })
    }
}

/// Thanks of the period, and those among them that went across.
async fn thanks(ask: &Ask) -> Result<(i64, i64)> {
    let col = |c: R| Expr::col((Recognition::NAME, c));
    let counted = Scoped::<Recognition>::read(&ask.access)
        .filter(col(R::CreatedAt).gte(ask.start).and(col(R::CreatedAt).lt(ask.end)))
        .shape(|q| {
            let joint = CaseStatement::new().case(col(R::Joint).eq(true), 1).finally(0);
            q.expr_as(Expr::cust("COUNT(*)"), Alias::new("n_"))
                .expr_as(Expr::expr(joint).sum().cast_as("bigint"), Alias::new("joint_"));
        });
    let rows = counted.rows().await?;
    let Some(row) = rows.first() else { return Ok((0, 0)) };
    Ok((row.try_get_by_index(0)?, row.try_get_by_index::<Option<i64>>(1)?.unwrap_or_default()))
}

fn decimal(unit: Unit, value: Option<Exact>) -> Option<Decimal> {
    unit.text(value?, 0)?.parse().ok().map(Decimal)
}

/// How well marketing and sales work together.
#[Object]
impl AlignmentIndex {
    /// 0 to 100, rounded half-even to six places; null where nothing could be computed, and when it is withheld.
    async fn value(&self) -> Option<Decimal> {
        decimal(Unit::Score, self.found.index.map(|index| index.value))
    }

    /// Whether one of its parts rests on too few records for the caller to be told, and so the whole.
    async fn withheld(&self) -> bool {
        self.found.withheld
    }

    /// Its seven parts.
    async fn components(&self) -> Vec<AlignmentComponent<'_>> {
        (0..COMPONENTS.len()).map(|at| AlignmentComponent { whole: self, at }).collect()
    }

    /// Parts that could not be computed: the weights of the others count for the whole. Empty when it is withheld.
    async fn excluded(&self) -> Vec<Term<Key>> {
        let none = |(_, part): &(_, &Figures)| part.worked.value.is_none() && !self.found.withheld;
        let parts = COMPONENTS.into_iter().zip(&self.found.figures);
        parts.filter(none).filter_map(|(metric, _)| Key::of(metric).map(Term)).collect()
    }

    /// The version of the agreement that says how it is weighed; null where the standard weights hold, and without
    /// AGREEMENT_READ.
    async fn agreement_version(&self) -> Node<agreement_version::Entity> {
        self.version.map(RowId::uuid).into()
    }

    /// How often people thanked each other in the period: told beside the index, not a part of it.
    async fn recognitions(&self) -> i32 {
        whole(self.thanks.0)
    }

    /// How many of these went across sides or teams.
    async fn joint_recognitions(&self) -> i32 {
        whole(self.thanks.1)
    }
}

pub struct AlignmentComponent<'a> {
    whole: &'a AlignmentIndex,
    at: usize,
}

/// A part of the alignment index.
#[Object]
impl AlignmentComponent<'_> {
    /// Which metric.
    async fn key(&self) -> Option<Term<Key>> {
        Key::of(COMPONENTS[self.at]).map(Term)
    }

    /// What it weighs beside the others.
    async fn weight(&self) -> Option<Decimal> {
        decimal(Unit::Ratio, Some(self.whole.weights.weights[self.at]))
    }

    /// At which value it is as good as can be.
    async fn target(&self) -> Option<Decimal> {
        decimal(Unit::Ratio, Some(self.whole.weights.targets[self.at]))
    }

    /// How good it is, 0 to 1: the metric through its target, at most 1. Null where the metric has no value, and when it is
    /// withheld.
    async fn reached(&self) -> Option<Decimal> {
        let part = &self.whole.found.figures[self.at];
        let value = part.worked.value.filter(|_| !part.withheld)?;
        decimal(Unit::Ratio, self.whole.weights.reached(self.at, value))
    }

    /// The metric, with numerator, denominator and what is behind it.
    async fn metric(&self) -> MetricResult {
        MetricResult::known(self.whole.ask.clone(), COMPONENTS[self.at], self.whole.found.figures[self.at].clone())
    }
}
