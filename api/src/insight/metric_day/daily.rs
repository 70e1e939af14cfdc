//! Keeps how well records are kept, once a day: whatever node does it and how often. What was not measured on its day never is,
//! because nobody knows it any more.

use chrono::{Days, NaiveDate};
use entity::{
    data_quality_rule::{self, Model as Asked},
    id::RowId,
    metric_day::{ActiveModel, Column as C, Entity},
    word::Word,
};
use sea_orm::{ActiveValue::Set, ExprTrait, Order, sea_query::Expr};
use serde_json::{Value, json};

use super::{Day, Rule, days, gone, in_order, tells};
use crate::{
    actor::Permission,
    alignment::agreement,
    crm::home::Home,
    error::{Error, Result},
    insight::{
        health,
        metric::{
            catalog::data_health::{METRIC, PARTS, formula},
            exact::Exact,
            facts::{Fact, Facts, Worked},
        },
    },
    store::{Access, Guarded, jobs::NewJob},
};

/// The kind of job that keeps an organisation's day.
pub const KEEP: &str = "metric.keep";
const DECIMALS: u32 = 6;

fn job(home: Home, day: NaiveDate) -> NewJob {
    NewJob::new(KEEP, json!({})).at(home.begins(day)).once(format!("{KEEP}/{day}"))
}

/// Puts down the work for today, if nobody has, and for tomorrow.
pub async fn put_down(access: &Access) -> Result<()> {
    let home = Home::seen(access).await?;
    let today = home.day(access.now());
    let mut tx = access.begin(Permission::DataQualityUpdate).await?;
    tx.enqueue_many(vec![job(home, today), job(home, today + Days::new(1))]).await?;
    tx.commit(Value::Null).await
}

/// Keeps today, unless it is kept; whether it was added. Nothing where no rule asks anything.
pub async fn keep(access: &Access) -> Result<bool> {
    let home = Home::seen(access).await?;
    let day = home.day(access.now());
    let ask = health::now(access).await?;
    let mut asked: Vec<&Asked> = ask.rules.iter().collect();
    asked.sort_by_key(|rule| rule.id);
    let Some(first) = asked.first() else { return Ok(false) };
    let mut rules: Vec<Rule> = health::kept(&ask, None, None).await?.iter().map(Rule::from).collect();
    let mut tx = access.begin(Permission::DataQualityUpdate).await?;
    // two who keep the same day go one after the other
    tx.lock::<data_quality_rule::Entity>(first.id).await?;
    let col = |c: C| Expr::col((Entity::NAME, c));
    let of_today = days(access).filter(col(C::Day).eq(day));
    if !tx.read(of_today).await?.is_empty() {
        return Ok(false);
    }
    let told = in_order(days(access).filter(col(C::Told).eq(true)), Order::Desc);
    let before = tx.read(told).await?.pop().map(Day::of).transpose()?;
    let before = before.as_ref().map_or(&[] as &[Rule], |day| &day.rules);
    let told = tells(&rules, before);
    let gone: Vec<Rule> = gone(&rules, before).collect();
    rules.extend(gone);
    let row = row(&Day { at: access.now(), told, rules }, day, rules_hash(&asked))?;
    tx.insert::<Entity>(row).await?;
    tx.commit(Value::Null).await?;
    Ok(true)
}

impl From<&health::Kept> for Rule {
    fn from(kept: &health::Kept) -> Self {
        let rule = &kept.rule;
        Self {
            id: rule.id.uuid(),
            entity: rule.entity.word().to_owned(),
            weight: rule.weight,
            records: kept.records,
            passed: kept.passed,
            gone: false,
        }
    }
}

fn row(kept: &Day, day: NaiveDate, rules_hash: String) -> Result<ActiveModel> {
    let (records, worked) = worked(kept);
    let millionths = |value: Option<Exact>| Set(value.and_then(|value| i64::try_from(value.scaled(DECIMALS)?).ok()));
    Ok(ActiveModel {
        metric_key: Set(METRIC.key.to_owned()),
        day: Set(day),
        at: Set(kept.at),
        formula_version: Set(METRIC.version),
        records: Set(i32::try_from(records).unwrap_or(i32::MAX)),
        value: millionths(worked.value),
        numerator: millionths(worked.numerator),
        denominator: millionths(worked.denominator),
        parts: Set(serde_json::to_value(&kept.rules).map_err(Error::internal)?),
        rules_hash: Set(rules_hash),
        told: Set(kept.told),
        ..Default::default()
    })
}

/// On how many records a day rests, and what the formula makes of it.
fn worked(kept: &Day) -> (i64, Worked) {
    let mut facts = Facts::default();
    for part in &PARTS {
        for tally in kept.tallies(part).into_values() {
            facts = facts.with(part.name, Fact { count: tally.count, value: tally.value, left: 0 });
        }
    }
    (METRIC.counted.iter().map(|name| facts.records(name)).sum(), formula(&facts))
}

fn rules_hash(asked: &[&Asked]) -> String {
    let each = |rule: &&Asked| {
        json!([rule.id.to_string(), rule.entity.word(), rule.kind.word(), rule.fields, rule.max_age_days, rule.weight])
    };
    agreement::fingerprint(&Value::Array(asked.iter().map(each).collect()))
}
