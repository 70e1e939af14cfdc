//! Clocks that run while a lead waits for sales.

use crate::{
    id::{AgreementVersionId, BusinessCalendarId, HandoffId, LeadId, UserId},
    row::row,
    words,
};

words! {
    /// What a clock waits for.
    pub enum Kind as "SlaClockKind" {
        /// That an offered lead is accepted or sent back.
        Accept = "ACCEPT",
        /// That somebody calls, writes to or meets the lead.
        FirstResponse = "FIRST_RESPONSE",
        /// That somebody does so again; the clock's `number` says which time.
        FollowUp = "FOLLOW_UP",
    }
}

words! {
    /// How much a lead hurries.
    pub enum Priority as "SlaPriority" {
        /// At once.
        Urgent = "URGENT",
        /// Soon.
        High = "HIGH",
        /// As usual.
        Normal = "NORMAL",
        /// When there is time.
        Low = "LOW",
    }
}

words! {
    /// Where a clock stands.
    pub enum Status as "SlaStatus" {
        /// It runs.
        Pending = "PENDING",
        /// It stands still; nothing is due.
        Paused = "PAUSED",
        /// What it waited for came in time.
        Met = "MET",
        /// What it waited for came late, or not yet though it was due.
        Breached = "BREACHED",
        /// It does not count.
        Void = "VOID",
    }
}

row! {
    /// A clock.
    "sla_clock", SlaClockId {
        /// The handoff it was started for.
        pub handoff_id: Option<HandoffId>,
        /// The lead that waits.
        pub lead_id: LeadId,
        /// What for.
        pub kind: Kind,
        /// Which follow-up; 1 for other kinds.
        pub number: i32,
        /// Who is to act; none while nobody in particular is.
        pub user_id: Option<UserId>,
        /// How much it hurries.
        pub priority: Priority,
        /// Where it stands.
        pub status: Status,
        /// When it was started.
        pub started_at: DateTimeUtc,
        /// How long it may take, in business seconds.
        pub target_seconds: i64,
        /// When that time has passed.
        pub due_at: DateTimeUtc,
        /// The last instant that is still in time: that of `due_at`, or the next opening when that is a closing.
        pub late_after: DateTimeUtc,
        /// The calendar it counts by; none when it counts every hour.
        pub calendar_id: Option<BusinessCalendarId>,
        /// Since when it runs without a break.
        pub running_since: DateTimeUtc,
        /// What had run before, in microseconds of business time.
        pub spent_micros: i64,
        /// Raised by every pause and resumption: jobs of earlier rounds are void.
        pub round: i32,
        /// When it was paused; none while it runs.
        pub paused_at: Option<DateTimeUtc>,
        /// The pauses that have ended.
        pub pauses: Json,
        /// When it was seen to be at risk.
        pub at_risk_at: Option<DateTimeUtc>,
        /// When what it waited for came.
        pub met_at: Option<DateTimeUtc>,
        /// The first instant that was late.
        pub breached_at: Option<DateTimeUtc>,
        /// How long it took, in business seconds.
        pub business_seconds: Option<i64>,
        /// Steps of the ladder that were taken.
        pub escalations: i32,
        /// Why it does not count, or stood still.
        pub reason: Option<String>,
        /// The version of the agreement that it was started under.
        pub agreement_version_id: AgreementVersionId,
    }
}
