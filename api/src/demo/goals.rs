//! What both sides of the demo organisation want to reach: this quarter's revenue, new business and win rate, and the
//! revenue of the quarter before. Targets are set by what came of it, so that each goal stands where it should be shown.

use async_graphql::Value as ConstValue;
use chrono::{DateTime, Datelike, Days, Months, NaiveDate, TimeDelta, Utc};
use entity::{agreement_approval::Side, goal, id::RowId};
use sea_orm::ColumnTrait;
use serde_json::{Value, json};

use super::{
    hours::ZONE,
    people::{MONA, NOBODY, RITA, STAN},
    write::Ground,
};
use crate::{
    alignment::agreement::{self, Said},
    error::{Error, Result},
    insight::goal::{GoalBody, daily, so_far},
    store::Scoped,
};

/// How much of what is expected by now was done, in percent; a finished one, of its target.
struct Wish {
    key: &'static str,
    title: &'static str,
    metric: &'static str,
    percent: i64,
    last_quarter: bool,
    scope: Option<&'static str>,
}

const WISHES: [Wish; 4] = [
    Wish {
        key: "REVENUE_LAST",
        title: "Revenue of last quarter",
        metric: "REVENUE",
        percent: 88,
        last_quarter: true,
        scope: None,
    },
    Wish {
        key: "REVENUE",
        title: "Revenue of this quarter",
        metric: "REVENUE",
        percent: 101,
        last_quarter: false,
        scope: None,
    },
    Wish {
        key: "NEW_REVENUE",
        title: "Revenue from new customers",
        metric: "REVENUE",
        percent: 97,
        last_quarter: false,
        scope: Some("NEW"),
    },
    Wish {
        key: "PIPELINE",
        title: "New pipeline of this quarter",
        metric: "PIPELINE_CREATED",
        percent: 86,
        last_quarter: false,
        scope: None,
    },
];

/// Where nothing has come yet.
const MODEST: i64 = 100_000;

pub async fn settle(ground: Ground<'_>) -> Result<()> {
    let now = ground.store.now();
    let today = now.with_timezone(&ZONE).date_naive();
    let quarter = quarter(today);
    let system = ground.at(NOBODY, now);
    for wish in &WISHES {
        let start = if wish.last_quarter { quarter - Months::new(3) } else { quarter };
        let end = start + Months::new(3);
        let parent = if wish.scope.is_some() { parent(ground).await? } else { None };
        let body = |target: i64| {
            json!({ "metric": wish.metric, "periodStart": start.to_string(), "periodEnd": end.to_string(), "baseline": "0",
                "target": target.to_string(), "scope": wish.scope.map(|word| json!({ "types": [word] })), "parentId": parent,
                "marketingOwnerIds": [ground.people[MONA].to_string()], "salesOwnerIds": [ground.people[STAN].to_string()] })
        };
        let asked: GoalBody = serde_json::from_value(body(MODEST)).map_err(Error::internal)?;
        let come = so_far(&system, &asked).await?.unwrap_or(0);
        let (all, over) = ((end - start).num_days(), ((today - start).num_days() + 1).min((end - start).num_days()));
        let target = come.saturating_mul(100) / wish.percent * all / over.max(1);
        // a round number, but for small sums
        let round = if target > 20_000 { target / 1_000 * 1_000 } else { target };
        let target = if round > 0 { round } else { MODEST };
        agree(ground, wish, start, body(target)).await?;
    }
    Ok(())
}

fn quarter(day: NaiveDate) -> NaiveDate {
    let month = day.month0() / 3 * 3 + 1;
    NaiveDate::from_ymd_opt(day.year(), month, 1).unwrap_or(day)
}

async fn parent(ground: Ground<'_>) -> Result<Option<String>> {
    let agreed = Scoped::<entity::agreement::Entity>::read(&ground.at(NOBODY, ground.store.now()));
    let agreed = agreed.filter(entity::agreement::Column::Key.eq("REVENUE")).one().await?;
    let Some(agreement) = agreed else { return Ok(None) };
    let goals = Scoped::<goal::Entity>::read(&ground.at(NOBODY, ground.store.now()));
    let found = goals.filter(goal::Column::AgreementId.eq(agreement.id.uuid())).one().await?;
    Ok(found.map(|goal| goal.id.to_string()))
}

/// Signed the week before it begins.
async fn agree(ground: Ground<'_>, wish: &Wish, start: NaiveDate, body: Value) -> Result<()> {
    let at = |before: u64, hour: i64| -> DateTime<Utc> {
        let day = (start - Days::new(before)).and_time(chrono::NaiveTime::MIN).and_utc();
        (day + TimeDelta::hours(hour)).min(ground.store.now())
    };
    let input = json!({ "key": wish.key, "title": wish.title, "body": { "goal": body } });
    let input = ConstValue::from_json(input).map_err(Error::internal)?;
    let (_, version) = agreement::draft(&ground.at(RITA, at(6, 9)), &input).await?;
    agreement::propose(&ground.at(RITA, at(6, 10)), version).await?;
    for (who, side, hour) in [(MONA, Side::Marketing, 9), (STAN, Side::Sales, 15)] {
        agreement::decide(&ground.at(who, at(4, hour)), Said::yes(version, side)).await?;
    }
    Ok(())
}

/// The days since then: once the organisation has its time zone.
pub async fn keep(ground: Ground<'_>) -> Result<()> {
    daily::keep(&ground.at(NOBODY, ground.store.now())).await.map(|_| ())
}
