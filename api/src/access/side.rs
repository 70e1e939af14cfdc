//! On whose side people stand, as their user says; where it does not, as their teams do, and at last their roles.

use std::collections::{HashMap, HashSet};

use entity::{
    id::{RowId, UserId},
    membership,
    team::{self, Kind},
    user::{self, Side},
    word::Word,
};
use uuid::Uuid;

use super::role::{permissions::union, templates::Template};
use crate::{
    actor::Permission,
    error::Result,
    store::{Access, Guarded, Scoped, Tx, within_ids},
};

/// A question inside of somebody's work: those of the users who are marketing's people. Whoever has no side is where
/// their teams are, if these are marketing's and not sales' too; whoever has neither is marketing's by a built-in role of
/// marketing, unless another role of theirs lets them answer offers. `all` reads everybody.
pub async fn of_marketing(tx: &Tx, all: &Access, users: impl Iterator<Item = UserId>) -> Result<HashSet<UserId>> {
    let ids: HashSet<Uuid> = users.map(RowId::uuid).collect();
    if ids.is_empty() {
        return Ok(HashSet::new());
    }
    let ids: Vec<Uuid> = ids.into_iter().collect();
    let rows = tx.read(Scoped::<user::Entity>::read(all).ids(&ids)).await?;
    let mut found: HashSet<UserId> =
        rows.iter().filter(|row| row.side == Some(Side::Marketing)).map(|row| row.id).collect();
    let open: Vec<UserId> = rows.iter().filter(|row| row.side.is_none()).map(|row| row.id).collect();
    if open.is_empty() {
        return Ok(found);
    }
    let kinds = kinds(tx, all, &open).await?;
    let roles = tx.roles_of(&open).await?;
    found.extend(open.into_iter().filter(|user| {
        let (own, held) = (kinds.get(user), roles.get(user).map(Vec::as_slice).unwrap_or_default());
        let stands = |kind| own.is_some_and(|own| own.contains(&kind));
        match (stands(Kind::Marketing), stands(Kind::Sales)) {
            (marketing, sales) if marketing != sales => marketing,
            _ => {
                let markets = |key: &str| [Template::MktManager, Template::MktUser].iter().any(|of| of.word() == key);
                held.iter().any(|one| one.role.built_in && markets(&one.role.key))
                    && !union(held).hold(Permission::HandoffDecide)
            }
        }
    }));
    Ok(found)
}

/// The kinds of the teams that each of them is in. Two statements.
async fn kinds(tx: &Tx, all: &Access, users: &[UserId]) -> Result<HashMap<UserId, Vec<Kind>>> {
    let ids: Vec<Uuid> = users.iter().map(|user| user.uuid()).collect();
    let theirs = within_ids((membership::Entity::NAME, "user_id"), &ids, all.store().backend());
    let places = tx.read(Scoped::<membership::Entity>::read(all).filter(theirs)).await?;
    let teams: Vec<Uuid> = places.iter().map(|place| place.team_id.uuid()).collect();
    let teams = tx.read(Scoped::<team::Entity>::read(all).ids(&teams)).await?;
    let mut kinds: HashMap<UserId, Vec<Kind>> = HashMap::new();
    for place in places {
        let kind = teams.iter().find(|team| team.id == place.team_id).map(|team| team.kind);
        kinds.entry(place.user_id).or_default().extend(kind);
    }
    Ok(kinds)
}
