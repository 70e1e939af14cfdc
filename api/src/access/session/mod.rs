//! Sessions: who is signed in where. One sees and ends one's own; those of others need `SESSION_UPDATE`. Tokens are
//! stored as hashes only and have no output field.

pub mod backoff;
pub mod limit;
pub mod password;
pub mod refresh;
pub mod secret;
pub mod sign_in;
pub mod token;

use std::sync::LazyLock;

use entity::{
    id::{RowId, SessionId, UserId},
    session::{ActiveModel, Column as C, Entity},
};
use sea_orm::{
    ActiveValue,
    ActiveValue::Set,
    ColumnTrait, Condition,
    sea_query::{Expr, ExprTrait},
};

use crate::{
    actor::{Actor, Permission, Via},
    error::{Error, FaultCode, Result},
    graph::{self, Meta, Record, Rules, record::remembered},
    store::{Access, Guarded, Tx},
};

impl Guarded for Entity {
    type Id = SessionId;
    const NAME: &'static str = "session";
    const READ: Permission = Permission::OrganizationRead;
    const PERSONAL: &'static [&'static str] = &["user_agent", "ip"];
    const QUIET: &'static [&'static str] =
        &["refresh_hash", "previous_hash", "rotated_at", "idle_expires_at", "last_used_at", "user_agent", "ip"];
    const RIGHTS: bool = true;

    /// One's own, and what `SESSION_UPDATE` reaches; a key has nothing to do with its owner's.
    fn within(actor: &Actor, permission: Permission) -> Condition {
        let owner = (Self::NAME, C::UserId);
        if permission == Permission::SessionUpdate && actor.reaches_all(permission) {
            return Condition::all();
        }
        let mut any = Condition::any();
        if actor.may(Permission::SessionUpdate) {
            any = any.add(actor.reach(Permission::SessionUpdate, owner));
        }
        match (actor.via, actor.user) {
            (Via::Session(_), Some(me)) => any.add(Expr::col(owner).eq(me.uuid())),
            _ => any.add(Expr::val(1).eq(0)),
        }
    }
}

impl Record for Entity {
    fn meta() -> &'static Meta {
        meta()
    }
}

/// Where a request comes from; the edge puts it into the request.
#[derive(Clone, Debug, Default)]
pub struct Client {
    pub ip: Option<std::net::IpAddr>,
    pub user_agent: Option<String>,
    pub request_id: Option<String>,
}

/// Ends a session: its tokens open nothing from now on.
pub async fn revoke(access: &Access, id: SessionId) -> Result<SessionId> {
    let mut tx = begin(access).await?;
    let session = tx.lock::<Entity>(id).await?;
    if session.revoked_at.is_some() {
        return Err(Error::refused(FaultCode::InvalidTransition, "id", "it has ended already"));
    }
    end(&mut tx, id).await?;
    tx.commit(remembered(id.uuid())).await?;
    Ok(id)
}

/// Ends every other session of the caller; how many there were.
pub async fn revoke_others(access: &Access) -> Result<usize> {
    let mut tx = begin(access).await?;
    let (Some(me), Via::Session(here)) = (access.actor().user, access.actor().via) else {
        return Err(Error::Forbidden(Permission::SessionUpdate));
    };
    let ended = end_all(&mut tx, me, Some(here)).await?;
    tx.commit(serde_json::Value::Null).await?;
    Ok(ended)
}

/// One's own needs no permission but to be somebody; keys end no sessions unless they hold `SESSION_UPDATE`.
async fn begin(access: &Access) -> Result<Tx> {
    let person = matches!(access.actor().via, Via::Session(_)) && !access.actor().may(Permission::SessionUpdate);
    access.begin(if person { Permission::OrganizationRead } else { Permission::SessionUpdate }).await
}

/// A step: ends all sessions of a user, but perhaps one.
pub async fn end_all(tx: &mut Tx, user: UserId, but: Option<SessionId>) -> Result<usize> {
    let mut open = Condition::all().add(C::UserId.eq(user)).add(C::RevokedAt.is_null());
    if let Some(but) = but {
        open = open.add(C::Id.ne(but));
    }
    let sessions = tx.lock_where::<Entity>(open).await?;
    for session in &sessions {
        end(tx, session.id).await?;
    }
    Ok(sessions.len())
}

/// A step: ends a locked session.
async fn end(tx: &mut Tx, id: SessionId) -> Result<()> {
    let now = tx.access().now();
    tx.update::<Entity>(ActiveModel {
        id: ActiveValue::Unchanged(id),
        revoked_at: Set(Some(now)),
        ..Default::default()
    })
    .await?;
    tx.emit("session.revoked");
    Ok(())
}

pub fn meta() -> &'static Meta {
    static META: LazyLock<Meta> = LazyLock::new(|| {
        let rules =
            Rules { read: Permission::OrganizationRead, create: None, update: None, delete: None, assign: None };
        let about = "A signed-in browser or device. Users see their own; those of others need SESSION_UPDATE.";
        Meta::new::<Entity>(
            "Session",
            "sessions",
            about,
            rules,
            vec![
                graph::one(C::UserId, super::user::meta, "Who is signed in.").filter().group(),
                graph::text(C::UserAgent, "What the browser called itself."),
                graph::text(C::Ip, "Network address it was last used from."),
                graph::time(C::LastUsedAt, "When it was last used, to about five minutes.").filter().order(),
                graph::time(C::ExpiresAt, "When it ends at the latest.").filter().order(),
                graph::time(C::IdleExpiresAt, "When it ends unless used before.").filter().order(),
                graph::time(C::RevokedAt, "When it was ended; null while it lasts.").filter().order(),
            ],
        )
    });
    &META
}
