//! The text that keys are turned on: canonical JSON and its SHA-256. Pure.

use serde_json::Value;
use sha2::{Digest, Sha256};

/// Members in the order of their names, no spaces: the same value is the same text, on either database.
pub fn canonical(json: &Value) -> String {
    match json {
        Value::Object(members) => {
            let mut names: Vec<_> = members.iter().collect();
            names.sort_by_key(|(name, _)| name.as_str());
            let member = |(name, v): (&String, &Value)| format!("{}:{}", Value::from(name.as_str()), canonical(v));
            format!("{{{}}}", names.into_iter().map(member).collect::<Vec<_>>().join(","))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(canonical).collect::<Vec<_>>().join(",")),
        other => other.to_string(),
    }
}

pub fn of(json: &Value) -> String {
    Sha256::digest(canonical(json)).iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_order_of_members_does_not_count_that_of_lists_does() {
        let one = json!({ "b": [1, { "d": null, "c": "x\"y" }], "a": true });
        let other: Value = serde_json::from_str(r#"{ "a": true, "b": [1, { "c": "x\"y", "d": null }] }"#).unwrap();
        assert_eq!(canonical(&one), r#"{"a":true,"b":[1,{"c":"x\"y","d":null}]}"#);
        assert_eq!(of(&one), of(&other));
        assert_ne!(of(&json!([1, 2])), of(&json!([2, 1])));
    }

    #[test]
    fn it_is_sha_256() {
        assert_eq!(of(&json!({})), "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a");
    }
}
