//! Converting a lead in the schema. It holds no rules.

#![expect(clippy::doc_markdown, reason = "descriptions are read in the schema, where words have no backticks")]

use async_graphql::{Context, Enum, ID, InputObject, Object, OneofObject, Result as Answer, SimpleObject};
use entity::{
    account, contact,
    id::{AccountId, ContactId, OpportunityId, RowId},
    lead, opportunity,
};

use super::{Done, Part, Wish, run};
use crate::{
    actor::Permission,
    error::{Error, Result},
    graph::{
        Node,
        derived::{UserError, ValuesOf, outcome},
        root::access,
        value,
    },
    store::Access,
};

macro_rules! part {
    ($name:ident $entity:ty, $id:ty, $about:literal, $existing:literal, $create:literal) => {
        #[doc = $about]
        #[derive(OneofObject)]
        pub enum $name {
            #[doc = $existing]
            ExistingId(ID),
            #[doc = $create]
            Create(ValuesOf<$entity>),
        }

        impl $name {
            fn part(self, field: &str) -> Result<Part> {
                Ok(match self {
                    Self::ExistingId(id) => {
                        let id = value::typed::<$id>("existingId", &id);
                        Part::Existing(super::within(field, "", id)?.uuid())
                    }
                    Self::Create(values) => Part::New(values.patch()),
                })
            }
        }
    };
}

part!(
    LeadConvertAccountInput account::Entity, AccountId,
    "Which account a lead becomes part of.",
    "An account there is: an id that begins with `account_`.",
    "A new one. What is left out comes from the lead: its company's name, else the domain of its e-mail address; that domain unless it is free mail; country; owner. If the caller sees an account with that domain, it is taken instead."
);
part!(
    LeadConvertContactInput contact::Entity, ContactId,
    "Which contact a lead becomes.",
    "A contact there is: an id that begins with `contact_`.",
    "A new one. What is left out comes from the lead. If the caller sees a contact with that e-mail address, it is taken instead."
);
part!(
    LeadConvertOpportunityInput opportunity::Entity, OpportunityId,
    "Which opportunity begins with a lead.",
    "An opportunity there is: an id that begins with `opportunity_`. It is told its account, contact and source where it has none.",
    "A new one. What is left out comes from the lead; its name from the account."
);

/// What the lead's values do to records that exist.
#[derive(Enum, Clone, Copy, PartialEq, Eq, Default)]
pub enum FieldPolicy {
    /// They fill what is empty.
    #[default]
    FillEmpty,
    /// They replace what is there; never an e-mail address, a domain, an owner or a contact's company.
    Overwrite,
}

/// How to convert a lead.
#[derive(InputObject)]
pub struct LeadConvertInput {
    /// Which lead: an id that begins with `lead_`.
    id: ID,
    /// Refuse with CONFLICT unless the lead still has this version.
    expected_version: Option<i32>,
    /// The account; left out, the one the lead is matched with if the caller sees it, else a new one.
    account: Option<LeadConvertAccountInput>,
    /// The contact; left out, one with the lead's e-mail address if the caller sees it, else a new one.
    contact: Option<LeadConvertContactInput>,
    /// The opportunity; left out, there is none.
    opportunity: Option<LeadConvertOpportunityInput>,
    /// What the lead's values do to records that exist.
    #[graphql(default)]
    field_policy: FieldPolicy,
    /// Check everything, say what would be made, write nothing. A known contact whose address is withheld from the caller is
    /// not told: it looks as if one would be made.
    #[graphql(default)]
    dry_run: bool,
}

/// What a lead became.
#[derive(SimpleObject)]
pub struct LeadConvertPayload {
    /// The lead; after a dry run as it was.
    lead: Node<lead::Entity>,
    /// The account; null when refused, for a new one of a dry run, and when the caller may not see it.
    account: Node<account::Entity>,
    /// The contact; null likewise.
    contact: Node<contact::Entity>,
    /// The opportunity; null likewise, and when there is none.
    opportunity: Node<opportunity::Entity>,
    /// Whether the account is new, or would be. False when the lead was converted before.
    account_created: bool,
    /// Whether the contact is new, or would be.
    contact_created: bool,
    /// Whether the opportunity is new, or would be.
    opportunity_created: bool,
    /// What was wrong with the input; empty when it was done.
    user_errors: Vec<UserError>,
}

/// What the input has fields for.
const FIELDS: [&str; 6] = ["expectedVersion", "account", "contact", "opportunity", "fieldPolicy", "dryRun"];

#[derive(Default)]
pub struct ConvertWrites;

#[Object]
impl ConvertWrites {
    /// Makes of a lead in the status SQL an account, a contact and perhaps an opportunity, all or nothing. Its
    /// activities are then about these too, its campaign memberships the contact's, and its custom fields go where the
    /// same key is defined. A lead that was converted before answers what it became. User errors: VALIDATION,
    /// NOT_FOUND, CONFLICT, DUPLICATE, INVALID_TRANSITION, LOCKED. Takes an idempotency key; writes events, `lead.converted` among them.
    /// Requires LEAD_UPDATE, and for each record that it makes or changes that record's CREATE or UPDATE.
    async fn lead_convert(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The lead, and what becomes of it.")] input: LeadConvertInput,
    ) -> Answer<Option<LeadConvertPayload>> {
        let access = access(ctx)?;
        let (done, user_errors) =
            outcome(Box::pin(converted(access, input)).await.map_err(|error| error.within(&FIELDS, "id")))?;
        let done = done.unwrap_or_default();
        let lead = Some(done.lead).filter(|id| !id.is_nil());
        Ok(Some(LeadConvertPayload {
            lead: lead.into(),
            account: done.account.into(),
            contact: done.contact.into(),
            opportunity: done.opportunity.into(),
            account_created: done.made.account,
            contact_created: done.made.contact,
            opportunity_created: done.made.opportunity,
            user_errors,
        }))
    }
}

async fn converted(access: &Access, input: LeadConvertInput) -> Result<Done> {
    access.require(Permission::LeadUpdate)?;
    let wish = Wish {
        lead: value::typed("id", &input.id)?,
        version: input.expected_version,
        account: input.account.map(|part| part.part("account")).transpose()?.unwrap_or_default(),
        contact: input.contact.map(|part| part.part("contact")).transpose()?.unwrap_or_default(),
        opportunity: input.opportunity.map(|part| part.part("opportunity")).transpose()?,
        overwrite: input.field_policy == FieldPolicy::Overwrite,
        dry_run: input.dry_run,
    };
    match run(access, wish).await {
        Err(Error::Replayed(answer)) => super::replayed(access, &answer).await,
        done => done,
    }
}
