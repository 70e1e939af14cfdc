//! Leads that nobody looks after, as conditions over the lead.

use chrono::{DateTime, Utc};
use entity::{
    activity::{Direction, Kind},
    id::OrganizationId,
    id::RowId,
    lead::{Column as L, Entity as Leads, Status},
    word::Word,
};
use sea_orm::{
    ColumnTrait, Condition, ExprTrait,
    sea_query::{Expr, Query},
};

use crate::store::Guarded;

/// Leads that wait for somebody since before an instant, and whom nobody has called, written to or met since they came
/// to stand where they stand.
pub fn untouched(organization: OrganizationId, before: DateTime<Utc>) -> Condition {
    let kinds = [Kind::Call, Kind::Mail, Kind::Meeting].map(Word::word);
    idle(organization, &[Status::New, Status::Mql, Status::Offered, Status::Accepted], before, &kinds)
}

/// Leads that were accepted before an instant, with which nobody has done anything since.
pub fn ghosts(organization: OrganizationId, before: DateTime<Utc>) -> Condition {
    let kinds: Vec<&str> = Kind::VALUES.iter().map(|(word, _)| *word).collect();
    idle(organization, &[Status::Accepted], before, &kinds)
}

/// Whatever the lead itself sent does not count; whoever may see the activity, it does.
fn idle(organization: OrganizationId, statuses: &[Status], before: DateTime<Utc>, kinds: &[&str]) -> Condition {
    let lead = |c: &'static str| Expr::col((Leads::NAME, c));
    let act = |c: &'static str| Expr::col(("done", c));
    let sent = Condition::any().add(act("direction").is_null()).add(act("direction").ne(Direction::Inbound.word()));
    let since = Condition::any()
        .add(act("happened_at").gte(lead("status_changed_at")))
        .add(act("done_at").gte(lead("status_changed_at")));
    let done = Query::select()
        .expr(Expr::val(1))
        .from_as("activity", "done")
        .and_where(act("organization_id").eq(organization.uuid()))
        .and_where(act("lead_id").eq(lead("id")))
        .and_where(act("deleted_at").is_null())
        .and_where(act("kind").is_in(kinds.iter().copied()))
        .cond_where(sent)
        .cond_where(since)
        .take();
    Condition::all()
        .add(L::Status.is_in(statuses.iter().copied()))
        .add(L::StatusChangedAt.lt(before))
        .add(Expr::exists(done).not())
}
