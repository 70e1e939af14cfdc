//! What people say their sales of a period will come to. Nothing said is changed or taken back: whoever thinks otherwise
//! says so anew, and the latest word counts.

use std::sync::LazyLock;

use entity::{
    forecast_submission::{Column as C, Entity},
    id::ForecastSubmissionId,
    stage::ForecastCategory,
};
use futures_util::future::BoxFuture;
use sea_orm::Condition;

use crate::{
    access::user,
    actor::{Actor, Permission},
    error::{Fault, FaultCode, Result},
    graph::{self, Change, Meta, Record, Rules, record::link},
    store::{Guarded, Tx},
};

impl Guarded for Entity {
    type Id = ForecastSubmissionId;
    const NAME: &'static str = "forecast_submission";
    const READ: Permission = Permission::OpportunityRead;

    fn within(actor: &Actor, permission: Permission) -> Condition {
        actor.reach(permission, (Self::NAME, C::OwnerId))
    }
}

impl Record for Entity {
    fn meta() -> &'static Meta {
        meta()
    }

    fn check<'a>(_: &'a mut Tx, changes: &'a mut [Change<Self>]) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            for change in changes {
                if change.row.category.try_as_ref() == Some(&ForecastCategory::Closed) {
                    let message = "nobody forecasts what is closed";
                    change.faults.push(Fault::new(FaultCode::Validation, "category", message));
                }
                if change.row.ends_on.try_as_ref() <= change.row.starts_on.try_as_ref() {
                    let message = "this must be after startsOn";
                    change.faults.push(Fault::new(FaultCode::Validation, "endsOn", message));
                }
            }
            Ok(())
        })
    }
}

pub fn meta() -> &'static Meta {
    static META: LazyLock<Meta> = LazyLock::new(|| {
        let rules = Rules {
            read: Permission::OpportunityRead,
            create: Some(Permission::OpportunityUpdate),
            update: None,
            delete: None,
            assign: None,
        };
        let about = "What somebody said their own sales of a period would come to, those of others not among them. The latest \
                     for an owner, period and category counts; none is changed. See the metric FORECAST_ACCURACY.";
        Meta::new::<Entity>(
            "ForecastSubmission",
            "forecastSubmissions",
            about,
            rules,
            vec![
                link(C::OwnerId, user::meta, "Whose sales.").once(),
                graph::date(C::StartsOn, "The first day of the period.").required().once().filter().order(),
                graph::date(C::EndsOn, "The first day after it.").required().once().filter().order(),
                graph::word::<ForecastCategory, _>(C::Category, "How sure they were: COMMIT is what they stand by.")
                    .required()
                    .once()
                    .filter()
                    .group(),
                graph::money("amount", C::AmountMinor, C::Currency, "What they would come to, won ones among them.")
                    .required()
                    .once()
                    .filter()
                    .order(),
                graph::text(C::Comment, "What they said to it.").max(2000).once(),
            ],
        )
    });
    &META
}
