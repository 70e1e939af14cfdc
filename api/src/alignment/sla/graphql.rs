//! Clocks in the schema, and the leads that nobody looks after. It holds no rule.

#![expect(clippy::doc_markdown, reason = "descriptions are read in the schema, where words have no backticks")]

use std::sync::LazyLock;

use async_graphql::{Context, Object, Result as Answer, SimpleObject, Subscription};
use chrono::Duration;
use entity::{
    lead,
    sla_clock::{Column as C, Entity, Kind, Model, Priority, Status},
};
use futures_util::{Stream, StreamExt, future::BoxFuture};
use sea_orm::{ActiveModelTrait, ActiveValue, Condition, Iterable};

use super::{clockwork::Pauses, life, steps, waiting};
use crate::{
    access::{calendar::record as calendars, user as users},
    actor::Permission,
    alignment::{agreement, handoff},
    crm::lead as leads,
    error::{Error, FaultCode, Result},
    graph::{
        self, Field, Meta, Node, Patch, Rules, field::base, form::Form, listed::Listed, root::access, scalar::DateTime,
    },
    integration::changes,
    store::{Access, Tx},
};

pub fn meta() -> &'static Meta {
    static META: LazyLock<Meta> = LazyLock::new(|| {
        let rules = Rules { read: Permission::LeadRead, create: None, update: None, delete: None, assign: None };
        let about = "A clock that runs while a lead waits for sales, by the agreement on response times. Seen with its \
                     lead. Started and ended by what happens to the lead.";
        let mut fields = own();
        fields.extend(times());
        let over = || Condition::any().add(status(Status::Met)).add(status(Status::Breached));
        let meta = Meta::new::<Entity>("SlaClock", "slaClocks", about, rules, fields).ratio(
            "attainment",
            || Condition::all().add(status(Status::Met)),
            over,
            "Met of met and breached. `slaAttainment` answers the same for a period and an instant.",
        );
        stepped(meta)
    });
    &META
}

fn status(is: Status) -> sea_orm::sea_query::SimpleExpr {
    sea_orm::ColumnTrait::eq(&C::Status, is)
}

fn own() -> Vec<Field> {
    vec![
        graph::one(C::LeadId, leads::meta, "The lead that waits.").filter(),
        graph::one(C::HandoffId, handoff::meta, "The offer that started it.").filter(),
        graph::word::<Kind, _>(C::Kind, "What it waits for.").filter().order().group(),
        graph::integer(C::Number, "Which follow-up; 1 for other kinds."),
        graph::one(C::UserId, users::meta, "Who is to act; null while nobody in particular is.").filter().group(),
        graph::word::<Priority, _>(C::Priority, "How much the lead hurries.").filter().order().group(),
        graph::word::<Status, _>(C::Status, "Where the clock stands.").filter().order().group(),
        base("target_seconds", graph::Kind::Amount, "How long it may take, in business seconds."),
        graph::one(C::CalendarId, calendars::meta, "Whose hours count; null when every hour does."),
        graph::one(C::AgreementVersionId, agreement::graphql::version, "The agreement it was started under.").filter(),
        graph::text(C::Reason, "Why it was paused last, or does not count."),
        graph::integer(C::Escalations, "How many steps of the agreement's ladder were taken."),
    ]
}

fn times() -> Vec<Field> {
    vec![
        graph::time(C::StartedAt, "When it was started.").filter().order().group(),
        graph::time(C::DueAt, "When the promised time will have passed; moved only by a pause.")
            .filter()
            .order()
            .group(),
        graph::time(
            C::LateAfter,
            "The last instant that is still in time: `dueAt`, or the next opening when business closes then.",
        ),
        graph::time(C::PausedAt, "Since when it stands still; null while it runs."),
        graph::formed(C::Pauses, pauses(), "The pauses that have ended."),
        graph::time(C::AtRiskAt, "When it was seen to be at risk.").filter().order().group(),
        graph::time(C::MetAt, "When what it waited for came, in time or late, as it was said. Whoever deletes or re-aims what came so while the clock measures them gets LOCKED.").filter().order().group(),
        graph::time(C::BreachedAt, "The first instant that was late.").filter().order().group(),
        Field {
            null: true,
            ..base(
                "business_seconds",
                graph::Kind::Amount,
                "How long it took, in whole business seconds, pauses left out; until it was written down where whom the clock measures said themselves, after its time and more than an hour after `metAt`, that it came in time: then the clock stays BREACHED.",
            )
        },
    ]
}

fn pauses() -> &'static Form {
    static FORM: LazyLock<Form> = LazyLock::new(|| Form::one::<Pauses>("SlaPauses", |_| vec![]));
    &FORM
}

fn stepped(meta: Meta) -> Meta {
    let why = || graph::text(C::Reason, "Why.").max(2000);
    meta.step::<Entity>(
        "Pause",
        Permission::SlaClockUpdate,
        "Stops a clock that runs: nothing is due until it goes on. LOCKED for whom it measures. Emits `sla.paused`.",
        vec![why().required()],
        pause,
    )
    .step::<Entity>(
        "Resume",
        Permission::SlaClockUpdate,
        "Lets a clock go on; it is due later by what it stood still. Emits `sla.resumed`.",
        vec![],
        resume,
    )
    .step::<Entity>(
        "Void",
        Permission::SlaClockUpdate,
        "Declares that a clock does not count, also one that is BREACHED. LOCKED for whom it measures. Emits `sla.voided`.",
        vec![why().required()],
        void,
    )
}

fn pause<'a>(tx: &'a mut Tx, before: &'a Model, told: Patch) -> BoxFuture<'a, Result<Patch>> {
    Box::pin(async move {
        not_own(tx, before)?;
        Ok(laid(told, &steps::paused(tx, before).await?))
    })
}

fn resume<'a>(tx: &'a mut Tx, before: &'a Model, told: Patch) -> BoxFuture<'a, Result<Patch>> {
    Box::pin(async move { Ok(laid(told, &steps::resumed(tx, before).await?)) })
}

/// Nobody who is measured stops their own clock.
fn not_own(tx: &Tx, clock: &Model) -> Result<()> {
    let me = tx.access().actor().user;
    if me.is_none() || me != clock.user_id {
        return Ok(());
    }
    Err(Error::refused(FaultCode::Locked, "id", "this clock measures you: somebody above you must stop it"))
}

fn void<'a>(tx: &'a mut Tx, before: &'a Model, told: Patch) -> BoxFuture<'a, Result<Patch>> {
    Box::pin(async move {
        not_own(tx, before)?;
        life::ensure(before.status, Status::Void)?;
        Ok(told.with("status", Status::Void))
    })
}

/// The values that a row sets, over what was told.
fn laid(told: Patch, row: &entity::sla_clock::ActiveModel) -> Patch {
    C::iter().fold(told, |patch, column| match row.get(column) {
        ActiveValue::Set(value) => patch.with(sea_orm::IdenStatic::as_str(&column), value),
        _ => patch,
    })
}

#[derive(Default)]
pub struct SlaReads;

const MOST_HOURS: i32 = 24 * 366;

fn before(access: &Access, hours: i32) -> Result<chrono::DateTime<chrono::Utc>> {
    if (0..=MOST_HOURS).contains(&hours) {
        return Ok(access.now() - Duration::hours(hours.into()));
    }
    Err(Error::BadInput(format!("olderThanHours must be between 0 and {MOST_HOURS}")))
}

#[Object]
impl SlaReads {
    /// Leads that fall through the cracks: NEW, MQL, OFFERED or ACCEPTED for longer than this, and nobody has called,
    /// written to or met them since. Requires LEAD_READ; without it the list is empty.
    #[graphql(complexity = 1)]
    async fn untouched_leads(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 24, desc = "For how many hours, 0 to 8784.")] older_than_hours: i32,
        #[graphql(desc = "How many from the start of the list, 1 to 100; 25 unless given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Answer<Listed<lead::Entity>> {
        let _ = (first, after, last, before);
        let access = access(ctx)?;
        let since = self::before(access, older_than_hours)?;
        Ok(Listed::of(ctx, waiting::untouched(access.actor().organization, since)))
    }

    /// Leads that were accepted to stop the clock: ACCEPTED for longer than this, and nobody has done anything with them
    /// since. Requires LEAD_READ; without it the list is empty.
    async fn ghost_accepted_leads(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 24, desc = "For how many hours, 0 to 8784.")] older_than_hours: i32,
        #[graphql(desc = "How many from the start of the list, 1 to 100; 25 unless given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Answer<Listed<lead::Entity>> {
        let _ = (first, after, last, before);
        let access = access(ctx)?;
        let since = self::before(access, older_than_hours)?;
        Ok(Listed::of(ctx, waiting::ghosts(access.actor().organization, since)))
    }
}

/// A clock that is at risk.
#[derive(SimpleObject)]
pub struct SlaAlert {
    /// Where it stands in the change feed, for `after`; opaque.
    cursor: String,
    /// When it was seen to be at risk.
    at: DateTime,
    /// The clock as it is now; null when the caller may not see it any more.
    clock: Node<Entity>,
}

#[derive(Default)]
pub struct SlaStream;

/// Alerts on response times.
#[Subscription(name = "SlaSubscription")]
impl SlaStream {
    /// Clocks that come to be at risk, within seconds: only those that the caller may see at that moment. Keep the
    /// cursor of the last one to go on after a lost connection without gap; one may come twice. Ends with CURSOR_EXPIRED
    /// like `changes`.
    async fn sla_at_risk(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only what comes after this cursor; only new ones unless given.")] after: Option<String>,
    ) -> Result<impl Stream<Item = Result<SlaAlert>> + use<>> {
        let access = ctx.data_opt::<Access>().ok_or(Error::Unauthenticated)?;
        let feed = changes::follow(access, Some(&["SlaClock".to_owned()]), after, true).await?;
        Ok(feed.filter_map(|change| async move {
            match change {
                Ok(change) if change.event.kind == "sla.at_risk" => {
                    let clock = Some(change.event.entity_id).into();
                    Some(Ok(SlaAlert { at: DateTime(change.event.at), cursor: change.cursor, clock }))
                }
                Ok(_) => None,
                Err(error) => Some(Err(error)),
            }
        }))
    }
}
