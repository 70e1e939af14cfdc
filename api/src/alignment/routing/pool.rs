//! Pools and who is in them: configuration that everybody who works with leads may read. The counts of turns have no
//! place in the schema; decisions show them.

use std::sync::LazyLock;

use entity::{
    id::{PoolId, PoolMemberId, PoolTurnId},
    pool::{ActiveModel, Column as C, Entity},
    pool_member::{self as member, Column as M},
    pool_turn as turn,
};
use futures_util::future::BoxFuture;
use sea_orm::{ActiveValue::Set, Condition};
use serde_json::{Value, json};

use crate::{
    access::user,
    actor::{Actor, Permission},
    error::{Fault, FaultCode, Result},
    graph::{self, Change, Item, Meta, Record, Rules, record::link},
    store::{Guarded, Tx},
};

/// Whoever configures routing.
pub const RULES: Rules = Rules {
    read: Permission::RoutingRead,
    create: Some(Permission::RoutingCreate),
    update: Some(Permission::RoutingUpdate),
    delete: Some(Permission::RoutingDelete),
    assign: None,
};

macro_rules! everybodys {
    ($($entity:ty, $id:ty, $name:literal, $told:literal;)+) => {$(
        impl Guarded for $entity {
            type Id = $id;
            const NAME: &'static str = $name;
            const READ: Permission = Permission::RoutingRead;
            const TOLD: bool = $told;

            /// The whole organisation's.
            fn within(_: &Actor, _: Permission) -> Condition {
                Condition::all()
            }
        }
    )+};
}

everybodys! {
    Entity, PoolId, "pool", true;
    member::Entity, PoolMemberId, "pool_member", true;
    turn::Entity, PoolTurnId, "pool_turn", false;
}

impl Record for Entity {
    fn meta() -> &'static Meta {
        meta()
    }

    fn blank(_: chrono::DateTime<chrono::Utc>) -> ActiveModel {
        ActiveModel { active: Set(true), ..Default::default() }
    }
}

impl Record for member::Entity {
    fn meta() -> &'static Meta {
        members()
    }

    fn blank(_: chrono::DateTime<chrono::Utc>) -> member::ActiveModel {
        member::ActiveModel { weight: Set(1), skills: Set(json!([])), ignore_hours: Set(false), ..Default::default() }
    }

    fn check<'a>(_: &'a mut Tx, changes: &'a mut [Change<Self>]) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            changes.iter_mut().for_each(sensible);
            Ok(())
        })
    }
}

fn sensible(change: &mut Change<member::Entity>) {
    let row = &change.row;
    let skills = row.skills.try_as_ref().and_then(Value::as_array);
    let word = |skill: &Value| skill.as_str().is_some_and(|text| !text.is_empty() && text.len() <= 100);
    if row.skills.is_set() && !skills.is_some_and(|list| list.len() <= 50 && list.iter().all(word)) {
        let message = "a list of at most 50 words of at most 100 characters, e.g. [\"german\"]";
        change.faults.push(Fault::new(FaultCode::Validation, "skills", message));
    }
    let (from, until) = (row.absent_from.try_as_ref(), row.absent_until.try_as_ref());
    if let (Some(from), Some(Some(until))) = (from, until)
        && from.is_none_or(|from| from >= *until)
    {
        let message = "an absence ends after it began";
        change.faults.push(Fault::new(FaultCode::Validation, "absentUntil", message));
    }
}

pub fn meta() -> &'static Meta {
    static META: LazyLock<Meta> = LazyLock::new(|| {
        Meta::new::<Entity>(
            "Pool",
            "pools",
            "People who take leads in turn, each by their weight.",
            RULES,
            vec![
                graph::text(C::Name, "Its name. Unique in the organisation.")
                    .max(100)
                    .unique()
                    .required()
                    .write()
                    .filter()
                    .order(),
                graph::boolean(C::Active, "Whether it is given leads at present.").write(),
                graph::many("members", M::PoolId, members, "Who is in it.").filter(),
            ],
        )
    });
    &META
}

pub fn members() -> &'static Meta {
    static META: LazyLock<Meta> = LazyLock::new(|| {
        let about = "A user's place in a pool. Of those who may be given a lead it goes to whoever is farthest behind \
                     their share of this calendar month.";
        let fields = vec![
            link(M::PoolId, meta, "The pool."),
            link(M::UserId, user::meta, "The user; once in each pool."),
            graph::integer(M::Weight, "Their share of the leads, relative to the others'; 1 unless given, 0 for none.")
                .max(1000)
                .write(),
            graph::integer(
                M::Capacity,
                "Most leads they may have or be offered that are neither converted nor given up; any number when null.",
            )
            .max(100_000)
            .write(),
            graph::list(M::Skills, Item::Text, "What they can, in words that are compared without regard to case.")
                .write(),
            graph::boolean(M::IgnoreHours, "Whether they are given leads outside their working hours, too.").write(),
            graph::time(M::AbsentFrom, "Away from then on: is given nothing.").write(),
            graph::time(M::AbsentUntil, "Back from then on.").write(),
        ];
        Meta::new::<member::Entity>("PoolMember", "poolMembers", about, RULES, fields)
    });
    &META
}
