//! What an operation may cost at worst, known before it runs: an object 1, a scalar 0, a connection its page times
//! what it holds, a total count 10. It bounds and never estimates; sums saturate.

use apollo_compiler::{
    Node,
    ast::{Argument, FieldDefinition, Value},
    response::JsonMap,
};

use crate::{graph::aggregate, http::limits::Limits, insight::dashboard::MOST_WIDGETS};

pub const TOTAL_COUNT: u64 = 10;

/// A cost that still depends on the values of variables.
#[derive(Debug)]
pub enum Cost {
    Fixed(u64),
    Sum(Vec<Cost>),
    /// Of several types only one can be what the object is.
    Dearest(Vec<Cost>),
    Times(Times, Box<Cost>),
}

/// How often something is repeated.
#[derive(Debug, Clone)]
pub enum Times {
    Fixed(u64),
    /// The variable's number, no more than the third, or its length if it holds a list; without a value the second.
    Variable(String, u64, u64),
    /// The length of `rows` in the variable.
    Rows(String),
}

impl Cost {
    pub fn of(&self, variables: &JsonMap) -> u64 {
        let each = |costs: &[Self]| costs.iter().map(|c| c.of(variables)).collect::<Vec<_>>();
        match self {
            Self::Fixed(cost) => *cost,
            Self::Sum(costs) => each(costs).into_iter().fold(0, u64::saturating_add),
            Self::Dearest(costs) => each(costs).into_iter().max().unwrap_or(0),
            Self::Times(times, cost) => times.number(variables).saturating_mul(cost.of(variables)),
        }
    }

    /// Adds two costs without growing the tree where both are known.
    pub fn plus(self, other: Self) -> Self {
        match (self, other) {
            (Self::Fixed(a), Self::Fixed(b)) => Self::Fixed(a.saturating_add(b)),
            (Self::Sum(mut costs), other) => {
                costs.push(other);
                Self::Sum(costs)
            }
            (one, other) => Self::Sum(vec![one, other]),
        }
    }

    /// One object with what is selected on it, as often as its field's arguments say.
    pub fn object(times: Option<Times>, below: Self) -> Self {
        let one = Self::Fixed(1).plus(below);
        match times {
            None | Some(Times::Fixed(1)) => one,
            Some(times) => Self::Times(times, Box::new(one)),
        }
    }
}

impl Times {
    /// A page larger than the largest is refused by the resolver, so it never costs more than that.
    fn number(&self, variables: &JsonMap) -> u64 {
        match self {
            Self::Fixed(times) => *times,
            Self::Rows(name) => {
                let rows =
                    variables.get(name.as_str()).and_then(|input| input.get("rows")).and_then(|rows| rows.as_array());
                rows.map_or(1, |rows| rows.len() as u64)
            }
            Self::Variable(name, default, most) => match variables.get(name.as_str()) {
                Some(serde_json_bytes::Value::Number(n)) => n.as_u64().unwrap_or(0).min(*most),
                Some(serde_json_bytes::Value::Array(items)) => items.len() as u64,
                _ => *default,
            },
        }
    }
}

/// A scalar is free unless it has to be counted.
pub fn leaf(parent: &str, field: &str) -> Cost {
    Cost::Fixed(if is_total(parent, field) { TOTAL_COUNT } else { 0 })
}

pub fn is_total(parent: &str, field: &str) -> bool {
    field == "totalCount" && is_connection(parent)
}

/// A type whose members repeat as often as its field's page says: a connection, or a page of the feed.
pub fn is_connection(type_name: &str) -> bool {
    type_name.ends_with("Connection") || type_name.ends_with("Page")
}

/// The page a field asks for: `first`, else `last`, else the number of `ids`.
pub fn page(
    definition: &FieldDefinition,
    arguments: &[Node<Argument>],
    connection: bool,
    limits: &Limits,
) -> Option<Times> {
    if let Some(rows) = rows(arguments) {
        return Some(rows);
    }
    // groups of an aggregate are no page: there may be more, and are more unless somebody asks for fewer
    let groups = !connection && definition.ty.is_list() && definition.argument_by_name("groupBy").is_some();
    let (most, usual) = if groups {
        (aggregate::MOST_GROUPS, aggregate::GROUPS)
    } else {
        (limits.page, limits.default_page.min(limits.page))
    };
    if definition.name == "widgets" && definition.ty.inner_named_type() == "DashboardWidgetData" {
        return Some(Times::Fixed(MOST_WIDGETS as u64));
    }
    let mut paged = connection;
    for name in ["first", "last", "ids"] {
        let Some(declared) = definition.argument_by_name(name) else {
            continue;
        };
        paged = true;
        let given = arguments.iter().find(|a| a.name == name).map(|a| &a.value);
        if let Some(value) = given.or(declared.default_value.as_ref()) {
            match &**value {
                Value::Int(n) => {
                    let n = n.try_to_i32().unwrap_or(i32::MAX);
                    let n = u64::try_from(n).unwrap_or(0);
                    return Some(Times::Fixed(n.min(most)));
                }
                Value::Variable(name) => {
                    return Some(Times::Variable(name.to_string(), usual, most));
                }
                Value::List(items) => return Some(Times::Fixed(items.len() as u64)),
                _ => {}
            }
        }
    }
    paged.then_some(Times::Fixed(usual))
}

/// A bulk mutation answers once for each row that it is given.
fn rows(arguments: &[Node<Argument>]) -> Option<Times> {
    let input = arguments.iter().find(|argument| argument.name == "input")?;
    match &*input.value {
        Value::Variable(name) => Some(Times::Rows(name.to_string())),
        Value::Object(members) => match &*members.iter().find(|(name, _)| name == "rows")?.1 {
            Value::List(rows) => Some(Times::Fixed(rows.len() as u64)),
            Value::Variable(name) => Some(Times::Variable(name.to_string(), 1, u64::MAX)),
            _ => None,
        },
        _ => None,
    }
}
