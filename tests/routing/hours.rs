//! Who of a pool may be given a lead now: hours, skills and absences.

use chrono::{Datelike, Days, Utc};

use super::*;

/// Hours that are over, whenever this runs: only in three days.
fn closed(name: &str) -> Value {
    let day = (Utc::now().date_naive() + Days::new(3)).weekday();
    let day = ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"]
        [day.num_days_from_monday() as usize];
    json!({ "name": name, "timeZone": "UTC", "schedule": { "hours": [{ "day": day, "opensAt": "09:00", "closesAt": "17:00" }] } })
}

/// Hours without end.
fn open(name: &str) -> Value {
    let days = ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"];
    let hours: Vec<Value> =
        days.iter().map(|day| json!({ "day": day, "opensAt": "00:00", "closesAt": "24:00" })).collect();
    json!({ "name": name, "timeZone": "UTC", "schedule": { "hours": hours } })
}

struct Crew<'a> {
    ann: Person<'a>,
    sam: Person<'a>,
    kim: Person<'a>,
    pool: Value,
    /// The places of sam, who has by far the greater share, and kim.
    places: [Value; 2],
}

async fn crew(app: &App) -> Crew<'_> {
    let ann = person(app, Template::Admin, "ann").await;
    let (sam, kim) = (person(app, Template::SalesRep, "sam").await, person(app, Template::SalesRep, "kim").await);
    let pool = ann.has("pool", json!({ "name": "Inbound" })).await;
    let place = async |who: &Person<'_>, weight: i32| {
        ann.has("poolMember", json!({ "poolId": pool, "userId": who.id(), "weight": weight })).await
    };
    let places = [place(&sam, 100).await, place(&kim, 1).await];
    Crew { ann, sam, kim, pool, places }
}

impl Crew<'_> {
    /// Whose turn the next lead is, and why not sam's and kim's; or the refusal's code.
    async fn next(&self, n: usize, offer: Value) -> (Value, [Value; 2]) {
        let lead = self
            .ann
            .has("lead", json!({ "email": format!("l{n}@example.com"), "status": "MQL", "country": "DE" }))
            .await;
        let mut input = json!({ "id": lead });
        input.as_object_mut().unwrap().extend(offer.as_object().unwrap().clone());
        let done = self
            .ann
            .does(
                "lead",
                "Offer",
                input,
                "handoffs { nodes { offeredUser { name } routingDecision { poolState trace } } }",
            )
            .await;
        if done.code() != "" {
            return (json!(done.code()), [json!(null), json!(null)]);
        }
        let offer = done.data()["leadOffer"]["lead"]["handoffs"]["nodes"][0].clone();
        let state = offer["routingDecision"]["poolState"].as_array().unwrap().clone();
        let why = |who: &Person<'_>| {
            let me = who.actor.user.unwrap().to_string();
            state.iter().find(|m| m["user"] == me.as_str()).unwrap()["why"].clone()
        };
        (offer["offeredUser"]["name"].clone(), [why(&self.sam), why(&self.kim)])
    }

    async fn pooled(&self, n: usize) -> (Value, [Value; 2]) {
        self.next(n, json!({ "poolId": self.pool })).await
    }

    async fn keeps(&self, who: &Person<'_>, calendar: &Value) {
        let done = self.ann.does("user", "Update", json!({ "id": who.id(), "calendarId": calendar }), "id").await;
        assert_eq!(done.code(), "", "{}", done.0);
    }

    async fn place(&self, at: usize, more: Value) {
        let mut input = json!({ "id": self.places[at] });
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        assert_eq!(self.ann.does("poolMember", "Update", input, "id").await.code(), "");
    }
}

fn free() -> Value {
    json!(null)
}

on_both! {
    async fn whoever_is_not_at_work_is_passed_over_unless_hours_do_not_matter(app) {
        let crew = crew(&app).await;
        let night = crew.ann.has("businessCalendar", closed("Night")).await;
        assert_eq!(crew.pooled(0).await, (json!("sam"), [free(), free()]), "without hours everybody works");
        crew.keeps(&crew.sam, &night).await;
        assert_eq!(crew.pooled(1).await, (json!("kim"), [json!("OUT_OF_HOURS"), free()]));
        crew.place(0, json!({ "ignoreHours": true })).await;
        assert_eq!(crew.pooled(2).await, (json!("sam"), [free(), free()]));
        // the organisation's hours are theirs who have none of their own
        crew.place(0, json!({ "ignoreHours": false })).await;
        let home = crew.ann.ask("{ organizations { nodes { id } } }", json!({})).await.data()["organizations"]["nodes"][0]["id"].clone();
        let office = crew.ann.has("businessCalendar", closed("Office")).await;
        crew.ann.does("organization", "Update", json!({ "id": home, "businessCalendarId": office }), "id").await.data();
        assert_eq!(crew.pooled(3).await.0, "CRITERIA_UNMET");
        let day = crew.ann.has("businessCalendar", open("Day")).await;
        crew.keeps(&crew.kim, &day).await;
        assert_eq!(crew.pooled(4).await, (json!("kim"), [json!("OUT_OF_HOURS"), free()]));
    }
}

on_both! {
    async fn only_who_can_what_a_rule_asks_for_is_given_its_leads(app) {
        let crew = crew(&app).await;
        crew.place(0, json!({ "skills": ["dutch", "Enterprise"] })).await;
        crew.place(1, json!({ "skills": ["German", "enterprise"] })).await;
        let rule = |label: &str, skills: &[&str]| json!({ "label": label, "then": { "action": "POOL", "poolId": crew.pool, "skills": skills } });
        let rules = [rule("french", &["french"]), rule("german and large", &["german", "ENTERPRISE"])];
        agree(&app, &crew.ann, json!({ "onCreate": false, "accountOwnerFirst": false, "rules": rules })).await;
        for n in 0..3 {
            assert_eq!(crew.next(n, json!({})).await, (json!("kim"), [json!("LACKS_SKILLS"), free()]), "whatever sam's share");
        }
        let last = crew.ann.ask("{ routingDecisions(first: 1) { nodes { rule trace } } }", json!({})).await;
        let last = &last.data()["routingDecisions"]["nodes"][0];
        let trace = last["trace"].as_array().unwrap();
        let told = |at: usize| (trace[at]["rule"].clone(), trace[at]["result"].clone());
        assert_eq!((told(0), told(1)), ((json!("french"), json!("PASSED")), (json!("german and large"), json!("CHOSEN"))));
        crew.place(1, json!({ "skills": ["german"] })).await;
        assert_eq!(crew.next(9, json!({})).await.0, "CRITERIA_UNMET", "nobody can both");
    }
}

on_both! {
    async fn whoever_is_away_is_passed_over_whatever_their_hours(app) {
        let crew = crew(&app).await;
        crew.place(0, json!({ "ignoreHours": true })).await;
        let away = json!({ "userId": crew.sam.id(), "startsAt": "2020-01-01T00:00:00Z", "endsAt": "2999-01-01T00:00:00Z" });
        let away = crew.ann.has("userAbsence", away).await;
        assert_eq!(crew.pooled(0).await, (json!("kim"), [json!("ABSENT"), free()]));
        crew.ann.does("userAbsence", "Delete", json!({ "id": away }), "id").await.data();
        assert_eq!(crew.pooled(1).await, (json!("sam"), [free(), free()]));
        crew.place(0, json!({ "absentFrom": "2020-01-01T00:00:00Z", "absentUntil": "2999-01-01T00:00:00Z" })).await;
        assert_eq!(crew.pooled(2).await, (json!("kim"), [json!("ABSENT"), free()]));
        crew.place(0, json!({ "absentFrom": "2020-01-01T00:00:00Z", "absentUntil": "2020-01-02T00:00:00Z" })).await;
        assert_eq!(crew.pooled(3).await, (json!("sam"), [free(), free()]));
    }
}
