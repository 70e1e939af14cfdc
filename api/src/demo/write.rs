//! Writes a plan down through the kit: for each person and half week one unit of work, at that time and in that
//! person's name, so that rules, history and events are those of the API.

use std::collections::HashMap;

use async_graphql::Value as ConstValue;
use entity::{
    account, activity, campaign, campaign_cost, campaign_member, contact, lead, opportunity, product, stage, touchpoint,
};
use entity::{
    id::{OrganizationId, RowId, UserId},
    money::{Currency, Money},
};
use sea_orm::Value;
use serde_json::json;
use uuid::Uuid;

use super::{
    people::acting,
    plan::{Act, Calendar, Cell, Ref, Row, What},
};
use crate::{
    actor::{Actor, Permission},
    error::{Error, Result},
    graph::{
        Patch, Record,
        record::save,
        upsert::{self, Bulk, OnConflict, Status},
    },
    store::{Access, Scoped, Store, Tx},
};

/// Where it is written, and what is written already.
pub struct Writer<'a> {
    store: &'a Store,
    organization: OrganizationId,
    people: &'a [UserId],
    calendar: Calendar,
    currency: Currency,
    stages: Vec<Uuid>,
    written: HashMap<Ref, Uuid>,
}

/// The organisation that is filled.
pub struct Ground<'a> {
    pub store: &'a Store,
    pub organization: OrganizationId,
    pub people: &'a [UserId],
    pub calendar: Calendar,
}

impl<'a> Writer<'a> {
    pub async fn new(ground: Ground<'a>) -> Result<Self> {
        let access = Access::new(ground.store.clone(), Actor::system(ground.organization), None);
        let tx = access.begin(Permission::PipelineRead).await?;
        let mut stages = tx.read(Scoped::<stage::Entity>::read(&access)).await?;
        stages.sort_by_key(|stage| stage.position);
        let stages = stages.into_iter().map(|stage| stage.id.uuid()).collect();
        let Ground { store, organization, people, calendar } = ground;
        let currency = "EUR".parse().map_err(Error::internal)?;
        Ok(Self { store, organization, people, calendar, currency, stages, written: HashMap::new() })
    }

    /// The acts in their order.
    pub async fn write(&mut self, acts: &[Act]) -> Result<()> {
        for work in acts.chunk_by(|a, b| (a.tick, a.who) == (b.tick, b.who)) {
            let Some(Act { tick, who, .. }) = work.first() else { continue };
            let actor = acting(self.organization, self.people[*who]);
            let access = Access::new(self.store.clone(), actor, None).at(self.calendar.instant(*tick, *who));
            let mut tx = access.begin(Permission::ImportCreate).await?;
            for same in work.chunk_by(|a, b| a.key() == b.key()) {
                self.rows(&mut tx, same).await?;
            }
            tx.commit(serde_json::Value::Null).await?;
        }
        Ok(())
    }

    /// Acts of one kind on one table.
    async fn rows(&mut self, tx: &mut Tx, acts: &[Act]) -> Result<()> {
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
            What::Change(..) => self.bulk::<opportunity::Entity>(tx, acts).await,
            What::Step(of, _) if of.table == "campaign" => self.steps::<campaign::Entity>(tx, acts).await,
            What::Step(..) | What::Finish(..) => self.steps::<lead::Entity>(tx, acts).await,
        }
    }

    async fn bulk<E: Record>(&mut self, tx: &mut Tx, acts: &[Act]) -> Result<()> {
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

    async fn steps<E: Record>(&self, tx: &mut Tx, acts: &[Act]) -> Result<()> {
        for act in acts {
            let (What::Step(of, row) | What::Finish(of, row)) = &act.what else { continue };
            let before = tx.lock::<E>(E::Id::from_uuid(self.id(*of)?)).await?;
            let mut patch = Patch::default();
            for (column, cell) in row {
                patch = patch.with(column, self.value(cell)?);
            }
            save::<E>(tx, Some(before), patch).await.map_err(|e| Error::internal(format!("{:?}: {e}", act.what)))?;
        }
        Ok(())
    }

    fn id(&self, of: Ref) -> Result<Uuid> {
        self.written.get(&of).copied().ok_or_else(|| Error::internal(format!("{of:?} is not written yet")))
    }

    fn input(&self, what: &What) -> Result<ConstValue> {
        let (What::Make(of, row) | What::Change(of, row) | What::Step(of, row) | What::Finish(of, row)) = what;
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
            Cell::Person(who) => json!(self.people[*who].to_string()),
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
            Cell::Person(who) => self.people[*who].uuid().into(),
            Cell::Stage(at) => self.stages[*at].into(),
        })
    }
}

fn named(table: &str, id: Uuid) -> serde_json::Value {
    json!(format!("{table}_{}", id.simple()))
}
