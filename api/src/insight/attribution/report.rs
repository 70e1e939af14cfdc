//! The report: a few statements, however many touches and groups.

use std::collections::BTreeMap;

use entity::{
    attribution::{Anchor, Group},
    attribution_credit::{Column as C, Entity},
    id::{AgreementVersionId, RowId},
    money::Money,
};
use sea_orm::{
    Condition, ExprTrait, QueryResult,
    sea_query::{Alias, CaseStatement, Expr, Func, SimpleExpr},
};
use uuid::Uuid;

use super::{
    Asked, Key, Sums,
    figures::{self, Added, Lost, Of, during},
    stream,
    withhold::{Behind, Hidden, Rests, withheld},
};
use crate::{
    actor::Permission,
    error::Result,
    insight::small::FEW,
    store::{Access, Guarded, Scoped, within_ids},
};

/// The sums of a group, and what of them is withheld.
#[derive(Clone, Debug, Default)]
pub struct Figures {
    pub sums: Sums,
    pub hidden: Hidden,
    pub lost: Unconverted,
}

/// What could not be converted.
#[derive(Clone, Debug, Default)]
pub enum Unconverted {
    #[default]
    Nothing,
    Told(Vec<Money>),
    Withheld,
}

impl Unconverted {
    /// None where it is withheld.
    pub fn told(&self) -> Option<&[Money]> {
        match self {
            Self::Nothing => Some(&[]),
            Self::Told(money) => Some(money),
            Self::Withheld => None,
        }
    }
}

/// A report on credit.
pub struct Report {
    pub groups: BTreeMap<Key, BTreeMap<Of, Figures>>,
    pub total: BTreeMap<Of, Figures>,
}

impl Report {
    pub fn total(&self, version: AgreementVersionId, anchor: Anchor) -> Figures {
        self.total.get(&(version, anchor)).cloned().unwrap_or_default()
    }
}

/// Adds credit up. Refused with `FX_RATE_MISSING` where money cannot be converted, unless that is asked for apart.
pub async fn report(access: &Access, asked: &Asked) -> Result<Report> {
    let mut added = if asked.currency == asked.base { figures::added(access, asked).await? } else { Added::default() };
    let by_sale = asked.currency != asked.base || added.foreign || (!asked.bucket && !added.lost.is_empty());
    if by_sale {
        added = stream::added(access, asked).await?;
    }
    let everything = access.actor().reaches_all(Permission::OpportunityRead);
    let mut report = Report { groups: BTreeMap::new(), total: shown(&added.total) };
    for (key, of) in &added.groups {
        report.groups.insert(key.clone(), shown(of));
    }
    left(&mut report, &added, everything);
    if !everything && hide(&mut report, asked, None) {
        let seen = Seen::of(access, asked, by_sale).await?;
        hide(&mut report, asked, Some(&seen));
    }
    Ok(report)
}

/// Says what could not be converted. Where one currency of a group is that of few sales no group's is told: it could be told
/// from the whole and the others.
fn left(report: &mut Report, added: &Added, everything: bool) {
    let many = |lost: &Lost| everything || lost.values().all(|(_, sales)| *sales >= FEW);
    let said = |lost: &Lost, told: bool| {
        let money = || lost.iter().map(|(currency, (minor, _))| Money::new(*minor, *currency)).collect();
        if told { Unconverted::Told(money()) } else { Unconverted::Withheld }
    };
    for (of, lost) in &added.lost {
        report.total.entry(*of).or_default().lost = said(lost, many(lost));
        let told = many(lost) && added.lost_by.values().filter_map(|by| by.get(of)).all(many);
        for (key, figures) in &mut report.groups {
            if let Some(lost) = added.lost_by.get(key).and_then(|by| by.get(of)) {
                figures.entry(*of).or_default().lost = said(lost, told);
            } else if !told {
                figures.entry(*of).or_default().lost = Unconverted::Withheld;
            }
        }
    }
}

fn shown(of: &BTreeMap<Of, Sums>) -> BTreeMap<Of, Figures> {
    of.iter().map(|(of, sums)| (*of, Figures { sums: *sums, ..Figures::default() })).collect()
}

/// Says what is withheld, as if the caller saw nothing unless it is known what they see; whether anything is.
fn hide(report: &mut Report, asked: &Asked, seen: Option<&Seen>) -> bool {
    let mut any = false;
    for of in asked.models.iter().flat_map(|one| asked.anchors.iter().map(|anchor| (one.version, *anchor))) {
        let behind = |sums: Sums, key: Option<&Key>| Behind {
            all: sums.rests,
            seen: seen.map(|seen| seen.rests(key, of)).unwrap_or_default(),
        };
        let total = behind(report.total(of.0, of.1).sums, None);
        let groups: Vec<Behind> = report
            .groups
            .iter()
            .map(|(key, by)| behind(by.get(&of).map(|one| one.sums).unwrap_or_default(), Some(key)))
            .collect();
        let (whole, hidden) = withheld(&total, &groups);
        any |= whole.any() || hidden.iter().any(|one| one.any());
        if let Some(total) = report.total.get_mut(&of) {
            total.hidden = whole;
        }
        for (by, hidden) in report.groups.values_mut().zip(hidden) {
            by.entry(of).or_default().hidden = hidden;
        }
    }
    any
}

/// How many of the sales behind each group the caller sees.
struct Seen(BTreeMap<(Option<Key>, Of), Rests>);

impl Seen {
    fn rests(&self, key: Option<&Key>, of: Of) -> Rests {
        self.0.get(&(key.cloned(), of)).copied().unwrap_or_default()
    }

    async fn of(access: &Access, asked: &Asked, by_sale: bool) -> Result<Self> {
        let mut seen = BTreeMap::new();
        for by in [None, asked.by] {
            for row in count(access, asked, by, by_sale).await? {
                let (key, of, rests) = read(&row, by)?;
                seen.insert((key, of), rests);
            }
            if asked.by.is_none() {
                break;
            }
        }
        Ok(Self(seen))
    }
}

fn col(c: C) -> SimpleExpr {
    Expr::col((Entity::NAME, c))
}

/// Sales that the caller sees and for which a condition holds.
fn sales(condition: Condition) -> SimpleExpr {
    let sale: SimpleExpr = CaseStatement::new().case(condition, col(C::OpportunityId)).into();
    Func::count_distinct(sale).into()
}

async fn count(access: &Access, asked: &Asked, by: Option<Group>, by_sale: bool) -> Result<Vec<QueryResult>> {
    let versions: Vec<Uuid> = asked.models.iter().map(|one| one.version.uuid()).collect();
    let which = during(asked.days, || Expr::col((Entity::NAME, C::CountsOn)))
        .add(within_ids((Entity::NAME, "agreement_version_id"), &versions, access.store().backend()))
        .add(col(C::Anchor).is_in(asked.anchors.iter().copied()));
    let key = match by {
        None => Expr::cust("NULL"),
        Some(Group::Channel) => col(C::Channel),
        Some(Group::Campaign) => col(C::CampaignId),
        Some(Group::Content) => col(C::Content),
        Some(Group::Source) => col(C::Source),
    };
    let names = ["key_", "nobody_", "version_", "anchor_"].map(Alias::new);
    let given = || Condition::all().add(col(C::Adjusts).eq(false));
    // of what is converted sale by sale nobody knows before which it will be
    let money = || {
        if by_sale {
            Condition::all().add(Expr::val(1).eq(0))
        } else {
            given().add(col(C::HomeCurrency).eq(asked.base))
        }
    };
    let earned = |all: Condition| sales(all.add(col(C::WeightE12).ne(0)));
    let touched = |all: Condition| sales(all.add(col(C::TouchpointId).is_not_null()));
    let sourced = |all: Condition| sales(all.add(col(C::Sourcing).eq(true)));
    let corrected = sales(Condition::all().add(col(C::Adjusts).eq(true)));
    let counts = [
        earned(given()),
        touched(given()),
        sourced(given()),
        earned(money()),
        touched(money()),
        sourced(money()),
        corrected,
    ];
    let nobody = if by.is_none() { Expr::cust("FALSE") } else { col(C::TouchpointId).is_null() };
    let rows = Scoped::<Entity>::read(access).filter(which).shape(|q| {
        q.expr_as(key, names[0].clone())
            .expr_as(nobody, names[1].clone())
            .expr_as(col(C::AgreementVersionId), names[2].clone())
            .expr_as(col(C::Anchor), names[3].clone())
            .exprs(counts)
            .group_by_columns(names);
    });
    rows.rows().await
}

fn read(row: &QueryResult, by: Option<Group>) -> Result<(Option<Key>, Of, Rests)> {
    let key = match by {
        None => None,
        Some(_) if row.try_get_by_index::<bool>(1)? => Some(Key::Unattributed),
        Some(Group::Campaign) => Some(Key::Record(row.try_get_by_index(0)?)),
        Some(_) => Some(Key::Text(row.try_get_by_index(0)?)),
    };
    let mut counts = [0; 7];
    for (at, count) in counts.iter_mut().enumerate() {
        *count = row.try_get_by_index(4 + at)?;
    }
    let (first, rest) = ([counts[0], counts[1], counts[2]], [counts[3], counts[4], counts[5]]);
    let of = (row.try_get_by_index(2)?, row.try_get_by_index(3)?);
    Ok((key, of, Rests { of: [first, rest], corrected: counts[6] }))
}
