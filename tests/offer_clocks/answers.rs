//! What is an answer of sales, and when.

use super::*;

const FIRST: &str = "FIRST_RESPONSE";

on_both! {
    async fn what_marketing_sends_is_no_answer_of_sales(app) {
        let desk = desk(&app, json!({})).await;
        let mia = person(&app, Template::MktManager, "mia").await;
        desk.ann.does("user", "Update", json!({ "id": mia.id(), "side": "MARKETING" }), "id").await.data();
        let lead = desk.ann.has_mql("joe@example.com").await;
        let offer = desk.ann.offers(&lead, json!({ "userId": desk.sam.id() })).await;
        desk.sam.does("handoff", "Accept", json!({ "id": offer }), "id").await.data();
        let mail = json!({ "kind": "MAIL", "direction": "OUTBOUND", "subject": "News", "leadId": lead });
        mia.has("activity", mail).await;
        assert_eq!((desk.count(&lead, FIRST, "PENDING").await, desk.ann.status(&lead).await), (1, json!("ACCEPTED")));
        calls(&desk.sam, &lead).await;
        assert_eq!((desk.count(&lead, FIRST, "MET").await, desk.ann.status(&lead).await), (1, json!("WORKING")));
    }
}

on_both! {
    async fn a_call_in_time_that_is_written_down_late_was_in_time(app) {
        let desk = desk(&app, json!({})).await;
        let lead = desk.ann.has_mql("joe@example.com").await;
        let offer = desk.ann.offers(&lead, json!({ "userId": desk.sam.id() })).await;
        desk.sam.does("handoff", "Accept", json!({ "id": offer }), "id").await.data();
        later(&app, TimeDelta::minutes(61), async || desk.count(&lead, FIRST, "BREACHED").await == 1).await;
        calls(&desk.sam, &lead).await;
        assert_eq!(desk.count(&lead, FIRST, "MET").await, 1);
        let clock = desk.ann.sees("lead", &lead, "slaClocks(filter: { kind: { eq: FIRST_RESPONSE } }) { nodes { breachedAt businessSeconds } }").await;
        assert_eq!(clock["slaClocks"]["nodes"][0]["breachedAt"], json!(null), "{clock}");
    }
}

on_both! {
    async fn nobody_stops_the_clock_that_measures_them(app) {
        let desk = desk(&app, json!({})).await;
        let stan = person(&app, Template::SalesManager, "stan").await;
        let lead = desk.ann.has("lead", json!({ "email": "joe@example.com", "status": "MQL", "ownerId": stan.id() })).await;
        desk.ann.offers(&lead, json!({ "userId": stan.id() })).await;
        let clocks = desk.ann.sees("lead", &lead, "slaClocks { nodes { id } }").await;
        let id = clocks["slaClocks"]["nodes"][0]["id"].clone();
        for step in ["Pause", "Void"] {
            let own = stan.does("slaClock", step, json!({ "id": id, "reason": "busy" }), "status").await;
            assert_eq!(own.code(), "LOCKED", "{}", own.0);
            let other = desk.ann.does("slaClock", step, json!({ "id": id, "reason": "busy" }), "status").await;
            assert_eq!(other.code(), "", "{}", other.0);
            desk.ann.does("slaClock", "Resume", json!({ "id": id }), "status").await;
        }
    }
}

/// Everything that the clocks of a lead count lies so much further in the past.
async fn ago(app: &App, lead: &Value, by: TimeDelta) {
    let db = app.store.migrator();
    let lead: LeadId = lead.as_str().unwrap().parse().unwrap();
    for clock in sla_clock::Entity::find().filter(sla_clock::Column::LeadId.eq(lead.uuid())).all(db).await.unwrap() {
        let row = sla_clock::ActiveModel {
            started_at: Set(clock.started_at - by),
            due_at: Set(clock.due_at - by),
            late_after: Set(clock.late_after - by),
            running_since: Set(clock.running_since - by),
            ..clock.into()
        };
        sla_clock::Entity::update(row).exec(db).await.unwrap();
    }
}

/// A lead that sam took so long ago.
async fn taken(app: &App, desk: &Desk<'_>, n: usize, by: TimeDelta) -> Value {
    let lead = desk.ann.has_mql(&format!("l{n}@example.com")).await;
    let offer = desk.ann.offers(&lead, json!({ "userId": desk.sam.id() })).await;
    desk.sam.does("handoff", "Accept", json!({ "id": offer }), "id").await.data();
    ago(app, &lead, by).await;
    lead
}

/// A call of sam's, so long ago.
fn call(desk: &Desk<'_>, lead: &Value, ago: TimeDelta) -> Value {
    let at = (Utc::now() - ago).to_rfc3339();
    json!({ "kind": "CALL", "direction": "OUTBOUND", "subject": "Hello", "leadId": lead, "happenedAt": at, "ownerId": desk.sam.id() })
}

async fn response(desk: &Desk<'_>, lead: &Value) -> (Value, bool, i64) {
    let said = "slaClocks(filter: { kind: { eq: FIRST_RESPONSE } }) { nodes { status metAt businessSeconds } }";
    let clock = desk.ann.sees("lead", lead, said).await["slaClocks"]["nodes"][0].clone();
    let seconds = clock["businessSeconds"].to_string().trim_matches('"').parse().unwrap_or(-1);
    (clock["status"].clone(), clock["metAt"].is_string(), seconds)
}

on_both! {
    async fn nobody_makes_up_for_their_own_lateness_by_what_they_write_down_later(app) {
        let desk = desk(&app, json!({})).await;
        let (days, minutes) = (TimeDelta::days(3), TimeDelta::minutes);
        let back = days - minutes(5);
        for looked in [true, false] {
            let lead = taken(&app, &desk, usize::from(looked), days).await;
            if looked {
                sla::catch_up(&Access::new(app.store.clone(), desk.ann.actor.clone(), None), None).await.unwrap();
                assert_eq!(response(&desk, &lead).await.0, "BREACHED");
            }
            desk.sam.has("activity", call(&desk, &lead, back)).await;
            let (status, met, seconds) = response(&desk, &lead).await;
            assert_eq!((status, met), (json!("BREACHED"), true), "it says when the call is said to have been");
            assert!(seconds > 3 * 86_400 - 60, "and counts until it was written down: {seconds}");
        }
        // somebody else's word is taken, however late
        let lead = taken(&app, &desk, 2, days).await;
        desk.ann.has("activity", call(&desk, &lead, back)).await;
        let (status, _, seconds) = response(&desk, &lead).await;
        assert_eq!((status, (280..=900).contains(&seconds)), (json!("MET"), true), "{seconds}");
    }
}

on_both! {
    async fn a_call_may_be_written_down_by_whoever_made_it_within_an_hour(app) {
        let desk = desk(&app, json!({})).await;
        for (n, since, status) in [(0, 30, "MET"), (1, 59, "MET"), (2, 61, "BREACHED")] {
            // the hour to respond was over ten minutes after the call
            let lead = taken(&app, &desk, n, TimeDelta::minutes(since + 50)).await;
            desk.sam.has("activity", call(&desk, &lead, TimeDelta::minutes(since))).await;
            assert_eq!(response(&desk, &lead).await.0, status, "written down after {since} minutes");
        }
    }
}

on_both! {
    async fn what_ended_a_clock_is_changed_by_nobody_whom_it_measures(app) {
        let desk = desk(&app, json!({})).await;
        let sam = &desk.sam;
        let lead = taken(&app, &desk, 0, TimeDelta::zero()).await;
        let other = taken(&app, &desk, 1, TimeDelta::zero()).await;
        let plain = json!({ "kind": "CALL", "direction": "OUTBOUND", "subject": "Hello", "leadId": lead });
        let call = sam.has("activity", plain.clone()).await;
        assert_eq!(response(&desk, &lead).await.0, "MET");
        let second = sam.has("activity", plain).await;
        let update = async |who: &Person<'_>, id: &Value, more: Value| {
            let mut input = json!({ "id": id });
            input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            who.does("activity", "Update", input, "id").await.code().to_owned()
        };
        for more in [json!({ "leadId": other }), json!({ "leadId": null }), json!({ "happenedAt": "2026-01-01T00:00:00Z" }), json!({ "direction": "INBOUND" })] {
            assert_eq!(update(sam, &call, more).await, "LOCKED");
        }
        assert_eq!(sam.does("activity", "Delete", json!({ "id": call }), "id").await.code(), "LOCKED");
        assert_eq!(response(&desk, &lead).await.0, "MET");
        assert_eq!(update(sam, &call, json!({ "subject": "Hello again" })).await, "", "what it was about is theirs to say");
        assert_eq!(update(sam, &second, json!({ "direction": "INBOUND" })).await, "", "it ended nothing");
        assert_eq!(sam.does("activity", "Delete", json!({ "id": second }), "id").await.code(), "");
        assert_eq!(update(&desk.ann, &call, json!({ "direction": "INBOUND" })).await, "", "somebody else answers for it");
    }
}

on_both! {
    async fn marketings_people_are_known_by_their_teams_and_roles_too(app) {
        let desk = desk(&app, json!({})).await;
        let team = async |kind: &str| desk.ann.has("team", json!({ "name": kind, "kind": kind })).await;
        let teams = [team("MARKETING").await, team("SALES").await];
        let mut n = 0;
        for (role, team, answers) in [
            (Template::MktUser, None, false), (Template::MktManager, None, false), (Template::Sdr, None, true),
            (Template::SalesRep, Some(0), false), (Template::MktUser, Some(1), true),
        ] {
            n += 1;
            let who = person(&app, role, &format!("who{n}")).await;
            if let Some(team) = team {
                desk.ann.has("membership", json!({ "teamId": teams[team], "userId": who.id() })).await;
            }
            let lead = taken(&app, &desk, n, TimeDelta::zero()).await;
            let mail = json!({ "kind": "MAIL", "direction": "OUTBOUND", "subject": "News", "leadId": lead, "ownerId": who.id() });
            desk.ann.has("activity", mail).await;
            assert_eq!(response(&desk, &lead).await.0, if answers { "MET" } else { "PENDING" }, "{role:?} {team:?}");
        }
    }
}

on_both! {
    async fn an_answer_belongs_to_when_its_lead_was_offered_whatever_its_clock_counts_from(app) {
        let desk = desk(&app, json!({ "clockStart": "QUALIFIED" })).await;
        let lead = desk.ann.has_mql("joe@example.com").await;
        let id: LeadId = lead.as_str().unwrap().parse().unwrap();
        let long_ago = Utc::now() - TimeDelta::days(10);
        let moved = "UPDATE lead_status_change SET at = $1 WHERE lead_id = $2";
        let moved = sea_orm::Statement::from_sql_and_values(app.store.backend(), moved, [long_ago.into(), id.uuid().into()]);
        sea_orm::ConnectionTrait::execute_raw(app.store.migrator(), moved).await.unwrap();
        desk.ann.offers(&lead, json!({ "userId": desk.sam.id() })).await;
        let counted = async |from: DateTime<Utc>, to: DateTime<Utc>| {
            let (from, to) = (from.to_rfc3339(), to.to_rfc3339());
            let period = format!("period: {{ start: \"{from}\", end: \"{to}\" }}");
            let asked = format!("{{ slaResponseTimes(input: {{ {period} }}) {{ unanswered }}
                metric(key: RESPONSE_TIME_P50, {period}) {{ formulaVersion explain {{ inputs {{ name count }} }} }} }}");
            let told = desk.ann.ask(&asked, json!({})).await.data().clone();
            assert_eq!(told["metric"]["formulaVersion"], 3);
            (told["slaResponseTimes"]["unanswered"].clone(), told["metric"]["explain"]["inputs"][1]["count"].clone())
        };
        let now = Utc::now();
        assert_eq!(counted(now - TimeDelta::days(1), now + TimeDelta::days(1)).await, (json!(1), json!(1)));
        assert_eq!(counted(long_ago - TimeDelta::days(1), long_ago + TimeDelta::days(1)).await, (json!(0), json!(0)));
    }
}
