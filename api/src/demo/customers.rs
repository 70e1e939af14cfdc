//! What became of the demo organisation's customers: contracts since their first sale, some at another price after a year and
//! some that ended, what customers answered when asked, what people said about being reached, and what salespeople were to do and
//! did. As it was known at last; the same sales give the same customers.

use chrono::{DateTime, Days, Months, NaiveDate, NaiveTime, TimeDelta, Utc};
use entity::{
    activity, contact, contact_address, contact_consent, customer_contract,
    id::AccountId,
    opportunity::{self, Model as Sale},
    stage::StageType,
    survey_response,
};
use serde_json::{Value, json};

use super::{
    dice::Dice,
    people::{NOBODY, RITA},
    words::{ANSWERS, LEFT, TASKS},
    write::{Ground, rows},
};
use crate::{actor::Permission, error::Result, graph::Record, store::Scoped};

const SEED: u64 = 77;
/// Rows in one unit of work.
const BATCH: usize = 200;

pub async fn settle(ground: Ground<'_>) -> Result<()> {
    let system = ground.at(NOBODY, ground.store.now());
    let mut sales = Scoped::<opportunity::Entity>::read(&system).models().await?;
    let key = |sale: &Sale| (sale.opened_at, sale.name.clone(), sale.amount_minor);
    sales.sort_by_key(key);
    let mut dice = Dice::new(SEED);
    write::<activity::Entity>(ground, Permission::ActivityCreate, tasks(ground, &sales, &mut dice)).await?;
    let customers = customers(&sales);
    let contracts = customers.iter().flat_map(|(account, since, minor)| {
        contracts(*account, *since, *minor, ground.store.now().date_naive(), &mut dice)
    });
    let contracts = contracts.collect();
    write::<customer_contract::Entity>(ground, Permission::OpportunityUpdate, contracts).await?;
    let mut people = Scoped::<contact::Entity>::read(&system).models().await?;
    people.sort_by(|a, b| (a.created_at, &a.last_name, a.id).cmp(&(b.created_at, &b.last_name, b.id)));
    write::<contact_address::Entity>(ground, Permission::ContactUpdate, addresses(&people)).await?;
    write::<contact_consent::Entity>(ground, Permission::ContactUpdate, consents(ground, &people)).await?;
    let mut said = vec![];
    for person in people {
        let Some((account, since, _)) = customers.iter().find(|(account, ..)| Some(*account) == person.account_id)
        else {
            continue;
        };
        said.extend(answers(ground, &person, *account, *since, &mut dice));
    }
    write::<survey_response::Entity>(ground, Permission::ContactUpdate, said).await
}

/// Some have a private address, too.
fn addresses(people: &[contact::Model]) -> Vec<Value> {
    let private = |(at, person): (usize, &contact::Model)| {
        let (name, _) = person.email.as_deref()?.split_once('@')?;
        let value = format!("{name}.{at}@mail.example");
        Some(json!({ "contactId": person.id.to_string(), "kind": "EMAIL", "label": "PRIVATE", "value": value }))
    };
    people.iter().step_by(9).enumerate().filter_map(private).collect()
}

/// Every other person agreed to mails when we met, every sixth of these took it back since.
fn consents(ground: Ground<'_>, people: &[contact::Model]) -> Vec<Value> {
    let said = |person: &contact::Model, at: DateTime<Utc>, state: &str, source: &str| {
        json!({ "contactId": person.id.to_string(), "channel": "EMAIL", "state": state, "basis": "CONSENT",
            "source": source, "saidAt": at })
    };
    let now = ground.store.now();
    let mut all = vec![];
    for (at, person) in people.iter().step_by(2).enumerate() {
        all.push(said(person, person.created_at, "GRANTED", "Webinar form"));
        if at % 6 == 5 {
            let later = (person.created_at + TimeDelta::days(40)).min(now);
            all.push(said(person, later, "WITHDRAWN", "Link in the newsletter"));
        }
    }
    all
}

async fn write<E: Record>(ground: Ground<'_>, permission: Permission, all: Vec<Value>) -> Result<()> {
    for some in all.chunks(BATCH) {
        let mut tx = ground.at(RITA, ground.store.now()).begin(permission).await?;
        rows::<E>(&mut tx, some.to_vec()).await?;
        tx.commit(Value::Null).await?;
    }
    Ok(())
}

/// Something to do for each sale within three weeks of its beginning: mostly done in time.
fn tasks(ground: Ground<'_>, sales: &[Sale], dice: &mut Dice) -> Vec<Value> {
    let mut all = vec![];
    for sale in sales {
        let due = sale.opened_at + TimeDelta::hours(dice.between(4 * 24, 21 * 24));
        let done = match dice.below(100) {
            0..=77 => Some(due - TimeDelta::hours(dice.between(1, 48))),
            78..=89 => Some(due + TimeDelta::hours(dice.between(3, 90))),
            _ => None,
        };
        let done = done.filter(|at| *at < ground.store.now());
        all.push(json!({ "kind": "TASK", "subject": dice.pick(&TASKS), "dueAt": due.to_rfc3339(),
            "doneAt": done.map(|at| at.to_rfc3339()), "ownerId": sale.owner_id.map(|id| id.to_string()),
            "opportunityId": sale.id.to_string() }));
    }
    all
}

/// Accounts with the day and the worth of their first sale.
fn customers(sales: &[Sale]) -> Vec<(AccountId, NaiveDate, i64)> {
    let won = sales.iter().filter(|sale| sale.stage_type == StageType::Won);
    let mut all: Vec<(AccountId, NaiveDate, i64)> = vec![];
    for sale in won {
        let (Some(account), Some(day)) = (sale.account_id, sale.close_date) else { continue };
        let minor = sale.amount_minor.unwrap_or_default();
        match all.iter_mut().find(|(known, ..)| *known == account) {
            Some(first) if day < first.1 => (first.1, first.2) = (day, minor),
            Some(_) => {}
            None => all.push((account, day, minor)),
        }
    }
    all
}

/// From the first sale on: some end within the year, some pay another price after it.
fn contracts(account: AccountId, since: NaiveDate, minor: i64, today: NaiveDate, dice: &mut Dice) -> Vec<Value> {
    let monthly = (minor / 1_200).max(100);
    let euros = |whole: i64| json!({ "amount": whole.to_string(), "currency": "EUR" });
    let of = |start: NaiveDate, end: Option<NaiveDate>, whole: i64| {
        json!({ "accountId": account.to_string(), "startsOn": start.to_string(), "monthlyAmount": euros(whole),
            "endsOn": end.map(|day| day.to_string()) })
    };
    let left = since + Days::new(u64::try_from(dice.between(150, 320)).unwrap_or(200));
    let (leaves, year) = (dice.chance(14), since + Months::new(12));
    let price = monthly * dice.between(85, 135) / 100;
    if leaves && left <= today {
        let mut short = of(since, Some(left), monthly);
        short["churnReason"] = json!(dice.pick(&LEFT));
        return vec![short];
    }
    if year <= today {
        return vec![of(since, Some(year), monthly), of(year, None, price)];
    }
    vec![of(since, None, monthly)]
}

/// Asked six weeks after they became customers, and again after half a year: most are content, not all answer.
fn answers(
    ground: Ground<'_>,
    person: &contact::Model,
    account: AccountId,
    since: NaiveDate,
    dice: &mut Dice,
) -> Vec<Value> {
    let mut said = vec![];
    for (kind, days) in [("CSAT", 20), ("NPS", 45), ("NPS", 225)] {
        let day = since + Days::new(days + u64::try_from(dice.between(0, 12)).unwrap_or(0));
        let at: DateTime<Utc> = day.and_time(NaiveTime::MIN).and_utc() + TimeDelta::hours(dice.between(8, 16));
        let answers = dice.chance(70);
        let score = match (kind, dice.below(100)) {
            ("NPS", 0..=47) => dice.between(9, 10),
            ("NPS", 48..=79) => dice.between(7, 8),
            ("NPS", _) => dice.between(2, 6),
            (_, 0..=79) => dice.between(4, 5),
            _ => dice.between(1, 3),
        };
        let comment = dice.chance(25).then(|| dice.pick(&ANSWERS));
        if answers && at < ground.store.now() {
            said.push(json!({ "contactId": person.id.to_string(), "accountId": account.to_string(), "kind": kind, "score": score,
                "respondedAt": at.to_rfc3339(), "comment": comment }));
        }
    }
    said
}
