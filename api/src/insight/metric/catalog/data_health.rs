//! How well the records are kept.

use sea_orm::Condition;

use crate::insight::metric::{
    Ask, Figure, Metric, Owner, Part,
    exact::Exact,
    facts::{Facts, Worked},
    golden::Golden,
    grain::Grain,
    health,
    unit::Unit,
};

const fn rows(name: &'static str, about: &'static str, grain: Grain, which: fn(&Ask) -> Condition) -> Part {
    Part { name, about, grain, of: Figure::Count, which }
}

/// What is checked, and what passed: names of parts.
const RULES: [(&str, &str); 5] = [
    ("accounts", "completeAccounts"),
    ("accounts", "singleAccounts"),
    ("contacts", "reachableContacts"),
    ("leads", "completeLeads"),
    ("opportunities", "currentOpportunities"),
];

pub const METRIC: Metric = Metric {
    key: "DATA_HEALTH",
    about: "How well records are kept: the mean of the shares that pass five rules, each with the same weight. Accounts have \
            domain, industry and country; accounts are not suspected to be there twice; contacts have an email or a phone, and \
            an account; leads that may still become something have email, company and source; open opportunities have an \
            amount and a close date that has not passed. A rule without records is left out. The period is not used.",
    version: 1,
    unit: Unit::Ratio,
    grain: Grain::Account,
    population: "All accounts and contacts, leads that may still become something, and open opportunities, as they are now.",
    dated_by: "None: as they are.",
    currency: "",
    term: "data health",
    owner: Owner::Both,
    takes: &[],
    parts: &[
        rows("accounts", "Accounts.", Grain::Account, health::all),
        rows("completeAccounts", "With domain, industry and country.", Grain::Account, health::complete_accounts),
        rows("singleAccounts", "In no open pair of duplicates.", Grain::Account, health::single_accounts),
        rows("contacts", "Contacts.", Grain::Contact, health::all),
        rows(
            "reachableContacts",
            "With an email or phone, and an account.",
            Grain::Contact,
            health::reachable_contacts,
        ),
        rows("leads", "Leads that may still become something.", Grain::Lead, health::living_leads),
        rows("completeLeads", "Of these, with email, company and source.", Grain::Lead, health::complete_leads),
        rows("opportunities", "Open opportunities.", Grain::Opportunity, health::open_business),
        rows(
            "currentOpportunities",
            "Of these, with an amount and a close date that has not passed.",
            Grain::Opportunity,
            health::current_business,
        ),
    ],
    counted: &["accounts", "contacts", "leads", "opportunities"],
    left_out: &[],
    formula,
    golden: &[
        Golden {
            about: "0.8, 1, 0.5, 0.9 and 0.75",
            given: &[
                ("accounts", 10, ""),
                ("completeAccounts", 8, ""),
                ("singleAccounts", 10, ""),
                ("contacts", 20, ""),
                ("reachableContacts", 10, ""),
                ("leads", 100, ""),
                ("completeLeads", 90, ""),
                ("opportunities", 4, ""),
                ("currentOpportunities", 3, ""),
            ],
            options: &[],
            value: Some("0.79"),
        },
        Golden {
            about: "only leads",
            given: &[("leads", 100, ""), ("completeLeads", 88, "")],
            options: &[],
            value: Some("0.88"),
        },
        Golden { about: "no records", given: &[], options: &[], value: None },
    ],
};

fn formula(facts: &Facts) -> Worked {
    let share = |(all, passed): &(&str, &str)| facts.count(passed).by(facts.count(all));
    let shares: Vec<Exact> = RULES.iter().filter_map(share).collect();
    let sum = shares.iter().try_fold(Exact::ZERO, |sum, share| sum.plus(*share));
    let rules = Exact::whole(i64::try_from(shares.len()).unwrap_or_default());
    sum.map_or_else(Worked::default, |sum| Worked::share(sum, rules))
}
