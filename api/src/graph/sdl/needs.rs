//! What root fields written by hand need beside what records' own have. They say their permission in a sentence; programs
//! get the same from the directive, which is read from that sentence here. Whether it is true is proven by the doors:
//! every role tries every field. And one that may be null and fails is null, its siblings stay.

use std::borrow::Cow;

use async_graphql::{
    ContainerType, Context, ContextSelectionSet, ObjectType, OutputType, Positioned, ServerResult, Value,
    parser::types::Field as Asked,
    registry::{MetaField, MetaType, Registry},
};
use entity::word::Word;

use super::{super::root::or_null, roots::needing};
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

impl<T: ContainerType + OutputType> ContainerType for Needing<T> {
    /// The engine gives up all of the answer when a field fails, and does not begin the mutations after it.
    async fn resolve_field(&self, ctx: &Context<'_>) -> ServerResult<Option<Value>> {
        let root = ctx.schema_env.registry.types.get(&*T::type_name());
        let field = root.and_then(|root| root.field_by_name(&ctx.item.node.name.node));
        match self.0.resolve_field(ctx).await {
            Err(error) if field.is_some_and(|field| !field.ty.ends_with('!')) => Ok(Some(or_null(ctx, Err(error)))),
            done => done,
        }
    }
}

impl<T: ObjectType> ObjectType for Needing<T> {}

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
