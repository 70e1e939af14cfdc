//! Agreements: what marketing and sales have signed together, version by version. A version is in force from its
//! instant on, and only if every side has turned its key on exactly its text. What an agreement says is its kind's.

mod approval;
pub mod body;
mod charter;
pub mod command;
mod create;
mod diff;
mod glossary;
pub mod graphql;
mod hash;
mod keys;
mod life;
mod named;
mod owner;
pub mod question;
mod settle;
mod sign;
mod stage_ownership;
mod steps;
pub mod text;
mod version;

use entity::{
    agreement::{ActiveModel, Column as C, Entity},
    id::AgreementId,
};
use sea_orm::Condition;

pub use body::{Active, Body, active, active_in};
pub use create::{copy, draft, next, propose};
pub(crate) use hash::of as fingerprint;
pub use life::OPEN;
pub use settle::{ACTIVATE, activate};
pub use sign::{Said, decide};
pub(crate) use sign::{Voice, speaks};

use crate::{
    actor::{Actor, Permission},
    graph::{self, Meta, Record},
    store::Guarded,
};

impl Guarded for Entity {
    type Id = AgreementId;
    const NAME: &'static str = "agreement";
    const READ: Permission = Permission::AgreementRead;

    /// Agreements are the whole organisation's.
    fn within(_: &Actor, _: Permission) -> Condition {
        Condition::all()
    }

    fn search_text(row: &ActiveModel) -> Option<String> {
        Some(graph::text::search_of::<Self>(row, &[C::Key, C::Title]))
    }
}

impl Record for Entity {
    fn meta() -> &'static Meta {
        graphql::meta()
    }
}
