//! What a report adds: the days that are kept, in one statement, and on how many sales each figure rests.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use entity::{
    attribution::{Anchor, Group},
    attribution_day::{Column as D, Entity as Days},
    id::{AgreementVersionId, RowId},
    money::Currency,
    word::Word,
};
use sea_orm::{
    Condition, ExprTrait, QueryResult,
    sea_query::{Alias, Expr, SimpleExpr},
};
use uuid::Uuid;

use super::{Asked, withhold::Rests};
use crate::{
    alignment::{
        agreement::ACTIVATE,
        attribution::{
            BUILD,
            freeze::AHEAD,
            roll::{self, ALL, NOBODY},
        },
    },
    error::{Error, FaultCode, Result},
    store::{Access, Guarded, Scoped, jobs::waiting, within_ids},
};

/// A group of credit.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Key {
    /// By a word or text; none of touches that have none.
    Text(Option<String>),
    /// By a record; none of touches that have none.
    Record(Option<Uuid>),
    /// Of sales before which no touch counted.
    Unattributed,
}

impl Key {
    fn of(by: Group, part: &str) -> Self {
        let value = part.strip_prefix(':');
        match by {
            _ if part == NOBODY => Self::Unattributed,
            Group::Campaign => Self::Record(value.and_then(|id| id.parse().ok())),
            _ => Self::Text(value.map(str::to_owned)),
        }
    }
}

/// Sums of one group by one agreement for one anchor. Money in minor units of one currency.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    /// Credit, corrections among it.
    pub amount: i64,
    /// Corrections of frozen credit.
    pub adjustments: i64,
    /// Parts of sales, in units of 10^-12.
    pub weight_e12: i64,
    /// Sales of which the group has a part, and what they are worth, whoever else has a part of them.
    pub influenced: i64,
    pub influenced_amount: i64,
    /// Sales that began with a touch of the group.
    pub sourced: i64,
    pub sourced_amount: i64,
    pub rests: Rests,
}

/// By which version and for what.
pub type Of = (AgreementVersionId, Anchor);

/// Money that could not be converted, by its currency, and of how many sales.
pub type Lost = BTreeMap<Currency, (i64, i64)>;

/// What was added.
#[derive(Default)]
pub struct Added {
    pub groups: BTreeMap<Key, BTreeMap<Of, Sums>>,
    pub total: BTreeMap<Of, Sums>,
    /// What could not be converted, of each group and in all.
    pub lost_by: BTreeMap<Key, BTreeMap<Of, Lost>>,
    pub lost: BTreeMap<Of, Lost>,
    /// Some is in another currency than was asked for: then sales have to be converted one by one.
    pub foreign: bool,
}

/// Sums of some days: of which version, part and currency, and how many sales have credit on the day with the most.
pub struct Piece<'a> {
    pub of: Of,
    pub grouping: &'a str,
    pub part: &'a str,
    pub adjusts: bool,
    pub currency: Option<Currency>,
    pub converted: bool,
    pub sums: roll::Sums,
    pub most: i64,
}

impl Added {
    pub fn take(&mut self, asked: &Asked, piece: &Piece<'_>) -> Result<()> {
        let money = piece.converted && piece.currency == Some(asked.currency);
        self.foreign |= piece.converted && !money;
        let key = Group::parse(piece.grouping).map(|by| Key::of(by, piece.part));
        let sums = match &key {
            None => self.total.entry(piece.of).or_default(),
            Some(key) => self.groups.entry(key.clone()).or_default().entry(piece.of).or_default(),
        };
        sums.take(piece, money);
        if let (false, Some(currency)) = (piece.converted, piece.currency) {
            let lost = match key {
                None => &mut self.lost,
                Some(key) => self.lost_by.entry(key).or_default(),
            };
            let (minor, sales) = lost.entry(piece.of).or_default().entry(currency).or_default();
            *minor += piece.sums.amount;
            *sales += piece.sums.sales;
        }
        if self.groups.len() > asked.most {
            let message = format!("groupBy: there are more than {} groups; ask for a shorter period", asked.most);
            return Err(Error::BadInput(message));
        }
        Ok(())
    }
}

impl Sums {
    fn take(&mut self, piece: &Piece<'_>, money: bool) {
        let more = &piece.sums;
        let rests = [more.earning, more.influenced, more.sourced];
        self.weight_e12 += more.weight_e12;
        self.influenced += more.influenced;
        self.sourced += more.sourced;
        if money {
            self.amount += more.amount;
            self.influenced_amount += more.influenced_amount;
            self.sourced_amount += more.sourced_amount;
        }
        if piece.adjusts {
            self.adjustments += if money { more.amount } else { 0 };
            // at least so many: one may be corrected on several days
            self.rests.corrected = std::cmp::max(self.rests.corrected, piece.most);
            return;
        }
        for of in &mut self.rests.of[..if money { 2 } else { 1 }] {
            of.iter_mut().zip(rests).for_each(|(sum, n)| *sum += n);
        }
    }
}

/// Most groups that a report shows.
pub const MOST_GROUPS: usize = 1000;

fn sum(c: D) -> SimpleExpr {
    Expr::expr(Expr::col((Days::NAME, c)).sum()).cast_as("bigint")
}

const SUMS: [D; 8] =
    [D::Amount, D::WeightE12, D::Sales, D::Earning, D::Influenced, D::InfluencedAmount, D::Sourced, D::SourcedAmount];

/// Adds days. One statement, so that all of it is of one instant; refused while credit is computed anew.
pub async fn added(access: &Access, asked: &Asked) -> Result<Added> {
    const KEYS: [&str; 7] = ["agreement_version_id", "anchor", "grouping", "part", "adjusts", "currency", "converted"];
    let col = |c: D| Expr::col((Days::NAME, c));
    let versions: Vec<Uuid> = asked.models.iter().map(|one| one.version.uuid()).collect();
    let groupings = std::iter::once(ALL).chain(asked.by.map(Word::word));
    let which = Condition::all()
        .add(within_ids((Days::NAME, "agreement_version_id"), &versions, access.store().backend()))
        .add(col(D::Anchor).is_in(asked.anchors.iter().copied()))
        .add(col(D::Grouping).is_in(groupings))
        .add(col(D::Day).gte(asked.days.0))
        .add(col(D::Day).lt(asked.days.1));
    // a version is in force from its instant on, its credit only once that was computed
    let (organization, now) = (access.actor().organization.uuid(), access.store().now());
    let busy = Expr::exists(waiting(organization, &[BUILD], now + AHEAD)).or(Expr::exists(waiting(
        organization,
        &[ACTIVATE],
        now,
    )));
    let rows = Scoped::<Days>::shared(access).filter(which).shape(|q| {
        q.columns(KEYS.map(|key| (Days::NAME, Alias::new(key))))
            .exprs(SUMS.map(sum))
            .expr(col(D::Sales).max())
            .expr(busy)
            .group_by_columns(KEYS.map(|key| (Days::NAME, Alias::new(key))))
            // a part may be corrected, and in several currencies
            .limit((asked.most + 2) as u64 * 20 * (asked.models.len() * asked.anchors.len()) as u64);
    });
    let mut added = Added::default();
    let rows = rows.rows().await?;
    for row in &rows {
        read(row, |piece| added.take(asked, piece))?;
        if row.try_get_by_index::<bool>(16)? {
            return Err(busy_now());
        }
    }
    if rows.is_empty() {
        settled(access).await?;
    }
    Ok(added)
}

/// Refuses while credit is computed anew.
pub async fn settled(access: &Access) -> Result<()> {
    let now = access.store().now();
    let busy = access.waits(&[BUILD], now + AHEAD).await? || access.waits(&[ACTIVATE], now).await?;
    if busy { Err(busy_now()) } else { Ok(()) }
}

fn busy_now() -> Error {
    Error::refused(FaultCode::Conflict, "", "credit is being computed anew by what was agreed; ask again in a moment")
}

fn read(row: &QueryResult, take: impl FnOnce(&Piece<'_>) -> Result<()>) -> Result<()> {
    let (grouping, part): (String, String) = (row.try_get_by_index(2)?, row.try_get_by_index(3)?);
    let currency: String = row.try_get_by_index(5)?;
    let mut sums = [0; 8];
    for (at, sum) in sums.iter_mut().enumerate() {
        *sum = row.try_get_by_index::<Option<i64>>(7 + at)?.unwrap_or(0);
    }
    take(&Piece {
        of: (row.try_get_by_index(0)?, row.try_get_by_index(1)?),
        grouping: &grouping,
        part: &part,
        adjusts: row.try_get_by_index(4)?,
        currency: currency.parse().ok(),
        converted: row.try_get_by_index(6)?,
        sums: roll::Sums::of(sums),
        most: row.try_get_by_index::<Option<i64>>(15)?.unwrap_or(0),
    })
}

/// The days of a period of days, as a condition on a column.
pub fn during((first, end): (NaiveDate, NaiveDate), day: impl Fn() -> Expr) -> Condition {
    Condition::all().add(day().gte(first)).add(day().lt(end))
}
