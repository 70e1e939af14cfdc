//! How many records pass which rule of data quality, over the whole organisation: a statement for each type of record.

pub mod graphql;

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
        exact::Exact,
        grain::Door,
        health::{SUBJECTS, judged, passes},
        query::filtered,
    },
    small::{is_few, sees_all},
};
use crate::error::Result;

/// A rule, and how many records pass it.
#[derive(Clone, Debug)]
pub struct Kept {
    pub rule: Model,
    pub records: i64,
    pub passed: i64,
    /// They are too few for the caller to be told.
    pub withheld: bool,
}

/// Of the rules of the question those for a type of record, or of a side, in the order of types and names.
pub async fn kept(ask: &Ask, subject: Option<Subject>, side: Option<Side>) -> Result<Vec<Kept>> {
    let mut all = Vec::new();
    for of in SUBJECTS.into_iter().filter(|of| subject.is_none_or(|only| only == *of)) {
        let meant = |rule: &&Model| rule.entity == of && side.is_none_or(|side| rule.owner_side == side);
        let mut rules: Vec<&Model> = ask.rules.iter().filter(meant).collect();
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
        let withheld = is_few(records) && !sees_all(ask, grain);
        for (at, rule) in rules.into_iter().enumerate() {
            let passed = row.try_get_by_index::<Option<i64>>(at + 1)?.unwrap_or_default();
            all.push(Kept { rule: rule.clone(), records, passed, withheld });
        }
    }
    Ok(all)
}

/// The mean of the shares that pass, by weight; rules without records are left out. None where one is withheld, or there is
/// none.
pub fn score(all: &[Kept]) -> Option<Exact> {
    let (mut passed, mut weights) = (Exact::ZERO, Exact::ZERO);
    for kept in all.iter().filter(|kept| kept.records > 0) {
        if kept.withheld {
            return None;
        }
        let weight = Exact::whole(kept.rule.weight.into());
        let share = Exact::over(kept.passed.into(), kept.records.into())?;
        passed = passed.plus(share.times(weight)?)?;
        weights = weights.plus(weight)?;
    }
    passed.by(weights)
}
