//! What the demo organisation's people were paid: a plan that its two sides and finance sign for each quarter, and a run of each
//! of the last four. The last one waits for its approval.

use async_graphql::Value as ConstValue;
use chrono::{DateTime, Datelike, Days, Months, NaiveDate, TimeDelta, Utc};
use entity::{
    agreement_approval::Side,
    id::{AgreementId, AgreementVersionId, IncentiveRunId, RowId},
    incentive_assignment, incentive_run,
};
use serde_json::{Value, json};

use super::{
    desk::id,
    people::{FAY, FRED, MIA, MONA, RITA, SDRS, SELLERS, STAN},
    write::Ground,
};
use crate::{
    actor::Permission,
    alignment::agreement::{self, Said},
    error::{Error, Result},
    graph::{
        Patch,
        record::{Target, save},
    },
    incentive::{assignment, run},
    store::{Access, Scoped},
};

/// Quarters that were run.
const QUARTERS: u32 = 4;

pub async fn settle(ground: Ground<'_>) -> Result<()> {
    let today = ground.store.now().date_naive();
    let this = NaiveDate::from_ymd_opt(today.year(), today.month0() / 3 * 3 + 1, 1).unwrap_or(today);
    let mut plan = None;
    for back in (1..=QUARTERS).rev() {
        let (start, end) = (this - Months::new(3 * back), this - Months::new(3 * (back - 1)));
        let (agreement, version) = drafted(ground, plan, start, end).await?;
        if plan.is_none() {
            take_in(ground, version, start).await?;
        }
        plan = Some(agreement);
        sign(ground, version, start).await?;
        pay(ground, version, end, back == 1).await?;
    }
    Ok(())
}

/// So many days from a day, at an hour; not later than now.
fn at(ground: Ground<'_>, day: NaiveDate, days: i64, hour: i64) -> DateTime<Utc> {
    let day = day.and_time(chrono::NaiveTime::MIN).and_utc() + TimeDelta::days(days);
    (day + TimeDelta::hours(hour)).min(ground.store.now())
}

fn body(start: NaiveDate, end: NaiveDate) -> Value {
    let tier = |from: &str, to: Option<&str>, rate: &str| json!({ "from": from, "to": to, "rate": rate });
    let tiers = [tier("0", Some("1"), "0.06"), tier("1", Some("1.25"), "0.09"), tier("1.25", None, "0.12")];
    json!({ "incentivePlan": {
        "periodStart": start.to_string(), "periodEnd": end.to_string(), "currency": "EUR",
        "components": [
            { "key": "SALES", "name": "Commission on what one sells", "sides": ["SALES"],
                "commissionMarginal": { "roles": ["OWNER", "SDR"], "tiers": tiers } },
            { "key": "QUICK", "name": "Leads answered in time", "sides": ["SALES"],
                "spiff": { "event": "LEAD_ACCEPTED_IN_SLA", "each": "25", "most": 20 } },
            { "key": "OFFERS", "name": "Leads that sales accepted", "sides": ["MARKETING"],
                "spiff": { "event": "OFFER_ACCEPTED", "each": "40", "most": 50 } },
        ],
        "personCap": "40000", "disputeWindowDays": 14, "holdOnDispute": true } })
}

/// The plan of a quarter: the next version of the last one's.
async fn drafted(
    ground: Ground<'_>,
    plan: Option<AgreementId>,
    start: NaiveDate,
    end: NaiveDate,
) -> Result<(AgreementId, AgreementVersionId)> {
    let access = ground.at(RITA, at(ground, start, -12, 9));
    let read = |input: Value| ConstValue::from_json(input).map_err(Error::internal);
    let Some(agreement) = plan else {
        let input = json!({ "key": "COMMISSION", "title": "What we are paid for", "body": body(start, end) });
        return agreement::draft(&access, &read(input)?).await;
    };
    let input = json!({ "agreementId": id("agreement", agreement.uuid()), "body": body(start, end),
        "summary": "The next quarter, as before." });
    let draft = Patch::read(agreement::graphql::version(), &read(input)?, true);
    Ok((agreement, agreement::next(&access, draft).await?))
}

/// Who is in it; later quarters begin with the same.
async fn take_in(ground: Ground<'_>, version: AgreementVersionId, start: NaiveDate) -> Result<()> {
    let mut tx = ground.at(FRED, at(ground, start, -11, 10)).begin(Permission::IncentiveAssign).await?;
    let euros = |amount: &str| json!({ "amount": amount, "currency": "EUR" });
    let sales = SELLERS.into_iter().map(|who| (who, "SALES", "150000"));
    let sdrs = SDRS.into_iter().map(|who| (who, "SALES", "60000"));
    for (who, side, quota) in sales.chain(sdrs).chain([MONA, MIA].map(|who| (who, "MARKETING", "1"))) {
        let input = json!({ "agreementVersionId": version.to_string(), "userId": ground.people[who].to_string(), "side": side,
            "targetBonus": euros("0"), "quota": euros(quota) });
        let input = ConstValue::from_json(input).map_err(Error::internal)?;
        save::<incentive_assignment::Entity>(&mut tx, None, Patch::read(assignment::meta(), &input, true)).await?;
    }
    tx.commit(Value::Null).await
}

async fn sign(ground: Ground<'_>, version: AgreementVersionId, start: NaiveDate) -> Result<()> {
    agreement::propose(&ground.at(RITA, at(ground, start, -10, 9)), version).await?;
    for (who, side, hour) in [(MONA, Side::Marketing, 9), (STAN, Side::Sales, 11), (FRED, Side::Finance, 15)] {
        agreement::decide(&ground.at(who, at(ground, start, -8, hour)), Said::yes(version, side)).await?;
    }
    Ok(())
}

/// A run of a quarter that is over: paid, or up for approval.
async fn pay(ground: Ground<'_>, version: AgreementVersionId, end: NaiveDate, waits: bool) -> Result<()> {
    let fred = |days: i64| ground.at(FRED, at(ground, end, days, 10));
    let mut tx = fred(2).begin(Permission::IncentiveRun).await?;
    let patch = Patch::default().with("agreement_version_id", version.uuid());
    let run = save::<incentive_run::Entity>(&mut tx, None, patch).await?.id;
    tx.commit(Value::Null).await?;
    run::calculate_now(&fred(2), run).await?;
    step(&fred(3), "Submit", run, Patch::default()).await?;
    if waits {
        return Ok(());
    }
    let fay = ground.at(FAY, at(ground, end + Days::new(4), 0, 14));
    let seen = Scoped::<incentive_run::Entity>::read(&fay).ids(&[run.uuid()]).one().await?;
    let hash = seen.and_then(|run| run.inputs_hash).unwrap_or_default();
    step(&fay, "Approve", run, Patch::default().with("inputs_hash", hash)).await?;
    step(&fred(5), "Lock", run, Patch::default()).await?;
    step(&fred(25), "MarkPaid", run, Patch::default()).await
}

async fn step(access: &Access, name: &str, run: IncentiveRunId, told: Patch) -> Result<()> {
    let step = run::meta().named(name).ok_or_else(|| Error::internal(format!("no step {name}")))?;
    step.act.run(access, Target { id: run.uuid(), version: None }, told).await.map(|_| ())
}
