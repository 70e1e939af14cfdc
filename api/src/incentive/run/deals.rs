//! Sales that were won in the period: who is credited with what. A sale without shares is its owner's.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, NaiveDate, Utc};
use entity::{
    id::{OpportunityId, OrganizationId, RowId, UserId},
    incentive_source::{ActiveModel, SourceKind},
    money::{Currency, Money},
    opportunity::{Column as O, Entity, Model, OppType},
    opportunity_split::{self as splits, SplitRole},
    opportunity_state as states,
    stage::StageType,
};
use sea_orm::{
    ActiveValue::Set,
    Condition, ExprTrait, QueryResult,
    sea_query::{Expr, Order, Query},
};
use uuid::Uuid;

use super::{
    calculate::Task,
    freeze::{PAGE, Page, onward, source},
    frozen::Frozen,
};
use crate::{
    crm::{
        Reader,
        customer_contract::Sales,
        fx::{Rates, Wanted, missing},
        opportunity_split::share::WHOLE,
    },
    error::{Error, Result},
    incentive::{
        clawback::rest,
        pay::{
            plan::Rule,
            split::{Share, split},
        },
        plan::{SpiffEvent, read::role},
    },
    store::{Guarded, Scoped, within_ids},
};

/// A sale as it was when it was looked at.
struct Deal {
    id: OpportunityId,
    owner: Option<UserId>,
    of: OppType,
    closed_at: DateTime<Utc>,
    money: Option<Money>,
    rate_e10: Option<i64>,
}

pub async fn page(task: &Task, frozen: &Frozen) -> Result<Page> {
    let mut deals = won(task, frozen.after).await?;
    let last = deals.last().map(|deal| deal.id.uuid());
    let looked_at = i32::try_from(deals.len()).unwrap_or(i32::MAX);
    let full = deals.len() as u64 == PAGE;
    lessen(task, &mut deals).await?;
    owners(task, &mut deals).await?;
    let shares = shares(task, &deals).await?;
    let sources = credited(task, &deals, &shares, None).await?;
    Ok(Page { sources, looked_at, frozen: onward(task, frozen, last.filter(|_| full)) })
}

/// Takes away what contracts that were cancelled or refunded do not bring any more.
async fn lessen(task: &Task, deals: &mut Vec<Deal>) -> Result<()> {
    let ids: Vec<Uuid> = deals.iter().map(|deal| deal.id.uuid()).collect();
    let contracts = Sales::of(Reader::Access(&task.access), &ids).await?;
    deals.retain_mut(|deal| {
        let Some(money) = deal.money else { return true };
        let left = contracts.left(deal.id, money.amount_minor, money.currency);
        deal.money = left.map(|minor| Money::new(minor, money.currency));
        left.is_some()
    });
    Ok(())
}

async fn won(task: &Task, after: Uuid) -> Result<Vec<Deal>> {
    let (start, end) = task.body.days();
    let col = |c: O| Expr::col((Entity::NAME, c));
    let period = Condition::all()
        .add(col(O::StageType).eq(StageType::Won))
        .add(col(O::ClosedAt).gte(task.home.begins(start)))
        .add(col(O::ClosedAt).lt(task.home.begins(end)))
        .add(col(O::Id).gt(after));
    let columns = [O::Id, O::OwnerId, O::OppType, O::ClosedAt, O::AmountMinor, O::Currency, O::FxRateAtCloseE10];
    let rows = Scoped::<Entity>::read(&task.access).filter(period).shape(|q| {
        q.columns(columns.map(|c| (Entity::NAME, c)));
        q.order_by((Entity::NAME, O::Id), Order::Asc).limit(PAGE);
    });
    let rows = match task.only {
        Some(user) => rows.filter(shared(task.access.actor().organization, user)),
        None => rows,
    };
    rows.rows().await?.iter().map(deal).collect()
}

/// Sales that somebody has owned at some time, or has a share in: who owned them when they were won is seen later.
fn shared(organization: OrganizationId, user: UserId) -> Condition {
    let owned = Query::select()
        .column((states::Entity::NAME, states::Column::OpportunityId))
        .from(states::Entity::NAME)
        .and_where(Expr::col((states::Entity::NAME, states::Column::OrganizationId)).eq(organization.uuid()))
        .and_where(Expr::col((states::Entity::NAME, states::Column::OwnerId)).eq(user.uuid()))
        .and_where(Expr::col((states::Entity::NAME, states::Column::DeletedAt)).is_null())
        .take();
    let theirs = Query::select()
        .column((splits::Entity::NAME, splits::Column::OpportunityId))
        .from(splits::Entity::NAME)
        .and_where(Expr::col((splits::Entity::NAME, splits::Column::OrganizationId)).eq(organization.uuid()))
        .and_where(Expr::col((splits::Entity::NAME, splits::Column::UserId)).eq(user.uuid()))
        .and_where(Expr::col((splits::Entity::NAME, splits::Column::DeletedAt)).is_null())
        .take();
    Condition::any()
        .add(Expr::col((Entity::NAME, O::OwnerId)).eq(user.uuid()))
        .add(Expr::col((Entity::NAME, O::Id)).in_subquery(owned))
        .add(Expr::col((Entity::NAME, O::Id)).in_subquery(theirs))
}

/// What sales would add: open ones if they were won on a day, won ones as they were; each with an amount in the plan's currency, or
/// with its own.
pub async fn as_if_won(task: &Task, sales: &[(Model, Option<i64>)], day: NaiveDate) -> Result<Vec<ActiveModel>> {
    let (now, plan) = (task.access.now(), task.plan.currency);
    let of = |(row, amount): &(Model, Option<i64>)| Deal {
        id: row.id,
        owner: row.owner_id,
        of: row.opp_type,
        closed_at: row.closed_at.unwrap_or(now),
        money: match amount {
            Some(minor) => Some(Money::new(*minor, plan)),
            None => row.amount_minor.zip(row.currency).map(|(minor, currency)| Money::new(minor, currency)),
        },
        rate_e10: row.fx_rate_at_close_e10.filter(|_| amount.is_none()),
    };
    let won = |(row, _): &&(Model, Option<i64>)| row.stage_type == StageType::Won;
    let open: Vec<Deal> = sales
        .iter()
        .filter(|sale| !won(sale))
        .map(of)
        .map(|deal| Deal { closed_at: now, rate_e10: None, ..deal })
        .collect();
    let mut sources = credited(task, &open, &shares(task, &open).await?, Some(day)).await?;
    let (told, as_is): (Vec<_>, Vec<_>) = sales.iter().filter(won).partition(|(_, amount)| amount.is_some());
    let mut closed: Vec<Deal> = as_is.into_iter().map(of).collect();
    lessen(task, &mut closed).await?;
    closed.extend(told.into_iter().map(of));
    owners(task, &mut closed).await?;
    sources.extend(credited(task, &closed, &shares(task, &closed).await?, None).await?);
    Ok(sources)
}

/// Shares in sales, by sale.
type Shares = HashMap<OpportunityId, Vec<splits::Model>>;

/// The sources of sales, as if all were won on a day if one is given.
async fn credited(task: &Task, deals: &[Deal], shares: &Shares, day: Option<NaiveDate>) -> Result<Vec<ActiveModel>> {
    let mut sources = vec![];
    for (deal, amount) in deals.iter().zip(amounts(task, deals).await?) {
        let day = day.unwrap_or_else(|| task.home.day(deal.closed_at));
        credit(task, deal, day, amount, shares.get(&deal.id).map_or(&[], Vec::as_slice), &mut sources);
        owned(task, deal, day, &mut sources);
    }
    Ok(sources)
}

/// A sale that turned out to be of a run's period: what it was worth when it was heard of.
pub struct Late {
    pub id: OpportunityId,
    pub closed_at: DateTime<Utc>,
    pub money: Money,
    pub rate_e10: Option<i64>,
}

/// What sales that were won late would have been credited with, by their shares and the owners of then. Of sales that concern
/// nobody in the plan nothing is converted, so that a rate that is missing holds up nobody.
pub async fn late(task: &Task, sales: &[Late]) -> Result<Vec<ActiveModel>> {
    let ids: Vec<Uuid> = sales.iter().map(|sale| sale.id.uuid()).collect();
    let rows = Scoped::<Entity>::read(&task.access).ids(&ids).models().await?;
    let of = |row: &Model| {
        let sale = sales.iter().find(|sale| sale.id == row.id)?;
        Some(Deal {
            id: row.id,
            owner: row.owner_id,
            of: row.opp_type,
            closed_at: sale.closed_at,
            money: Some(sale.money),
            rate_e10: sale.rate_e10,
        })
    };
    let mut deals: Vec<Deal> = rows.iter().filter_map(of).collect();
    owners(task, &mut deals).await?;
    let shares = shares(task, &deals).await?;
    let in_plan = |user: &UserId| task.places.contains_key(user);
    deals.retain(|deal| {
        let named = shares.get(&deal.id).into_iter().flatten().any(|row| in_plan(&row.user_id));
        named || deal.owner.as_ref().is_some_and(in_plan)
    });
    credited(task, &deals, &shares, None).await
}

/// Who owned each when it was won: whoever took it over since is credited with nothing.
async fn owners(task: &Task, deals: &mut [Deal]) -> Result<()> {
    use states::Column as T;
    let ids: Vec<Uuid> = deals.iter().map(|deal| deal.id.uuid()).collect();
    let col = |c: T| Expr::col((states::Entity::NAME, c));
    let of = |c: O| Expr::col((Entity::NAME, c));
    let then = Query::select()
        .expr(Expr::val(1))
        .from(Entity::NAME)
        .and_where(of(O::Id).equals((states::Entity::NAME, T::OpportunityId)))
        .and_where(of(O::ClosedAt).gte(col(T::At)))
        .cond_where(Condition::any().add(col(T::Until).is_null()).add(of(O::ClosedAt).lt(col(T::Until))))
        .take();
    let rows = Scoped::<states::Entity>::read(&task.access)
        .filter(within_ids((states::Entity::NAME, "opportunity_id"), &ids, task.access.store().backend()))
        .filter(Expr::exists(then))
        .shape(|q| _ = q.columns([T::OpportunityId, T::OwnerId].map(|c| (states::Entity::NAME, c))));
    let mut known: HashMap<OpportunityId, Option<UserId>> = HashMap::new();
    for row in rows.rows().await? {
        known.insert(row.try_get_by_index(0)?, row.try_get_by_index(1)?);
    }
    for deal in deals {
        if let Some(owner) = known.get(&deal.id) {
            deal.owner = *owner;
        }
    }
    Ok(())
}

fn deal(row: &QueryResult) -> Result<Deal> {
    let (amount, currency): (Option<i64>, Option<Currency>) = (row.try_get_by_index(4)?, row.try_get_by_index(5)?);
    Ok(Deal {
        id: row.try_get_by_index(0)?,
        owner: row.try_get_by_index(1)?,
        of: row.try_get_by_index(2)?,
        closed_at: row.try_get_by_index(3)?,
        money: amount.zip(currency).map(|(amount, currency)| Money::new(amount, currency)),
        rate_e10: row.try_get_by_index(6)?,
    })
}

async fn shares(task: &Task, deals: &[Deal]) -> Result<Shares> {
    let ids: Vec<Uuid> = deals.iter().map(|deal| deal.id.uuid()).collect();
    let theirs = within_ids((splits::Entity::NAME, "opportunity_id"), &ids, task.access.store().backend());
    let mut known = Shares::new();
    for row in Scoped::<splits::Entity>::read(&task.access).filter(theirs).models().await? {
        known.entry(row.opportunity_id).or_default().push(row);
    }
    for rows in known.values_mut() {
        rows.sort_by_key(|row| (role(row.role), row.user_id));
    }
    Ok(known)
}

/// What each is worth in the plan's currency, at the rate of the day it was closed.
async fn amounts(task: &Task, deals: &[Deal]) -> Result<Vec<Option<i64>>> {
    let to = task.plan.currency;
    let home = task.home;
    let kept = |deal: &Deal| deal.rate_e10.filter(|_| home.currency == Some(to) && home.rates_of(deal.closed_at));
    let wanted = |deal: &Deal| -> Option<Wanted> {
        let from = deal.money?.currency;
        (from != to && kept(deal).is_none()).then(|| (from, to, home.day(deal.closed_at)))
    };
    let all: Vec<Wanted> = deals.iter().filter_map(wanted).collect();
    let rates = Rates::load(Reader::Access(&task.access), home, &all).await?;
    let lacking: Vec<Wanted> = all.into_iter().filter(|wanted| rates.on(*wanted).is_none()).collect();
    if !lacking.is_empty() {
        return Err(missing(&lacking));
    }
    let convert = |deal: &Deal| -> Result<Option<i64>> {
        let Some(money) = deal.money else { return Ok(None) };
        let large = |e: entity::money::MoneyError| Error::BadInput(format!("{}: {e}", deal.id));
        let converted = match kept(deal) {
            _ if money.currency == to => money,
            Some(rate) => money.convert(rate, to).map_err(large)?,
            None => rates.convert(money, to, home.day(deal.closed_at))?,
        };
        Ok(Some(converted.amount_minor))
    };
    deals.iter().map(convert).collect()
}

fn credit(
    task: &Task,
    deal: &Deal,
    day: NaiveDate,
    amount: Option<i64>,
    said: &[splits::Model],
    sources: &mut Vec<ActiveModel>,
) {
    let Some(amount) = amount else { return };
    let whole = u32::try_from(WHOLE).unwrap_or(u32::MAX);
    let of = |row: &splits::Model| {
        (
            Share { role: role(row.role), user: row.user_id, percent: u32::try_from(row.percent_e2).unwrap_or(0) },
            row.role,
        )
    };
    let shares: Vec<(Share, SplitRole)> = match (said, deal.owner) {
        ([], Some(owner)) => {
            vec![(Share { role: role(SplitRole::Owner), user: owner, percent: whole }, SplitRole::Owner)]
        }
        (said, _) => said.iter().map(of).collect(),
    };
    let plain: Vec<Share> = shares.iter().map(|(share, _)| *share).collect();
    let (from, mut paid) = (sources.len(), BTreeSet::new());
    for ((share, said), base) in shares.iter().zip(split(amount, &plain)) {
        let Some(who) = task.person(share.user, day) else { continue };
        for (at, component) in task.plan.components.iter().enumerate() {
            let counts = component.pays(who.side) && component.roles().contains(&share.role);
            if counts && task.body.components[at].takes(deal.of) {
                paid.insert(*share);
                sources.push(ActiveModel {
                    kind: Set(SourceKind::Deal),
                    role: Set(Some(*said)),
                    percent_e2: Set(Some(share.percent.into())),
                    amount_minor: Set(Some(amount)),
                    base_minor: Set(Some(base)),
                    ..about(task, deal, share.user, at)
                });
            }
        }
    }
    let rest: Vec<Share> = plain.into_iter().filter(|share| !paid.contains(share)).collect();
    for source in &mut sources[from..] {
        source.rest = Set(rest::written(&rest));
    }
}

/// SPIFFs for what one owns and has won.
fn owned(task: &Task, deal: &Deal, day: NaiveDate, sources: &mut Vec<ActiveModel>) {
    let Some(who) = deal.owner.and_then(|owner| task.person(owner, day)) else { return };
    for (at, component) in task.plan.components.iter().enumerate() {
        let won = task.body.components[at].spiff.as_ref().is_some_and(|s| s.event.0 == SpiffEvent::OpportunityWon);
        if won && matches!(component.rule, Rule::Spiff { .. }) && component.pays(who.side) {
            sources.push(ActiveModel { kind: Set(SourceKind::Event), ..about(task, deal, who.user, at) });
        }
    }
}

fn about(task: &Task, deal: &Deal, user: UserId, component: usize) -> ActiveModel {
    ActiveModel {
        record_type: Set(Entity::NAME.to_owned()),
        record_id: Set(deal.id.uuid()),
        opportunity_id: Set(Some(deal.id)),
        happened_at: Set(deal.closed_at),
        ..source(task, user, component)
    }
}
