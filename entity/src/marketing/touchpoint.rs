//! Touches: what a person did that shows interest, from a click to a visit at our stand. Facts: they happened at a time
//! and are told once, however often another system sends them.

use crate::{
    campaign::Channel,
    id::{AccountId, CampaignId, ContactId, LeadId},
    row::row,
    words,
};

words! {
    /// What sort of touch it was.
    pub enum Kind as "TouchKind" {
        /// A click on an advertisement.
        AdClick = "AD_CLICK",
        /// A visit of our pages.
        WebVisit = "WEB_VISIT",
        /// A form sent.
        FormSubmit = "FORM_SUBMIT",
        /// A click in a mail.
        EmailClick = "EMAIL_CLICK",
        /// Came to an event, in a room or on a screen.
        EventAttend = "EVENT_ATTEND",
        /// Read or watched something of ours.
        ContentView = "CONTENT_VIEW",
        /// Met us.
        Meeting = "MEETING",
        /// Talked to us on the telephone.
        Call = "CALL",
        /// Wrote to us in a chat.
        Chat = "CHAT",
        /// None of these.
        Other = "OTHER",
    }
}

row! {
    /// A touch.
    "touchpoint", TouchpointId {
        /// What sort it was.
        pub kind: Kind,
        /// By which road it came.
        pub channel: Channel,
        /// When it happened.
        pub occurred_at: DateTimeUtc,
        /// The lead who was touched.
        pub lead_id: Option<LeadId>,
        /// The contact who was touched.
        pub contact_id: Option<ContactId>,
        /// The account somebody belongs to.
        pub account_id: Option<AccountId>,
        /// The campaign that did it.
        pub campaign_id: Option<CampaignId>,
        /// Who did it, as the tracking calls them.
        pub visitor: Option<String>,
        /// Their visit, as the tracking calls it.
        pub session: Option<String>,
        /// A dispute found that it was not marketing's doing.
        pub not_marketing: bool,
        /// Where on the web.
        pub url: Option<String>,
        /// `utm_source` of that address.
        pub utm_source: Option<String>,
        /// `utm_medium` of that address.
        pub utm_medium: Option<String>,
        /// `utm_campaign` of that address.
        pub utm_campaign: Option<String>,
        /// `utm_term` of that address.
        pub utm_term: Option<String>,
        /// `utm_content` of that address.
        pub utm_content: Option<String>,
        /// The system that told of it.
        pub system: Option<String>,
        /// What that system calls the event; with the system it is unique.
        pub external_event_id: Option<String>,
    }
}
