//! Credit added up: by channel, campaign, content and source, any agreements side by side, the same for everybody.

use api::actor::{Permission as P, Reach, Scope};
use serde_json::{Value, json};

use super::{Shop, settled};
use crate::harness::{Answer, Person, on_both};

const REPORT: &str = "query($period: PeriodInput!, $models: [ID!]!, $by: AttributionGroup, $anchor: AttributionAnchor, $currency: CurrencyCode, $missing: MissingRate) {
    attributionReport(period: $period, models: $models, groupBy: $by, anchor: $anchor, currency: $currency, onMissingRate: $missing) { anchor currency
        models { key version agreementVersion { id } unconverted { amount currency } total { ...f } }
        rows { unattributed channel campaign { name } content source figures { ...f } } } }
    fragment f on AttributionFigures { modelId withheld unconverted { amount currency } amount { amount currency } adjustments { amount } share deals
        influenced { count overlapping amount { amount } } sourced { count overlapping amount { amount } } }";

pub async fn ask(who: &Person<'_>, models: &[&Value], more: Value) -> Answer {
    let mut variables =
        json!({ "period": { "start": "2026-01-01T00:00:00Z", "end": "2026-11-01T00:00:00Z" }, "models": models });
    variables.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    who.ask(REPORT, variables).await
}

pub async fn report(who: &Person<'_>, models: &[&Value], more: Value) -> Value {
    ask(who, models, more).await.data()["attributionReport"].clone()
}

fn cents(text: &Value) -> i64 {
    text.as_str().unwrap().replace('.', "").parse().unwrap()
}

/// What each group earned by the agreement at this place, by the group's name.
fn earned(report: &Value, at: usize, name: impl Fn(&Value) -> Value) -> Vec<(Value, Value)> {
    let rows = report["rows"].as_array().unwrap();
    let group = |row: &Value| if row["unattributed"] == true { json!("nobody") } else { name(row) };
    rows.iter().map(|row| (group(row), row["figures"][at]["amount"]["amount"].clone())).collect()
}

/// Sums of rows are the whole, for each agreement.
pub fn conserved(report: &Value) {
    for (at, model) in report["models"].as_array().unwrap().iter().enumerate() {
        let rows = report["rows"].as_array().unwrap();
        let sum: i64 = rows.iter().map(|row| cents(&row["figures"][at]["amount"]["amount"])).sum();
        assert_eq!(sum, cents(&model["total"]["amount"]["amount"]));
        let parts: i64 = rows.iter().map(|row| cents(&row["figures"][at]["deals"])).sum();
        assert_eq!(parts, cents(&model["total"]["deals"]));
    }
}

/// A fair, then mails, then a search; and a sale that came by itself.
async fn sold(shop: &Shop<'_>) {
    let fair = shop.ann.has("campaign", json!({ "name": "Fair", "channel": "EVENT" })).await;
    let (_, contact) = shop.buyer("Acme").await;
    shop.touch(&contact, "01-05", 0, json!({ "kind": "EVENT_ATTEND", "channel": "EVENT", "campaignId": fair })).await;
    shop.touch(&contact, "02-01", 1, json!({ "channel": "EMAIL", "utmSource": "news", "utmContent": "red" })).await;
    shop.touch(&contact, "02-08", 2, json!({ "channel": "EMAIL", "utmSource": "news", "utmContent": "blue" })).await;
    shop.touch(&contact, "04-01", 3, json!({ "channel": "PAID_SEARCH", "utmSource": "ads" })).await;
    shop.won("Acme", "100.00", json!({ "primaryContactId": contact })).await;
    shop.won("Cold", "11.00", json!({})).await;
}

on_both! {
    async fn agreements_stand_side_by_side_and_groups_add_up_to_the_whole(app) {
        let shop = Shop::open(&app).await;
        sold(&shop).await;
        let linear = shop.agrees("LINEAR", json!({ "model": "LINEAR" })).await;
        let first = shop.agrees("FIRST", json!({ "model": "FIRST" })).await;
        settled(&app).await;
        let ann = &shop.ann;
        let by_channel = report(ann, &[&linear, &first], json!({ "by": "CHANNEL" })).await;
        conserved(&by_channel);
        let pair = |name: &str, amount: &str| (json!(name), json!(amount));
        assert_eq!(earned(&by_channel, 0, |row| row["channel"].clone()), [pair("EMAIL", "50.00"), pair("EVENT", "25.00"), pair("PAID_SEARCH", "25.00"), pair("nobody", "11.00")]);
        assert_eq!(earned(&by_channel, 1, |row| row["channel"].clone()), [pair("EMAIL", "0.00"), pair("EVENT", "100.00"), pair("PAID_SEARCH", "0.00"), pair("nobody", "11.00")]);
        let total = &by_channel["models"][0];
        assert_eq!((&total["key"], &total["agreementVersion"]["id"], &total["total"]["amount"]), (&json!("LINEAR"), &linear, &json!({ "amount": "111.00", "currency": "EUR" })));
        assert_eq!(total["total"]["influenced"], json!({ "count": 1, "overlapping": true, "amount": { "amount": "100.00" } }), "nobody influenced the cold one");
        assert_eq!(total["total"]["sourced"], json!({ "count": 1, "overlapping": false, "amount": { "amount": "100.00" } }));
        let mail = &by_channel["rows"][0]["figures"][0];
        assert_eq!((&mail["share"], &mail["deals"]), (&json!("0.450450"), &json!("0.500000000000")));
        assert_eq!((&mail["influenced"]["count"], &mail["sourced"]["count"]), (&json!(1), &json!(0)));
        assert_eq!(by_channel["rows"][1]["figures"][0]["sourced"]["amount"]["amount"], "100.00", "the fair brought it");

        let by_campaign = report(ann, &[&linear], json!({ "by": "CAMPAIGN" })).await;
        conserved(&by_campaign);
        assert_eq!(earned(&by_campaign, 0, |row| row["campaign"]["name"].clone()), [(json!(null), json!("75.00")), pair("Fair", "25.00"), pair("nobody", "11.00")]);
        let by_content = report(ann, &[&linear], json!({ "by": "CONTENT" })).await;
        assert_eq!(earned(&by_content, 0, |row| row["content"].clone()), [(json!(null), json!("50.00")), pair("blue", "25.00"), pair("red", "25.00"), pair("nobody", "11.00")]);
        let by_source = report(ann, &[&linear], json!({ "by": "SOURCE", "anchor": "OPP_CREATED" })).await;
        conserved(&by_source);
        assert_eq!(earned(&by_source, 0, |row| row["source"].clone()), [pair("news", "66.66"), (json!(null), json!("33.34")), pair("nobody", "11.00")]);
        assert_eq!(report(ann, &[&linear], json!({})).await["rows"], json!([]));
        let until = async |end: &str| {
            let period = json!({ "period": { "start": "2026-01-01T00:00:00Z", "end": end } });
            report(ann, &[&linear], period).await["models"][0]["total"]["amount"]["amount"].clone()
        };
        assert_eq!(until("2026-04-15T00:00:00Z").await, "0.00", "the end is not part of a period");
        assert_eq!(until("2026-04-15T00:00:01Z").await, "111.00", "a day that begins in it is, as a whole");
    }
}

/// Sourced and influenced pipeline as the metrics say.
async fn measured(shop: &Shop<'_>, more: &str) -> [String; 2] {
    let period = "period: { start: \"2026-01-01T00:00:00Z\", end: \"2026-11-01T00:00:00Z\" }";
    let query = format!(
        "{{ sourced: metric(key: PIPELINE_SOURCED, {period} {more}) {{ value }} influenced: metric(key: PIPELINE_INFLUENCED, {period} {more}) {{ value }} }}"
    );
    let told = shop.ann.ask(&query, json!({})).await.data().clone();
    ["sourced", "influenced"].map(|name| told[name]["value"].as_str().unwrap().to_owned())
}

/// And as the report does.
async fn reported(shop: &Shop<'_>, model: &Value) -> [String; 2] {
    let total = report(&shop.ann, &[model], json!({ "anchor": "OPP_CREATED" })).await["models"][0]["total"].clone();
    ["sourced", "influenced"].map(|name| total[name]["amount"]["amount"].as_str().unwrap().to_owned())
}

on_both! {
    async fn metrics_call_sourced_and_influenced_what_the_agreement_does(app) {
        let shop = Shop::open(&app).await;
        // by a fair long before, by mails alone, after a call of ours, and by itself; a committee that marketing met
        for (n, (day, first, later)) in [("01-02", "EVENT", "EMAIL"), ("02-20", "EMAIL", "EMAIL"), ("02-19", "OUTBOUND", "EMAIL")].into_iter().enumerate() {
            let (account, contact) = shop.buyer(&format!("Buyer {n}")).await;
            shop.touch(&contact, day, 0, json!({ "channel": first })).await;
            shop.touch(&contact, "02-25", 1, json!({ "channel": later })).await;
            shop.won("Deal", ["100.00", "20.00", "3.00"][n], json!({ "accountId": account, "primaryContactId": contact })).await;
        }
        let (account, quiet) = shop.buyer("Quiet").await;
        let colleague = shop.ann.has("contact", json!({ "lastName": "Colleague", "accountId": account })).await;
        shop.touch(&colleague, "02-26", 0, json!({ "channel": "WEBINAR" })).await;
        shop.won("Quiet", "0.50", json!({ "accountId": account, "primaryContactId": quiet })).await;
        let default = measured(&shop, "").await;
        assert_eq!(default, ["120.00", "123.00"].map(str::to_owned), "a year, every channel but our own calls, whoever it began with");

        let short = json!({ "model": "FIRST", "lookBackDays": 30, "channels": ["EMAIL"], "people": "ACCOUNT" });
        let before = chrono::Utc::now().to_rfc3339_opts(chrono::SecondsFormat::Micros, true);
        let short = shop.agrees("A_SHORT", short).await;
        let all = shop.agrees("B_ALL", json!({ "model": "LINEAR", "people": "ACCOUNT", "channels": ["EMAIL", "EVENT", "WEBINAR", "OUTBOUND"] })).await;
        settled(&app).await;
        assert_eq!(measured(&shop, "").await, reported(&shop, &short).await, "the first by its key");
        let asked = measured(&shop, &format!(", options: {{ modelId: {all} }}")).await;
        assert_eq!(asked, ["123.00", "123.50"].map(str::to_owned));
        assert_eq!(asked, reported(&shop, &all).await, "the one that is asked for");
        let then = measured(&shop, &format!(", asOf: \"{before}\"")).await;
        assert_eq!(then, default, "when nothing was agreed yet");
        let unknown = shop.ann.ask("{ metric(key: PIPELINE_SOURCED, period: { start: \"2026-01-01T00:00:00Z\", end: \"2026-07-01T00:00:00Z\" }, options: { modelId: \"agreement_00000000000070008000000000000000\" }) { value } }", json!({})).await;
        assert_eq!(unknown.code(), "BAD_USER_INPUT");
    }
}

on_both! {
    async fn what_was_merged_since_is_sourced_and_influenced_as_before(app) {
        let shop = Shop::open(&app).await;
        let ((kept, _), (gone, quiet)) = (shop.buyer("Kept").await, shop.buyer("Gone").await);
        let colleague = shop.ann.has("contact", json!({ "lastName": "Colleague", "accountId": gone })).await;
        shop.touch(&colleague, "02-26", 0, json!({ "channel": "WEBINAR" })).await;
        shop.won("Quiet", "0.50", json!({ "accountId": gone, "primaryContactId": quiet })).await;
        let mut leads = vec![];
        for mail in ["a@led.example", "b@led.example", "c@led.example"] {
            leads.push(shop.lead(mail, "2026-02-20T09:00:00Z").await);
        }
        shop.touch(&leads[0], "02-20", 0, json!({ "channel": "EMAIL", "contactId": null, "leadId": leads[0] })).await;
        shop.won("Led", "7.00", json!({ "accountId": kept, "sourceLeadId": leads[0] })).await;
        let all = shop.agrees("ALL", json!({ "model": "LINEAR", "people": "ACCOUNT", "channels": ["EMAIL", "WEBINAR"] })).await;
        settled(&app).await;
        let before = measured(&shop, "").await;
        assert_eq!(before, ["7.00", "7.50"].map(str::to_owned));
        assert_eq!(before, reported(&shop, &all).await);
        // one account of two, and one lead of three, by and by
        for (kind, winner, loser) in [("account", &kept, &gone), ("lead", &leads[1], &leads[0]), ("lead", &leads[2], &leads[1])] {
            let query = format!("mutation($input: MergeInput!) {{ done: {kind}Merge(input: $input) {{ userErrors {{ message }} }} }}");
            let done = shop.ann.ask(&query, json!({ "input": { "winnerId": winner, "loserIds": [loser] } })).await;
            assert_eq!(done.data()["done"]["userErrors"], json!([]), "{}", done.0);
        }
        settled(&app).await;
        assert_eq!(measured(&shop, "").await, before);
        assert_eq!(reported(&shop, &all).await, before);
    }
}

on_both! {
    async fn what_cannot_be_answered_is_refused(app) {
        let shop = Shop::open(&app).await;
        let linear = shop.agrees("LINEAR", json!({ "model": "LINEAR", "anchors": ["WON"] })).await;
        let draft = shop.drafts("DRAFT", json!({ "model": "FIRST" })).await;
        for (models, more) in [
            (vec![], json!({})),
            (vec![&draft], json!({})),
            (vec![&json!("agreement_00000000000070008000000000000000")], json!({})),
            (vec![&linear], json!({ "anchor": "LEAD" })),
            (vec![&linear], json!({ "period": { "start": "2026-02-01T08:00:00Z", "end": "2026-02-01T12:00:00Z" } })),
            (vec![&linear], json!({ "period": { "start": "2026-02-01T00:00:00Z", "end": "2026-02-01T00:00:00Z" } })),
        ] {
            assert_eq!(ask(&shop.ann, &models, more.clone()).await.code(), "BAD_USER_INPUT", "{models:?} {more}");
        }
    }
}

on_both! {
    async fn everybody_reads_the_same_and_sees_behind_it_only_what_is_theirs(app) {
        let shop = Shop::open(&app).await;
        let linear = shop.agrees("LINEAR", json!({ "model": "LINEAR" })).await;
        let (_, contact) = shop.buyer("Acme").await;
        shop.touch(&contact, "02-01", 1, json!({ "channel": "EMAIL" })).await;
        for n in 0..5 {
            shop.won(&format!("Deal {n}"), "10.00", json!({ "primaryContactId": contact })).await;
        }
        let (_, other) = shop.buyer("Other").await;
        shop.touch(&other, "02-01", 2, json!({ "channel": "EVENT" })).await;
        shop.won("Small", "7.00", json!({ "primaryContactId": other })).await;
        settled(&app).await;
        let home = shop.ann.actor.organization;
        let own = Reach { scope: Scope::Own, unassigned: false };
        let rep = app.holding(home, &[(P::MetricRead, Reach::ALL), (P::OpportunityRead, own), (P::AgreementRead, Reach::ALL)]);
        let marketer = app.holding(home, &[(P::MetricRead, Reach::ALL), (P::TouchpointRead, Reach::ALL), (P::AgreementRead, Reach::ALL)]);
        let all = report(&shop.ann, &[&linear], json!({ "by": "CHANNEL" })).await;
        assert_eq!(earned(&all, 0, |row| row["channel"].clone()), [(json!("EMAIL"), json!("50.00")), (json!("EVENT"), json!("7.00"))]);
        let theirs = report(&rep, &[&linear], json!({ "by": "CHANNEL" })).await;
        assert_eq!(report(&marketer, &[&linear], json!({ "by": "CHANNEL" })).await, theirs, "a salesperson and a marketer read the same");
        assert_eq!(theirs["models"], all["models"]);
        assert!(theirs["rows"].as_array().unwrap().iter().all(|row| row["figures"][0]["withheld"] == true), "one sale alone, and what would tell it: {theirs}");
        let behind = "{ attributionCredits { totalCount } }";
        assert_eq!(rep.ask(behind, json!({})).await.data()["attributionCredits"]["totalCount"], 0);
        assert_eq!(shop.ann.ask(behind, json!({})).await.data()["attributionCredits"]["totalCount"], 12);
        for n in 0..4 {
            shop.won(&format!("More {n}"), "7.00", json!({ "primaryContactId": other })).await;
        }
        settled(&app).await;
        let all = report(&shop.ann, &[&linear], json!({ "by": "CHANNEL" })).await;
        assert_eq!(report(&rep, &[&linear], json!({ "by": "CHANNEL" })).await, all, "five are enough");
        let nobody = app.holding(home, &[(P::AgreementRead, Reach::ALL)]);
        let nothing = report(&nobody, &[&linear], json!({ "by": "CHANNEL" })).await;
        assert_eq!(nothing, json!(null));
        let eve = app.founder().await;
        assert_eq!(ask(&eve, &[&linear], json!({})).await.code(), "BAD_USER_INPUT", "another organisation's agreement");
    }
}

on_both! {
    async fn other_currencies_are_converted_sale_by_sale_and_still_add_up(app) {
        let shop = Shop::open(&app).await;
        let ann = &shop.ann;
        sold(&shop).await;
        let (_, contact) = shop.buyer("Yankee").await;
        for (n, channel) in ["EMAIL", "EVENT", "WEBINAR"].into_iter().enumerate() {
            shop.touch(&contact, &format!("02-0{}", n + 1), n, json!({ "channel": channel })).await;
        }
        let dollars = json!({ "primaryContactId": contact, "amount": { "amount": "100.00", "currency": "USD" } });
        shop.won("Yankee", "0.00", dollars).await;
        let linear = shop.agrees("LINEAR", json!({ "model": "LINEAR" })).await;
        settled(&app).await;
        let refused = ask(ann, &[&linear], json!({ "by": "CHANNEL" })).await;
        assert_eq!(refused.code(), "BAD_USER_INPUT");
        assert_eq!(refused.0["errors"][0]["extensions"]["userErrorCode"], "FX_RATE_MISSING", "{}", refused.0);
        assert!(refused.0["errors"][0]["message"].as_str().unwrap().contains("USD/EUR on 2026-04-15"), "{}", refused.0);
        let apart = report(ann, &[&linear], json!({ "by": "CHANNEL", "missing": "BUCKET" })).await;
        assert_eq!(apart["models"][0]["unconverted"], json!([{ "amount": "100.00", "currency": "USD" }]));
        assert_eq!(apart["models"][0]["total"]["amount"]["amount"], "111.00");
        let left: Vec<&Value> = apart["rows"].as_array().unwrap().iter().map(|row| &row["figures"][0]["unconverted"]).collect();
        let third = |amount: &str| json!([{ "amount": amount, "currency": "USD" }]);
        assert_eq!(left.iter().filter(|one| **one != &json!([])).count(), 3, "{apart}");
        assert!(left.contains(&&third("33.34")) && left.contains(&&third("33.33")), "of each group its part: {apart}");

        ann.has("exchangeRate", json!({ "base": "USD", "quote": "EUR", "date": "2026-04-15", "rate": "0.9" })).await;
        settled(&app).await;
        let home = report(ann, &[&linear], json!({ "by": "CHANNEL" })).await;
        conserved(&home);
        assert_eq!(home["models"][0]["total"]["amount"], json!({ "amount": "201.00", "currency": "EUR" }), "a rate that comes later converts what waited");
        let abroad = report(ann, &[&linear], json!({ "by": "CHANNEL", "currency": "USD" })).await;
        conserved(&abroad);
        // 100 of its own, 111.11 and 12.22 by the reverse rate
        assert_eq!(abroad["models"][0]["total"]["amount"], json!({ "amount": "223.33", "currency": "USD" }));
        assert_eq!(abroad["models"][0]["total"]["influenced"]["amount"]["amount"], "211.11");
        let parts = |report: &Value| report["rows"].as_array().unwrap().iter().map(|row| (row["channel"].to_string(), row["figures"][0]["deals"].to_string())).collect::<std::collections::BTreeSet<_>>();
        assert_eq!(parts(&home), parts(&abroad));
        let yen = ask(ann, &[&linear], json!({ "currency": "JPY" })).await;
        assert_eq!(yen.0["errors"][0]["extensions"]["userErrorCode"], "FX_RATE_MISSING");
        let bucket = report(ann, &[&linear], json!({ "currency": "JPY", "missing": "BUCKET" })).await;
        assert_eq!(bucket["models"][0]["unconverted"], json!([{ "amount": "111.00", "currency": "EUR" }, { "amount": "100.00", "currency": "USD" }]));
    }
}

on_both! {
    async fn a_report_costs_the_same_statements_for_many_groups(app) {
        let shop = Shop::open(&app).await;
        let linear = shop.agrees("LINEAR", json!({ "model": "LINEAR" })).await;
        let (_, contact) = shop.buyer("Acme").await;
        shop.won("Deal", "10.00", json!({ "primaryContactId": contact })).await;
        let mut costs = vec![];
        for n in 0..3 {
            let campaign = shop.ann.has("campaign", json!({ "name": format!("C{n}") })).await;
            shop.touch(&contact, "02-01", n, json!({ "campaignId": campaign })).await;
            settled(&app).await;
            let before = app.store.statements();
            let found = report(&shop.ann, &[&linear], json!({ "by": "CAMPAIGN" })).await;
            costs.push(app.store.statements() - before);
            assert_eq!(found["rows"].as_array().unwrap().len(), n + 1);
        }
        assert_eq!(costs, [costs[0]; 3]);
    }
}
