//! Scores in the schema, each with what it is made of. It holds no rules.

#![expect(clippy::doc_markdown, reason = "descriptions are read in the schema, where words have no backticks")]

use std::collections::HashSet;

use async_graphql::{Context, Enum, ID, Object, Result as Answer, SimpleObject};
use entity::{
    agreement_version,
    id::{ActivityId, LeadId, RowId, TouchpointId},
};
use rust_decimal::Decimal as Number;
use uuid::Uuid;

use super::{
    Cause, Contribution, ScoringBody,
    likeness::{self, Likeness},
};
use crate::{
    alignment::agreement::Active,
    error::Error,
    graph::{
        Node,
        root::access,
        scalar::{DateTime, Decimal},
    },
};

/// A lead's score and why.
#[derive(SimpleObject)]
pub struct LeadScore {
    /// Points for what the lead is.
    fit: Decimal,
    /// Points for what the lead did, faded and capped, rounded half-even to hundredths; may be negative.
    engagement: Decimal,
    /// Fit and engagement, at least 0, rounded half-even to hundredths.
    total: Decimal,
    /// A letter for fit and a digit for engagement, A1 to C3, by the bands of the agreement.
    grade: String,
    /// The instant for which it was computed.
    as_of: DateTime,
    /// The version of the SCORING agreement that was in force then.
    agreement_version: Node<agreement_version::Entity>,
    /// Which version that is, from 1.
    version: i32,
    /// What it is made of, caps included: their `counted` adds up to `total` exactly.
    contributions: Vec<ScoreContribution>,
}

/// Why a contribution is there.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
pub enum ScoreCause {
    /// A fit rule holds for the lead.
    Fit,
    /// A touchpoint was counted.
    Touchpoint,
    /// An activity was counted.
    Activity,
    /// A group gives no more: what is above its cap, taken away.
    Cap,
    /// No score is below 0: what was missing to it.
    Floor,
}

/// A part of a score.
#[derive(SimpleObject)]
pub struct ScoreContribution {
    /// The name of the rule; of a cap the group's.
    rule: String,
    /// The group in which it counts; null for fit.
    group: Option<String>,
    /// Why it is there.
    cause: ScoreCause,
    /// The rule's points while an event is fresh.
    points: i32,
    /// What is left of them, rounded to four places.
    decayed: Decimal,
    /// Its part of the total, in hundredths.
    counted: Decimal,
    /// The touchpoint or activity that was counted; null where the caller may not read it.
    source_id: Option<ID>,
    /// When that happened; null where the caller may not read what did.
    occurred_at: Option<DateTime>,
}

/// How likely a lead is to be won, by what became of leads like it: naive Bayes over the values it has in common with
/// them, each count smoothed by 0.1.
#[derive(SimpleObject)]
pub struct LeadChance {
    /// Between 0 and 1, rounded half-even to six places. Null when nothing was won, or nothing lost.
    chance: Option<Decimal>,
    /// Leads that were converted and whose opportunity was won.
    won: i32,
    /// Leads that were disqualified, or converted and whose opportunity was lost.
    lost: i32,
    /// What the lead has in common with them, of `source`, `channel`, `campaignId`, `country`, `authority` and
    /// `nurtureTrack`; what it has not is left out.
    traits: Vec<LeadChanceTrait>,
}

/// A value of the lead's and how it went with leads that have it.
#[derive(SimpleObject)]
pub struct LeadChanceTrait {
    /// The field's name.
    field: String,
    /// The value; a campaign's id.
    value: String,
    /// Won ones that have the value.
    won: i32,
    /// Won ones that have any value there.
    won_of: i32,
    /// Lost ones that have the value.
    lost: i32,
    /// Lost ones that have any value there.
    lost_of: i32,
}

fn likely(found: Likeness) -> LeadChance {
    let whole = |n: u32| i32::try_from(n).unwrap_or(i32::MAX);
    let traits = found.traits.into_iter().map(|t| LeadChanceTrait {
        field: t.field.to_owned(),
        value: t.value,
        won: whole(t.seen.won),
        won_of: whole(t.seen.won_of),
        lost: whole(t.seen.lost),
        lost_of: whole(t.seen.lost_of),
    });
    LeadChance {
        chance: found.chance.map(|chance| Decimal(chance.round_dp(6).normalize())),
        won: whole(found.won),
        lost: whole(found.lost),
        traits: traits.collect(),
    }
}

const MOST_DAYS: i32 = 3660;

#[derive(Default)]
pub struct ScoringReads;

#[Object]
impl ScoringReads {
    /// A lead's score with what it is made of, computed from its touchpoints and activities by the version of the SCORING
    /// agreement "LEAD" that is in force. `Lead.score` is the same as a whole number, rounded half to even, renewed with
    /// every event, once a day, and when the lead is qualified or offered. Null when there is no such lead or no such agreement. Error: BAD_USER_INPUT for an `asOf` in the future.
    /// Requires LEAD_READ.
    async fn lead_score(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The lead.")] lead_id: ID,
        #[graphql(
            desc = "The instant; now unless given. Events after it are ignored, the agreement is the one in force then; the lead's own fields are the present ones."
        )]
        as_of: Option<DateTime>,
    ) -> Answer<Option<LeadScore>> {
        let access = access(ctx)?;
        let Ok(lead) = lead_id.parse::<LeadId>() else { return Ok(None) };
        let at = as_of.map_or(access.now(), |at| at.0);
        let Some((agreed, score)) = super::of(access, lead, at).await? else { return Ok(None) };
        let seen = super::seen(access, &score).await?;
        Ok(Some(shown(&agreed, score, at, &seen)))
    }

    /// How likely a lead is to be won, by what became of leads like it, beside `leadScore`, which says what both sides
    /// agreed. Counted over the leads and opportunities that the caller may read, so two callers may see two answers.
    /// Null when there is no such lead. Error: BAD_USER_INPUT for `days`. Requires LEAD_READ.
    async fn lead_chance(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The lead.")] lead_id: ID,
        #[graphql(default = 365, desc = "Learn from leads that ended in this many days before now, 1 to 3660.")]
        days: i32,
    ) -> Answer<Option<LeadChance>> {
        let access = access(ctx)?;
        let Ok(lead) = lead_id.parse::<LeadId>() else { return Ok(None) };
        if !(1..=MOST_DAYS).contains(&days) {
            return Err(Error::BadInput(format!("days must be between 1 and {MOST_DAYS}")).into());
        }
        Ok(likeness::of(access, lead, days).await?.map(likely))
    }
}

fn shown(
    agreed: &Active<ScoringBody>,
    score: super::Score,
    at: chrono::DateTime<chrono::Utc>,
    seen: &HashSet<Uuid>,
) -> LeadScore {
    LeadScore {
        fit: Decimal(score.fit.into()),
        engagement: hundredths(score.engagement),
        total: hundredths(score.total),
        grade: score.grade,
        as_of: DateTime(at),
        agreement_version: Some(agreed.version.uuid()).into(),
        version: agreed.number,
        contributions: score.contributions.into_iter().map(|one| part(one, seen)).collect(),
    }
}

fn hundredths(mut number: Number) -> Decimal {
    number.rescale(2);
    Decimal(number)
}

fn part(one: Contribution, seen: &HashSet<Uuid>) -> ScoreContribution {
    let hidden = matches!(one.cause, Cause::Touchpoint(id, _) | Cause::Activity(id, _) if !seen.contains(&id));
    let (cause, source_id, at) = match one.cause {
        Cause::Fit => (ScoreCause::Fit, None, None),
        Cause::Touchpoint(id, at) => (ScoreCause::Touchpoint, Some(TouchpointId::from_uuid(id).to_string()), Some(at)),
        Cause::Activity(id, at) => (ScoreCause::Activity, Some(ActivityId::from_uuid(id).to_string()), Some(at)),
        Cause::Cap => (ScoreCause::Cap, None, None),
        Cause::Floor => (ScoreCause::Floor, None, None),
    };
    let mut decayed = one.decayed.round_dp(4);
    decayed.rescale(4);
    ScoreContribution {
        rule: one.rule,
        group: one.group,
        cause,
        points: one.points,
        decayed: Decimal(decayed),
        counted: Decimal(Number::new(one.cents, 2)),
        source_id: source_id.filter(|_| !hidden).map(ID),
        occurred_at: at.filter(|_| !hidden).map(DateTime),
    }
}
