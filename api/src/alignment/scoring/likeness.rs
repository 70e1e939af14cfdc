//! What became of leads that are like one: counts from which its chance follows. One statement beside the lead's own, over
//! the leads and sales that the caller may read.

use chrono::Duration;
use entity::{
    id::{LeadId, RowId},
    lead::{self, Column as L, Status},
    opportunity::{self, Column as O},
    stage::StageType,
    word::Word,
};
use rust_decimal::Decimal;
use sea_orm::{
    ExprTrait, QueryResult,
    sea_query::{Alias, CaseStatement, Expr, Query, SelectStatement, SimpleExpr},
};

use super::predict::{Seen, chance};
use crate::{
    actor::Permission,
    error::Result,
    store::{Access, Guarded, Scoped, visible},
};

const LEAD: &str = lead::Entity::NAME;
/// Added to each count, so that a value that never won does not decide alone.
const SMOOTHING: Decimal = Decimal::from_parts(1, 0, 0, false, 1);

/// A value of the lead's, and how often leads that ended had it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trait {
    /// The field by its name in the schema.
    pub field: &'static str,
    pub value: String,
    pub seen: Seen,
}

/// What became of others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Likeness {
    pub won: u32,
    pub lost: u32,
    pub traits: Vec<Trait>,
    /// Between 0 and 1, unrounded.
    pub chance: Option<Decimal>,
}

/// A value that leads have in common, as it is shown and as it is compared.
struct Common {
    field: &'static str,
    column: &'static str,
    shown: String,
    value: sea_orm::Value,
}

fn common(row: &lead::Model) -> Vec<Common> {
    let of = |field, column, shown: String, value| Common { field, column, shown, value };
    let text = |field, column, said: &Option<String>| {
        said.clone().map(|said| of(field, column, said.clone(), sea_orm::Value::from(said)))
    };
    let campaign = row.campaign_id.map(|id| of("campaignId", "campaign_id", id.to_string(), id.uuid().into()));
    let channel = row.channel.map(|c| of("channel", "channel", c.word().to_owned(), c.word().to_owned().into()));
    let authority =
        row.authority.map(|a| of("authority", "authority", a.word().to_owned(), a.word().to_owned().into()));
    let source = text("source", "source", &row.source);
    let country = text("country", "country", &row.country);
    let track = text("nurtureTrack", "nurture_track", &row.nurture_track);
    [source, channel, campaign, country, authority, track].into_iter().flatten().collect()
}

/// Of leads that ended in the days before now: won, once converted and sold; lost, given up or converted and lost.
pub async fn of(access: &Access, id: LeadId, days: i32) -> Result<Option<Likeness>> {
    let Some(row) = Scoped::<lead::Entity>::read(access).ids(&[id.uuid()]).one().await? else { return Ok(None) };
    let common = common(&row);
    let ended = ended(access, days, &common).wrap(|inner| counts(inner, &common));
    let Some(found) = ended.rows().await?.into_iter().next() else { return Ok(None) };
    let (won, lost) = (count(&found, 0)?, count(&found, 1)?);
    let mut traits = Vec::with_capacity(common.len());
    for (place, common) in common.into_iter().enumerate() {
        let at = |offset: usize| count(&found, 2 + 5 * place + offset);
        let seen = Seen { won: at(0)?, won_of: at(1)?, lost: at(2)?, lost_of: at(3)?, values: at(4)? };
        traits.push(Trait { field: common.field, value: common.shown, seen });
    }
    let seen: Vec<Seen> = traits.iter().map(|t| t.seen).collect();
    Ok(Some(Likeness { won, lost, traits, chance: chance(won, lost, &seen, SMOOTHING) }))
}

fn count(row: &QueryResult, place: usize) -> Result<u32> {
    let n: Option<i64> = row.try_get_by_index(place)?;
    Ok(u32::try_from(n.unwrap_or_default()).unwrap_or(u32::MAX))
}

/// A row for each lead that ended: whether it was won, whether it was lost, and what it has in common.
fn ended(access: &Access, days: i32, common: &[Common]) -> Scoped<lead::Entity> {
    let col = |c: L| Expr::col((LEAD, c));
    let sold = |how: StageType| {
        let of = |c: O| Expr::col((opportunity::Entity::NAME, c));
        let mut rows = visible::<opportunity::Entity>(access.actor(), Permission::OpportunityRead);
        rows.clear_selects()
            .expr(Expr::val(1))
            .and_where(of(O::Id).equals((LEAD, L::ConvertedOpportunityId)))
            .and_where(of(O::StageType).eq(how));
        Expr::exists(rows.take())
    };
    let given_up = col(L::Status).eq(Status::Disqualified);
    let since = access.now() - Duration::days(days.into());
    Scoped::<lead::Entity>::read(access)
        .filter(col(L::Status).is_in([Status::Converted, Status::Disqualified]))
        .filter(col(L::StatusChangedAt).gte(since))
        .filter(col(L::StatusChangedAt).lt(access.now()))
        .shape(|q| {
            q.expr_as(flag(sold(StageType::Won)), Alias::new("won"))
                .expr_as(flag(given_up.or(sold(StageType::Lost))), Alias::new("lost"));
            for common in common {
                q.column((LEAD, common.column));
            }
        })
}

fn flag(holds: SimpleExpr) -> SimpleExpr {
    CaseStatement::new().case(holds, Expr::cust("1")).finally(Expr::cust("0")).into()
}

fn counts(ended: SelectStatement, common: &[Common]) -> SelectStatement {
    let own = |c: &'static str| Expr::col(("ended", c));
    let over = |how: SimpleExpr, which: SimpleExpr| flag(how.eq(Expr::cust("1")).and(which));
    let mut outer = Query::select();
    outer.expr(own("won").sum()).expr(own("lost").sum());
    for c in common {
        let (same, any) = (own(c.column).eq(c.value.clone()), own(c.column).is_not_null());
        for how in ["won", "lost"] {
            outer.expr(Expr::expr(over(own(how), same.clone())).sum());
            outer.expr(Expr::expr(over(own(how), any.clone())).sum());
        }
        outer.expr(own(c.column).count_distinct());
    }
    outer.from_subquery(ended, "ended").take()
}
