//! What becomes of entries when accounts are merged.

use super::*;

/// Makes the loser part of the winner; the merge's id.
async fn merges(who: &Person<'_>, winner: &Value, loser: &Value) -> Value {
    let query =
        "mutation($input: MergeInput!) { accountMerge(input: $input) { merge { id } userErrors { code message } } }";
    let done = who.ask(query, json!({ "input": { "winnerId": winner, "loserIds": [loser] } })).await;
    let merge = done.data()["accountMerge"]["merge"]["id"].clone();
    assert!(merge.is_string(), "{}", done.0);
    merge
}

async fn parts(who: &Person<'_>, merge: &Value) -> Value {
    let query = "mutation($id: ID!) { mergeUndo(input: { id: $id }) { kept userErrors { code message } } }";
    let done = who.ask(query, json!({ "id": merge })).await;
    assert_eq!(done.data()["mergeUndo"]["userErrors"], json!([]), "{}", done.0);
    done.data()["mergeUndo"]["kept"].clone()
}

on_both! {
    async fn of_two_entries_of_merged_accounts_the_better_one_stays_with_its_votes(app) {
        let house = House::of(&app);
        let list = house.list("Q1", 10, json!({})).await;
        // by what each side said of the winner's and of the loser's account: which entry stays
        let cases = [("NO", "YES", false), ("YES", "NO", true), ("", "YES", false), ("NO", "", false), ("", "", true), ("YES", "YES", true)];
        for (of_winner, of_loser, winners) in cases {
            let pair = house.accounts(2).await;
            let rows = pair.iter().map(|account| row(account, "TIER_1")).collect();
            let entries = proposed(&house.marketing, &list, "MARKETING", rows).await;
            for (entry, choice) in entries.iter().zip([of_winner, of_loser]).filter(|(_, choice)| !choice.is_empty()) {
                says(&house.sales, entry, "SALES", choice, "ADD").await;
            }
            let said = "id state account { id } votes(orderBy: [{ field: SIDE }]) { nodes { side choice } }";
            let on_list = "query($list: ID!, $accounts: [ID!]!) { targetEntries(filter: { targetListId: { eq: $list }, accountId: { in: $accounts } }, orderBy: [{ field: CREATED_AT }]) { nodes { SAID } } }".replace("SAID", said);
            let there = async || house.sales.ask(&on_list, json!({ "list": list, "accounts": pair })).await.data()["targetEntries"]["nodes"].clone();
            let before = there().await;
            let mut stays = before[usize::from(!winners)].clone();
            let merge = merges(&house.revops, &pair[0], &pair[1]).await;
            stays["account"]["id"] = pair[0].clone();
            assert_eq!(there().await, json!([stays]), "{of_winner}/{of_loser}");
            assert_eq!(parts(&house.revops, &merge).await, 0);
            assert_eq!(there().await, before, "{of_winner}/{of_loser} undone");
        }
    }
}

on_both! {
    async fn an_entry_that_was_taken_off_is_in_nobodys_way_when_accounts_are_merged(app) {
        let house = House::of(&app);
        let list = house.list("Q1", 10, json!({})).await;
        for taken_off in [0, 1] {
            let pair = house.accounts(2).await;
            let entries = proposed(&house.marketing, &list, "MARKETING", pair.iter().map(|a| row(a, "TIER_1")).collect()).await;
            for entry in &entries {
                assert_eq!(says(&house.sales, entry, "SALES", "YES", "ADD").await, "AGREED");
            }
            assert_eq!(says(&house.sales, &entries[taken_off], "SALES", "YES", "REMOVE").await, "REMOVED");
            merges(&house.revops, &pair[0], &pair[1]).await;
            for (at, entry) in entries.iter().enumerate() {
                let told = house.sales.sees("targetEntry", entry, "state account { id }").await;
                let state = if at == taken_off { "REMOVED" } else { "AGREED" };
                assert_eq!(told, json!({ "state": state, "account": { "id": pair[0] } }));
            }
        }
    }
}

on_both! {
    async fn a_swap_finds_the_place_of_an_account_that_was_merged(app) {
        let house = House::of(&app);
        let list = house.list("Q1", -1, json!({ "tier1Cap": 2 })).await;
        let all = house.accounts(3).await;
        let agreed = proposed(&house.marketing, &list, "MARKETING", all[..2].iter().map(|a| row(a, "TIER_1")).collect()).await;
        for entry in &agreed {
            assert_eq!(says(&house.sales, entry, "SALES", "YES", "ADD").await, "AGREED");
        }
        let swap = json!({ "accountId": all[2], "tier": "TIER_1", "reason": "Fits better", "replacesId": agreed[1] });
        let new = proposed(&house.marketing, &list, "MARKETING", vec![swap]).await;
        let merge = merges(&house.revops, &all[0], &all[1]).await;
        assert_eq!(house.sales.sees("targetEntry", &new[0], "replaces { id }").await["replaces"]["id"], agreed[0]);
        parts(&house.revops, &merge).await;
        assert_eq!(house.sales.sees("targetEntry", &new[0], "replaces { id }").await["replaces"]["id"], agreed[1]);
        merges(&house.revops, &all[0], &all[1]).await;
        assert_eq!(says(&house.sales, &new[0], "SALES", "YES", "ADD").await, "AGREED");
        assert_eq!(house.sales.sees("targetEntry", &agreed[0], "state").await["state"], "REMOVED");
    }
}

on_both! {
    async fn an_entry_voted_on_since_stays_with_the_winner_when_a_merge_is_undone(app) {
        let house = House::of(&app);
        let list = house.list("Q1", 10, json!({})).await;
        let pair = house.accounts(2).await;
        let entries = proposed(&house.marketing, &list, "MARKETING", pair.iter().map(|a| row(a, "TIER_1")).collect()).await;
        assert_eq!(says(&house.sales, &entries[0], "SALES", "NO", "ADD").await, "DECLINED");
        let merge = merges(&house.revops, &pair[0], &pair[1]).await;
        assert_eq!(says(&house.sales, &entries[1], "SALES", "YES", "ADD").await, "AGREED");
        assert_eq!(parts(&house.revops, &merge).await, 2, "the winner's own has no place any more");
        assert_eq!(house.sales.sees("targetEntry", &entries[1], "account { id }").await["account"]["id"], pair[0]);
        assert_eq!(house.sales.sees("targetEntry", &entries[0], "id").await, Value::Null);
    }
}
