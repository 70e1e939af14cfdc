//! Campaigns: something done to be noticed by somebody, from a fair to a series of mails. What
//! they cost is kept apart, in `campaign_cost`, because fewer people may see it.

use crate::{
    id::{CampaignId, UserId},
    money::Currency,
    row::row,
    words,
};

words! {
    /// By which road people reach us.
    pub enum Channel as "Channel" {
        /// Paid places in search results.
        PaidSearch = "PAID_SEARCH",
        /// Paid places in social networks.
        PaidSocial = "PAID_SOCIAL",
        /// Unpaid search results and posts.
        Organic = "ORGANIC",
        /// Mail we send to many.
        Email = "EMAIL",
        /// Fairs, conferences and dinners.
        Event = "EVENT",
        /// Talks on the web.
        Webinar = "WEBINAR",
        /// Articles, studies and other things to read or watch.
        Content = "CONTENT",
        /// Sent by somebody who knows us.
        Referral = "REFERRAL",
        /// Sent by a partner.
        Partner = "PARTNER",
        /// We wrote or called first.
        Outbound = "OUTBOUND",
        /// Came straight to us.
        Direct = "DIRECT",
        /// None of these.
        Other = "OTHER",
    }
}

words! {
    /// Where a campaign stands.
    pub enum Status as "CampaignStatus" {
        /// Being thought out.
        Draft = "DRAFT",
        /// Settled, not begun.
        Planned = "PLANNED",
        /// Running.
        Active = "ACTIVE",
        /// Halted, to go on later.
        Paused = "PAUSED",
        /// Ran to its end.
        Completed = "COMPLETED",
        /// Given up before its end.
        Cancelled = "CANCELLED",
    }
}

row! {
    /// A campaign.
    "campaign", CampaignId {
        /// The name people see.
        pub name: String,
        /// What sort it is, in the organisation's own words: fair, webinar, mailing.
        pub kind: Option<String>,
        /// By which road it brings people.
        pub channel: Option<Channel>,
        /// Where it stands.
        pub status: Status,
        /// First day.
        pub start_date: Option<Date>,
        /// Last day, included.
        pub end_date: Option<Date>,
        /// What it may cost, in minor units.
        pub budget_minor: Option<i64>,
        /// Currency of that.
        pub budget_currency: Option<Currency>,
        /// Who runs it.
        pub owner_id: Option<UserId>,
        /// The campaign it is part of.
        pub parent_id: Option<CampaignId>,
        /// What it is about, in plain text.
        pub description: Option<String>,
        /// The organisation's own fields: an object from key to value.
        pub custom: Json,
        /// Lower-case name and kind, for search.
        pub search_text: String,
    }
}
