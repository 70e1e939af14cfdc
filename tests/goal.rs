//! Shared goals: signed by both sides, measured the same for both, kept day by day, taken apart into leads.

mod initiatives;
mod kept;
mod needs;
mod owned;
mod signed;

use api::{
    access::role::templates::Template,
    actor::{Actor, Permission, Reach, Rights, Scope},
    insight::goal::daily,
    store::Access,
};
use chrono::{DateTime, Utc};
use entity::id::{AgreementVersionId, RowId};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::Value;

use crate::{
    handoff::person,
    harness::{App, Person, json, on_both},
    metric::{bring, closed, money, stages},
};

/// Who runs the house, and an owner of each side, who also hold the keys.
struct House<'a> {
    app: &'a App,
    ann: Person<'a>,
    mia: Person<'a>,
    eva: Person<'a>,
    stages: Value,
}

impl<'a> House<'a> {
    async fn of(app: &'a App) -> Self {
        let mut ann = person(app, Template::Admin, "ann").await;
        ann.actor.rights = Rights::everything().into();
        let mia = person(app, Template::MktManager, "mia").await;
        let eva = person(app, Template::SalesManager, "eva").await;
        for (who, side) in [(&mia, "MARKETING"), (&eva, "SALES")] {
            ann.does("user", "Update", json!({ "id": who.id(), "side": side }), "id").await.data();
        }
        ann.sells().await;
        let stages = stages(&ann).await;
        Self { app, ann, mia, eva, stages }
    }

    /// Two million in the third quarter of 2025, with `more` said beside.
    fn goal(&self, more: Value) -> Value {
        let mut body = json!({ "metric": "REVENUE", "periodStart": "2025-07-01", "periodEnd": "2025-10-01", "baseline": "0",
            "target": "2000000", "marketingOwnerIds": [self.mia.id()], "salesOwnerIds": [self.eva.id()] });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({ "goal": body })
    }

    /// A draft: the goal and its version.
    async fn drafted(&self, key: &str, body: Value) -> (Value, Value) {
        let input = json!({ "key": key, "title": key, "body": body });
        let made = self.mia.does("agreement", "Create", input, "id versions { nodes { id } }").await;
        let agreement = &made.data()["agreementCreate"]["agreement"];
        assert!(agreement.is_object(), "{}", made.0);
        let query = "query($id: ID!) { goals(filter: { agreementId: { eq: $id } }) { nodes { id } } }";
        let found = self.mia.ask(query, json!({ "id": agreement["id"] })).await;
        (found.data()["goals"]["nodes"][0]["id"].clone(), agreement["versions"]["nodes"][0]["id"].clone())
    }

    /// Proposed and signed by both.
    async fn sign(&self, version: &Value) {
        let done = self.mia.does("agreementVersion", "Propose", json!({ "id": version }), "id").await;
        assert_eq!(done.code(), "", "{}", done.0);
        for (who, side) in [(&self.mia, "MARKETING"), (&self.eva, "SALES")] {
            let done = who.does("agreementVersion", "Approve", json!({ "id": version, "side": side }), "id").await;
            assert_eq!(done.code(), "", "{}", done.0);
        }
    }

    /// A goal in force since an instant: the goal and its version.
    async fn agreed(&self, key: &str, body: Value, since: &str) -> (Value, Value) {
        let (goal, version) = self.drafted(key, body).await;
        self.sign(&version).await;
        self.backdate(&version, since).await;
        (goal, version)
    }

    /// The next version of what this one is a version of, in force since then.
    async fn amended(&self, version: &Value, body: Value, since: &str) -> Value {
        let of = self.mia.sees("agreementVersion", version, "agreement { id }").await;
        let input = json!({ "agreementId": of["agreement"]["id"], "body": body });
        let made = self.mia.does("agreementVersion", "Create", input, "id").await;
        let next = made.data()["agreementVersionCreate"]["agreementVersion"]["id"].clone();
        assert!(next.is_string(), "{}", made.0);
        self.sign(&next).await;
        self.backdate(&next, since).await;
        next
    }

    /// It was signed and came into force then.
    async fn backdate(&self, version: &Value, since: &str) {
        let id: AgreementVersionId = version.as_str().unwrap().parse().unwrap();
        let since: DateTime<Utc> = since.parse().unwrap();
        let sql = "UPDATE agreement_version SET effective_from = $1, ratified_at = $1 WHERE id = $2";
        let values = [since.into(), id.uuid().into()];
        let store = &self.app.store;
        store.migrator().execute_raw(Statement::from_sql_and_values(store.backend(), sql, values)).await.unwrap();
    }

    /// Sales of the third quarter of 2025: 850,000 by the middle of August, 100,000 more in September.
    async fn sells(&self) {
        let won = |amount: &str, day: &str| closed(&self.stages["Won"], amount, day, 10);
        let days = ["07-10", "07-20", "08-01", "08-10", "08-15"];
        let mut rows: Vec<Value> = days.iter().map(|day| won("170000", day)).collect();
        rows.push(won("100000", "09-20"));
        bring(&self.ann, rows).await;
    }

    fn system(&self) -> Access {
        Access::new(self.app.store.clone(), Actor::system(self.ann.actor.organization), None)
    }

    async fn keep(&self) -> usize {
        daily::keep(&self.system()).await.unwrap()
    }
}

/// The end of 15 August 2025.
const MIDDLE: &str = "2025-08-16T00:00:00Z";

pub async fn progress(who: &Person<'_>, goals: &[&Value], as_of: &str, said: &str) -> Value {
    let query = format!("query($ids: [ID!]!, $at: DateTime) {{ goalProgress(ids: $ids, asOf: $at) {{ {said} }} }}");
    who.ask(&query, json!({ "ids": goals, "at": as_of })).await.data()["goalProgress"].clone()
}

const SAID: &str = "day elapsedDays daysLeft actual progress expectedFraction expected paceRatio projected requiredPerDay currentPerDay status withheld";

on_both! {
    async fn half_of_the_quarter_with_850_000_of_two_million(app) {
        let house = House::of(&app).await;
        house.sells().await;
        let (goal, _) = house.drafted("Q3", house.goal(json!({ "stretch": "2200000" }))).await;
        let months = json!({ "curve": { "kind": "MONTHLY", "weights": ["0.20", "0.30", "0.50"] } });
        let (late, _) = house.drafted("Q3 late", house.goal(months)).await;
        let told = progress(&house.eva, &[&goal, &late], MIDDLE, SAID).await;
        assert_eq!(told[0], json!({ "day": "2025-08-15", "elapsedDays": 46, "daysLeft": 46, "actual": "850000.00", "progress": "0.425",
            "expectedFraction": "0.5", "expected": "1000000.00", "paceRatio": "0.85", "projected": "1700000.00",
            "requiredPerDay": "25000.00", "currentPerDay": "18478.26", "status": "AT_RISK", "withheld": false }));
        assert_eq!(told[1], json!({ "day": "2025-08-15", "elapsedDays": 46, "daysLeft": 46, "actual": "850000.00", "progress": "0.425",
            "expectedFraction": "0.345161", "expected": "690322.58", "paceRatio": "1.231308", "projected": "2462616.82",
            "requiredPerDay": "25000.00", "currentPerDay": "18478.26", "status": "AHEAD", "withheld": false }));
        let now = progress(&house.eva, &[&goal], "2999-01-01T00:00:00Z", "actual daysLeft requiredPerDay status target stretch baseline metric unit currency").await;
        assert_eq!(now[0], json!({ "actual": "950000.00", "daysLeft": 0, "requiredPerDay": null, "status": "OFF_TRACK", "target": "2000000.00",
            "stretch": "2200000.00", "baseline": "0.00", "metric": "REVENUE", "unit": "MONEY", "currency": "EUR" }));
        let before = progress(&house.eva, &[&goal], "2025-07-01T00:00:00Z", "day status paceRatio projected").await;
        assert_eq!(before[0], json!({ "day": "2025-06-30", "status": "NOT_STARTED", "paceRatio": null, "projected": null }));
    }
}

on_both! {
    async fn both_sides_read_the_same_number_and_their_own_contributors(app) {
        let house = House::of(&app).await;
        house.sells().await;
        let (goal, _) = house.agreed("Q3", house.goal(json!({})), "2025-07-01T00:00:00Z").await;
        let rep = app.with_rights(house.ann.actor.organization, Template::SalesRep.rights());
        let marketer = app.with_rights(house.ann.actor.organization, Template::MktUser.rights());
        let said = "actual status measured { value n explain { inputs { records { opportunities { totalCount } } } } }";
        for (who, seen) in [(&house.ann, 6), (&rep, 0), (&marketer, 0)] {
            let told = progress(who, &[&goal], "2025-10-01T00:00:00Z", said).await;
            assert_eq!((&told[0]["actual"], &told[0]["status"], &told[0]["measured"]["n"]), (&json!("950000.00"), &json!("OFF_TRACK"), &json!(6)));
            assert_eq!(told[0]["measured"]["explain"]["inputs"][0]["records"]["opportunities"]["totalCount"], seen);
        }
        let nobody = app.holding(house.ann.actor.organization, &[(Permission::AgreementRead, Reach::ALL)]);
        assert_eq!(progress(&nobody, &[&goal], MIDDLE, SAID).await, json!([]));
        let stranger = app.admin();
        assert_eq!(progress(&stranger, &[&goal], MIDDLE, SAID).await, json!([null]));
    }
}

on_both! {
    async fn what_rests_on_few_records_or_on_people_is_told_to_who_reaches_them(app) {
        let house = House::of(&app).await;
        house.sells().await;
        let rep = app.holding(house.ann.actor.organization, &[
            (Permission::AgreementRead, Reach::ALL),
            (Permission::MetricRead, Reach::ALL),
            (Permission::OpportunityRead, Reach { scope: Scope::Own, unassigned: false }),
        ]);
        let (all, _) = house.agreed("All", house.goal(json!({})), "2025-07-01T00:00:00Z").await;
        let hers = json!({ "scope": { "ownerIds": [house.ann.id()] } });
        let (one, _) = house.agreed("Hers", house.goal(hers), "2025-07-01T00:00:00Z").await;
        // by the end of July two sales count
        let early = "2025-08-01T00:00:00Z";
        let seen = progress(&house.ann, &[&all, &one], early, "actual status withheld").await;
        let value = json!({ "actual": "340000.00", "status": "OFF_TRACK", "withheld": false });
        assert_eq!(seen, json!([value, value]));
        let hidden = json!({ "actual": null, "status": null, "withheld": true });
        assert_eq!(progress(&rep, &[&all, &one], early, "actual status withheld").await, json!([hidden, hidden]));
        let later = progress(&rep, &[&all, &one], "2025-10-01T00:00:00Z", "actual withheld expected measured { value n }").await;
        assert_eq!(later[0]["actual"], "950000.00", "six are not few");
        assert_eq!(later[1], json!({ "actual": null, "withheld": true, "expected": "2000000.00", "measured": { "value": null, "n": null } }));
        house.keep().await;
        let list = "{ goals(orderBy: [{ field: CREATED_AT }]) { nodes { latest { actual } snapshots { totalCount } } } }";
        let kept = |who: &Value| [0, 1].map(|at| (who["goals"]["nodes"][at]["latest"].clone(), who["goals"]["nodes"][at]["snapshots"]["totalCount"].clone()));
        let last = json!({ "actual": "950000" });
        assert_eq!(kept(house.ann.ask(list, json!({})).await.data()), [(last.clone(), json!(92)), (last.clone(), json!(92))]);
        // none and then five or more: 9 days before the first sale, 47 from the fifth on
        assert_eq!(kept(rep.ask(list, json!({})).await.data()), [(last, json!(9 + 47)), (json!(null), json!(0))]);
    }
}

on_both! {
    async fn a_goal_without_a_rate_of_exchange_is_null_beside_the_others(app) {
        let house = House::of(&app).await;
        let mut row = closed(&house.stages["Won"], "1", "07-10", 1);
        row["amount"] = money("5", "USD");
        bring(&house.ann, vec![row]).await;
        let (euros, _) = house.drafted("EUR", house.goal(json!({}))).await;
        let (rate, _) = house.drafted("Rate", house.goal(json!({ "metric": "WIN_RATE", "target": "0.5" }))).await;
        let query = "query($ids: [ID!]!) { goalProgress(ids: $ids) { actual } }";
        let answer = house.ann.ask(query, json!({ "ids": [euros, rate] })).await;
        assert_eq!(answer.0["data"]["goalProgress"], json!([null, { "actual": "1" }]), "{}", answer.0);
        assert_eq!(answer.0["errors"][0]["extensions"]["userErrorCode"], "FX_RATE_MISSING", "{}", answer.0);
        assert_eq!(answer.0["errors"][0]["path"], json!(["goalProgress", 0]));
    }
}

/// The statements of a request.
async fn statements(house: &House<'_>, query: &str, variables: Value) -> u64 {
    let before = house.app.store.statements();
    house.ann.ask(query, variables).await.data();
    house.app.store.statements() - before
}

on_both! {
    async fn a_list_of_goals_costs_the_same_for_more_goals_and_days(app) {
        let house = House::of(&app).await;
        let list = "{ goals(first: 20) { nodes { metric target status agreement { title } agreementVersion { number }
            latest { actual paceRatio status } snapshots(first: 5) { nodes { day actual } } } } }";
        let measured = "query($ids: [ID!]!) { goalProgress(ids: $ids) { actual status } }";
        let mut goals = vec![];
        let mut costs = vec![];
        for round in 0..2 {
            for n in 0..3 {
                goals.push(house.agreed(&format!("G{round}{n}"), house.goal(json!({})), &format!("2025-09-2{n}T00:00:00Z")).await.0);
            }
            house.keep().await;
            costs.push((statements(&house, list, json!({})).await, statements(&house, measured, json!({ "ids": goals })).await));
        }
        assert_eq!(costs[0], costs[1]);
        assert!(costs[0].0 <= 6 && costs[0].1 <= 6, "{costs:?}");
    }
}
