//! Something that is to bring a shared goal nearer, and what each side thinks of it.

use crate::{
    id::{GoalId, UserId},
    row::row,
    words,
};

words! {
    /// Where an initiative stands.
    pub enum InitiativeStatus as "InitiativeStatus" {
        /// Somebody suggests it.
        Proposed = "PROPOSED",
        /// It is worked on.
        Active = "ACTIVE",
        /// It is finished.
        Done = "DONE",
        /// It is not done after all.
        Dropped = "DROPPED",
    }
}

words! {
    /// What an initiative is scored by.
    pub enum IceDimension as "IceDimension" {
        /// How much it would move the goal.
        Impact = "IMPACT",
        /// How sure that is.
        Confidence = "CONFIDENCE",
        /// How little it takes.
        Ease = "EASE",
    }
}

row! {
    /// An initiative.
    "initiative", InitiativeId {
        /// The goal that it is for.
        pub goal_id: GoalId,
        /// The name people see.
        pub name: String,
        /// What is to be done, in plain text.
        pub description: Option<String>,
        /// How much of the goal's gap it would close, in hundredths of a percent.
        pub impact_share_e2: i64,
        /// Where it stands.
        pub status: InitiativeStatus,
        /// Why it was dropped.
        pub drop_reason: Option<String>,
        /// Who sees to it.
        pub owner_id: Option<UserId>,
        /// What marketing thinks of it: an object with `impact`, `confidence`, `ease`, `product` and `mean`.
        pub marketing_score: Option<Json>,
        /// Who said so.
        pub marketing_scorer_id: Option<UserId>,
        /// When they did.
        pub marketing_scored_at: Option<DateTimeUtc>,
        /// The same of sales.
        pub sales_score: Option<Json>,
        /// Who said so.
        pub sales_scorer_id: Option<UserId>,
        /// When they did.
        pub sales_scored_at: Option<DateTimeUtc>,
        /// The mean of both sides' products, in millionths; none until both have scored.
        pub rank_product_e6: Option<i64>,
        /// The mean of both sides' means, in millionths; none until both have scored.
        pub rank_mean_e6: Option<i64>,
        /// In what the sides are far apart: a list of dimensions.
        pub disagreements: Json,
        /// Whether they are in anything.
        pub disagreed: bool,
    }
}
