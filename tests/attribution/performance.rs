//! What campaigns came to, and what that cost.

use std::{collections::BTreeMap, path::PathBuf};

use api::actor::{Permission as P, Reach};
use serde_json::{Value, json};

use super::{Shop, settled};
use crate::harness::{Person, on_both};

const PERFORMANCE: &str = "query($ids: [ID!]!, $model: ID!, $period: PeriodInput, $currency: CurrencyCode) { campaignPerformance(campaignIds: $ids, modelId: $model, period: $period, currency: $currency) {
    campaign { name } members responses leads mqls sals sqls opportunities won impressions clicks cost { amount currency } costUnconverted { amount currency }
    roi costPerClick costPerLead customers costPerCustomer
    pipeline { withheld amount { amount } sourced { count amount { amount } } influenced { count overlapping } }
    revenue { withheld amount { amount } sourced { count } influenced { count amount { amount } } } } }";

async fn performance(who: &Person<'_>, ids: &[&Value], model: &Value, more: Value) -> Vec<Value> {
    let mut variables = json!({ "ids": ids, "model": model });
    variables.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    who.ask(PERFORMANCE, variables).await.data()["campaignPerformance"].as_array().unwrap().clone()
}

on_both! {
    async fn from_members_to_return_on_cost(app) {
        let shop = Shop::open(&app).await;
        let ann = &shop.ann;
        let model = shop.agrees("LINEAR", json!({ "model": "LINEAR" })).await;
        let fair = ann.has("campaign", json!({ "name": "Fair", "channel": "PAID_SOCIAL" })).await;
        let idle = ann.has("campaign", json!({ "name": "Idle" })).await;
        for (n, status) in ["NEW", "MQL", "WORKING", "SQL"].into_iter().enumerate() {
            let lead = ann.has("lead", json!({ "email": format!("l{n}@example.com"), "campaignId": fair, "status": status })).await;
            let step = if n == 0 { "LISTED" } else { "ENGAGED" };
            ann.has("campaignMember", json!({ "campaignId": fair, "leadId": lead, "step": step })).await;
        }
        let (account, contact) = shop.buyer("Acme").await;
        shop.touch(&contact, "02-01", 1, json!({ "kind": "AD_CLICK", "channel": "PAID_SOCIAL", "campaignId": fair })).await;
        shop.touch(&contact, "02-02", 2, json!({ "channel": "EMAIL" })).await;
        let deal = json!({ "accountId": account, "primaryContactId": contact, "sourceCampaignId": fair });
        shop.won("First", "1000.00", deal.clone()).await;
        shop.won("Second", "500.00", json!({ "accountId": account, "primaryContactId": contact, "closedAt": "2026-05-01T00:00:00Z" })).await;
        for (day, amount) in [("2026-02-01", "100.00"), ("2026-06-01", "50.00")] {
            ann.has("campaignCost", json!({ "campaignId": fair, "date": day, "kind": "MEDIA", "amount": { "amount": amount, "currency": "EUR" } })).await;
        }
        settled(&app).await;
        let found = performance(ann, &[&fair, &idle], &model, json!({})).await;
        let of = &found[0];
        let counts: Vec<&Value> = ["members", "responses", "leads", "mqls", "sals", "sqls", "opportunities", "won"].iter().map(|name| &of[*name]).collect();
        assert_eq!(counts, [4, 3, 4, 3, 2, 1, 1, 1].map(|n| json!(n)).iter().collect::<Vec<_>>());
        assert_eq!(of["pipeline"], json!({ "withheld": false, "amount": { "amount": "750.00" }, "sourced": { "count": 2, "amount": { "amount": "1500.00" } }, "influenced": { "count": 2, "overlapping": true } }));
        assert_eq!(of["revenue"]["amount"]["amount"], "750.00");
        assert_eq!((&of["cost"]["amount"], &of["roi"]), (&json!("150.00"), &json!("4.000000")));
        assert_eq!((&of["clicks"], &of["costPerClick"], &of["costPerLead"]), (&json!(1), &json!("150.000000"), &json!("37.500000")));
        assert_eq!((&of["customers"], &of["costPerCustomer"]), (&json!("0.500000000000"), &json!("300.000000")), "half of a new customer: the second sale is to the same");
        // the same by the metric: the fair's money for half a customer, nobody paid for the mails
        let cac = |by: &str| {
            let query = format!("{{ metric(key: CAC_ATTRIBUTED, period: {{ start: \"2026-01-01T00:00:00Z\", end: \"2026-07-01T00:00:00Z\" }}, groupBy: [{by}], options: {{ modelId: {model} }}) {{
                value groups {{ key {{ word name }} value numerator denominator }} explain {{ inputs {{ name count records {{ attributionCredits {{ totalCount }} }} }} }} }} }}");
            async move { ann.ask(&query, json!({})).await.data()["metric"].clone() }
        };
        let by_channel = cac("CHANNEL").await;
        let mut of_channels: Vec<_> = by_channel["groups"].as_array().unwrap().iter().map(|g| (g["key"][0]["word"].as_str().unwrap_or("-"), g["value"].as_str(), g["denominator"].as_str())).collect();
        of_channels.sort_unstable();
        assert_eq!(of_channels, [("EMAIL", Some("0.00"), Some("0.5")), ("PAID_SOCIAL", Some("300.00"), Some("0.5"))]);
        assert_eq!(by_channel["value"], "150.00");
        assert_eq!(by_channel["explain"]["inputs"][1], json!({ "name": "customers", "count": 1, "records": { "attributionCredits": { "totalCount": 2 } } }));
        let by_campaign = cac("CAMPAIGN").await;
        let of_fair = json!({ "key": [{ "word": null, "name": "Fair" }], "value": "300.00", "numerator": "150", "denominator": "0.5" });
        assert!(by_campaign["groups"].as_array().unwrap().contains(&of_fair), "{by_campaign}");
        let unknown = ann.ask("{ metric(key: CAC_ATTRIBUTED, period: { start: \"2026-01-01T00:00:00Z\", end: \"2026-07-01T00:00:00Z\" }, options: { modelId: \"agreement_00000000000070008000000000000000\" }) { value } }", json!({})).await;
        assert_eq!(unknown.code(), "BAD_USER_INPUT");
        let nothing = &found[1];
        assert_eq!((&nothing["cost"]["amount"], &nothing["roi"], &nothing["costPerClick"], &nothing["costPerCustomer"]), (&json!("0.00"), &json!(null), &json!(null), &json!(null)), "nothing to divide by is no error");

        let april = json!({ "period": { "start": "2026-04-01T00:00:00Z", "end": "2026-05-01T00:00:00Z" } });
        let april = performance(ann, &[&fair], &model, april).await;
        assert_eq!((&april[0]["revenue"]["amount"]["amount"], &april[0]["cost"]["amount"], &april[0]["leads"], &april[0]["opportunities"], &april[0]["won"]), (&json!("500.00"), &json!("0.00"), &json!(0), &json!(0), &json!(1)));
        ann.has("campaignDelivery", json!({ "campaignId": fair, "date": "2026-02-01", "placement": "ad 1", "impressions": 9000, "clicks": 40 })).await;
        ann.has("campaignDelivery", json!({ "campaignId": fair, "date": "2026-02-02", "impressions": 1000, "clicks": 0 })).await;
        let told = performance(ann, &[&fair], &model, json!({})).await;
        assert_eq!((&told[0]["impressions"], &told[0]["clicks"], &told[0]["costPerClick"]), (&json!(10000), &json!(40), &json!("3.750000")));
        let dollars = ann.ask(PERFORMANCE, json!({ "ids": [fair], "model": model, "currency": "USD" })).await;
        assert_eq!(dollars.0["errors"][0]["extensions"]["userErrorCode"], "FX_RATE_MISSING");
        shop.won("Yankee", "0.00", json!({ "accountId": account, "primaryContactId": contact, "amount": { "amount": "90.00", "currency": "USD" } })).await;
        settled(&app).await;
        let query = PERFORMANCE.replace("currency: $currency)", "currency: $currency, onMissingRate: BUCKET)").replace("revenue { withheld", "revenue { unconverted { amount currency } withheld");
        let left = ann.ask(&query, json!({ "ids": [fair, idle], "model": model })).await.data()["campaignPerformance"].clone();
        assert_eq!(left[0]["revenue"]["unconverted"], json!([{ "amount": "45.00", "currency": "USD" }]), "its half of what has no rate");
        assert_eq!((&left[0]["revenue"]["amount"]["amount"], &left[1]["revenue"]["unconverted"]), (&json!("750.00"), &json!([])));
        assert_eq!((&left[0]["costUnconverted"], &left[0]["roi"], &left[0]["costPerLead"]), (&json!([]), &json!(null), &told[0]["costPerLead"]), "revenue is known in part");
        ann.has("campaignCost", json!({ "campaignId": fair, "date": "2026-02-03", "kind": "TOOL", "amount": { "amount": "7.00", "currency": "USD" } })).await;
        assert_eq!(ann.ask(PERFORMANCE, json!({ "ids": [fair], "model": model })).await.0["errors"][0]["extensions"]["userErrorCode"], "FX_RATE_MISSING");
        let left = ann.ask(&query, json!({ "ids": [fair], "model": model })).await.data()["campaignPerformance"][0].clone();
        assert_eq!((&left["cost"], &left["costUnconverted"]), (&told[0]["cost"], &json!([{ "amount": "7.00", "currency": "USD" }])));
        assert_eq!((&left["costPerLead"], &left["costPerClick"]), (&json!(null), &json!(null)), "cost is known in part");
    }
}

on_both! {
    async fn costs_are_for_fewer_eyes_and_few_sales_for_who_sees_them(app) {
        let shop = Shop::open(&app).await;
        let model = shop.agrees("LINEAR", json!({ "model": "LINEAR" })).await;
        let fair = shop.ann.has("campaign", json!({ "name": "Fair" })).await;
        let (account, contact) = shop.buyer("Acme").await;
        shop.touch(&contact, "02-01", 1, json!({ "campaignId": fair })).await;
        shop.won("One", "1000.00", json!({ "accountId": account, "primaryContactId": contact })).await;
        shop.ann.has("campaignCost", json!({ "campaignId": fair, "date": "2026-02-01", "kind": "MEDIA", "amount": { "amount": "10.00", "currency": "EUR" } })).await;
        settled(&app).await;
        let rights = [(P::MetricRead, Reach::ALL), (P::AgreementRead, Reach::ALL), (P::CampaignRead, Reach::ALL)];
        let clerk = app.holding(shop.ann.actor.organization, &rights);
        let seen = performance(&clerk, &[&fair], &model, json!({})).await;
        assert_eq!((&seen[0]["campaign"]["name"], &seen[0]["cost"], &seen[0]["roi"], &seen[0]["costPerLead"]), (&json!("Fair"), &json!(null), &json!(null), &json!(null)));
        assert_eq!((&seen[0]["revenue"]["withheld"], &seen[0]["revenue"]["amount"], &seen[0]["customers"]), (&json!(true), &json!(null), &json!(null)));
        let stranger = app.holding(shop.ann.actor.organization, &rights[..2]);
        assert_eq!(performance(&stranger, &[&fair], &model, json!({})).await, Vec::<Value>::new(), "a campaign that they do not see");
    }
}

on_both! {
    async fn in_another_currency_a_campaign_has_its_part_of_whole_sales(app) {
        let shop = Shop::open(&app).await;
        let ann = &shop.ann;
        let model = shop.agrees("LINEAR", json!({ "model": "LINEAR" })).await;
        let (fair, mails) = (ann.has("campaign", json!({ "name": "Fair" })).await, ann.has("campaign", json!({ "name": "Mails" })).await);
        let (_, contact) = shop.buyer("Acme").await;
        shop.touch(&contact, "02-01", 1, json!({ "campaignId": fair })).await;
        for n in 2..4 {
            shop.touch(&contact, &format!("02-0{n}"), n, json!({ "campaignId": mails })).await;
        }
        shop.won("Acme", "100.00", json!({ "primaryContactId": contact })).await;
        for day in ["2026-03-02", "2026-04-15"] {
            ann.has("exchangeRate", json!({ "base": "EUR", "quote": "USD", "date": day, "rate": "1.1" })).await;
        }
        settled(&app).await;
        let found = performance(ann, &[&fair], &model, json!({ "currency": "USD" })).await;
        let revenue = &found[0]["revenue"];
        assert_eq!((&revenue["amount"]["amount"], &revenue["influenced"]["amount"]["amount"]), (&json!("36.67"), &json!("110.00")));
        let other = performance(ann, &[&mails], &model, json!({ "currency": "USD" })).await;
        assert_eq!(other[0]["revenue"]["amount"]["amount"], "73.33", "together they are the sale");
        assert_eq!(found[0]["pipeline"]["sourced"], json!({ "count": 1, "amount": { "amount": "110.00" } }));
    }
}

on_both! {
    async fn numbers_of_few_are_told_to_who_sees_them(app) {
        let shop = Shop::open(&app).await;
        let model = shop.agrees("LINEAR", json!({ "model": "LINEAR" })).await;
        let fair = shop.ann.has("campaign", json!({ "name": "Fair" })).await;
        for n in 0..6 {
            let status = if n < 2 { "SQL" } else { "NEW" };
            let lead = shop.ann.has("lead", json!({ "email": format!("l{n}@example.com"), "campaignId": fair, "status": status })).await;
            if n < 4 {
                shop.ann.has("campaignMember", json!({ "campaignId": fair, "leadId": lead })).await;
            }
        }
        settled(&app).await;
        let home = shop.ann.actor.organization;
        let rights = [(P::MetricRead, Reach::ALL), (P::AgreementRead, Reach::ALL), (P::CampaignRead, Reach::ALL)];
        let clerk = app.holding(home, &rights);
        let seen = performance(&clerk, &[&fair], &model, json!({})).await;
        let told = |seen: &[Value]| json!([seen[0]["members"], seen[0]["responses"], seen[0]["leads"], seen[0]["sqls"], seen[0]["won"]]);
        assert_eq!(told(&seen), json!([4, 0, 6, null, 0]), "members are seen with their campaign");
        let reads = app.holding(home, &[&rights[..], &[(P::LeadRead, Reach::ALL), (P::ContactRead, Reach::ALL)]].concat());
        let seen = performance(&reads, &[&fair], &model, json!({})).await;
        assert_eq!(told(&seen), json!([4, 0, 6, 2, 0]));
    }
}

/// Advertisements, clicks, leads and customers of one campaign.
#[derive(Default)]
struct Ads {
    rows: Vec<Value>,
    leads: usize,
    customers: usize,
}

async fn bulk(who: &Person<'_>, record: &str, rows: Vec<Value>) -> Vec<Value> {
    let name = record[..1].to_uppercase() + &record[1..];
    let query = format!(
        "mutation($rows: [{name}UpsertRow!]!) {{ {record}Upsert(input: {{ rows: $rows, atomic: true }}) {{ results {{ status {record} {{ id }} userErrors {{ message field }} }} }} }}"
    );
    let mut ids = vec![];
    for some in rows.chunks(500) {
        let answer = who.ask(&query, json!({ "rows": some })).await;
        for result in answer.data()[format!("{record}Upsert")]["results"].as_array().unwrap() {
            assert_eq!(result["status"], "CREATED", "{result}");
            ids.push(result[record]["id"].clone());
        }
    }
    ids
}

on_both! {
    async fn facebook_ads_have_their_published_figures(app) {
        let Ok(folder) = std::env::var("ACCORD_TEST_DATA") else {
            println!("!! ACCORD_TEST_DATA is not set: the reference figures of kag_facebook_ads were NOT checked");
            return;
        };
        let folder = PathBuf::from(folder).join("kag_facebook_ads");
        let facts: Value = serde_json::from_str(&std::fs::read_to_string(folder.join("facts.json")).unwrap()).unwrap();
        let mut ads: BTreeMap<String, Ads> = BTreeMap::new();
        let mut file = csv::Reader::from_path(folder.join("KAG_conversion_data.csv")).unwrap();
        for row in file.records() {
            let row = row.unwrap();
            let number = |at: usize| row[at].parse::<u64>().unwrap();
            let campaign = ads.entry(row[1].to_owned()).or_default();
            campaign.rows.push(json!({ "placement": row[0], "impressions": number(6), "clicks": number(7), "spent": row[8].parse::<f64>().unwrap() }));
            campaign.leads += number(9) as usize;
            campaign.customers += number(10) as usize;
        }
        let shop = Shop::open(&app).await;
        let model = shop.agrees("FIRST", json!({ "model": "FIRST" })).await;
        let mut ids = vec![];
        for (name, of) in &ads {
            let campaign = shop.ann.has("campaign", json!({ "name": name, "channel": "PAID_SOCIAL" })).await;
            let delivery = |ad: &Value| json!({ "campaignId": campaign, "date": "2026-02-01", "placement": ad["placement"], "impressions": ad["impressions"], "clicks": ad["clicks"] });
            bulk(&shop.ann, "campaignDelivery", of.rows.iter().map(delivery).collect()).await;
            let cost = |ad: &Value| json!({ "campaignId": campaign, "date": "2026-02-01", "kind": "MEDIA", "note": ad["placement"],
                "amount": { "amount": format!("{:.2}", ad["spent"].as_f64().unwrap()), "currency": "EUR" } });
            bulk(&shop.ann, "campaignCost", of.rows.iter().map(cost).collect()).await;
            let lead = |n: usize| json!({ "email": format!("{name}-{n}@example.com"), "campaignId": campaign });
            let leads = bulk(&shop.ann, "lead", (0..of.leads).map(lead).collect()).await;
            let accounts = bulk(&shop.ann, "account", (0..of.customers).map(|n| json!({ "name": format!("{name} {n}") })).collect()).await;
            let click = |lead: &Value| json!({ "kind": "AD_CLICK", "channel": "PAID_SOCIAL", "occurredAt": "2026-02-01T10:00:00Z", "leadId": lead, "campaignId": campaign });
            bulk(&shop.ann, "touchpoint", leads.iter().take(of.customers).map(click).collect()).await;
            let deal = |(account, lead): (&Value, &Value)| json!({ "name": name, "accountId": account, "sourceLeadId": lead, "sourceCampaignId": campaign,
                "stageId": shop.stages["Won"], "openedAt": "2026-03-01T00:00:00Z", "closedAt": "2026-04-01T00:00:00Z", "amount": { "amount": "100", "currency": "EUR" } });
            bulk(&shop.ann, "opportunity", accounts.iter().zip(&leads).map(deal).collect()).await;
            ids.push(campaign);
        }
        settled(&app).await;
        let found = performance(&shop.ann, &ids.iter().collect::<Vec<_>>(), &model, json!({})).await;
        for of in &found {
            let known = facts["by_xyz_campaign_id"].as_array().unwrap().iter().find(|fact| fact["v"] == of["campaign"]["name"]).unwrap();
            assert_eq!((&of["impressions"], &of["clicks"], &of["leads"], &of["won"]), (&known["impressions"], &known["clicks"], &known["leads"], &known["customers"]));
            assert_eq!(of["customers"], json!(format!("{}.000000000000", known["customers"])));
            for (figure, fact) in [("costPerClick", "cpc"), ("costPerLead", "cost_per_lead"), ("costPerCustomer", "cac")] {
                let (measured, expected) = (of[figure].as_str().unwrap().parse::<f64>().unwrap(), known[fact].as_f64().unwrap());
                // spending is known to a billionth there and to a cent here
                assert!((measured - expected).abs() < expected * 1e-4, "{figure} of {known}: {measured}");
            }
        }
        assert_eq!(found.len(), 3);
    }
}
