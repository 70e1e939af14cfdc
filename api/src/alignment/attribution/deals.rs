//! Opportunities with the touches before them: a few statements, however many opportunities. Reads every row of the
//! organisation; what is shown of them is shown through their own guards.

use std::{collections::HashMap, sync::Arc};

use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    id::{AccountId, ContactId, LeadId, RowId},
    opportunity,
    stage::StageType,
    touchpoint,
};
use sea_orm::{Condition, ExprTrait, QueryResult, sea_query::Expr};
use uuid::Uuid;

use super::cast::{Cast, Part, Parts};
use crate::{
    crm::Reader,
    error::Result,
    marketing::attribution::{Moments, Touch},
    store::{Guarded, Scoped, within_ids},
};

/// An opportunity, and what credit for it depends on.
pub struct Deal {
    pub row: opportunity::Model,
    pub moments: Moments,
    pub touches: Vec<Touch>,
    /// What reports go by beside what credit depends on, of touches of which any of it is known.
    pub labels: HashMap<Uuid, Arc<Label>>,
}

impl Deal {
    fn bare(row: opportunity::Model) -> Self {
        let won = row.closed_at.filter(|_| row.stage_type == StageType::Won);
        let moments = Moments { lead: None, opened: Some(row.opened_at), won };
        Self { row, moments, touches: vec![], labels: HashMap::new() }
    }
}

/// Whether a contact or a lead has a part in a sale, as one of its committee or of its account.
pub async fn has_part(
    reader: Reader<'_>,
    row: opportunity::Model,
    contact: Option<ContactId>,
    lead: Option<LeadId>,
) -> Result<bool> {
    let mut deals = [Deal::bare(row)];
    Ok(!Cast::of(reader, &mut deals, true).await?.parts(contact, lead, None).is_empty())
}

/// Where a touch came from, and what it was on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Label {
    pub source: Option<String>,
    pub content: Option<String>,
}

/// Which touches are wanted.
#[derive(Clone, Copy)]
pub struct Reach {
    /// Of everybody of the accounts too.
    pub whole: bool,
    /// Only those that lie so long before an anchor and not after all of them.
    pub look_back: Option<TimeDelta>,
    /// No more than these.
    pub most: Option<usize>,
    /// Only this one.
    pub only: Option<Uuid>,
}

/// Loads what credit for these opportunities depends on; none where there are more touches than wanted.
pub async fn load(reader: Reader<'_>, rows: Vec<opportunity::Model>, reach: Reach) -> Result<Option<Vec<Deal>>> {
    let mut deals: Vec<Deal> = rows.into_iter().map(Deal::bare).collect();
    if deals.is_empty() {
        return Ok(Some(deals));
    }
    let cast = Cast::of(reader, &mut deals, reach.whole).await?;
    Ok(touches(reader, &mut deals, &cast, reach).await?.then_some(deals))
}

const COLUMNS: [&str; 13] = [
    "id",
    "occurred_at",
    "system",
    "external_event_id",
    "kind",
    "channel",
    "contact_id",
    "lead_id",
    "account_id",
    "campaign_id",
    "not_marketing",
    "utm_source",
    "utm_content",
];

/// When touches of a deal may lie that count for any of its anchors.
fn span(moments: &Moments, look_back: TimeDelta) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    let all = || [moments.lead, moments.opened, moments.won].into_iter().flatten();
    Some((all().min()?.checked_sub_signed(look_back)?, all().max()?))
}

/// False where there are more than wanted.
async fn touches(reader: Reader<'_>, deals: &mut [Deal], cast: &Cast, reach: Reach) -> Result<bool> {
    const TABLE: &str = touchpoint::Entity::NAME;
    let contacts: Vec<Uuid> = cast.contacts.keys().map(|id| id.uuid()).collect();
    let leads: Vec<Uuid> = cast.leads.keys().map(|id| id.uuid()).collect();
    let accounts: Vec<Uuid> = cast.accounts.keys().map(|id| id.uuid()).collect();
    let theirs = Condition::any()
        .add(within_ids((TABLE, "contact_id"), &contacts, reader.backend()))
        .add(within_ids((TABLE, "lead_id"), &leads, reader.backend()))
        .add(within_ids((TABLE, "account_id"), &accounts, reader.backend()));
    let spans: Vec<_> = deals.iter().map(|deal| span(&deal.moments, reach.look_back?)).collect();
    let at = || Expr::col((TABLE, "occurred_at"));
    let since = spans.iter().copied().collect::<Option<Vec<_>>>().and_then(|all| all.into_iter().map(|s| s.0).min());
    let until = spans.iter().copied().collect::<Option<Vec<_>>>().and_then(|all| all.into_iter().map(|s| s.1).max());
    let when = Condition::all()
        .add_option(since.map(|since| at().gte(since)))
        .add_option(until.map(|until| at().lte(until)))
        .add_option(reach.only.map(|id| Expr::col((TABLE, "id")).eq(id)));
    let rows = Scoped::<touchpoint::Entity>::read(&reader.everything()).filter(theirs).filter(when).shape(|q| {
        q.columns(COLUMNS.map(|c| (TABLE, c)));
        if let Some(most) = reach.most {
            q.limit(most as u64 + 1);
        }
    });
    let rows = reader.cells(rows).await?;
    let mut room = reach.most.unwrap_or(usize::MAX);
    for row in &rows {
        let (touch, label, parts) = read(row, cast)?;
        for (at, Part { member, creator }) in parts {
            if spans[at].is_some_and(|(since, until)| touch.at < since || touch.at > until) {
                continue;
            }
            let Some(left) = room.checked_sub(1) else { return Ok(false) };
            room = left;
            deals[at].touches.push(Touch { member, creator, ..touch.clone() });
            if let Some(label) = &label {
                deals[at].labels.insert(touch.id, label.clone());
            }
        }
    }
    Ok(reach.most.is_none_or(|most| rows.len() <= most))
}

/// A touch, and whose deals it is before.
fn read(row: &QueryResult, cast: &Cast) -> Result<(Touch, Option<Arc<Label>>, Parts)> {
    let contact: Option<ContactId> = row.try_get_by_index(6)?;
    let lead: Option<LeadId> = row.try_get_by_index(7)?;
    let account: Option<AccountId> = row.try_get_by_index(8)?;
    let person = contact.or_else(|| cast.became.get(&lead?).copied()).map(RowId::uuid).or(lead.map(RowId::uuid));
    let text = |at| row.try_get_by_index::<Option<String>>(at);
    let touch = Touch {
        id: row.try_get_by_index(0)?,
        at: row.try_get_by_index(1)?,
        system: text(2)?.map(Arc::from),
        event: text(3)?.map(Arc::from),
        kind: row.try_get_by_index(4)?,
        channel: row.try_get_by_index(5)?,
        person,
        campaign: row.try_get_by_index(9)?,
        member: false,
        creator: false,
        disowned: row.try_get_by_index(10)?,
    };
    let label = Label { source: text(11)?, content: text(12)? };
    let label = (label != Label::default()).then(|| Arc::new(label));
    Ok((touch, label, cast.parts(contact, lead, account)))
}
