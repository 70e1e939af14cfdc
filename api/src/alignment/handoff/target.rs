//! To whom a lead is offered: what the caller says, or what routing decides.

use chrono::{DateTime, Utc};
use entity::{
    id::{PoolId, RoutingDecisionId, TeamId, UserId},
    lead::Model as Lead,
    membership, pool_member, team, user,
};
use sea_orm::{Condition, ExprTrait, Value, sea_query::Expr};
use uuid::Uuid;

use crate::{
    access::role::permissions::who_may,
    actor::Permission,
    alignment::routing::{self, Act, Ask, Decided},
    crm::all_rows,
    error::{Error, FaultCode, Result},
    graph::Patch,
    store::{Guarded, Scoped, Tx},
};

/// What the caller said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    User(UserId),
    /// The member whose turn it is.
    Pool(PoolId),
    /// Whoever of the pool takes it first.
    Queue(PoolId),
    /// Whoever of the team takes it first.
    Team(TeamId),
    /// Whatever the routing agreement says.
    Routing,
}

/// To whom it goes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Target {
    pub user: Option<UserId>,
    pub pool: Option<PoolId>,
    pub team: Option<TeamId>,
    pub decision: Option<RoutingDecisionId>,
    /// How long the routing agreement lets offers wait.
    pub minutes: Option<i32>,
}

/// Takes the wish out of the input: at most one.
pub fn wish(told: &mut Patch) -> Result<Wish> {
    let user = id(told, "user_id").map(|id| Wish::User(UserId(id)));
    let pool = id(told, "pool_id").map(|id| Wish::Pool(PoolId(id)));
    let queue = id(told, "queue_id").map(|id| Wish::Queue(PoolId(id)));
    let team = id(told, "team_id").map(|id| Wish::Team(TeamId(id)));
    let mut wishes = [user, pool, queue, team].into_iter().flatten();
    let first = wishes.next().unwrap_or(Wish::Routing);
    if wishes.next().is_some() {
        return Err(Error::invalid("userId", "offer it to one user, pool, queue or team, or to none of them"));
    }
    Ok(first)
}

pub fn id(told: &mut Patch, name: &str) -> Option<Uuid> {
    if let Some(Value::Uuid(id)) = told.remove(name) { id } else { None }
}

pub fn time(told: &mut Patch, name: &str) -> Option<DateTime<Utc>> {
    if let Some(Value::ChronoDateTimeUtc(time)) = told.remove(name) { time } else { None }
}

/// Finds whom the lead goes to; refused when there is nobody.
pub async fn find(tx: &mut Tx, lead: &Lead, wish: Wish, passed_over: Vec<UserId>) -> Result<Target> {
    match wish {
        Wish::User(user) => {
            let found = tx.read(Scoped::<user::Entity>::read(&all_rows(tx)).ids(&[user.0])).await?.pop();
            let user = found.ok_or_else(|| Error::not_found("userId"))?;
            if !user.active {
                return Err(Error::invalid("userId", "this user is not active"));
            }
            if who_may(tx, &[user.id], Permission::HandoffDecide).await?.is_empty() {
                return Err(Error::invalid("userId", "this user may not answer offers: they lack HANDOFF_DECIDE"));
            }
            Ok(Target { user: Some(user.id), ..Target::default() })
        }
        Wish::Team(id) => {
            let found = tx.read(Scoped::<team::Entity>::read(&all_rows(tx)).ids(&[id.0])).await?.pop();
            let team = found.ok_or_else(|| Error::not_found("teamId"))?;
            if !answers(tx, team.id).await? {
                let message = "nobody in this team may answer offers: it has no active member with HANDOFF_DECIDE";
                return Err(Error::refused(FaultCode::CriteriaUnmet, "teamId", message));
            }
            Ok(Target { team: Some(team.id), ..Target::default() })
        }
        Wish::Pool(_) | Wish::Queue(_) | Wish::Routing => {
            let asked = asked(tx, lead, wish, passed_over).await?;
            let asked = asked.ok_or_else(|| Error::internal("a wish that asks nobody"))?;
            let decided = routing::route(tx, &[asked.ask], asked.version).await?.pop();
            let decided = decided.ok_or_else(|| Error::internal("a lead without a decision"))?;
            Target::of(decided, asked.minutes, asked.field)
        }
    }
}

/// Whether somebody of the team may answer an offer to it.
async fn answers(tx: &Tx, team: TeamId) -> Result<bool> {
    let all = all_rows(tx);
    let theirs = Expr::col((membership::Entity::NAME, "team_id")).eq(team.0);
    let members = tx.read(Scoped::<membership::Entity>::read(&all).filter(theirs)).await?;
    let ids: Vec<Uuid> = members.iter().map(|member| member.user_id.0).collect();
    let users = tx.read(Scoped::<user::Entity>::read(&all).ids(&ids)).await?;
    let active: Vec<UserId> = users.iter().filter(|user| user.active).map(|user| user.id).collect();
    Ok(!who_may(tx, &active, Permission::HandoffDecide).await?.is_empty())
}

/// What routing is asked.
pub struct Asked {
    pub ask: Ask,
    pub version: Option<Uuid>,
    pub minutes: Option<i32>,
    /// Where the input says so.
    pub field: &'static str,
}

/// What a wish asks of routing; none when it names somebody.
pub async fn asked(tx: &Tx, lead: &Lead, wish: Wish, passed_over: Vec<UserId>) -> Result<Option<Asked>> {
    let (act, field) = match wish {
        Wish::User(_) | Wish::Team(_) => return Ok(None),
        Wish::Pool(pool) => (Act::Pool(pool, vec![]), "poolId"),
        Wish::Queue(pool) => (Act::Queue(pool), "queueId"),
        Wish::Routing => {
            let (mut asks, agreed) = routing::agreed(tx, std::slice::from_ref(lead)).await?;
            let ask = asks.pop().ok_or_else(|| Error::internal("a lead without an ask"))?;
            let ask = Ask { passed_over, offered: true, ..ask };
            let (version, minutes) = (Some(agreed.version.0), agreed.body.offer_minutes);
            return Ok(Some(Asked { ask, version, minutes, field: "id" }));
        }
    };
    Ok(Some(Asked { ask: routing::asked(lead, act, passed_over), version: None, minutes: None, field }))
}

impl Target {
    /// What routing decided; refused when it found nobody.
    pub fn of(decided: Decided, minutes: Option<i32>, field: &'static str) -> Result<Self> {
        let Decided { id, found } = decided;
        if found.failed() {
            let why = found.trace.iter().rev().find_map(|step| step["why"].as_str()).unwrap_or("no rule applies");
            let message = format!("nobody can be offered this lead: {why}");
            return Err(Error::refused(FaultCode::CriteriaUnmet, field, message));
        }
        Ok(Self { user: found.user, pool: found.pool, team: None, decision: Some(id), minutes })
    }
}

/// Whether a user is in this pool.
pub async fn in_pool(tx: &Tx, pool: PoolId, user: UserId) -> Result<bool> {
    is_in::<pool_member::Entity>(tx, ("pool_id", pool.0), user).await
}

/// Whether a user is in this team.
pub async fn in_team(tx: &Tx, team: TeamId, user: UserId) -> Result<bool> {
    is_in::<membership::Entity>(tx, ("team_id", team.0), user).await
}

async fn is_in<E: Guarded>(tx: &Tx, (group, id): (&'static str, Uuid), user: UserId) -> Result<bool> {
    let theirs =
        Condition::all().add(Expr::col((E::NAME, group)).eq(id)).add(Expr::col((E::NAME, "user_id")).eq(user.0));
    Ok(!tx.read(Scoped::<E>::read(&all_rows(tx)).filter(theirs)).await?.is_empty())
}
