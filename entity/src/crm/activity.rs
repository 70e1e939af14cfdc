//! Calls, mails, meetings, notes and tasks: what was said and what is to be done.

use crate::{
    id::{AccountId, CampaignId, ContactId, LeadId, OpportunityId, UserId},
    row::row,
    words,
};

words! {
    /// What sort of activity it is.
    pub enum Kind as "ActivityKind" {
        /// A telephone call.
        Call = "CALL",
        /// A mail.
        Mail = "MAIL",
        /// A meeting, in a room or on a screen.
        Meeting = "MEETING",
        /// Something worth writing down.
        Note = "NOTE",
        /// Something to be done.
        Task = "TASK",
    }
}

words! {
    /// Who turned to whom.
    pub enum Direction as "ActivityDirection" {
        /// They turned to us.
        Inbound = "INBOUND",
        /// We turned to them.
        Outbound = "OUTBOUND",
    }
}

row! {
    /// A call, mail, meeting, note or task.
    "activity", ActivityId {
        /// What sort it is.
        pub kind: Kind,
        /// What it is about, in a line.
        pub subject: String,
        /// The whole of it, in plain text.
        pub body: Option<String>,
        /// Who turned to whom; none for notes and tasks.
        pub direction: Option<Direction>,
        /// When it took place.
        pub happened_at: Option<DateTimeUtc>,
        /// When it is to be done, or is to begin.
        pub due_at: Option<DateTimeUtc>,
        /// When it was done.
        pub done_at: Option<DateTimeUtc>,
        /// Who does it or did it.
        pub owner_id: Option<UserId>,
        /// The lead it concerns.
        pub lead_id: Option<LeadId>,
        /// The contact it concerns.
        pub contact_id: Option<ContactId>,
        /// The account it concerns.
        pub account_id: Option<AccountId>,
        /// The opportunity it concerns.
        pub opportunity_id: Option<OpportunityId>,
        /// The campaign it is part of.
        pub campaign_id: Option<CampaignId>,
        /// Lower-case subject, for search.
        pub search_text: String,
    }
}
