//! Reads what the desk must know, and writes down what it did. The counts of a pool belong to whoever holds the pool's
//! lock; pools are locked in the order of their ids.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use chrono::{Datelike, NaiveDate};
use entity::{
    account, handoff,
    id::{AccountId, PoolId, RowId, UserId},
    lead, pool, pool_member, pool_turn, user,
};
use sea_orm::{
    ActiveValue::Set,
    Condition, ExprTrait, IntoActiveModel,
    sea_query::{Expr, Func, SimpleExpr},
};
use uuid::Uuid;

use super::{
    desk::{Act, Ask, Desk, People, Place, Table},
    hours::absent,
    turn::Seat,
};
use crate::{
    access::role::permissions::who_may,
    actor::Permission,
    crm::{all_rows, home::Home},
    error::Result,
    store::{Guarded, Scoped, Tx},
};

/// The desk for these leads, and the counts as they were.
pub struct Loaded {
    pub desk: Desk,
    turns: Vec<pool_turn::Model>,
    month: NaiveDate,
}

/// A bounded number of statements, however many leads there are.
pub async fn load(tx: &mut Tx, asks: &[Ask]) -> Result<Loaded> {
    let now = tx.access().now();
    let month = first_day(Home::of(tx).await?.day(now));
    let pools = lock_pools(tx, asks).await?;
    let members = members_of(tx, &pools).await?;
    let turns = turns_of(tx, &pools, month).await?;
    let owners = owners_of(tx, asks).await?;
    lock_limited(tx, &members).await?;
    let people = people(asks, &members, &owners);
    let active = active_of(tx, &people).await?;
    let answering = answering(tx, asks, &active).await?;
    let open = open_leads(tx, &members).await?;
    let away = absent(tx, &active, now).await?;
    let at_work = super::hours::at_work(tx, &active, &away, now).await?;
    let mut tables: BTreeMap<PoolId, Table> = BTreeMap::new();
    for pool in &pools {
        tables.insert(pool.id, Table { active: pool.active, places: vec![] });
    }
    for member in members {
        let turn = turns.iter().find(|turn| turn.pool_member_id == member.id);
        let seat = Seat {
            user: member.user_id,
            weight: member.weight,
            assigned: turn.map_or(0, |turn| turn.assigned.into()),
            eligible: false,
            was_eligible: turn.is_some_and(|turn| turn.eligible),
        };
        let open = open.get(&member.user_id).copied().unwrap_or(0);
        let at_work = at_work.contains(&member.user_id);
        if let Some(table) = tables.get_mut(&member.pool_id) {
            table.places.push(Place { member, seat, open, at_work, hindrance: None });
        }
    }
    let people = People { active, away, answering };
    Ok(Loaded { desk: Desk { now, owners, people, pools: tables }, turns, month })
}

/// Writes the counts that changed.
pub async fn save(tx: &mut Tx, loaded: &Loaded) -> Result<()> {
    let mut new = Vec::new();
    for (pool, place) in places(&loaded.desk) {
        let (assigned, eligible) = (i32::try_from(place.seat.assigned).unwrap_or(i32::MAX), place.seat.was_eligible);
        match loaded.turns.iter().find(|turn| turn.pool_member_id == place.member.id) {
            Some(old) => {
                let row = pool_turn::ActiveModel {
                    assigned: Set(assigned),
                    eligible: Set(eligible),
                    ..old.clone().into_active_model()
                };
                tx.update::<pool_turn::Entity>(row).await?;
            }
            None if assigned > 0 || eligible => new.push(pool_turn::ActiveModel {
                pool_id: Set(pool),
                pool_member_id: Set(place.member.id),
                month: Set(loaded.month),
                assigned: Set(assigned),
                eligible: Set(eligible),
                ..Default::default()
            }),
            None => {}
        }
    }
    if !new.is_empty() {
        tx.insert_many::<pool_turn::Entity>(new).await?;
    }
    Ok(())
}

fn places(desk: &Desk) -> Vec<(PoolId, &Place)> {
    desk.pools.iter().flat_map(|(pool, table)| table.places.iter().map(move |place| (*pool, place))).collect()
}

fn first_day(day: NaiveDate) -> NaiveDate {
    day.with_day(1).unwrap_or(day)
}

fn column<E: Guarded>(name: &'static str) -> SimpleExpr {
    Expr::col((E::NAME, name))
}

fn of_pools<E: Guarded>(name: &'static str, pools: &[pool::Model]) -> Condition {
    Condition::all().add(column::<E>(name).is_in(pools.iter().map(|pool| pool.id.uuid())))
}

async fn lock_pools(tx: &mut Tx, asks: &[Ask]) -> Result<Vec<pool::Model>> {
    let named = asks.iter().flat_map(|ask| &ask.ways).filter_map(|way| match &way.act {
        Act::Pool(pool, _) | Act::Queue(pool) => Some(pool.uuid()),
        Act::AccountOwner | Act::User(_) => None,
    });
    let ids: BTreeSet<Uuid> = named.collect();
    if ids.is_empty() {
        return Ok(vec![]);
    }
    tx.lock_where::<pool::Entity>(Condition::all().add(column::<pool::Entity>("id").is_in(ids))).await
}

async fn members_of(tx: &Tx, pools: &[pool::Model]) -> Result<Vec<pool_member::Model>> {
    if pools.is_empty() {
        return Ok(vec![]);
    }
    let members = Scoped::<pool_member::Entity>::read(&all_rows(tx))
        .filter(of_pools::<pool_member::Entity>("pool_id", pools))
        .shape(|q| _ = q.order_by(("pool_member", "user_id"), sea_orm::Order::Asc));
    tx.read(members).await
}

/// Whoever has a limit may be in several pools: of two pools at once one waits here, at their places in all pools, and then
/// counts what the other gave. After the pools, in the order of ids.
async fn lock_limited(tx: &mut Tx, members: &[pool_member::Model]) -> Result<()> {
    let limited: BTreeSet<Uuid> =
        members.iter().filter(|member| member.capacity.is_some()).map(|member| member.user_id.uuid()).collect();
    if !limited.is_empty() {
        let theirs = Condition::all().add(column::<pool_member::Entity>("user_id").is_in(limited));
        tx.lock_where::<pool_member::Entity>(theirs).await?;
    }
    Ok(())
}

async fn turns_of(tx: &mut Tx, pools: &[pool::Model], month: NaiveDate) -> Result<Vec<pool_turn::Model>> {
    if pools.is_empty() {
        return Ok(vec![]);
    }
    let of = of_pools::<pool_turn::Entity>("pool_id", pools).add(column::<pool_turn::Entity>("month").eq(month));
    tx.lock_where::<pool_turn::Entity>(of).await
}

async fn owners_of(tx: &Tx, asks: &[Ask]) -> Result<HashMap<AccountId, UserId>> {
    let wanted = asks.iter().filter(|ask| ask.ways.iter().any(|way| way.act == Act::AccountOwner));
    let ids: Vec<Uuid> = wanted.filter_map(|ask| Some(ask.lead.matched_account_id?.uuid())).collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = tx.read(Scoped::<account::Entity>::read(&all_rows(tx)).ids(&ids)).await?;
    Ok(rows.into_iter().filter_map(|row| Some((row.id, row.owner_id?))).collect())
}

/// Everybody who could be chosen.
fn people(asks: &[Ask], members: &[pool_member::Model], owners: &HashMap<AccountId, UserId>) -> Vec<Uuid> {
    let named = asks.iter().flat_map(|ask| &ask.ways).filter_map(|way| match way.act {
        Act::User(user) => Some(user),
        _ => None,
    });
    let all = named.chain(members.iter().map(|m| m.user_id)).chain(owners.values().copied());
    all.map(RowId::uuid).collect::<BTreeSet<_>>().into_iter().collect()
}

async fn active_of(tx: &Tx, people: &[Uuid]) -> Result<HashSet<UserId>> {
    if people.is_empty() {
        return Ok(HashSet::new());
    }
    let rows = tx.read(Scoped::<user::Entity>::read(&all_rows(tx)).ids(people)).await?;
    Ok(rows.into_iter().filter(|row| row.active).map(|row| row.id).collect())
}

/// Of these who may answer offers, if anything is to be offered.
async fn answering(tx: &Tx, asks: &[Ask], active: &HashSet<UserId>) -> Result<HashSet<UserId>> {
    if !asks.iter().any(|ask| ask.offered) {
        return Ok(HashSet::new());
    }
    let users: Vec<UserId> = active.iter().copied().collect();
    who_may(tx, &users, Permission::HandoffDecide).await
}

/// Leads that each has or is offered, and that are neither converted nor given up or back.
async fn open_leads(tx: &Tx, members: &[pool_member::Model]) -> Result<HashMap<UserId, i64>> {
    let counted = members.iter().filter(|member| member.capacity.is_some());
    let users: Vec<Uuid> = counted.map(|member| member.user_id.uuid()).collect();
    if users.is_empty() {
        return Ok(HashMap::new());
    }
    let open = [
        lead::Status::New,
        lead::Status::Nurturing,
        lead::Status::Mql,
        lead::Status::Offered,
        lead::Status::Accepted,
        lead::Status::Working,
        lead::Status::Sql,
    ];
    let owned = Scoped::<lead::Entity>::read(&all_rows(tx))
        .filter(column::<lead::Entity>("owner_id").is_in(users.iter().copied()))
        .filter(column::<lead::Entity>("status").is_in(open));
    let mut counts = counted_by::<lead::Entity>(tx, owned, "owner_id").await?;
    let offered = Scoped::<handoff::Entity>::read(&all_rows(tx))
        .filter(column::<handoff::Entity>("offered_user_id").is_in(users))
        .filter(column::<handoff::Entity>("state").eq(handoff::State::Pending))
        .filter(
            Condition::any()
                .add(column::<handoff::Entity>("previous_owner_id").is_null())
                .add(column::<handoff::Entity>("previous_owner_id").ne(column::<handoff::Entity>("offered_user_id"))),
        );
    for (user, more) in counted_by::<handoff::Entity>(tx, offered, "offered_user_id").await? {
        *counts.entry(user).or_insert(0) += more;
    }
    Ok(counts)
}

async fn counted_by<E: Guarded>(tx: &Tx, rows: Scoped<E>, by: &'static str) -> Result<HashMap<UserId, i64>> {
    let rows = rows.shape(|q| {
        q.expr(column::<E>(by)).expr(Func::count(column::<E>("id"))).group_by_col((E::NAME, by));
    });
    let cells = tx.cells(rows).await?;
    Ok(cells
        .iter()
        .map(|row| Ok((UserId(row.try_get_by_index(0)?), row.try_get_by_index(1)?)))
        .collect::<Result<_, sea_orm::DbErr>>()?)
}
