//! What customers cost, pay, and answer when asked.

use api::{
    access::role::templates::Template,
    actor::{Permission, Reach, Rights, Scope},
};
use serde_json::Value;

use crate::{
    harness::{Person, json, on_both},
    metric::{bring, closed, money, stages},
    past::now,
};

/// A metric over March 2026, or another period.
pub async fn over(who: &Person<'_>, key: &str, period: (&str, &str), more: &str, said: &str) -> Value {
    let (start, end) = period;
    let query = format!(
        "{{ metric(key: {key}, period: {{ start: \"{start}T00:00:00Z\", end: \"{end}T00:00:00Z\" }} {more}) {{ {said} }} }}"
    );
    who.ask(&query, json!({})).await.data()["metric"].clone()
}

pub const MARCH: (&str, &str) = ("2026-03-01", "2026-04-01");

pub async fn march(who: &Person<'_>, key: &str, more: &str) -> Value {
    over(who, key, MARCH, more, "value").await["value"].clone()
}

pub async fn accounts(who: &Person<'_>, count: usize) -> Vec<Value> {
    let mut ids = vec![];
    for at in 0..count {
        ids.push(who.has("account", json!({ "name": format!("Customer {at}") })).await);
    }
    ids
}

pub fn contract(account: &Value, monthly: &str, start: &str, end: Option<&str>) -> Value {
    json!({ "accountId": account, "monthlyAmount": money(monthly, "EUR"), "startsOn": start, "endsOn": end })
}

on_both! {
    async fn customers_stay_pay_more_and_pay_less(app) {
        let ann = app.founder().await;
        let accounts = accounts(&ann, 4).await;
        let product = ann.has("product", json!({ "name": "Support" })).await;
        ann.has("customerContract", contract(&accounts[0], "40000", "2026-01-01", None)).await;
        let mut more = contract(&accounts[0], "15000", "2026-03-10", None);
        more["productId"] = product;
        ann.has("customerContract", more).await;
        ann.has("customerContract", contract(&accounts[1], "30000", "2025-01-01", Some("2026-03-15"))).await;
        ann.has("customerContract", contract(&accounts[1], "22000", "2026-03-15", None)).await;
        ann.has("customerContract", contract(&accounts[2], "30000", "2026-03-01", Some("2026-04-02"))).await;
        ann.has("customerContract", contract(&accounts[3], "99000", "2026-03-02", None)).await;
        assert_eq!(march(&ann, "NET_RETENTION", "").await, "1.07", "100,000, and 15,000 more, and 8,000 less");
        assert_eq!(march(&ann, "GROSS_RETENTION", "").await, "0.92");
        assert_eq!(march(&ann, "LOGO_CHURN", "").await, "0");
        assert_eq!(march(&ann, "RECURRING_REVENUE", "").await, "206000.00");
        let april = ("2026-04-01", "2026-05-01");
        let churn = over(&ann, "LOGO_CHURN", april, "", "value explain { inputs { name count records { customerContracts { totalCount nodes { account { name } } } } } }").await;
        assert_eq!(churn["value"], "0.25");
        let lost = &churn["explain"]["inputs"][1];
        assert_eq!(lost["records"]["customerContracts"], json!({ "totalCount": 1, "nodes": [{ "account": { "name": "Customer 2" } }] }));
        assert_eq!(over(&ann, "GROSS_RETENTION", april, "", "value").await["value"], "0.854369", "176,000 of 206,000");
        assert_eq!(over(&ann, "NET_RETENTION", ("2024-01-01", "2024-02-01"), "", "value").await["value"], json!(null));

        // each amount is converted by itself
        ann.has("exchangeRate", json!({ "base": "USD", "quote": "EUR", "date": chrono::Utc::now().date_naive().to_string(), "rate": "0.5" })).await;
        let mut dollars = contract(&accounts[3], "2000.01", "2026-01-01", Some("2026-03-01"));
        dollars["monthlyAmount"] = money("2000.01", "USD");
        ann.has("customerContract", dollars).await;
        assert_eq!(over(&ann, "RECURRING_REVENUE", ("2026-01-15", "2026-02-15"), "", "value").await["value"], "71000.00", "40,000 + 30,000 + 1,000.005, rounded to even");
        let rep = app.with_rights(ann.actor.organization, Template::SalesRep.rights());
        let few = over(&rep, "NET_RETENTION", MARCH, "", "value withheld explain { inputs { records { customerContracts { totalCount } } } }").await;
        assert_eq!((&few["value"], &few["withheld"]), (&json!(null), &json!(true)), "three pay: that is few");
        assert_eq!(few["explain"]["inputs"][0]["records"]["customerContracts"]["totalCount"], 0);
    }
}

on_both! {
    async fn what_a_new_customer_costs_and_when_it_is_paid_back(app) {
        let ann = app.founder().await;
        let stages = stages(&ann).await;
        let accounts = accounts(&ann, 6).await;
        let fair = ann.has("campaign", json!({ "name": "Fair", "channel": "EVENT" })).await;
        let spend = |amount: &str, date: &str| json!({ "campaignId": fair, "date": date, "kind": "MEDIA", "amount": money(amount, "EUR") });
        for (amount, date) in [("30000", "2025-03-01"), ("6000", "2025-03-31"), ("500", "2025-04-01"), ("9000", "2025-02-28")] {
            ann.has("campaignCost", spend(amount, date)).await;
        }
        let mut rows: Vec<Value> = (1..=5).map(|day| closed(&stages["Won"], "10", &format!("03-0{day}"), 1)).collect();
        rows.push(closed(&stages["Won"], "10", "03-09", 1));
        rows.push(closed(&stages["Won"], "10", "02-09", 1));
        rows.push(closed(&stages["Won"], "10", "03-10", 1));
        rows.push(closed(&stages["Won"], "10", "03-11", 1));
        let owners = [Some(0), Some(1), Some(2), Some(3), Some(4), Some(4), Some(5), Some(5), None];
        for (row, at) in rows.iter_mut().zip(owners) {
            row["accountId"] = at.map_or(json!(null), |at: usize| accounts[at].clone());
            row["sourceCampaignId"] = fair.clone();
        }
        bring(&ann, rows).await;
        for account in &accounts[..5] {
            ann.has("customerContract", contract(account, "2000", "2025-03-15", None)).await;
        }
        ann.has("customerContract", contract(&accounts[5], "2000", "2025-01-01", None)).await;
        let spring = ("2025-03-01", "2025-04-01");
        let said = "value numerator denominator withheld explain { inputs { name count value records { campaignCosts { totalCount } opportunities { totalCount } } } }";
        let paid = over(&ann, "CAC_PAID", spring, "", said).await;
        assert_eq!((&paid["value"], &paid["numerator"], &paid["denominator"]), (&json!("7200.00"), &json!("36000"), &json!("5")));
        assert_eq!(paid["explain"]["inputs"][0]["records"], json!({ "campaignCosts": { "totalCount": 2 }, "opportunities": null }));
        let full = over(&ann, "CAC", spring, ", options: { salesCost: \"44000\" }", "value").await;
        assert_eq!(full["value"], "16000.00");
        let options = ", options: { salesCost: \"44000\", grossMargin: \"0.8\" }";
        assert_eq!(over(&ann, "CAC_PAYBACK", spring, options, "value").await["value"], "10");
        assert_eq!(over(&ann, "CLV_TO_CAC", spring, options, "value").await["value"], "6", "96,000 in 60 months, for 16,000");
        for key in ["CAC", "CAC_PAYBACK", "CLV_TO_CAC"] {
            let query = format!("{{ metric(key: {key}, period: {{ start: \"2025-03-01T00:00:00Z\", end: \"2025-04-01T00:00:00Z\" }}, options: {{ grossMargin: \"0.8\" }}) {{ value }} }}");
            assert_eq!(ann.ask(&query, json!({})).await.code(), "BAD_USER_INPUT", "{key} needs to be told what sales cost");
        }
        let left = over(&ann, "CAC_PAID", spring, "", "explain { excluded { reason count } }").await;
        assert_eq!(left["explain"]["excluded"], json!([{ "reason": "Won, but of no account.", "count": 1 }]));
        assert_eq!(over(&ann, "CAC_PAID", spring, ", options: { lagDays: 31 }", "value").await["value"], "1800.00", "what February cost");
        let early = over(&ann, "CAC_PAID", spring, ", asOf: \"2025-03-03T13:00:00Z\"", "value numerator denominator").await;
        assert_eq!(early, json!({ "value": "10000.00", "numerator": "30000", "denominator": "3" }), "three had bought by then");
        let by = over(&ann, "CAC_PAID", spring, ", groupBy: [CHANNEL]", "groups { key { word } value }").await;
        assert_eq!(by["groups"], json!([{ "key": [{ "word": "EVENT" }], "value": "7200.00" }]));

        // costs are not for everybody, nor is what rests on them
        let rep = app.with_rights(ann.actor.organization, Template::SalesRep.rights());
        let theirs = over(&rep, "CAC_PAID", spring, "", said).await;
        assert_eq!((&theirs["value"], &theirs["numerator"], &theirs["withheld"]), (&json!(null), &json!(null), &json!(true)));
        assert_eq!(theirs["explain"]["inputs"][0], json!({ "name": "spent", "count": null, "value": null, "records": { "campaignCosts": { "totalCount": 0 }, "opportunities": null } }));
        let all = app.holding(ann.actor.organization, &[(Permission::MetricRead, Reach::ALL), (Permission::CampaignCostRead, Reach::ALL), (Permission::OpportunityRead, Reach::ALL)]);
        assert_eq!(over(&all, "CAC_PAID", spring, "", "value").await["value"], "7200.00");
    }
}

/// So many contacts who answered this on the day.
async fn answered(who: &Person<'_>, kind: &str, scores: &[(i32, usize)]) -> Vec<Value> {
    let mut contacts = vec![];
    for (score, count) in scores {
        for at in 0..*count {
            let contact = who
                .has("contact", json!({ "lastName": "Doe", "email": format!("{kind}.{score}.{at}@example.com") }))
                .await;
            who.has(
                "surveyResponse",
                json!({ "contactId": contact, "kind": kind, "score": score, "respondedAt": "2026-03-10T12:00:00Z" }),
            )
            .await;
            contacts.push(contact);
        }
    }
    contacts
}

on_both! {
    async fn the_latest_answer_of_each_counts(app) {
        let ann = app.founder().await;
        // half of the worked example
        let contacts = answered(&ann, "NPS", &[(9, 10), (10, 5), (7, 3), (8, 3), (0, 2), (6, 2)]).await;
        let answer = |kind: &str, score: i32, at: &str| json!({ "contactId": contacts[0], "kind": kind, "score": score, "respondedAt": at });
        ann.has("surveyResponse", answer("NPS", 0, "2026-03-09T12:00:00Z")).await;
        let said = "value n explain { inputs { name count records { surveyResponses { totalCount } } } }";
        let score = over(&ann, "NPS", MARCH, "", said).await;
        assert_eq!((&score["value"], &score["n"]), (&json!("44"), &json!(25)));
        assert_eq!(score["explain"]["inputs"][2], json!({ "name": "detractors", "count": 4, "records": { "surveyResponses": { "totalCount": 4 } } }));
        ann.has("surveyResponse", answer("NPS", 5, "2026-03-11T12:00:00Z")).await;
        assert_eq!(march(&ann, "NPS", "").await, "36", "one thought better of it");
        assert_eq!(march(&ann, "NPS", ", asOf: \"2026-03-11T00:00:00Z\"").await, "44");
        assert_eq!(march(&ann, "CSAT", "").await, json!(null));
        answered(&ann, "CSAT", &[(5, 3), (4, 1), (3, 1)]).await;
        assert_eq!(march(&ann, "CSAT", "").await, "0.8");
        let rep = app.with_rights(ann.actor.organization, Template::SalesRep.rights());
        assert_eq!(over(&rep, "NPS", MARCH, "", "value").await["value"], "36", "the same for all");
        for (kind, score) in [("NPS", 11), ("NPS", -1), ("CSAT", 0), ("CSAT", 6)] {
            assert_eq!(ann.makes("surveyResponse", answer(kind, score, "2026-03-12T12:00:00Z")).await.code(), "VALIDATION", "{kind} {score}");
        }
        assert_eq!(ann.makes("surveyResponse", answer("NPS", 3, "2999-03-12T12:00:00Z")).await.code(), "VALIDATION", "not in the future");
    }
}

on_both! {
    async fn an_account_has_one_contract_at_a_time_for_a_product(app) {
        let ann = app.founder().await;
        let account = &accounts(&ann, 1).await[0];
        let first = ann.has("customerContract", contract(account, "10", "2026-01-01", Some("2026-07-01"))).await;
        for (start, end) in [("2026-06-30", None), ("2025-01-01", None), ("2025-01-01", Some("2026-01-02"))] {
            assert_eq!(ann.makes("customerContract", contract(account, "10", start, end)).await.code(), "VALIDATION", "{start}");
        }
        assert_eq!(ann.makes("customerContract", contract(account, "10", "2027-01-01", Some("2027-01-01"))).await.code(), "VALIDATION", "it ends before it starts");
        ann.has("customerContract", contract(account, "10", "2026-07-01", None)).await;
        let longer = ann.does("customerContract", "Update", json!({ "id": first, "endsOn": "2026-07-02" }), "id").await;
        assert_eq!(longer.code(), "VALIDATION");
        let left = ann.does("customerContract", "Update", json!({ "id": first, "endsOn": "2026-06-01", "churnReason": "Too slow" }), "churnReason endsOn").await;
        assert_eq!(left.data()["customerContractUpdate"]["customerContract"], json!({ "churnReason": "Too slow", "endsOn": "2026-06-01" }));
        ann.does("customerContract", "Delete", json!({ "id": first }), "id").await.data();
        let taken = ann.has("customerContract", contract(account, "10", "2026-01-01", Some("2026-06-01"))).await;
        assert_eq!(ann.does("customerContract", "Restore", json!({ "id": first }), "id").await.code(), "CONFLICT", "another has its place");
        ann.does("customerContract", "Delete", json!({ "id": taken }), "id").await.data();
        assert_eq!(ann.does("customerContract", "Restore", json!({ "id": first }), "id").await.code(), "");
        let product = ann.has("product", json!({ "name": "Support" })).await;
        let mut other = contract(account, "10", "2026-01-01", None);
        other["productId"] = product;
        ann.has("customerContract", other).await;
        let rep = app.with_rights(ann.actor.organization, Template::SalesRep.rights());
        assert_eq!(rep.sees("customerContract", &first, "id").await, json!(null), "the account is somebody else's");
    }
}

on_both! {
    async fn what_people_stood_by_is_held_against_what_was_won(app) {
        let ann = crate::import::someone(&app, "acme").await;
        let stages = ann.sells().await;
        let kim = crate::metric::seller(&app, &ann, "kim", None).await;
        bring(&ann, vec![closed(&stages["Won"], "600", "03-01", 1), closed(&stages["Won"], "400", "03-02", 1)]).await;
        let ever = ("2020-01-01", "2090-01-01");
        let says = |owner: &Person<'_>, category: &str, amount: &str| json!({ "ownerId": owner.actor.user.unwrap().to_string(), "startsOn": ever.0, "endsOn": ever.1, "category": category, "amount": money(amount, "EUR") });
        let accuracy = |more: String| {
            let ann = &ann;
            async move { over(ann, "FORECAST_ACCURACY", ever, &more, "value").await["value"].clone() }
        };
        assert_eq!(accuracy(String::new()).await, json!(null), "nobody said anything");
        ann.has("forecastSubmission", says(&ann, "COMMIT", "300")).await;
        ann.has("forecastSubmission", says(&ann, "BEST_CASE", "9000")).await;
        let then = now();
        ann.has("forecastSubmission", says(&ann, "COMMIT", "650")).await;
        kim.has("forecastSubmission", says(&kim, "COMMIT", "300")).await;
        assert_eq!(accuracy(String::new()).await, "0.95", "950 of 1,000");
        assert_eq!(accuracy(format!(", asOf: \"{then}\"")).await, "0.3", "what was said first");
        assert_eq!(accuracy(format!(", filter: {{ ownerIds: [\"{}\"] }}", ann.actor.user.unwrap())).await, "0.65");
        let forecast = ann.ask("{ pipelineForecast(period: { start: \"2020-01-01T00:00:00Z\", end: \"2090-01-01T00:00:00Z\" }) { parts { category submitted { amount } } } }", json!({})).await;
        let parts = forecast.data()["pipelineForecast"]["parts"].as_array().unwrap().clone();
        assert_eq!(parts[..3], [("COMMIT", json!({ "amount": "950.00" })), ("BEST_CASE", json!({ "amount": "9000.00" })), ("PIPELINE", json!(null))].map(|(category, submitted)| json!({ "category": category, "submitted": submitted })));
        let mut other = says(&ann, "COMMIT", "5");
        other["endsOn"] = json!("2089-01-01");
        ann.has("forecastSubmission", other).await;
        assert_eq!(accuracy(String::new()).await, "0.95", "another period is another forecast");
        let chain = kim.ask("{ forecastSubmissions { totalCount nodes { amount { amount } owner { name } } } }", json!({})).await;
        assert_eq!(chain.data()["forecastSubmissions"]["nodes"], json!([{ "amount": { "amount": "300.00" }, "owner": { "name": "kim" } }]), "others' are not theirs to see");
        let theirs = kim.makes("forecastSubmission", says(&ann, "COMMIT", "1")).await;
        assert!(["FORBIDDEN", "NOT_FOUND"].contains(&theirs.code()), "{}", theirs.0);
        let mut backwards = says(&ann, "COMMIT", "1");
        backwards["endsOn"] = json!("2019-01-01");
        assert_eq!(ann.makes("forecastSubmission", backwards).await.code(), "VALIDATION");
        let everything = app.with_rights(ann.actor.organization, Rights::everything());
        assert_eq!(over(&everything, "FORECAST_ACCURACY", ever, "", "value").await["value"], "0.95");
    }
}

on_both! {
    async fn data_health_is_the_mean_of_what_passes(app) {
        let ann = app.founder().await;
        let said = "value n explain { inputs { name count records { accounts { totalCount } leads { totalCount } } } }";
        assert_eq!(over(&ann, "DATA_HEALTH", MARCH, "", said).await["value"], json!(null), "there is nothing yet");
        let full = json!({ "name": "Full", "domain": "full.example", "industry": "finance", "country": "DE" });
        let account = ann.has("account", full).await;
        ann.has("account", json!({ "name": "Bare" })).await;
        ann.has("contact", json!({ "lastName": "Doe", "email": "doe@full.example", "accountId": account })).await;
        ann.has("contact", json!({ "lastName": "Nobody" })).await;
        ann.has("lead", json!({ "lastName": "Poe", "email": "poe@new.example", "companyName": "New", "source": "web" })).await;
        ann.has("lead", json!({ "lastName": "Roe", "companyName": "Other" })).await;
        ann.has("lead", json!({ "lastName": "Moe", "status": "DISQUALIFIED", "disqualifyCategory": "NO_NEED" })).await;
        let stages = stages(&ann).await;
        bring(&ann, vec![
            crate::metric::open(&stages["Proposal"], "5", "2099-01-01"),
            crate::metric::open(&stages["Proposal"], "5", "2025-01-01"),
            closed(&stages["Lost"], "5", "03-01", 1),
        ]).await;
        let health = over(&ann, "DATA_HEALTH", MARCH, "", said).await;
        assert_eq!((&health["value"], &health["n"]), (&json!("0.666667"), &json!(8)), "half of all but amounts, and the duplicates, of which there are none: {health}");
        assert_eq!(health["explain"]["inputs"][0]["records"], json!({ "accounts": { "totalCount": 2 }, "leads": null }));
        assert_eq!(health["explain"]["inputs"][4]["records"], json!({ "accounts": null, "leads": { "totalCount": 2 } }));
        let past = ann.ask("{ metric(key: DATA_HEALTH, period: { start: \"2026-03-01T00:00:00Z\", end: \"2026-04-01T00:00:00Z\" }, asOf: \"2026-03-01T00:00:00Z\") { value } }", json!({})).await;
        assert_eq!(past.code(), "BAD_USER_INPUT", "it is known only as it is");
    }
}

on_both! {
    async fn why_business_is_lost(app) {
        let ann = app.founder().await;
        let stages = stages(&ann).await;
        let lost = |reason: &str, rival: Option<&str>, day: usize| {
            let mut row = closed(&stages["Lost"], "10", &format!("03-{day:02}"), 1);
            (row["lossReason"], row["competitor"]) = (json!(reason), json!(rival));
            row
        };
        let mut rows: Vec<Value> = (1..=6).map(|day| lost("COMPETITOR", Some("Rival"), day)).collect();
        rows.extend((1..=5).map(|day| lost("PRICE", None, day)));
        rows.push(lost("DUPLICATE", Some("Rival"), 9));
        let mut won = closed(&stages["Won"], "10", "03-09", 1);
        won["competitor"] = json!("Rival");
        rows.push(won);
        bring(&ann, rows).await;
        let spring = ("2025-03-01", "2025-04-01");
        let said = "value groups { key { word } value } explain { excluded { count } }";
        let by = over(&ann, "LOSSES", spring, ", groupBy: [LOSS_REASON]", said).await;
        let group = |word: Option<&str>, value: &str| json!({ "key": [{ "word": word }], "value": value });
        assert_eq!((&by["value"], &by["explain"]["excluded"][0]["count"]), (&json!("11"), &json!(1)));
        assert_eq!(by["groups"], json!([group(Some("COMPETITOR"), "6"), group(Some("PRICE"), "5")]));
        let by = over(&ann, "LOSSES", spring, ", groupBy: [COMPETITOR]", said).await;
        assert_eq!(by["groups"], json!([group(None, "5"), group(Some("Rival"), "6")]));
        let against = over(&ann, "WIN_RATE", spring, ", filter: { competitors: [\"Rival\"] }", "value").await;
        assert_eq!(against["value"], "0.142857", "one of seven");
    }
}

on_both! {
    async fn who_is_deleted_pays_nothing_and_totals_are_not_held_against_groups(app) {
        let ann = app.founder().await;
        let accounts = accounts(&ann, 2).await;
        for account in &accounts {
            ann.has("customerContract", contract(account, "100", "2026-01-01", None)).await;
        }
        let both = march(&ann, "RECURRING_REVENUE", "").await;
        ann.does("account", "Delete", json!({ "id": accounts[0] }), "id").await.data();
        let one = march(&ann, "RECURRING_REVENUE", "").await;
        let number = |v: &Value| v.as_str().unwrap().parse::<f64>().unwrap();
        assert!((number(&both) - 2.0 * number(&one)).abs() < 0.001, "{both} {one}");
        let query = "{ metric(key: CAC, period: { start: \"2026-03-01T00:00:00Z\", end: \"2026-04-01T00:00:00Z\" }, groupBy: [CHANNEL], options: { salesCost: \"10\" }) { value } }";
        assert_eq!(ann.ask(query, json!({})).await.code(), "BAD_USER_INPUT");
    }
}

on_both! {
    async fn a_contract_is_changed_by_who_changes_sales_of_its_accounts_owner(app) {
        let ann = app.admin();
        let own = Reach { scope: Scope::Own, unassigned: false };
        let rep = app.holding(ann.actor.organization, &[
            (Permission::AccountRead, Reach::ALL),
            (Permission::AccountCreate, own),
            (Permission::OpportunityRead, Reach::ALL),
            (Permission::OpportunityUpdate, own),
        ]);
        let theirs = ann.has("account", json!({ "name": "Acme" })).await;
        let id = ann.has("customerContract", contract(&theirs, "40000", "2026-01-01", None)).await;
        assert_eq!(rep.sees("customerContract", &id, "id").await["id"], id);
        let end = json!({ "id": id, "endsOn": "2026-02-01" });
        assert_eq!(rep.does("customerContract", "Update", end.clone(), "id").await.code(), "FORBIDDEN");
        assert_eq!(rep.does("customerContract", "Delete", json!({ "id": id }), "id").await.code(), "FORBIDDEN");
        let own = rep.has("account", json!({ "name": "Beta" })).await;
        let id = rep.has("customerContract", contract(&own, "100", "2026-01-01", None)).await;
        assert_eq!(rep.does("customerContract", "Update", json!({ "id": id, "endsOn": "2026-02-01" }), "id").await.code(), "");
        assert_eq!(ann.does("customerContract", "Update", end, "id").await.code(), "");
    }
}

on_both! {
    async fn two_who_change_contracts_at_once_do_not_make_them_overlap(app) {
        let ann = app.admin();
        let account = ann.has("account", json!({ "name": "Acme" })).await;
        let first = ann.has("customerContract", contract(&account, "1", "2026-01-01", Some("2026-02-01"))).await;
        let second = ann.has("customerContract", contract(&account, "1", "2026-03-01", Some("2026-04-01"))).await;
        for _ in 0..5 {
            let longer = ann.does("customerContract", "Update", json!({ "id": first, "endsOn": "2026-02-20" }), "id");
            let sooner = ann.does("customerContract", "Update", json!({ "id": second, "startsOn": "2026-02-10" }), "id");
            let (longer, sooner) = tokio::join!(longer, sooner);
            let codes = [longer.code(), sooner.code()];
            assert!(codes.contains(&"VALIDATION") && codes.contains(&""), "{codes:?}: each fits alone, not both");
            for (id, field, day) in [(&first, "endsOn", "2026-02-01"), (&second, "startsOn", "2026-03-01")] {
                assert_eq!(ann.does("customerContract", "Update", json!({ "id": id, field: day }), "id").await.code(), "");
            }
        }
    }
}
