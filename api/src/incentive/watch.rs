//! Nobody comes to see somebody's pay in silence: whoever is helped to a new password, put below somebody, with all below them,
//! brought into a team where others see pay, or given a role that shows the pay of others is told, and so is finance, in the commit that did it. From the moment that anybody is in a plan.

use std::collections::BTreeSet;

use entity::{
    id::{RowId, UserId},
    incentive_assignment::Entity as Assignments,
    membership, password_reset, role, role_grant, user,
    user::Model as User,
};
use futures_util::future::BoxFuture;
use sea_orm::{ColumnTrait, Condition};
use uuid::Uuid;

use crate::{
    access::{
        notification::{Word, tell},
        role::permissions::{given, rights_of, shows_pay},
    },
    actor::{Permission, Rights, Scope},
    crm::all_rows,
    error::Result,
    store::{Guarded, Listener, News, Op, Scoped, Tx},
};

pub fn listeners() -> Vec<Listener> {
    vec![
        Listener { table: password_reset::Entity::NAME, hear: helped },
        Listener { table: user::Entity::NAME, hear: moved },
        Listener { table: user::Entity::NAME, hear: came },
        Listener { table: role_grant::Entity::NAME, hear: opened },
        Listener { table: role::Entity::NAME, hear: widened },
        Listener { table: membership::Entity::NAME, hear: joined },
    ]
}

/// Somebody may set another one's password.
fn helped(tx: &mut Tx, news: Vec<News>) -> BoxFuture<'_, Result<()>> {
    Box::pin(async move {
        let made = created(&news);
        if made.is_empty() || !paid(tx).await? {
            return Ok(());
        }
        for reset in tx.read(Scoped::<password_reset::Entity>::read(&all_rows(tx)).ids(&made)).await? {
            let name = named(tx, reset.user_id).await?;
            let what = format!("a secret was made with which the password of {name} can be set");
            say(tx, "user.password_reset_requested", &what, reset.user_id, &[reset.user_id]).await?;
        }
        Ok(())
    })
}

/// Somebody is below another one, who sees their pay from now on.
fn moved(tx: &mut Tx, news: Vec<News>) -> BoxFuture<'_, Result<()>> {
    Box::pin(async move {
        let below = |one: &&News| one.op == Op::Updated && one.changed.iter().any(|column| column == "reports_to_id");
        let ids: Vec<Uuid> = news.iter().filter(below).map(|one| one.id).collect();
        if ids.is_empty() || !paid(tx).await? {
            return Ok(());
        }
        for who in tx.read(Scoped::<user::Entity>::read(&all_rows(tx)).ids(&ids)).await? {
            let Some(manager) = who.reports_to_id else { continue };
            let above = named(tx, manager).await?;
            let what = format!("{} reports to {above}, who may see what they and those below them are paid", who.name);
            // those below them come to be seen by the same people
            let concerned = tx.all_below(who.id).await?;
            say(tx, "user.moved", &what, who.id, &concerned).await?;
        }
        Ok(())
    })
}

/// Somebody was given a role that shows the pay of others.
fn opened(tx: &mut Tx, news: Vec<News>) -> BoxFuture<'_, Result<()>> {
    Box::pin(async move {
        let made = created(&news);
        if made.is_empty() || !paid(tx).await? {
            return Ok(());
        }
        for (user, role) in showing(tx, Condition::all().add(role_grant::Column::Id.is_in(made))).await? {
            let what =
                format!("{} was given the role {role}, which shows what others are paid", named(tx, user).await?);
            say(tx, "role_grant.shows_pay", &what, user, &[user]).await?;
        }
        Ok(())
    })
}

/// Somebody who was invited has come, with a role that shows the pay of others: it was given when there may have been nobody to
/// tell.
fn came(tx: &mut Tx, news: Vec<News>) -> BoxFuture<'_, Result<()>> {
    Box::pin(async move {
        let ids: Vec<Uuid> = news.iter().filter(|one| one.kind == "user.activated").map(|one| one.id).collect();
        if ids.is_empty() || !paid(tx).await? {
            return Ok(());
        }
        for (user, role) in showing(tx, Condition::all().add(role_grant::Column::UserId.is_in(ids))).await? {
            let what =
                format!("{} has come, with the role {role}, which shows what others are paid", named(tx, user).await?);
            say(tx, "role_grant.shows_pay", &what, user, &[]).await?;
        }
        Ok(())
    })
}

/// Of these grants those that show the pay of others: whose, and the role's key.
async fn showing(tx: &Tx, which: Condition) -> Result<Vec<(UserId, String)>> {
    let mut all = Vec::new();
    for grant in tx.read(Scoped::<role_grant::Entity>::read(&all_rows(tx)).filter(which)).await? {
        let role = tx.read(Scoped::<role::Entity>::read(&all_rows(tx)).ids(&[grant.role_id.uuid()])).await?.pop();
        if let Some(role) = role.filter(|role| of_others(&given(role, grant.team_id))) {
            all.push((grant.user_id, role.key));
        }
    }
    Ok(all)
}

/// Somebody has come into a team in which a role shows what its members are paid.
fn joined(tx: &mut Tx, news: Vec<News>) -> BoxFuture<'_, Result<()>> {
    Box::pin(async move {
        let ids: Vec<Uuid> =
            news.iter().filter(|one| matches!(one.op, Op::Created | Op::Restored)).map(|one| one.id).collect();
        if ids.is_empty() || !paid(tx).await? {
            return Ok(());
        }
        for member in tx.read(Scoped::<membership::Entity>::read(&all_rows(tx)).ids(&ids)).await? {
            let there = Condition::all().add(role_grant::Column::TeamId.eq(member.team_id));
            for (sees, role) in showing(tx, there).await? {
                if sees != member.user_id {
                    let (who, sees) = (named(tx, member.user_id).await?, named(tx, sees).await?);
                    let what = format!(
                        "{who} has come into a team where {sees} has the role {role}, which shows what others are paid"
                    );
                    say(tx, "membership.shows_pay", &what, member.user_id, &[member.user_id]).await?;
                }
            }
        }
        Ok(())
    })
}

/// A role shows the pay of others, and its permissions were changed.
fn widened(tx: &mut Tx, news: Vec<News>) -> BoxFuture<'_, Result<()>> {
    Box::pin(async move {
        let told = |one: &&News| one.op == Op::Updated && one.changed.iter().any(|column| column == "permissions");
        let ids: Vec<Uuid> = news.iter().filter(told).map(|one| one.id).collect();
        if ids.is_empty() || !paid(tx).await? {
            return Ok(());
        }
        for role in tx.read(Scoped::<role::Entity>::read(&all_rows(tx)).ids(&ids)).await? {
            if !role.built_in && of_others(&rights_of(&role)) {
                let what = format!("the role {}, which shows what others are paid, was changed", role.key);
                let (kind, about) = ("role.shows_pay", (role::Entity::NAME, role.id.uuid()));
                let finance: Vec<UserId> = finance(tx).await?.into_iter().collect();
                tell(tx, &finance, &Word { kind, subject: &what, about }).await?;
            }
        }
        Ok(())
    })
}

fn created(news: &[News]) -> Vec<Uuid> {
    news.iter().filter(|one| one.op == Op::Created).map(|one| one.id).collect()
}

/// Whether rights show more than one's own pay.
fn of_others(rights: &Rights) -> bool {
    let read = Permission::IncentiveRead;
    let wide = |scope: Scope| scope != Scope::Own;
    shows_pay(rights)
        || rights.reach(read).is_some_and(|reach| wide(reach.scope))
        || rights.in_teams(read).any(|(_, reach)| wide(reach.scope))
}

/// Whether anybody is in a plan.
async fn paid(tx: &Tx) -> Result<bool> {
    let some = Scoped::<Assignments>::read(&all_rows(tx)).shape(|q| _ = q.column((Assignments::NAME, "id")).limit(1));
    Ok(!tx.cells(some).await?.is_empty())
}

async fn named(tx: &Tx, id: UserId) -> Result<String> {
    let found = tx.read(Scoped::<user::Entity>::read(&all_rows(tx)).ids(&[id.uuid()])).await?.pop();
    Ok(found.map_or_else(|| id.to_string(), |user: User| user.name))
}

/// Whoever sees everybody's pay.
async fn finance(tx: &Tx) -> Result<BTreeSet<UserId>> {
    let shown = tx.roles_held().await?.into_iter().filter(|role| shows_pay(&rights_of(role)));
    let roles: Vec<Uuid> = shown.map(|role| role.id.uuid()).collect();
    if roles.is_empty() {
        return Ok(BTreeSet::new());
    }
    let held = Condition::all().add(role_grant::Column::RoleId.is_in(roles));
    let grants = tx.read(Scoped::<role_grant::Entity>::read(&all_rows(tx)).filter(held)).await?;
    Ok(grants.into_iter().map(|grant| grant.user_id).collect())
}

/// Tells it to these people and to finance; not to who did it, who knows.
async fn say(tx: &mut Tx, kind: &str, what: &str, about: UserId, people: &[UserId]) -> Result<()> {
    let me = tx.access().actor().user;
    let mut all = finance(tx).await?;
    all.extend(people);
    let all: Vec<UserId> = all.into_iter().filter(|user| Some(*user) != me).collect();
    tell(tx, &all, &Word { kind, subject: what, about: (user::Entity::NAME, about.uuid()) }).await
}
