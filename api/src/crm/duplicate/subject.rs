//! What of a record is compared, in its compared form. Pure.

use uuid::Uuid;

use crate::crm::matching::name::{company, plain};

/// A value of one of the organisation's own fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Own {
    /// `2026-08-07`.
    Day(String),
    Text(String),
}

/// A person or a company.
#[derive(Clone, Debug, Default)]
pub struct Subject {
    pub id: Uuid,
    pub first: String,
    pub last: String,
    pub email: Option<String>,
    /// The address without punctuation.
    pub mail: String,
    pub phone: Option<String>,
    /// A company's name without its legal form; of a contact its company's id.
    pub company: String,
    pub country: Option<String>,
    /// A company's internet domain.
    pub domain: Option<String>,
    /// Further addresses and numbers.
    pub more: Vec<String>,
    pub own: Vec<(String, Own)>,
}

/// What a record says, as it is stored.
#[derive(Clone, Debug, Default)]
pub struct Said {
    pub first: Option<String>,
    pub last: Option<String>,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub company: Option<String>,
    pub country: Option<String>,
    pub domain: Option<String>,
    pub more: Vec<String>,
    pub own: Vec<(String, Own)>,
}

impl Subject {
    pub fn new(id: Uuid, said: Said) -> Self {
        let word = |text: Option<String>| text.map(|text| plain(&text)).unwrap_or_default();
        let mail: String =
            said.email.iter().flat_map(|text| text.chars()).filter(|c| c.is_alphanumeric()).collect::<String>();
        Self {
            id,
            first: word(said.first),
            last: word(said.last),
            mail: mail.to_lowercase(),
            email: said.email,
            phone: said.phone,
            company: said.company.map(|text| company(&text)).unwrap_or_default(),
            country: said.country,
            domain: said.domain,
            more: said.more,
            own: said.own.into_iter().map(|(key, own)| (key, compared(own))).collect(),
        }
    }

    /// All mail addresses, or all telephone numbers, the main one first.
    pub fn addresses(&self, mail: bool) -> impl Iterator<Item = &String> {
        let first = if mail { &self.email } else { &self.phone };
        first.iter().chain(self.more.iter().filter(move |text| text.contains('@') == mail))
    }

    /// Those of them that both have.
    pub fn common<'a>(&'a self, other: &'a Self, mail: bool) -> impl Iterator<Item = &'a String> {
        self.addresses(mail).filter(move |text| other.addresses(mail).any(|theirs| theirs == *text))
    }

    /// The part of the address before the `@`, without punctuation.
    pub fn local(&self) -> &str {
        let length =
            self.email.as_deref().and_then(|e| e.rsplit_once('@')).map_or(0, |(local, _)| {
                local.chars().filter(|c| c.is_alphanumeric()).map(char::len_utf8).sum::<usize>()
            });
        self.mail.get(..length).unwrap_or(&self.mail)
    }
}

fn compared(own: Own) -> Own {
    match own {
        Own::Text(text) => Own::Text(plain(&text)),
        day @ Own::Day(_) => day,
    }
}
