//! Rules of data quality in the schema, and a record's own quality.

use std::sync::LazyLock;

use async_graphql::{ID, SimpleObject};
use chrono::{DateTime, Utc};
use entity::{
    data_quality_rule::{ActiveModel, Check, Column as C, Entity, Subject},
    id::DataQualityRuleId,
    user::Side,
};
use futures_util::future::BoxFuture;
use sea_orm::{ActiveValue::Set, Condition};

use super::{MOST_RULES, fields, judge::of_record};
use crate::{
    actor::{Actor, Permission},
    crm::all_rows,
    error::{Error, Fault, FaultCode, Result},
    graph::{self, Change, Field, Item, Kind, Meta, Record, Refusals, Rules, derived::Term, form::Form},
    store::{Access, Guarded, Scoped, Tx},
};

impl Guarded for Entity {
    type Id = DataQualityRuleId;
    const NAME: &'static str = "data_quality_rule";
    const READ: Permission = Permission::DataQualityRead;

    /// The whole organisation's.
    fn within(_: &Actor, _: Permission) -> Condition {
        Condition::all()
    }
}

impl Record for Entity {
    const REFUSES: Refusals = &[(&["Create", "Upsert", "Restore"], &[FaultCode::CriteriaUnmet])];

    fn meta() -> &'static Meta {
        meta()
    }

    fn blank(_: DateTime<Utc>) -> ActiveModel {
        ActiveModel { fields: Set(serde_json::json!([])), weight: Set(1), ..Default::default() }
    }

    fn check<'a>(tx: &'a mut Tx, changes: &'a mut [Change<Self>]) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            for change in changes.iter_mut() {
                let faults = wrong(&change.row);
                change.faults.extend(faults);
            }
            let new = changes.iter().filter(|change| change.before.is_none()).count();
            if new > 0 {
                room(tx, new).await?;
            }
            Ok(())
        })
    }

    fn leave<'a>(tx: &'a mut Tx, _: &'a Self::Model, op: crate::store::Op) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move { if op == crate::store::Op::Restored { room(tx, 1).await } else { Ok(()) } })
    }
}

/// Every rule is asked of every record that is read.
async fn room(tx: &Tx, new: usize) -> Result<()> {
    let known = tx.read(Scoped::<Entity>::read(&all_rows(tx))).await?.len();
    if known + new > MOST_RULES {
        let message = format!("an organisation has at most {MOST_RULES} rules");
        return Err(Error::refused(FaultCode::CriteriaUnmet, "name", message));
    }
    Ok(())
}

fn wrong(row: &ActiveModel) -> Vec<Fault> {
    let mut faults = vec![];
    let mut fault = |field: &str, message: String| faults.push(Fault::new(FaultCode::Validation, field, message));
    let (Some(subject), Some(check)) = (row.entity.try_as_ref(), row.kind.try_as_ref()) else { return faults };
    let given = row.fields.try_as_ref().cloned().unwrap_or_default();
    let allowed = fields::of(*subject, *check);
    match serde_json::from_value::<Vec<String>>(given) {
        Err(_) => fault("fields", "give a list of names of fields".into()),
        Ok(names) => {
            let asked = matches!(check, Check::Complete | Check::Valid);
            if asked && names.is_empty() {
                fault("fields", format!("{check} needs fields"));
            }
            if !asked && !names.is_empty() {
                fault("fields", format!("{check} takes no fields"));
            }
            let unknown = names.iter().find(|name| !allowed.contains(&name.as_str()));
            if let Some(name) = unknown.filter(|_| asked) {
                let list = allowed.join(", ");
                fault("fields", format!("{check} of {subject} does not know {name}; it knows {list}"));
            }
        }
    }
    let age = row.max_age_days.try_as_ref().copied().flatten();
    if (*check == Check::Fresh) != age.is_some() {
        fault("maxAgeDays", "FRESH needs it, others take none".into());
    }
    if age.is_some_and(|days| !(1..=3660).contains(&days)) {
        fault("maxAgeDays", "this must be between 1 and 3660".into());
    }
    if row.weight.try_as_ref().is_some_and(|weight| *weight < 1) {
        fault("weight", "this must be between 1 and 100".into());
    }
    if *check == Check::Unique && *subject == Subject::Opportunity {
        fault("check", "nobody looks for opportunities that are there twice".into());
    }
    faults
}

pub fn meta() -> &'static Meta {
    static META: LazyLock<Meta> = LazyLock::new(|| {
        let rules = Rules {
            read: Permission::DataQualityRead,
            create: Some(Permission::DataQualityCreate),
            update: Some(Permission::DataQualityUpdate),
            delete: Some(Permission::DataQualityDelete),
            assign: None,
        };
        let about = "What ought to be known of records, and which side sees to it. `quality` of a record says which rules it \
                     does not pass, `dataHealth` how many do. At most 50 in an organisation; new ones begin with six.";
        Meta::new::<Entity>(
            "DataQualityRule",
            "dataQualityRules",
            about,
            rules,
            vec![
                graph::text(C::Name, "What people call it.").max(200).required().write().filter(),
                graph::word::<Subject, _>(C::Entity, "Whose data it judges.").required().once().filter().order().group(),
                graph::word::<Check, _>(C::Kind, "What it asks.").named("check").required().once().filter().order().group(),
                graph::list(
                    C::Fields,
                    Item::Text,
                    "Of COMPLETE and VALID the fields by their names in the record's type, e.g. \"domain\" and \"industry\"; \
                     \"emailOrPhone\" of contacts and leads is either. VALID knows domain, website, email, phone, country, amount \
                     and closeDate. Empty for others.",
                )
                .write(),
                graph::integer(C::MaxAgeDays, "Of FRESH, and needed there: how many days old it may be, 1 to 3660.").write(),
                graph::word::<Side, _>(C::OwnerSide, "The side that sees to it.").required().write().filter().order().group(),
                graph::integer(C::Weight, "How much it counts beside the others, 1 to 100; 1 unless given.").max(100).write(),
            ],
        )
    });
    &META
}

/// How well a record is kept.
#[derive(SimpleObject)]
pub struct RecordQuality {
    /// 0 to 100: `passed` of `weight` in percent, rounded half up.
    score: i32,
    /// The weights of the rules that it passes.
    passed: i32,
    /// The weights of all rules for its type.
    weight: i32,
    /// The rules that it does not pass, the weightiest first.
    issues: Vec<DataQualityIssue>,
}

/// A rule that a record does not pass.
#[derive(SimpleObject)]
pub struct DataQualityIssue {
    /// The rule: an id that begins with `data_quality_rule_`.
    rule_id: ID,
    /// What people call it.
    name: String,
    /// What it asks.
    check: Term<Check>,
    /// Of which fields.
    fields: Vec<String>,
    /// Of FRESH: how many days old the record may be.
    max_age_days: Option<i32>,
    /// The side that sees to it.
    owner_side: Term<Side>,
    /// How much it counts.
    weight: i32,
}

fn form() -> &'static Form {
    static FORM: LazyLock<Form> = LazyLock::new(|| Form::told::<RecordQuality>("RecordQuality"));
    &FORM
}

/// The field `quality` of a record.
pub fn field(subject: Subject) -> Field {
    let sql: fn(&Access) -> sea_orm::sea_query::SimpleExpr = match subject {
        Subject::Account => |access| of_record(access, Subject::Account),
        Subject::Contact => |access| of_record(access, Subject::Contact),
        Subject::Lead => |access| of_record(access, Subject::Lead),
        Subject::Opportunity => |access| of_record(access, Subject::Opportunity),
    };
    graph::reckoned(
        "quality",
        Kind::Form(form()),
        sql,
        "How well it is kept by the rules of data quality (`dataQualityRules`). UNIQUE tells only of pairs that the caller sees; \
         days are the organisation's. Null while there is no rule for it, for leads that will not become anything and closed \
         opportunities, and without DATA_QUALITY_READ.",
    )
}
