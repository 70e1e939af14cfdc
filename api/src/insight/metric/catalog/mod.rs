//! The metrics there are: one file each. What they have in common is said here.

use super::{Ask, Figure, Fx, Grain, LeftOut, Metric, Part, population};

macro_rules! metrics {
    ($($file:ident),+ $(,)?) => {
        $(mod $file;)+

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
    lead_conversion,
    lead_conversion_flow,
    lead_acceptance,
    response_time_p50,
    response_time_p90,
    sla_attainment,
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
