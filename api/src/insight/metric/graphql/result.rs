//! What a metric answers, in the schema.

use std::collections::{BTreeMap, HashMap};

use async_graphql::{ID, Object, SimpleObject};
use entity::money::Currency;
use rust_decimal::Decimal as Number;
use sea_orm::sea_query::Expr;
use uuid::Uuid;

use super::{definition::MetricDefinition, explain::MetricExplanation, inputs::Asked};
use crate::{
    error::{Error, Result},
    graph::{
        derived::{Money, Term, whole},
        root::catalog,
        scalar::{CurrencyCode, DateTime, Decimal},
    },
    insight::metric::{
        Metric, Part,
        amount::Unconverted,
        answer::{self, Figures},
        ask::Ask,
        dimension::{Dimension, Holds},
        exact::Exact,
        known::known,
        query::{Cell, Key},
        touched,
        unit::Unit,
    },
    insight::small::{is_few, sees_all},
    store::{Access, within_ids},
};

/// A metric over some records, and what it was asked.
pub struct MetricResult {
    pub ask: Ask,
    pub metric: &'static Metric,
    pub figures: Figures,
    groups: Vec<MetricGroup>,
}

/// Money that no rate was known for.
#[derive(SimpleObject)]
pub struct UnconvertedMoney {
    /// Its sum, in its own currency.
    amount: Money,
    /// In how many records.
    count: i32,
}

impl UnconvertedMoney {
    pub fn of(currency: Currency, left: Unconverted) -> Self {
        Self { amount: Money(entity::money::Money::new(left.amount_minor, currency)), count: whole(left.count) }
    }
}

/// What a group has in common in one dimension.
#[derive(Clone, SimpleObject)]
pub struct MetricGroupKey {
    /// The dimension.
    dimension: Term<Dimension>,
    /// Its word; null where it is a record, for records that have none, and where it is free and the group withheld.
    word: Option<String>,
    /// The id of the record that they share, for `node`; null where it is a word, and where the caller may not see the
    /// record.
    id: Option<ID>,
    /// That record's name.
    name: Option<String>,
}

impl MetricGroupKey {
    /// Of few, only words of closed lists are told.
    fn of_many(self, many: bool) -> Self {
        use Dimension::{Competitor, Country, Industry, Region, Source};
        let free = matches!(self.dimension.0, Source | Competitor | Industry | Country | Region);
        Self { word: self.word.filter(|_| many || !free), ..self }
    }
}

pub struct MetricGroup {
    key: Vec<MetricGroupKey>,
    figures: Figures,
    metric: &'static Metric,
    currency: Currency,
}

/// As it is answered.
pub fn text(unit: Unit, value: Option<Exact>, currency: Currency) -> Option<Decimal> {
    unit.text(value?, currency.exponent())?.parse::<Number>().ok().map(Decimal)
}

/// Numerator and denominator: money with its decimals, counts whole.
fn part(metric_is_money: bool, value: Option<Exact>, currency: Currency) -> Option<Decimal> {
    text(if metric_is_money { Unit::Money } else { Unit::Ratio }, value, currency)
}

impl Figures {
    fn value(&self, unit: Unit, currency: Currency) -> Option<Decimal> {
        if self.withheld { None } else { text(unit, self.worked.value, currency) }
    }

    fn side(&self, value: Option<Exact>, currency: Currency) -> Option<Decimal> {
        if self.withheld { None } else { part(false, value, currency) }
    }

    fn records(&self) -> Option<i32> {
        if self.withheld { None } else { Some(whole(self.n)) }
    }

    /// What the formula was given, where the caller is told: how many records, and what they come to.
    pub fn input(&self, part: &Part, currency: Currency) -> (Option<i32>, Option<Decimal>) {
        if self.withheld || self.inputs_withheld {
            return (None, None);
        }
        let value = self.facts.value(part.name);
        (Some(whole(self.facts.records(part.name))), text(part.unit(), value, currency))
    }
}

/// The records of a group, and what the metric is of them.
#[Object]
impl MetricGroup {
    /// What they have in common, in the order of `groupBy`.
    async fn key(&self) -> &[MetricGroupKey] {
        &self.key
    }

    /// The value; see `MetricResult.value`.
    async fn value(&self) -> Option<Decimal> {
        self.figures.value(self.metric.unit, self.currency)
    }

    /// What was divided.
    async fn numerator(&self) -> Option<Decimal> {
        self.figures.side(self.figures.worked.numerator, self.currency)
    }

    /// By what it was divided.
    async fn denominator(&self) -> Option<Decimal> {
        self.figures.side(self.figures.worked.denominator, self.currency)
    }

    /// On how many records it rests; null when withheld.
    async fn n(&self) -> Option<i32> {
        self.figures.records()
    }

    /// What the formula was given for the group.
    async fn inputs(&self) -> Vec<MetricGroupInput> {
        let told = |part: &'static Part| {
            let (count, value) = self.figures.input(part, self.currency);
            MetricGroupInput { name: part.name, count, value, unit: Term(part.unit()) }
        };
        self.metric.parts.iter().map(told).collect()
    }

    /// Whether it rests on too few records for the caller to be told.
    async fn withheld(&self) -> bool {
        self.figures.withheld
    }
}

/// Something that a formula was given for a group.
#[derive(SimpleObject)]
pub struct MetricGroupInput {
    /// Its name in the formula; see `MetricInput`.
    name: &'static str,
    /// How many records; null when the group is withheld.
    count: Option<i32>,
    /// What they come to; null when there are none, and when the group is withheld.
    value: Option<Decimal>,
    /// What `value` counts.
    unit: Term<Unit>,
}

/// What a metric answers, and how it came about.
#[Object]
impl MetricResult {
    /// The metric as it is defined.
    async fn metric(&self) -> Option<MetricDefinition> {
        MetricDefinition::of(self.metric)
    }

    /// The version of the formula that was used.
    async fn formula_version(&self) -> i32 {
        self.metric.version
    }

    /// The value in the metric's unit: money with the decimals of its currency, all else to six places, rounded half to
    /// even only here. Null when there is nothing to divide by, when too little is known, or when it is withheld.
    async fn value(&self) -> Option<Decimal> {
        self.figures.value(self.metric.unit, self.ask.currency)
    }

    /// What was divided, in whole units, to six places; null where nothing was.
    async fn numerator(&self) -> Option<Decimal> {
        self.figures.side(self.figures.worked.numerator, self.ask.currency)
    }

    /// By what it was divided, in whole units, to six places; null where nothing was. 0 or less gives no value.
    async fn denominator(&self) -> Option<Decimal> {
        self.figures.side(self.figures.worked.denominator, self.ask.currency)
    }

    /// On how many records it rests; null when withheld.
    async fn n(&self) -> Option<i32> {
        self.figures.records()
    }

    /// Whether it rests on too few records for the caller to be told.
    async fn withheld(&self) -> bool {
        self.figures.withheld
    }

    /// Whether the target is reached; null for metrics without one.
    async fn target_met(&self) -> Option<bool> {
        self.figures.worked.target_met.filter(|_| !self.figures.withheld)
    }

    /// Whether a limit made the value, as `maxMonths` does; null for metrics without one.
    async fn capped(&self) -> Option<bool> {
        self.figures.worked.capped.filter(|_| !self.figures.withheld)
    }

    /// The currency of money in it.
    async fn currency(&self) -> CurrencyCode {
        CurrencyCode(self.ask.currency)
    }

    /// The instant for which it was computed.
    async fn as_of(&self) -> DateTime {
        DateTime(self.ask.now())
    }

    /// The instant at which what it rests on was kept: of DATA_HEALTH and ALIGNMENT_INDEX as of a past instant the last one before
    /// it; null where it was computed from the records. What was kept is told to who does not see all records only where it
    /// rests on no few of them, and changed by none or at least five since it was told before.
    async fn known_at(&self) -> Option<DateTime> {
        self.ask.day.as_ref().map(|day| DateTime(day.at))
    }

    /// How many of its records have no amount and so count as 0.
    async fn without_amount(&self) -> Option<i32> {
        if self.figures.withheld { None } else { Some(whole(self.figures.without_amount)) }
    }

    /// What was left out for want of a rate of exchange, by currency; only with `onMissingRate: BUCKET`. A currency of fewer
    /// than five records is told to who sees all records.
    async fn unconverted(&self) -> Vec<UnconvertedMoney> {
        let all = self.metric.parts.iter().all(|part| sees_all(&self.ask, part.grain));
        let told = |left: &Unconverted| !self.figures.withheld && (all || !is_few(left.count));
        let left = self.figures.unconverted.iter().filter(|(_, left)| told(left));
        let money = |(currency, left): (&Currency, &Unconverted)| UnconvertedMoney::of(*currency, *left);
        left.map(money).collect()
    }

    /// The same for each group, in the order of their keys; empty without `groupBy`. Groups do not always add up: somebody
    /// may be in several teams.
    async fn groups(&self) -> &[MetricGroup] {
        &self.groups
    }

    /// What it is made of, down to the records, and what was left out.
    async fn explain(&self) -> MetricExplanation<'_> {
        MetricExplanation { result: self }
    }
}

impl MetricResult {
    /// Of figures that are known already, without groups.
    pub fn known(ask: Ask, metric: &'static Metric, figures: Figures) -> Self {
        Self { ask, metric, figures, groups: vec![] }
    }

    pub async fn asked(access: &Access, metric: &'static Metric, asked: Asked) -> Result<Self> {
        Self::of(asked.ask(access, Some(metric)).await?, metric).await
    }

    pub async fn of(ask: Ask, metric: &'static Metric) -> Result<Self> {
        // what lies behind is listed by the same agreement
        let ask = Box::pin(touched::agreed(&ask, metric)).await?.into_owned();
        answer::check(&ask, metric)?;
        let ask = Box::pin(known(&ask, metric)).await?.into_owned();
        let figures = Box::pin(answer::whole(&ask, metric)).await?;
        let mut groups = if ask.by.is_empty() { BTreeMap::new() } else { answer::groups(&ask, metric).await? };
        if ask.names_people() && figures.withheld {
            for part in groups.values_mut() {
                part.withheld = true;
            }
        }
        let names = names(&ask, groups.keys()).await?;
        let shown = |(key, figures): (Key, Figures)| MetricGroup {
            // free words of few records say what the number would
            key: ask
                .by
                .iter()
                .zip(&key)
                .map(|(by, cell)| named(*by, cell, &names).of_many(!figures.withheld))
                .collect(),
            figures,
            metric,
            currency: ask.currency,
        };
        let groups = groups.into_iter().map(shown).collect();
        Ok(Self { ask, metric, figures, groups })
    }
}

type Names = HashMap<(&'static str, Uuid), String>;

fn named(dimension: Dimension, cell: &Cell, names: &Names) -> MetricGroupKey {
    let (mut id, mut name, mut word) = (None, None, None);
    match (cell, dimension.holds()) {
        (Cell::Word(found), _) => word.clone_from(found),
        (Cell::Id(Some(uuid)), Holds::Id(table)) => {
            name = names.get(&(table, *uuid)).cloned();
            id = name.is_some().then(|| ID(format!("{table}_{}", uuid.simple())));
        }
        (Cell::Id(_), _) => {}
    }
    MetricGroupKey { dimension: Term(dimension), word, id, name }
}

/// The names of the records by which groups go, as far as the caller may see them: a statement for each table.
async fn names(ask: &Ask, keys: impl Iterator<Item = &Key>) -> Result<Names> {
    let mut ids: BTreeMap<&'static str, Vec<Uuid>> = BTreeMap::new();
    for key in keys {
        for (dimension, cell) in ask.by.iter().zip(key) {
            if let (Holds::Id(table), Cell::Id(Some(id))) = (dimension.holds(), cell) {
                ids.entry(table).or_default().push(*id);
            }
        }
    }
    let mut names = Names::new();
    for (table, mut ids) in ids {
        ids.sort_unstable();
        ids.dedup();
        names.extend(of_table(&ask.access, table, &ids).await?);
    }
    Ok(names)
}

async fn of_table(access: &Access, table: &'static str, ids: &[Uuid]) -> Result<Names> {
    let unknown = || Error::internal(format!("{table} is no record"));
    let meta = catalog().and_then(|catalog| catalog.by_table(table)).ok_or_else(unknown)?;
    let these = within_ids((table, "id"), ids, access.store().backend());
    let seen = (meta.scoped)(access).filter(these).shape(|q| {
        q.column((table, "id")).expr(Expr::col((table, "name")));
    });
    let read = |row: &sea_orm::QueryResult| Ok(((table, row.try_get_by_index(0)?), row.try_get_by_index(1)?));
    seen.rows().await?.iter().map(read).collect()
}
