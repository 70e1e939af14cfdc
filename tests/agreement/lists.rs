//! Many at once cost the statements of one.

use super::*;

on_both! {
    async fn a_list_of_bodies_costs_no_statement_more(app) {
        let house = House::of(&app);
        let list = "{ agreementVersions { nodes { id body { __typename ... on AgreementBody { ... on GlossaryBody { meaning: definition } } ... on CharterBody { vision } } } } }";
        let mut costs = Vec::new();
        for round in 0..2 {
            for n in 0..4 {
                house.drafted(&format!("word {round} {n}"), json!(null)).await;
            }
            let before = app.store.statements();
            let answer = house.sales.ask(list, json!({})).await;
            costs.push(app.store.statements() - before);
            let nodes = answer.data()["agreementVersions"]["nodes"].as_array().unwrap().clone();
            assert_eq!(nodes.len(), 4 * (round + 1));
            assert_eq!(nodes[0]["body"], json!({ "__typename": "GlossaryBody", "meaning": "A lead both sides call good" }));
        }
        assert_eq!(costs[0], costs[1]);
    }
}

on_both! {
    async fn an_agreement_names_its_version_in_force_in_the_statement_that_lists_it(app) {
        let house = House::of(&app);
        let list = "{ agreements(orderBy: [{ field: KEY }]) { nodes { key inForce { id number status agreement { inForce { number } } } } } }";
        let mut costs = Vec::new();
        for round in 0..2 {
            for n in 0..3 {
                let id = house.proposed(&format!("word {round}{n}"), json!(null)).await;
                if n > 0 {
                    house.signed(&id).await;
                    let next = house.next(&id, "Something better", if n == 1 { json!(null) } else { soon(3_600_000) }).await;
                    assert_eq!(house.signed(&next).await, if n == 1 { "ACTIVE" } else { "RATIFIED" });
                }
            }
            let before = app.store.statements();
            let told = house.sales.ask(list, json!({})).await;
            costs.push(app.store.statements() - before);
            let nodes = told.data()["agreements"]["nodes"].as_array().unwrap().clone();
            let numbers: Vec<_> = nodes.iter().map(|node| node["inForce"]["number"].clone()).collect();
            let each = [json!(null), json!(2), json!(1)];
            assert_eq!(numbers, each.iter().cycle().take(3 * (round + 1)).cloned().collect::<Vec<_>>());
            assert_eq!(nodes[1]["inForce"]["agreement"]["inForce"]["number"], 2);
            assert_eq!(nodes[2]["inForce"]["status"], "ACTIVE");
        }
        assert_eq!(costs, [1, 1]);
    }
}
