//! The mark: where it stands in the organisation that is watched, and that no way of asking by text finds it from
//! another one.

use api::graph::{
    Field, Item, Meta,
    field::{Kind, Shape, Write},
    upsert::match_keys,
};
use entity::id::RowId;
use sea_orm::{ConnectionTrait, Statement};

use super::{MARK, Sample, World, asked, json, record_of, strange};

/// Texts that hold no mark, as they are no words of a user, and what they are.
const UNMARKED: [(&str, &str); 36] = [
    ("Account.country", "a code"),
    ("Account.phone", "a number"),
    ("AgreementApproval.hash", "a hash"),
    ("AgreementVersion.hash", "a hash"),
    ("ApiKey.networks", "addresses"),
    ("BusinessCalendar.timeZone", "one of a list"),
    ("Contact.country", "a code"),
    ("Contact.phone", "a number"),
    ("CustomField.entity", "a record's type"),
    ("DataQualityRule.fields", "fields' names"),
    ("Dispute.correction", "of disputes over credit; words, times and ids"),
    ("DuplicatePair.entity", "a record's type"),
    ("ExternalRef.entityType", "a record's type"),
    ("ImportError.code", "one of a list"),
    ("ImportError.field", "a field's name"),
    ("ImportError.message", "Accord's own words"),
    ("ImportJob.entity", "a record's type"),
    ("IncentiveRun.failure", "Accord's own words"),
    ("IncentiveRun.inputsHash", "a hash"),
    ("IncentiveSource.attained", "a fraction"),
    ("Initiative.marketingScore", "numbers"),
    ("Initiative.salesScore", "numbers"),
    ("Lead.country", "a code"),
    ("Lead.phone", "a number"),
    ("Merge.entity", "a record's type"),
    ("Merge.moved", "tables and numbers"),
    ("Notification.kind", "one of a list"),
    ("Organization.timeZone", "one of a list"),
    ("OverriddenCriterion.actual", "reckoned"),
    ("OverriddenCriterion.expected", "reckoned"),
    ("Recognition.recipients", "ids, which the walk looks for"),
    ("Role.permissions", "permissions"),
    ("RoutingDecision.poolState", "ids and numbers"),
    ("Session.ip", "an address"),
    ("SlaClock.pauses", "times"),
    ("StageCriterion.field", "a field's name"),
];

/// A record's own texts: column, and whether it is JSON.
fn texts(meta: &Meta) -> impl Iterator<Item = (&Field, &'static str)> {
    meta.fields.iter().filter(|f| f.via.is_none()).filter_map(|field| match field.shape {
        Shape::Column(
            column,
            Kind::Text | Kind::Email | Kind::Json | Kind::Form(_) | Kind::List(Item::Text | Item::Form(_)),
        ) => Some((field, column)),
        _ => None,
    })
}

/// Does whatever has words of its own, so that they are marked, and says which texts hold none.
pub async fn unmarked(ann: &World<'_>) -> Vec<String> {
    for name in Sample::roots("Mutation").keys() {
        let plain = ["Create", "Update", "Upsert", "Delete", "Restore"].iter().any(|verb| name.ends_with(verb));
        let worded = ann.sample.arguments("Mutation", name, &ann.known).to_string().contains(MARK);
        if !plain && worded && asked(name) {
            let given = ann.given(name, "").await;
            ann.tries(&ann.me, name, &given).await;
        }
    }
    let mut wrong = vec![];
    for meta in api::schema::records() {
        for (field, column) in texts(meta) {
            let text = format!("{}.{}", meta.name, field.name);
            let listed = UNMARKED.iter().any(|(known, _)| *known == text);
            if listed == marked(ann, meta, column).await.is_some() {
                wrong.push(format!(
                    "{text}: {}",
                    if listed { "holds the mark, and is listed as not" } else { "no mark" }
                ));
            }
        }
    }
    wrong
}

/// A value of this column that holds the mark.
async fn marked(ann: &World<'_>, meta: &Meta, column: &str) -> Option<String> {
    let store = &ann.me.app.store;
    let organization = if meta.table == "organization" { "id" } else { "organization_id" };
    let sql = format!(
        "SELECT CAST(\"{column}\" AS text) FROM \"{}\" WHERE {organization} = $1 AND deleted_at IS NULL \
         AND LOWER(CAST(\"{column}\" AS text)) LIKE '%{MARK}%' LIMIT 1",
        meta.table
    );
    let values = [ann.me.actor.organization.uuid().into()];
    let found = Statement::from_sql_and_values(store.backend(), &sql, values);
    let rows = store.migrator().query_all_raw(found).await.unwrap_or_else(|e| panic!("{e}: {sql}"));
    rows.first().map(|row| row.try_get_by_index(0).expect("text"))
}

/// What somebody else finds of it by words: filters, search, order, groups, keys, and upserts that match on keys.
pub async fn asked_for(meta: &'static Meta, ann: &World<'_>, eve: &World<'_>) -> Vec<String> {
    let (one, many) = (meta.lower(), meta.plural);
    let said: Vec<_> = texts(meta)
        .filter(|(f, _)| !matches!(f.shape, Shape::Column(_, Kind::Form(_) | Kind::List(Item::Form(_)))))
        .map(|(f, _)| f.name.as_str())
        .collect();
    let (mut counts, mut lists) = (vec![], vec![]);
    for (field, column) in texts(meta) {
        let value = marked(ann, meta, column).await;
        let Some(value) = value.map(|value| json!(value)) else { continue };
        if field.filter {
            counts.push(format!("{many}(filter: {{ {}: {{ contains: {value} }} }}) {{ totalCount }}", field.name));
        }
        if field.unique {
            lists.push(format!("{one}(by: {{ {}: {value} }}) {{ id }}", field.name));
        }
    }
    if meta.searchable() {
        counts.push(format!("{many}(search: \"{MARK}\") {{ totalCount }}"));
    }
    for field in meta.fields.iter().filter(|f| f.order) {
        lists.push(format!(
            "{many}(first: 100, orderBy: [{{ field: {} }}]) {{ nodes {{ id {} }} }}",
            field.enum_name(),
            said.join(" ")
        ));
    }
    for field in meta.fields.iter().filter(|f| f.group) {
        let key =
            if matches!(field.shape, Shape::One(..)) { format!("{} {{ id }}", field.name) } else { field.name.clone() };
        lists
            .push(format!("{one}Aggregate(groupBy: [{{ field: {} }}]) {{ key {{ {key} }} count }}", field.enum_name()));
    }
    let mut found = vec![];
    for (at, field) in counts.iter().enumerate() {
        // whoever is in finds it
        let count = async |who: &World<'_>| {
            let answer = who.me.ask(&format!("{{ a{at}: {field} }}"), json!({})).await;
            answer.data()[format!("a{at}")]["totalCount"].as_i64().expect("a count")
        };
        let (own, other) = (count(ann).await, count(eve).await);
        if own == 0 || other != 0 {
            found.push(format!("{field}: {own} at home, {other} elsewhere"));
        }
    }
    for some in lists.chunks(20) {
        let answer = eve.me.ask(&super::probe::together_read(some), json!({})).await;
        if let Some(what) = strange(ann, &json!(null), &answer.data().to_string()) {
            found.push(format!("{what} in {some:?}: {:.300}", answer.0));
        }
    }
    found.extend(keys(meta, ann, eve).await);
    found
}

/// A key that is taken over there is free here: an upsert that matches on it makes a row of its own.
async fn keys(meta: &'static Meta, ann: &World<'_>, eve: &World<'_>) -> Vec<String> {
    let upsert = format!("{}Upsert", meta.lower());
    let mut found = vec![];
    for (word, column) in match_keys(meta) {
        let Some(field) = texts(meta).find(|(_, known)| *known == column).map(|(field, _)| field) else { continue };
        let Some(value) = marked(ann, meta, column).await.filter(|_| field.write != Write::Never) else { continue };
        let mut arguments = eve.given(&upsert, "new").await;
        arguments["input"]["rows"][0][&field.name] = json!(value);
        arguments["input"]["matchOn"] = json!(word);
        arguments["input"]["dryRun"] = json!(true);
        let (refused, answer) = eve.tries(&eve.me, &upsert, &arguments).await;
        if refused.is_some() || answer.data()["a0"]["results"][0]["status"] != "CREATED" {
            found.push(format!("{upsert} on {word}: {:.300}", answer.0));
        }
    }
    found
}

/// Every root field told all the ids and words of the other organisation.
pub async fn given_ids(ann: &World<'_>, eve: &World<'_>) -> Vec<String> {
    let mut found = vec![];
    for root in ["Query", "Mutation"] {
        let mut calls = vec![];
        for (name, field) in Sample::roots(root).iter().filter(|(name, _)| asked(name)) {
            let mut of = field.ty.inner_named_type().to_string();
            of[..1].make_ascii_lowercase();
            let record = if root == "Query" { of } else { record_of(name) };
            let mut have = ann.known.clone();
            let other = ann.known[if record == "lead" { "account" } else { "lead" }].clone();
            have.insert("loser".into(), ann.known.get(&record).cloned().unwrap_or(other.clone()));
            have.insert("id".into(), ann.known.get(&record).cloned().unwrap_or(other));
            calls.push((name.as_str(), ann.sample.arguments(root, name, &have)));
        }
        for some in calls.chunks(10) {
            let asked: Vec<_> = some.iter().map(|(name, arguments)| (*name, arguments)).collect();
            let (query, variables) = Sample::operation(root, &asked);
            let answer = eve.me.ask(&query, variables.clone()).await;
            for (at, (name, arguments)) in some.iter().enumerate() {
                let said = super::probe::said(&answer.0, at);
                if let Some(what) = strange(ann, arguments, &said) {
                    found.push(format!("{name} tells of {what}: {said:.300}"));
                }
            }
        }
    }
    found
}
