//! The report: a few statements, however many touches and groups.

use std::collections::{BTreeMap, HashMap};

use entity::{
    attribution_credit::{Column as C, Entity},
    id::RowId,
    money::{Currency, Money},
};
use sea_orm::{
    Condition, ExprTrait,
    sea_query::{Alias, Expr},
};
use uuid::Uuid;

use super::{
    Asked, Key, Sums,
    figures::{MOST_GROUPS, asked as of, col, read, select},
    foreign,
    withhold::{FEW, withheld},
};
use crate::{
    actor::Permission,
    alignment::attribution::Agreed,
    crm::fx,
    error::{Error, Result},
    store::{Access, Guarded, Scoped},
};

/// The sums of a group, one for each agreement that was asked for, in that order; none where they are withheld.
#[derive(Clone, Debug)]
pub struct Row {
    pub key: Key,
    pub of: Vec<Option<Sums>>,
}

/// A report on credit.
#[derive(Clone, Debug)]
pub struct Report {
    pub rows: Vec<Row>,
    pub total: Row,
    /// What could not be converted, by agreement and currency.
    pub unconverted: Lost,
}

pub type Groups = BTreeMap<Key, HashMap<Uuid, Sums>>;

/// Money that could not be converted, by agreement.
pub type Lost = HashMap<Uuid, Vec<Money>>;

/// Adds credit up. Refused with `FX_RATE_MISSING` where money cannot be converted, unless that is asked for apart.
pub async fn report(access: &Access, asked: &Asked) -> Result<Report> {
    let (groups, total, unconverted) = groups(access, asked).await?;
    let seen = Seen::of(access, asked, &[&groups, &total]).await?;
    let mut rows = seen.rows(groups, asked);
    rows.sort_by(|a, b| worth(b).cmp(&worth(a)).then_with(|| a.key.cmp(&b.key)));
    let empty = Row { key: Key::All, of: vec![Some(Sums::default()); asked.models.len()] };
    Ok(Report { rows, total: seen.rows(total, asked).pop().unwrap_or(empty), unconverted })
}

/// Groups, the whole, and what could not be converted.
async fn groups(access: &Access, asked: &Asked) -> Result<(Groups, Groups, Lost)> {
    if asked.currency != asked.base {
        return foreign::sums(access, asked).await;
    }
    let whole = Asked { by: None, ..asked.clone() };
    let groups = if asked.by.is_some() { sums(asked, Scoped::shared(access)).await? } else { Groups::new() };
    let total = sums(&whole, Scoped::shared(access)).await?;
    let any = total.values().flat_map(HashMap::values).any(|sums| sums.unconverted > 0);
    let lost = if any { lost(access, asked).await? } else { Lost::new() };
    Ok((groups, total, lost))
}

/// Rows come by what they earn by the first agreement; what is withheld last.
fn worth(row: &Row) -> Option<i64> {
    row.of.first().copied().flatten().map(|sums| sums.amount)
}

async fn sums(asked: &Asked, credits: Scoped<Entity>) -> Result<Groups> {
    let rows = of(credits, asked).shape(|q| select(q, asked)).rows().await?;
    let mut groups = Groups::new();
    for row in &rows {
        let (key, version, sums) = read(row, asked.by)?;
        groups.entry(key).or_default().insert(version, sums);
    }
    few_enough(groups)
}

/// Refuses more groups than a report has.
pub fn few_enough(groups: Groups) -> Result<Groups> {
    if groups.len() > MOST_GROUPS {
        let message = format!("groupBy: there are more than {MOST_GROUPS} groups; ask for a shorter period");
        return Err(Error::BadInput(message));
    }
    Ok(groups)
}

/// How many sales of each group the caller sees; everybody sees all of large groups.
struct Seen(Option<Groups>);

impl Seen {
    async fn of(access: &Access, asked: &Asked, groups: &[&Groups]) -> Result<Self> {
        let few = |sums: &Sums| (1..FEW).contains(&sums.deals);
        let small = groups.iter().flat_map(|groups| groups.values()).flat_map(HashMap::values).any(few);
        if access.actor().reaches_all(Permission::OpportunityRead) || !small {
            return Ok(Self(None));
        }
        let mut seen = sums(asked, Scoped::read(access)).await?;
        seen.extend(sums(&Asked { by: None, ..asked.clone() }, Scoped::read(access)).await?);
        Ok(Self(Some(seen)))
    }

    fn rows(&self, groups: Groups, asked: &Asked) -> Vec<Row> {
        let mut rows: Vec<Row> = groups
            .into_iter()
            .map(|(key, by)| {
                let of = |one: &Agreed| by.get(&one.version.uuid()).copied();
                Row { key, of: asked.models.iter().map(|one| Some(of(one).unwrap_or_default())).collect() }
            })
            .collect();
        let Self(Some(seen)) = self else { return rows };
        for (at, one) in asked.models.iter().enumerate() {
            let behind = |row: &Row| {
                let all = row.of[at].map_or(0, |sums| sums.deals);
                let theirs = seen.get(&row.key).and_then(|by| by.get(&one.version.uuid()));
                (all, theirs.map_or(0, |sums| sums.deals))
            };
            let hidden = withheld(&rows.iter().map(behind).collect::<Vec<_>>());
            for (row, hidden) in rows.iter_mut().zip(hidden) {
                row.of[at] = row.of[at].filter(|_| !hidden);
            }
        }
        rows
    }
}

/// What could not be converted; refused where the caller did not ask for it apart.
async fn lost(access: &Access, asked: &Asked) -> Result<Lost> {
    let foreign = Condition::all()
        .add(col(C::AmountMinor).is_not_null())
        .add(Condition::any().add(col(C::HomeCurrency).is_null()).add(col(C::HomeCurrency).ne(asked.base)));
    let lost = || of(Scoped::<Entity>::shared(access), asked).filter(foreign.clone());
    if !asked.bucket {
        let which = lost().shape(|q| {
            q.column((Entity::NAME, "currency")).column((Entity::NAME, "counts_at")).distinct().limit(20);
        });
        let mut wanted = vec![];
        for row in which.rows().await? {
            let (currency, at): (Currency, _) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
            wanted.push((currency, asked.base, asked.home.day(at)));
        }
        wanted.sort_unstable();
        wanted.dedup();
        return Err(fx::missing(&wanted));
    }
    let sums = lost().shape(|q| {
        let (version, currency) = (Alias::new("version_"), Alias::new("currency_"));
        q.expr_as(col(C::AgreementVersionId), version.clone())
            .expr_as(col(C::Currency), currency.clone())
            .expr(Expr::expr(col(C::AmountMinor).sum()).cast_as("bigint"))
            .group_by_columns([version, currency]);
    });
    let mut found = Lost::new();
    for row in sums.rows().await? {
        let money = Money::new(row.try_get_by_index(2)?, row.try_get_by_index(1)?);
        found.entry(row.try_get_by_index(0)?).or_default().push(money);
    }
    found.values_mut().for_each(|moneys| moneys.sort_by_key(|money| money.currency));
    Ok(found)
}
