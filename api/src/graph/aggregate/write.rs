//! Writes an aggregate's figures as JSON, in the order of the query.

use entity::money::divide_half_even;

use super::{
    compute::{Done, Sums, text},
    figures::{Figure, MoneyFigure},
};
use crate::graph::{
    plan::Plan,
    record::Meta,
    value,
    write::{self, members, quotient, share},
};

impl Done {
    pub(super) fn write(&self, out: &mut Vec<u8>, meta: &Meta, figures: &[(Vec<u8>, Figure)], keys: &Plan, row: usize) {
        let (key, count, numbers) = &self.rows[row];
        out.push(b'{');
        for (i, (name, figure)) in figures.iter().enumerate() {
            write::comma(out, i);
            out.extend_from_slice(name);
            match figure {
                Figure::Type => value::quote(out, &format!("{}Aggregate", meta.name)),
                Figure::Key(view) => write::object(out, view, keys, &self.groups, row),
                Figure::Count => put(out, Some(*count)),
                Figure::Measure(at) => put(out, Some(numbers[*at])),
                Figure::Share(at, parts) => share(out, numbers[*at], numbers[at + 1], parts),
                Figure::Integer(at, parts) => integers(out, &numbers[*at..at + 4], parts),
                Figure::Money(at, parts) => {
                    let sums = self.moneys[*at].get(&text(key)).map_or(&[][..], Vec::as_slice);
                    write::list(out, 0..sums.len(), |out, at| money(out, &sums[at], parts));
                }
                Figure::Sum(at, parts) => {
                    let sums = self.moneys[*at].get(&text(key)).map_or(&[][..], Vec::as_slice);
                    write::list(out, 0..sums.len(), |out, at| {
                        write::money_of(out, sums[at].sum, &sums[at].currency, parts);
                    });
                }
            }
        }
        out.push(b'}');
    }
}

pub(super) fn put(out: &mut Vec<u8>, n: Option<i64>) {
    out.extend_from_slice(n.map_or_else(|| "null".to_owned(), |n| n.to_string()).as_bytes());
}

/// Sum, count, least, greatest.
pub(super) fn integers(out: &mut Vec<u8>, n: &[i64], parts: &[(Vec<u8>, &str)]) {
    let none = n[1] == 0;
    members(out, parts, "IntAggregate", |name| match name {
        "sum" => n[0].to_string(),
        "avg" => quotient(n[0], n[1]),
        _ if none => "null".to_owned(),
        "min" => n[2].to_string(),
        _ => n[3].to_string(),
    });
}

pub(super) fn money(out: &mut Vec<u8>, sums: &Sums, parts: &[(Vec<u8>, MoneyFigure)]) {
    let mean = || {
        i64::try_from(divide_half_even(i128::from(sums.sum), i128::from(Ord::max(sums.count, 1)))).unwrap_or(i64::MAX)
    };
    out.push(b'{');
    for (i, (key, figure)) in parts.iter().enumerate() {
        write::comma(out, i);
        out.extend_from_slice(key);
        match figure {
            MoneyFigure::Type => value::quote(out, "MoneyAggregate"),
            MoneyFigure::Currency => value::quote(out, &sums.currency),
            MoneyFigure::Count => put(out, Some(sums.count)),
            MoneyFigure::Sum(parts) => write::money_of(out, sums.sum, &sums.currency, parts),
            MoneyFigure::Avg(parts) => write::money_of(out, mean(), &sums.currency, parts),
            MoneyFigure::Min(parts) => write::money_of(out, sums.min, &sums.currency, parts),
            MoneyFigure::Max(parts) => write::money_of(out, sums.max, &sums.currency, parts),
        }
    }
    out.push(b'}');
}
