//! The payroll file in the schema.

#![expect(clippy::doc_markdown, reason = "descriptions are read in the schema, where words have no backticks")]

use async_graphql::{Context, ID, Object, Result as Answer, SimpleObject};
use entity::{
    id::{IncentiveStatementId, RowId},
    incentive_statement,
};

use crate::{
    error::Error,
    graph::{root::access, value},
    store::Guarded,
};

/// Some lines of a payroll file.
#[derive(SimpleObject)]
pub struct IncentivePayroll {
    /// Lines as RFC 4180 writes them, each with its end; the first page begins with the names of the columns. `held` is `true`
    /// for a statement that is not to be paid before its dispute is settled, `paid_at` empty for one that is not paid yet: pay
    /// those that are neither. Texts that a spreadsheet would take for a formula begin with an apostrophe.
    csv: String,
    /// Whether there are more lines behind these.
    has_next_page: bool,
    /// Where to go on: `after` of the next page.
    end_cursor: Option<ID>,
}

/// Most lines of a page.
const MOST: i32 = 1000;

#[derive(Default)]
pub struct PayrollReads;

#[Object]
impl PayrollReads {
    /// What a locked or paid run pays to each, as lines for the payroll, as far as the caller may see it. Put the `csv` of all
    /// pages behind each other. Writes an event of the run for each page, `incentive_run.exported`: `changes` says who took it, and
    /// when. Null for a run that is not there. Errors: BAD_USER_INPUT before the run is locked, and for
    /// `first` out of range. Requires INCENTIVE_EXPORT; without it null.
    async fn incentive_payroll(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which run: an id that begins with `incentive_run_`.")] run_id: ID,
        #[graphql(desc = "Lines behind this one: `endCursor` of the page before.")] after: Option<ID>,
        #[graphql(default = 500, desc = "At most this many lines, 1 to 1000.")] first: i32,
    ) -> Answer<Option<IncentivePayroll>> {
        let access = access(ctx)?;
        let lines = u64::try_from(first).ok().filter(|_| (1..=MOST).contains(&first));
        let lines = lines.ok_or_else(|| Error::BadInput(format!("first must be between 1 and {MOST}")))?;
        let wrong = || Error::BadInput("after: not a cursor of a payroll file".into());
        let behind = |id: ID| value::id(incentive_statement::Entity::NAME, &id).ok_or_else(wrong);
        let after = after.map(behind).transpose()?;
        let Ok(id) = value::typed("runId", &run_id) else { return Ok(None) };
        let page = super::page(access, id, after, lines).await?;
        Ok(page.map(|page| IncentivePayroll {
            csv: page.csv,
            has_next_page: page.more,
            end_cursor: page.last.map(|id| ID(IncentiveStatementId::from_uuid(id).to_string())),
        }))
    }
}
