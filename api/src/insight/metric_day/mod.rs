//! Figures that cannot be told of the past, as they were on each day: how well records are kept. A job keeps them, and metrics
//! that are asked as of a past instant answer with the last one before it. They are no records of their own: nobody reads them
//! but by a metric, which withholds what would say too much.

pub mod daily;

use chrono::{DateTime, Utc};
use entity::{
    data_quality_rule::Subject,
    id::MetricDayId,
    metric_day::{Column as C, Entity, Model},
    word::Word,
};
use sea_orm::{Condition, ExprTrait, Order, sea_query::Expr};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    metric::{
        Figure, Measure, Part,
        catalog::data_health,
        exact::Exact,
        health::judged,
        tally::{Tallies, Tally},
    },
    small::is_few,
};
use crate::{
    actor::{Actor, Permission},
    error::{Error, Result},
    store::{Access, Guarded, Scoped},
};

impl Guarded for Entity {
    type Id = MetricDayId;
    const NAME: &'static str = "metric_day";
    const READ: Permission = Permission::MetricRead;
    /// Added up from records.
    const TOLD: bool = false;
    const LASTS: bool = true;

    /// Nobody's alone: metrics withhold what would say too much.
    fn within(_: &Actor, _: Permission) -> Condition {
        Condition::all().add(Expr::val(1).eq(0))
    }
}

/// A rule as it was on a day, and how many records passed it.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Rule {
    id: Uuid,
    /// The type of record that it was asked of.
    entity: String,
    weight: i32,
    records: i64,
    passed: i64,
    /// It asks nothing any more: what was told of it last, for when it does again.
    #[serde(default)]
    gone: bool,
}

impl Rule {
    fn failed(&self) -> i64 {
        self.records - self.passed
    }
}

/// A kept day.
#[derive(Clone, Debug)]
pub struct Day {
    /// When it was measured.
    pub at: DateTime<Utc>,
    /// Whether who does not see all records is told.
    pub told: bool,
    rules: Vec<Rule>,
}

impl Day {
    fn of(row: Model) -> Result<Self> {
        let Model { id, at, told, parts, .. } = row;
        let rules = serde_json::from_value(parts).map_err(|error| Error::internal(format!("{id}: {error}")))?;
        Ok(Self { at, told, rules })
    }

    /// What a part of a metric came to then, of all records together.
    pub fn tallies(&self, part: &Part) -> Tallies {
        let asked =
            |rule: &&Rule| Subject::parse(&rule.entity).is_some_and(|of| judged(of).0 == part.grain) && !rule.gone;
        let rules: Vec<&Rule> = self.rules.iter().filter(asked).collect();
        let Some(count) = rules.first().map(|rule| rule.records).filter(|count| *count > 0) else {
            return Tallies::new();
        };
        let kept = part.of == Figure::Total(Measure::Kept);
        let weighed = |rule: &&Rule| i64::from(rule.weight) * if kept { rule.passed } else { rule.records };
        let value = Some(Exact::whole(rules.iter().map(weighed).sum()));
        [(vec![], Tally { count, value, ..Tally::default() })].into()
    }
}

/// Whether figures by these rules tell nothing of few records, beside those that were told before: of all that a rule judges,
/// of those that do not pass, and of those that came or went, passed or failed since.
fn tells(rules: &[Rule], before: &[Rule]) -> bool {
    let few = |rule: &Rule| is_few(rule.records) || is_few(rule.failed());
    let near = |rule: &Rule| {
        let was = before.iter().find(|was| was.id == rule.id);
        was.is_some_and(|was| {
            [rule.records - was.records, rule.passed - was.passed, rule.failed() - was.failed()]
                .into_iter()
                .any(|more| is_few(more.abs()))
        })
    };
    !rules.iter().any(|rule| few(rule) || near(rule))
}

/// What was told of rules that ask nothing any more.
fn gone<'a>(rules: &[Rule], before: &'a [Rule]) -> impl Iterator<Item = Rule> + use<'a> {
    let ids: Vec<Uuid> = rules.iter().map(|rule| rule.id).collect();
    before.iter().filter(move |was| !ids.contains(&was.id)).map(|was| Rule { gone: true, ..was.clone() })
}

/// The days that are kept by the formula as it is now.
fn days(access: &Access) -> Scoped<Entity> {
    let col = |c: C| Expr::col((Entity::NAME, c));
    Scoped::<Entity>::shared(access)
        .filter(col(C::MetricKey).eq(data_health::METRIC.key))
        .filter(col(C::FormulaVersion).eq(data_health::METRIC.version))
}

fn in_order(days: Scoped<Entity>, order: Order) -> Scoped<Entity> {
    days.shape(|q| _ = q.order_by((Entity::NAME, C::At), order).limit(1))
}

/// What was kept last before an instant. One statement.
pub async fn before(access: &Access, at: DateTime<Utc>) -> Result<Option<Day>> {
    let earlier = days(access).filter(Expr::col((Entity::NAME, C::At)).lt(at));
    in_order(earlier, Order::Desc).one().await?.map(Day::of).transpose()
}

/// Since when days are kept; none where none is. One statement.
pub async fn since(access: &Access) -> Result<Option<DateTime<Utc>>> {
    Ok(in_order(days(access), Order::Asc).one().await?.map(|row| row.at))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(id: u128, records: i64, failed: i64) -> Rule {
        Rule {
            id: Uuid::from_u128(id),
            entity: "ACCOUNT".into(),
            weight: 1,
            records,
            passed: records - failed,
            gone: false,
        }
    }

    #[test]
    fn few_are_not_told_nor_few_that_changed() {
        assert!(tells(&[rule(1, 20, 5), rule(2, 20, 0)], &[]));
        assert!(!tells(&[rule(1, 4, 0)], &[]), "few records");
        assert!(!tells(&[rule(1, 20, 0), rule(2, 20, 3)], &[]), "few that do not pass");
        let before = [rule(1, 20, 5)];
        assert!(tells(&[rule(1, 20, 5)], &before), "nothing changed");
        assert!(!tells(&[rule(1, 21, 5)], &before), "one came");
        assert!(!tells(&[rule(1, 25, 6)], &before), "one fails more");
        assert!(!tells(&[rule(1, 16, 5)], &before), "four went");
        assert!(tells(&[rule(1, 25, 10)], &before));
        assert!(!tells(&[rule(1, 26, 10)], &before), "one more passes");
        assert!(tells(&[rule(2, 21, 5)], &before), "another rule");
        let gone: Vec<Rule> = gone(&[rule(2, 21, 5)], &before).collect();
        assert!(!tells(&[rule(1, 21, 6)], &gone), "the first one again");
    }
}
