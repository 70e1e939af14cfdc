//! What the demo organisation has agreed on, drafted by operations and signed by both managers at its beginning.

use async_graphql::Value as ConstValue;
use entity::{
    agreement_approval::Side,
    id::{AgreementId, AgreementVersionId, RowId},
};
use serde_json::{Value, json};

use super::{
    bodies,
    desk::{Desk, id},
    people::{MONA, RITA, STAN},
    plan::LAST,
    write::Ground,
};
use crate::{
    alignment::agreement::{self, Said},
    error::{Error, Result},
    graph::Patch,
    store::Access,
};

/// Half week in which the definition of a qualified lead became stricter.
pub const STRICTER: i64 = 80;

/// Drafted on one day, signed and in force on the next.
async fn agree(ground: Ground<'_>, key: &str, title: &str, body: Value) -> Result<AgreementId> {
    let input = json!({ "key": key, "title": title, "body": body });
    let input = ConstValue::from_json(input).map_err(Error::internal)?;
    let (agreement, version) = agreement::draft(&ground.on(0, RITA), &input).await?;
    agreement::propose(&ground.on(0, RITA), version).await?;
    for (who, side) in [(MONA, Side::Marketing), (STAN, Side::Sales)] {
        agreement::decide(&ground.on(1, who), Said::yes(version, side)).await?;
    }
    Ok(agreement)
}

/// A further version, put up for signature.
async fn propose(access: &Access, of: AgreementId, summary: &str, body: Value) -> Result<AgreementVersionId> {
    let input = json!({ "agreementId": id("agreement", of.uuid()), "body": body, "summary": summary });
    let input = ConstValue::from_json(input).map_err(Error::internal)?;
    let draft = Patch::read(agreement::graphql::version(), &input, true);
    let version = agreement::next(access, draft).await?;
    agreement::propose(access, version).await
}

/// The definitions of a qualified lead, which change.
pub struct Definitions {
    mql: AgreementId,
    sql: AgreementId,
}

impl Definitions {
    pub async fn become_stricter(&self, ground: Ground<'_>) -> Result<()> {
        let summary = "Interest must be fresh: a third of what we offered had read one page months ago.";
        let version = propose(&ground.on(STRICTER, RITA), self.mql, summary, bodies::mql(true)).await?;
        for (who, side) in [(MONA, Side::Marketing), (STAN, Side::Sales)] {
            agreement::decide(&ground.on(STRICTER + 1, who), Said::yes(version, side)).await?;
        }
        Ok(())
    }

    /// Marketing has signed it, sales has not yet.
    pub async fn ask_for_budget(&self, ground: Ground<'_>) -> Result<()> {
        let summary = "Without a budget most of what we confirmed was put off.";
        let version = propose(&ground.on(LAST - 1, RITA), self.sql, summary, bodies::sql(true)).await?;
        agreement::decide(&ground.on(LAST, MONA), Said::yes(version, Side::Marketing)).await?;
        Ok(())
    }
}

/// What holds from the beginning.
pub async fn write(ground: Ground<'_>, desk: &Desk) -> Result<Definitions> {
    let vision = "Every company that we could help hears of us, and nobody who asks waits.";
    let principles = ["One funnel, one set of numbers.", "A lead is refused with a reason, or it is worked."];
    let charter = json!({ "charter": { "vision": vision, "principles": principles } });
    agree(ground, "CHARTER", "What we are here for", charter).await?;
    for (term, side, definition) in WORDS {
        let body = json!({ "glossary": { "definition": definition, "ownerSide": side } });
        agree(ground, term, term, body).await?;
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
    agree(ground, "PIPELINE", "Who answers for which stage", json!({ "stageOwnership": { "stages": stages } })).await?;
    agree(ground, "INDEX", "How we measure our working together", bodies::index()).await?;
    agree(ground, "LEAD", "What a lead is worth", bodies::scoring()).await?;
    let mql = agree(ground, "MQL", "When marketing may offer a lead", bodies::mql(false)).await?;
    let sql = agree(ground, "SQL", "When a lead is worth an opportunity", bodies::sql(false)).await?;
    agree(ground, "LEADS", "To whom leads go", bodies::routing(ground, desk)).await?;
    agree(ground, "LEAD_RESPONSE", "How soon leads are answered", bodies::response_times(desk)).await?;
    Ok(Definitions { mql, sql })
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
