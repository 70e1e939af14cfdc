//! Companies: those we sell to, those we sold to, and those we hope for.

use crate::{
    id::{AccountId, UserId},
    money::Currency,
    row::row,
    words,
};

words! {
    /// Where a company stands with us; it follows from its opportunities.
    pub enum Lifecycle as "AccountLifecycle" {
        /// Has not been offered anything.
        Prospect = "PROSPECT",
        /// Has an open opportunity and never bought.
        Opportunity = "OPPORTUNITY",
        /// Has bought.
        Customer = "CUSTOMER",
        /// Bought once and no longer does.
        Churned = "CHURNED",
    }
}

words! {
    /// How many people a company employs.
    pub enum EmployeeBand as "EmployeeBand" {
        /// 1 to 10 people.
        UpTo10 = "UP_TO_10",
        /// 11 to 50 people.
        From11To50 = "FROM_11_TO_50",
        /// 51 to 200 people.
        From51To200 = "FROM_51_TO_200",
        /// 201 to 500 people.
        From201To500 = "FROM_201_TO_500",
        /// 501 to 1,000 people.
        From501To1000 = "FROM_501_TO_1000",
        /// 1,001 to 5,000 people.
        From1001To5000 = "FROM_1001_TO_5000",
        /// More than 5,000 people.
        Over5000 = "OVER_5000",
    }
}

words! {
    /// How well a company matches the customers we do best with.
    pub enum IcpFit as "IcpFit" {
        /// One of those we do best with.
        Strong = "STRONG",
        /// Matches in part.
        Partial = "PARTIAL",
        /// Does not match.
        Weak = "WEAK",
    }
}

row! {
    /// A company.
    "account", AccountId {
        /// The name people know it by.
        pub name: String,
        /// Internet domain, lower case; unique in the organisation.
        pub domain: Option<String>,
        /// Trade, in the organisation's own words.
        pub industry: Option<String>,
        /// Size by people.
        pub employee_band: Option<EmployeeBand>,
        /// What it takes in a year, in minor units.
        pub annual_revenue_minor: Option<i64>,
        /// Currency of that.
        pub annual_revenue_currency: Option<Currency>,
        /// Seat, ISO 3166-1 alpha-2.
        pub country: Option<String>,
        /// Telephone number, E.164.
        pub phone: Option<String>,
        /// Public web address.
        pub website: Option<String>,
        /// Where it stands with us.
        pub lifecycle: Lifecycle,
        /// Who looks after it.
        pub owner_id: Option<UserId>,
        /// The company it is part of.
        pub parent_id: Option<AccountId>,
        /// How well it matches the customers we do best with.
        pub icp_fit: Option<IcpFit>,
        /// What it is about, in plain text.
        pub description: Option<String>,
        /// The organisation's own fields: an object from key to value.
        pub custom: Json,
        /// Lower-case name, domain and trade, for search.
        pub search_text: String,
    }
}
