//! The first user of an organisation, made on the command line: there is no default account and no default password.

use std::sync::Arc;

use entity::{
    id::{OrganizationId, UserId},
    role, role_grant,
    user::Entity,
    word::Word,
};
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition};

use super::{
    joining::{Newcomer, insert, welcome},
    organization::{self, Beginning, slug_of},
    role::{permissions::union, templates::Template},
    session::password::{self, Hasher},
};
use crate::{
    actor::{Actor, Permission, Via},
    error::{Error, FaultCode, Result},
    store::{Access, Store},
};

/// A user as the command line wants them.
pub struct NewUser<'a> {
    /// Slug of the organisation, which is founded when it is new.
    pub organization: &'a str,
    pub email: &'a str,
    /// Key of a role, e.g. `ADMIN`.
    pub role: &'a str,
    pub name: Option<&'a str>,
    pub password: &'a str,
}

/// Makes an active user; a new organisation begins with what the `beginnings` of the domains add.
pub async fn create_user(
    store: &Store,
    hasher: &Hasher,
    new: &NewUser<'_>,
    beginnings: &[Beginning],
) -> Result<(OrganizationId, UserId)> {
    password::acceptable("password", new.password)?;
    let hash = hasher.hash(&hasher.seat()?, new.password).await?;
    let slug = slug_of(new.organization).map_err(|what| Error::invalid("organization", what))?;
    let mut tx = if let Some(known) = store.door().organization(Some(&slug)).await? {
        Access::new(store.clone(), Actor::system(known.id), None).begin(Permission::UserCreate).await?
    } else {
        let mut tx = organization::begin(store, &slug, beginnings).await?;
        tx.under(Permission::UserCreate)?;
        tx
    };
    let wanted = Condition::all().add(role::Column::Key.eq(new.role));
    let Some(held) = tx.lock_where::<role::Entity>(wanted).await?.pop() else { return Err(no_role(new.role)) };
    let newcomer = Newcomer {
        email: new.email.to_owned(),
        name: new.name.unwrap_or(new.email.split('@').next().unwrap_or("user")).to_owned(),
        side: None,
        region: None,
        reports_to: None,
        roles: vec![],
    };
    let user = insert(&mut tx, &newcomer).await?;
    let grant = role_grant::ActiveModel { user_id: Set(user.id), role_id: Set(held.id), ..Default::default() };
    tx.insert::<role_grant::Entity>(grant).await?;
    let user = tx.lock::<Entity>(user.id).await?;
    welcome(&mut tx, &user, &hash, None).await?;
    tx.commit(serde_json::Value::Null).await?;
    Ok((user.organization_id, user.id))
}

/// A user's own rights for the command line, which has proved nothing but that it may read the database.
pub async fn in_name_of(store: &Store, organization: &str, email: &str) -> Result<Access> {
    let door = store.door();
    let nobody = || Error::not_found("email");
    let found = door.organization(Some(organization)).await?.ok_or_else(|| Error::not_found("organization"))?;
    let email = crate::graph::text::email(email).map_err(|what| Error::invalid("email", what))?;
    let user = door.candidate(found.id, &email).await?.map(|c| c.user).filter(|u| u.active).ok_or_else(nobody)?;
    let rights = Arc::new(union(&door.roles(user.id).await?));
    let actor = Actor { organization: found.id, user: Some(user.id), via: Via::System, rights };
    Ok(Access::new(store.clone(), actor, None))
}

fn no_role(key: &str) -> Error {
    let known: Vec<&str> = Template::VALUES.iter().map(|(word, _)| *word).collect();
    let message = format!("no role {key:?}; the built-in ones are {}", known.join(", "));
    Error::refused(FaultCode::NotFound, "role", message)
}
