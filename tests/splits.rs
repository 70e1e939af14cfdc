//! Shares in sales: set all at once, 100 percent together, seen and set by whom they concern.

use api::access::role::templates::Template;
use serde_json::Value;

use crate::{
    handoff::person,
    harness::{Answer, Person, json, on_both},
};

const SET: &str = "mutation($input: OpportunitySplitsSetInput!) { opportunitySplitsSet(input: $input) {
    opportunity { splits(orderBy: [{ field: PERCENT, direction: DESC }]) { nodes { role percent user { id } } } }
    userErrors { code message field } } }";

async fn set(who: &Person<'_>, deal: &Value, splits: &[(&Value, &str, &str)]) -> Answer {
    let each =
        |(user, role, percent): &(&Value, &str, &str)| json!({ "userId": user, "role": role, "percent": percent });
    let splits: Vec<Value> = splits.iter().map(each).collect();
    who.ask(SET, json!({ "input": { "opportunityId": deal, "splits": splits } })).await
}

fn shares(answer: &Answer) -> Vec<(String, String)> {
    let nodes = &answer.data()["opportunitySplitsSet"]["opportunity"]["splits"]["nodes"];
    let text = |v: &Value| v.as_str().unwrap().to_owned();
    nodes.as_array().unwrap().iter().map(|n| (text(&n["role"]), text(&n["percent"]))).collect()
}

on_both! {
    async fn shares_are_a_hundred_percent_and_replace_each_other(app) {
        let mut ann = person(&app, Template::Admin, "ann").await;
        ann.actor.rights = api::actor::Rights::everything().into();
        let (rep, sdr) = (person(&app, Template::SalesRep, "rep").await.id(), person(&app, Template::Sdr, "sdr").await.id());
        let mia = person(&app, Template::MktManager, "mia").await.id();
        ann.sells().await;
        let deal = ann.has("opportunity", json!({ "name": "Deal", "ownerId": rep })).await;
        let done = set(&ann, &deal, &[(&rep, "OWNER", "70"), (&sdr, "SDR", "20"), (&mia, "MARKETING", "10.00"), (&mia, "OVERLAY", "100")]).await;
        let wanted = [("OVERLAY", "100"), ("OWNER", "70"), ("SDR", "20"), ("MARKETING", "10")];
        assert_eq!(shares(&done), wanted.map(|(role, percent)| (role.to_owned(), percent.to_owned())));

        for (wrong, code) in [
            (vec![(&rep, "OWNER", "99.99")], "VALIDATION"),
            (vec![(&rep, "OWNER", "100"), (&sdr, "SDR", "0.01")], "VALIDATION"),
            (vec![(&rep, "OVERLAY", "100")], "VALIDATION"),
            (vec![(&rep, "OWNER", "50.005"), (&sdr, "SDR", "49.995")], "VALIDATION"),
            (vec![(&rep, "OWNER", "150"), (&sdr, "SDR", "-50")], "VALIDATION"),
            (vec![(&rep, "OWNER", "50"), (&rep, "OWNER", "50")], "DUPLICATE"),
            (vec![(&json!("user_00000000000070008000000000000000"), "OWNER", "100")], "NOT_FOUND"),
        ] {
            assert_eq!(set(&ann, &deal, &wrong).await.code(), code, "{wrong:?}");
        }
        let again = set(&ann, &deal, &[(&rep, "OWNER", "60"), (&mia, "MARKETING", "40")]).await;
        assert_eq!(shares(&again), [("OWNER", "60"), ("MARKETING", "40")].map(|(r, p)| (r.to_owned(), p.to_owned())));
        assert_eq!(shares(&set(&ann, &deal, &[]).await), []);
        assert_eq!(shares(&set(&ann, &deal, &[(&rep, "OWNER", "100")]).await).len(), 1, "what went may come back");
    }
}

on_both! {
    async fn who_sells_sees_shares_and_does_not_set_them(app) {
        let mut ann = person(&app, Template::Admin, "ann").await;
        ann.actor.rights = api::actor::Rights::everything().into();
        let (rep, other) = (person(&app, Template::SalesRep, "rep").await, person(&app, Template::SalesRep, "other").await);
        ann.sells().await;
        let deal = ann.has("opportunity", json!({ "name": "Deal", "ownerId": rep.id() })).await;
        set(&ann, &deal, &[(&rep.id(), "OWNER", "100")]).await.data();
        let count = async |who: &Person<'_>| who.ask("{ opportunitySplits { totalCount } }", json!({})).await.data()["opportunitySplits"]["totalCount"].clone();
        assert_eq!((count(&rep).await, count(&other).await), (json!(1), json!(0)));
        for who in [&rep, &other] {
            assert_eq!(set(who, &deal, &[(&rep.id(), "OWNER", "100")]).await.code(), "FORBIDDEN");
        }
        let eva = person(&app, Template::SalesManager, "eva").await;
        assert_eq!(set(&eva, &deal, &[]).await.code(), "NOT_FOUND", "not one of her people's");
        let stale = json!({ "opportunityId": deal, "expectedVersion": 9, "splits": [] });
        assert_eq!(ann.ask(SET, json!({ "input": stale })).await.code(), "CONFLICT");
    }
}

on_both! {
    async fn nobody_raises_their_own_share_of_what_is_won(app) {
        let mut ann = person(&app, Template::Admin, "ann").await;
        ann.actor.rights = api::actor::Rights::everything().into();
        let (eva, rep) = (person(&app, Template::SalesManager, "eva").await, person(&app, Template::SalesRep, "rep").await);
        ann.does("user", "Update", json!({ "id": rep.id(), "reportsToId": eva.id() }), "id").await.data();
        ann.sells().await;
        let deal = ann.has("opportunity", json!({ "name": "Deal", "ownerId": rep.id(), "amount": { "amount": "5", "currency": "EUR" } })).await;
        let (rep, me) = (rep.id(), eva.id());
        let half = [(&rep, "OWNER", "50"), (&me, "SE", "50")];
        assert_eq!(set(&eva, &deal, &half).await.code(), "");
        ann.does("opportunity", "Win", json!({ "id": deal }), "id").await.data();
        assert_eq!(set(&eva, &deal, &half).await.code(), "", "as it was");
        assert_eq!(set(&eva, &deal, &[(&rep, "OWNER", "40"), (&me, "SE", "60")]).await.code(), "LOCKED");
        assert_eq!(set(&eva, &deal, &[(&rep, "OWNER", "50"), (&me, "SE", "50"), (&me, "OVERLAY", "10")]).await.code(), "LOCKED");
        assert_eq!(set(&eva, &deal, &[(&rep, "OWNER", "60"), (&me, "SE", "40")]).await.code(), "");
    }
}
