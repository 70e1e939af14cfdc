//! Root fields written by hand say their permission in a sentence; programs get the same from the directive, which is
//! read from that sentence here. Whether it is true is proven by the doors: every role tries every field.

use std::borrow::Cow;

use async_graphql::{
    ContainerType, Context, ContextSelectionSet, ObjectType, OutputType, Positioned, ServerResult, Value,
    parser::types::Field as Asked,
    registry::{MetaField, MetaType, Registry},
};
use entity::word::Word;

use super::roots::needing;
use crate::actor::Permission;

/// A root type whose fields carry `@permission` wherever their description ends with what they require.
pub struct Needing<T>(pub T);

impl<T: OutputType> OutputType for Needing<T> {
    fn type_name() -> Cow<'static, str> {
        T::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        let name = T::create_type_info(registry);
        if let Some(MetaType::Object { fields, .. }) = registry.types.get_mut(&*T::type_name()) {
            fields.values_mut().for_each(complete);
        }
        name
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, field: &Positioned<Asked>) -> ServerResult<Value> {
        self.0.resolve(ctx, field).await
    }
}

impl<T: ContainerType> ContainerType for Needing<T> {
    /// A refused field that may be null is null, and the fields beside it keep their answers; the engine would null the
    /// whole answer for resolvers that give a `Result<Option<_>>`.
    async fn resolve_field(&self, ctx: &Context<'_>) -> ServerResult<Option<Value>> {
        match self.0.resolve_field(ctx).await {
            Err(error) if may_be_null::<T>(ctx) => {
                ctx.add_error(ctx.set_error_path(error));
                Ok(Some(Value::Null))
            }
            answer => answer,
        }
    }
}

impl<T: ObjectType> ObjectType for Needing<T> {}

fn may_be_null<T: OutputType>(ctx: &Context<'_>) -> bool {
    let root = ctx.schema_env.registry.types.get(&*T::type_name());
    let field = root.and_then(|root| root.field_by_name(ctx.item.node.name.node.as_str()));
    field.is_some_and(|field| !field.ty.ends_with('!'))
}

fn complete(field: &mut MetaField) {
    let said = field.directive_invocations.iter().any(|d| d.name == "permission");
    let words = permissions(field.description.as_deref().unwrap_or_default());
    if !said && !words.is_empty() {
        field.directive_invocations.push(needing(&words));
    }
}

/// The words of the sentence that begins with "Requires": one, or several of which one is enough.
fn permissions(about: &str) -> Vec<Permission> {
    let about = about.split_whitespace().collect::<Vec<_>>().join(" ");
    let sentence = about.split("Requires ").nth(1).unwrap_or_default();
    let sentence = sentence.split('.').next().unwrap_or_default();
    let words = sentence.split(|c: char| !c.is_ascii_uppercase() && c != '_');
    words.filter_map(Permission::parse).collect()
}

#[cfg(test)]
mod tests {
    use super::{Permission, permissions};

    #[test]
    fn the_sentence_names_what_is_required() {
        assert_eq!(permissions("Invites. Requires USER_CREATE."), [Permission::UserCreate]);
        assert_eq!(permissions("Requires LEAD_READ or USER_READ. More."), [Permission::LeadRead, Permission::UserRead]);
        assert!(permissions("Others require SESSION_UPDATE.").is_empty());
    }
}
