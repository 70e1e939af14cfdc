//! Forms: JSON columns whose shape the schema knows. The stored JSON has the members of the object type, so an answer
//! is picked out of it by the selection: no statement and no resolver more, however many rows. It knows no meaning.
//!
//! A form is one object type, or a union of several. A union is stored as its `@oneOf` input writes it, an object
//! of one member that names the type: member `glossary` of input `GlossaryBodyInput` is type `GlossaryBody`. The
//! same holds for unions inside (derive `Union` and `OneofObject` on one enum, with `input_name` = name + `Input`).

use std::{borrow::Cow, marker::PhantomData};

use async_graphql::{
    ContextSelectionSet, InputType, InputValueResult, OutputType, ServerResult, Value as ConstValue,
    registry::{MetaType, MetaTypeName, Registry},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value as Json;

use super::{
    args::member,
    plan::{fields, key_of},
    sdl, value, write,
};
use crate::error::{Fault, FaultCode};

/// Largest form as JSON text.
const MOST_BYTES: usize = 65_536;

/// The shape of a JSON column.
pub struct Form {
    /// Its type in the schema; its input is this and `Input`.
    pub name: &'static str,
    pub about: &'static str,
    shape: Shape,
}

impl std::fmt::Debug for Form {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Form").field("name", &self.name).finish_non_exhaustive()
    }
}

enum Shape {
    One(Part),
    Several(Vec<Part>),
}

/// One object type of a form: a struct that derives `SimpleObject` and `InputObject` (with `input_name`) and, under
/// the same names, `Serialize` and `Deserialize` (`rename_all = "camelCase"`).
pub struct Part {
    member: String,
    about: &'static str,
    register: fn(&mut Registry) -> (String, String),
    read: Box<dyn Fn(Json) -> Result<Json, Vec<Fault>> + Send + Sync>,
}

impl Part {
    /// `check` says what is wrong with a value beside its shape, in paths below it.
    pub fn of<T>(member: impl Into<String>, about: &'static str, check: fn(&T) -> Vec<Fault>) -> Self
    where
        T: OutputType + InputType + Serialize + DeserializeOwned + 'static,
    {
        let read = move |json: Json| {
            let wrong = |e: serde_json::Error| vec![Fault::new(FaultCode::Validation, "", e.to_string())];
            let read: T = serde_json::from_value(json).map_err(wrong)?;
            let faults = check(&read);
            if faults.is_empty() { serde_json::to_value(&read).map_err(wrong) } else { Err(faults) }
        };
        let register = |registry: &mut Registry| {
            let output = <T as OutputType>::create_type_info(registry);
            let input = <T as InputType>::create_type_info(registry);
            let bare = |name: String| MetaTypeName::concrete_typename(&name).to_owned();
            (bare(output), bare(input))
        };
        Self { member: member.into(), about, register, read: Box::new(read) }
    }
}

impl Form {
    /// A column that holds one object type.
    pub fn one<T>(name: &'static str, check: fn(&T) -> Vec<Fault>) -> Self
    where
        T: OutputType + InputType + Serialize + DeserializeOwned + 'static,
    {
        Self { name, about: "", shape: Shape::One(Part::of(name, "", check)) }
    }

    /// An object type that is only read: what the database puts together.
    pub fn told<T: OutputType + 'static>(name: &'static str) -> Self {
        let register = |registry: &mut Registry| {
            let output = <T as OutputType>::create_type_info(registry);
            (MetaTypeName::concrete_typename(&output).to_owned(), String::new())
        };
        let read = |_| Err(vec![Fault::new(FaultCode::Validation, "", "this is not written")]);
        Self {
            name,
            about: "",
            shape: Shape::One(Part { member: name.into(), about: "", register, read: Box::new(read) }),
        }
    }

    /// A column that holds one of several object types.
    pub fn union(name: &'static str, about: &'static str, parts: Vec<Part>) -> Self {
        Self { name, about, shape: Shape::Several(parts) }
    }

    /// The stored JSON of an input, or what is wrong with it, in paths below it.
    pub fn read(&self, given: &ConstValue) -> Result<Json, Vec<Fault>> {
        let wrong = |what: String| vec![Fault::new(FaultCode::Validation, "", what)];
        let json = |v: &ConstValue| v.clone().into_json().map_err(|e| wrong(e.to_string()));
        let read = match &self.shape {
            Shape::One(part) => (part.read)(json(given)?)?,
            Shape::Several(parts) => {
                let found = parts.iter().find_map(|part| Some((part, member(given, &part.member)?)));
                let (part, given) = found.ok_or_else(|| wrong("give one member".into()))?;
                let under = |faults: Vec<Fault>| faults.into_iter().map(|f| f.under(&part.member)).collect::<Vec<_>>();
                let read = (part.read)(json(given)?).map_err(under)?;
                Json::Object([(part.member.clone(), read)].into_iter().collect())
            }
        };
        if read.to_string().len() > MOST_BYTES {
            return Err(wrong("this is larger than 64 KiB".into()));
        }
        Ok(read)
    }

    /// Its types.
    pub fn register(&self, registry: &mut Registry) {
        let parts = match &self.shape {
            Shape::One(part) => return drop((part.register)(registry)),
            Shape::Several(parts) => parts,
        };
        let types: Vec<_> = parts.iter().map(|part| (part, (part.register)(registry))).collect();
        let union = MetaType::Union {
            name: self.name.into(),
            description: Some(self.about.into()),
            possible_types: types.iter().map(|(_, (output, _))| output.clone()).collect(),
            visible: None,
            inaccessible: false,
            tags: vec![],
            rust_typename: None,
            directive_invocations: vec![],
        };
        registry.types.insert(self.name.into(), union);
        let inputs = types.iter().map(|(part, (_, input))| sdl::given(&part.member, input, part.about)).collect();
        sdl::input(registry, &format!("{}Input", self.name), self.about, inputs, true);
    }

    /// What a selection picks out of the stored JSON.
    pub fn plan(&self, ctx: &ContextSelectionSet<'_>) -> ServerResult<Pick> {
        pick(ctx, self.name)
    }
}

/// A response key, and the member of the stored value that it asks for; none for the type's name.
type Asked = (Vec<u8>, Option<(String, Pick)>);

/// What to write of a stored value.
pub enum Pick {
    Whole,
    /// The type's name, and the members under their response keys.
    Object(String, Vec<Asked>),
    /// By the one member of the value.
    Case(Vec<(String, Self)>),
}

/// What a selection on a type picks out of a value that has the members of that type.
pub fn pick(ctx: &ContextSelectionSet<'_>, type_name: &str) -> ServerResult<Pick> {
    let types = &ctx.schema_env.registry.types;
    match types.get(type_name) {
        Some(MetaType::Union { .. }) => {
            let Some(MetaType::InputObject { input_fields, .. }) = types.get(&format!("{type_name}Input")) else {
                return Ok(Pick::Whole);
            };
            let case = |(member, input): (&String, &async_graphql::registry::MetaInputValue)| {
                let of = MetaTypeName::concrete_typename(&input.ty);
                Ok((member.clone(), pick(ctx, of.strip_suffix("Input").unwrap_or(of))?))
            };
            Ok(Pick::Case(input_fields.iter().map(case).collect::<ServerResult<_>>()?))
        }
        Some(of @ MetaType::Object { .. }) => {
            let mut members = Vec::new();
            fields(ctx, type_name, &mut |field| {
                let asked = &field.item.node;
                let name = asked.name.node.as_str();
                let below = match of.field_by_name(name) {
                    Some(declared) => {
                        let selection = field.with_selection_set(&asked.selection_set);
                        Some((name.to_owned(), pick(&selection, MetaTypeName::concrete_typename(&declared.ty))?))
                    }
                    None => None, // only `__typename` is on every type
                };
                members.push((key_of(asked), below));
                Ok(())
            })?;
            Ok(Pick::Object(type_name.to_owned(), members))
        }
        _ => Ok(Pick::Whole),
    }
}

/// Writes what was picked.
pub fn put(out: &mut Vec<u8>, pick: &Pick, json: &Json) {
    match (pick, json) {
        (_, Json::Null) => out.extend_from_slice(b"null"),
        (pick, Json::Array(items)) if !matches!(pick, Pick::Whole) => {
            write::list(out, 0..items.len(), |out, at| put(out, pick, &items[at]));
        }
        (Pick::Whole, json) => out.extend_from_slice(json.to_string().as_bytes()),
        (Pick::Object(name, members), json) => {
            out.push(b'{');
            for (i, (key, below)) in members.iter().enumerate() {
                write::comma(out, i);
                out.extend_from_slice(key);
                match below {
                    None => value::quote(out, name),
                    Some((member, pick)) => put(out, pick, json.get(member).unwrap_or(&Json::Null)),
                }
            }
            out.push(b'}');
        }
        (Pick::Case(cases), json) => {
            let one = json.as_object().and_then(|o| o.iter().next());
            let found = one.and_then(|(member, v)| Some((&cases.iter().find(|(m, _)| m == member)?.1, v)));
            match found {
                Some((pick, v)) => put(out, pick, v),
                None => out.extend_from_slice(b"null"),
            }
        }
    }
}

/// A form in the input of a derived mutation: its shape alone. The mutation reads the raw argument by its record's
/// fields (`Patch::read`), as create and update do.
pub struct Filled<F>(PhantomData<fn() -> F>);

/// Names the form of a `Filled`.
pub trait Formed: 'static {
    fn form() -> &'static Form;
}

impl<F: Formed> InputType for Filled<F> {
    type RawValueType = Self;

    fn type_name() -> Cow<'static, str> {
        format!("{}Input", F::form().name).into()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        F::form().register(registry);
        format!("{}!", Self::type_name())
    }

    fn parse(_: Option<ConstValue>) -> InputValueResult<Self> {
        Ok(Self(PhantomData))
    }

    fn to_value(&self) -> ConstValue {
        ConstValue::Null
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }
}
