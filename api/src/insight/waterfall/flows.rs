//! How each opportunity came into the pipeline and left it, told by the database from the states that it went through:
//! its first and its last while it was open for the period. What comes and goes alike is summed there.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use entity::{
    money::{Currency, Money},
    opportunity_state::{Column as S, Entity as State},
    stage::StageType,
};
use sea_orm::{
    Condition, ExprTrait, JoinType, QueryResult,
    sea_query::{Alias, CaseStatement, Expr, Func, Query, SelectStatement, SimpleExpr},
};

use super::ledger::{Bucket, Entry, Ledger};
use crate::{
    crm::{
        Reader,
        fx::{Rates, Wanted, missing},
    },
    error::{Error, Result},
    insight::metric::{
        amount::Unconverted,
        ask::Ask,
        grain::{Door, Grain},
        query,
    },
    store::{Guarded, Scoped},
};

/// What moved, and what was left out because there is no rate for it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Books {
    pub ledger: Ledger,
    pub left: BTreeMap<Currency, Unconverted>,
}

/// A question and the instant since which things moved.
pub struct Flows<'a> {
    pub ask: &'a Ask,
    pub since: DateTime<Utc>,
    pub door: Door,
}

fn of(table: &'static str, column: impl Into<String>) -> SimpleExpr {
    Expr::col((table, Alias::new(column.into())))
}

fn word(bucket: Bucket) -> SimpleExpr {
    Expr::val(entity::word::Word::word(bucket))
}

/// Whether a state held at an instant; none: now.
fn held(table: &'static str, at: Option<DateTime<Utc>>) -> SimpleExpr {
    let open = of(table, "until").is_null();
    match at {
        None => open,
        Some(at) => of(table, "at").lt(at).and(open.or(of(table, "until").gte(at))),
    }
}

/// A state that lasted.
fn lasted(table: &'static str) -> SimpleExpr {
    of(table, "until").is_null().or(of(table, "until").gt(of(table, "at")))
}

impl Flows<'_> {
    pub async fn books(&self) -> Result<Books> {
        let rows = self.summed()?.rows().await?;
        let mut books = Books::default();
        let mut foreign = Vec::new();
        for row in &rows {
            match Self::read(row)? {
                Line::Own(entry) => books.ledger.enter(&entry),
                Line::Foreign(alike) => foreign.push(alike),
            }
        }
        let rates = self.rates(&foreign).await?;
        for alike in foreign {
            let (first, last) = (self.convert(alike.first, &rates)?, self.convert(alike.last, &rates)?);
            if let Some((first, last)) = first.zip(last) {
                books.ledger.enter(&Entry::alike(alike.came, alike.went, alike.count, first, last));
                continue;
            }
            // left out, as asked: each once, by what has no rate, and of that by the latest
            let without = if last.is_none() { alike.last } else { alike.first };
            if let Some(money) = without {
                let amount_minor = money.amount_minor.saturating_mul(alike.count);
                books.left.entry(money.currency).or_default().add(Unconverted { count: alike.count, amount_minor });
            }
        }
        Ok(books)
    }

    /// The opportunities that came, or went, through a bucket.
    pub fn through(&self, bucket: Bucket) -> Result<SelectStatement> {
        let flow = |name: &str| of("flow", name);
        let (first, last) =
            (Func::coalesce([flow("first"), Expr::val(0_i64)]), Func::coalesce([flow("last"), Expr::val(0_i64)]));
        let same = flow("first_currency").eq(flow("last_currency"));
        let meant = match bucket {
            Bucket::Increased => same.and(SimpleExpr::from(last).gt(first)),
            Bucket::Decreased => same.and(SimpleExpr::from(last).lt(first)),
            bucket => flow("came").eq(word(bucket)).or(flow("went").eq(word(bucket))),
        };
        let meant =
            |each| Query::select().expr(flow("opportunity")).from_subquery(each, "flow").and_where(meant).take();
        Ok(self.each()?.wrap(meant).into_query())
    }

    /// States while it was open for the period, from the first instant to the last.
    fn inside(&self) -> Condition {
        let table = State::NAME;
        let state = |c: S| Expr::col((table, c));
        let (first, end) = self.ask.days();
        let inside = Condition::all()
            .add(state(S::StageType).eq(StageType::Open))
            .add(state(S::CloseDate).gte(first))
            .add(state(S::CloseDate).lt(end))
            .add(state(S::Until).is_null().or(state(S::Until).gte(self.since)))
            .add(lasted(table));
        inside.add_option(self.ask.at.map(|at| state(S::At).lt(at)))
    }

    /// For each opportunity its first and last such state.
    fn ends(&self) -> Result<Scoped> {
        let columns = [S::OpportunityId, S::At, S::Until, S::Initial, S::AmountMinor, S::Currency];
        let inside = query::filtered(self.ask, Grain::Opportunity, self.inside(), self.door)?;
        let inside = inside.shape(|q| _ = q.columns(columns.map(|c| (State::NAME, c))));
        let edged = inside.wrap(|inside| {
            Query::select()
                .columns(columns.map(|c| ("inside", c)))
                .expr_as(edge("MIN"), "first_at")
                .expr_as(edge("MAX"), "last_at")
                .from_subquery(inside, "inside")
                .take()
        });
        // no two states that lasted began at once
        let pick = |edge: &str, value: SimpleExpr| -> SimpleExpr {
            let there = Expr::col(("edged", S::At)).eq(of("edged", edge));
            Func::max(CaseStatement::new().case(there, value).finally(Expr::cust("NULL"))).into()
        };
        let column = |column: S| -> SimpleExpr { Expr::col(("edged", column)) };
        let made = CaseStatement::new().case(column(S::Initial).eq(true), 1).finally(0);
        Ok(edged.wrap(|edged| {
            Query::select()
                .expr_as(column(S::OpportunityId), "opportunity")
                .expr_as(Func::min(of("edged", "first_at")), "since")
                .expr_as(pick("first_at", made.into()), "made")
                .expr_as(pick("first_at", column(S::AmountMinor)), "first")
                .expr_as(pick("first_at", column(S::Currency)), "first_currency")
                .expr_as(pick("last_at", column(S::Until)), "until")
                .expr_as(pick("last_at", column(S::AmountMinor)), "last")
                .expr_as(pick("last_at", column(S::Currency)), "last_currency")
                .from_subquery(edged, "edged")
                .group_by_col(("edged", S::OpportunityId))
                .take()
        }))
    }

    /// For each opportunity how it came and how it went, with its worth when it came and when it went: that of the state
    /// after the step by which it left. Other states are looked up only of those of whom the first and the last do not say
    /// enough: the keys of the joins are empty for the rest.
    fn each(&self) -> Result<Scoped> {
        let ends = |name: &str| of("ends", name);
        let was_in = ends("since").lt(self.since);
        let made = ends("made").eq(1);
        let is_in = self.ask.at.map_or(ends("until").is_null(), |at| ends("until").is_null().or(ends("until").gte(at)));
        let there = |table: &'static str| of(table, "opportunity_id").is_not_null();
        let held_on = there("next_").and(held("next_", self.ask.at));
        let closed = of("then_", "stage_type").is_in([StageType::Won, StageType::Lost]);
        let came = CaseStatement::new()
            .case(was_in.clone(), word(Bucket::Start))
            .case(made.clone().or(there("made_")), word(Bucket::New))
            .case(closed, word(Bucket::Reopened))
            .finally(word(Bucket::PulledIn));
        let stage = || -> SimpleExpr {
            let now = of("now_", "stage_type");
            CaseStatement::new().case(held_on.clone(), of("next_", "stage_type")).finally(now).into()
        };
        let went = CaseStatement::new()
            .case(is_in.clone(), word(Bucket::End))
            .case(stage().is_null(), word(Bucket::Deleted))
            .case(stage().eq(StageType::Won), word(Bucket::Won))
            .case(stage().eq(StageType::Lost), word(Bucket::Lost))
            .finally(word(Bucket::PushedOut));
        let after = |inside: &str, outside: &str| -> SimpleExpr {
            CaseStatement::new().case(there("next_"), of("next_", outside)).finally(ends(inside)).into()
        };
        let mut each = Query::select();
        each.expr(ends("opportunity"))
            .expr_as(came, Alias::new("came"))
            .expr_as(went, Alias::new("went"))
            .expr(ends("first"))
            .expr(ends("first_currency"))
            .expr_as(after("last", "amount_minor"), Alias::new("last"))
            .expr_as(after("last_currency", "currency"), Alias::new("last_currency"));
        let came_late = was_in.or(made).not();
        let left = is_in.not();
        let joins = [
            ("then_", came_late.clone(), held("then_", Some(self.since))),
            ("made_", came_late, of("made_", "initial").eq(true).and(of("made_", "at").gte(self.since))),
            ("next_", left.clone(), of("next_", "at").eq(ends("until")).and(lasted("next_"))),
            ("now_", left.and(held_on.not()), held("now_", self.ask.at)),
        ];
        for (alias, whose, on) in joins {
            let key: SimpleExpr =
                CaseStatement::new().case(whose, ends("opportunity")).finally(Expr::cust("NULL")).into();
            let theirs = of(alias, "organization_id")
                .eq(self.ask.access.actor().organization)
                .and(of(alias, "opportunity_id").eq(key))
                .and(of(alias, "deleted_at").is_null());
            each.join_as(JoinType::LeftJoin, State::NAME, alias, theirs.and(on));
        }
        Ok(self.ends()?.wrap(|ends| each.from_subquery(ends, "ends").take()))
    }

    /// What came and went alike: sums in the wanted currency, and equal amounts in others.
    fn summed(&self) -> Result<Scoped> {
        let flow = |name: &str| of("flow", name);
        let foreign = |name: &str| -> SimpleExpr { flow(name).is_not_null().and(flow(name).ne(self.ask.currency)) };
        let apart = foreign("first_currency").or(foreign("last_currency"));
        let only = |name: &str| -> SimpleExpr {
            CaseStatement::new().case(apart.clone(), flow(name)).finally(Expr::cust("NULL")).into()
        };
        let worth = |name: &str| -> SimpleExpr { Func::coalesce([flow(name), Expr::cust("0")]).into() };
        let change = || worth("last").sub(worth("first"));
        let when = |condition: SimpleExpr, value: SimpleExpr| -> SimpleExpr {
            CaseStatement::new().case(condition, value).finally(Expr::cust("0")).into()
        };
        let (more, less) = (change().gt(0), change().lt(0));
        let sums = [
            worth("first"),
            worth("last"),
            when(more.clone(), change()),
            when(more, Expr::cust("1")),
            when(less.clone(), worth("first").sub(worth("last"))),
            when(less, Expr::cust("1")),
        ];
        let keys = ["came", "went"].map(flow).into_iter().zip(["came_", "went_"]);
        let apart = ["first_currency", "first", "last_currency", "last"].map(only);
        let apart = apart.into_iter().zip(["first_currency_", "first_", "last_currency_", "last_"]);
        let mut summed = Query::select();
        for (value, name) in keys.chain(apart) {
            summed.expr_as(value, Alias::new(name)).group_by_col(Alias::new(name));
        }
        summed.expr_as(Expr::cust("COUNT(*)"), Alias::new("n_"));
        for (at, sum) in sums.into_iter().enumerate() {
            summed.expr_as(sum.sum().cast_as("bigint"), Alias::new(format!("sum{at}_")));
        }
        Ok(self.each()?.wrap(|each| summed.from_subquery(each, "flow").take()))
    }

    fn read(row: &QueryResult) -> Result<Line> {
        let bucket = |at: usize| -> Result<Bucket> {
            let text: String = row.try_get_by_index(at)?;
            entity::word::Word::parse(&text).ok_or_else(|| Error::internal(format!("no bucket {text}")))
        };
        let (came, went, count) = (bucket(0)?, bucket(1)?, row.try_get_by_index::<i64>(6)?);
        let currencies: (Option<Currency>, Option<Currency>) = (row.try_get_by_index(2)?, row.try_get_by_index(4)?);
        let sum = |at: usize| -> Result<i64> { Ok(row.try_get_by_index::<Option<i64>>(7 + at)?.unwrap_or(0)) };
        if currencies == (None, None) {
            let more = (i128::from(sum(2)?), sum(3)?);
            let less = (i128::from(sum(4)?), sum(5)?);
            let (first, last) = (i128::from(sum(0)?), i128::from(sum(1)?));
            return Ok(Line::Own(Entry { came, went, count, first, last, more, less }));
        }
        let money = |currency: Option<Currency>, at: usize| -> Result<Option<Money>> {
            let amount: Option<i64> = row.try_get_by_index(at)?;
            Ok(currency.zip(amount).map(|(currency, amount)| Money::new(amount, currency)))
        };
        let (first, last) = (money(currencies.0, 3)?, money(currencies.1, 5)?);
        Ok(Line::Foreign(Alike { came, went, count, first, last }))
    }

    /// All amounts are converted at the rates of one day.
    async fn rates(&self, foreign: &[Alike]) -> Result<Rates> {
        let money = foreign.iter().flat_map(|alike| [alike.first, alike.last]).flatten();
        let mut wanted: Vec<Wanted> =
            money.map(|money| (money.currency, self.ask.currency, self.ask.today())).collect();
        wanted.sort_unstable();
        wanted.dedup();
        let rates = Rates::load(Reader::Access(&self.ask.access), self.ask.home, &wanted).await?;
        let lacking: Vec<Wanted> = wanted.into_iter().filter(|wanted| rates.on(*wanted).is_none()).collect();
        if lacking.is_empty() || self.ask.bucket { Ok(rates) } else { Err(missing(&lacking)) }
    }

    /// In the wanted currency, 0 where there is no amount; none without a rate.
    fn convert(&self, money: Option<Money>, rates: &Rates) -> Result<Option<i64>> {
        let Some(money) = money else { return Ok(Some(0)) };
        let Some(rate) = rates.on((money.currency, self.ask.currency, self.ask.today())) else { return Ok(None) };
        Ok(Some(money.at(rate, self.ask.currency).map_err(Error::internal)?.amount_minor))
    }
}

/// What one opportunity did, as many others did.
struct Alike {
    came: Bucket,
    went: Bucket,
    count: i64,
    first: Option<Money>,
    last: Option<Money>,
}

enum Line {
    Own(Entry),
    Foreign(Alike),
}

fn edge(which: &str) -> SimpleExpr {
    Expr::cust(format!("{which}(\"at\") OVER (PARTITION BY \"opportunity_id\")"))
}
