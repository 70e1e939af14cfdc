//! Leads in the schema.

use std::sync::LazyLock;

use entity::{
    activity as activities,
    campaign::Channel,
    campaign_member as members, external_ref as refs, handoff as handoffs,
    lead::{Authority, Column as C, DisqualifyCategory, Entity, Status},
    lead_status_change as changes, opportunity as opportunities, routing_decision as decisions, sla_clock as clocks,
    touchpoint as touches,
};

use super::{
    super::{account, activity, contact, custom_field, external_ref, lead_status_change, opportunity, owner, quality},
    steps,
};
use crate::{
    access::user,
    actor::Permission,
    alignment::{agreement, handoff, qualification, routing::decision, sla},
    graph::{self, Field, Kind, Meta, Rules, record::link},
    marketing::{campaign, campaign_member, touchpoint},
};

pub fn meta() -> &'static Meta {
    static META: LazyLock<Meta> = LazyLock::new(|| {
        let rules = Rules {
            read: Permission::LeadRead,
            create: Some(Permission::LeadCreate),
            update: Some(Permission::LeadUpdate),
            delete: Some(Permission::LeadDelete),
            assign: Some(Permission::LeadAssign),
        };
        let mut fields = own();
        fields.extend(wants());
        fields.extend(standing());
        fields.extend(relations());
        fields.extend(owner::groups());
        let about = "A person or company that may buy, before there is an opportunity.";
        stepped(Meta::new::<Entity>("Lead", "leads", about, rules, fields))
    });
    &META
}

fn own() -> Vec<Field> {
    vec![
        graph::text(C::FirstName, "Given name.").max(100).write().search(),
        graph::text(C::LastName, "Family name.").max(100).write().filter().order().search(),
        graph::email(C::Email, "Where to reach them. Several leads may have the same.")
            .write()
            .filter()
            .order()
            .search(),
        graph::text(C::Phone, "Telephone number, 7 to 15 digits, best with `+` and the country's prefix as in E.164; blanks, dots, dashes and brackets are left out.").max(40).normal(graph::text::phone).write(),
        graph::text(C::CompanyName, "The company, as the person wrote it.").write().filter().order().search(),
        graph::text(C::Title, "Their position.").write(),
        graph::text(C::Country, "Where they say they work: ISO 3166 country code, two letters, such as DE; whether there is such a country is not checked.")
            .max(2)
            .normal(graph::text::country)
            .write(),
        graph::text(C::Source, "Where the lead came from, e.g. \"web\".").max(100).write().filter().order().group(),
        graph::word::<Channel, _>(C::Channel, "The channel the lead came through.").write().filter().group(),
        graph::text(C::Description, "What else there is to say, in plain text.").max(10_000).write(),
        custom_field::field(C::Custom),
        quality::record::field(entity::data_quality_rule::Subject::Lead),
    ]
}

/// What sales asks of a lead before it is one: budget, authority, need and timing.
fn wants() -> Vec<Field> {
    vec![
        graph::money("budget", C::BudgetMinor, C::BudgetCurrency, "What they could spend.").write().filter().order(),
        graph::word::<Authority, _>(C::Authority, "What they have to say when something is bought.")
            .write()
            .filter()
            .order()
            .group(),
        graph::text(C::Need, "What they need it for, in plain text.").max(2000).write(),
        graph::date(C::BuysBy, "By when they want to have bought.").write().filter().order().group(),
    ]
}

fn standing() -> Vec<Field> {
    vec![
        graph::word::<Status, _>(C::Status, "Where the lead stands on its way; NEW unless given. On create, for history: NEW, NURTURING, MQL, WORKING, SQL, DISQUALIFIED or RECYCLED; later only steps change it. More than NEW and NURTURING needs LEAD_CREATE for all leads; WORKING, SQL and DISQUALIFIED also LEAD_WORK for all leads, and DISQUALIFIED, which nobody tried to reach, also LEAD_QUALIFY_OVERRIDE; else VALIDATION.")
            .once()
            .filter()
            .order()
            .group(),
        graph::time(C::StatusChangedAt, "When it came to stand there.").filter().order().group(),
        graph::text(C::StatusReason, "Why it came to stand there, in somebody's words."),
        graph::time(C::RecycleUntil, "When a RECYCLED lead is NURTURING again by itself.").filter().order(),
        graph::text(C::NurtureTrack, "The programme it is nurtured by.").filter().group(),
        graph::integer(C::Score, "How well and how warm, by the agreed scoring, as a whole number, rounded half to even: renewed with every event, once a day, and when the lead is qualified or offered, which are judged by it. `leadScore` says what it is made of.").filter().order(),
        graph::time(C::ScoredAt, "When that score was computed.").filter().order(),
        graph::integer(C::CycleNo, "How often it has gone round, from 1."),
        graph::word::<DisqualifyCategory, _>(C::DisqualifyCategory, "Why it was given up; on create only with the status DISQUALIFIED.").once().filter().order().group(),
        graph::text(C::DisqualifyReason, "Why it was given up, in somebody's words.").max(2000).once(),
        graph::time(C::ConvertedAt, "When it was converted.").filter().order().group(),
    ]
}

fn relations() -> Vec<Field> {
    vec![
        link(C::OwnerId, user::meta, "Who works this lead; none while it is in the pool.")
            .ordered_by(entity::user::Column::Name, graph::Kind::Text),
        link(C::CampaignId, campaign::meta, "The campaign that brought it."),
        link(
            C::MatchedAccountId,
            account::meta,
            "The account it seems to belong to: given, or found by its corporate e-mail domain or its company's name when it is created and when these change; see `leadAccountMatch`. Null forbids it on create.",
        ),
        graph::one(C::ConvertedAccountId, account::meta, "The account it became part of.").filter(),
        graph::one(C::ConvertedContactId, contact::meta, "The contact it became.").filter(),
        graph::one(C::ConvertedOpportunityId, opportunity::meta, "The opportunity that began with it.").filter(),
        graph::one(C::MergedIntoId, meta, "The lead it was merged into.").filter(),
        graph::one(
            C::AgreementVersionId,
            agreement::graphql::version,
            "The version of an agreement by which it came to stand there.",
        )
        .filter(),
        graph::many("activities", activities::Column::LeadId, activity::meta, "What was said and is to be done.")
            .filter(),
        graph::many("handoffs", handoffs::Column::LeadId, handoff::meta, "Offers to sales and their answers.").filter(),
        graph::many(
            "sla_clocks",
            clocks::Column::LeadId,
            sla::graphql::meta,
            "How soon it is to be answered, and was.",
        )
        .filter(),
        graph::many("routing_decisions", decisions::Column::LeadId, decision::meta, "To whom it went, and why.")
            .filter(),
        graph::many(
            "status_changes",
            changes::Column::LeadId,
            lead_status_change::meta,
            "Every move from state to state.",
        )
        .filter(),
        graph::many(
            "opportunities",
            opportunities::Column::SourceLeadId,
            opportunity::meta,
            "Opportunities that began with it.",
        )
        .filter(),
        graph::many(
            "campaign_members",
            members::Column::LeadId,
            campaign_member::meta,
            "The campaigns it took part in.",
        )
        .filter(),
        graph::many("touchpoints", touches::Column::LeadId, touchpoint::meta, "What they did that shows interest.")
            .filter(),
        graph::many("external_refs", refs::Column::EntityId, external_ref::meta, "What other systems call it.")
            .only(refs::Column::EntityType, "lead"),
    ]
}

fn stepped(meta: Meta) -> Meta {
    worked(offered(meta)).step::<Entity>(
        "Disqualify",
        Permission::LeadUpdate,
        "Gives a lead up. Needs at least one call or mail to it, or a meeting with it, else CRITERIA_UNMET. One that is REJECTED only when sales rejected it as CLERICAL. Emits `lead.disqualified`.",
        vec![
            graph::word::<DisqualifyCategory, _>(C::DisqualifyCategory, "Why.").named("category").required(),
            graph::text(C::DisqualifyReason, "Why, in your words.").named("reason").max(2000),
        ],
        handoff::disqualify,
    )
    .step::<Entity>(
        "Qualify",
        Permission::LeadUpdate,
        "Makes a NEW, NURTURING or RECYCLED lead an MQL by the QUALIFICATION agreement MQL that is in force, whose version it keeps. Refused with AGREEMENT_REQUIRED when none is, with CRITERIA_UNMET for each criterion that is not met. Emits `lead.moved`.",
        vec![
            graph::told("override", Kind::Boolean, "Qualify it against the definition; needs a reason and LEAD_QUALIFY_OVERRIDE."),
            graph::told("reason", Kind::Text, "Why, in your words.").max(2000),
        ],
        qualification::qualify,
    )
    .step::<Entity>(
        "Reopen",
        Permission::LeadUpdate,
        "Brings a disqualified lead back to NURTURING; the reason is kept as a note on it. Emits `lead.reopened`.",
        vec![graph::told("reason", Kind::Text, "Why.").max(2000).required()],
        steps::reopen,
    )
}

fn offered(meta: Meta) -> Meta {
    meta.step_keeping::<Entity>(
        "Offer",
        Permission::HandoffCreate,
        "Offers a qualified lead to sales: MQL becomes OFFERED, with a PENDING handoff that keeps what spoke for the lead. At \
         most one of `userId`, `poolId`, `queueId` and `teamId`; with none the routing agreement in force decides, else \
         AGREEMENT_REQUIRED. Only to people who may answer offers (HANDOFF_DECIDE): routing passes over others, a user who may \
         not is VALIDATION. Who may answer offers may be offered a lead by themselves. CRITERIA_UNMET when nobody can be found, \
         whose routing decision is kept as `failed`, when of a team or queue nobody may answer, and for a lead that was \
         created as MQL and does not meet the definition in force. Starts the clocks that the agreement on response times promises. Emits `handoff.offered` and `lead.offered`.",
        vec![
            graph::told("user_id", Kind::Id("user"), "To this active user."),
            graph::told("pool_id", Kind::Id("pool"), "To the member of this pool whose turn it is."),
            graph::told("queue_id", Kind::Id("pool"), "To whoever of this pool takes it first."),
            graph::told("team_id", Kind::Id("team"), "To whoever of this team takes it first."),
            graph::told("expires_at", Kind::Time, "When the offer ends unanswered and the lead goes to somebody else; never, or when the routing agreement says, unless given."),
        ],
        (handoff::offer, handoff::keep),
    )
}

fn worked(meta: Meta) -> Meta {
    meta.step::<Entity>(
        "Work",
        Permission::LeadUpdate,
        "Says that sales is in touch: ACCEPTED becomes WORKING. Happens by itself with the first response; needs a call, \
         mail or meeting logged, else CRITERIA_UNMET. Emits `lead.moved`.",
        vec![],
        steps::work,
    )
    .step::<Entity>(
        "Confirm",
        Permission::LeadUpdate,
        "Confirms a need worth an opportunity: WORKING becomes SQL. Where a QUALIFICATION agreement SQL is in force the lead \
         must meet it, else CRITERIA_UNMET for each criterion that is not met. Emits `lead.moved`.",
        vec![graph::text(C::StatusReason, "Why.").named("reason").max(2000)],
        handoff::confirm,
    )
    .step::<Entity>(
        "Recycle",
        Permission::LeadUpdate,
        "Gives a lead back to marketing for another round: ACCEPTED, WORKING, SQL or REJECTED becomes RECYCLED. It is again \
         whose it was before the offer that sales accepted; nobody's, if that user is not active any more. The answer's \
         `lead` is null when the caller does not see it there. Emits `lead.recycled`.",
        vec![
            graph::text(C::StatusReason, "Why.").named("reason").max(2000).required(),
            graph::time(C::RecycleUntil, "When it is NURTURING again by itself; when somebody says so, unless given.").named("until"),
            graph::text(C::NurtureTrack, "The programme it is to be nurtured by.").named("track").max(100),
        ],
        steps::recycle,
    )
    .step::<Entity>(
        "Nurture",
        Permission::LeadUpdate,
        "Keeps a lead warm until it is ready: NEW, MQL or RECYCLED becomes NURTURING; a recycled one begins its next round. \
         Emits `lead.moved`.",
        vec![
            graph::text(C::StatusReason, "Why.").named("reason").max(2000),
            graph::text(C::NurtureTrack, "The programme it is nurtured by.").named("track").max(100),
        ],
        steps::nurture,
    )
}
