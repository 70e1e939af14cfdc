//! Judges opportunities by the criteria of the stages they are to leave: at most four statements, however many there
//! are. What it reads is the organisation's, whoever asks: a rule must not depend on who is bound by it.

use std::collections::{HashMap, HashSet};

use entity::{
    activity::{Column as A, Entity as Activity, Kind as ActivityKind},
    buyer_confirmation::{Column as B, Entity as Confirmation},
    committee_member::{Column as M, CommitteeRole, Entity as Member},
    id::{OpportunityId, RowId, StageCriterionId, StageId},
    money::Currency,
    opportunity::{self, ActiveModel},
    stage_criterion::{Column as C, CriterionKind, Entity, Model},
    word::Word,
};
use sea_orm::{
    ActiveModelTrait, ActiveValue, Condition, ExprTrait, QueryResult, Value,
    sea_query::{Expr, IntoIden},
};
use uuid::Uuid;

use super::{
    definition::{self, COMMITTEE, CUSTOM},
    judge::{DECIMALS, Found, Judgement, judge},
};
use crate::{
    crm::whole,
    error::Result,
    graph::{Kind, field::Shape},
    store::{Access, Guarded, Scoped, Tx, column, within_ids},
};

/// Through what the rows are read.
#[derive(Clone, Copy)]
pub enum Reader<'a> {
    /// Inside somebody's work.
    Work(&'a Tx),
    /// For an answer.
    Answer(&'a Access),
}

/// An opportunity that is to leave these stages.
pub struct Leaving<'a> {
    pub id: OpportunityId,
    pub row: &'a ActiveModel,
    pub stages: Vec<StageId>,
}

pub struct Judged {
    pub criterion: Model,
    pub judgement: Judgement,
}

impl Reader<'_> {
    fn everything(self) -> Access {
        match self {
            Self::Work(tx) => whole(tx.access()),
            Self::Answer(access) => whole(access),
        }
    }

    async fn models<E: Guarded>(self, scoped: Scoped<E>) -> Result<Vec<E::Model>> {
        match self {
            Self::Work(tx) => tx.read(scoped).await,
            Self::Answer(_) => scoped.models().await,
        }
    }

    async fn cells<E>(self, scoped: Scoped<E>) -> Result<Vec<QueryResult>> {
        match self {
            Self::Work(tx) => tx.cells(scoped).await,
            Self::Answer(_) => scoped.rows().await,
        }
    }
}

/// For each opportunity its criteria in the order of stages given, and of their places.
pub async fn judged(reader: Reader<'_>, leaving: &[Leaving<'_>]) -> Result<Vec<Vec<Judged>>> {
    let criteria = criteria(reader, leaving).await?;
    let seen = Seen::look(reader, leaving, &criteria).await?;
    let one = |one: &Leaving<'_>| {
        let theirs = one.stages.iter().flat_map(|stage| criteria.iter().filter(move |c| c.stage_id == *stage));
        let judged = |c: &Model| Judged { judgement: judge(c, seen.found(c, one)), criterion: c.clone() };
        theirs.map(judged).collect()
    };
    Ok(leaving.iter().map(one).collect())
}

async fn criteria(reader: Reader<'_>, leaving: &[Leaving<'_>]) -> Result<Vec<Model>> {
    let mut stages: Vec<Uuid> = leaving.iter().flat_map(|one| one.stages.iter().map(|id| id.uuid())).collect();
    stages.sort_unstable();
    stages.dedup();
    if stages.is_empty() {
        return Ok(vec![]);
    }
    let theirs = Condition::all().add(Expr::col((Entity::NAME, C::StageId)).is_in(stages));
    let mut found = reader.models(Scoped::<Entity>::read(&reader.everything()).filter(theirs)).await?;
    found.sort_by_key(|c| (c.position, c.id));
    Ok(found)
}

/// What there is beside the rows themselves.
#[derive(Default)]
struct Seen {
    activities: HashMap<(Uuid, ActivityKind), i64>,
    confirmed: HashMap<(Uuid, StageCriterionId), i64>,
    committee: HashSet<(Uuid, CommitteeRole, Uuid)>,
}

impl Seen {
    /// A statement for each of the three that a criterion asks for.
    async fn look(reader: Reader<'_>, leaving: &[Leaving<'_>], criteria: &[Model]) -> Result<Self> {
        let ids: Vec<Uuid> = leaving.iter().map(|one| one.id.uuid()).collect();
        let wanted = |kind| criteria.iter().any(|c| c.kind == kind);
        let mut seen = Self::default();
        if wanted(CriterionKind::Activity) {
            seen.activities = activities(reader, &ids).await?;
        }
        if wanted(CriterionKind::BuyerEvidence) {
            seen.confirmed = confirmed(reader, &ids).await?;
        }
        if criteria.iter().any(|c| c.field.as_deref() == Some(COMMITTEE)) {
            seen.committee = committee(reader, &ids).await?;
        }
        Ok(seen)
    }

    fn found(&self, criterion: &Model, of: &Leaving<'_>) -> Found {
        let id = of.id.uuid();
        match criterion.kind {
            CriterionKind::BuyerEvidence => Found::Count(self.confirmed.get(&(id, criterion.id)).copied().unwrap_or(0)),
            CriterionKind::Activity => {
                let kind = criterion.activity_kind.and_then(|kind| self.activities.get(&(id, kind)));
                Found::Count(kind.copied().unwrap_or(0))
            }
            CriterionKind::Field if criterion.field.as_deref() == Some(COMMITTEE) => {
                let plays = |role: &CommitteeRole| criterion.committee_role.is_none_or(|wanted| wanted == *role);
                let theirs = self.committee.iter().filter(|(of, role, _)| *of == id && plays(role));
                let people: HashSet<&Uuid> = theirs.map(|(.., contact)| contact).collect();
                Found::Count(i64::try_from(people.len()).unwrap_or(i64::MAX))
            }
            CriterionKind::Field => field(criterion.field.as_deref().unwrap_or_default(), of.row),
        }
    }
}

/// Rows about these opportunities.
fn about<E: Guarded>(reader: Reader<'_>, key: &'static str, ids: &[Uuid]) -> Scoped<E> {
    let all = reader.everything();
    let backend = all.store().backend();
    Scoped::<E>::read(&all).filter(within_ids((E::NAME, key), ids, backend))
}

/// How often two columns have the same values.
fn counted<E: Guarded>(scoped: Scoped<E>, columns: [impl IntoIden + Copy; 2]) -> Scoped<E> {
    scoped.shape(|q| {
        for column in columns {
            q.column((E::NAME, column.into_iden()));
            q.group_by_col((E::NAME, column.into_iden()));
        }
        q.expr(Expr::cust("COUNT(*)"));
    })
}

async fn activities(reader: Reader<'_>, ids: &[Uuid]) -> Result<HashMap<(Uuid, ActivityKind), i64>> {
    let column = |c: A| Expr::col((Activity::NAME, c));
    let task = column(A::Kind).eq(ActivityKind::Task);
    let done = Condition::any()
        .add(Condition::all().add(task.clone()).add(column(A::DoneAt).is_not_null()))
        .add(Condition::all().add(task.not()).add(column(A::HappenedAt).is_not_null()));
    let rows = about::<Activity>(reader, "opportunity_id", ids).filter(done);
    let mut found = HashMap::new();
    for row in reader.cells(counted(rows, [A::OpportunityId, A::Kind])).await? {
        if let Some(kind) = ActivityKind::parse(&row.try_get_by_index::<String>(1)?) {
            found.insert((row.try_get_by_index(0)?, kind), row.try_get_by_index(2)?);
        }
    }
    Ok(found)
}

async fn confirmed(reader: Reader<'_>, ids: &[Uuid]) -> Result<HashMap<(Uuid, StageCriterionId), i64>> {
    let rows = about::<Confirmation>(reader, "opportunity_id", ids);
    let mut found = HashMap::new();
    for row in reader.cells(counted(rows, [B::OpportunityId, B::StageCriterionId])).await? {
        let criterion = StageCriterionId::from_uuid(row.try_get_by_index(1)?);
        found.insert((row.try_get_by_index(0)?, criterion), row.try_get_by_index(2)?);
    }
    Ok(found)
}

async fn committee(reader: Reader<'_>, ids: &[Uuid]) -> Result<HashSet<(Uuid, CommitteeRole, Uuid)>> {
    let rows = about::<Member>(reader, "opportunity_id", ids).shape(|q| {
        for column in [M::OpportunityId, M::Role, M::ContactId] {
            q.column((Member::NAME, column));
        }
    });
    let mut found = HashSet::new();
    for row in reader.cells(rows).await? {
        if let Some(role) = CommitteeRole::parse(&row.try_get_by_index::<String>(1)?) {
            found.insert((row.try_get_by_index(0)?, role, row.try_get_by_index(2)?));
        }
    }
    Ok(found)
}

/// What a field of the row holds.
fn field(name: &str, row: &ActiveModel) -> Found {
    if let Some(key) = name.strip_prefix(CUSTOM) {
        return custom(row.custom.try_as_ref().and_then(|custom| custom.get(key)));
    }
    let value = |name: &str| match row.get(column::<opportunity::Entity>(name).ok()?) {
        ActiveValue::Set(v) | ActiveValue::Unchanged(v) => Some(v),
        ActiveValue::NotSet => None,
    };
    let Some(field) = definition::field(name) else { return Found::Nothing };
    match (&field.shape, field.key().and_then(value)) {
        (Shape::Money(..), Some(Value::BigInt(Some(minor)))) => {
            let currency: Option<Currency> = row.currency.try_as_ref().copied().flatten();
            let shift = DECIMALS.saturating_sub(currency.map_or(2, Currency::exponent));
            Found::Number(i128::from(minor) * 10_i128.pow(shift))
        }
        (Shape::Column(_, Kind::Integer), Some(Value::Int(Some(n)))) => {
            Found::Number(i128::from(n) * 10_i128.pow(DECIMALS))
        }
        (_, Some(v)) if v != v.as_null() => Found::Filled,
        _ => Found::Nothing,
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a custom number has no exact form; four decimals of it count")]
fn custom(value: Option<&serde_json::Value>) -> Found {
    match value {
        None | Some(serde_json::Value::Null | serde_json::Value::Bool(false)) => Found::Nothing,
        Some(serde_json::Value::Number(n)) => {
            n.as_f64().map_or(Found::Filled, |n| Found::Number((n * 10_000.0).round() as i128))
        }
        Some(_) => Found::Filled,
    }
}
