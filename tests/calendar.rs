//! Business calendars, absences and what users are told, through the front door.

use api::{
    access::role::templates::Template,
    actor::{Permission, Reach, Scope},
};
use entity::id::{OrganizationId, RowId};
use serde_json::Value;

use crate::harness::{json, on_both};

pub fn office(zone: &str) -> Value {
    let days = ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY"];
    let hours: Vec<Value> =
        days.iter().map(|day| json!({ "day": day, "opensAt": "09:00", "closesAt": "17:00" })).collect();
    json!({ "name": format!("Office {zone}"), "timeZone": zone, "schedule": { "hours": hours, "holidays": [{ "date": "2026-12-25", "name": "Christmas" }] } })
}

on_both! {
    async fn a_calendar_is_kept_as_it_was_given(app) {
        let ann = app.founder().await;
        let id = ann.has("businessCalendar", office("Europe/Berlin")).await;
        let said = ann.sees("businessCalendar", &id, "name timeZone schedule { hours { day opensAt closesAt } holidays { date name } }").await;
        assert_eq!(said["timeZone"], "Europe/Berlin");
        assert_eq!(said["schedule"]["hours"][4], json!({ "day": "FRIDAY", "opensAt": "09:00", "closesAt": "17:00" }));
        assert_eq!(said["schedule"]["holidays"], json!([{ "date": "2026-12-25", "name": "Christmas" }]));
        assert_eq!(ann.makes("businessCalendar", office("Europe/Berlin")).await.code(), "DUPLICATE");
    }
}

on_both! {
    async fn a_calendar_that_cannot_be_is_refused_with_the_place(app) {
        let ann = app.founder().await;
        let span = |from: &str, to: &str| json!({ "day": "MONDAY", "opensAt": from, "closesAt": to });
        for (hours, field) in [
            (json!([]), vec!["input", "schedule", "hours"]),
            (json!([span("09:00", "9am")]), vec!["input", "schedule", "hours", "0", "closesAt"]),
            (json!([span("22:00", "06:00")]), vec!["input", "schedule", "hours", "0", "closesAt"]),
            (json!([span("09:00", "12:00"), span("11:00", "13:00")]), vec!["input", "schedule", "hours", "1"]),
        ] {
            let input = json!({ "name": "Odd", "timeZone": "UTC", "schedule": { "hours": hours } });
            let answer = ann.makes("businessCalendar", input).await;
            assert_eq!(answer.code(), "VALIDATION", "{}", answer.0);
            assert_eq!(answer.data()["businessCalendarCreate"]["userErrors"][0]["field"], json!(field));
        }
        let zone = ann.makes("businessCalendar", json!({ "name": "Odd", "timeZone": "Mars/Base", "schedule": { "hours": [span("00:00", "24:00")] } })).await;
        assert_eq!(zone.data()["businessCalendarCreate"]["userErrors"][0]["field"], json!(["input", "timeZone"]));
    }
}

on_both! {
    async fn hours_that_somebody_keeps_stay(app) {
        let ann = app.founder().await;
        let id = ann.has("businessCalendar", office("UTC")).await;
        let house = ann.ask("{ organizations { nodes { id } } }", json!({})).await.data()["organizations"]["nodes"][0]["id"].clone();
        let given = ann.does("organization", "Update", json!({ "id": house, "businessCalendarId": id }), "businessCalendar { name }").await;
        assert_eq!(given.data()["organizationUpdate"]["organization"]["businessCalendar"]["name"], "Office UTC");
        assert_eq!(ann.does("businessCalendar", "Delete", json!({ "id": id }), "id").await.code(), "LOCKED");
        ann.does("organization", "Update", json!({ "id": house, "businessCalendarId": null }), "id").await.data();
        assert_eq!(ann.does("businessCalendar", "Delete", json!({ "id": id }), "id").await.code(), "");
        let elsewhere = app.founder().await;
        let home = elsewhere.ask("{ organizations { nodes { id } } }", json!({})).await.data()["organizations"]["nodes"][0]["id"].clone();
        let stolen = elsewhere.does("organization", "Update", json!({ "id": home, "businessCalendarId": id }), "id").await;
        assert_eq!(stolen.code(), "NOT_FOUND");
    }
}

on_both! {
    async fn everybody_keeps_their_own_absences_and_managers_those_below(app) {
        let ann = app.founder().await;
        let invite = "mutation($input: UserInviteInput!) { userInvite(input: $input) { user { id } userErrors { message } } }";
        let made = ann.ask(invite, json!({ "input": { "email": "sam@example.com", "name": "Sam" } })).await;
        let sam = made.data()["userInvite"]["user"]["id"].clone();
        let span = json!({ "userId": sam, "startsAt": "2026-08-07T00:00:00Z", "endsAt": "2026-08-10T00:00:00Z", "reason": "surgery" });
        let id = ann.has("userAbsence", span.clone()).await;
        let backwards = json!({ "userId": sam, "startsAt": "2026-08-07T00:00:00Z", "endsAt": "2026-08-07T00:00:00Z" });
        assert_eq!(ann.makes("userAbsence", backwards).await.code(), "VALIDATION");
        let colleague = app.with_rights(ann.actor.organization, Template::SalesRep.rights());
        assert_eq!(colleague.sees("userAbsence", &id, "reason").await, json!(null));
        assert_eq!(colleague.makes("userAbsence", span).await.code(), "FORBIDDEN");
        let mut own = app.holding(ann.actor.organization, &[(Permission::UserAbsenceRead, Reach { scope: Scope::Own, unassigned: false })]);
        own.actor.user = Some(sam.as_str().unwrap().parse().unwrap());
        assert_eq!(own.sees("userAbsence", &id, "reason").await["reason"], "surgery");
        let stranger = app.with_rights(OrganizationId::from_uuid(uuid::Uuid::now_v7()), Template::Admin.rights());
        assert_eq!(stranger.sees("userAbsence", &id, "id").await, json!(null));
    }
}
