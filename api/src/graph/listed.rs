//! A list of records that stands beside the records' own lists: those that meet a rule of the domain, paged alike.

use std::{borrow::Cow, marker::PhantomData};

use async_graphql::{
    Context, ContextSelectionSet, OutputType, Positioned, ServerResult, Value as ConstValue,
    parser::types::Field as Asked, registry::Registry,
};
use sea_orm::Condition;

use super::{args::ListArgs, connection::Page, fetch, record::Record, write};
use crate::{error::Error, store::Access};

/// A connection of those records that meet a condition. Its field takes `first`, `after`, `last` and `before`.
pub struct Listed<E> {
    /// Or what is wrong with them, told where the list would stand.
    args: ServerResult<ListArgs>,
    record: PhantomData<fn() -> E>,
}

impl<E> Listed<E> {
    pub fn of(ctx: &Context<'_>, only: Condition) -> Self {
        let args = ListArgs::read(ctx).map(|args| ListArgs { only: Some(only), ..args });
        Self { args, record: PhantomData }
    }
}

impl<E: Record> OutputType for Listed<E> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Connection", E::meta().name).into()
    }

    fn create_type_info(_: &mut Registry) -> String {
        format!("{}!", Self::type_name())
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, _: &Positioned<Asked>) -> ServerResult<ConstValue> {
        let wrong = |e: Error| ctx.set_error_path(async_graphql::Error::from(e).into_server_error(ctx.item.pos));
        let access = ctx.data_opt::<Access>().ok_or_else(|| wrong(Error::Unauthenticated))?;
        let page = Page::plan(E::meta(), self.args.clone().map_err(|error| ctx.set_error_path(error))?, ctx)?;
        let (fetched, span) = fetch::page(access, &page).await.map_err(wrong)?;
        let mut out = Vec::with_capacity(4096);
        page.write(&mut out, &fetched, &span);
        Ok(write::raw(out))
    }
}
