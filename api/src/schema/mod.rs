//! The API on one page: every record and what stands beside them.

use async_graphql::{MergedObject, MergedSubscription, Schema, SchemaBuilder, ValidationMode};

use crate::{
    access::{self, absence, api_key, calendar, identity::Gate, notification, organization, role, session, team, user},
    alignment::{
        self,
        agreement::{command::AgreementWrites, question::AgreementReads},
        attribution::{self, correct::AttributionWrites, graphql::AttributionReads},
        handoff::{self, graphql::HandoffStream},
        qualification::graphql::{QualificationReads, QualificationWrites},
        routing::{self, graphql::RoutingWrites},
        scoring::{self, graphql::ScoringReads},
        sla::{
            self,
            graphql::{SlaReads, SlaStream},
            volume::graphql::SlaVolumeReads,
        },
        target_list::graphql::TargetWrites,
    },
    crm::{
        self, criterion::graphql::CriterionReads, duplicate::graphql::DuplicateReads,
        lead::convert::graphql::ConvertWrites, matching::graphql::MatchReads, merge::graphql::MergeWrites,
        opportunity_split::graphql::SplitWrites, opportunity_state::graphql::OpportunityHistoryReads,
    },
    graph::{
        Meta,
        root::{Reads, Writes, install},
        sdl::Needing,
        seal::Seal,
    },
    incentive::{
        self, backtest::graphql::BacktestReads, lint::graphql::LintReads, payroll::graphql::PayrollReads,
        project::graphql::ProjectReads, run::stream::graphql::RunStream, total::graphql::TotalReads,
    },
    insight::{
        self,
        aging::graphql::AgingReads,
        alignment_index::graphql::AlignmentReads,
        answers::graphql::AnswerReads,
        attribution::graphql::CreditReads,
        dashboard::{data::DashboardReads, stream::DashboardStream},
        forecast::graphql::ForecastReads,
        funnel::graphql::FunnelReads,
        goal::{
            self, decompose::graphql::GoalNeedReads, graphql::GoalStream, progress::GoalReads, seasons::GoalSeasonReads,
        },
        health::graphql::HealthReads,
        initiative::{contribution::InitiativeReads, graphql::InitiativeWrites},
        metric::graphql::MetricReads,
        report::graphql::{ReportReads, ReportWrites},
        timeline::graphql::TimelineReads,
        waterfall::graphql::WaterfallReads,
    },
    integration::{
        changes::{Changes, ChangesStream},
        import::{
            graphql::{ImportReads, ImportWrites},
            record as imports,
        },
    },
    marketing,
    store::{Listener, listen},
};

/// Every record of the schema.
pub fn records() -> Vec<&'static Meta> {
    let access = vec![
        organization::meta(),
        user::meta(),
        team::meta(),
        team::memberships(),
        role::meta(),
        role::grant::meta(),
        session::meta(),
        api_key::meta(),
        calendar::record::meta(),
        absence::meta(),
        notification::meta(),
    ];
    let agreed = [alignment::records(), insight::records()].concat();
    [access, crm::records(), marketing::records(), agreed, incentive::records(), imports::records()].concat()
}

/// Who follows up on what is written in lower themes, in the same commit.
fn listeners() -> Vec<Listener> {
    let kept = vec![crm::opportunity_state::LISTENER, crm::lead_cycle::LISTENER, crm::opportunity::LISTENER];
    let more = vec![routing::LISTENER, marketing::converted::listener(), goal::LISTENER];
    let agreed = [scoring::listeners(), sla::listeners(), handoff::listeners(), attribution::listeners()].concat();
    [kept, agreed, more, incentive::listeners()].concat()
}

/// Everything that can be read.
#[derive(MergedObject, Default)]
#[graphql(name = "Query")]
pub struct AllReads(
    Reads,
    CriterionReads,
    Changes,
    ImportReads,
    AgreementReads,
    QualificationReads,
    ScoringReads,
    SlaReads,
    SlaVolumeReads,
    AnswerReads,
    AttributionReads,
    CreditReads,
    MatchReads,
    DuplicateReads,
    MetricReads,
    WaterfallReads,
    ReportReads,
    HealthReads,
    AlignmentReads,
    TimelineReads,
    GoalReads,
    GoalNeedReads,
    GoalSeasonReads,
    InitiativeReads,
    DashboardReads,
    ForecastReads,
    FunnelReads,
    AgingReads,
    OpportunityHistoryReads,
    TotalReads,
    LintReads,
    BacktestReads,
    ProjectReads,
    PayrollReads,
    access::graphql::Query,
);

/// Everything that can be changed.
#[derive(MergedObject, Default)]
#[graphql(name = "Mutation")]
pub struct AllWrites(
    Writes,
    TargetWrites,
    ImportWrites,
    AgreementWrites,
    AttributionWrites,
    QualificationWrites,
    RoutingWrites,
    MergeWrites,
    ConvertWrites,
    SplitWrites,
    ReportWrites,
    InitiativeWrites,
    access::graphql::Mutation,
);

/// Everything that can be followed.
#[derive(MergedSubscription, Default)]
#[graphql(name = "Subscription")]
pub struct Subscription(ChangesStream, HandoffStream, SlaStream, GoalStream, DashboardStream, RunStream);

pub type Query = Needing<AllReads>;
pub type Mutation = Needing<AllWrites>;

pub type AppSchema = Schema<Query, Mutation, Subscription>;

/// The schema without what signing in needs: for its text, and for tests that bring their own callers.
pub fn build() -> AppSchema {
    builder().finish()
}

/// The schema as it is served.
pub fn with(gate: Gate) -> AppSchema {
    let seal = Seal::new(gate.keys().oldest().expose());
    builder().data(gate).data(seal).finish()
}

/// Names the records for commands that need no schema.
pub fn install_records() {
    install(records);
    listen(listeners);
}

fn builder() -> SchemaBuilder<Query, Mutation, Subscription> {
    install_records();
    let (query, mutation) = (Needing(AllReads::default()), Needing(AllWrites::default()));
    // the front door has validated and bounded every document before it comes here
    Schema::build(query, mutation, Subscription::default())
        .validation_mode(ValidationMode::Fast)
        .limit_recursive_depth(200)
        .disable_suggestions()
}

/// The schema as text: what `schema.graphql` holds and the front door reads.
pub fn sdl() -> String {
    DIRECTIVES.iter().fold(build().sdl(), |sdl, (plain, described)| sdl.replace(plain, described))
}

/// The engine leaves out what arguments of directives are for.
const DIRECTIVES: [(&str, &str); 2] = [
    (
        "@idempotent(key: String!)",
        "@idempotent(\n\t\"\"\"\n\tAt most 255 visible ASCII characters; kept for 30 days.\n\t\"\"\"\n\tkey: String!\n)",
    ),
    (
        "@permission(anyOf: [Permission!]!)",
        "@permission(\n\t\"\"\"\n\tOne of these is needed.\n\t\"\"\"\n\tanyOf: [Permission!]!\n)",
    ),
];
