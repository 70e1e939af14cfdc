//! Reasons to reject a lead, in the organisation's own words, each of an agreed category.

use std::sync::LazyLock;

use entity::{
    handoff::Category,
    id::RejectionReasonId,
    rejection_reason::{ActiveModel, Column as C, Entity, Model},
};
use sea_orm::{ActiveValue::Set, Condition};
use uuid::Uuid;

use crate::{
    actor::{Actor, Permission},
    alignment::routing::pool::RULES,
    crm::all_rows,
    error::{Error, Result},
    graph::{self, Meta, Record},
    store::{Guarded, Scoped, Tx},
};

impl Guarded for Entity {
    type Id = RejectionReasonId;
    const NAME: &'static str = "rejection_reason";
    const READ: Permission = Permission::RoutingRead;

    /// The whole organisation's.
    fn within(_: &Actor, _: Permission) -> Condition {
        Condition::all()
    }
}

impl Record for Entity {
    fn meta() -> &'static Meta {
        meta()
    }

    fn blank(_: chrono::DateTime<chrono::Utc>) -> ActiveModel {
        ActiveModel { requires_note: Set(false), recycle_delay_days: Set(30), active: Set(true), ..Default::default() }
    }
}

/// The reason that an answer names.
pub async fn named(tx: &Tx, id: Uuid) -> Result<Model> {
    let found = tx.read(Scoped::<Entity>::read(&all_rows(tx)).ids(&[id])).await?.pop();
    found.filter(|reason| reason.active).ok_or_else(|| Error::not_found("reasonId"))
}

pub fn meta() -> &'static Meta {
    static META: LazyLock<Meta> = LazyLock::new(|| {
        let fields = vec![
            graph::text(C::Name, "Its name. Unique in the organisation.")
                .max(100)
                .unique()
                .required()
                .write()
                .filter()
                .order(),
            graph::word::<Category, _>(C::Category, "What kind of reason it is.").required().write().filter().group(),
            graph::boolean(C::RequiresNote, "Whether a rejection for it must say more.").write(),
            graph::integer(
                C::RecycleDelayDays,
                "Days of 24 hours until a lead rejected for it becomes RECYCLED by itself; 30 unless given.",
            )
            .max(3650)
            .write(),
            graph::boolean(C::Active, "Whether it may be given at present.").write(),
        ];
        let about = "A reason for which sales may reject a lead.";
        Meta::new::<Entity>("RejectionReason", "rejectionReasons", about, RULES, fields)
    });
    &META
}
