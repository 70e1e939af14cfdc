//! Whether open business knows whom it should know at the buyer.

use crate::insight::metric::{
    Figure, LeftOut, Measure, Metric, Owner, Part, committees, facts::Worked, golden::Golden, grain::Grain, unit::Unit,
};

const fn roles(name: &'static str, about: &'static str, measure: Measure) -> Part {
    Part { name, about, grain: Grain::Opportunity, of: Figure::Total(measure), which: committees::open }
}

pub const METRIC: Metric = Metric {
    key: "COMMITTEE_COVERAGE",
    about: "Roles of buying committees that somebody is known for, among those that the pipelines of open opportunities ask for: \
            required roles filled, through required roles, all opportunities together. Somebody of the account counts for each of \
            its opportunities. Withheld from who may not read committees. The period is not used.",
    version: 1,
    unit: Unit::Ratio,
    grain: Grain::Opportunity,
    population: "Opportunities that are open, whenever expected to close, in pipelines that ask for roles. With `asOf` members and \
                 required roles that had been entered by then and not yet taken out, in the roles that they have now.",
    dated_by: "When the opportunity was open.",
    currency: "",
    term: "committee coverage",
    owner: Owner::Both,
    takes: &[],
    parts: &[
        roles("filled", "Their required roles that somebody is known for.", Measure::RolesFilled),
        roles("required", "Their required roles.", Measure::RolesRequired),
    ],
    counted: &["required"],
    left_out: &[LeftOut {
        reason: "Its pipeline asks for no roles.",
        grain: Grain::Opportunity,
        which: committees::unasked,
    }],
    formula: |facts| Worked::share(facts.sum("filled"), facts.sum("required")),
    golden: &[
        Golden {
            about: "9 of 12 roles of four opportunities",
            given: &[("filled", 4, "9"), ("required", 4, "12")],
            options: &[],
            value: Some("0.75"),
        },
        Golden { about: "nothing is open", given: &[], options: &[], value: None },
    ],
};
