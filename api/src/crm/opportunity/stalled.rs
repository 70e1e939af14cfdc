//! Whether an opportunity has stood in its stage for longer than the stage allows, reckoned by the database.

use entity::{
    opportunity::Column as O,
    stage::{Column as S, StageType},
};
use sea_orm::{
    DbBackend, ExprTrait,
    sea_query::{Expr, Func, Query, SimpleExpr},
};

use crate::{
    graph::{Field, Kind, reckoned},
    store::Access,
};

pub fn field() -> Field {
    let about = "Whether it is open and has stood in its stage for more than the stage's `maxDays`.";
    reckoned("stalled", Kind::Boolean, stalled, about).filter()
}

fn stalled(access: &Access) -> SimpleExpr {
    let since = || Expr::col(("opportunity", O::StageChangedAt));
    let days = || Expr::col(("stage", S::MaxDays));
    let julian = |at: SimpleExpr| SimpleExpr::FunctionCall(Func::cust("julianday").arg(at));
    let late = if access.store().backend() == DbBackend::Postgres {
        let nothing = || Expr::cust("0");
        let allowed = Func::cust("make_interval").args([nothing(), nothing(), nothing(), days()]);
        since().add(allowed).lt(access.now())
    } else {
        julian(Expr::val(access.now())).sub(julian(since())).gt(days())
    };
    let theirs = Query::select()
        .expr(Expr::val(1))
        .from("stage")
        .and_where(Expr::col(("stage", S::Id)).equals(("opportunity", O::StageId)))
        .and_where(days().is_not_null())
        .and_where(late)
        .take();
    Expr::col(("opportunity", O::StageType)).eq(StageType::Open).and(Expr::exists(theirs))
}
