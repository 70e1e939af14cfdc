//! Offers of leads and their answers: who may give them, what follows, and that there is never more than one.

mod answering;
mod quarrel;
mod table;

use api::{
    access::{
        role::templates::Template,
        setup::{NewUser, create_user},
    },
    config::Retention,
    integration::work,
    store::{Access, Settings, Store, jobs},
};
use async_graphql::Request;
use chrono::{TimeDelta, Utc};
use entity::word::Word;
use futures_util::{StreamExt, future::join_all};
use serde_json::Value;

use crate::{
    access::PASSWORD,
    harness::{App, Person, heard, json, on_both},
};

/// An active user of a built-in role in the one organisation of the test.
pub async fn person<'a>(app: &'a App, role: Template, name: &str) -> Person<'a> {
    let email = format!("{name}@acme.example");
    let new = NewUser { organization: "acme", email: &email, role: role.word(), name: Some(name), password: PASSWORD };
    let (organization, user) = create_user(&app.store, app.gate.hasher(), &new, &[]).await.expect("a user");
    let mut person = app.with_rights(organization, role.rights());
    person.actor.user = Some(user);
    person
}

impl Person<'_> {
    pub fn id(&self) -> Value {
        json!(self.actor.user.expect("a user").to_string())
    }

    /// A lead that marketing has qualified.
    pub async fn has_mql(&self, email: &str) -> Value {
        self.has("lead", json!({ "email": email, "status": "MQL", "source": "web" })).await
    }

    /// Offers the lead; the offer's id.
    pub async fn offers(&self, lead: &Value, more: Value) -> Value {
        let mut input = json!({ "id": lead });
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let answer = self
            .does("lead", "Offer", input, "status handoffs(filter: { state: { eq: PENDING } }) { nodes { id } }")
            .await;
        let lead = &answer.data()["leadOffer"]["lead"];
        assert_eq!(lead["status"], "OFFERED", "{}", answer.0);
        lead["handoffs"]["nodes"][0]["id"].clone()
    }

    /// A team with somebody who sells; of one organisation only in the test.
    pub async fn selling_team(&self) -> Value {
        let rep = person(self.app, Template::SalesRep, "seller").await;
        let team = self.has("team", json!({ "name": "Inbound", "kind": "SALES" })).await;
        self.has("membership", json!({ "teamId": team, "userId": rep.id() })).await;
        team
    }

    pub async fn reason(&self, category: &str, days: i32) -> Value {
        let name = format!("{category} {days}");
        self.has("rejectionReason", json!({ "name": name, "category": category, "recycleDelayDays": days, "requiresNote": category == "DEFINITIONAL" })).await
    }

    /// The feed tells of a lead, at the latest a few seconds after.
    pub async fn hears(&self, kind: &str) {
        for _ in 0..1200 {
            let changes = self.ask("{ changes(first: 100, types: [\"Lead\"]) { nodes { kind } } }", json!({})).await;
            if changes.data().to_string().contains(kind) {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        panic!("the feed does not tell of {kind}");
    }

    pub async fn status(&self, lead: &Value) -> Value {
        self.sees("lead", lead, "status").await["status"].clone()
    }
}

/// Each row of a lead's history begins where the last one ended, and the last one is where the lead stands.
pub async fn contiguous(who: &Person<'_>, lead: &Value) {
    let told = who
        .sees(
            "lead",
            lead,
            "status statusChanges(first: 50, orderBy: [{ field: AT }]) { nodes { fromStatus toStatus } }",
        )
        .await;
    let rows = told["statusChanges"]["nodes"].as_array().unwrap().clone();
    assert_eq!(rows[0]["fromStatus"], json!(null));
    assert!(rows.windows(2).all(|two| two[0]["toStatus"] == two[1]["fromStatus"]), "{rows:?}");
    assert_eq!(rows.last().unwrap()["toStatus"], told["status"]);
}

on_both! {
    async fn an_offered_lead_is_accepted_by_whom_it_was_offered_to_and_by_nobody_else(app) {
        let mia = person(&app, Template::MktManager, "mia").await;
        let (sam, kim) = (person(&app, Template::SalesRep, "sam").await, person(&app, Template::SalesRep, "kim").await);
        let ann = person(&app, Template::Admin, "ann").await;
        let lead = mia.has("lead", json!({ "email": "joe@example.com", "status": "MQL", "source": "web", "ownerId": mia.id() })).await;
        assert_eq!(sam.status(&lead).await, json!(null), "marketing's lead is not sales' to see");
        let offer = mia.offers(&lead, json!({ "userId": sam.id() })).await;
        assert_eq!(sam.status(&lead).await, "OFFERED");
        assert_eq!(kim.status(&lead).await, json!(null));

        let accept = json!({ "id": offer });
        assert_eq!(mia.does("handoff", "Accept", accept.clone(), "id").await.code(), "FORBIDDEN");
        assert_eq!(kim.does("handoff", "Accept", accept.clone(), "id").await.code(), "NOT_FOUND");
        assert_eq!(ann.does("handoff", "Accept", accept.clone(), "id").await.code(), "FORBIDDEN", "no right makes up for it");
        assert_eq!(ann.status(&lead).await, "OFFERED", "and nothing has changed");
        let other = sam.does("handoff", "Accept", json!({ "id": offer, "ownerId": kim.id() }), "id").await;
        assert_eq!(other.code(), "VALIDATION");

        let done = sam.does("handoff", "Accept", accept.clone(), "state decidedBy { name } source score evidence lead { status owner { name } }").await;
        let said = &done.data()["handoffAccept"]["handoff"];
        assert_eq!((&said["state"], &said["decidedBy"]["name"]), (&json!("ACCEPTED"), &json!("sam")));
        assert_eq!(said["lead"], json!({ "status": "ACCEPTED", "owner": { "name": "sam" } }));
        assert_eq!((&said["source"], &said["evidence"]["activities"]), (&json!("web"), &json!(0)));
        assert_eq!(sam.does("handoff", "Accept", accept, "id").await.code(), "INVALID_TRANSITION");
        contiguous(&ann, &lead).await;
    }
}

on_both! {
    async fn a_manager_answers_for_their_people_and_one_of_a_pool_or_team_for_themselves(app) {
        let ann = person(&app, Template::Admin, "ann").await;
        let (eva, sam) = (person(&app, Template::SalesManager, "eva").await, person(&app, Template::SalesRep, "sam").await);
        let (kim, joe) = (person(&app, Template::Sdr, "kim").await, person(&app, Template::SalesManager, "joe").await);
        ann.does("user", "Update", json!({ "id": sam.id(), "reportsToId": eva.id() }), "id").await.data();

        let lead = ann.has_mql("a@example.com").await;
        let offer = ann.offers(&lead, json!({ "userId": sam.id() })).await;
        assert_eq!(joe.does("handoff", "Accept", json!({ "id": offer }), "id").await.code(), "FORBIDDEN", "a stranger's manager");
        let done = eva.does("handoff", "Accept", json!({ "id": offer }), "decidedBy { name } lead { owner { name } }").await;
        assert_eq!(done.data()["handoffAccept"]["handoff"], json!({ "decidedBy": { "name": "eva" }, "lead": { "owner": { "name": "sam" } } }));

        let pool = ann.has("pool", json!({ "name": "Inbound" })).await;
        ann.has("poolMember", json!({ "poolId": pool, "userId": kim.id() })).await;
        let lead = ann.has_mql("b@example.com").await;
        let offer = ann.offers(&lead, json!({ "queueId": pool })).await;
        assert_eq!(sam.does("handoff", "Accept", json!({ "id": offer }), "id").await.code(), "FORBIDDEN", "not in the pool");
        let done = kim.does("handoff", "Accept", json!({ "id": offer }), "lead { owner { name } }").await;
        assert_eq!(done.data()["handoffAccept"]["handoff"]["lead"]["owner"]["name"], "kim");

        let team = ann.has("team", json!({ "name": "West", "kind": "SALES" })).await;
        ann.has("membership", json!({ "teamId": team, "userId": sam.id() })).await;
        let lead = ann.has_mql("c@example.com").await;
        let offer = ann.offers(&lead, json!({ "teamId": team })).await;
        assert_eq!(eva.does("handoff", "Accept", json!({ "id": offer }), "id").await.code(), "VALIDATION", "says not who takes it");
        let done = eva.does("handoff", "Accept", json!({ "id": offer, "ownerId": sam.id() }), "lead { owner { name } }").await;
        assert_eq!(done.data()["handoffAccept"]["handoff"]["lead"]["owner"]["name"], "sam");
    }
}

on_both! {
    async fn a_rejection_needs_a_reason_and_is_told_to_marketing(app) {
        let ann = person(&app, Template::Admin, "ann").await;
        let sam = person(&app, Template::SalesRep, "sam").await;
        let lead = ann.has_mql("joe@example.com").await;
        let offer = ann.offers(&lead, json!({ "userId": sam.id() })).await;
        let (definition, data) = (ann.reason("DEFINITIONAL", 30).await, ann.reason("CLERICAL", 5).await);
        let says = async |input: Value| sam.does("handoff", "Reject", input, "state rejectionCategory note suggestedFix lead { status statusReason }").await;
        assert_eq!(says(json!({ "id": offer, "reasonId": "rejection_reason_00000000000070008000000000000000" })).await.code(), "NOT_FOUND");
        assert_eq!(says(json!({ "id": offer, "reasonId": definition })).await.code(), "VALIDATION", "without the note");
        assert_eq!(says(json!({ "id": offer, "reasonId": definition, "note": "No", "unfixable": true })).await.code(), "VALIDATION");
        assert_eq!(ann.status(&lead).await, "OFFERED");
        let done = says(json!({ "id": offer, "reasonId": definition, "note": "A student", "suggestedFix": "Ask for the company" })).await;
        assert_eq!(done.data()["handoffReject"]["handoff"], json!({
            "state": "REJECTED", "rejectionCategory": "DEFINITIONAL", "note": "A student", "suggestedFix": "Ask for the company",
            "lead": { "status": "REJECTED", "statusReason": "DEFINITIONAL 30: A student" },
        }));
        let told = ann.sees("lead", &lead, "status statusReason").await;
        assert_eq!(told, json!({ "status": "REJECTED", "statusReason": "DEFINITIONAL 30: A student" }));
        assert_eq!(says(json!({ "id": offer, "reasonId": data })).await.code(), "INVALID_TRANSITION");

        let lead = ann.has_mql("wrong@example.com").await;
        let offer = ann.offers(&lead, json!({ "userId": sam.id() })).await;
        assert_eq!(says(json!({ "id": offer, "reasonId": data, "unfixable": true })).await.code(), "");
        let told = ann.sees("lead", &lead, "status disqualifyCategory").await;
        assert_eq!(told, json!({ "status": "DISQUALIFIED", "disqualifyCategory": "OTHER" }));
        contiguous(&ann, &lead).await;
    }
}

on_both! {
    async fn a_withdrawn_offer_gives_the_lead_back_and_a_colleague_cannot_withdraw_it(app) {
        let (mia, tom) = (person(&app, Template::MktUser, "mia").await, person(&app, Template::MktUser, "tom").await);
        let sam = person(&app, Template::SalesRep, "sam").await;
        let ann = person(&app, Template::Admin, "ann").await;
        let lead = ann.has("lead", json!({ "email": "joe@example.com", "status": "MQL", "ownerId": mia.id() })).await;
        assert_eq!(tom.does("lead", "Offer", json!({ "id": lead, "userId": sam.id() }), "id").await.code(), "FORBIDDEN");
        assert_eq!(sam.does("lead", "Offer", json!({ "id": lead, "userId": sam.id() }), "id").await.code(), "FORBIDDEN");
        let offer = mia.offers(&lead, json!({ "userId": sam.id() })).await;
        assert_eq!(tom.does("handoff", "Withdraw", json!({ "id": offer }), "id").await.code(), "FORBIDDEN");
        let done = mia.does("handoff", "Withdraw", json!({ "id": offer, "note": "Too early" }), "state note lead { status statusReason }").await;
        assert_eq!(done.data()["handoffWithdraw"]["handoff"], json!({ "state": "WITHDRAWN", "note": "Too early", "lead": { "status": "MQL", "statusReason": "Too early" } }));
        assert_eq!(sam.does("handoff", "Accept", json!({ "id": offer }), "id").await.code(), "INVALID_TRANSITION");
        assert_eq!(mia.does("handoff", "Withdraw", json!({ "id": offer }), "id").await.code(), "INVALID_TRANSITION");
    }
}

on_both! {
    async fn of_two_offers_at_once_one_is_made(app) {
        let ann = person(&app, Template::Admin, "ann").await;
        let sam = person(&app, Template::SalesRep, "sam").await;
        for n in 0..5 {
            let lead = ann.has_mql(&format!("l{n}@example.com")).await;
            let input = json!({ "id": lead, "userId": sam.id() });
            let both = join_all((0..2).map(|_| ann.does("lead", "Offer", input.clone(), "id"))).await;
            let mut codes: Vec<_> = both.iter().map(|a| a.code().to_owned()).collect();
            codes.sort();
            assert_eq!(codes, ["", "INVALID_TRANSITION"]);
            let offers = ann.sees("lead", &lead, "handoffs { totalCount }").await;
            assert_eq!(offers["handoffs"]["totalCount"], 1);
        }
    }
}

on_both! {
    async fn of_a_hundred_who_accept_at_once_one_does(app) {
        let ann = person(&app, Template::Admin, "ann").await;
        let sam = person(&app, Template::SalesRep, "sam").await;
        let lead = ann.has_mql("joe@example.com").await;
        let offer = ann.offers(&lead, json!({ "userId": sam.id() })).await;
        let answers = join_all((0..100).map(|_| sam.does("handoff", "Accept", json!({ "id": offer }), "id"))).await;
        let count = |code: &str| answers.iter().filter(|a| a.code() == code).count();
        assert_eq!((count(""), count("INVALID_TRANSITION") + count("CONFLICT")), (1, 99));
        let told = ann.sees("lead", &lead, "status statusChanges { totalCount }").await;
        assert_eq!(told, json!({ "status": "ACCEPTED", "statusChanges": { "totalCount": 3 } }));
    }
}

/// Does what is due at a later time, on another node with a clock of its own.
pub async fn later(app: &App, ahead: TimeDelta, until: impl AsyncFn() -> bool) {
    let mut settings = Settings::new(&app.url);
    settings.clock = Some(std::sync::Arc::new(move || Utc::now() + ahead));
    let store = Store::open(&settings).await.expect("the store opens");
    let runner = tokio::spawn(jobs::run(store, work::handlers(&Retention::default())));
    for _ in 0..2400 {
        if until().await {
            runner.abort();
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("it did not happen");
}

on_both! {
    async fn a_rejected_lead_is_recycled_after_the_reasons_delay(app) {
        let ann = person(&app, Template::Admin, "ann").await;
        let sam = person(&app, Template::SalesRep, "sam").await;
        let lead = ann.has_mql("joe@example.com").await;
        let offer = ann.offers(&lead, json!({ "userId": sam.id() })).await;
        let reason = ann.reason("CAPACITY", 7).await;
        sam.does("handoff", "Reject", json!({ "id": offer, "reasonId": reason }), "id").await.data();
        let stays = later(&app, TimeDelta::days(6), async || false);
        assert!(tokio::time::timeout(std::time::Duration::from_millis(1500), stays).await.is_err());
        assert_eq!(ann.status(&lead).await, "REJECTED");
        later(&app, TimeDelta::days(8), async || ann.status(&lead).await == "RECYCLED").await;
        let again = ann.does("lead", "Nurture", json!({ "id": lead, "track": "spring" }), "status cycleNo nurtureTrack").await;
        assert_eq!(again.data()["leadNurture"]["lead"], json!({ "status": "NURTURING", "cycleNo": 2, "nurtureTrack": "spring" }));
        contiguous(&ann, &lead).await;
    }
}

on_both! {
    async fn an_offer_nobody_answers_goes_to_the_next_and_at_last_back(app) {
        let ann = person(&app, Template::Admin, "ann").await;
        let pool = ann.has("pool", json!({ "name": "Inbound" })).await;
        for name in ["sam", "kim"] {
            let user = person(&app, Template::SalesRep, name).await;
            ann.has("poolMember", json!({ "poolId": pool, "userId": user.id() })).await;
        }
        let lead = ann.has_mql("joe@example.com").await;
        let expires = (Utc::now() + TimeDelta::hours(1)).to_rfc3339();
        ann.offers(&lead, json!({ "poolId": pool, "expiresAt": expires })).await;
        let said = "status handoffs(orderBy: [{ field: OFFERED_AT }]) { nodes { state attempt offeredUser { name } } }";
        later(&app, TimeDelta::minutes(61), async || ann.sees("lead", &lead, said).await["handoffs"]["nodes"][1]["state"] == "PENDING").await;
        let told = ann.sees("lead", &lead, said).await;
        assert_eq!(told, json!({ "status": "OFFERED", "handoffs": { "nodes": [
            { "state": "EXPIRED", "attempt": 1, "offeredUser": { "name": "sam" } },
            { "state": "PENDING", "attempt": 2, "offeredUser": { "name": "kim" } },
        ] } }));
        later(&app, TimeDelta::hours(3), async || ann.status(&lead).await == "MQL").await;
        let told = ann.sees("lead", &lead, said).await;
        assert_eq!(told["handoffs"]["nodes"][1]["state"], "EXPIRED");
        ann.hears("routing.failed").await;
        contiguous(&ann, &lead).await;
    }
}

on_both! {
    async fn figures_of_acceptance_keep_what_waits_and_expired_apart(app) {
        let ann = person(&app, Template::Admin, "ann").await;
        let sam = person(&app, Template::SalesRep, "sam").await;
        let reason = ann.reason("CAPACITY", 30).await;
        let rows: Vec<_> = (0..110).map(|n| json!({ "email": format!("l{n}@example.com"), "status": "MQL", "source": if n < 50 { "web" } else { "fair" } })).collect();
        let upsert = "mutation($rows: [LeadUpsertRow!]!) { leadUpsert(input: { rows: $rows }) { results { lead { id } } } }";
        let made = ann.ask(upsert, json!({ "rows": rows })).await;
        for (n, row) in made.data()["leadUpsert"]["results"].as_array().unwrap().iter().enumerate() {
            let offer = ann.offers(&row["lead"]["id"], json!({ "userId": sam.id() })).await;
            match n {
                0..90 => _ = sam.does("handoff", "Accept", json!({ "id": offer }), "id").await.data(),
                90..108 => _ = sam.does("handoff", "Reject", json!({ "id": offer, "reasonId": reason }), "id").await.data(),
                _ => {}
            }
        }
        let figures = "{ handoffAggregate { accepted rejected pending expired acceptance { numerator denominator value } } }";
        let figures = ann.ask(figures, json!({})).await;
        let told = &figures.data()["handoffAggregate"][0];
        assert_eq!((&told["accepted"], &told["rejected"], &told["pending"], &told["expired"]), (&json!(90), &json!(18), &json!(2), &json!(0)));
        assert_eq!((&told["acceptance"]["numerator"], &told["acceptance"]["denominator"]), (&json!(90), &json!(108)));
        assert!(told["acceptance"]["value"].to_string().contains("0.83333"), "{told}");
        let by = "{ handoffAggregate(groupBy: [{ field: SOURCE }]) { key { source } accepted rejected } }";
        let by = ann.ask(by, json!({})).await;
        assert_eq!(by.data()["handoffAggregate"], json!([
            { "key": { "source": "fair" }, "accepted": 40, "rejected": 18 },
            { "key": { "source": "web" }, "accepted": 50, "rejected": 0 },
        ]));
    }
}

on_both! {
    async fn a_recycled_lead_begins_its_next_round_when_its_time_comes(app) {
        let ann = person(&app, Template::Admin, "ann").await;
        let lead = ann.has("lead", json!({ "email": "joe@example.com", "status": "WORKING" })).await;
        let past = ann.does("lead", "Recycle", json!({ "id": lead, "reason": "Budget", "until": "2020-01-01T00:00:00Z" }), "id").await;
        assert_eq!(past.code(), "VALIDATION");
        let until = (Utc::now() + TimeDelta::days(90)).to_rfc3339();
        let input = json!({ "id": lead, "reason": "Budget in spring", "until": until, "track": "spring" });
        let done = ann.does("lead", "Recycle", input, "status cycleNo statusReason nurtureTrack").await;
        assert_eq!(done.data()["leadRecycle"]["lead"], json!({ "status": "RECYCLED", "cycleNo": 1, "statusReason": "Budget in spring", "nurtureTrack": "spring" }));
        later(&app, TimeDelta::days(91), async || ann.status(&lead).await == "NURTURING").await;
        assert_eq!(ann.sees("lead", &lead, "cycleNo").await["cycleNo"], 2);
        contiguous(&ann, &lead).await;
    }
}

on_both! {
    async fn a_lead_that_sales_gives_back_is_again_whose_it_was_before_the_offer(app) {
        let ann = person(&app, Template::Admin, "ann").await;
        let (mia, tom) = (person(&app, Template::MktManager, "mia").await, person(&app, Template::MktUser, "tom").await);
        let sam = person(&app, Template::SalesRep, "sam").await;
        let taken = async |owner: Value, n: usize| {
            let lead = ann.has("lead", json!({ "email": format!("l{n}@example.com"), "status": "MQL", "ownerId": owner })).await;
            let offer = ann.offers(&lead, json!({ "userId": sam.id() })).await;
            sam.does("handoff", "Accept", json!({ "id": offer }), "id").await.data();
            sam.has("activity", json!({ "kind": "CALL", "direction": "OUTBOUND", "subject": "Hello", "leadId": lead })).await;
            lead
        };
        let said = "status owner { name }";
        let owned = |status: &str, owner: Value| json!({ "status": status, "owner": owner });
        let sams = json!({ "name": "sam" });
        let back = async |lead: &Value| sam.does("lead", "Recycle", json!({ "id": lead, "reason": "Not now" }), "id").await;

        let lead = taken(mia.id(), 1).await;
        assert_eq!(ann.sees("lead", &lead, said).await, owned("WORKING", sams.clone()));
        let done = back(&lead).await;
        assert_eq!(done.data()["leadRecycle"], json!({ "lead": null, "userErrors": [] }), "it is not sales' to see any more");
        assert_eq!(mia.sees("lead", &lead, said).await, owned("RECYCLED", json!({ "name": "mia" })));
        contiguous(&ann, &lead).await;

        let lead = taken(json!(null), 2).await;
        back(&lead).await.data();
        assert_eq!(ann.sees("lead", &lead, said).await, owned("RECYCLED", json!(null)), "the pool's");
        let lead = taken(tom.id(), 3).await;
        ann.does("user", "Deactivate", json!({ "id": tom.id() }), "id").await.data();
        back(&lead).await.data();
        assert_eq!(ann.sees("lead", &lead, said).await, owned("RECYCLED", json!(null)), "tom is not there any more");

        // what no offer gave to sales stays where it is, in this round or another
        let own = ann.has("lead", json!({ "email": "own@example.com", "status": "WORKING", "ownerId": sam.id() })).await;
        back(&own).await.data();
        assert_eq!(ann.sees("lead", &own, said).await, owned("RECYCLED", sams.clone()));
        let lead = taken(mia.id(), 4).await;
        back(&lead).await.data();
        mia.does("lead", "Nurture", json!({ "id": lead }), "id").await.data();
        ann.does("lead", "Update", json!({ "id": lead, "ownerId": sam.id() }), "id").await.data();
        assert_eq!(ann.sees("lead", &lead, said).await, owned("NURTURING", sams));
    }
}
