//! Which goals a filter keeps: those whose scope names one of the values. A goal over all records names none.

use sea_orm::{
    Condition, DbBackend, ExprTrait, Value,
    sea_query::{CaseStatement, Expr, Func, Query, SimpleExpr},
};
use uuid::Uuid;

use super::{
    ask::{Ask, Only},
    dimension::{Dimension, Holds},
    grain::Grain,
    shared::said,
};

/// The member of a scope that a dimension is found in.
fn member(dimension: Dimension) -> Option<&'static str> {
    Some(match dimension {
        Dimension::Pipeline => "pipelineIds",
        Dimension::Stage => "stageIds",
        Dimension::Type => "types",
        Dimension::LossReason => "lossReasons",
        Dimension::Competitor => "competitors",
        Dimension::Product => "productIds",
        Dimension::Campaign => "campaignIds",
        Dimension::Channel => "channels",
        Dimension::Source => "sources",
        Dimension::Industry => "industries",
        Dimension::Country => "countries",
        Dimension::LeadStatus => "leadStatuses",
        Dimension::Priority => "priorities",
        Dimension::SlaKind => "slaKinds",
        Dimension::RejectionCategory => "rejectionCategories",
        Dimension::RejectionReason => "rejectionReasonIds",
        Dimension::Side => "sides",
        Dimension::TargetList => "targetListIds",
        Dimension::Owner => "ownerIds",
        Dimension::Manager => "managerIds",
        Dimension::Team => "teamIds",
        Dimension::Region => "regions",
        Dimension::ForecastCategory => return None,
    })
}

/// Whether records of this grain are kept by what a scope names, and not by a value of their own.
pub fn names(dimension: Dimension, grain: Grain) -> bool {
    grain == Grain::Goal && member(dimension).is_some()
}

/// The goals whose scope names one of these; by the version that was in force at the instant that is meant.
pub fn naming(ask: &Ask, only: &Only) -> Condition {
    let Some(member) = member(only.dimension) else { return Condition::all() };
    let path = Expr::cust(match ask.access.store().backend() {
        DbBackend::Postgres => format!("\"said_\".\"body\" #> '{{goal,scope,{member}}}'"),
        _ => format!("json_extract(\"said_\".\"body\", '$.goal.scope.{member}')"),
    });
    let each = match ask.access.store().backend() {
        DbBackend::Postgres => {
            // what is not said may be kept as null
            let list = Expr::expr(Func::cust("jsonb_typeof").arg(path.clone())).eq("array");
            let list = CaseStatement::new().case(list, path).finally(Expr::cust("'[]'::jsonb"));
            Func::cust("jsonb_array_elements_text").arg(list)
        }
        _ => Func::cust("json_each").arg(Func::coalesce([path, Expr::cust("'[]'")])),
    };
    let named = Query::select()
        .expr(Expr::val(1))
        .from_function(each, "named_")
        .and_where(Expr::col(("named_", "value")).is_in(only.any.iter().map(|value| text(only.dimension, value))))
        .take();
    let found = said(ask).expr(Expr::val(1)).and_where(Expr::exists(named)).take();
    Condition::all().add(Expr::exists(found))
}

/// A value as a scope holds it.
fn text(dimension: Dimension, value: &Value) -> SimpleExpr {
    match (dimension.holds(), value) {
        (Holds::Id(table), Value::Uuid(Some(id))) => {
            let id: Uuid = *id;
            Expr::val(format!("{table}_{}", id.simple()))
        }
        _ => Expr::val(value.clone()),
    }
}
