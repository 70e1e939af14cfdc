//! Qualification in the schema. It holds no rules.

#![expect(clippy::doc_markdown, reason = "descriptions are read in the schema, where words have no backticks")]

use async_graphql::{Context, ID, InputObject, Object, Result as Answer, SimpleObject};
use entity::{
    agreement_version,
    id::{LeadId, RowId},
};

use super::{
    By, Judged, QualificationBody, Stage,
    requalify::{Policy, Requalified},
    simulate::{BySource, Passed, Simulation},
};
use crate::{
    actor::Permission,
    alignment::{
        agreement::{Body, active},
        rule::Criterion,
    },
    error::{Error, Result},
    graph::{
        Node,
        derived::{Period, Ratio, Term, UserError, outcome, whole},
        root::access,
        scalar::DateTime,
        value,
    },
    store::Access,
};

/// What a definition says of a lead.
#[derive(SimpleObject)]
pub struct LeadQualification {
    /// The stage it is about.
    stage: Term<Stage>,
    /// Whether every criterion is met.
    met: bool,
    /// Each criterion, with what must be and what is.
    criteria: Vec<Criterion>,
    /// The version of the definition; null without AGREEMENT_READ.
    agreement_version: Node<agreement_version::Entity>,
    /// Which version that is, from 1.
    version: i32,
    /// Whether one person signed it for both sides.
    solo: bool,
    /// Whether it is the version that the lead was qualified under.
    kept: bool,
    /// The version in force now, by which leads are qualified from now on; null when none is, and without
    /// AGREEMENT_READ.
    in_force_version: Node<agreement_version::Entity>,
    /// The instant for which it was asked.
    as_of: DateTime,
}

impl LeadQualification {
    fn of(judged: Judged, stage: Stage, access: &Access) -> Self {
        Self {
            stage: Term(stage),
            met: judged.verdict.met,
            criteria: judged.verdict.criteria,
            agreement_version: Some(judged.agreed.version.uuid()).into(),
            version: judged.agreed.number,
            solo: judged.agreed.solo,
            kept: judged.kept,
            in_force_version: judged.in_force.map(RowId::uuid).into(),
            as_of: DateTime(access.now()),
        }
    }
}

/// The leads of a window that a definition passes, and what became of them.
#[derive(SimpleObject)]
pub struct SimulatedDefinition {
    /// Leads it passes, of all in the window.
    passed: Ratio,
    /// Of the leads it passes, those that came to SQL or further.
    sql_rate: Ratio,
    /// Of the opportunities that began with them and were won or lost, the won ones; as far as the caller may read
    /// opportunities.
    win_rate: Ratio,
}

impl SimulatedDefinition {
    fn of(passed: Passed, leads: i64) -> Self {
        Self {
            passed: Ratio::of(passed.leads, leads),
            sql_rate: Ratio::of(passed.reached_sql, passed.leads),
            win_rate: Ratio::of(passed.won, passed.won + passed.lost),
        }
    }
}

/// The leads of one source.
#[derive(SimpleObject)]
pub struct SimulatedSource {
    /// `Lead.source`; null for leads without one.
    source: Option<String>,
    /// How many there are.
    leads: i32,
    /// How many the definition asked about passes.
    candidate: i32,
    /// How many the version in force passes.
    in_force: i32,
    /// How many both pass.
    both: i32,
}

/// What a definition would have meant in a past window, beside the version in force.
#[derive(SimpleObject)]
pub struct QualificationSimulation {
    /// Leads of the window that the caller may read.
    leads: i32,
    /// The definition asked about.
    candidate: SimulatedDefinition,
    /// The version in force; it passes nobody when there is none.
    in_force: SimulatedDefinition,
    /// Which version is in force; null when none is.
    in_force_version: Option<i32>,
    /// Leads that both pass.
    both: i32,
    /// Leads that only the one asked about passes.
    only_candidate: i32,
    /// Leads that only the one in force passes.
    only_in_force: i32,
    /// The 50 sources with the most leads.
    by_source: Vec<SimulatedSource>,
}

fn source(of: BySource) -> SimulatedSource {
    SimulatedSource {
        source: of.source,
        leads: whole(of.leads),
        candidate: whole(of.candidate),
        in_force: whole(of.in_force),
        both: whole(of.both),
    }
}

fn shown(simulation: Simulation, version: Option<i32>) -> QualificationSimulation {
    QualificationSimulation {
        leads: whole(simulation.leads),
        candidate: SimulatedDefinition::of(simulation.candidate(), simulation.leads),
        in_force: SimulatedDefinition::of(simulation.in_force(), simulation.leads),
        in_force_version: version,
        both: whole(simulation.both.leads),
        only_candidate: whole(simulation.only_candidate.leads),
        only_in_force: whole(simulation.only_in_force.leads),
        by_source: simulation.sources.into_iter().map(source).collect(),
    }
}

#[derive(Default)]
pub struct QualificationReads;

#[Object]
impl QualificationReads {
    /// What the definition of a stage says of a lead, criterion by criterion. A lead that was qualified under a version
    /// keeps it: `kept`. Null when there is no such lead, agreement or version; for a version without AGREEMENT_READ too.
    /// Requires LEAD_READ.
    async fn lead_qualification(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The lead.")] lead_id: ID,
        #[graphql(desc = "The stage.")] stage: Term<Stage>,
        #[graphql(desc = "Ask the version in force, even if the lead was qualified under another.", default)]
        in_force: bool,
        #[graphql(
            desc = "Ask this version, e.g. the draft to which the lead is a counter-example: an id that begins with `agreement_version_`."
        )]
        version_id: Option<ID>,
    ) -> Answer<Option<LeadQualification>> {
        let access = access(ctx)?;
        let Ok(lead) = lead_id.parse::<LeadId>() else { return Ok(None) };
        let by = match (version_id, in_force) {
            (Some(_), true) => return Err(Error::BadInput("give either inForce or versionId".into()).into()),
            (Some(_), _) if !access.actor().may(Permission::AgreementRead) => return Ok(None),
            (Some(id), _) => match id.parse() {
                Ok(id) => By::Version(id),
                Err(_) => return Ok(None),
            },
            (None, true) => By::InForce,
            (None, false) => By::Kept,
        };
        let judged = super::of(access, lead, stage.0, by).await?;
        Ok(judged.map(|judged| LeadQualification::of(judged, stage.0, access)))
    }

    /// What a definition would have meant for the leads created in a window, before anybody signs it: how many it
    /// passes, by source, the overlap with the version in force, and what became of the leads that each passes. Leads
    /// are judged by their present fields, touchpoints and activities as of the window's end. Give either a body or a
    /// version. Null without AGREEMENT_READ, or when there is no such version of this stage's definition. Error:
    /// BAD_USER_INPUT for a body with faults. Counts leads that the caller may read: LEAD_READ.
    async fn qualification_simulation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The stage.")] stage: Term<Stage>,
        #[graphql(desc = "When the leads were created.")] window: Period,
        #[graphql(desc = "A definition that is not written down yet.")] body: Option<QualificationBody>,
        #[graphql(desc = "A version that is: its id begins with `agreement_version_`.")] version_id: Option<ID>,
    ) -> Answer<Option<QualificationSimulation>> {
        let access = access(ctx)?;
        if !access.actor().may(Permission::AgreementRead) {
            return Ok(None);
        }
        let Some(candidate) = candidate(access, stage.0, body, version_id).await? else { return Ok(None) };
        let ends = window.ends()?;
        let in_force = active::<QualificationBody>(access, stage.0.key()).await?;
        let body = in_force.as_ref().map(|agreed| &agreed.body);
        let simulation = super::simulate::simulate(access, &candidate, body, ends).await?;
        Ok(Some(shown(simulation, in_force.map(|agreed| agreed.number))))
    }
}

async fn candidate(
    access: &Access,
    stage: Stage,
    body: Option<QualificationBody>,
    version: Option<ID>,
) -> Result<Option<QualificationBody>> {
    match (body, version) {
        (Some(body), None) => match body.check().into_iter().next() {
            None => Ok(Some(body)),
            Some(fault) => Err(Error::BadInput(format!("body.{}: {}", fault.field.join("."), fault.message))),
        },
        (None, Some(id)) => {
            let Ok(id) = id.parse() else { return Ok(None) };
            Ok(super::version(access, id, stage).await?.map(|agreed| agreed.body))
        }
        _ => Err(Error::BadInput("give either body or versionId".into())),
    }
}

/// Which leads to judge again.
#[derive(InputObject)]
pub struct LeadRequalifyInput {
    /// Which ones, and what happens to those that do not meet the version in force.
    policy: Term<Policy>,
    /// Go on after this one: `lastId` of the call before.
    after: Option<ID>,
}

/// The answer of `leadRequalify`; its numbers are null when refused.
#[derive(SimpleObject)]
pub struct LeadRequalifyPayload {
    /// Leads qualified under another version than the one in force: at most 500 at a time.
    outdated: Option<i32>,
    /// Of them, those that meet it and are from now on qualified under it.
    met: Option<i32>,
    /// Of them, those that do not meet it.
    unmet: Option<i32>,
    /// Of these, those sent back to NURTURING.
    returned: Option<i32>,
    /// The last lead judged, if there may be more: call again with it as `after`.
    last_id: Option<ID>,
    /// What was wrong with the input; empty when it was done.
    user_errors: Vec<UserError>,
}

impl LeadRequalifyPayload {
    fn of(done: Result<Requalified>) -> Result<Option<Self>> {
        let (done, user_errors) = outcome(done)?;
        let count = |of: fn(&Requalified) -> usize| done.as_ref().map(|d| i32::try_from(of(d)).unwrap_or(i32::MAX));
        Ok(Some(Self {
            outdated: count(|d| d.outdated),
            met: count(|d| d.met),
            unmet: count(|d| d.unmet),
            returned: count(|d| d.returned),
            last_id: done.as_ref().and_then(|d| d.last).map(|id| ID(id.to_string())),
            user_errors,
        }))
    }
}

#[derive(Default)]
pub struct QualificationWrites;

#[Object]
impl QualificationWrites {
    /// Judges leads again that were qualified under another version of the definition MQL than the one in force. Nothing
    /// does so by itself. Leads that LEAD_QUALIFY_OVERRIDE reaches, in the order of their ids, at most 500 in one call.
    /// User errors: AGREEMENT_REQUIRED, VALIDATION. Takes an idempotency key; writes events, `lead.requalified` for each
    /// MQL that meets it. Requires LEAD_QUALIFY_OVERRIDE.
    async fn lead_requalify(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which leads.")] input: LeadRequalifyInput,
    ) -> Answer<Option<LeadRequalifyPayload>> {
        let access = access(ctx)?;
        Ok(LeadRequalifyPayload::of(requalified(access, input).await)?)
    }
}

async fn requalified(access: &Access, input: LeadRequalifyInput) -> Result<Requalified> {
    let after = input.after.map(|id| value::typed::<LeadId>("after", &id)).transpose()?;
    super::requalify::requalify(access, input.policy.0, after).await
}
