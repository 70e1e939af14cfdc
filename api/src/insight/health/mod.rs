//! How many records pass which rule of data quality, over the whole organisation: a statement for each type of record.

pub mod graphql;

use std::collections::BTreeSet;

use chrono::TimeDelta;
use entity::{
    data_quality_rule::{Model, Subject},
    user::Side,
};
use sea_orm::{
    ExprTrait,
    sea_query::{Alias, Expr},
};

use super::{
    metric::{
        ask::Ask,
        catalog::data_health,
        exact::Exact,
        grain::Door,
        graphql::inputs::{Asked, MissingRate},
        health::{SUBJECTS, judged, passes},
        known::known,
        query::filtered,
    },
    small::{is_few, none_alone, sees_all},
};
use crate::{
    error::{Error, Result},
    graph::{derived::Period, scalar::DateTime},
    store::Access,
};

/// A rule, and how many records pass it.
#[derive(Clone, Debug)]
pub struct Kept {
    pub rule: Model,
    pub records: i64,
    pub passed: i64,
    /// There are too few of them for the caller to be told anything.
    pub few: bool,
    /// The caller is not told how many pass: there are few, or few that do not.
    pub withheld: bool,
}

/// The question how well all records are kept now.
pub async fn now(access: &Access) -> Result<Ask> {
    let now = access.now();
    let period = Period { start: DateTime(now - TimeDelta::days(1)), end: DateTime(now) };
    let currency = Some("EUR".parse().map_err(Error::internal)?);
    let missing = MissingRate::Bucket;
    let asked = Asked { period, filter: None, as_of: None, by: vec![], currency, options: None, missing };
    let ask = asked.ask(access, Some(&data_health::METRIC)).await?;
    Ok(known(&ask, &data_health::METRIC).await?.into_owned())
}

/// Of the rules of the question those for a type of record, or of a side, in the order of types and names.
pub async fn kept(ask: &Ask, subject: Option<Subject>, side: Option<Side>) -> Result<Vec<Kept>> {
    // what is withheld does not depend on which rules are asked for: two answers would tell it
    let mut all = every(ask).await?;
    let meant = |rule: &Model| {
        subject.is_none_or(|only| rule.entity == only) && side.is_none_or(|side| rule.owner_side == side)
    };
    all.retain(|kept| meant(&kept.rule));
    Ok(all)
}

async fn every(ask: &Ask) -> Result<Vec<Kept>> {
    let mut all = Vec::new();
    for of in SUBJECTS {
        let mut rules: Vec<&Model> = ask.rules.iter().filter(|rule| rule.entity == of).collect();
        if rules.is_empty() {
            continue;
        }
        rules.sort_by(|a, b| (&a.name, a.id).cmp(&(&b.name, b.id)));
        let (grain, which) = judged(of);
        let counted = filtered(ask, grain, which(ask), Door::Shared)?.shape(|q| {
            q.expr_as(Expr::cust("COUNT(*)"), Alias::new("n_"));
            for (at, rule) in rules.iter().enumerate() {
                q.expr_as(passes(ask, rule).sum().cast_as("bigint"), Alias::new(format!("p{at}_")));
            }
        });
        let rows = counted.rows().await?;
        let Some(row) = rows.first() else { continue };
        let records: i64 = row.try_get_by_index(0)?;
        let few = is_few(records) && !sees_all(ask, grain);
        for (at, rule) in rules.into_iter().enumerate() {
            let passed = row.try_get_by_index::<Option<i64>>(at + 1)?.unwrap_or_default();
            all.push(Kept { rule: rule.clone(), records, passed, few, withheld: few });
        }
    }
    let seen = |kept: &Kept| sees_all(ask, judged(kept.rule.entity).0);
    for at in hidden(&all, seen) {
        all[at].withheld = true;
    }
    Ok(all)
}

/// Rules that few records do not pass, of those that the caller does not see all records of; never one alone, which could be
/// told from the score.
fn hidden(all: &[Kept], seen: impl Fn(&Kept) -> bool) -> BTreeSet<usize> {
    let secret = || all.iter().enumerate().filter(|(_, kept)| kept.records > 0 && !kept.few && !seen(kept));
    let failed = |kept: &Kept| kept.records - kept.passed;
    let few = secret().filter(|(_, kept)| is_few(failed(kept))).map(|(at, _)| at).collect();
    none_alone(few, secret().map(|(at, kept)| (at, Ord::max(failed(kept), 1))))
}

/// Whether the mean of these rules is told: none has few records, and it would not tell a rule that is withheld, because that
/// is the only one or these are not all rules there are.
pub fn tells(all: &[Kept], whole: bool) -> bool {
    let hidden = all.iter().filter(|kept| kept.withheld).count();
    hidden != 1 && (hidden == 0 || whole) && !all.iter().any(|kept| kept.few)
}

/// The mean of the shares that pass, by weight; rules without records are left out. None where there is none, and where it is
/// not told.
pub fn score(all: &[Kept], whole: bool) -> Option<Exact> {
    if !tells(all, whole) {
        return None;
    }
    let (mut passed, mut weights) = (Exact::ZERO, Exact::ZERO);
    for kept in all.iter().filter(|kept| kept.records > 0) {
        let weight = Exact::whole(kept.rule.weight.into());
        let share = Exact::over(kept.passed.into(), kept.records.into())?;
        passed = passed.plus(share.times(weight)?)?;
        weights = weights.plus(weight)?;
    }
    passed.by(weights)
}
