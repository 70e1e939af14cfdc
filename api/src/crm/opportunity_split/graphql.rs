//! Shares in sales in the schema. It holds no rules.

#![expect(clippy::doc_markdown, reason = "descriptions are read in the schema, where words have no backticks")]

use std::sync::LazyLock;

use async_graphql::{Context, ID, InputObject, Object, Result as Answer};
use entity::{
    id::RowId,
    money::parse_scaled,
    opportunity,
    opportunity_split::{Column as C, Entity, SplitRole},
};

use super::share::Share;
use crate::{
    access::user,
    actor::Permission,
    crm::opportunity as opportunities,
    error::{Error, Fault, FaultCode, Result},
    graph::{self, Meta, Payload, Rules, derived::Term, root::access, scalar::Decimal, value},
    store::Access,
};

pub fn meta() -> &'static Meta {
    static META: LazyLock<Meta> = LazyLock::new(|| {
        let rules = Rules { read: Permission::OpportunityRead, create: None, update: None, delete: None, assign: None };
        let about = "Somebody's share in a sale. Those of an opportunity are set all at once by `opportunitySplitsSet`; without \
                     any its owner has all of it. Pay by an incentive plan is credited by them.";
        Meta::new::<Entity>(
            "OpportunitySplit",
            "opportunitySplits",
            about,
            rules,
            vec![
                graph::one(C::OpportunityId, opportunities::meta, "The sale.").filter().group(),
                graph::one(C::UserId, user::meta, "Whose share.").filter().group(),
                graph::word::<SplitRole, _>(C::Role, "What for.").filter().order().group(),
                graph::decimal(C::PercentE2, 2, "How much, in percent with at most two decimals, e.g. \"70\".")
                    .named("percent")
                    .filter()
                    .order(),
            ],
        )
    });
    &META
}

/// A share in a sale.
#[derive(InputObject)]
pub struct OpportunitySplitInput {
    /// Whose: an id that begins with `user_`.
    user_id: ID,
    /// What for.
    role: Term<SplitRole>,
    /// How much, in percent with at most two decimals: more than 0, at most 100.
    percent: Decimal,
}

/// All shares of a sale.
#[derive(InputObject)]
pub struct OpportunitySplitsSetInput {
    /// Which sale: an id that begins with `opportunity_`.
    opportunity_id: ID,
    /// Refuse with CONFLICT unless the opportunity still has this `version`.
    expected_version: Option<i32>,
    /// At most 20; all but OVERLAY are 100 percent together. None gives all of it to its owner.
    splits: Vec<OpportunitySplitInput>,
}

#[derive(Default)]
pub struct SplitWrites;

#[Object]
impl SplitWrites {
    /// Says who is credited for a sale and how much, in the place of what was said before. What was calculated by then stays
    /// as it is. User errors: NOT_FOUND, CONFLICT, VALIDATION, DUPLICATE for a person named twice in one role, LOCKED for who raises
    /// their own share in what is won already. Takes an idempotency key; writes events. Requires OPPORTUNITY_ASSIGN.
    async fn opportunity_splits_set(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The sale and all of its shares.")] input: OpportunitySplitsSetInput,
    ) -> Answer<Payload<opportunity::Entity>> {
        Ok(set(access(ctx)?, input).await.into())
    }
}

async fn set(access: &Access, input: OpportunitySplitsSetInput) -> Result<uuid::Uuid> {
    let id = value::typed("opportunityId", &input.opportunity_id)?;
    let (mut shares, mut faults) = (vec![], vec![]);
    for (at, split) in input.splits.iter().enumerate() {
        match share(split) {
            Ok(share) => shares.push(share),
            Err(error) => {
                let wrong = error.into_faults()?.into_iter();
                faults.extend(wrong.map(|fault: Fault| fault.under(at.to_string()).under("splits")));
            }
        }
    }
    access.require(Permission::OpportunityAssign)?;
    if !faults.is_empty() {
        return Err(Error::Refused(faults));
    }
    Ok(super::set(access, id, input.expected_version, &shares).await?.uuid())
}

fn share(split: &OpportunitySplitInput) -> Result<Share> {
    let percent = parse_scaled(&split.percent.to_string(), 2);
    let wrong = |_| Error::refused(FaultCode::Validation, "percent", "give a number with at most two decimals");
    Ok(Share { user: value::typed("userId", &split.user_id)?, role: split.role.0, percent_e2: percent.map_err(wrong)? })
}
