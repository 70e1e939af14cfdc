//! Disputes over credit: somebody says what is wrong with a touch, and how it should have been recorded. Once both sides
//! find that they are right the touch is corrected, and credit follows.

#![expect(clippy::doc_markdown, reason = "descriptions are read in the schema, where words have no backticks")]

use async_graphql::{Context, ID, InputObject, Object, Result as Answer, SimpleObject};
use entity::{
    campaign::{self, Channel},
    contact,
    dispute::{ActiveModel, AttributionClaim as Claim, Entity, Kind, Model, Status},
    id::{CampaignId, ContactId, DisputeId, LeadId, OpportunityId, RowId, TouchpointId},
    lead, opportunity, touchpoint,
    word::Word,
};
use futures_util::future::BoxFuture;
use sea_orm::ActiveValue::Set;
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::deals::{self, Reach};
use crate::{
    actor::Permission,
    crm::{Reader, all_rows},
    error::{Error, Fault, FaultCode, Result},
    graph::{
        Patch, Payload,
        derived::Term,
        record::{remembered, save},
        root::access,
        scalar::DateTime,
        value,
    },
    store::{Access, Guarded, Link, Scoped, Tx, within_ids},
};

/// How a touch should have been recorded; only what is claimed to be wrong.
#[derive(Clone, Debug, Serialize, Deserialize, SimpleObject, InputObject)]
#[serde(rename_all = "camelCase")]
#[graphql(input_name = "AttributionCorrectionInput")]
pub struct AttributionCorrection {
    /// What sort it was; MISSING_TOUCH needs it.
    pub kind: Option<Term<touchpoint::Kind>>,
    /// By which road it came; MISSING_TOUCH needs it.
    pub channel: Option<Term<Channel>>,
    /// When it happened; MISSING_TOUCH and WRONG_TIME need it. Not in the future.
    pub occurred_at: Option<DateTime>,
    /// The contact who did it: an id that begins with `contact_`. MISSING_TOUCH and WRONG_PERSON need this or the lead.
    pub contact_id: Option<ID>,
    /// The lead who did it: an id that begins with `lead_`.
    pub lead_id: Option<ID>,
    /// The campaign that led to a missing touch: an id that begins with `campaign_`.
    pub campaign_id: Option<ID>,
}

/// A dispute over credit.
#[derive(InputObject)]
pub struct AttributionDisputeInput {
    /// The sale: an id that begins with `opportunity_`.
    opportunity_id: ID,
    /// What is wrong.
    claim: Term<Claim>,
    /// The touch it is about: an id that begins with `touchpoint_`. Not with MISSING_TOUCH, else needed.
    touchpoint_id: Option<ID>,
    /// How it should have been recorded; not with NOT_MARKETING, else needed.
    correction: Option<AttributionCorrection>,
    /// The same in your words. At most 2000 characters.
    comment: String,
    /// Ids of records that speak for it: at most 50.
    evidence: Option<Vec<ID>>,
}

#[derive(Default)]
pub struct AttributionWrites;

#[Object]
impl AttributionWrites {
    /// Opens a dispute over the credit for a sale: a touch that was not recorded, was somebody else's, happened at another
    /// time, or was not marketing's doing. It ends when a manager of each side signs the same verdict, CLAIM_RIGHT or
    /// CLAIM_WRONG (`disputeSignMarketing`, `disputeSignSales`), or operations breaks the tie; if the claim is right the
    /// touch is corrected and credit computed anew. User errors: VALIDATION, NOT_FOUND, DUPLICATE when the same is
    /// claimed of the touch already. Takes an idempotency key; writes an event. Requires DISPUTE_CREATE.
    async fn attribution_dispute(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The input.")] input: AttributionDisputeInput,
    ) -> Answer<Payload<Entity>> {
        Ok(open(access(ctx)?, input).await.map(RowId::uuid).into())
    }
}

/// Ids in an input, as far as they are given.
struct Named {
    deal: OpportunityId,
    touch: Option<TouchpointId>,
    contact: Option<ContactId>,
    lead: Option<LeadId>,
    campaign: Option<CampaignId>,
}

fn id<I: RowId>(field: &str, id: Option<&ID>) -> Result<Option<I>> {
    id.map(|id| value::typed(field, id)).transpose()
}

impl Named {
    fn of(input: &AttributionDisputeInput) -> Result<Self> {
        let correction = input.correction.as_ref();
        let under = |error: Error| match error {
            Error::Refused(faults) => {
                Error::Refused(faults.into_iter().map(|fault| fault.under("correction")).collect())
            }
            other => other,
        };
        Ok(Self {
            deal: value::typed("opportunityId", &input.opportunity_id)?,
            touch: id("touchpointId", input.touchpoint_id.as_ref())?,
            contact: id("contactId", correction.and_then(|c| c.contact_id.as_ref())).map_err(under)?,
            lead: id("leadId", correction.and_then(|c| c.lead_id.as_ref())).map_err(under)?,
            campaign: id("campaignId", correction.and_then(|c| c.campaign_id.as_ref())).map_err(under)?,
        })
    }
}

/// What a claim needs and must not have. Pure.
fn sound(
    claim: Claim,
    touch: bool,
    correction: Option<&AttributionCorrection>,
    now: chrono::DateTime<chrono::Utc>,
) -> Vec<Fault> {
    let fault = |path: &[&str], what: &str| {
        let field = path.iter().map(|part| (*part).to_owned()).collect();
        Fault { code: FaultCode::Validation, message: what.to_owned(), field }
    };
    let mut faults = vec![];
    match (claim, touch) {
        (Claim::MissingTouch, true) => faults.push(fault(&["touchpointId"], "a touch that is missing has no id")),
        (Claim::MissingTouch, false) | (_, true) => {}
        (_, false) => faults.push(fault(&["touchpointId"], "this is required")),
    }
    let Some(given) = correction else {
        if claim != Claim::NotMarketing {
            faults.push(fault(&["correction"], "this is required"));
        }
        return faults;
    };
    let missing = claim == Claim::MissingTouch;
    let (person, time) = (claim == Claim::WrongPerson, claim == Claim::WrongTime);
    let parts = [
        ("kind", given.kind.is_some(), missing, missing),
        ("channel", given.channel.is_some(), missing, missing),
        ("occurredAt", given.occurred_at.is_some(), missing || time, missing || time),
        ("contactId", given.contact_id.is_some(), (missing || person) && given.lead_id.is_none(), missing || person),
        ("leadId", given.lead_id.is_some(), false, missing || person),
        ("campaignId", given.campaign_id.is_some(), false, missing),
    ];
    for (name, has, needs, may) in parts {
        if needs && !has {
            faults.push(fault(&["correction", name], &format!("{} needs this", claim.word())));
        } else if has && !may {
            faults.push(fault(&["correction", name], &format!("{} does not change this", claim.word())));
        }
    }
    if given.occurred_at.is_some_and(|at| at.0 > now) {
        faults.push(fault(&["correction", "occurredAt"], "this lies in the future"));
    }
    faults
}

async fn open(access: &Access, input: AttributionDisputeInput) -> Result<DisputeId> {
    let mut tx = access.begin(Permission::DisputeCreate).await?;
    let named = Named::of(&input)?;
    let faults = sound(input.claim.0, named.touch.is_some(), input.correction.as_ref(), access.now());
    if !faults.is_empty() {
        return Err(Error::Refused(faults));
    }
    let Some(comment) = value::text("comment", Some(input.comment), 2000, true)? else {
        return Err(Error::invalid("comment", "this is required"));
    };
    let evidence = input.evidence.unwrap_or_default();
    if evidence.len() > 50 || evidence.iter().any(|id| value::any_id(id).is_none()) {
        return Err(Error::invalid("evidence", "a list of at most 50 ids"));
    }
    seen(&tx, &named).await?;
    tied(&tx, input.claim.0, &named).await?;
    let correction = input.correction.map(serde_json::to_value).transpose().map_err(Error::internal)?;
    let row = ActiveModel {
        kind: Set(Kind::Attribution),
        opportunity_id: Set(Some(named.deal)),
        touchpoint_id: Set(named.touch),
        attribution_claim: Set(Some(input.claim.0)),
        correction: Set(correction),
        claim: Set(comment),
        evidence: Set(json!(evidence)),
        status: Set(Status::Open),
        ..Default::default()
    };
    let row = tx.insert::<Entity>(row).await?;
    tx.commit(remembered(row.id.uuid())).await?;
    Ok(row.id)
}

/// Everything that is named must be visible to the caller. One statement.
async fn seen(tx: &Tx, named: &Named) -> Result<()> {
    fn link<E: Guarded>(access: &Access, id: Option<Uuid>) -> Link {
        let ids = id.into_iter().collect();
        Link { scoped: Scoped::<E>::read(access).erased(), table: E::NAME, ids, lock: None }
    }
    let access = tx.access();
    let wanted = [
        (link::<opportunity::Entity>(access, Some(named.deal.uuid())), vec!["opportunityId"]),
        (link::<touchpoint::Entity>(access, named.touch.map(RowId::uuid)), vec!["touchpointId"]),
        (link::<contact::Entity>(access, named.contact.map(RowId::uuid)), vec!["correction", "contactId"]),
        (link::<lead::Entity>(access, named.lead.map(RowId::uuid)), vec!["correction", "leadId"]),
        (link::<campaign::Entity>(access, named.campaign.map(RowId::uuid)), vec!["correction", "campaignId"]),
    ];
    let ids: Vec<Vec<Uuid>> = wanted.iter().map(|(link, _)| link.ids.clone()).collect();
    let (links, fields): (Vec<_>, Vec<_>) = wanted.into_iter().unzip();
    let found = tx.linked(links).await?;
    for ((ids, found), field) in ids.iter().zip(found).zip(fields) {
        if ids.iter().any(|id| !found.contains(id)) {
            let field = field.into_iter().map(str::to_owned).collect();
            let message = "no such object, or you may not see it".to_owned();
            return Err(Error::Refused(vec![Fault { code: FaultCode::NotFound, message, field }]));
        }
    }
    Ok(())
}

/// The touch must be one of the sale's people, and so must who is said to have done one that is missing: else nothing that
/// both sides find would change the sale.
async fn tied(tx: &Tx, claim: Claim, named: &Named) -> Result<()> {
    let row = tx.read(Scoped::<opportunity::Entity>::read(tx.access()).ids(&[named.deal.uuid()])).await?.pop();
    let Some(row) = row else { return Err(Error::not_found("opportunityId")) };
    let (found, field) = if claim == Claim::MissingTouch {
        let field = if named.contact.is_some() { "contactId" } else { "leadId" };
        (deals::has_part(Reader::Tx(tx), row, named.contact, named.lead).await?, vec!["correction", field])
    } else {
        let only = named.touch.map(RowId::uuid);
        let reach = Reach { whole: true, look_back: None, most: Some(1), only };
        let deals = deals::load(Reader::Tx(tx), vec![row], reach).await?;
        let touches = deals.iter().flatten().map(|deal| deal.touches.len()).sum::<usize>();
        (touches > 0, vec!["touchpointId"])
    };
    if found {
        return Ok(());
    }
    let field = field.into_iter().map(str::to_owned).collect();
    let message = "nobody of the sale's committee or account did this".to_owned();
    Err(Error::Refused(vec![Fault { code: FaultCode::Validation, message, field }]))
}

/// A step: the touch as the dispute says. Whoever signs need not be allowed to do it by hand.
pub async fn uphold(tx: &mut Tx, dispute: &Model) -> Result<()> {
    tx.as_deputy(|tx| correct(tx, dispute.clone())).await
}

fn correct(tx: &mut Tx, dispute: Model) -> BoxFuture<'_, Result<()>> {
    Box::pin(async move {
        let patch = patch(tx, &dispute).await?;
        let before = match dispute.touchpoint_id {
            None => None,
            Some(id) => {
                let this = within_ids((touchpoint::Entity::NAME, "id"), &[id.uuid()], tx.access().store().backend());
                let found = tx.lock_followers::<touchpoint::Entity>(this).await?.pop();
                let living = found.filter(|row| row.deleted_at.is_none());
                Some(
                    living
                        .ok_or_else(|| Error::refused(FaultCode::NotFound, "id", "the touch is not there any more"))?,
                )
            }
        };
        save::<touchpoint::Entity>(tx, before, patch).await?;
        Ok(())
    })
}

/// Who did it, as they are known by now: merged records are what they were merged into, leads the contacts they became.
struct Person {
    contact: Option<Uuid>,
    lead: Option<Uuid>,
    account: Option<Uuid>,
}

/// Merges that one id may have gone through.
const FURTHEST: usize = 20;

async fn present(tx: &Tx, table: &str, id: Option<Uuid>) -> Result<Option<Uuid>> {
    let Some(mut id) = id else { return Ok(None) };
    for _ in 0..FURTHEST {
        let Some(next) = tx.merged_into(table, id).await? else { break };
        id = next;
    }
    Ok(Some(id))
}

impl Person {
    async fn of(tx: &Tx, given: &AttributionCorrection) -> Result<Self> {
        let contact = id::<ContactId>("contactId", given.contact_id.as_ref())?.map(RowId::uuid);
        let lead = id::<LeadId>("leadId", given.lead_id.as_ref())?.map(RowId::uuid);
        let mut contact = present(tx, contact::Entity::NAME, contact).await?;
        let lead = present(tx, lead::Entity::NAME, lead).await?;
        let all = all_rows(tx);
        let mut account = None;
        if let Some(lead) = lead {
            let row = tx.read(Scoped::<lead::Entity>::read(&all).ids(&[lead])).await?.pop();
            contact = contact.or(row.as_ref().and_then(|row| row.converted_contact_id).map(RowId::uuid));
            account = row.and_then(|row| row.converted_account_id).map(RowId::uuid);
        }
        if let Some(contact) = contact {
            let row = tx.read(Scoped::<contact::Entity>::read(&all).ids(&[contact])).await?.pop();
            account = row.and_then(|row| row.account_id).map(RowId::uuid).or(account);
        }
        Ok(Self { contact, lead, account })
    }

    fn fill(&self, patch: Patch) -> Patch {
        patch.with("contact_id", self.contact).with("lead_id", self.lead).with("account_id", self.account)
    }
}

/// The values that a dispute claims.
async fn patch(tx: &Tx, dispute: &Model) -> Result<Patch> {
    let broken = || Error::internal(format!("{}: a dispute over credit without its claim", dispute.id));
    let claim = dispute.attribution_claim.ok_or_else(broken)?;
    if claim == Claim::NotMarketing {
        return Ok(Patch::default().with("not_marketing", true));
    }
    let given = dispute.correction.clone().ok_or_else(broken)?;
    let given: AttributionCorrection = serde_json::from_value(given).map_err(Error::internal)?;
    let at = given.occurred_at.map(|at| at.0);
    let mut person = Person::of(tx, &given).await?;
    Ok(match claim {
        Claim::WrongTime => Patch::default().with("occurred_at", at),
        Claim::WrongPerson => person.fill(Patch::default()),
        _ => {
            let sale = dispute.opportunity_id.map(RowId::uuid).into_iter().collect::<Vec<_>>();
            let sale = tx.read(Scoped::<opportunity::Entity>::read(&all_rows(tx)).ids(&sale)).await?.pop();
            person.account = person.account.or(sale.and_then(|row| row.account_id).map(RowId::uuid));
            let campaign = id::<CampaignId>("campaignId", given.campaign_id.as_ref())?.map(RowId::uuid);
            person
                .fill(Patch::default())
                .with("occurred_at", at)
                .with("kind", given.kind.ok_or_else(broken)?.0)
                .with("channel", given.channel.ok_or_else(broken)?.0)
                .with("campaign_id", campaign)
                .with("system", SYSTEM)
                .with("external_event_id", dispute.id.to_string())
        }
    })
}

/// What a touch says of itself that a dispute recorded.
const SYSTEM: &str = "accord.dispute";

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(claim: Claim, touch: bool, correction: serde_json::Value) -> Vec<String> {
        let correction: Option<AttributionCorrection> = serde_json::from_value(correction).unwrap();
        let now = "2026-08-07T00:00:00Z".parse().unwrap();
        sound(claim, touch, correction.as_ref(), now).into_iter().map(|fault| fault.field.join(".")).collect()
    }

    #[test]
    fn each_claim_says_what_it_needs() {
        let contact = "contact_0190b5e09c7a7c3d8a1b2c3d4e5f6071";
        let whole = json!({ "kind": "AD_CLICK", "channel": "EMAIL", "occurredAt": "2026-08-06T00:00:00Z", "contactId": contact });
        assert_eq!(fields(Claim::MissingTouch, false, whole.clone()), Vec::<String>::new());
        assert_eq!(fields(Claim::MissingTouch, true, whole.clone()), ["touchpointId"]);
        assert_eq!(
            fields(Claim::MissingTouch, false, json!({})),
            ["correction.kind", "correction.channel", "correction.occurredAt", "correction.contactId"]
        );
        assert_eq!(fields(Claim::WrongPerson, true, json!({ "contactId": contact })), Vec::<String>::new());
        assert_eq!(
            fields(Claim::WrongPerson, true, whole),
            ["correction.kind", "correction.channel", "correction.occurredAt"]
        );
        assert_eq!(
            fields(Claim::WrongTime, false, json!({ "occurredAt": "2026-08-08T00:00:00Z" })),
            ["touchpointId", "correction.occurredAt"]
        );
        assert_eq!(fields(Claim::NotMarketing, true, json!(null)), Vec::<String>::new());
        assert_eq!(fields(Claim::WrongTime, true, json!(null)), ["correction"]);
    }
}
