//! Text with columns in it: `{First name} {Last name|upper}`. Pure.

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct Template {
    text: String,
    pieces: Vec<Piece>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    Column(String, Filter),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Filter {
    None,
    Lower,
    Upper,
    /// Lower case letters and digits, everything else one dot: for addresses.
    Slug,
}

impl TryFrom<String> for Template {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let mut pieces = Vec::new();
        let mut rest = text.as_str();
        while let Some((before, after)) = rest.split_once('{') {
            let (inside, next) = after.split_once('}').ok_or("a { without its }")?;
            if !before.is_empty() {
                pieces.push(Piece::Text(before.to_owned()));
            }
            let (name, filter) = inside.split_once('|').unwrap_or((inside, ""));
            let filter = match filter.trim() {
                "" => Filter::None,
                "lower" => Filter::Lower,
                "upper" => Filter::Upper,
                "slug" => Filter::Slug,
                other => return Err(format!("no such filter: {other}; there are lower, upper and slug")),
            };
            pieces.push(Piece::Column(name.trim().to_owned(), filter));
            rest = next;
        }
        if !rest.is_empty() {
            pieces.push(Piece::Text(rest.to_owned()));
        }
        Ok(Self { text, pieces })
    }
}

impl From<Template> for String {
    fn from(template: Template) -> Self {
        template.text
    }
}

impl Template {
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        self.pieces
            .iter()
            .filter_map(|piece| if let Piece::Column(name, _) = piece { Some(name.as_str()) } else { None })
    }

    /// The text for a row; empty when every column in it is.
    pub fn fill<'a>(&self, cell: impl Fn(&str) -> &'a str) -> String {
        let mut any = self.columns().next().is_none();
        let mut out = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::Column(name, filter) => {
                    let text = cell(name);
                    any |= !text.is_empty();
                    match filter {
                        Filter::None => out.push_str(text),
                        Filter::Lower => out.push_str(&text.to_lowercase()),
                        Filter::Upper => out.push_str(&text.to_uppercase()),
                        Filter::Slug => out.push_str(&slug(text)),
                    }
                }
            }
        }
        if any { out.trim().to_owned() } else { String::new() }
    }
}

fn slug(text: &str) -> String {
    let lower = text.to_lowercase();
    let words = lower.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(".")
}

#[cfg(test)]
mod tests {
    use super::Template;

    fn fill(template: &str) -> String {
        let cell = |name: &str| match name {
            "Name" => "Mei-Mei Johns",
            _ => "",
        };
        Template::try_from(template.to_owned()).unwrap().fill(cell)
    }

    #[test]
    fn columns_are_filled_in() {
        assert_eq!(fill("{Name|slug}@example.com"), "mei.mei.johns@example.com");
        assert_eq!(fill("{Name} ({Other})"), "Mei-Mei Johns ()");
        assert_eq!(fill("plain"), "plain");
        assert_eq!(fill("{Other}@example.com"), "", "nothing to fill it with");
    }

    #[test]
    fn what_cannot_be_read_is_refused() {
        assert!(Template::try_from("{Name".to_owned()).is_err());
        assert!(Template::try_from("{Name|loud}".to_owned()).is_err());
    }
}
