//! Business calendars as records. Everybody may read them; a calendar that is still somebody's cannot be deleted.

use std::sync::LazyLock;

use chrono_tz::Tz;
use entity::{
    business_calendar::{Column as C, Entity, Model},
    id::BusinessCalendarId,
    organization, user,
};
use futures_util::future::BoxFuture;
use sea_orm::{ColumnTrait, Condition};

use super::{Calendar, schedule::Schedule};
use crate::{
    access::organization::time_zone,
    actor::{Actor, Permission},
    error::{Error, FaultCode, Result},
    graph::{self, Meta, Record, Refusals, Rules, form::Form},
    store::{Guarded, Op, Scoped, Tx},
};

impl Guarded for Entity {
    type Id = BusinessCalendarId;
    const NAME: &'static str = "business_calendar";
    const READ: Permission = Permission::BusinessCalendarRead;

    /// Everybody's.
    fn within(_: &Actor, _: Permission) -> Condition {
        Condition::all()
    }
}

impl Record for Entity {
    const REFUSES: Refusals = &[(&["Delete"], &[FaultCode::Locked])];

    fn meta() -> &'static Meta {
        meta()
    }

    fn leave<'a>(tx: &'a mut Tx, row: &'a Model, op: Op) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            if op != Op::Deleted {
                return Ok(());
            }
            let people = Scoped::<user::Entity>::read(tx.access()).filter(user::Column::CalendarId.eq(row.id));
            let house = organization::Column::BusinessCalendarId.eq(row.id);
            let house = Scoped::<organization::Entity>::read(tx.access()).filter(house);
            let used =
                !tx.read(people.shape(|q| _ = q.limit(1))).await?.is_empty() || !tx.read(house).await?.is_empty();
            if used {
                let message = "the organisation or one of its users keeps these hours; give them others first";
                return Err(Error::refused(FaultCode::Locked, "id", message));
            }
            Ok(())
        })
    }
}

/// The calendar that a row says.
pub fn calendar_of(row: &Model) -> Result<Calendar> {
    let wrong = |what: String| Error::internal(format!("{}: {what}", row.id));
    let zone: Tz = row.time_zone.parse().map_err(|_| wrong(format!("no zone {}", row.time_zone)))?;
    let schedule: Schedule = serde_json::from_value(row.schedule.clone()).map_err(|e| wrong(e.to_string()))?;
    schedule.calendar(zone)
}

fn form() -> &'static Form {
    static FORM: LazyLock<Form> = LazyLock::new(|| Form::one("BusinessSchedule", Schedule::check));
    &FORM
}

pub fn meta() -> &'static Meta {
    static META: LazyLock<Meta> = LazyLock::new(|| {
        let rules = Rules {
            read: Permission::BusinessCalendarRead,
            create: Some(Permission::BusinessCalendarCreate),
            update: Some(Permission::BusinessCalendarUpdate),
            delete: Some(Permission::BusinessCalendarDelete),
            assign: None,
        };
        let about = "When people work: response times count only while their calendar is open. A calendar is that of \
                     an agreement, else the user's, else the organisation's. A change does not move what is due already.";
        Meta::new::<Entity>(
            "BusinessCalendar",
            "businessCalendars",
            about,
            rules,
            vec![
                graph::text(C::Name, "The name people see; unique in the organisation.")
                    .max(100)
                    .required()
                    .write()
                    .unique()
                    .filter()
                    .order(),
                graph::text(
                    C::TimeZone,
                    "IANA time zone in which its hours and days are meant, e.g. \"Europe/Berlin\".",
                )
                .max(64)
                .normal(time_zone)
                .required()
                .write(),
                graph::formed(C::Schedule, form(), "Hours of the week, and days off.").required().write(),
            ],
        )
    });
    &META
}
