//! The feed's types as the schema describes them. It resolves nothing.

use async_graphql::registry::Registry;
use entity::event::Op;

use crate::{
    actor::Permission,
    graph::sdl::{object, out, word_type, words},
};

/// The one reason why a record is reported as deleted although it lives.
pub const VISIBILITY: &str = "VISIBILITY";

pub fn register(registry: &mut Registry) {
    if registry.types.contains_key("Change") {
        return;
    }
    word_type::<Op>(registry);
    word_type::<Permission>(registry);
    let reasons = [(VISIBILITY, "The record left the caller's view; whether it still exists is not said.")];
    let reasons = reasons.map(|(word, about)| (word.to_owned(), about.to_owned()));
    words(registry, "ChangeReason", "Why a change is reported as something else than it was.", reasons);
    object(
        registry,
        "Change",
        "One change of one record. It shows no more than the caller may read at present.",
        change(),
    );
    object(registry, "ChangePage", "A page of the change feed.", connection());
}

fn change() -> Vec<async_graphql::registry::MetaField> {
    vec![
        out("id", "ID!", "The event's id: a change that comes twice has the same."),
        out(
            "seq",
            "String!",
            "The change's number in the organisation's feed, which counts up from 1; numbers that the caller may not see are missing. A whole number of 64 bits as text.",
        ),
        out("cursor", "String!", "Where it stands in the feed, for `after`; opaque."),
        out("op", "EventOp!", "What was done to the record."),
        out("reason", "ChangeReason", "Set when `op` is DELETED for another reason than that the record was deleted."),
        out(
            "kind",
            "String!",
            "What it meant, e.g. \"lead.created\". New kinds may come; treat an unknown one by its `op`.",
        ),
        out("entityType", "String!", "The record's type, e.g. \"Lead\"."),
        out("entityId", "ID!", "The record's id."),
        out(
            "mergedIntoId",
            "ID",
            "With `op` MERGED the record that took its place: put it in the other's place wherever it is named. Null otherwise, and when the caller may not see it.",
        ),
        out("version", "Int!", "The record's version after the change. Each change of a record raises it by one."),
        out("at", "DateTime!", "When the change was made. The order of the feed is that of `seq`."),
        out(
            "permission",
            "Permission",
            "The right by which it was made. Requires AUDIT_READ for the record, else null.",
        ),
        out(
            "apiKey",
            "ApiKey",
            "The key with which a program made it; null when none was used, or when the caller may not see it. Requires AUDIT_READ for the record and API_KEY_READ, else null.",
        ),
        out("actor", "User", "Who made it; null when Accord did, or when the caller may not see them."),
        out(
            "fields",
            "[String!]!",
            "The fields of the record that changed, by their names in its type; all that were given on CREATED. Empty when the record was deleted, restored or left the caller's view.",
        ),
        out(
            "before",
            "JSON",
            "The changed fields' values before the change, in the form of the record's inputs: relations as ids, e.g. `ownerId`; ids that the caller may not see are null; values erased for privacy are missing. Null on CREATED and when the caller cannot read the record now.",
        ),
        out(
            "after",
            "JSON",
            "The same fields' values after the change. Null when the caller cannot read the record now.",
        ),
        out(
            "node",
            "Node",
            "The record as it is now, not as the change left it; null when it is deleted or the caller may not see it.",
        ),
    ]
}

fn connection() -> Vec<async_graphql::registry::MetaField> {
    vec![
        out("nodes", "[Change!]!", "The changes in the order of their commits."),
        out(
            "pageInfo",
            "PageInfo!",
            "Whether there is more. `endCursor` is never null here: go on after it, also from an empty page.",
        ),
        out(
            "latestSeq",
            "String!",
            "The number of the organisation's newest change, seen by the caller or not. A whole number of 64 bits as text.",
        ),
        out("latestCursor", "String!", "The cursor behind that newest change: only what comes later follows it."),
    ]
}
