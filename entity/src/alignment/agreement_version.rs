//! The versions of agreements: what was proposed, signed and in force when.

use crate::{
    id::{AgreementId, UserId},
    row::row,
    words,
};

words! {
    /// Where a version of an agreement stands.
    pub enum Status as "AgreementStatus" {
        /// Being written.
        Draft = "DRAFT",
        /// Up for signature.
        Proposed = "PROPOSED",
        /// Signed by every side, in force from its `effectiveFrom` on.
        Ratified = "RATIFIED",
        /// In force.
        Active = "ACTIVE",
        /// Was in force until another came.
        Superseded = "SUPERSEDED",
        /// A side has refused it.
        Rejected = "REJECTED",
        /// Taken back before it was signed.
        Withdrawn = "WITHDRAWN",
    }
}

row! {
    /// A version of an agreement.
    "agreement_version", AgreementVersionId {
        /// The agreement.
        pub agreement_id: AgreementId,
        /// Which one, from 1.
        pub number: i32,
        /// Where it stands.
        pub status: Status,
        /// What it says: an object of one member, which names the kind.
        pub body: Json,
        /// SHA-256 of the body's canonical JSON, in hexadecimal: what keys are turned on.
        pub hash: String,
        /// What is different and why, in plain text.
        pub summary: Option<String>,
        /// From when it is to be in force; none means as soon as it is ratified.
        pub effective_from: Option<DateTimeUtc>,
        /// When it was put up for signature last.
        pub proposed_at: Option<DateTimeUtc>,
        /// Who did that.
        pub proposed_by: Option<UserId>,
        /// When the last key was turned.
        pub ratified_at: Option<DateTimeUtc>,
        /// When it came into force.
        pub activated_at: Option<DateTimeUtc>,
        /// When another took its place.
        pub superseded_at: Option<DateTimeUtc>,
        /// One person turned both keys.
        pub solo: bool,
        /// The tie-break key stands in for one side's.
        pub tie_broken: bool,
    }
}
