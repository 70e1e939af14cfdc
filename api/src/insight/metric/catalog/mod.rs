//! The metrics there are: one file each. What they have in common is said here.

use super::{Ask, Exact, Facts, Figure, Fx, Grain, LeftOut, Metric, Opt, Part, When, Worked, customers, population};

macro_rules! metrics {
    ($($file:ident),+ $(,)?) => {
        $(pub mod $file;)+

        /// Every metric, in the order in which they are listed.
        pub const METRICS: &[&Metric] = &[$(&$file::METRIC),+];
    };
}

metrics! {
    win_rate,
    win_rate_value,
    revenue,
    revenue_growth,
    deal_size,
    deal_size_median,
    sales_cycle,
    sales_cycle_mean,
    pipeline_open,
    pipeline_created,
    pipeline_growth,
    pipeline_coverage,
    pipeline_coverage_weighted,
    pipeline_velocity,
    forecast_weighted,
    losses,
    stage_age,
    stage_age_p90,
    lead_age,
    lead_age_p90,
    lead_conversion,
    lead_conversion_flow,
    lead_acceptance,
    response_time_p50,
    response_time_p90,
    sla_attainment,
    lead_rejections,
    forecast_accuracy,
    cac,
    cac_paid,
    cac_attributed,
    cac_payback,
    recurring_revenue,
    logo_churn,
    gross_retention,
    net_retention,
    clv,
    clv_to_cac,
    nps,
    csat,
    data_health,
    follow_up_depth,
    target_list_agreement,
    goal_ownership,
    content_utilisation,
    alignment_index,
    pipeline_sourced,
    pipeline_influenced,
    opportunity_conversion,
    opportunity_conversion_flow,
    committee_coverage,
    follow_through,
    clv_historical,
}

/// By which date closed business belongs to a period.
const CLOSED: &str = "The organisation's day of closing.";
/// How closed business is converted.
const AT_CLOSE: &str = "Each amount at the rate of its day of closing, frozen then, rounded half-even, then summed.";
/// How open business is converted.
const AT_NOW: &str = "Each amount at the rate of the day asked for, rounded half-even, then summed.";

const fn won(of: Figure) -> Part {
    Part {
        name: "won",
        about: "Won in the period.",
        grain: Grain::Opportunity,
        of,
        which: |ask| population::won(ask, ask.days()),
    }
}

const fn lost(of: Figure) -> Part {
    Part {
        name: "lost",
        about: "Lost in the period; no decision is a loss.",
        grain: Grain::Opportunity,
        of,
        which: |ask| population::lost(ask, ask.days()),
    }
}

/// Lost, but never a sale of its own.
const NO_SALE: LeftOut = LeftOut {
    reason: "Lost as DUPLICATE or INVALID: there was no sale to be won.",
    grain: Grain::Opportunity,
    which: |ask| population::not_counted(ask, ask.days()),
};

/// Open, but in no forecast.
const OMITTED: LeftOut = LeftOut {
    reason: "Open, but in the forecast category OMITTED.",
    grain: Grain::Opportunity,
    which: |ask| population::omitted(ask, ask.days()),
};

/// What is open and expected to close in the period.
const fn open(of: Figure) -> Part {
    Part {
        name: "open",
        about: "Open, and expected to close in the period.",
        grain: Grain::Opportunity,
        of,
        which: |ask| population::open_for(ask, ask.days()),
    }
}

/// Amounts at the day's rate.
const NOW: Figure = Figure::Amount(Fx::Now);
/// Amounts at the rate of their closing.
const CLOSING: Figure = Figure::Amount(Fx::Closing);

/// Won in the days before now by which rates are looked up.
const fn won_before(name: &'static str, of: Figure) -> Part {
    Part {
        name,
        about: "Won in the days before that the window holds.",
        grain: Grain::Opportunity,
        of,
        which: |ask: &Ask| population::won(ask, ask.window()),
    }
}

/// What the customers of a period had cost.
const SPENT: Part = Part {
    name: "spent",
    about: "Spent on campaigns in the period, or `lagDays` earlier.",
    grain: Grain::CampaignCost,
    of: CLOSING,
    which: customers::spent,
};

/// Accounts that bought for the first time.
const NEW_CUSTOMERS: Part = Part {
    name: "customers",
    about: "Accounts whose first sale was won in the period, each by that sale.",
    grain: Grain::Opportunity,
    of: Figure::Count,
    which: customers::first_sales,
};

/// Sales that make nobody a customer.
const NOBODYS: LeftOut =
    LeftOut { reason: "Won, but of no account.", grain: Grain::Opportunity, which: customers::nobodys_sales };

/// What customers pay when the period ends.
const MONTHLY: Part = Part {
    name: "monthly",
    about: "What customers pay in a month when the period ends; a contract for each account and currency.",
    grain: Grain::CustomerContract,
    of: Figure::Monthly(When::End),
    which: customers::paying_at_end,
};

/// Customers when the period ends.
const PAYING: Part = Part {
    name: "paying",
    about: "Accounts with a contract when the period ends, each by one of its contracts.",
    grain: Grain::CustomerContract,
    of: Figure::Count,
    which: customers::at_end,
};

/// What customers of the period's start pay, then, or at its end.
const fn of_start(name: &'static str, about: &'static str, when: When) -> Part {
    let which = customers::paying_at_start;
    Part { name, about, grain: Grain::CustomerContract, of: Figure::Monthly(when), which }
}

const START: Part = of_start("start", "What customers paid in a month when the period began.", When::Start);
const KEPT: Part = of_start("kept", "What of it they still pay when it ends, at most what they paid.", When::Kept);

/// By which date new customers, and what they cost, belong to a period.
const BY_SALE: &str = "The organisation's day of closing the first sale; the day of a cost.";
/// How costs are converted.
const COSTS: &str =
    "Each cost at the rate of its day, rounded half-even, then summed; contracts at that of the day asked for.";
/// By which date contracts belong to a period.
const BY_CONTRACT: &str =
    "The days on which contracts begin and end, in the organisation's time zone, as they are known today.";

/// Campaigns and sales through new customers.
fn acquisition(facts: &Facts) -> Worked {
    let sales = facts.option(Opt::SalesCost).unwrap_or(Exact::ZERO);
    let cost = facts.sum("spent").plus(sales);
    cost.map_or_else(Worked::default, |cost| Worked::share(cost, facts.count("customers")))
}

/// What is left each month of what a customer pays.
fn margin_a_month(facts: &Facts) -> Option<Exact> {
    let each = facts.sum("monthly").by(facts.count("paying"))?;
    each.times(facts.option(Opt::GrossMargin)?)
}

/// For how long a customer is counted on, at most.
const MAX_MONTHS: i64 = 60;

/// What a customer leaves over their time: it is what is left each month, through the share of revenue that is lost in one.
fn lifetime_value(facts: &Facts) -> Worked {
    let worked = || -> Option<Worked> {
        let (margin, one) = (margin_a_month(facts)?, Exact::whole(1));
        let kept = facts.sum("kept").by(facts.sum("start"))?;
        let churn = one.minus(kept.root(facts.months()?)?)?;
        let most = facts.option(Opt::MaxMonths).unwrap_or(Exact::whole(MAX_MONTHS));
        let months = one
            .by(churn)
            .filter(|months| churn.is_positive() && most.minus(*months).is_some_and(|rest| !rest.is_negative()));
        let value = margin.times(months.unwrap_or(most));
        Some(Worked {
            value,
            numerator: Some(margin),
            denominator: Some(churn),
            capped: Some(months.is_none()),
            ..Worked::default()
        })
    };
    worked().unwrap_or_default()
}
