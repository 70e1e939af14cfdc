//! Steps: the named changes of a record beside create and update, such as `opportunityWin`. One declaration gives
//! input, mutation and its permission; what the step means is the domain's, the rules stay those of the record.

use std::marker::PhantomData;

use async_graphql::registry::Registry;
use futures_util::future::BoxFuture;
use sea_orm::EntityTrait;
use uuid::Uuid;

use super::{
    field::Field,
    link::check_told,
    patch::Patch,
    record::{Meta, Record, Target, lock, remembered, save},
    sdl,
};
use crate::{
    actor::Permission,
    error::{Error, Result},
    store::{Access, Tx, expect_version},
};

/// What a step makes of its input: the values to lay over the row, or a refusal. The record's own rules follow.
pub type Make<E> = for<'a> fn(&'a mut Tx, &'a <E as EntityTrait>::Model, Patch) -> BoxFuture<'a, Result<Patch>>;

/// What is kept of a step that was refused, in a unit of work of its own; that it cannot be is no other answer.
pub type Keep = for<'a> fn(&'a Access, Uuid, Patch) -> BoxFuture<'a, Result<()>>;

/// A named change of one record.
pub struct Step {
    /// What follows the record's name: `Win`.
    pub name: &'static str,
    pub about: &'static str,
    pub permission: Permission,
    /// What it is told beside id and version.
    pub fields: Vec<Field>,
    pub act: Box<dyn Act>,
}

/// A step, its record's Rust type forgotten.
pub trait Act: Send + Sync {
    /// Opens one unit of work.
    fn run<'a>(&'a self, access: &'a Access, target: Target, told: Patch) -> BoxFuture<'a, Result<Uuid>>;
    /// The same inside of somebody's work, who must hold the step's permission.
    fn within<'a>(&'a self, tx: &'a mut Tx, target: Target, told: Patch) -> BoxFuture<'a, Result<()>>;
}

struct Of<E: Record> {
    name: &'static str,
    permission: Permission,
    make: Make<E>,
    keep: Option<Keep>,
    record: PhantomData<fn() -> E>,
}

impl<E: Record> Of<E> {
    async fn work(&self, access: &Access, target: Target, told: Patch) -> Result<Uuid> {
        let mut tx = access.begin(self.permission).await?;
        self.within(&mut tx, target, told).await?;
        tx.commit(remembered(target.id)).await?;
        Ok(target.id)
    }
}

impl<E: Record> Act for Of<E> {
    fn run<'a>(&'a self, access: &'a Access, target: Target, told: Patch) -> BoxFuture<'a, Result<Uuid>> {
        Box::pin(async move {
            let Some(keep) = self.keep else { return self.work(access, target, told).await };
            let done = self.work(access, target, told.clone()).await;
            if matches!(done, Err(Error::Refused(_)))
                && let Err(error) = keep(&access.next(), target.id, told).await
            {
                tracing::debug!(%error, step = self.name, "nothing is kept of a step that was refused");
            }
            done
        })
    }

    fn within<'a>(&'a self, tx: &'a mut Tx, target: Target, told: Patch) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let former = tx.under(self.permission)?;
            let before = lock::<E>(tx, target.id).await?;
            expect_version::<E>(&before, target.version)?;
            if !told.faults.is_empty() {
                return Err(Error::Refused(told.faults));
            }
            let step = E::meta().steps.iter().find(|step| step.name == self.name);
            check_told(tx, step.map_or(&[], |step| &step.fields), &told).await?;
            let patch = (self.make)(tx, &before, told).await?;
            save::<E>(tx, Some(before), patch).await?;
            tx.under(former)?;
            Ok(())
        })
    }
}

impl Meta {
    /// The step of this name, e.g. `Win`.
    pub fn named(&self, step: &str) -> Option<&Step> {
        self.steps.iter().find(|one| one.name == step)
    }

    /// A named change: `leadDisqualify`. `fields` say what it is told, each in the form of its column.
    #[must_use]
    pub fn step<E: Record>(
        mut self,
        name: &'static str,
        permission: Permission,
        about: &'static str,
        fields: Vec<Field>,
        make: Make<E>,
    ) -> Self {
        let act = Box::new(Of::<E> { name, permission, make, keep: None, record: PhantomData });
        self.steps.push(Step { name, about, permission, fields, act });
        self
    }

    /// The same of a step of which something is kept when it is refused.
    #[must_use]
    pub fn step_keeping<E: Record>(
        mut self,
        name: &'static str,
        permission: Permission,
        about: &'static str,
        fields: Vec<Field>,
        (make, keep): (Make<E>, Keep),
    ) -> Self {
        let act = Box::new(Of::<E> { name, permission, make, keep: Some(keep), record: PhantomData });
        self.steps.push(Step { name, about, permission, fields, act });
        self
    }
}

/// The step's input type.
pub(super) fn register(registry: &mut Registry, meta: &Meta) {
    for step in &meta.steps {
        let mut fields = vec![sdl::id_of(meta), sdl::version()];
        fields.extend(step.fields.iter().map(given));
        let name = format!("{}{}Input", meta.name, step.name);
        sdl::input(registry, &name, step.about, fields, false);
    }
}

fn given(field: &Field) -> async_graphql::registry::MetaInputValue {
    let ty = sdl::input_type_of(field);
    let mark = if field.required { "!" } else { "" };
    sdl::given(field.input_name(), format!("{ty}{mark}"), format!("{}{}", field.about, sdl::limit(field)))
}
