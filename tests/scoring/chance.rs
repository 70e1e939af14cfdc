//! How likely a lead is to be won, by what became of leads like it.

use api::actor::{Permission, Reach, Scope};

use super::*;

const CHANCE: &str = "query($id: ID!, $days: Int! = 365) { leadChance(leadId: $id, days: $days) {
    chance won lost traits { field value won wonOf lost lostOf } } }";

const OWN: Reach = Reach { scope: Scope::Own, unassigned: false };

/// Four that were won, one of them from the web, three from Germany.
async fn won(ann: &Person<'_>) {
    for (n, (source, country)) in [("web", "DE"), ("fair", "DE"), ("fair", "DE"), ("fair", "FR")].iter().enumerate() {
        let email = format!("won-{n}@example.com");
        let input = json!({ "email": email, "lastName": "Doe", "companyName": email, "status": "SQL", "source": source, "country": country });
        let lead = ann.has("lead", input).await;
        let sale =
            json!({ "id": lead, "opportunity": { "create": { "amount": { "amount": "70", "currency": "EUR" } } } });
        let query = "mutation($input: LeadConvertInput!) { leadConvert(input: $input) { opportunity { id } userErrors { message } } }";
        let made = ann.ask(query, json!({ "input": sale })).await;
        let id = made.data()["leadConvert"]["opportunity"]["id"].clone();
        let win = ann.does("opportunity", "Win", json!({ "id": id }), "stageType").await;
        assert_eq!(win.data()["opportunityWin"]["opportunity"]["stageType"], "WON", "{} {}", made.0, win.0);
    }
}

on_both! {
    async fn a_lead_is_as_likely_to_be_won_as_leads_like_it_were(app) {
        let ann = app.founder().await;
        let ask = async |who: &Person<'_>, lead: &Value| who.ask(CHANCE, json!({ "id": lead })).await.data()["leadChance"].clone();
        let lead = ann.has("lead", json!({ "email": "new@example.com", "source": "web", "country": "DE" })).await;
        assert_eq!(ask(&ann, &lead).await["chance"], json!(null), "nothing has ended yet");
        won(&ann).await;
        for (n, (source, country)) in [("web", "DE"), ("web", "FR"), ("web", "FR"), ("fair", "FR"), ("fair", "FR"), ("fair", "FR")].iter().enumerate() {
            let lost = json!({ "email": format!("lost-{n}@example.com"), "status": "DISQUALIFIED", "disqualifyCategory": "NO_NEED", "source": source, "country": country });
            ann.has("lead", lost).await;
        }
        let found = ask(&ann, &lead).await;
        assert_eq!(found, json!({ "chance": "0.592296", "won": 4, "lost": 6, "traits": [
            { "field": "source", "value": "web", "won": 1, "wonOf": 4, "lost": 3, "lostOf": 6 },
            { "field": "country", "value": "DE", "won": 3, "wonOf": 4, "lost": 1, "lostOf": 6 },
        ] }));
        // who sees none of them learns nothing from them
        let own = app.holding(ann.actor.organization, &[(Permission::LeadRead, OWN), (Permission::LeadCreate, OWN)]);
        let theirs = own.has("lead", json!({ "email": "own@example.com", "source": "web" })).await;
        assert_eq!(ask(&own, &lead).await, json!(null));
        assert_eq!(ask(&own, &theirs).await["won"], 0);
        let wrong = ann.ask(CHANCE, json!({ "id": lead, "days": 0 })).await;
        assert_eq!(wrong.0["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
    }
}
