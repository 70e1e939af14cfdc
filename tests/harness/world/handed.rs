//! Leads on their way from one side to the other: offered, answered, disputed, waited for.

use api::{
    actor::{Actor, Permission},
    alignment::sla::{self, Begin},
};
use entity::sla_clock::Kind;
use serde_json::json;

use super::{Person, World};

impl World<'_> {
    pub(super) async fn lead(&self, status: &str) -> String {
        self.made("lead", json!({ "status": status })).await
    }

    pub(super) async fn called(&self, lead: String) -> String {
        self.made("activity", json!({ "kind": "MEETING", "leadId": lead })).await;
        lead
    }

    /// A lead offered to me, and the offer.
    pub(super) async fn offered(&self) -> (String, String) {
        let lead = self.then("leadOffer", self.lead("MQL").await, json!({})).await;
        let offer = self.first("handoffs", "leadId", &lead).await;
        (lead, offer)
    }

    pub(super) async fn accepted(&self) -> String {
        let (lead, offer) = self.offered().await;
        self.then("handoffAccept", offer, json!({})).await;
        lead
    }

    /// An offer of my lead that a colleague has rejected.
    pub(super) async fn rejected(&self) -> String {
        let colleague = self.colleague().await;
        let lead = self.then("leadOffer", self.lead("MQL").await, json!({ "userId": colleague })).await;
        let offer = self.first("handoffs", "leadId", &lead).await;
        let user = Some(colleague.parse().expect("a user"));
        let who = Person { app: self.me.app, actor: Actor { user, ..self.me.actor.clone() } };
        let mut have = self.known.clone();
        have.insert("id".into(), offer.clone());
        let arguments = self.sample.arguments("Mutation", "handoffReject", &have);
        assert_eq!(self.tries(&who, "handoffReject", &arguments).await.0, None);
        offer
    }

    pub(super) async fn disputed(&self) -> String {
        let offer = self.then("handoffDispute", self.rejected().await, json!({})).await;
        self.first("disputes", "handoffId", &offer).await
    }

    /// A dispute on which two others have signed different verdicts.
    pub(super) async fn tied(&self) -> String {
        let dispute = self.disputed().await;
        for (mutation, verdict) in [("disputeSignMarketing", "SALES_MISS"), ("disputeSignSales", "MARKETING_MISS")] {
            let arguments = json!({ "input": { "id": dispute, "verdict": verdict } });
            assert_eq!(self.tries(&self.other(), mutation, &arguments).await.0, None);
        }
        dispute
    }

    pub(super) async fn timed(&self) -> String {
        let lead = self.lead("WORKING").await;
        // nobody stops the clock that measures them
        let user = Some(self.colleague().await.parse().unwrap());
        let mut tx = self.access().begin(Permission::LeadUpdate).await.unwrap();
        let at = self.me.app.store.now();
        let begin =
            Begin { kind: Kind::FirstResponse, handoff: None, lead: lead.parse().unwrap(), user, priority: None, at };
        sla::start(&mut tx, &[begin]).await.unwrap();
        tx.commit(json!(null)).await.unwrap();
        self.first("slaClocks", "leadId", &lead).await
    }
}
