//! Accounts on a list, and what each side says to them. Seen by who sees the account; written only by proposals and
//! votes.

use entity::{
    account,
    id::{TargetEntryId, TargetVoteId},
    target_entry::{Column as C, Entity, Model},
    target_list,
    target_vote::{self, Column as V},
};
use sea_orm::{Condition, ExprTrait, sea_query::Expr};

use super::{ballot, graphql};
use crate::{
    actor::{Actor, Permission},
    graph::{Meta, Record},
    store::{Guarded, visible},
};

impl Guarded for Entity {
    type Id = TargetEntryId;
    const NAME: &'static str = "target_entry";
    const READ: Permission = Permission::TargetListRead;

    /// With the account, while the list is there: to read, to propose and to vote.
    fn within(actor: &Actor, _: Permission) -> Condition {
        let accounts = visible::<account::Entity>(actor, Permission::AccountRead);
        let lists = visible::<target_list::Entity>(actor, Permission::TargetListRead);
        Condition::all()
            .add(Expr::col((Self::NAME, C::AccountId)).in_subquery(accounts))
            .add(Expr::col((Self::NAME, C::TargetListId)).in_subquery(lists))
    }
}

impl Record for Entity {
    fn meta() -> &'static Meta {
        graphql::entries()
    }

    /// When accounts are merged: what both sides want stays agreed, else what is still open stays open. Votes are not
    /// carried over, as a merge decides nothing for a side.
    fn outranks(comes: &Model, there: &Model) -> bool {
        ballot::rank(comes.state) > ballot::rank(there.state)
    }
}

impl Guarded for target_vote::Entity {
    type Id = TargetVoteId;
    const NAME: &'static str = "target_vote";
    const READ: Permission = Permission::TargetListRead;

    fn within(actor: &Actor, _: Permission) -> Condition {
        let entries = visible::<Entity>(actor, Permission::TargetListRead);
        Condition::all().add(Expr::col((Self::NAME, V::TargetEntryId)).in_subquery(entries))
    }
}

impl Record for target_vote::Entity {
    fn meta() -> &'static Meta {
        graphql::votes()
    }
}
