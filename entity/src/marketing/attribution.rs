//! The words of attribution: how credit for a sale is shared among the touches before it.

use crate::words;

words! {
    /// How credit is shared among touches.
    pub enum Kind as "AttributionKind" {
        /// All to the first touch.
        First = "FIRST",
        /// All to the last touch.
        Last = "LAST",
        /// The same to each touch.
        Linear = "LINEAR",
        /// 40 % to the first touch, 40 % to the one before the lead, 20 % to those between them.
        UShaped = "U_SHAPED",
        /// 30 % each to the first touch, the one before the lead and the one before the opportunity, 10 % to those
        /// between them.
        WShaped = "W_SHAPED",
        /// 22.5 % each to the first touch and those before the lead, the opportunity and the win, 10 % to those between
        /// them.
        FullPath = "FULL_PATH",
        /// 40 % to the first touch, 40 % to the last, 20 % to those between them.
        Position = "POSITION",
        /// The later the more: half as much for each half-life that a touch lies further back.
        TimeDecay = "TIME_DECAY",
        /// By weights of its own.
        Custom = "CUSTOM",
    }
}

words! {
    /// What credit is given for, and up to when touches count.
    pub enum Anchor as "AttributionAnchor" {
        /// The lead that the opportunity began with came in.
        Lead = "LEAD",
        /// The opportunity was opened: pipeline.
        OppCreated = "OPP_CREATED",
        /// The opportunity was won: revenue.
        Won = "WON",
    }
}

words! {
    /// By what credit is added up.
    pub enum Group as "AttributionGroup" {
        /// The touch's channel.
        Channel = "CHANNEL",
        /// The touch's campaign.
        Campaign = "CAMPAIGN",
        /// What the touch was on: its `utmContent`.
        Content = "CONTENT",
        /// Where the touch came from: its `utmSource`.
        Source = "SOURCE",
    }
}

words! {
    /// What a touch was to a sale.
    pub enum Milestone as "AttributionMilestone" {
        /// The first that counts.
        FirstTouch = "FIRST_TOUCH",
        /// The last before the lead came in.
        LeadCreated = "LEAD_CREATED",
        /// The last before the opportunity was opened.
        OppCreated = "OPP_CREATED",
        /// The last before it was won.
        Won = "WON",
    }
}

words! {
    /// Why a touch earns no credit.
    pub enum Exclusion as "AttributionExclusion" {
        /// By nobody who has a part in the sale.
        NotMember = "NOT_MEMBER",
        /// After that for which credit is given.
        AfterAnchor = "AFTER_ANCHOR",
        /// Longer before it than the agreement looks back.
        BeforeLookBack = "BEFORE_LOOK_BACK",
        /// A dispute found that it was not marketing's doing.
        NotMarketing = "NOT_MARKETING",
        /// By a channel that the agreement does not count.
        Channel = "CHANNEL",
        /// The same person did the same, for the same campaign, within the agreement's window before.
        Duplicate = "DUPLICATE",
    }
}

words! {
    /// Whose touches count for a sale.
    pub enum People as "AttributionPeople" {
        /// Those of the buying committee, the main contact, and the lead it began with.
        Committee = "COMMITTEE",
        /// Those and everybody else of the account.
        Account = "ACCOUNT",
    }
}
