//! Whether a criterion makes sense: each kind has its own details. Pure.

use entity::stage_criterion::{ActiveModel, CriterionKind};
use sea_orm::{ActiveValue, Value};

use crate::{
    crm::opportunity,
    error::{Fault, FaultCode},
    graph::{
        Field, Kind,
        field::{Shape, Write},
    },
};

/// The people of the opportunity's committee, as a field.
pub const COMMITTEE: &str = "committeeMembers";
/// What comes before the key of a custom field.
pub const CUSTOM: &str = "customFields.";

fn given<T: Clone>(value: &ActiveValue<Option<T>>) -> Option<T>
where
    Option<T>: Into<Value>,
{
    value.try_as_ref().cloned().flatten()
}

/// The field of an opportunity with this name, if a criterion may ask for it.
pub fn field(name: &str) -> Option<&'static Field> {
    let askable = |f: &&Field| match f.shape {
        Shape::Column(_, Kind::Json | Kind::List(_)) => false,
        Shape::Column(..) | Shape::Money(..) | Shape::One(..) => f.write != Write::Never,
        _ => false,
    };
    opportunity::meta().field(name).filter(askable)
}

/// Whether a least number can be asked of it.
fn counts(name: &str) -> bool {
    let number = |f: &Field| matches!(f.shape, Shape::Money(..) | Shape::Column(_, Kind::Integer));
    name == COMMITTEE || name.starts_with(CUSTOM) || field(name).is_some_and(number)
}

fn known(name: &str) -> bool {
    let key = |key: &str| !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    name == COMMITTEE || name.strip_prefix(CUSTOM).map_or_else(|| field(name).is_some(), key)
}

/// What is wrong with it.
pub fn faults(row: &ActiveModel) -> Vec<Fault> {
    let Some(kind) = row.kind.try_as_ref().copied() else { return vec![] };
    let (name, minimum) = (given(&row.field), given(&row.minimum_e4));
    let (activity, role) = (given(&row.activity_kind), given(&row.committee_role));
    let mut wrong = vec![];
    let mut expect = |fine: bool, field: &str, message: &str| {
        if !fine {
            wrong.push(Fault::new(FaultCode::Validation, field, message));
        }
    };
    match kind {
        CriterionKind::Field => {
            let name = name.as_deref().unwrap_or_default();
            expect(
                known(name),
                "field",
                "a FIELD criterion needs the name of a field of Opportunity that people fill in",
            );
            expect(minimum.is_none() || counts(name), "minimum", "this field is not a number");
            expect(role.is_none() || name == COMMITTEE, "committeeRole", "only with the field committeeMembers");
            expect(activity.is_none(), "activityKind", "only an ACTIVITY criterion has one");
        }
        CriterionKind::Activity => {
            expect(activity.is_some(), "activityKind", "an ACTIVITY criterion needs one");
            expect(name.is_none(), "field", "only a FIELD criterion has one");
            expect(role.is_none(), "committeeRole", "only with the field committeeMembers");
        }
        CriterionKind::BuyerEvidence => {
            expect(name.is_none(), "field", "only a FIELD criterion has one");
            expect(minimum.is_none(), "minimum", "one confirmation is enough");
            expect(activity.is_none(), "activityKind", "only an ACTIVITY criterion has one");
            expect(role.is_none(), "committeeRole", "only with the field committeeMembers");
        }
    }
    expect(minimum != Some(0), "minimum", "0 asks for nothing");
    wrong
}
