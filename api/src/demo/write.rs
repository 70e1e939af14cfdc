//! Writes a plan down through the kit: all that one person did or wrote down at one instant is one unit of work, at that
//! instant and in that person's name, so that rules, history and events are those of the API.

use std::collections::{BTreeMap, HashMap, hash_map::Entry};

use async_graphql::Value as ConstValue;
use chrono::{DateTime, Utc};
use entity::{
    account, activity, campaign, campaign_cost, campaign_member, contact, lead, opportunity, product, stage, touchpoint,
};
use entity::{
    id::{HandoffId, OrganizationId, RowId, UserId},
    money::{Currency, Money},
};
use sea_orm::Value;
use serde_json::json;
use uuid::Uuid;

use super::{
    people::{HOLDER, NOBODY, acting},
    plan::{Act, Calendar, Cell, Ref, Row, What},
};
use crate::{
    actor::{Actor, Permission},
    error::{Error, Result},
    graph::{
        Patch, Record,
        record::save_all,
        upsert::{self, Bulk, OnConflict, Status},
    },
    store::{Access, Scoped, Store, Tx, id_of, within_ids},
};

/// Where it is written, and what is written already.
pub struct Writer<'a> {
    pub(super) ground: Ground<'a>,
    currency: Currency,
    stages: Vec<Uuid>,
    written: HashMap<Ref, Uuid>,
    /// The offer of each lead that was made last, and to whom among the people.
    pub(super) offers: HashMap<Ref, (HandoffId, usize)>,
}

/// The organisation that is filled.
#[derive(Clone, Copy)]
pub struct Ground<'a> {
    pub store: &'a Store,
    pub organization: OrganizationId,
    pub people: &'a [UserId],
    pub calendar: &'a Calendar,
}

impl Ground<'_> {
    /// One of the people, or Accord by itself, at an instant.
    pub fn at(&self, who: usize, at: DateTime<Utc>) -> Access {
        let actor = match who {
            NOBODY => Actor::system(self.organization),
            _ => acting(self.organization, self.people[who]),
        };
        Access::new(self.store.clone(), actor, None).at(at)
    }

    /// In a half week of the plan.
    pub fn on(&self, tick: i64, who: usize) -> Access {
        self.at(who, self.calendar.instant(tick, who))
    }
}

/// Writes rows as an upsert would; their ids.
pub async fn rows<E: Record>(tx: &mut Tx, rows: Vec<serde_json::Value>) -> Result<Vec<Uuid>> {
    if rows.is_empty() {
        return Ok(vec![]);
    }
    let rows = rows.into_iter().map(|row| ConstValue::from_json(row).map_err(Error::internal));
    let rows = rows.collect::<Result<_>>()?;
    let bulk = Bulk { match_on: None, on_conflict: OnConflict::Update, atomic: true, dry_run: false, rows };
    let made = upsert::write::<E>(tx, bulk).await?;
    let id = |one: upsert::Outcome| match (one.status, one.id) {
        (Status::Created, Some(id)) => Ok(id),
        _ => Err(Error::internal(format!("{}: {:?}", E::NAME, one.faults))),
    };
    made.into_iter().map(id).collect()
}

impl<'a> Writer<'a> {
    /// `reasons` are the organisation's reasons to reject a lead, as the plan counts them.
    pub async fn new(ground: Ground<'a>, reasons: &[Uuid]) -> Result<Self> {
        let access = Access::new(ground.store.clone(), Actor::system(ground.organization), None);
        let tx = access.begin(Permission::PipelineRead).await?;
        let mut stages = tx.read(Scoped::<stage::Entity>::read(&access)).await?;
        stages.sort_by_key(|stage| stage.position);
        let stages = stages.into_iter().map(|stage| stage.id.uuid()).collect();
        let currency = "EUR".parse().map_err(Error::internal)?;
        let reasons = reasons.iter().enumerate();
        let written = reasons.map(|(at, id)| (Ref { table: "rejection_reason", at }, *id)).collect();
        Ok(Self { ground, currency, stages, written, offers: HashMap::new() })
    }

    /// The acts in their order; `told` hears how many are written.
    pub async fn write(&mut self, acts: &[Act], told: &(dyn Fn(usize) + Send + Sync)) -> Result<()> {
        let mut done = 0;
        for work in acts.chunk_by(|a, b| (a.at, a.who) == (b.at, b.who)) {
            let Some(first) = work.first() else { continue };
            for (who, work) in self.hands(first.who, work)? {
                self.unit(&self.ground.at(who, first.at), &work).await?;
            }
            done += work.len();
            told(done);
        }
        Ok(())
    }

    async fn unit(&mut self, access: &Access, work: &[&Act]) -> Result<()> {
        if matches!(work[0].what, What::Wait(_)) {
            for act in work {
                self.wait(access, act.what.of()).await?;
            }
            return Ok(());
        }
        let mut tx = access.begin(Permission::ImportCreate).await?;
        for same in work.chunk_by(|a, b| a.group() == b.group()) {
            self.rows(&mut tx, same).await?;
        }
        tx.commit(serde_json::Value::Null).await
    }

    /// Who does which of it: whoever has the lead, where the plan leaves it open.
    fn hands<'b>(&self, who: usize, work: &'b [Act]) -> Result<BTreeMap<usize, Vec<&'b Act>>> {
        let mut hands: BTreeMap<usize, Vec<&Act>> = BTreeMap::new();
        for act in work {
            let who = if who == HOLDER { self.holder(act.what.of())? } else { who };
            hands.entry(who).or_default().push(act);
        }
        Ok(hands)
    }

    /// Acts of one kind on one table.
    async fn rows(&mut self, tx: &mut Tx, acts: &[&Act]) -> Result<()> {
        match &acts[0].what {
            What::Make(of, _) => match of.table {
                "product" => self.bulk::<product::Entity>(tx, acts).await,
                "campaign" => self.bulk::<campaign::Entity>(tx, acts).await,
                "campaign_cost" => self.bulk::<campaign_cost::Entity>(tx, acts).await,
                "campaign_member" => self.bulk::<campaign_member::Entity>(tx, acts).await,
                "account" => self.bulk::<account::Entity>(tx, acts).await,
                "contact" => self.bulk::<contact::Entity>(tx, acts).await,
                "lead" => self.bulk::<lead::Entity>(tx, acts).await,
                "touchpoint" => self.bulk::<touchpoint::Entity>(tx, acts).await,
                "opportunity" => self.bulk::<opportunity::Entity>(tx, acts).await,
                _ => self.bulk::<activity::Entity>(tx, acts).await,
            },
            What::Change(of, _) if of.table == "lead" => self.bulk::<lead::Entity>(tx, acts).await,
            What::Change(..) => self.bulk::<opportunity::Entity>(tx, acts).await,
            What::Step(of, _) if of.table == "campaign" => self.steps::<campaign::Entity>(tx, acts).await,
            What::Step(..) | What::Finish(..) => self.steps::<lead::Entity>(tx, acts).await,
            What::Reach(..) => self.reach(tx, acts).await,
            What::Offer(_) | What::Wait(_) => self.offer(tx, acts).await,
            What::Accept(..) | What::Reject(..) => self.answer(tx, acts).await,
        }
    }

    async fn bulk<E: Record>(&mut self, tx: &mut Tx, acts: &[&Act]) -> Result<()> {
        let changing = matches!(acts[0].what, What::Change(..));
        let rows = acts.iter().map(|act| self.input(&act.what)).collect::<Result<_>>()?;
        let match_on = changing.then_some("id");
        let bulk = Bulk { match_on, on_conflict: OnConflict::Update, atomic: true, dry_run: false, rows };
        for (act, outcome) in acts.iter().zip(upsert::write::<E>(tx, bulk).await?) {
            match (outcome.status, outcome.id, &act.what) {
                (Status::Created, Some(id), What::Make(of, _)) => _ = self.written.insert(*of, id),
                (Status::Updated | Status::Unchanged, ..) => {}
                _ => return Err(Error::internal(format!("{:?}: {:?}", act.what, outcome.faults))),
            }
        }
        Ok(())
    }

    /// Rules are asked once for all; of two steps of one record the second comes after the first.
    async fn steps<E: Record>(&self, tx: &mut Tx, acts: &[&Act]) -> Result<()> {
        let mut left = acts.to_vec();
        while !left.is_empty() {
            let mut now = HashMap::new();
            let mut next = vec![];
            for act in left {
                let id = self.id(act.what.of())?;
                match now.entry(id) {
                    Entry::Occupied(_) => next.push(act),
                    Entry::Vacant(free) => _ = free.insert(act),
                }
            }
            let ids: Vec<Uuid> = now.keys().copied().collect();
            let mut rows = vec![];
            for row in locked::<E>(tx, &ids).await? {
                let (What::Step(_, told) | What::Finish(_, told)) = &now[&id_of::<E>(&row)?].what else { continue };
                rows.push((row, self.patch(told)?));
            }
            save_all::<E>(tx, rows).await.map_err(|e| Error::internal(format!("{:?}: {e}", acts[0].what)))?;
            left = next;
        }
        Ok(())
    }

    pub(super) fn patch(&self, told: &Row) -> Result<Patch> {
        told.iter().try_fold(Patch::default(), |patch, (name, cell)| Ok(patch.with(name, self.value(cell)?)))
    }

    pub(super) fn id(&self, of: Ref) -> Result<Uuid> {
        self.written.get(&of).copied().ok_or_else(|| Error::internal(format!("{of:?} is not written yet")))
    }

    /// Whoever has a lead, or is offered it.
    fn holder(&self, lead: Ref) -> Result<usize> {
        let (_, who) = self.offers.get(&lead).ok_or_else(|| Error::internal(format!("nobody has {lead:?}")))?;
        Ok(*who)
    }

    fn input(&self, what: &What) -> Result<ConstValue> {
        let (What::Make(of, row) | What::Change(of, row)) = what else {
            return Err(Error::internal(format!("{what:?} is no input")));
        };
        let mut input = self.object(row)?;
        if matches!(what, What::Change(..)) {
            input.insert("id".into(), named(of.table, self.id(*of)?));
        }
        ConstValue::from_json(input.into()).map_err(Error::internal)
    }

    fn object(&self, row: &Row) -> Result<serde_json::Map<String, serde_json::Value>> {
        row.iter().map(|(name, cell)| Ok(((*name).to_owned(), self.json(cell)?))).collect()
    }

    fn json(&self, cell: &Cell) -> Result<serde_json::Value> {
        Ok(match cell {
            Cell::Text(text) => json!(text),
            Cell::Whole(n) => json!(n),
            Cell::Yes(yes) => json!(yes),
            Cell::Money(minor) => {
                let money = Money { amount_minor: *minor, currency: self.currency };
                json!({ "amount": money.amount(), "currency": self.currency.to_string() })
            }
            Cell::Day(day) => json!(day.to_string()),
            Cell::Time(at) => json!(at.to_rfc3339()),
            Cell::Of(of) => named(of.table, self.id(*of)?),
            Cell::Person(who) => json!(self.ground.people[*who].to_string()),
            Cell::Holder(lead) => json!(self.ground.people[self.holder(*lead)?].to_string()),
            Cell::Stage(at) => named("stage", self.stages[*at]),
        })
    }

    fn value(&self, cell: &Cell) -> Result<Value> {
        Ok(match cell {
            Cell::Text(text) => text.clone().into(),
            Cell::Whole(n) => (*n).into(),
            Cell::Yes(yes) => (*yes).into(),
            Cell::Money(minor) => (*minor).into(),
            Cell::Day(day) => (*day).into(),
            Cell::Time(at) => (*at).into(),
            Cell::Of(of) => self.id(*of)?.into(),
            Cell::Person(who) => self.ground.people[*who].uuid().into(),
            Cell::Holder(lead) => self.ground.people[self.holder(*lead)?].uuid().into(),
            Cell::Stage(at) => self.stages[*at].into(),
        })
    }
}

/// These rows, locked.
pub async fn locked<E: Record>(tx: &mut Tx, ids: &[Uuid]) -> Result<Vec<E::Model>> {
    tx.lock_where::<E>(within_ids((E::NAME, "id"), ids, tx.access().store().backend())).await
}

fn named(table: &str, id: Uuid) -> serde_json::Value {
    json!(super::desk::id(table, id))
}
