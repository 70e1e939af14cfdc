//! Roles: the built-in ones and those an organisation composes. Nobody makes, changes or deletes a role that gives
//! more than they hold themselves, nor one that they hold.

pub mod grant;
pub mod pay;
pub mod permissions;
pub mod templates;

use std::sync::LazyLock;

use entity::{
    id::{RoleId, RowId},
    role::{ActiveModel, Column as C, Entity},
    role_grant,
    word::Word,
};
use futures_util::future::BoxFuture;
use sea_orm::{
    ActiveValue,
    ActiveValue::Set,
    ColumnTrait, Condition,
    sea_query::{Expr, ExprTrait},
};

use self::{permissions::may_give, templates::Template};
use crate::{
    actor::{Actor, Permission, Rights},
    error::{Error, Fault, FaultCode, Result},
    graph::{self, Item, Meta, Record, Refusals, Rules, record::Change},
    store::{Access, Guarded, Scoped, Store, Tx, expect_version},
};

impl Guarded for Entity {
    type Id = RoleId;
    const NAME: &'static str = "role";
    const READ: Permission = Permission::RoleRead;
    const RIGHTS: bool = true;

    /// Built-in roles are changed by nobody but Accord itself.
    fn within(actor: &Actor, permission: Permission) -> Condition {
        match permission {
            Permission::RoleUpdate | Permission::RoleDelete if actor.user.is_some() => {
                Condition::all().add(Expr::col((Self::NAME, C::BuiltIn)).eq(false))
            }
            _ => Condition::all(),
        }
    }
}

impl Record for Entity {
    const REFUSES: Refusals = &[(&[], &[FaultCode::Forbidden, FaultCode::Locked])];

    fn meta() -> &'static Meta {
        meta()
    }

    fn blank(_: chrono::DateTime<chrono::Utc>) -> ActiveModel {
        ActiveModel { built_in: Set(false), ..Default::default() }
    }

    fn check<'a>(tx: &'a mut Tx, changes: &'a mut [Change<Self>]) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            for change in changes {
                if let Err(error) = checked(tx, change).await {
                    change.faults.extend(error.into_faults()?);
                }
            }
            Ok(())
        })
    }
}

/// The key's form, the permissions' form, and that they are the caller's to give.
async fn checked(tx: &Tx, change: &mut Change<Entity>) -> Result<()> {
    if let Set(key) = &change.row.key
        && Template::parse(key).is_some()
    {
        return Err(Error::refused(FaultCode::Duplicate, "key", "a built-in role has this key"));
    }
    let ActiveValue::Set(list) = &change.row.permissions else { return Ok(()) };
    let wanted = permissions::parse(list).map_err(|what| Error::invalid("permissions", what))?;
    let actor = tx.access().actor();
    if let Some(before) = &change.before {
        not_held(tx, before.id).await?;
        let former = permissions::rights_of(before);
        may_give(&actor.rights, &former)?;
        // a new one shows nothing before it is given; the first to see everybody's pay is given a role that shows it, which is told
        for rights in [&former, &wanted] {
            if pay::guard(tx, rights).await? && given(tx, before.id).await? {
                return Err(Error::Forbidden(Permission::IncentiveRead));
            }
        }
    }
    may_give(&actor.rights, &wanted)?;
    of_one_side(&wanted)?;
    change.row.permissions = Set(permissions::list(&wanted));
    Ok(())
}

/// Whether anybody has a role, be they here or invited.
async fn given(tx: &Tx, role: RoleId) -> Result<bool> {
    let grants = Condition::all().add(role_grant::Column::RoleId.eq(role));
    Ok(!tx.read(Scoped::<role_grant::Entity>::read(tx.access()).filter(grants)).await?.is_empty())
}

/// The keys of both sides in one role would let a person of one speak for the other.
fn of_one_side(wanted: &Rights) -> Result<()> {
    const KEYS: [[Permission; 2]; 4] = [
        [Permission::AgreementApproveMarketing, Permission::AgreementApproveSales],
        [Permission::TargetListVoteMarketing, Permission::TargetListVoteSales],
        [Permission::InitiativeScoreMarketing, Permission::InitiativeScoreSales],
        [Permission::DisputeSignMarketing, Permission::DisputeSignSales],
    ];
    let both = KEYS.iter().find(|pair| pair.iter().all(|key| wanted.reach(*key).is_some()));
    let Some([one, other]) = both else { return Ok(()) };
    let message = format!("{} and {} are keys of different sides: no role holds both", one.word(), other.word());
    Err(Error::invalid("permissions", message))
}

/// Nobody changes what they hold themselves.
async fn not_held(tx: &Tx, role: RoleId) -> Result<()> {
    let Some(me) = tx.access().actor().user else { return Ok(()) };
    if tx.roles(me).await?.iter().any(|held| held.role.id == role) {
        return Err(Error::Refused(vec![Fault::new(
            FaultCode::Locked,
            "id",
            "you hold this role: somebody else must change it",
        )]));
    }
    Ok(())
}

/// Deletes a role that nobody holds. There is no restore: it would give rights that nobody looked at.
pub async fn delete(access: &Access, id: RoleId, version: Option<i32>) -> Result<RoleId> {
    let mut tx = access.begin(Permission::RoleDelete).await?;
    let role = tx.lock::<Entity>(id).await?;
    expect_version::<Entity>(&role, version)?;
    may_give(&access.actor().rights, &permissions::rights_of(&role))?;
    if given(&tx, id).await? {
        return Err(Error::refused(FaultCode::Locked, "id", "somebody holds this role: revoke it from them first"));
    }
    tx.delete::<Entity>(role).await?;
    tx.commit(graph::record::remembered(id.uuid())).await?;
    Ok(id)
}

/// A step: makes the built-in roles that are missing and brings the rows of the others up to date.
pub async fn refresh(tx: &mut Tx) -> Result<()> {
    let built_in = Condition::all().add(C::BuiltIn.eq(true));
    let known = tx.lock_where::<Entity>(built_in).await?;
    for template in Template::all() {
        let row = ActiveModel {
            key: Set(template.word().to_owned()),
            name: Set(template.title().to_owned()),
            description: Set(about(template).map(str::to_owned)),
            built_in: Set(true),
            permissions: Set(permissions::list(&template.rights())),
            ..Default::default()
        };
        match known.iter().find(|role| role.key == template.word()) {
            None => _ = tx.insert::<Entity>(row).await?,
            Some(role) => _ = tx.update::<Entity>(ActiveModel { id: ActiveValue::Unchanged(role.id), ..row }).await?,
        }
    }
    Ok(())
}

fn about(template: Template) -> Option<&'static str> {
    Template::VALUES.iter().find(|(word, _)| *word == template.word()).map(|(_, about)| *about)
}

/// Brings every organisation's built-in roles up to this version's templates: at the start, after the migrations.
pub async fn refresh_all(store: &Store) -> Result<()> {
    for organization in store.door().organizations().await? {
        let access = Access::new(store.clone(), Actor::system(organization), None);
        let mut tx = access.begin(Permission::RoleUpdate).await?;
        refresh(&mut tx).await?;
        tx.commit(serde_json::Value::Null).await?;
    }
    Ok(())
}

/// A step: what somebody may do, as this work sees it.
pub async fn rights_in(tx: &Tx, user: entity::id::UserId) -> Result<Rights> {
    Ok(permissions::union(&tx.roles(user).await?))
}

fn key(text: &str) -> Result<String, &'static str> {
    let plain = text.len() <= 40
        && text.starts_with(|c: char| c.is_ascii_uppercase())
        && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
    if plain {
        Ok(text.to_owned())
    } else {
        Err("use up to 40 capital letters, digits and underscores, such as PARTNER_REP")
    }
}

pub fn meta() -> &'static Meta {
    static META: LazyLock<Meta> = LazyLock::new(|| {
        let rules = Rules {
            read: Permission::RoleRead,
            create: Some(Permission::RoleCreate),
            update: Some(Permission::RoleUpdate),
            delete: None,
            assign: None,
        };
        let list = "What it gives, each permission once. Never more than the caller holds.";
        Meta::new::<Entity>(
            "Role",
            "roles",
            "A named set of permissions. Built-in roles come with Accord and cannot be changed; \
            a person's rights are the union of their roles.",
            rules,
            vec![
                graph::text(
                    C::Key,
                    "Upper-case word by which programs know it, e.g. \"PARTNER_REP\". Unique in the organisation.",
                )
                .normal(key)
                .unique()
                .once()
                .required()
                .filter()
                .order(),
                graph::text(C::Name, "The name people see. Unique in the organisation.")
                    .max(100)
                    .write()
                    .required()
                    .filter()
                    .order(),
                graph::text(C::Description, "What it is for, in plain text.").max(1000).write(),
                graph::boolean(C::BuiltIn, "Came with Accord.").filter(),
                graph::list(C::Permissions, Item::Form(permissions::form()), list).write().required(),
                graph::many("grants", role_grant::Column::RoleId, grant::meta, "Who holds it."),
            ],
        )
    });
    &META
}
