//! The types of the schema that all records share.

use async_graphql::registry::{MetaDirective, MetaField, MetaInputValue, MetaType, Registry};

use super::{comparisons, fault_codes, given, input, object, out, word_type, words};
use crate::actor::{Permission, Scope};

pub fn register(registry: &mut Registry) {
    interface(registry);
    directives(registry);
    word_type::<Permission>(registry);
    word_type::<Scope>(registry);
    fault_codes(registry);
    shared_objects(registry);
    shared_words(registry);
    let all = ["eq", "ne", "in", "notIn", "lt", "lte", "gt", "gte", "isNull"];
    comparisons(registry, "IdFilter", "ID", &["eq", "ne", "in", "notIn", "isNull"]);
    comparisons(registry, "StringFilter", "String", &["eq", "ne", "in", "notIn", "contains", "startsWith", "isNull"]);
    comparisons(registry, "IntFilter", "Int", &all);
    comparisons(registry, "DecimalFilter", "Decimal", &all);
    comparisons(registry, "BooleanFilter", "Boolean", &["eq", "isNull"]);
    comparisons(registry, "DateTimeFilter", "DateTime", &all);
    comparisons(registry, "DateFilter", "Date", &all);
    shared_inputs(registry);
}

/// What a comparison says.
pub fn comparison(op: &str) -> &'static str {
    match op {
        "eq" => "Equal to this.",
        "ne" => "Not equal to this; null does not match.",
        "lt" => "Less than this, or earlier.",
        "lte" => "At most this.",
        "gt" => "Greater than this, or later.",
        "gte" => "At least this.",
        "contains" => {
            "Holds this text, upper and lower case told apart; at least 3 characters. Of fields that `search` looks at an \
             index finds them; of others every record is looked at that the rest of the filter leaves."
        }
        _ => "Begins with this text, upper and lower case told apart.",
    }
}

/// The same type, null allowed.
pub fn nullable(ty: &str) -> String {
    ty.trim_end_matches('!').to_owned()
}

fn interface(registry: &mut Registry) {
    let id = out("id", "ID!", "Its id, opaque; it begins with the name of its type.");
    let node = MetaType::Interface {
        name: "Node".into(),
        description: Some("Anything with an id.".into()),
        fields: [("id".to_owned(), id)].into_iter().collect(),
        possible_types: indexmap::IndexSet::default(),
        extends: false,
        keys: None,
        visible: None,
        inaccessible: false,
        tags: vec![],
        rust_typename: None,
        directive_invocations: vec![],
        requires_scopes: vec![],
    };
    registry.types.insert("Node".into(), node);
}

fn directives(registry: &mut Registry) {
    let any = given("anyOf", "[Permission!]!", "One of these is needed.");
    directive(registry, "permission", "Which permission a field needs.", any, "FIELD_DEFINITION");
    let key = given("key", "String!", "At most 255 visible ASCII characters; kept for 30 days.");
    let about = "Makes the mutation take effect at most once for this key: a retry gets the first answer again.";
    directive(registry, "idempotent", about, key, "FIELD");
}

fn directive(registry: &mut Registry, name: &str, about: &str, arg: MetaInputValue, location: &str) {
    use async_graphql::registry::__DirectiveLocation as At;
    let at = if location == "FIELD" { At::FIELD } else { At::FIELD_DEFINITION };
    registry.add_directive(MetaDirective {
        name: name.into(),
        description: Some(about.into()),
        locations: vec![at],
        args: [(arg.name.clone(), arg)].into_iter().collect(),
        is_repeatable: false,
        visible: None,
        composable: None,
    });
}

fn shared_objects(registry: &mut Registry) {
    object(
        registry,
        "PageInfo",
        "Whether a list goes on, and where.",
        vec![
            out("hasNextPage", "Boolean!", "There are records after this page."),
            out("hasPreviousPage", "Boolean!", "There are records before this page."),
            out("startCursor", "String", "The first record's cursor; null when the page is empty."),
            out("endCursor", "String", "The last record's cursor, for `after`; null when the page is empty."),
        ],
    );
    object(
        registry,
        "Money",
        "An amount of money in one currency.",
        vec![
            out(
                "amount",
                "Decimal!",
                "The amount with all decimals of its currency, e.g. \"1250.00\"; yen have none, Kuwaiti dinars three.",
            ),
            out("currency", "CurrencyCode!", "The currency."),
        ],
    );
    object(
        registry,
        "RecordAccess",
        "What the caller may do with a record.",
        vec![
            out("update", "Boolean!", "Change it."),
            out("delete", "Boolean!", "Delete it."),
            out("assign", "Boolean!", "Give it to another owner."),
        ],
    );
    object(
        registry,
        "UserError",
        "Something wrong with a mutation's input.",
        vec![
            out("code", "UserErrorCode!", "What kind of fault, for programs."),
            out("message", "String!", "What is wrong and what to do, for people."),
            out("field", "[String!]!", "Path into the arguments, e.g. [\"input\", \"email\"]."),
        ],
    );
    object(
        registry,
        "MoneyAggregate",
        "Figures over the amounts in one currency.",
        vec![
            out("currency", "CurrencyCode!", "The currency."),
            out("count", "Int!", "How many records have an amount in it."),
            out("sum", "Money!", "Their sum."),
            out("avg", "Money!", "Their mean, rounded half to even."),
            out("min", "Money!", "The least."),
            out("max", "Money!", "The greatest."),
        ],
    );
    object(
        registry,
        "IntAggregate",
        "Figures over whole numbers.",
        vec![
            out("sum", "Float!", "Their sum; 0 for none."),
            out("avg", "Float", "Their mean; null for none."),
            out("min", "Int", "The least; null for none."),
            out("max", "Int", "The greatest; null for none."),
        ],
    );
    object(
        registry,
        "Ratio",
        "A share, with what it was made of.",
        vec![
            out("numerator", "Int!", "How many are meant."),
            out("denominator", "Int!", "Out of how many."),
            out("value", "Float", "Numerator through denominator; null when there is nothing to divide by."),
        ],
    );
}

fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
    list.iter().map(|(word, about)| ((*word).to_owned(), (*about).to_owned())).collect()
}

fn shared_words(registry: &mut Registry) {
    words(
        registry,
        "OrderDirection",
        "The direction of an order.",
        pairs(&[("ASC", "Smallest, earliest or A first."), ("DESC", "Greatest, latest or Z first.")]),
    );
    words(
        registry,
        "NullsOrder",
        "Where records without a value go.",
        pairs(&[("FIRST", "Before the others."), ("LAST", "After the others.")]),
    );
    words(
        registry,
        "DateGrain",
        "The length of a period.",
        pairs(&[
            ("DAY", "A day."),
            ("WEEK", "A week from Monday."),
            ("MONTH", "A calendar month."),
            ("QUARTER", "Three calendar months, counted from `Organization.fiscalYearStartMonth`."),
            ("YEAR", "Twelve calendar months from `Organization.fiscalYearStartMonth` on."),
        ]),
    );
    words(
        registry,
        "OnConflict",
        "What to do with a record that exists.",
        pairs(&[
            ("UPDATE", "Change what the row gives."),
            ("FILL_EMPTY", "Set only what has no value yet."),
            ("SKIP", "Leave it as it is."),
            ("ERROR", "Fail the row."),
        ]),
    );
    words(
        registry,
        "UpsertStatus",
        "What became of a row.",
        pairs(&[
            ("CREATED", "A new record."),
            ("UPDATED", "The record was changed."),
            ("UNCHANGED", "The record was like that already."),
            ("SKIPPED", "Nothing was done with it, as asked."),
            ("FAILED", "Refused: see its user errors."),
        ]),
    );
}

fn shared_inputs(registry: &mut Registry) {
    input(
        registry,
        "MoneyInput",
        "An amount of money, not negative.",
        vec![
            given("amount", "Decimal!", "The amount, e.g. \"1250.00\", with at most the decimals of its currency."),
            given("currency", "CurrencyCode!", "The currency."),
        ],
        false,
    );
    let mut fields = vec![given("currency", "CurrencyCode", "Amounts in this currency; needed by the comparisons.")];
    fields.extend(["eq", "ne", "lt", "lte", "gt", "gte"].map(|op| given(op, "Decimal", comparison(op))));
    fields.push(given("isNull", "Boolean", "True: has no amount. False: has one."));
    input(registry, "MoneyFilter", "Compares amounts of money in one currency.", fields, false);
    input(
        registry,
        "ExternalRefKey",
        "A record's id in another system.",
        vec![
            given("system", "String!", "The other system's name, e.g. \"hubspot\"."),
            given("externalId", "String!", "The record's id there."),
        ],
        false,
    );
    let mut fields = vec![given("key", "String!", "The custom field's key.")];
    fields.extend(["eq", "ne", "lt", "lte", "gt", "gte"].map(|op| given(op, "JSON", comparison(op))));
    fields.push(given("isNull", "Boolean", "True: has no value. False: has one."));
    input(
        registry,
        "CustomValueFilter",
        "Compares a custom field: text with text, numbers with numbers.",
        fields,
        false,
    );
}

pub fn node() -> MetaField {
    let mut field = out("node", "Node", "Any record by its id; null when there is none or the caller may not see it.");
    let id = given("id", "ID!", "The id of a record of any type.");
    field.args = [(id.name.clone(), id)].into_iter().collect();
    field
}

pub fn nodes() -> MetaField {
    let mut field = out(
        "nodes",
        "[Node]!",
        "Up to 100 records by their ids, in the same order; null where there is none or the caller may not see it.",
    );
    let ids = given("ids", "[ID!]!", "Ids of records of any types, at most 100; the answer keeps their order.");
    field.args = [(ids.name.clone(), ids)].into_iter().collect();
    field
}
