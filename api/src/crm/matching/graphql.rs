//! Why a lead was matched with an account, in the schema. It holds no rules.

#![expect(clippy::doc_markdown, reason = "descriptions are read in the schema, where words have no backticks")]

use async_graphql::{
    Context, ID, InputObject, Object, OneofObject, Result as Answer,
    registry::{MetaField, Registry},
};
use entity::{
    id::{AccountId, LeadId, RowId},
    lead,
    word::Word,
};
use serde_json::Value;
use uuid::Uuid;

use super::{
    super::account,
    choose,
    choose::{Score, Standing, Wanted},
    name::Likeness,
};
use crate::{
    actor::Permission,
    error::{Error, Result},
    graph::{
        root::access,
        said::{Said, Sayings},
        sdl::{out, word_type},
        text,
        value::instant,
    },
    store::{Access, Scoped},
};

/// Which lead, or what a lead would say.
#[derive(OneofObject)]
pub enum LeadAccountMatchInput {
    /// A lead as it is: its id.
    LeadId(ID),
    /// What a lead would say of its company.
    Values(LeadCompanyInput),
}

/// What a lead says of its company.
#[derive(InputObject)]
pub struct LeadCompanyInput {
    /// The lead's e-mail address.
    email: Option<String>,
    /// The company, as the person wrote it.
    company_name: Option<String>,
    /// Where they say they work: ISO 3166 country code, two letters.
    country: Option<String>,
}

/// An account that matches, and why.
pub struct AccountMatch(AccountId, Score, Standing);

impl Said for AccountMatch {
    const NAME: &'static str = "AccountMatch";
    const ABOUT: &'static str = "An account that a lead may belong to, and why.";
    const RECORD: &'static str = "account";

    fn fields(registry: &mut Registry) -> Vec<MetaField> {
        word_type::<choose::Rule>(registry);
        vec![
            out("account", "Account!", "The account."),
            out("rule", "AccountMatchRule!", "By what it matches."),
            out("score", "Float!", "How well, from 0.85 to 1: `commonTrigrams` / `allTrigrams`."),
            out("commonTrigrams", "Int!", "Trigrams that both names have; 1 by DOMAIN."),
            out("allTrigrams", "Int!", "Trigrams that either name has; 1 by DOMAIN."),
            out(
                "hasOpenOpportunity",
                "Boolean!",
                "Among equal scores a customer goes first, then an account with an open opportunity.",
            ),
            out(
                "lastActivityAt",
                "DateTime",
                "When it was last called, written to or met: decides next; then the older record goes first.",
            ),
        ]
    }

    fn id(&self) -> Uuid {
        self.0.uuid()
    }

    fn say(&self, field: &str) -> Value {
        let Likeness { common, total } = self.1.likeness;
        match field {
            "rule" => self.1.rule.word().into(),
            #[expect(
                clippy::cast_precision_loss,
                reason = "names have few trigrams, and the exact numbers stand beside"
            )]
            "score" => (common as f64 / total as f64).into(),
            "commonTrigrams" => common.into(),
            "allTrigrams" => total.into(),
            "hasOpenOpportunity" => self.2.open.into(),
            _ => self.2.active.map(|at| instant(&at)).into(),
        }
    }
}

#[derive(Default)]
pub struct MatchReads;

#[Object]
impl MatchReads {
    /// The accounts that a lead may belong to, the one it is matched with first: by its corporate e-mail domain (never
    /// one of free mail), else by names that are alike. At most 20, and only those that the caller sees: the match
    /// itself is made among all. Empty when there are none, or when the caller may not see the lead. Requires
    /// ACCOUNT_READ, and LEAD_READ for `leadId`.
    async fn lead_account_match(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The lead, or what it would say.")] input: LeadAccountMatchInput,
    ) -> Answer<Sayings<AccountMatch>> {
        let access = access(ctx)?;
        if !access.actor().may(Permission::AccountRead) {
            return Ok(Sayings::new(account::meta(), vec![]));
        }
        let found = match wanted(access, input).await? {
            Some(wanted) => super::explain(access, &wanted).await?,
            None => vec![],
        };
        let rows = found.into_iter().take(20).map(|(id, score, standing)| AccountMatch(id, score, standing));
        Ok(Sayings::new(account::meta(), rows.collect()))
    }
}

async fn wanted(access: &Access, input: LeadAccountMatchInput) -> Result<Option<Wanted>> {
    match input {
        LeadAccountMatchInput::LeadId(id) => {
            let Ok(id) = id.parse::<LeadId>() else { return Ok(None) };
            let lead = Scoped::<lead::Entity>::read(access).ids(&[id.uuid()]).one().await?;
            Ok(lead.map(|l| Wanted::new(l.email.as_deref(), l.company_name.as_deref(), l.country.as_deref())))
        }
        LeadAccountMatchInput::Values(values) => {
            let normal = |text: Option<String>, normal: fn(&str) -> Result<String, &'static str>| {
                text.map(|text| normal(&text)).transpose().map_err(|what| Error::BadInput(what.to_owned()))
            };
            let email = normal(values.email, text::email)?;
            let country = normal(values.country, text::country)?;
            Ok(Some(Wanted::new(email.as_deref(), values.company_name.as_deref(), country.as_deref())))
        }
    }
}
