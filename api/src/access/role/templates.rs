//! The built-in roles: one table of permission, scope and pool. Rights are read from here and not from the rows, so
//! that a new version of Accord brings its own. It knows no organisation.
//!
//! Each line says what every role may do, in the order of `Template::VALUES`. Where the documents are silent the
//! narrower choice stands, with its reason.

use std::sync::LazyLock;

use entity::{word::Word, words};

use crate::actor::{Permission, Reach, Rights, Scope};

words! {
    /// The roles that every organisation has.
    pub enum Template as "BuiltInRole" {
        /// Configures everything and everybody.
        Admin = "ADMIN",
        /// Runs the process: all records, no people, no deletion.
        Revops = "REVOPS",
        /// Reads everything but what is open only to those it concerns.
        Exec = "EXEC",
        /// Runs campaigns and all leads until sales takes them.
        MktManager = "MKT_MANAGER",
        /// Works on their own campaigns and leads.
        MktUser = "MKT_USER",
        /// Sells with the people below them.
        SalesManager = "SALES_MANAGER",
        /// Sells.
        SalesRep = "SALES_REP",
        /// Qualifies leads for those who sell.
        Sdr = "SDR",
        /// Follows the money.
        Finance = "FINANCE",
        /// A program; its keys narrow it further.
        Integration = "INTEGRATION",
    }
}

impl Template {
    pub const COUNT: usize = Self::VALUES.len();

    pub fn all() -> impl Iterator<Item = Self> {
        Self::VALUES.iter().filter_map(|(word, _)| Self::parse(word))
    }

    /// The name people see.
    pub fn title(self) -> &'static str {
        match self {
            Self::Admin => "Administrator",
            Self::Revops => "Revenue operations",
            Self::Exec => "Executive",
            Self::MktManager => "Marketing manager",
            Self::MktUser => "Marketer",
            Self::SalesManager => "Sales manager",
            Self::SalesRep => "Salesperson",
            Self::Sdr => "Sales development",
            Self::Finance => "Finance",
            Self::Integration => "Integration",
        }
    }

    pub fn rights(self) -> Rights {
        static ALL: LazyLock<Vec<Rights>> = LazyLock::new(|| Template::all().map(read).collect());
        ALL[self as usize].clone()
    }
}

fn read(template: Template) -> Rights {
    let mut rights = Rights::default();
    for (permission, cells) in TABLE {
        if let Some(reach) = cells[template as usize] {
            rights.grant(permission, reach);
        }
    }
    rights
}

type Cell = Option<Reach>;

const fn cell(scope: Scope, unassigned: bool) -> Reach {
    Reach { scope, unassigned }
}

/// All.
const A: Cell = Some(Reach::ALL);
/// Subtree; with the pool.
const S: Cell = Some(cell(Scope::Subtree, false));
const P: Cell = Some(cell(Scope::Subtree, true));
/// Team.
const T: Cell = Some(cell(Scope::Team, false));
/// Own; with the pool.
const O: Cell = Some(cell(Scope::Own, false));
const Q: Cell = Some(cell(Scope::Own, true));
/// Nothing.
const N: Cell = None;

// The administrator has everything that is here but the keys to agreements and what has to do with others' pay.
#[rustfmt::skip]
const TABLE: [(Permission, [Cell; Template::COUNT]); Permission::COUNT] = [
    //                                 ADMIN, REVOPS, EXEC, MKT_MANAGER, MKT_USER, SALES_MANAGER, SALES_REP, SDR, FINANCE, INTEGRATION
    (Permission::OrganizationRead,   [A, A, A, A, A, A, A, A, A, A]),
    (Permission::OrganizationUpdate, [A, N, N, N, N, N, N, N, N, N]),
    (Permission::UserRead,           [A, A, A, A, A, A, A, A, A, A]),
    (Permission::UserCreate,         [A, N, N, N, N, N, N, N, N, N]),
    (Permission::UserUpdate,         [A, N, N, N, N, N, N, N, N, N]),
    (Permission::TeamRead,           [A, A, A, A, A, A, A, A, A, A]),
    (Permission::TeamCreate,         [A, N, N, N, N, N, N, N, N, N]),
    (Permission::TeamUpdate,         [A, N, N, N, N, N, N, N, N, N]),
    (Permission::TeamDelete,         [A, N, N, N, N, N, N, N, N, N]),
    // roles and who holds them: every member, but no program
    (Permission::RoleRead,           [A, A, A, A, A, A, A, A, A, N]),
    (Permission::RoleCreate,         [A, N, N, N, N, N, N, N, N, N]),
    (Permission::RoleUpdate,         [A, N, N, N, N, N, N, N, N, N]),
    (Permission::RoleDelete,         [A, N, N, N, N, N, N, N, N, N]),
    (Permission::SessionUpdate,      [A, N, N, N, N, N, N, N, N, N]),
    // "own-made" for operations; integrations cannot make keys, an administrator makes theirs
    (Permission::ApiKeyRead,         [A, O, N, N, N, N, N, N, N, N]),
    (Permission::ApiKeyCreate,       [A, O, N, N, N, N, N, N, N, N]),
    (Permission::ApiKeyUpdate,       [A, O, N, N, N, N, N, N, N, N]),
    // silent: hours are configuration; everybody sees them
    (Permission::BusinessCalendarRead,   [A, A, A, A, A, A, A, A, A, A]),
    (Permission::BusinessCalendarCreate, [A, A, N, N, N, N, N, N, N, N]),
    (Permission::BusinessCalendarUpdate, [A, A, N, N, N, N, N, N, N, N]),
    (Permission::BusinessCalendarDelete, [A, A, N, N, N, N, N, N, N, N]),
    // silent: why somebody is away is theirs and their manager's; a program keeps them for the staff system
    (Permission::UserAbsenceRead,    [A, A, O, S, O, S, O, O, O, A]),
    (Permission::UserAbsenceCreate,  [A, A, N, S, O, S, O, O, O, A]),
    (Permission::UserAbsenceUpdate,  [A, A, N, S, O, S, O, O, O, A]),
    (Permission::UserAbsenceDelete,  [A, A, N, S, O, S, O, O, O, A]),
    // one's own, whoever one is
    (Permission::NotificationRead,   [O, O, O, O, O, O, O, O, O, N]),
    // clocks are read with their lead; only who manages those who are measured stops them
    (Permission::SlaClockUpdate,     [A, A, N, N, N, S, N, N, N, N]),
    // R t of a salesperson is SUBTREE: their teams, and for leads of a team those below. Accounts nobody owns
    // are not named for sales: least privilege. FINANCE reads no notes: see activities
    (Permission::AccountRead,        [A, A, A, A, A, S, S, S, A, A]),
    (Permission::AccountCreate,      [A, A, N, N, N, S, O, O, N, A]),
    // marketing managers: the documents say "marketing fields"; columns are not told apart yet, so all
    (Permission::AccountUpdate,      [A, A, N, A, N, S, O, O, N, A]),
    (Permission::AccountDelete,      [A, N, N, N, N, S, N, N, N, N]),
    (Permission::AccountAssign,      [A, A, N, N, N, S, N, N, N, N]),
    (Permission::ContactRead,        [A, A, A, A, A, S, S, S, A, A]),
    (Permission::ContactCreate,      [A, A, N, N, N, S, O, O, N, A]),
    (Permission::ContactUpdate,      [A, A, N, A, N, S, O, O, N, A]),
    (Permission::ContactDelete,      [A, N, N, N, N, S, N, N, N, N]),
    (Permission::ContactAssign,      [A, A, N, N, N, S, N, N, N, N]),
    // where consent was withdrawn: operations and the contact's owner, who needs no right for it; the administrator has
    // everything
    (Permission::ContactReadWithheld, [A, A, N, N, N, N, N, N, N, N]),
    // P and Q include the pool: leads that nobody owns; they can be taken, not changed
    (Permission::LeadRead,           [A, A, A, A, A, P, Q, Q, N, A]),
    // a new lead may be left to the pool
    (Permission::LeadCreate,         [A, A, N, A, Q, P, Q, Q, N, A]),
    (Permission::LeadUpdate,         [A, A, N, A, O, S, O, O, N, A]),
    // an offer is a marketing step on a lead within reach; SDRs qualify for those who sell, a program by its scopes
    (Permission::HandoffCreate,      [A, A, N, A, O, S, N, O, N, A]),
    // beside the permission one must be whom it was offered to, of the pool or team, or a manager of theirs
    (Permission::HandoffDecide,      [A, A, N, N, N, S, O, O, N, N]),
    // who works with leads on either side; signed by managers of each side, never both by one role
    (Permission::DisputeCreate,      [A, A, N, A, O, S, O, O, N, N]),
    (Permission::DisputeSignMarketing, [N, N, N, A, N, N, N, N, N, N]),
    (Permission::DisputeSignSales,   [N, N, N, N, N, S, N, N, N, N]),
    (Permission::DisputeBreakTie,    [N, A, N, N, N, N, N, N, N, N]),
    (Permission::FeedbackCreate,     [A, A, N, A, O, S, O, O, N, N]),
    (Permission::FeedbackResolve,    [A, A, N, A, O, N, N, N, N, N]),
    // routing is configuration: CRUD of administrators and operations, R of all people
    (Permission::RoutingRead,        [A, A, A, A, A, A, A, A, A, N]),
    (Permission::RoutingCreate,      [A, A, N, N, N, N, N, N, N, N]),
    (Permission::RoutingUpdate,      [A, A, N, N, N, N, N, N, N, N]),
    (Permission::RoutingDelete,      [A, A, N, N, N, N, N, N, N, N]),
    // a marketing manager's leads are theirs until OFFERED, then for reading only
    (Permission::LeadWork,           [A, A, N, N, O, S, O, O, N, A]),
    // RevOps has CRU X: it never deletes what others made
    (Permission::LeadDelete,         [A, N, N, A, N, N, N, N, N, N]),
    (Permission::LeadAssign,         [A, A, N, A, N, S, N, N, N, N]),
    // "by MKT_MANAGER"; the administrator has everything
    (Permission::LeadQualifyOverride, [A, N, N, A, N, N, N, N, N, N]),
    // programs: R and U "by scope", so the key's scopes narrow these
    (Permission::CampaignRead,       [A, A, A, A, T, A, A, A, A, A]),
    (Permission::CampaignCreate,     [A, A, N, A, O, N, N, N, N, A]),
    (Permission::CampaignUpdate,     [A, A, N, A, O, N, N, N, N, A]),
    (Permission::CampaignDelete,     [A, N, N, A, N, N, N, N, N, N]),
    (Permission::CampaignAssign,     [A, A, N, A, N, N, N, N, N, N]),
    // salespeople see campaigns without their cost; "no cost" is said of SALES_REP, SDR follows it
    (Permission::CampaignCostRead,   [A, A, A, A, T, A, N, N, A, A]),
    (Permission::CampaignCostCreate, [A, A, N, A, O, N, N, N, A, A]),
    (Permission::CampaignCostUpdate, [A, A, N, A, O, N, N, N, A, A]),
    (Permission::CampaignCostDelete, [A, N, N, A, N, N, N, N, N, N]),
    // content is everybody's to read and to use; both sides make it known, a program tells of its use
    (Permission::ContentRead,        [A, A, A, A, A, A, A, A, A, A]),
    (Permission::ContentCreate,      [A, A, N, A, A, A, N, N, N, A]),
    (Permission::ContentUpdate,      [A, A, N, A, A, A, N, N, N, A]),
    (Permission::ContentDelete,      [A, N, N, A, N, N, N, N, N, N]),
    (Permission::ContentUse,         [A, A, A, A, A, A, A, A, A, A]),
    // touches are seen with their lead, contact or account, so sales has its tree and the pool and sees no more than
    // those; they come from marketing and its programs
    (Permission::TouchpointRead,     [A, A, A, A, A, P, P, P, N, A]),
    (Permission::TouchpointCreate,   [A, A, N, A, Q, N, N, N, N, A]),
    (Permission::TouchpointUpdate,   [A, A, N, A, O, N, N, N, N, A]),
    (Permission::TouchpointDelete,   [A, N, N, A, N, N, N, N, N, N]),
    // MKT_USER owns none and follows what their team's leads and campaigns sourced and influenced; SDR what is linked
    // to their own
    (Permission::OpportunityRead,    [A, A, A, A, O, S, T, O, A, A]),
    (Permission::OpportunityReadLinked, [A, A, N, N, T, N, N, O, N, A]),
    (Permission::OpportunityCreate,  [A, A, N, N, N, S, O, N, N, A]),
    (Permission::OpportunityUpdate,  [A, A, N, N, N, S, O, N, N, A]),
    (Permission::OpportunityDelete,  [A, N, N, N, N, N, N, N, N, N]),
    (Permission::OpportunityAssign,  [A, A, N, N, N, S, N, N, N, N]),
    // only managers reopen
    (Permission::OpportunityReopen,  [A, A, N, N, N, S, N, N, N, N]),
    // and only they pass over exit criteria; whoever is bound by a rule does not lift it
    (Permission::OpportunityOverride, [A, A, N, N, N, S, N, N, N, N]),
    // no reach of its own: the opportunity or account decides, to read and to change
    (Permission::CommitteeMemberRead,   [A, A, A, A, A, A, A, A, A, A]),
    (Permission::CommitteeMemberUpdate, [A, A, N, A, N, A, A, A, N, A]),
    // the documents are silent: as far as the role sees leads, at most a team where leads are ALL for reading only
    (Permission::ActivityRead,       [A, A, A, A, T, S, T, T, N, A]),
    (Permission::ActivityCreate,     [A, A, N, O, O, S, O, O, N, A]),
    (Permission::ActivityUpdate,     [A, A, N, O, O, S, O, O, N, A]),
    (Permission::ActivityDelete,     [A, N, N, O, O, O, O, O, N, N]),
    (Permission::ActivityAssign,     [A, A, N, N, N, S, N, N, N, N]),
    (Permission::ProductRead,        [A, A, A, A, A, A, A, A, A, A]),
    // products, pipelines and custom fields are configuration: administrators and operations
    (Permission::ProductCreate,      [A, A, N, N, N, N, N, N, N, N]),
    (Permission::ProductUpdate,      [A, A, N, N, N, N, N, N, N, N]),
    (Permission::ProductDelete,      [A, A, N, N, N, N, N, N, N, N]),
    (Permission::PipelineRead,       [A, A, A, A, A, A, A, A, A, A]),
    (Permission::PipelineCreate,     [A, A, N, N, N, N, N, N, N, N]),
    (Permission::PipelineUpdate,     [A, A, N, N, N, N, N, N, N, N]),
    (Permission::PipelineDelete,     [A, A, N, N, N, N, N, N, N, N]),
    (Permission::ExchangeRateRead,   [A, A, A, A, A, A, A, A, A, A]),
    // silent: who configures and who answers for money
    (Permission::ExchangeRateCreate, [A, A, N, N, N, N, N, N, A, N]),
    (Permission::ExchangeRateUpdate, [A, A, N, N, N, N, N, N, A, N]),
    (Permission::ExchangeRateDelete, [A, N, N, N, N, N, N, N, N, N]),
    (Permission::CustomFieldRead,    [A, A, A, A, A, A, A, A, A, A]),
    (Permission::CustomFieldCreate,  [A, A, N, N, N, N, N, N, N, N]),
    (Permission::CustomFieldUpdate,  [A, A, N, N, N, N, N, N, N, N]),
    (Permission::CustomFieldDelete,  [A, A, N, N, N, N, N, N, N, N]),
    // what is asked of data is configuration, and each side's managers see to theirs
    (Permission::DataQualityRead,    [A, A, A, A, A, A, A, A, A, A]),
    (Permission::DataQualityCreate,  [A, A, N, A, N, A, N, N, N, N]),
    (Permission::DataQualityUpdate,  [A, A, N, A, N, A, N, N, N, N]),
    (Permission::DataQualityDelete,  [A, A, N, A, N, A, N, N, N, N]),
    // silent: those who run integrations and imports of whole lists
    (Permission::ExternalRefRead,    [A, A, N, A, N, A, N, N, N, A]),
    (Permission::ExternalRefCreate,  [A, A, N, A, N, A, N, N, N, A]),
    (Permission::ExternalRefUpdate,  [A, A, N, A, N, A, N, N, N, A]),
    (Permission::ExternalRefDelete,  [A, A, N, N, N, N, N, N, N, A]),
    // both sides draft and propose; ADMIN and REVOPS hold no key, and a program never any
    (Permission::AgreementRead,      [A, A, A, A, A, A, A, A, A, A]),
    (Permission::AgreementCreate,    [A, A, N, A, N, A, N, N, N, N]),
    (Permission::AgreementUpdate,    [A, A, N, A, N, A, N, N, N, N]),
    (Permission::AgreementApproveMarketing, [N, N, N, A, N, N, N, N, N, N]),
    (Permission::AgreementApproveSales,     [N, N, N, N, N, A, N, N, N, N]),
    (Permission::AgreementApproveFinance,   [N, N, N, N, N, N, N, N, A, N]),
    // "tie-break key (optional)": without effect unless the organisation's `agreementTieBreak` is set
    (Permission::AgreementBreakTie,         [N, N, A, N, N, N, N, N, N, N]),
    // lists are made by who runs the process and by the managers of both sides
    (Permission::TargetListRead,     [A, A, A, A, A, A, A, A, A, A]),
    (Permission::TargetListCreate,   [A, A, N, A, N, A, N, N, N, N]),
    (Permission::TargetListUpdate,   [A, A, N, A, N, A, N, N, N, N]),
    (Permission::TargetListDelete,   [A, N, N, N, N, N, N, N, N, N]),
    // as the keys of agreements: each side's manager, nobody both
    (Permission::TargetListVoteMarketing, [N, N, N, A, N, N, N, N, N, N]),
    (Permission::TargetListVoteSales,     [N, N, N, N, N, A, N, N, N, N]),
    // as the goals that they are for: read by all, kept by who runs the process and by the managers of both sides, scored
    // by each side's manager and by nobody for both
    (Permission::InitiativeRead,     [A, A, A, A, A, A, A, A, A, A]),
    (Permission::InitiativeCreate,   [A, A, N, A, N, A, N, N, N, N]),
    (Permission::InitiativeUpdate,   [A, A, N, A, N, A, N, N, N, N]),
    (Permission::InitiativeDelete,   [A, N, N, N, N, N, N, N, N, N]),
    (Permission::InitiativeScoreMarketing, [N, N, N, A, N, N, N, N, N, N]),
    (Permission::InitiativeScoreSales,     [N, N, N, N, N, A, N, N, N, N]),
    // silent: who cleans up is who runs a process or a side; each sees only pairs of records that they see
    (Permission::DuplicateRead,      [A, A, N, A, N, A, N, N, N, N]),
    (Permission::DuplicateCreate,    [A, A, N, A, N, N, N, N, N, N]),
    (Permission::DuplicateUpdate,    [A, A, N, A, N, A, N, N, N, N]),
    // "one record of truth" is the work of who runs a process or a side. A merge is no deletion: nothing is lost, and it
    // can be undone. It reaches as far as the right to change the records
    (Permission::DuplicateMerge,     [A, A, N, A, N, A, N, N, N, N]),
    // "shared metrics show everyone the same value"
    (Permission::MetricRead,         [A, A, A, A, A, A, A, A, A, A]),
    // "shared across roles": everybody keeps their own; who runs the house keeps those in order that are shared
    (Permission::DashboardRead,      [A, A, O, O, O, O, O, O, O, O]),
    (Permission::DashboardCreate,    [A, A, O, O, O, O, O, O, O, N]),
    (Permission::DashboardUpdate,    [A, A, O, O, O, O, O, O, O, N]),
    (Permission::DashboardDelete,    [A, O, O, O, O, O, O, O, O, N]),
    // "visible to the payee, the managers above and finance, to nobody else": whoever else is paid sees their own, and of
    // others only what FINANCE lets them see for an hour
    (Permission::IncentiveRead,      [O, O, O, S, O, S, O, O, A, N]),
    // who runs the money, and nobody who cannot see it
    (Permission::IncentiveAssign,    [N, N, N, N, N, N, N, N, A, N]),
    (Permission::IncentiveRunRead,   [A, A, A, A, A, A, A, A, A, N]),
    (Permission::IncentiveRun,       [N, N, N, N, N, N, N, N, A, N]),
    (Permission::IncentiveApprove,   [N, N, N, N, N, N, N, N, A, N]),
    (Permission::IncentiveLock,      [N, N, N, N, N, N, N, N, A, N]),
    (Permission::IncentiveAdjust,    [N, N, N, N, N, N, N, N, A, N]),
    (Permission::IncentiveDispute,   [O, O, O, S, O, S, O, O, O, N]),
    (Permission::IncentiveTotalRead, [N, N, A, N, N, N, N, N, A, N]),
    (Permission::IncentiveExport,    [N, N, N, N, N, N, N, N, A, N]),
    // whose pay was looked at learns of it; administrators see who was let in
    (Permission::IncentiveGrantRead, [A, O, O, O, O, O, O, O, A, N]),
    (Permission::IncentiveGrant,     [N, N, N, N, N, N, N, N, A, N]),
    // silent: as for exchange rates, who configures and who answers for money
    (Permission::AttributionFreeze,  [A, A, N, N, N, N, N, N, A, N]),
    // what was shown to the board stays: frozen by who answers for a side, for money or for all of it
    (Permission::RevenueReportSnapshotCreate, [A, A, A, A, N, A, N, N, A, N]),
    // thanks are for everybody to see, and people's to give
    (Permission::RecognitionRead,    [A, A, A, A, A, A, A, A, A, A]),
    (Permission::RecognitionCreate,  [A, A, A, A, A, A, A, A, A, N]),
    // how a change came about: administrators, operations and finance of all they see, sales of its records
    (Permission::AuditRead,          [A, A, N, N, N, S, O, O, A, N]),
    // one's own imports; the administrator all
    (Permission::ImportRead,         [A, O, N, O, O, O, N, N, O, O]),
    (Permission::ImportCreate,       [A, O, N, O, O, O, N, N, O, O]),
];

#[cfg(test)]
mod tests;
