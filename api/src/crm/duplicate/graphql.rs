//! Duplicate candidates in the schema. It holds no rules.

#![expect(clippy::doc_markdown, reason = "descriptions are read in the schema, where words have no backticks")]

use async_graphql::{
    Context, ID, InputObject, Json, Object, OneofObject, Result as Answer,
    registry::{MetaField, Registry},
};
use entity::{account, contact, id::RowId, lead, word::Word};
use serde_json::Value;
use uuid::Uuid;

use super::{
    Rule, Verdict,
    find::candidates,
    read::{Comparable, OwnFields, columns, subject},
    subject::{Said, Subject},
};
use crate::{
    crm,
    error::{Error, Result},
    graph::{
        root::access,
        said::{Said as SaidOf, Sayings},
        sdl::{out, word_type},
        text,
    },
    store::{Access, Scoped},
};

/// Whose duplicates to look for: a record by its id, or what one would say before it is saved.
#[derive(OneofObject)]
pub enum DuplicateCandidatesInput {
    /// A lead.
    LeadId(ID),
    /// A contact.
    ContactId(ID),
    /// An account.
    AccountId(ID),
    /// A lead that is not saved yet.
    Lead(PersonInput),
    /// A contact that is not saved yet.
    Contact(PersonInput),
    /// An account that is not saved yet.
    Account(CompanyInput),
}

/// What is compared of a person.
#[derive(InputObject)]
pub struct PersonInput {
    /// Given name.
    first_name: Option<String>,
    /// Family name.
    last_name: Option<String>,
    /// E-mail address.
    email: Option<String>,
    /// Telephone number.
    phone: Option<String>,
    /// The company, as the person wrote it; compared for leads only.
    company_name: Option<String>,
    /// ISO 3166 country code, two letters.
    country: Option<String>,
    /// The organisation's own fields; those of the kinds TEXT and DATE are compared.
    custom_fields: Option<Json<Value>>,
}

/// What is compared of a company.
#[derive(InputObject)]
pub struct CompanyInput {
    /// Its name.
    name: String,
    /// Its internet domain.
    domain: Option<String>,
    /// Telephone number.
    phone: Option<String>,
    /// ISO 3166 country code, two letters.
    country: Option<String>,
    /// The organisation's own fields; those of the kinds TEXT and DATE are compared.
    custom_fields: Option<Json<Value>>,
}

/// A record that may be the same, and what speaks for it.
pub struct DuplicateCandidate(Uuid, Verdict);

impl SaidOf for DuplicateCandidate {
    const NAME: &'static str = "DuplicateCandidate";
    const ABOUT: &'static str = "A record that may be the same as another, and what speaks for it.";
    const RECORD: &'static str = "record";

    fn fields(registry: &mut Registry) -> Vec<MetaField> {
        word_type::<Rule>(registry);
        vec![
            out("record", "Node!", "The record: a lead, contact or account, of the type asked for."),
            out("score", "Int!", "How likely it is the same, from 0 to 100; 50 is the default threshold."),
            out("rules", "[DuplicateRule!]!", "What speaks for it, strongest field first."),
        ]
    }

    fn id(&self) -> Uuid {
        self.0
    }

    fn say(&self, field: &str) -> Value {
        match field {
            "score" => self.1.score().into(),
            _ => self.1.rules.iter().map(|rule| rule.word()).collect::<Vec<_>>().into(),
        }
    }
}

#[derive(Default)]
pub struct DuplicateReads;

#[Object]
impl DuplicateReads {
    /// Records that may be the same as a given one, or as one that is not saved yet: likeliest first, at most 20, only
    /// those that the caller sees. Empty for a record that the caller does not see. Fails with BAD_USER_INPUT for an
    /// address, number or country that is none. Requires LEAD_READ, CONTACT_READ or ACCOUNT_READ.
    async fn duplicate_candidates(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose.")] input: DuplicateCandidatesInput,
        #[graphql(default = 50, desc = "The least score, 1 to 100.")] threshold: i32,
    ) -> Answer<Sayings<DuplicateCandidate>> {
        let access = access(ctx)?;
        if !(1..=100).contains(&threshold) {
            return Err(Error::BadInput("threshold must be between 1 and 100".into()).into());
        }
        Ok(match input {
            DuplicateCandidatesInput::LeadId(id) => of_id::<lead::Entity>(access, &id, threshold).await?,
            DuplicateCandidatesInput::ContactId(id) => of_id::<contact::Entity>(access, &id, threshold).await?,
            DuplicateCandidatesInput::AccountId(id) => of_id::<account::Entity>(access, &id, threshold).await?,
            DuplicateCandidatesInput::Lead(person) => {
                of_said::<lead::Entity>(access, person.said()?, threshold).await?
            }
            DuplicateCandidatesInput::Contact(person) => {
                of_said::<contact::Entity>(access, person.said()?, threshold).await?
            }
            DuplicateCandidatesInput::Account(company) => {
                of_said::<account::Entity>(access, company.said()?, threshold).await?
            }
        })
    }
}

type Told = (Said, Option<Value>);

fn normal(text: Option<String>, normal: fn(&str) -> Result<String, &'static str>) -> Result<Option<String>> {
    let text = text.filter(|text| !text.trim().is_empty());
    text.map(|text| normal(&text)).transpose().map_err(|what| Error::BadInput(what.to_owned()))
}

impl PersonInput {
    fn said(self) -> Result<Told> {
        let said = Said {
            first: self.first_name,
            last: self.last_name,
            email: normal(self.email, text::email)?,
            phone: normal(self.phone, text::phone)?,
            company: self.company_name,
            country: normal(self.country, text::country)?,
            ..Said::default()
        };
        Ok((said, self.custom_fields.map(|custom| custom.0)))
    }
}

impl CompanyInput {
    fn said(self) -> Result<Told> {
        let said = Said {
            company: Some(self.name),
            domain: normal(self.domain, text::domain)?,
            phone: normal(self.phone, text::phone)?,
            country: normal(self.country, text::country)?,
            ..Said::default()
        };
        Ok((said, self.custom_fields.map(|custom| custom.0)))
    }
}

/// How many are told.
const MOST: usize = 20;

async fn of_id<E: Comparable>(access: &Access, id: &ID, least: i32) -> Result<Sayings<DuplicateCandidate>> {
    let Ok(id) = id.parse::<E::Id>() else { return Ok(Sayings::new(E::meta(), vec![])) };
    let own = OwnFields::of::<E>(&crm::machine(access.store(), access.actor().organization)).await?;
    let rows = Scoped::<E>::read(access).ids(&[id.uuid()]).shape(|q| columns::<E>(q, access)).rows().await?;
    let Some(row) = rows.first() else { return Ok(Sayings::new(E::meta(), vec![])) };
    found::<E>(access, &subject(row, &own)?, &own, least).await
}

async fn of_said<E: Comparable>(
    access: &Access,
    (mut said, custom): Told,
    least: i32,
) -> Result<Sayings<DuplicateCandidate>> {
    let own = OwnFields::of::<E>(&crm::machine(access.store(), access.actor().organization)).await?;
    said.own = custom.map(|custom| own.read(&custom)).unwrap_or_default();
    if E::COLUMNS[4].is_empty() {
        said.company = None;
    }
    found::<E>(access, &Subject::new(Uuid::nil(), said), &own, least).await
}

async fn found<E: Comparable>(
    access: &Access,
    wanted: &Subject,
    own: &OwnFields,
    least: i32,
) -> Result<Sayings<DuplicateCandidate>> {
    let found = candidates::<E>(access, wanted, own, least).await?;
    let rows = found.into_iter().take(MOST).map(|(id, verdict)| DuplicateCandidate(id, verdict));
    Ok(Sayings::new(E::meta(), rows.collect()))
}
