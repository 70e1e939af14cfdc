//! People who may buy, from first sight to converted or given up.

use crate::{
    campaign::Channel,
    id::{AccountId, CampaignId, ContactId, LeadId, OpportunityId, UserId},
    row::row,
    words,
};

words! {
    /// Where a lead stands on its way from first sight to customer.
    pub enum Status as "LeadStatus" {
        /// Just arrived; nobody has looked.
        New = "NEW",
        /// Not ready yet; marketing keeps in touch.
        Nurturing = "NURTURING",
        /// Meets marketing's part of the agreed definition.
        Mql = "MQL",
        /// Handed to sales, who have not answered.
        Offered = "OFFERED",
        /// Taken by sales, not yet contacted.
        Accepted = "ACCEPTED",
        /// Sales is in touch.
        Working = "WORKING",
        /// Sales has confirmed a need worth an opportunity.
        Sql = "SQL",
        /// Became an account, a contact and perhaps an opportunity; final.
        Converted = "CONVERTED",
        /// Sent back by sales with a reason.
        Rejected = "REJECTED",
        /// Given up, with a category and a reason.
        Disqualified = "DISQUALIFIED",
        /// Returned to marketing for another round.
        Recycled = "RECYCLED",
        /// Merged into another lead; final.
        Merged = "MERGED",
    }
}

words! {
    /// Why a lead was given up.
    pub enum DisqualifyCategory as "DisqualifyCategory" {
        /// Has no use for what we sell.
        NoNeed = "NO_NEED",
        /// Cannot pay for it.
        NoBudget = "NO_BUDGET",
        /// Cannot decide and cannot reach who does.
        NoAuthority = "NO_AUTHORITY",
        /// Not now, and not soon.
        NoTiming = "NO_TIMING",
        /// Never answered.
        NotReached = "NOT_REACHED",
        /// Bought elsewhere.
        Competitor = "COMPETITOR",
        /// Something else; the reason says what.
        Other = "OTHER",
    }
}

row! {
    /// A person who may buy, before anyone has talked terms.
    "lead", LeadId {
        /// Given name.
        pub first_name: Option<String>,
        /// Family name.
        pub last_name: Option<String>,
        /// Mail address, lower case.
        pub email: Option<String>,
        /// Telephone number, E.164.
        pub phone: Option<String>,
        /// Their company, as they wrote it.
        pub company_name: Option<String>,
        /// Job title, as they wrote it.
        pub title: Option<String>,
        /// Where they say they work, ISO 3166-1 alpha-2.
        pub country: Option<String>,
        /// Where we got them from, in the organisation's own words.
        pub source: Option<String>,
        /// By which road they came.
        pub channel: Option<Channel>,
        /// The campaign that brought them.
        pub campaign_id: Option<CampaignId>,
        /// Where they stand.
        pub status: Status,
        /// When they came to stand there.
        pub status_changed_at: DateTimeUtc,
        /// Why they came to stand there, in somebody's words.
        pub status_reason: Option<String>,
        /// The version of an agreement by which they came to stand there.
        pub agreement_version_id: Option<Uuid>,
        /// Who works on them; none while nobody does.
        pub owner_id: Option<UserId>,
        /// Which round this is, from 1; recycling begins the next.
        pub cycle_no: i32,
        /// The present score, in points.
        pub score: i32,
        /// The account they seem to belong to.
        pub matched_account_id: Option<AccountId>,
        /// When they were converted.
        pub converted_at: Option<DateTimeUtc>,
        /// The account they became part of.
        pub converted_account_id: Option<AccountId>,
        /// The contact they became.
        pub converted_contact_id: Option<ContactId>,
        /// The opportunity that began with them.
        pub converted_opportunity_id: Option<OpportunityId>,
        /// Why they were given up.
        pub disqualify_category: Option<DisqualifyCategory>,
        /// The same in somebody's words.
        pub disqualify_reason: Option<String>,
        /// The lead they were merged into.
        pub merged_into_id: Option<LeadId>,
        /// What else there is to say, in plain text.
        pub description: Option<String>,
        /// The organisation's own fields: an object from key to value.
        pub custom: Json,
        /// Lower-case names, mail address and company, for search.
        pub search_text: String,
    }
}
