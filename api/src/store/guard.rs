//! `Guarded`: who may see a table's rows and who may change them. Without it a table cannot be read at all.

use std::any::TypeId;

use entity::id::{RowId, TeamId, UserId};
use sea_orm::{
    ActiveModelBehavior, ActiveModelTrait, ColumnTrait, Condition, EntityTrait, ExprTrait, FromQueryResult,
    IntoActiveModel, Iterable, ModelTrait,
    sea_query::{Expr, IntoIden, Query, SelectStatement, SimpleExpr, UnionType},
};

use crate::actor::{Actor, Permission, Scope};

/// A table whose every statement carries tenancy and visibility. The base columns (`organization_id`, `id`,
/// `version`, `created_at` …) are the same in all of them; a test proves it.
pub trait Guarded:
    EntityTrait<
        Model: ModelTrait<Entity = Self> + FromQueryResult + IntoActiveModel<Self::ActiveModel> + Clone + Send + Sync,
        ActiveModel: ActiveModelTrait<Entity = Self> + ActiveModelBehavior + Send + Sync,
        Column: ColumnTrait + Iterable + 'static,
    > + Default
{
    type Id: RowId + Send + Sync;

    /// The table's name, which is also the prefix of its ids.
    const NAME: &'static str;
    /// The permission whose reach decides what is read.
    const READ: Permission;
    /// Whoever holds it may leave a row outside their own reach: give it away.
    const ASSIGN: Option<Permission> = None;
    /// Columns whose values erasure must be able to delete from the history.
    const PERSONAL: &'static [&'static str] = &[];
    /// Columns whose values never leave the row, hashes of secrets among them: an event says only that they changed.
    const SECRET: &'static [&'static str] = &[];
    /// Columns that change by mere use, and hashes of secrets: never in an event, and a change of nothing else
    /// raises no version.
    const QUIET: &'static [&'static str] = &[];
    /// A change here may change what somebody may do: what this process remembers of rights is forgotten at commit.
    const RIGHTS: bool = false;

    /// Whether whoever writes a row may give its id: rows that others name before they are written.
    const NAMED: bool = false;

    /// Whether changes are told as events. Only tables that are a record of work themselves say no.
    const TOLD: bool = true;

    /// Whether rows stay as they were added: every change and deletion of one is refused, whoever asks.
    const LASTS: bool = false;

    /// Which rows `permission` reaches for this actor. Called only if the actor holds it.
    fn within(actor: &Actor, permission: Permission) -> Condition;

    /// Whether this permission reaches every row, so that no further check is needed. Tables whose rows hang on others' rights
    /// too ask for these.
    fn every(actor: &Actor, permission: Permission) -> bool {
        actor.reaches_all(permission)
    }

    /// What the search column holds for this row; None where the table has none.
    fn search_text(_row: &Self::ActiveModel) -> Option<String> {
        None
    }
}

/// The rows of `E` that this permission reaches: nothing when the actor does not hold it.
pub fn condition_of<E: Guarded>(actor: &Actor, permission: Permission) -> Condition {
    if !actor.may(permission) {
        return nothing();
    }
    let within = E::within(actor, permission);
    // a right within a team says nothing of rows that nobody owns
    if within.is_empty() && actor.rights.reach(permission).is_none() { nothing() } else { within }
}

/// The ids of the rows of `E` that the actor may read: for predicates of other tables.
pub fn visible<E: Guarded>(actor: &Actor, permission: Permission) -> SelectStatement {
    reached::<E>(actor, permission).and_where(Expr::col((E::NAME, "deleted_at")).is_null()).take()
}

/// The ids of the rows of `E` that the permission reaches, deleted or not.
fn reached<E: Guarded>(actor: &Actor, permission: Permission) -> SelectStatement {
    Query::select()
        .column((E::NAME, "id"))
        .from(E::NAME)
        .and_where(Expr::col((E::NAME, "organization_id")).eq(actor.organization.uuid()))
        .cond_where(condition_of::<E>(actor, permission))
        .take()
}

/// Rows that are seen and changed with the one that they belong to, and like it gone once it is deleted. `key` leads there.
pub fn belonging<P: Guarded>(
    actor: &Actor,
    permission: Permission,
    key: (&'static str, impl IntoIden + Copy),
) -> Condition {
    Condition::all().add(Expr::col((key.0, key.1.into_iden())).in_subquery(visible::<P>(actor, permission)))
}

/// The same where the record that it belongs to asks for a right of its own: within reach of that and of this one.
pub fn below<P: Guarded>(
    actor: &Actor,
    permission: Permission,
    parent: Permission,
    key: (&'static str, impl IntoIden + Copy),
) -> Condition {
    let parents = visible::<P>(actor, parent).cond_where(condition_of::<P>(actor, permission)).take();
    Condition::all().add(Expr::col((key.0, key.1.into_iden())).in_subquery(parents))
}

/// As `belonging`, of history that is shown of what was deleted too: to who would see that if it were there.
pub fn remembering<P: Guarded>(
    actor: &Actor,
    permission: Permission,
    key: (&'static str, impl IntoIden + Copy),
) -> Condition {
    if P::every(actor, permission) {
        return Condition::all();
    }
    // apart, so that each has its index
    let gone = reached::<P>(actor, permission).and_where(Expr::col((P::NAME, "deleted_at")).is_not_null()).take();
    let theirs = visible::<P>(actor, permission).union(UnionType::All, gone).take();
    Condition::all().add(Expr::col((key.0, key.1.into_iden())).in_subquery(theirs))
}

/// As `belonging`, of history and clocks, which outlive what they tell of for whoever reaches all of it.
pub fn outliving<P: Guarded>(
    actor: &Actor,
    permission: Permission,
    key: (&'static str, impl IntoIden + Copy),
) -> Condition {
    if P::every(actor, permission) { Condition::all() } else { belonging::<P>(actor, permission, key) }
}

pub(super) fn nothing() -> Condition {
    Condition::all().add(SimpleExpr::val(1).eq(0))
}

impl Actor {
    /// The rows whose owner column is within this permission's reach.
    pub fn reach(&self, permission: Permission, owner: (&'static str, impl IntoIden + Copy)) -> Condition {
        let reach = self.rights.reach(permission);
        if reach.is_some_and(|reach| reach.scope == Scope::All) {
            return Condition::all();
        }
        let Some(me) = self.user else { return nothing() };
        let owner = || Expr::col((owner.0, owner.1.into_iden()));
        let mut any = Condition::any();
        if let Some(reach) = reach {
            any = any.add(self.owned(reach.scope, me, owner()));
            if reach.unassigned {
                any = any.add(owner().is_null());
            }
        }
        for (team, reach) in self.rights.in_teams(permission) {
            let members = Condition::all().add(owner().in_subquery(self.members(team)));
            let narrower = (reach.scope != Scope::All).then(|| self.owned(reach.scope, me, owner()));
            any = any.add(narrower.into_iter().fold(members, Condition::add));
        }
        if any.is_empty() { nothing() } else { any }
    }

    /// The rows about somebody within this permission's reach where sharing a team reaches nobody: oneself, whoever is below
    /// by `reportsTo`, or all. For what colleagues do not see of each other.
    pub fn below(&self, permission: Permission, of: (&'static str, impl IntoIden + Copy)) -> Condition {
        let reach = self.rights.reach(permission);
        if reach.is_some_and(|reach| reach.scope == Scope::All) {
            return Condition::all();
        }
        let Some(me) = self.user else { return nothing() };
        let of = || Expr::col((of.0, of.1.into_iden()));
        let under = |scope: Scope| match scope {
            Scope::Own => of().eq(me.uuid()),
            Scope::Team | Scope::Subtree | Scope::All => {
                of().in_subquery(self.subtree().union(UnionType::All, itself(me)).take())
            }
        };
        let mut any = Condition::any();
        if let Some(reach) = reach {
            any = any.add(under(reach.scope));
        }
        for (team, reach) in self.rights.in_teams(permission) {
            let members = Condition::all().add(of().in_subquery(self.members(team)));
            let narrower = (reach.scope != Scope::All).then(|| under(reach.scope));
            any = any.add(narrower.into_iter().fold(members, Condition::add));
        }
        if any.is_empty() { nothing() } else { any }
    }

    /// The owner is within a scope. One list: databases read it once and then look owners up in it.
    fn owned(&self, scope: Scope, me: UserId, owner: Expr) -> SimpleExpr {
        let mut circle = match scope {
            Scope::Own | Scope::All => return owner.eq(me.uuid()),
            Scope::Team => self.teammates(),
            Scope::Subtree => self.teammates().union(UnionType::All, self.subtree()).take(),
        };
        owner.in_subquery(circle.union(UnionType::All, itself(me)).take())
    }

    /// True when the permission reaches every row, so that no further check is needed.
    pub fn reaches_all(&self, permission: Permission) -> bool {
        self.rights.reach(permission).is_some_and(|reach| reach.scope == Scope::All)
    }

    /// Whoever I reach by team or tree at present, or may reach in a team: changes with them.
    pub(super) fn circle(&self) -> SelectStatement {
        let mut circle = self.teammates().union(UnionType::Distinct, self.subtree()).take();
        for team in self.rights.teams() {
            circle.union(UnionType::Distinct, self.members(team));
        }
        circle
    }

    /// Users who are in a team.
    fn members(&self, team: TeamId) -> SelectStatement {
        Query::select()
            .column(("in", "user_id"))
            .from_as("membership", "in")
            .and_where(Expr::col(("in", "organization_id")).eq(self.organization.uuid()))
            .and_where(Expr::col(("in", "team_id")).eq(team.uuid()))
            .and_where(Expr::col(("in", "deleted_at")).is_null())
            .take()
    }

    /// Users who share a team with me.
    fn teammates(&self) -> SelectStatement {
        let me = self.user.map(RowId::uuid);
        let here = |table: &'static str| Expr::col((table, "organization_id")).eq(self.organization.uuid());
        let mine = Query::select()
            .column(("mine", "team_id"))
            .from_as("membership", "mine")
            .and_where(here("mine"))
            .and_where(Expr::col(("mine", "user_id")).eq(me))
            .and_where(Expr::col(("mine", "deleted_at")).is_null())
            .take();
        Query::select()
            .column(("theirs", "user_id"))
            .from_as("membership", "theirs")
            .and_where(here("theirs"))
            .and_where(Expr::col(("theirs", "team_id")).in_subquery(mine))
            .and_where(Expr::col(("theirs", "deleted_at")).is_null())
            .take()
    }

    /// Users below me by `reportsTo`, at any depth.
    fn subtree(&self) -> SelectStatement {
        Query::select()
            .column(("below", "below_id"))
            .from_as("reporting_line", "below")
            .and_where(Expr::col(("below", "above_id")).eq(self.user.map(RowId::uuid)))
            .take()
    }
}

fn itself(me: UserId) -> SelectStatement {
    Query::select().expr(Expr::val(me.uuid())).take()
}

/// The key under which `Tx` remembers what `lock` read.
pub(super) fn type_of<E: Guarded>() -> TypeId {
    TypeId::of::<E>()
}
