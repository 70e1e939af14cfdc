//! What both sides of the demo organisation hold each other to beside leads: who decides at the buyer, what a stage asks
//! for, and which companies to go for this quarter.

use std::collections::HashMap;

use async_graphql::Value as ConstValue;
use chrono::{Datelike, Months, NaiveDate};
use entity::{
    account, committee_member, committee_requirement, contact,
    id::{AccountId, ContactId, RowId, TargetEntryId, TargetListId},
    opportunity, pipeline,
    stage::{self, StageType},
    stage_criterion, target_list,
    target_list::TargetTier,
    target_vote::{TargetChoice, TargetQuestion},
    user::Side,
};
use sea_orm::{ColumnTrait, Condition};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    people::{MONA, RITA, STAN},
    write::{Ground, rows},
};
use crate::{
    actor::Permission,
    alignment::target_list::{Said, Wanted, propose, vote},
    error::{Error, Result},
    graph::{Patch, Record, record::save},
    store::{Access, Scoped},
};

/// Roles that every sale should know somebody for.
const REQUIRED: [&str; 3] = ["ECONOMIC_BUYER", "CHAMPION", "TECHNICAL_EVALUATOR"];
/// Parts and stances, dealt in turn.
const PARTS: [(&str, &str, i32); 5] = [
    ("CHAMPION", "SUPPORTER", 4),
    ("ECONOMIC_BUYER", "NEUTRAL", 5),
    ("END_USER", "CHAMPION", 2),
    ("TECHNICAL_EVALUATOR", "SKEPTIC", 3),
    ("PROCUREMENT", "UNKNOWN", 3),
];
/// Stage, days after which it has stood too long, milestone of the buyer.
const STAGES: [(&str, i32, &str); 4] = [
    ("Prospecting", 30, "Has agreed that there is a problem"),
    ("Qualification", 45, "Has named who decides, and by when"),
    ("Proposal", 45, "Has compared us with others"),
    ("Negotiation", 30, "Has chosen us, terms are left"),
];

pub async fn settle(ground: Ground<'_>) -> Result<()> {
    let by = |who: usize| ground.at(who, ground.store.now());
    process(&by(RITA)).await?;
    committees(&by(STAN)).await?;
    targets(&by(MONA), &by(STAN)).await
}

/// What stages ask for, and which roles.
async fn process(access: &Access) -> Result<()> {
    let mut tx = access.begin(Permission::PipelineUpdate).await?;
    let mut stages = HashMap::new();
    for row in tx.lock_where::<stage::Entity>(Condition::all()).await? {
        stages.insert(row.name.clone(), row.id);
        if let Some((_, days, milestone)) = STAGES.iter().find(|(name, ..)| *name == row.name) {
            let told = Patch::default().with("max_days", *days).with("buyer_milestone", *milestone);
            save::<stage::Entity>(&mut tx, Some(row), told).await?;
        }
    }
    let of = |name: &str| stages.get(name).map(ToString::to_string);
    let criteria = vec![
        json!({ "stageId": of("Qualification"), "label": "We have met", "kind": "ACTIVITY", "activityKind": "MEETING" }),
        json!({ "stageId": of("Proposal"), "label": "We know who pays", "kind": "FIELD", "field": "committeeMembers", "committeeRole": "ECONOMIC_BUYER" }),
        json!({ "stageId": of("Proposal"), "label": "It is worth a project", "kind": "FIELD", "field": "amount", "minimum": "1000", "position": 1 }),
        json!({ "stageId": of("Negotiation"), "label": "The budget is confirmed", "kind": "BUYER_EVIDENCE" }),
    ];
    rows::<stage_criterion::Entity>(&mut tx, criteria).await?;
    for pipeline in tx.read(Scoped::<pipeline::Entity>::read(access)).await? {
        let wanted = REQUIRED.map(|role| json!({ "pipelineId": pipeline.id.to_string(), "role": role }));
        for role in wanted {
            let told = Patch::read(<committee_requirement::Entity as Record>::meta(), &value(role)?, true);
            save::<committee_requirement::Entity>(&mut tx, None, told).await?;
        }
    }
    tx.commit(Value::Null).await
}

fn value(json: Value) -> Result<ConstValue> {
    ConstValue::from_json(json).map_err(Error::internal)
}

/// Up to three people of the buyer for every open sale.
async fn committees(access: &Access) -> Result<()> {
    let mut tx = access.begin(Permission::CommitteeMemberUpdate).await?;
    let mut contacts = tx.read(Scoped::<contact::Entity>::read(access)).await?;
    contacts.sort_by_key(|contact| contact.id);
    let mut there: HashMap<AccountId, Vec<ContactId>> = HashMap::new();
    for contact in contacts {
        there.entry(contact.account_id.unwrap_or(AccountId::from_uuid(Uuid::nil()))).or_default().push(contact.id);
    }
    let open = opportunity::Column::StageType.eq(StageType::Open);
    let mut deals = tx.read(Scoped::<opportunity::Entity>::read(access).filter(Condition::all().add(open))).await?;
    deals.sort_by_key(|deal| deal.id);
    let mut members = vec![];
    for (at, deal) in deals.iter().enumerate() {
        let people = deal.account_id.and_then(|account| there.get(&account)).map_or(&[][..], Vec::as_slice);
        for (n, person) in people.iter().take(1 + at % 3).enumerate() {
            let (role, stance, influence) = PARTS[(at + n) % PARTS.len()];
            members.push(json!({ "opportunityId": deal.id.to_string(), "contactId": person.to_string(), "role": role,
                "stance": stance, "influence": influence }));
        }
    }
    rows::<committee_member::Entity>(&mut tx, members).await?;
    tx.commit(Value::Null).await
}

/// This quarter: its first day and the first day after it.
fn quarter(today: NaiveDate) -> Option<(NaiveDate, NaiveDate)> {
    let start = NaiveDate::from_ymd_opt(today.year(), today.month0() / 3 * 3 + 1, 1)?;
    Some((start, start.checked_add_months(Months::new(3))?))
}

/// Marketing and sales each propose some, and answer each other's.
async fn targets(mona: &Access, stan: &Access) -> Result<()> {
    let mut accounts = Scoped::<account::Entity>::read(mona).models().await?;
    accounts.sort_by_key(|account| account.id);
    let ids: Vec<AccountId> = accounts.into_iter().map(|account| account.id).take(24).collect();
    let list = list(mona).await?;
    let (theirs, ours) = ids.split_at(ids.len() * 2 / 3);
    let marketing = propose(mona, list, Side::Marketing, wanted(theirs, "Fits our best customers")).await?;
    let sales = propose(stan, list, Side::Sales, wanted(ours, "Somebody there asked for us")).await?;
    answers(stan, Side::Sales, &marketing).await?;
    answers(mona, Side::Marketing, &sales).await
}

async fn list(access: &Access) -> Result<TargetListId> {
    let (start, end) = quarter(access.now().date_naive()).ok_or_else(|| Error::internal("no such quarter"))?;
    let mut tx = access.begin(Permission::TargetListCreate).await?;
    let name = format!("Target accounts {} Q{}", start.year(), start.month0() / 3 + 1);
    let told = Patch::default()
        .with("name", name)
        .with("period_start", start)
        .with("period_end", end)
        .with("tier1_cap", 5)
        .with("tier2_cap", 20);
    let row = save::<target_list::Entity>(&mut tx, None, told).await?;
    tx.commit(Value::Null).await?;
    Ok(row.id)
}

fn wanted(accounts: &[AccountId], reason: &str) -> Vec<Wanted> {
    let tier = |at: usize| if at.is_multiple_of(4) { TargetTier::Tier1 } else { TargetTier::Tier2 };
    let one = |(at, account): (usize, &AccountId)| Wanted {
        account: *account,
        tier: tier(at),
        reason: reason.to_owned(),
        replaces: None,
    };
    accounts.iter().enumerate().map(one).collect()
}

/// Yes to most, no to some, and some are still open.
async fn answers(access: &Access, side: Side, entries: &[Uuid]) -> Result<()> {
    for (at, entry) in entries.iter().enumerate().filter(|(at, _)| at % 5 != 4) {
        let choice = if at % 5 == 3 { TargetChoice::No } else { TargetChoice::Yes };
        let said = Said {
            entry: TargetEntryId::from_uuid(*entry),
            question: TargetQuestion::Add,
            side,
            choice,
            comment: None,
            expected: None,
        };
        vote(access, said).await?;
    }
    Ok(())
}
