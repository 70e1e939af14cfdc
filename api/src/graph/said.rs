//! A list of records, each with something said of it: a score, a reason. The records of the whole list cost one
//! statement for each level; those the caller may not see are left out, and what was said of them with them, unless it
//! may be said without them.

use std::{borrow::Cow, marker::PhantomData};

use async_graphql::{
    ContextSelectionSet, OutputType, Positioned, ServerError, ServerResult, Value as ConstValue,
    parser::types::Field as Asked,
    registry::{MetaField, MetaTypeName, Registry},
};
use serde_json::Value;
use uuid::Uuid;

use super::{
    fetch,
    form::{self, Pick},
    plan::{Plan, fields, key_of},
    record::Meta,
    sdl, write,
};
use crate::{error::Error, store::Access};

/// What is said of a record: an object type of its own with the record in one field.
pub trait Said: Send + Sync {
    const NAME: &'static str;
    const ABOUT: &'static str;
    /// The field that holds the record.
    const RECORD: &'static str;
    /// Said also of records that the caller may not see, and of none: the record's field is null then.
    const ALWAYS: bool = false;

    /// The other fields, and the record's; may register types of theirs.
    fn fields(registry: &mut Registry) -> Vec<MetaField>;
    fn id(&self) -> Uuid;
    /// The value of another field.
    fn say(&self, field: &str) -> Value;
}

/// A list of records of one type, and what is said of each, in this order.
pub struct Sayings<S> {
    pub meta: &'static Meta,
    pub rows: Vec<S>,
    said: PhantomData<fn() -> S>,
}

impl<S> Sayings<S> {
    pub fn new(meta: &'static Meta, rows: Vec<S>) -> Self {
        Self { meta, rows, said: PhantomData }
    }
}

impl<S: Said> OutputType for Sayings<S> {
    fn type_name() -> Cow<'static, str> {
        format!("[{}!]", S::NAME).into()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        if !registry.types.contains_key(S::NAME) {
            let fields = S::fields(registry);
            sdl::object(registry, S::NAME, S::ABOUT, fields);
        }
        format!("{}!", Self::type_name())
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, _: &Positioned<Asked>) -> ServerResult<ConstValue> {
        let wrong =
            |error: Error| ctx.set_error_path(async_graphql::Error::from(error).into_server_error(ctx.item.pos));
        let Some(access) = ctx.data_opt::<Access>() else { return Err(wrong(Error::Unauthenticated)) };
        let mut plan = Plan::new(self.meta);
        let members = members::<S>(&mut plan, ctx)?;
        let ids: Vec<Uuid> = self.rows.iter().map(Said::id).collect();
        let fetched = fetch::by_ids(access, &plan, &ids).await.map_err(wrong)?;
        let place = |id| (0..fetched.rows.len()).find(|row| fetched.id(*row) == Some(id));
        let shown = |row| S::ALWAYS || place(S::id(row)).is_some();
        let seen: Vec<(&S, Option<usize>)> =
            self.rows.iter().filter(|row| shown(row)).map(|row| (row, place(row.id()))).collect();
        let mut out = Vec::new();
        write::list(&mut out, 0..seen.len(), |out, at| {
            let (said, row) = seen[at];
            out.push(b'{');
            for (i, (key, member)) in members.iter().enumerate() {
                write::comma(out, i);
                out.extend_from_slice(key);
                match member {
                    Member::Record(view) => match row {
                        Some(row) => write::object(out, view, &plan, &fetched, row),
                        None => out.extend_from_slice(b"null"),
                    },
                    Member::Other(name, pick) => form::put(out, pick, &said.say(name)),
                    Member::Type => out.extend_from_slice(Value::from(S::NAME).to_string().as_bytes()),
                }
            }
            out.push(b'}');
        });
        Ok(write::raw(out))
    }
}

enum Member {
    Record(super::plan::View),
    Other(String, Pick),
    Type,
}

fn members<S: Said>(plan: &mut Plan, ctx: &ContextSelectionSet<'_>) -> Result<Vec<(Vec<u8>, Member)>, ServerError> {
    let mut members = Vec::new();
    fields(ctx, S::NAME, &mut |field| {
        let asked = &field.item.node;
        let member = match asked.name.node.as_str() {
            name if name == S::RECORD => Member::Record(plan.view(&field.with_selection_set(&asked.selection_set))?),
            "__typename" => Member::Type,
            name => {
                let of = ctx.schema_env.registry.types.get(S::NAME).and_then(|of| of.field_by_name(name));
                let ty = of.map_or("", |field| MetaTypeName::concrete_typename(&field.ty));
                Member::Other(name.to_owned(), form::pick(&field.with_selection_set(&asked.selection_set), ty)?)
            }
        };
        members.push((key_of(asked), member));
        Ok(())
    })?;
    Ok(members)
}
