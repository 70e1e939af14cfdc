//! What marketing brought of the leads that it promised.

use api::{access::role::templates::Template, actor::Permission, store::Access};
use chrono::{DateTime, Utc};
use entity::{
    id::{LeadId, RowId},
    lead, lead_status_change as moves,
};
use sea_orm::{ActiveValue::Set, ConnectionTrait, Statement};
use serde_json::Value;

use crate::{
    harness::{App, Person, json, on_both},
    scoring::agreed_next,
};

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn promise(mqls: i32) -> Value {
    json!({ "targets": [{ "kind": "ACCEPT", "minutes": 30 }], "volumes": [
        { "status": "MQL", "leads": mqls, "period": "MONTH" },
        { "status": "SQL", "leads": 4, "period": "QUARTER" },
    ] })
}

/// The version was signed and came into force long ago.
pub async fn backdated(app: &App, version: &Value, from: &str) {
    let id: entity::id::AgreementVersionId = version.as_str().unwrap().parse().unwrap();
    let sql = "UPDATE agreement_version SET effective_from = $1, ratified_at = $1 WHERE id = $2";
    let values = [at(from).into(), id.uuid().into()];
    app.store.migrator().execute_raw(Statement::from_sql_and_values(app.store.backend(), sql, values)).await.unwrap();
}

impl Person<'_> {
    /// A lead that came to a status in a round of its own at these instants.
    async fn came(&self, lead: &Value, cycle: i32, to: lead::Status, times: &[&str]) {
        let access = Access::new(self.app.store.clone(), self.actor.clone(), None);
        let mut tx = access.begin(Permission::LeadUpdate).await.unwrap();
        let lead: LeadId = lead.as_str().unwrap().parse().unwrap();
        for time in times {
            let row = moves::ActiveModel {
                lead_id: Set(lead),
                cycle_no: Set(cycle),
                from_status: Set(Some(lead::Status::Nurturing)),
                to_status: Set(to),
                at: Set(at(time)),
                ..Default::default()
            };
            tx.insert::<moves::Entity>(row).await.unwrap();
        }
        tx.commit(Value::Null).await.unwrap();
    }

    async fn new_lead(&self, n: usize) -> Value {
        self.has("lead", json!({ "email": format!("l{n}@example.com") })).await
    }

    async fn volumes(&self, start: &str, end: &str) -> Value {
        let query = "query($period: PeriodInput!) { slaVolumes(period: $period) {
            status period start end over promised brought attainment { numerator denominator value } agreementVersion { number } } }";
        self.ask(query, json!({ "period": { "start": start, "end": end } })).await.data()["slaVolumes"].clone()
    }
}

/// Six leads that came in February, one of them again and again, and two that came in March.
async fn year<'a>(app: &'a App) -> (Person<'a>, Value) {
    let ann = app.founder().await;
    let version = ann.promises(promise(10)).await;
    backdated(app, &version, "2024-01-01T00:00:00Z").await;
    for n in 0..7 {
        let lead = ann.new_lead(n).await;
        ann.came(&lead, 1, lead::Status::Mql, &["2024-02-10T12:00:00Z"]).await;
        if n == 0 {
            ann.came(&lead, 1, lead::Status::Mql, &["2024-02-20T12:00:00Z", "2024-03-05T12:00:00Z"]).await;
            ann.came(&lead, 2, lead::Status::Mql, &["2024-03-20T12:00:00Z"]).await;
        }
        if n == 6 {
            ann.does("lead", "Delete", json!({ "id": lead }), "id").await.data();
        }
    }
    let last = ann.new_lead(7).await;
    ann.came(&last, 1, lead::Status::Mql, &["2024-03-01T00:00:00Z"]).await;
    ann.came(&last, 1, lead::Status::Sql, &["2024-03-02T00:00:00Z"]).await;
    (ann, version)
}

fn month(start: &str, end: &str, brought: i32, promised: i32, number: i32) -> Value {
    let value = f64::from(brought) / f64::from(promised);
    json!({ "status": "MQL", "period": "MONTH", "start": start, "end": end, "over": true, "promised": promised, "brought": brought,
        "attainment": { "numerator": brought, "denominator": promised, "value": value }, "agreementVersion": { "number": number } })
}

on_both! {
    async fn each_round_of_a_lead_counts_once_in_the_month_in_which_it_came(app) {
        let (ann, first) = year(&app).await;
        let told = ann.volumes("2024-01-15T00:00:00Z", "2024-03-02T00:00:00Z").await;
        let quarter = json!({ "status": "SQL", "period": "QUARTER", "start": "2024-01-01", "end": "2024-04-01", "over": true, "promised": 4, "brought": 1,
            "attainment": { "numerator": 1, "denominator": 4, "value": 0.25 }, "agreementVersion": { "number": 1 } });
        let months = [month("2024-01-01", "2024-02-01", 0, 10, 1), month("2024-02-01", "2024-03-01", 6, 10, 1), month("2024-03-01", "2024-04-01", 2, 10, 1)];
        assert_eq!(told, json!([months[0], months[1], months[2], quarter]));

        // another promise counts from the first month that begins under it
        let second = agreed_next(&app, &ann, &first, json!({ "sla": promise(20) })).await;
        backdated(&app, &second, "2024-02-15T00:00:00Z").await;
        let told = ann.volumes("2024-02-01T00:00:00Z", "2024-04-01T00:00:00Z").await;
        assert_eq!(told, json!([months[1], month("2024-03-01", "2024-04-01", 2, 20, 2), quarter]));
        // nothing was promised before the first one, but in the month in which it came
        backdated(&app, &first, "2024-02-12T00:00:00Z").await;
        let told = ann.volumes("2024-01-01T00:00:00Z", "2024-03-01T00:00:00Z").await;
        assert_eq!(told, json!([months[1], quarter]));
        let future = ann.volumes("2999-01-01T00:00:00Z", "2999-02-01T00:00:00Z").await;
        assert_eq!(future, json!([]), "what has not begun");
    }
}

on_both! {
    async fn months_are_those_of_the_organisation_and_the_running_one_is_not_over(app) {
        let (ann, _) = year(&app).await;
        let home = ann.ask("{ organizations { nodes { id } } }", json!({})).await.data()["organizations"]["nodes"][0]["id"].clone();
        ann.does("organization", "Update", json!({ "id": home, "timeZone": "America/New_York" }), "id").await.data();
        let told = ann.volumes("2024-02-15T00:00:00Z", "2024-03-15T00:00:00Z").await;
        // midnight of UTC is still February in New York
        assert_eq!((&told[0]["brought"], &told[1]["brought"]), (&json!(7), &json!(1)));
        let (yesterday, now) = ((Utc::now() - chrono::TimeDelta::seconds(1)).to_rfc3339(), (Utc::now() + chrono::TimeDelta::days(400)).to_rfc3339());
        let told = ann.volumes(&yesterday, &now).await;
        let rows = told.as_array().unwrap();
        assert!(rows.last().unwrap()["over"] == false && rows.len() <= 4, "{told}");
    }
}

on_both! {
    async fn few_leads_are_told_only_to_who_sees_them_all(app) {
        let (ann, _) = year(&app).await;
        let home = ann.actor.organization;
        let ends = ("2024-02-01T00:00:00Z", "2024-04-01T00:00:00Z");
        let rep = app.with_rights(home, Template::SalesRep.rights());
        let told = rep.volumes(ends.0, ends.1).await;
        assert_eq!(told[0], month("2024-02-01", "2024-03-01", 6, 10, 1), "the same for everybody, whoever owns the leads");
        assert_eq!((&told[1]["promised"], &told[1]["brought"], &told[1]["attainment"]), (&json!(10), &Value::Null, &Value::Null));
        let marketer = app.with_rights(home, Template::MktUser.rights());
        assert_eq!(marketer.volumes(ends.0, ends.1).await[1]["brought"], 2);
        assert_eq!(app.with_rights(home, Template::Finance.rights()).volumes(ends.0, ends.1).await, json!([]));
        let long = json!({ "period": { "start": "1990-01-01T00:00:00Z", "end": ends.1 } });
        let refused = ann.ask("query($period: PeriodInput!) { slaVolumes(period: $period) { promised } }", long).await;
        assert_eq!(refused.code(), "BAD_USER_INPUT");
    }
}
