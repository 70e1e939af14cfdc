//! What the demo organisation has agreed on, drafted by operations and signed by both managers at its beginning.

use async_graphql::Value as ConstValue;
use entity::{
    agreement_approval::Side,
    id::{AgreementVersionId, OrganizationId, UserId},
};
use serde_json::{Value, json};

use super::{
    Calendar,
    people::{MONA, RITA, STAN, acting},
    plan::LAST,
};
use crate::{
    alignment::agreement::{self, Said},
    error::{Error, Result},
    store::{Access, Store},
};

/// Those who draft and sign, at one instant.
pub struct Signers<'a> {
    pub store: &'a Store,
    pub organization: OrganizationId,
    pub people: &'a [UserId],
    pub calendar: Calendar,
}

impl Signers<'_> {
    /// Drafted on one day, signed and in force on the next.
    pub async fn agree(&self, tick: i64, key: &str, title: &str, body: Value) -> Result<AgreementVersionId> {
        let input = json!({ "key": key, "title": title, "body": body });
        let input = ConstValue::from_json(input).map_err(Error::internal)?;
        let (_, version) = agreement::draft(&self.as_(tick, RITA), &input).await?;
        agreement::propose(&self.as_(tick, RITA), version).await?;
        for (who, side) in [(MONA, Side::Marketing), (STAN, Side::Sales)] {
            agreement::decide(&self.as_(tick + 1, who), Said::yes(version, side)).await?;
        }
        Ok(version)
    }

    fn as_(&self, tick: i64, who: usize) -> Access {
        let actor = acting(self.organization, self.people[who]);
        Access::new(self.store.clone(), actor, None).at(self.calendar.instant(tick, who))
    }
}

/// What holds from the beginning.
pub async fn write(signers: &Signers<'_>) -> Result<()> {
    let vision = "Every company that we could help hears of us, and nobody who asks waits.";
    let principles = ["One funnel, one set of numbers.", "A lead is refused with a reason, or it is worked."];
    let charter = json!({ "charter": { "vision": vision, "principles": principles } });
    signers.agree(0, "CHARTER", "What we are here for", charter).await?;
    for (term, side, definition) in WORDS {
        let body = json!({ "glossary": { "definition": definition, "ownerSide": side } });
        signers.agree(0, term, term, body).await?;
    }
    let stage =
        |status: &str, side: &str, until: &str| json!({ "leadStatus": status, "side": side, "exitCriteria": until });
    let stages = [
        stage("NEW", "MARKETING", "Fits, and has done something that says so."),
        stage("NURTURING", "MARKETING", "Asks for more than to read."),
        stage("MQL", "MARKETING", "Offered to sales with what is known."),
        stage("OFFERED", "SALES", "Accepted, or refused with a reason."),
        stage("ACCEPTED", "SALES", "Somebody has called or written."),
        stage("WORKING", "SALES", "Need, budget, authority and timing are known."),
        stage("SQL", "SALES", "Converted, or given up with a reason."),
    ];
    signers
        .agree(0, "PIPELINE", "Who answers for which stage", json!({ "stageOwnership": { "stages": stages } }))
        .await?;
    Ok(())
}

/// Who gets credit for sales, signed once the past is told: it is computed for all of it by one job.
pub async fn credit(signers: &Signers<'_>) -> Result<()> {
    for (key, title, model) in [
        (
            "REVENUE",
            "Who gets credit for revenue",
            json!({ "model": "W_SHAPED", "dedupeMinutes": 30, "lookBackDays": 365 }),
        ),
        ("FIRST TOUCH", "Who brought it", json!({ "model": "FIRST", "dedupeMinutes": 30, "lookBackDays": 365 })),
    ] {
        signers.agree(LAST - 1, key, title, json!({ "attribution": model })).await?;
    }
    Ok(())
}

const WORDS: [(&str, Option<&str>, &str); 3] = [
    ("Prospect", Some("MARKETING"), "A company of our ideal profile with which no opportunity is open."),
    (
        "Qualified lead",
        None,
        "Somebody of a fitting company who wants to talk within two quarters and whom sales has accepted.",
    ),
    (
        "Recycled lead",
        Some("MARKETING"),
        "A lead that sales gave back with a reason; marketing stays in touch until it is ready.",
    ),
];
