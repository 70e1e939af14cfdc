//! Who reaches whose records of customers and sales.

use api::actor::{Permission as P, Reach, Scope};

use crate::harness::{json, on_both};

const OWN: Reach = Reach { scope: Scope::Own, unassigned: false };

on_both! {
    async fn an_opportunity_is_read_by_who_owns_its_lead_but_not_changed(app) {
        let ann = app.admin();
        ann.sells().await;
        let sdr = app.holding(ann.actor.organization, &[
            (P::LeadCreate, OWN), (P::LeadRead, OWN), (P::OpportunityRead, OWN), (P::OpportunityReadLinked, OWN), (P::OpportunityUpdate, OWN),
        ]);
        let lead = sdr.has("lead", json!({ "email": "joe@example.com" })).await;
        let deal = ann.has("opportunity", json!({ "name": "Deal", "sourceLeadId": lead })).await;
        let other = ann.has("opportunity", json!({ "name": "Other" })).await;
        let seen = sdr.sees("opportunity", &deal, "name viewerCan { update } stageChanges { totalCount }").await;
        assert_eq!(seen, json!({ "name": "Deal", "viewerCan": { "update": false }, "stageChanges": { "totalCount": 1 } }));
        assert_eq!(sdr.sees("opportunity", &other, "name").await, json!(null));
        let update = sdr.does("opportunity", "Update", json!({ "id": deal, "name": "Mine" }), "id").await;
        assert_eq!(update.code(), "FORBIDDEN");
        let sums = sdr.ask("{ opportunityAggregate { count } }", json!({})).await;
        assert_eq!(sums.data()["opportunityAggregate"][0]["count"], 1);
    }
}

on_both! {
    async fn a_colleagues_account_and_what_hangs_on_it_do_not_exist_for_me(app) {
        let ann = app.admin();
        ann.sells().await;
        let rep = app.holding(ann.actor.organization, &[
            (P::AccountRead, OWN), (P::ContactRead, OWN), (P::OpportunityRead, OWN), (P::OpportunityUpdate, OWN),
            (P::ProductRead, Reach::ALL), (P::ActivityRead, OWN), (P::ExternalRefRead, OWN),
        ]);
        let acme = ann.has("account", json!({ "name": "Acme" })).await;
        ann.has("contact", json!({ "lastName": "Doe", "accountId": acme })).await;
        ann.has("externalRef", json!({ "recordId": acme, "system": "x", "externalId": "1" })).await;
        let deal = ann.has("opportunity", json!({ "name": "Deal", "accountId": acme })).await;
        let product = ann.has("product", json!({ "name": "Bolt", "listPrice": { "amount": "1", "currency": "EUR" } })).await;
        let lists = "{ accounts { totalCount } contacts { totalCount } contactAccounts { totalCount } externalRefs { totalCount }
            opportunities { totalCount } stageChanges { totalCount } opportunityLines { totalCount } products { totalCount } }";
        let seen = rep.ask(lists, json!({})).await;
        for (list, n) in seen.data().as_object().unwrap() {
            assert_eq!(n["totalCount"], i32::from(list == "products"), "{list}");
        }
        let line = rep.makes("opportunityLine", json!({ "opportunityId": deal, "productId": product })).await;
        assert_eq!(line.code(), "NOT_FOUND");
    }
}

on_both! {
    async fn giving_an_opportunity_away_needs_a_right_of_its_own(app) {
        let (organization, kim) = crate::access::user(&app, "SALES_REP", "kim@example.com").await;
        let kim = json!(kim.to_string());
        let rights = [(P::OpportunityCreate, OWN), (P::OpportunityRead, OWN), (P::OpportunityUpdate, OWN), (P::UserRead, Reach::ALL)];
        let rep = app.holding(organization, &rights);
        rep.sells().await;
        let deal = rep.has("opportunity", json!({ "name": "Deal" })).await;
        let give = json!({ "id": deal, "ownerId": kim, "amount": { "amount": "5", "currency": "EUR" } });
        assert_eq!(rep.does("opportunity", "Update", give.clone(), "id").await.code(), "FORBIDDEN");
        let mut lead = app.holding(organization, &[&rights[..], &[(P::OpportunityAssign, OWN)]].concat());
        lead.actor.user = rep.actor.user;
        assert_eq!(lead.does("opportunity", "Update", give, "id").await.code(), "");
        assert_eq!(lead.sees("opportunity", &deal, "id").await, json!(null));
    }
}

on_both! {
    async fn who_may_only_change_cannot_create_in_bulk(app) {
        let ann = app.admin();
        let mine = ann.has("lead", json!({ "email": "a@example.com" })).await;
        let upsert = "mutation($input: LeadUpsertInput!) { leadUpsert(input: $input) { results { status userErrors { code } } } }";
        let changer = app.holding(ann.actor.organization, &[(P::LeadRead, Reach::ALL), (P::LeadUpdate, Reach::ALL)]);
        let new = changer.ask(upsert, json!({ "input": { "rows": [{ "email": "b@example.com" }] } })).await;
        assert_eq!(new.data()["leadUpsert"]["results"], json!([{ "status": "FAILED", "userErrors": [{ "code": "FORBIDDEN" }] }]));
        let maker = app.holding(ann.actor.organization, &[(P::LeadRead, Reach::ALL), (P::LeadCreate, Reach::ALL)]);
        let rows = json!({ "rows": [{ "id": mine, "title": "CEO" }], "matchOn": "ID" });
        let old = maker.ask(upsert, json!({ "input": rows })).await;
        assert_eq!(old.data()["leadUpsert"]["results"][0]["status"], "FAILED");
        let new = maker.ask(upsert, json!({ "input": { "rows": [{ "email": "b@example.com" }] } })).await;
        assert_eq!(new.data()["leadUpsert"]["results"][0]["status"], "CREATED");
    }
}
