//! What a record is called in other systems. A reference is seen by who sees its record.

use std::{collections::BTreeMap, sync::LazyLock};

use entity::{
    external_ref::{Column as C, Entity},
    id::ExternalRefId,
};
use futures_util::future::BoxFuture;
use sea_orm::{Condition, ExprTrait, sea_query::Expr};
use uuid::Uuid;

use crate::{
    actor::{Actor, Permission},
    error::{Fault, FaultCode, Result},
    graph::{self, Change, Meta, Record, Rules, root::catalog},
    store::{Guarded, Tx},
};

/// Record types that other systems may name.
const ENTITIES: [&str; 10] = [
    "account",
    "contact",
    "lead",
    "campaign",
    "opportunity",
    "product",
    "activity",
    "pipeline",
    "stage",
    "survey_response",
];

impl Guarded for Entity {
    type Id = ExternalRefId;
    const NAME: &'static str = "external_ref";
    const READ: Permission = Permission::ExternalRefRead;

    fn within(actor: &Actor, permission: Permission) -> Condition {
        if actor.rights.reach(permission).is_none() {
            return Condition::all(); // held within a team only, and references have no owner: nothing
        }
        let of = |meta: &'static Meta| {
            let same = Expr::col((Self::NAME, C::EntityType)).eq(meta.table);
            if (meta.every)(actor, meta.rules.read) {
                return same;
            }
            let visible = (meta.visible)(actor, meta.rules.read);
            same.and(Expr::col((Self::NAME, C::EntityId)).in_subquery(visible))
        };
        metas().map(of).fold(Condition::any(), Condition::add)
    }
}

fn metas() -> impl Iterator<Item = &'static Meta> {
    ENTITIES.iter().filter_map(|table| catalog()?.by_table(table))
}

impl Record for Entity {
    fn meta() -> &'static Meta {
        meta()
    }

    /// The record must be one that the caller sees. One statement for each record type, however many rows.
    fn check<'a>(tx: &'a mut Tx, changes: &'a mut [Change<Self>]) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let mut wanted: BTreeMap<&'static str, Vec<Uuid>> = BTreeMap::new();
            for change in changes.iter() {
                if let Some((meta, id)) = named(change) {
                    wanted.entry(meta.table).or_default().push(id);
                }
            }
            let mut seen = Vec::new();
            for meta in metas() {
                if let Some(ids) = wanted.get(meta.table) {
                    seen.extend(tx.share((meta.scoped)(tx.access()), meta.table, ids).await?);
                }
            }
            for change in changes.iter_mut().filter(|c| c.before.is_none() && c.faults.is_empty()) {
                if !named(change).is_some_and(|(_, id)| seen.contains(&id)) {
                    let message = format!("no such {}, or you may not see it", ENTITIES.join(", "));
                    change.faults.push(Fault::new(FaultCode::NotFound, "recordId", message));
                }
            }
            Ok(())
        })
    }
}

/// The record that a new reference is about.
fn named(change: &Change<Entity>) -> Option<(&'static Meta, Uuid)> {
    let table = change.row.entity_type.try_as_ref()?;
    let meta = metas().find(|meta| meta.table == table)?;
    Some((meta, *change.row.entity_id.try_as_ref()?))
}

pub fn meta() -> &'static Meta {
    static META: LazyLock<Meta> = LazyLock::new(|| {
        let rules = Rules {
            read: Permission::ExternalRefRead,
            create: Some(Permission::ExternalRefCreate),
            update: Some(Permission::ExternalRefUpdate),
            delete: Some(Permission::ExternalRefDelete),
            assign: None,
        };
        let about = "A record's id in another system; looked up by `externalRef` in `account(by: …)` and its like.";
        Meta::new::<Entity>(
            "ExternalRef",
            "externalRefs",
            about,
            rules,
            vec![
                graph::any(
                    "record_id",
                    C::EntityType,
                    C::EntityId,
                    "The record over here: an account, contact, lead, campaign, opportunity, product, activity, pipeline, stage or survey response.",
                )
                .required()
                .once()
                .filter(),
                graph::text(C::EntityType, "The record's type, as its ids begin.").group(),
                graph::text(C::System, "The other system, e.g. \"salesforce\".")
                    .max(100)
                    .required()
                    .once()
                    .filter()
                    .order()
                    .group(),
                graph::text(C::ExternalId, "The record's id over there. Unique by system and record type.")
                    .required()
                    .once()
                    .filter(),
                graph::time(C::LastSyncedAt, "When the two were last known to agree.").write(),
            ],
        )
    });
    &META
}
