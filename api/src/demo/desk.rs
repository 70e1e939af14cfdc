//! How leads come to people at the demo organisation: pools with weights, hours, absences, and the reasons for which sales
//! may give a lead back.

use chrono::{TimeDelta, Timelike};
use entity::{business_calendar, id::RowId, pool, pool_member, rejection_reason, user_absence};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    hours,
    people::{RITA, SDRS, SELLERS},
    plan::LAST,
    words::REASONS,
    write::{Ground, rows},
};
use crate::{
    actor::Permission,
    error::{Error, Result},
    graph::record::save,
};

/// What agreements and leads refer to.
pub struct Desk {
    pub hours: Uuid,
    /// North, south.
    pub pools: [Uuid; 2],
    pub reasons: Vec<Uuid>,
}

const POOLS: [&str; 2] = ["Inbound north", "Inbound south"];
/// Pool, who, weight, languages: sales development takes most, sellers help out.
const MEMBERS: [(usize, usize, i32, &[&str]); 6] = [
    (0, SDRS[0], 12, &["german", "english"]),
    (0, SELLERS[0], 1, &["german"]),
    (0, SELLERS[1], 1, &["english"]),
    (1, SDRS[1], 12, &["french", "italian", "english"]),
    (1, SELLERS[2], 1, &["french", "english"]),
    (1, SELLERS[3], 1, &["italian", "french"]),
];
/// Who, from which half week, for how many days, why.
const ABSENCES: [(usize, i64, i64, &str); 4] = [
    (SDRS[1], 40, 12, "Summer holidays"),
    (SDRS[1], 118, 5, "Flu"),
    (SELLERS[1], LAST + 2, 10, "Holidays"),
    (SDRS[0], LAST + 6, 3, "Training"),
];

pub async fn settle(ground: Ground<'_>) -> Result<Desk> {
    let mut tx = ground.on(0, RITA).begin(Permission::RoutingCreate).await?;
    let hours = save::<business_calendar::Entity>(&mut tx, None, hours::record(ground.calendar.now())?).await?;
    let pools = POOLS.map(|name| json!({ "name": name }));
    let pools = rows::<pool::Entity>(&mut tx, pools.to_vec()).await?;
    let pools: [Uuid; 2] = pools.try_into().map_err(|_| Error::internal("two pools"))?;
    let member = |(pool, who, weight, skills): (usize, usize, i32, &[&str])| json!({ "poolId": id("pool", pools[pool]), "userId": ground.people[who].to_string(), "weight": weight, "skills": skills });
    rows::<pool_member::Entity>(&mut tx, MEMBERS.into_iter().map(member).collect()).await?;
    let reason = |reason: &super::words::Reason| json!({ "name": reason.name, "category": reason.category, "requiresNote": true, "recycleDelayDays": reason.days });
    let reasons = rows::<rejection_reason::Entity>(&mut tx, REASONS.iter().map(reason).collect()).await?;
    rows::<user_absence::Entity>(&mut tx, ABSENCES.into_iter().map(|it| away(ground, it)).collect()).await?;
    tx.commit(Value::Null).await?;
    Ok(Desk { hours: hours.id.uuid(), pools, reasons })
}

fn away(ground: Ground<'_>, (who, tick, days, why): (usize, i64, i64, &str)) -> Value {
    let now = ground.calendar.now();
    let midnight = now - TimeDelta::seconds(now.num_seconds_from_midnight().into());
    let from = midnight - TimeDelta::hours(84 * (LAST - tick));
    let user = ground.people[who].to_string();
    json!({ "userId": user, "startsAt": from, "endsAt": from + TimeDelta::days(days), "reason": why })
}

/// An id as clients write it.
pub fn id(table: &str, id: Uuid) -> String {
    format!("{table}_{}", id.simple())
}
