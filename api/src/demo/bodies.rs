//! What the agreements of the demo organisation about leads say, as clients would write it.

use serde_json::{Value, json};

use super::{
    desk::{Desk, id},
    people::STAN,
    write::Ground,
};

fn title(part: &str) -> Value {
    json!({ "contains": { "field": "title", "text": part } })
}

fn country(codes: &[&str]) -> Value {
    let values: Vec<Value> = codes.iter().map(|code| json!({ "text": code })).collect();
    json!({ "in": { "field": "country", "values": values } })
}

pub fn scoring() -> Value {
    let leads: Vec<Value> = ["Head", "Director", "Lead", "Manager"].map(title).to_vec();
    let fit = |name: &str, when: Value, points: i32| json!({ "name": name, "when": when, "points": points });
    let touches = |name: &str, group: &str, kinds: &[&str], points: i32| json!({ "name": name, "group": group, "touchpoints": { "kinds": kinds }, "points": points });
    json!({ "scoring": {
        "fit": [
            fit("Decides on budgets", title("Chief"), 20),
            fit("Leads a team", json!({ "or": leads }), 12),
            fit("In our core market", country(&["DE", "AT", "CH"]), 10),
            fit("Of a company we know", json!({ "exists": "matchedAccountId" }), 8),
            fit("Only looks around", title("Analyst"), -10),
        ],
        "engagement": [
            touches("Asked for something", "Web", &["FORM_SUBMIT", "CHAT"], 25),
            touches("Read something", "Web", &["CONTENT_VIEW", "WEB_VISIT"], 6),
            touches("Clicked", "Web", &["AD_CLICK", "EMAIL_CLICK"], 4),
            touches("Came to an event", "Events", &["EVENT_ATTEND", "MEETING"], 25),
            { "name": "Turned to us", "group": "Talks", "activities": { "direction": "INBOUND" }, "points": 10 },
        ],
        "groups": [{ "name": "Web", "cap": 60 }, { "name": "Events", "cap": 50 }],
        "halfLifeDays": 45,
        "grades": { "aFrom": 20, "bFrom": 10, "oneFrom": 20, "twoFrom": 5 },
    } })
}

/// When marketing may offer a lead; the stricter version wants fresh interest.
pub fn mql(stricter: bool) -> Value {
    let strong = ["FORM_SUBMIT", "CHAT", "EVENT_ATTEND", "MEETING"];
    let interest = if stricter {
        json!({ "or": [
            { "touchpoints": { "kinds": strong, "withinDays": 30 } },
            { "touchpoints": { "withinDays": 30, "atLeast": 3 } },
        ] })
    } else {
        json!({ "touchpoints": { "withinDays": 90 } })
    };
    json!({ "qualification": { "criteria": [
        { "label": "We can reach them", "when": { "exists": "email" } },
        { "label": "Belongs to a company", "when": { "exists": "companyName" } },
        { "label": "Shows interest", "when": interest },
    ] } })
}

/// When a lead is worth an opportunity: need, authority and timing; budget too in what is proposed.
pub fn sql(budget: bool) -> Value {
    let heard = ["DECIDES", "INFLUENCES"].map(|word| json!({ "text": word }));
    let mut criteria = vec![
        json!({ "label": "The need is known", "when": { "exists": "need" } }),
        json!({ "label": "Decides or is heard", "when": { "in": { "field": "authority", "values": heard } } }),
        json!({ "label": "Buys within a year", "when": { "lte": { "field": "buysBy", "value": { "days": 365 } } } }),
    ];
    if budget {
        criteria.push(json!({ "label": "Has a budget", "when": { "exists": "budget" } }));
    }
    json!({ "qualification": { "criteria": criteria } })
}

/// By country to the pool that speaks its language; to the head of sales where nobody else is found.
pub fn routing(ground: Ground<'_>, desk: &Desk) -> Value {
    let pool = |at: usize, skills: &[&str]| json!({ "action": "POOL", "poolId": id("pool", desk.pools[at]), "skills": skills });
    json!({ "routing": {
        "onCreate": false,
        "accountOwnerFirst": false,
        "rules": [
            { "label": "French", "when": country(&["FR", "BE"]), "then": pool(1, &["french"]) },
            { "label": "South", "when": country(&["NL", "ES", "IT"]), "then": pool(1, &[]) },
            { "label": "North", "then": pool(0, &[]) },
        ],
        "fallback": { "action": "USER", "userId": ground.people[STAN].to_string() },
        "offerMinutes": 3 * 24 * 60,
    } })
}

pub fn response_times(desk: &Desk) -> Value {
    let target = |kind: &str, minutes: i32| json!({ "kind": kind, "minutes": minutes });
    let urgent = |kind: &str, minutes: i32| json!({ "kind": kind, "priority": "URGENT", "minutes": minutes });
    let step = |after: i32, action: &str| json!({ "afterPct": after, "action": action });
    json!({ "sla": {
        "targets": [
            target("ACCEPT", 60),
            urgent("ACCEPT", 30),
            target("FIRST_RESPONSE", 60),
            urgent("FIRST_RESPONSE", 30),
        ],
        "calendarId": id("business_calendar", desk.hours),
        "clockStart": "ACCEPTED",
        "ladder": [step(80, "NOTIFY"), step(100, "NOTIFY"), step(400, "REASSIGN")],
        "priorities": [{ "priority": "URGENT", "when": title("Chief") }],
        "volumes": [{ "status": "MQL", "leads": 80, "period": "MONTH" }],
    } })
}

/// What counts how much in the alignment index.
pub fn index() -> Value {
    let weights = json!({ "acceptance": "0.2", "slaAttainment": "0.2", "followUpDepth": "0.1", "targetListAgreement": "0.15",
        "goalOwnership": "0.15", "contentUtilisation": "0.1", "dataHealth": "0.1" });
    json!({ "alignmentIndex": { "weights": weights } })
}
