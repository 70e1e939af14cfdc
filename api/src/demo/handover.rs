//! Writes down how leads come from marketing to sales, by the steps of the API: definitions in force judge them, routing
//! finds somebody, and whoever that is answers.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entity::{
    handoff,
    id::{LeadId, RowId, UserId},
    lead::{self, Status},
};
use sea_orm::{ColumnTrait, ExprTrait};
use uuid::Uuid;

use super::{
    plan::{Act, Ref, What},
    write::{Writer, locked},
};
use crate::{
    alignment::{
        agreement::active_in,
        handoff as handoffs,
        qualification::{QualificationBody, verdict},
        rule::History,
        sla,
    },
    crm::Reader,
    error::{Error, Result},
    graph::{
        Patch, Record,
        record::{Target, save_all},
    },
    store::{Access, Scoped, Tx},
};

impl Writer<'_> {
    /// Leads come to a stage: each meets the definition that is in force then, and keeps its version.
    pub(super) async fn reach(&self, tx: &mut Tx, acts: &[&Act]) -> Result<()> {
        let What::Reach(_, stage) = acts[0].what else { return Ok(()) };
        let agreed = active_in::<QualificationBody>(tx, stage.key()).await?;
        let agreed = agreed.ok_or_else(|| Error::internal(format!("no definition of {}", stage.key())))?;
        let leads = self.leads(tx, acts).await?;
        let ids: Vec<LeadId> = leads.iter().map(|lead| lead.id).collect();
        let (history, now) = (History::of(Reader::Tx(tx), &ids).await?, tx.access().now());
        let mut reached = vec![];
        for lead in leads {
            let verdict = verdict(&agreed.body, &history.facts(&lead, now));
            if !verdict.met {
                return Err(Error::internal(format!("{} on {now}: {:?}", stage.key(), verdict.criteria)));
            }
            let told = Patch::default().with("agreement_version_id", agreed.version.uuid());
            reached.push((lead, told.with("status", stage.status())));
        }
        save_all::<lead::Entity>(tx, reached).await?;
        Ok(())
    }

    pub(super) async fn offer(&mut self, tx: &mut Tx, acts: &[&Act]) -> Result<()> {
        let leads = self.leads(tx, acts).await?;
        let offers = handoffs::place_all(tx, &leads).await?;
        let moved = leads.into_iter().map(|lead| (lead, Patch::default().with("status", Status::Offered)));
        save_all::<lead::Entity>(tx, moved.collect()).await?;
        let mut made: HashMap<Uuid, handoff::Model> =
            offers.into_iter().map(|offer| (offer.lead_id.uuid(), offer)).collect();
        for act in acts {
            let of = act.what.of();
            self.made(of, made.remove(&self.id(of)?))?;
        }
        Ok(())
    }

    fn made(&mut self, lead: Ref, offer: Option<handoff::Model>) -> Result<()> {
        let place = |user: UserId| self.ground.people.iter().position(|one| *one == user);
        let to = offer.and_then(|offer| Some((offer.id, offer.offered_user_id.and_then(place)?)));
        let to = to.ok_or_else(|| Error::internal(format!("{lead:?} is offered to nobody")))?;
        self.offers.insert(lead, to);
        Ok(())
    }

    /// Each answer at its own instant.
    pub(super) async fn answer(&self, tx: &mut Tx, acts: &[&Act]) -> Result<()> {
        let written: DateTime<Utc> = tx.access().now();
        for act in acts {
            let (of, at, step, told) = match &act.what {
                What::Accept(of, at) => (of, at, "Accept", Patch::default()),
                What::Reject(of, at, told) => (of, at, "Reject", self.patch(told)?),
                _ => continue,
            };
            let (offer, _) = self.offers.get(of).ok_or_else(|| Error::internal(format!("{of:?} is not offered")))?;
            let step = handoff::Entity::meta().named(step).ok_or_else(|| Error::internal("no such step"))?;
            tx.at(*at);
            let target = Target { id: offer.uuid(), version: None };
            let done = step.act.within(tx, target, told).await;
            done.map_err(|e| Error::internal(format!("{:?}: {e}", act.what)))?;
        }
        tx.at(written);
        Ok(())
    }

    /// The ladder does what is due by now, and gives the lead to somebody else.
    pub(super) async fn wait(&mut self, access: &Access, of: Ref) -> Result<()> {
        let lead = LeadId::from_uuid(self.id(of)?);
        sla::catch_up(access, Some(&[lead])).await?;
        let waits = handoff::Column::LeadId.eq(lead.uuid()).and(handoff::Column::State.eq(handoff::State::Pending));
        let offer = Scoped::<handoff::Entity>::read(access).filter(waits).one().await?;
        self.made(of, offer)
    }

    async fn leads(&self, tx: &mut Tx, acts: &[&Act]) -> Result<Vec<lead::Model>> {
        let ids = acts.iter().map(|act| self.id(act.what.of())).collect::<Result<Vec<Uuid>>>()?;
        locked::<lead::Entity>(tx, &ids).await
    }
}
