//! Who does what between the two sides, step by step and role by role: offers and disputes, agreements, target lists.
//! The cells are those of the model, written down once more; a refused try changes nothing, so that the row it was made
//! for serves the next role.

mod votes;

use api::{
    access::role::templates::Template,
    actor::{Actor, Permission, Reach, Rights, Via},
};
use chrono::{TimeDelta, Utc};
use entity::id::{ApiKeyId, OrganizationId, RowId, UserId};
use serde_json::Value;

use crate::{
    access::user,
    handoff::later,
    harness::{App, Person, json, on_both},
};

/// What a step is called, whose the row is, and what each role is told, in the order of the roles: `+` it is done, else
/// the first letters of the code.
type Row = (&'static str, &'static str, &'static str);

/// FORBIDDEN, NOT_FOUND, INVALID_TRANSITION, LOCKED, CRITERIA_UNMET, VALIDATION.
fn letter(code: &str) -> &str {
    match code {
        "" => "+",
        "FORBIDDEN" => "F",
        "NOT_FOUND" => "N",
        "INVALID_TRANSITION" => "I",
        "LOCKED" => "L",
        "CRITERIA_UNMET" => "C",
        "VALIDATION" => "V",
        other => other,
    }
}

/// The record, the verb and the input of a step.
type Step = (&'static str, &'static str, Value);

struct Sides<'a> {
    /// Has every right and made everything.
    boss: Person<'a>,
    me: UserId,
    other: UserId,
    /// Answers offers that are then disputed: nobody disputes their own answer.
    third: UserId,
    app: &'a App,
}

impl<'a> Sides<'a> {
    async fn of(app: &'a App) -> Self {
        let (organization, me) = user(app, "SDR", "me@acme.com").await;
        let (_, other) = user(app, "SDR", "other@acme.com").await;
        let (_, third) = user(app, "SDR", "third@acme.com").await;
        Self { boss: app.with_rights(organization, Rights::everything()), me, other, third, app }
    }

    fn home(&self) -> OrganizationId {
        self.boss.actor.organization
    }

    fn as_user(&self, user: UserId, rights: Rights) -> Person<'a> {
        let mut person = self.app.with_rights(self.home(), rights);
        person.actor.user = Some(user);
        person
    }

    fn whose(&self, word: &str) -> UserId {
        if word == "mine" { self.me } else { self.other }
    }

    /// Tries every row by every role and compares.
    async fn table(&self, rows: &[Row], ready: impl AsyncFn(&Self, &str, UserId) -> Step) {
        let mut wrong = vec![];
        for (name, whose, cells) in rows {
            let mut step = None;
            let mut found = vec![];
            for template in Template::all() {
                let (record, verb, input) = match step.take() {
                    Some(step) => step,
                    None => ready(self, name, self.whose(whose)).await,
                };
                let who = self.as_user(self.me, template.rights());
                let code = acts(&who, record, verb, &input).await;
                found.push(letter(&code).to_owned());
                step = (!code.is_empty()).then_some((record, verb, input));
            }
            let cells = cells.split_whitespace().collect::<Vec<_>>().join(" ");
            if found.join(" ") != cells {
                wrong.push(format!("(\"{name}\", \"{whose}\", \"{}\"), not {cells}", found.join(" ")));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}

const PROPOSE: &str = "mutation($in: TargetEntryProposeInput!) { targetEntryPropose(input: $in) { targetEntries { id } userErrors { code } } }";

/// The code of a refusal.
async fn acts(who: &Person<'_>, record: &str, verb: &str, input: &Value) -> String {
    let answer = match (record, verb) {
        ("targetEntry", "Propose") => who.ask(PROPOSE, json!({ "in": input })).await,
        _ => who.does(record, verb, input.clone(), "id").await,
    };
    answer.code().to_owned()
}

/// An e-mail address nobody has.
fn address() -> String {
    format!("{}@example.com", uuid::Uuid::now_v7().simple())
}

#[rustfmt::skip]
const HANDOFFS: [Row; 26] = [
    //                        ADMIN REVOPS EXEC MKT_M MKT_U SALES_M REP SDR FIN INT
    // marketing's step on a lead of theirs
    ("Offer", "mine",         "+    +      F    +     +     +       F   +   F   +"),
    ("Offer", "others'",      "+    +      F    +     F     N       F   N   F   +"),
    ("Withdraw", "mine",      "+    +      F    +     +     +       F   +   F   +"),
    ("Withdraw", "others'",   "+    +      F    +     F     N       F   N   F   +"),
    // for whom it was offered to, who is on the side of sales
    ("Accept", "mine",        "+    +      F    F     F     +       +   +   F   F"),
    ("Accept", "others'",     "F    F      F    F     F     N       N   N   F   F"),
    ("Reject", "mine",        "+    +      F    F     F     +       +   +   F   F"),
    ("Reject", "others'",     "F    F      F    F     F     N       N   N   F   F"),
    // the job has ended the offer: nobody answers it
    ("Accept expired", "mine", "I   I      F    F     F     I       I   I   F   F"),
    ("Reject expired", "mine", "I   I      F    F     F     I       I   I   F   F"),
    ("Withdraw expired", "mine", "I I      F    I     I     I       F   I   F   I"),
    ("Dispute", "mine",       "+    +      F    +     +     +       +   +   F   F"),
    ("Dispute", "others'",    "+    +      F    +     F     N       N   N   F   F"),
    ("Review", "mine",        "+    +      F    +     +     +       +   +   F   F"),
    ("Review", "others'",     "+    +      F    +     F     N       N   N   F   F"),
    ("Take back", "mine",     "+    +      F    +     +     +       +   +   F   F"),
    ("Take back", "others'",  "F    F      F    F     F     N       N   N   F   F"),
    // each side's manager, nobody else, whatever else they may do
    ("Sign marketing", "mine", "F   F      F    +     F     F       F   F   F   F"),
    ("Sign marketing", "others'", "F F     F    +     F     F       F   F   F   F"),
    ("Sign sales", "mine",    "F    F      F    F     F     +       F   F   F   F"),
    ("Sign sales", "others'", "F    F      F    F     F     N       F   F   F   F"),
    // operations, once both have signed and differ
    ("Break tie", "others'",  "F    +      F    F     F     F       F   F   F   F"),
    ("Break no tie", "others'", "F  C      F    F     F     F       F   F   F   F"),
    ("Say", "mine",           "+    +      F    +     +     +       +   +   F   F"),
    ("Resolve", "mine",       "+    +      F    +     +     F       F   F   F   F"),
    ("Resolve", "others'",    "+    +      F    +     F     F       F   F   F   F"),
];

impl Sides<'_> {
    /// A lead of somebody, offered to somebody.
    async fn offered(&self, owner: UserId, to: UserId, more: Value) -> Value {
        let lead = json!({ "email": address(), "status": "MQL", "ownerId": owner.to_string() });
        let lead = self.boss.has("lead", lead).await;
        let mut input = json!({ "userId": to.to_string() });
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.boss.offers(&lead, input).await
    }

    /// An offer of a lead of somebody that was rejected by the third.
    async fn rejected(&self, owner: UserId) -> Value {
        let offer = self.offered(owner, self.third, json!({})).await;
        let reason = self.boss.has("rejectionReason", json!({ "name": address(), "category": "CAPACITY" })).await;
        let third = self.as_user(self.third, Rights::everything());
        third.does("handoff", "Reject", json!({ "id": offer, "reasonId": reason }), "id").await.data();
        offer
    }

    /// A dispute over it, opened by the lead's owner.
    async fn disputed(&self, owner: UserId) -> Value {
        let offer = self.rejected(owner).await;
        let said = "disputes { nodes { id } }";
        let by = self.as_user(owner, Rights::everything());
        let opened = by.does("handoff", "Dispute", json!({ "id": offer, "claim": "It was good" }), said).await;
        opened.data()["handoffDispute"]["handoff"]["disputes"]["nodes"][0]["id"].clone()
    }

    async fn handoff_step(&self, name: &str, whose: UserId) -> Step {
        let verdict = |id: Value| json!({ "id": id, "verdict": "SALES_MISS" });
        match name {
            "Offer" => {
                let lead = json!({ "email": address(), "status": "MQL", "ownerId": whose.to_string() });
                let lead = self.boss.has("lead", lead).await;
                ("lead", "Offer", json!({ "id": lead, "userId": self.other.to_string() }))
            }
            "Withdraw" => ("handoff", "Withdraw", json!({ "id": self.offered(whose, self.other, json!({})).await })),
            "Accept" => ("handoff", "Accept", json!({ "id": self.offered(self.other, whose, json!({})).await })),
            "Reject" => {
                let reason = json!({ "name": address(), "category": "CAPACITY" });
                let reason = self.boss.has("rejectionReason", reason).await;
                let offer = self.offered(self.other, whose, json!({})).await;
                ("handoff", "Reject", json!({ "id": offer, "reasonId": reason }))
            }
            "Dispute" => ("handoff", "Dispute", json!({ "id": self.rejected(whose).await, "claim": "It was good" })),
            "Review" => ("dispute", "Review", json!({ "id": self.disputed(whose).await })),
            "Take back" => ("dispute", "Withdraw", json!({ "id": self.disputed(whose).await })),
            "Sign marketing" => ("dispute", "SignMarketing", verdict(self.disputed(whose).await)),
            "Sign sales" => ("dispute", "SignSales", verdict(self.disputed(whose).await)),
            "Break no tie" => ("dispute", "BreakTie", verdict(self.disputed(whose).await)),
            "Break tie" => {
                let id = self.disputed(whose).await;
                for (verb, verdict) in [("SignMarketing", "SALES_MISS"), ("SignSales", "MARKETING_MISS")] {
                    let signer = self.app.with_rights(self.home(), Rights::everything());
                    signer.does("dispute", verb, json!({ "id": id, "verdict": verdict }), "id").await.data();
                }
                ("dispute", "BreakTie", verdict(id))
            }
            "Say" => ("feedbackItem", "Create", json!({ "handoffId": self.rejected(whose).await, "body": "We asked" })),
            "Resolve" => {
                let word = json!({ "handoffId": self.rejected(whose).await, "body": "Wrong number" });
                let word = self.boss.has("feedbackItem", word).await;
                ("feedbackItem", "Resolve", json!({ "id": word, "outcome": "We ask twice" }))
            }
            expired => self.expired_step(expired, whose).await,
        }
    }

    /// A step on an offer of a lead of mine to me that nobody has answered in time.
    async fn expired_step(&self, name: &str, whose: UserId) -> Step {
        let soon = (Utc::now() + TimeDelta::hours(1)).to_rfc3339();
        let offer = self.offered(whose, whose, json!({ "expiresAt": soon })).await;
        let expired = async || self.boss.sees("handoff", &offer, "state").await["state"] == "EXPIRED";
        later(self.app, TimeDelta::hours(2), expired).await;
        match name {
            "Accept expired" => ("handoff", "Accept", json!({ "id": offer })),
            "Withdraw expired" => ("handoff", "Withdraw", json!({ "id": offer })),
            _ => {
                let reason = json!({ "name": address(), "category": "CAPACITY" });
                let reason = self.boss.has("rejectionReason", reason).await;
                ("handoff", "Reject", json!({ "id": offer, "reasonId": reason }))
            }
        }
    }
}

on_both! {
    async fn every_step_of_an_offer_and_a_dispute_is_for_its_roles(app) {
        let sides = Sides::of(&app).await;
        sides.table(&HANDOFFS, Sides::handoff_step).await;
        // nobody signs for both sides, nor breaks the tie that they are part of
        let both = sides.as_user(sides.me, Rights::everything());
        let id = sides.disputed(sides.other).await;
        let verdict = |word: &str| json!({ "id": id, "verdict": word });
        assert_eq!(both.does("dispute", "SignMarketing", verdict("SALES_MISS"), "id").await.code(), "");
        assert_eq!(both.does("dispute", "SignSales", verdict("SALES_MISS"), "id").await.code(), "CRITERIA_UNMET");
        let third = sides.app.with_rights(sides.home(), Rights::everything());
        assert_eq!(third.does("dispute", "SignSales", verdict("MARKETING_MISS"), "id").await.code(), "");
        assert_eq!(both.does("dispute", "BreakTie", verdict("SALES_MISS"), "id").await.code(), "CRITERIA_UNMET");
        let via = Via::ApiKey(ApiKeyId::from_uuid(uuid::Uuid::now_v7()));
        let program = Person { app: &app, actor: Actor { via, ..sides.as_user(sides.other, Rights::everything()).actor } };
        for verb in ["SignMarketing", "SignSales", "BreakTie"] {
            assert_eq!(program.does("dispute", verb, verdict("SALES_MISS"), "id").await.code(), "FORBIDDEN", "{verb} by a program");
        }
    }
}

#[rustfmt::skip]
const AGREEMENTS: [Row; 22] = [
    //                        ADMIN REVOPS EXEC MKT_M MKT_U SALES_M REP SDR FIN INT
    // both sides draft, whoever made it
    ("Draft", "mine",         "+    +      F    +     F     +       F   F   F   F"),
    ("Draft next", "mine",    "+    +      F    +     F     +       F   F   F   F"),
    ("Edit", "others'",       "+    +      F    +     F     +       F   F   F   F"),
    ("Propose", "others'",    "+    +      F    +     F     +       F   F   F   F"),
    ("Withdraw", "others'",   "+    +      F    +     F     +       F   F   F   F"),
    // a key is its side's; a glossary has none of finance
    ("Approve MARKETING", "others'", "F F  F    +     F     F       F   F   F   F"),
    ("Approve SALES", "others'", "F F      F    F     F     +       F   F   F   F"),
    ("Approve FINANCE", "others'", "F F    F    F     F     F       F   F   V   F"),
    ("Reject MARKETING", "others'", "F F   F    +     F     F       F   F   F   F"),
    ("Reject SALES", "others'", "F F       F    F     F     +       F   F   F   F"),
    ("Reject FINANCE", "others'", "F F     F    F     F     F       F   F   V   F"),
    // nothing is signed before it is proposed
    ("Approve MARKETING of a draft", "mine", "F F F I F   F       F   F   F   F"),
    ("Approve SALES of a draft", "mine", "F F F F     F     I       F   F   F   F"),
    // the other side has turned its key: the second one brings it into force
    ("Activate MARKETING", "others'", "F F F    +     F     F       F   F   F   F"),
    ("Activate SALES", "others'", "F F     F    F     F     +       F   F   F   F"),
    // signed by both, it comes into force by itself: nobody hastens or stops it
    ("Edit of a signed one", "mine", "L L  F    L     F     L       F   F   F   F"),
    ("Propose of a signed one", "mine", "I I F  I     F     I       F   F   F   F"),
    ("Withdraw of a signed one", "mine", "I I F I     F     I       F   F   F   F"),
    ("Approve MARKETING of a signed one", "mine", "F F F I F F F F F F"),
    ("Approve SALES of a signed one", "mine", "F F F F F I F F F F"),
    ("Reject MARKETING of a signed one", "mine", "F F F I F F F F F F"),
    ("Reject SALES of a signed one", "mine", "F F F F F I F F F F"),
];

impl Sides<'_> {
    async fn draft(&self) -> Value {
        let soon = (Utc::now() + TimeDelta::days(2)).to_rfc3339();
        let body = json!({ "glossary": { "definition": "A lead both sides call good" } });
        let input = json!({ "key": address(), "title": "Word", "body": body, "effectiveFrom": soon });
        let made = self.boss.does("agreement", "Create", input, "versions { nodes { id } }").await;
        made.data()["agreementCreate"]["agreement"]["versions"]["nodes"][0]["id"].clone()
    }

    async fn proposed(&self) -> Value {
        let id = self.draft().await;
        self.boss.does("agreementVersion", "Propose", json!({ "id": id }), "id").await.data();
        id
    }

    async fn turned(&self, id: &Value, side: &str) {
        let signer = self.app.with_rights(self.home(), Rights::everything());
        let done = signer.does("agreementVersion", "Approve", json!({ "id": id, "side": side }), "status").await;
        assert_eq!(done.code(), "", "{}", done.0);
    }

    async fn agreement_step(&self, name: &str, _: UserId) -> Step {
        let body = json!({ "glossary": { "definition": "A narrower word" } });
        if name == "Draft" {
            return ("agreement", "Create", json!({ "key": address(), "title": "Word", "body": body }));
        }
        let mut words = name.split(' ');
        let (step, side) = (words.next().unwrap(), words.next().filter(|word| word.chars().all(char::is_uppercase)));
        let id = match () {
            () if name == "Draft next" || name == "Edit" || name == "Propose" || name.ends_with("draft") => {
                self.draft().await
            }
            () => self.proposed().await,
        };
        if name.ends_with("signed one") {
            for side in ["MARKETING", "SALES"] {
                self.turned(&id, side).await;
            }
        }
        let side = side.unwrap_or_default();
        match step {
            "Draft" => {
                let of = self.boss.sees("agreementVersion", &id, "agreement { id }").await["agreement"]["id"].clone();
                ("agreementVersion", "Create", json!({ "agreementId": of, "body": body }))
            }
            "Edit" => ("agreementVersion", "Update", json!({ "id": id, "body": body })),
            "Activate" => {
                self.turned(&id, if side == "SALES" { "MARKETING" } else { "SALES" }).await;
                ("agreementVersion", "Approve", json!({ "id": id, "side": side }))
            }
            "Approve" => ("agreementVersion", "Approve", json!({ "id": id, "side": side })),
            "Reject" => ("agreementVersion", "Reject", json!({ "id": id, "side": side, "comment": "No" })),
            "Propose" => ("agreementVersion", "Propose", json!({ "id": id })),
            _ => ("agreementVersion", "Withdraw", json!({ "id": id })),
        }
    }
}

on_both! {
    async fn every_step_of_an_agreement_is_for_its_roles_and_no_one_turns_both_keys(app) {
        let sides = Sides::of(&app).await;
        sides.table(&AGREEMENTS, Sides::agreement_step).await;
        // who manages both sides, alone or in solo mode of another administrator, is one person still
        let mut rights = Template::MktManager.rights();
        rights.grant(Permission::AgreementApproveSales, Reach::ALL);
        let both = sides.as_user(sides.me, rights);
        let (_, admin) = user(&app, "ADMIN", "ada@acme.com").await;
        let ada = sides.as_user(admin, Template::Admin.rights());
        for solo in [false, true] {
            let organization = json!({ "id": sides.home().to_string(), "soloMode": solo });
            assert_eq!(ada.does("organization", "Update", organization, "id").await.code(), "");
            for [first, second] in [["MARKETING", "SALES"], ["SALES", "MARKETING"]] {
                let id = sides.proposed().await;
                let turns = async |who: &Person<'_>, side| who.does("agreementVersion", "Approve", json!({ "id": id, "side": side }), "status").await.code().to_owned();
                assert_eq!(turns(&both, first).await, "");
                assert_eq!(turns(&both, second).await, "LOCKED", "solo mode {solo}");
                let alone = if solo { "" } else { "FORBIDDEN" };
                assert_eq!(turns(&ada, second).await, alone, "solo mode {solo}");
            }
        }
    }
}
