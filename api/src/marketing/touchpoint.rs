//! Touches: what people did that shows interest. Seen with the lead, contact or account they belong to; a touch of
//! none of them with its campaign. The same event of another system is recorded once. What an unknown visitor did is
//! theirs once they are known.

use std::sync::LazyLock;

use chrono::{DateTime, Duration, Utc};
use entity::{
    account, campaign,
    campaign::Channel,
    contact,
    id::TouchpointId,
    lead,
    touchpoint::{ActiveModel, Column as C, Entity, Kind},
};
use futures_util::future::BoxFuture;
use sea_orm::{
    ActiveValue::Set,
    Condition, ExprTrait,
    sea_query::{Expr, SimpleExpr},
};

use super::{campaign as campaigns, visitor};
use crate::{
    actor::{Actor, Permission},
    crm::{account as accounts, contact as contacts, lead as leads},
    error::{Fault, FaultCode, Result},
    graph::{self, Change, Field, Meta, Record, Rules, record::link},
    store::{Guarded, Tx, condition_of, visible},
};

impl Guarded for Entity {
    type Id = TouchpointId;
    const NAME: &'static str = "touchpoint";
    const READ: Permission = Permission::TouchpointRead;

    fn within(actor: &Actor, permission: Permission) -> Condition {
        let column = |c| Expr::col((Self::NAME, c));
        let nobody = [C::LeadId, C::ContactId, C::AccountId]
            .into_iter()
            .fold(Condition::all().add(of::<campaign::Entity>(actor, permission, C::CampaignId)), |all, c| {
                all.add(column(c).is_null())
            });
        Condition::any()
            .add(of::<lead::Entity>(actor, permission, C::LeadId))
            .add(of::<contact::Entity>(actor, permission, C::ContactId))
            .add(of::<account::Entity>(actor, permission, C::AccountId))
            .add(nobody)
            .add_option(actor.reaches_all(permission).then(unknown))
    }
}

/// By somebody nobody knows yet, for no campaign: seen by who sees every touch.
fn unknown() -> Condition {
    let column = |c| Expr::col((Entity::NAME, c));
    let none = |all: Condition, c| all.add(column(c).is_null());
    let anonymous = Condition::all().add(column(C::Visitor).is_not_null());
    [C::LeadId, C::ContactId, C::AccountId, C::CampaignId].into_iter().fold(anonymous, none)
}

/// Belongs to a record that this permission reaches and that the actor may read.
fn of<E: Guarded>(actor: &Actor, permission: Permission, key: C) -> SimpleExpr {
    let mut theirs = visible::<E>(actor, permission);
    theirs.cond_where(condition_of::<E>(actor, E::READ));
    Expr::col((Entity::NAME, key)).in_subquery(theirs)
}

impl Record for Entity {
    fn meta() -> &'static Meta {
        meta()
    }

    fn blank(_: DateTime<Utc>) -> ActiveModel {
        ActiveModel { not_marketing: Set(false), ..Default::default() }
    }

    fn check<'a>(tx: &'a mut Tx, changes: &'a mut [Change<Self>]) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            visitor::recognise(tx, changes).await?;
            for change in changes {
                sound(change, tx.access().now());
            }
            Ok(())
        })
    }
}

/// It belongs to somebody or to a campaign, has happened, and an event's id says whose id it is.
fn sound(change: &mut Change<Entity>, now: DateTime<Utc>) {
    let row = &change.row;
    let set = [
        row.lead_id.try_as_ref().is_some_and(Option::is_some),
        row.contact_id.try_as_ref().is_some_and(Option::is_some),
        row.account_id.try_as_ref().is_some_and(Option::is_some),
        row.campaign_id.try_as_ref().is_some_and(Option::is_some),
        row.visitor.try_as_ref().is_some_and(Option::is_some),
    ];
    let future = row.occurred_at.try_as_ref().is_some_and(|at| *at > now + Duration::minutes(5));
    let named = |value: &sea_orm::ActiveValue<Option<String>>| value.try_as_ref().is_some_and(Option::is_some);
    let half = named(&row.system) != named(&row.external_event_id);
    let mut fault = |field, message: &str| change.faults.push(Fault::new(FaultCode::Validation, field, message));
    if !set.contains(&true) {
        fault("leadId", "give the lead, contact, account, campaign or visitor it belongs to");
    }
    if future {
        fault("occurredAt", "this lies in the future");
    }
    if half {
        fault("externalEventId", "give it together with `system`, which says whose id it is");
    }
}

pub fn meta() -> &'static Meta {
    static META: LazyLock<Meta> = LazyLock::new(|| {
        let rules = Rules {
            read: Permission::TouchpointRead,
            create: Some(Permission::TouchpointCreate),
            update: Some(Permission::TouchpointUpdate),
            delete: Some(Permission::TouchpointDelete),
            assign: None,
        };
        let about = "Something a person did that shows interest, from a click to a visit at a stand. Seen by who may read its lead, contact or account; without any of them by who may read its campaign, or, of an unknown visitor for no campaign, by who reads all. To send events more than once safely, upsert them with `matchOn: EXTERNAL_EVENT_ID`: each is recorded once.";
        let mut fields = own();
        fields.extend(relations());
        Meta::new::<Entity>("Touchpoint", "touchpoints", about, rules, fields)
    });
    &META
}

fn own() -> Vec<Field> {
    let utm = |c, about| graph::text(c, about).once().filter().group();
    vec![
        graph::word::<Kind, _>(C::Kind, "What sort it was.").required().once().filter().order().group(),
        graph::word::<Channel, _>(C::Channel, "By which road it came.").required().once().filter().order().group(),
        graph::time(C::OccurredAt, "When it happened, not when it was told. Not in the future.")
            .required()
            .once()
            .filter()
            .order()
            .group(),
        graph::text(C::Url, "Where on the web.").max(2000).once(),
        graph::text(
            C::Visitor,
            "Who did it, as the tracking calls them: a cookie or a device. Once a `visitor` of this key says who that is, it is the lead's or contact's.",
        )
        .max(200)
        .once()
        .filter()
        .group(),
        graph::text(C::Session, "Their visit, as the tracking calls it: touches of one visit have the same.")
            .max(200)
            .once()
            .filter()
            .group(),
        graph::boolean(C::NotMarketing, "A dispute found that it was not marketing's doing: it earns no credit.")
            .filter()
            .group(),
        utm(C::UtmSource, "`utm_source` of that address.").order(),
        utm(C::UtmMedium, "`utm_medium` of that address."),
        utm(C::UtmCampaign, "`utm_campaign` of that address.").order(),
        utm(C::UtmTerm, "`utm_term` of that address."),
        utm(C::UtmContent, "`utm_content` of that address."),
        graph::text(C::System, "The system that told of it, e.g. \"hubspot\". Only together with `externalEventId`.")
            .once()
            .filter()
            .group(),
        graph::text(C::ExternalEventId, "What that system calls the event. With `system` it is unique: the same event is recorded once, else DUPLICATE.")
            .once()
            .filter()
            .unique_with(C::System),
    ]
}

fn relations() -> Vec<Field> {
    vec![
        link(C::LeadId, leads::meta, "The lead who did it. It counts for that lead's score.").firm(),
        link(C::ContactId, contacts::meta, "The contact who did it."),
        link(C::AccountId, accounts::meta, "The account for which they did it."),
        link(C::CampaignId, campaigns::meta, "The campaign that led to it."),
    ]
}
