//! Rows by a sentence, made through the front door.

use api::{
    actor::{Actor, Permission, Rights},
    crm::pipeline,
    store::Access,
};
use serde_json::{Value, json};

use super::Person;

impl Person<'_> {
    /// The organisation has the pipeline every new one has; its stages by name.
    pub async fn sells(&self) -> Value {
        let system = Actor::system(self.actor.organization);
        let access = Access::new(self.app.store.clone(), system, None);
        let mut tx = access.begin(Permission::PipelineCreate).await.expect("a unit of work");
        pipeline::seed_defaults(&mut tx).await.expect("the default pipeline");
        tx.commit(Value::Null).await.expect("a commit");
        let stages = self.ask("{ stages(first: 20) { nodes { id name } } }", json!({})).await;
        let nodes = stages.data()["stages"]["nodes"].as_array().expect("stages").clone();
        nodes.iter().map(|s| (s["name"].as_str().expect("a name").to_owned(), s["id"].clone())).collect()
    }

    /// A new record of this type; its id.
    pub async fn has(&self, record: &str, input: Value) -> Value {
        let answer = self.makes(record, input).await;
        let id = answer.data()[format!("{record}Create")][record]["id"].clone();
        assert!(id.is_string(), "{}", answer.0);
        id
    }

    /// Tries to make a record of this type.
    pub async fn makes(&self, record: &str, input: Value) -> super::Answer {
        self.does(record, "Create", input, "id").await
    }

    /// Any verb of a record, with what to say of it afterwards.
    pub async fn does(&self, record: &str, verb: &str, input: Value, said: &str) -> super::Answer {
        let name = record[..1].to_uppercase() + &record[1..];
        let query = format!(
            "mutation($input: {name}{verb}Input!) {{ {record}{verb}(input: $input) {{
                {record} {{ {said} }} userErrors {{ code message field }} }} }}"
        );
        self.ask(&query, json!({ "input": input })).await
    }

    /// An agreement of this body in force, signed by two people with every right; its version's id.
    pub async fn agrees(&self, key: &str, body: Value) -> Value {
        let input = json!({ "key": key, "title": key, "body": body });
        let made = self.does("agreement", "Create", input, "versions { nodes { id } }").await;
        let id = made.data()["agreementCreate"]["agreement"]["versions"]["nodes"][0]["id"].clone();
        assert!(id.is_string(), "{}", made.0);
        self.signs(&id).await;
        id
    }

    /// Proposes a version of an agreement and puts it into force.
    pub async fn signs(&self, version: &Value) {
        self.does("agreementVersion", "Propose", json!({ "id": version }), "id").await.data();
        let other = self.app.with_rights(self.actor.organization, Rights::everything());
        for (who, side) in [(self, "MARKETING"), (&other, "SALES")] {
            let key = json!({ "id": version, "side": side });
            let done = who.does("agreementVersion", "Approve", key, "status").await;
            assert_eq!(done.data()["agreementVersionApprove"]["userErrors"], json!([]), "{}", done.0);
        }
    }

    /// What a record says.
    pub async fn sees(&self, record: &str, id: &Value, said: &str) -> Value {
        let query = format!("query($id: ID!) {{ {record}(by: {{ id: $id }}) {{ {said} }} }}");
        self.ask(&query, json!({ "id": id })).await.data()[record].clone()
    }
}
