//! Votes on target lists.

use super::*;

#[rustfmt::skip]
const VOTES: [Row; 12] = [
    //                            ADMIN REVOPS EXEC MKT_M MKT_U SALES_M REP SDR FIN INT
    ("Propose MARKETING", "mine", "F    F      F    +     F     F       F   F   F   F"),
    ("Propose SALES", "mine",     "F    F      F    F     F     +       F   F   F   F"),
    ("Propose SALES", "others'",  "F    F      F    F     F     N       F   F   F   F"),
    ("ADD YES MARKETING", "mine", "F    F      F    +     F     F       F   F   F   F"),
    ("ADD YES SALES", "mine",     "F    F      F    F     F     +       F   F   F   F"),
    ("ADD NO MARKETING", "mine",  "F    F      F    +     F     F       F   F   F   F"),
    ("ADD NO SALES", "mine",      "F    F      F    F     F     +       F   F   F   F"),
    // an account that a salesperson does not see
    ("ADD YES MARKETING", "others'", "F F      F    +     F     F       F   F   F   F"),
    ("ADD YES SALES", "others'",  "F    F      F    F     F     N       F   F   F   F"),
    ("REMOVE YES MARKETING", "mine", "F F      F    +     F     F       F   F   F   F"),
    ("REMOVE YES SALES", "mine",  "F    F      F    F     F     +       F   F   F   F"),
    ("REMOVE NO SALES", "mine",   "F    F      F    F     F     +       F   F   F   F"),
];

impl Sides<'_> {
    async fn vote_step(&self, name: &str, whose: UserId) -> Step {
        let account = json!({ "name": address(), "ownerId": whose.to_string() });
        let account = self.boss.has("account", account).await;
        let list = json!({ "name": address(), "periodStart": "2999-01-01", "periodEnd": "2999-04-01" });
        let list = self.boss.has("targetList", list).await;
        let row = json!({ "accountId": account, "tier": "TIER_1", "reason": "Fits" });
        let side = name.rsplit(' ').next().unwrap();
        let propose = |side: &str| json!({ "targetListId": list, "side": side, "rows": [row] });
        if name.starts_with("Propose") {
            return ("targetEntry", "Propose", propose(side));
        }
        let (first, other) = (
            self.app.with_rights(self.home(), Rights::everything()),
            self.app.with_rights(self.home(), Rights::everything()),
        );
        let against = if side == "SALES" { "MARKETING" } else { "SALES" };
        let made = first.ask(PROPOSE, json!({ "in": propose(against) })).await;
        let id = made.data()["targetEntryPropose"]["targetEntries"][0]["id"].clone();
        let mut words = name.split(' ');
        let (question, choice) = (words.next().unwrap(), words.next().unwrap());
        if question == "REMOVE" {
            let yes = json!({ "id": id, "side": side, "choice": "YES" });
            assert_eq!(other.does("targetEntry", "Vote", yes, "state").await.code(), "");
        }
        ("targetEntry", "Vote", json!({ "id": id, "side": side, "choice": choice, "question": question }))
    }
}

on_both! {
    async fn every_vote_on_a_target_list_is_for_its_side_and_nobody_speaks_for_both(app) {
        let sides = Sides::of(&app).await;
        sides.table(&VOTES, Sides::vote_step).await;
        let mut rights = Template::MktManager.rights();
        rights.grant(Permission::TargetListVoteSales, Reach::ALL);
        rights.grant(Permission::AccountRead, Reach::ALL);
        let both = sides.as_user(sides.me, rights);
        for [first, second] in [["MARKETING", "SALES"], ["SALES", "MARKETING"]] {
            let (_, _, input) = sides.vote_step(&format!("Propose {first}"), sides.me).await;
            let made = both.ask(PROPOSE, json!({ "in": input })).await;
            let id = made.data()["targetEntryPropose"]["targetEntries"][0]["id"].clone();
            let yes = json!({ "id": id, "side": second, "choice": "YES" });
            assert_eq!(both.does("targetEntry", "Vote", yes, "state").await.code(), "LOCKED");
        }
    }
}
