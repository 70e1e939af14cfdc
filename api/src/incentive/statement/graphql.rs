//! Statements in the schema.

use std::sync::LazyLock;

use entity::{
    incentive_dispute::Column as Q,
    incentive_source::{self as sources, Column as S, SourceKind},
    incentive_statement::{self as statements, Column as C},
    incentive_statement_line::{self as lines, Column as L, LineCause, LineKind},
    opportunity_split::SplitRole,
    user::Side,
};

use crate::{
    access::user,
    actor::Permission,
    alignment::agreement::graphql::version,
    crm::opportunity,
    graph::{self, Meta, Rules},
    incentive::{adjustment, dispute, run},
};

const RULES: Rules = Rules { read: Permission::IncentiveRead, create: None, update: None, delete: None, assign: None };

pub fn statement() -> &'static Meta {
    static META: LazyLock<Meta> = LazyLock::new(|| {
        let about = "What a run of an incentive plan comes to for one person. Seen by that person, those above them and finance. \
                     Each calculation of a run makes its own; `current` ones are those of the last. Once the run is locked \
                     nothing changes them: corrections are adjustments in a later run.";
        let disputable = Meta::new::<statements::Entity>(
            "IncentiveStatement",
            "incentiveStatements",
            about,
            RULES,
            vec![
                graph::one(C::RunId, run::meta, "The run.").filter(),
                graph::one(C::AgreementVersionId, version, "The version of the plan that it pays by.").filter(),
                graph::one(C::UserId, user::meta, "Whose pay.").filter().group(),
                graph::word::<Side, _>(C::Side, "On which side they are paid.").filter().order().group(),
                graph::integer(C::Revision, "Of which calculation of the run."),
                graph::boolean(C::Current, "Whether it is of the run's last complete calculation.").filter().group(),
                graph::date(C::PeriodStart, "The run's first day.").filter().order().group(),
                graph::date(C::PeriodEnd, "The first day after the run's period.").filter().order(),
                graph::money("total", C::TotalMinor, C::Currency, "What is paid: the sum of its lines.")
                    .filter()
                    .order(),
                graph::money(
                    "owed",
                    C::OwedMinor,
                    C::Currency,
                    "What is still to be earned of recoverable draws; kept from later pay.",
                ),
                graph::money(
                    "carried",
                    C::CarriedMinor,
                    C::Currency,
                    "What could not be taken back with it yet, and goes into the next run.",
                ),
                graph::time(C::PaidAt, "When it was paid; null before.").filter().order(),
                graph::many("lines", L::StatementId, line, "What the total is made of, in the order of `position`."),
                graph::many("disputes", Q::StatementId, dispute::meta, "Quarrels over it.").filter(),
            ],
        );
        dispute::graphql::of_statement(disputable)
    });
    &META
}

pub fn line() -> &'static Meta {
    static META: LazyLock<Meta> = LazyLock::new(|| {
        let about = "A reason for a part of a statement's total. A cap is a line of its own, FORFEITED.";
        let money = |name, amount, about| graph::money(name, amount, L::Currency, about);
        Meta::new::<lines::Entity>(
            "IncentiveStatementLine",
            "incentiveStatementLines",
            about,
            RULES,
            vec![
                graph::one(L::StatementId, statement, "The statement.").filter(),
                graph::one(L::RunId, run::meta, "Its run.").filter(),
                graph::one(L::UserId, user::meta, "Whose pay.").filter().group(),
                graph::integer(L::Position, "Its place in the statement, from 1."),
                graph::word::<LineKind, _>(L::Kind, "What it is.").filter().order().group(),
                graph::text(L::Component, "The key of the plan's component that it is of."),
                money("basis", L::BasisMinor, "What was multiplied: the weighted bonus, or what was credited."),
                graph::integer(L::Events, "How often a SPIFF is paid."),
                graph::decimal(L::AttainmentE6, 6, "How far the goal or the quota was reached: 1 is all of it.")
                    .named("attainment"),
                graph::decimal(L::FactorE6, 6, "What the basis was multiplied by, data health included.")
                    .named("factor"),
                money("uncapped", L::UncappedMinor, "What would be paid if nothing was taken away."),
                money("forfeited", L::ForfeitedMinor, "What of that is not paid."),
                money("amount", L::AmountMinor, "What is paid; below 0 what is taken.").filter().order(),
                graph::word::<LineCause, _>(L::Because, "What took something away."),
                graph::one(L::AdjustmentId, adjustment::meta, "The adjustment that is paid or taken here."),
                graph::many(
                    "sources",
                    S::StatementLineId,
                    source,
                    "The records that it was calculated from, as they were then.",
                ),
            ],
        )
    });
    &META
}

pub fn source() -> &'static Meta {
    static META: LazyLock<Meta> = LazyLock::new(|| {
        let about = "A record that a line of a statement was calculated from, as it was then. Never changed, whatever becomes of \
                     the record.";
        Meta::new::<sources::Entity>(
            "IncentiveSource",
            "incentiveSources",
            about,
            RULES,
            vec![
                graph::one(S::StatementLineId, line, "The line; null while its calculation goes on.").filter(),
                graph::one(S::UserId, user::meta, "Whose pay.").filter().group(),
                graph::text(S::Component, "The key of the plan's component."),
                graph::word::<SourceKind, _>(S::Kind, "What it is."),
                graph::any("record", S::RecordType, S::RecordId, "The record."),
                graph::one(
                    S::OpportunityId,
                    opportunity::meta,
                    "The sale that it is or is about; null when the caller may not see it any more.",
                )
                .filter(),
                graph::word::<SplitRole, _>(S::Role, "What the share in the sale was for."),
                graph::decimal(S::PercentE2, 2, "The share in the sale, in percent.").named("percent"),
                graph::money("amount", S::AmountMinor, S::Currency, "What the sale was worth, in the plan's currency."),
                graph::money("base", S::BaseMinor, S::Currency, "What of it was credited."),
                graph::time(S::HappenedAt, "When it happened."),
                graph::text(S::Attained, "How far the goal was reached, as an exact fraction, e.g. \"28/25\"."),
            ],
        )
    });
    &META
}
