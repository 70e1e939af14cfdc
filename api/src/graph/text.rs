//! The one stored form of text that is compared: addresses and domains. Pure.

/// An e-mail address: trimmed, lower case, its domain in ASCII. The part before the `@` keeps its `+tag`.
pub fn email(text: &str) -> Result<String, &'static str> {
    let wrong = "not an e-mail address";
    let (local, host) = text.trim().rsplit_once('@').ok_or(wrong)?;
    let host = domain(host).map_err(|_| wrong)?;
    let plain = !local.is_empty()
        && local.len() <= 64
        && local.chars().all(|c| !c.is_whitespace() && !c.is_control() && !"<>()[],;:\\\"@".contains(c));
    if plain && !local.starts_with('.') && !local.ends_with('.') && !local.contains("..") {
        Ok(format!("{}@{host}", local.to_lowercase()))
    } else {
        Err(wrong)
    }
}

/// A web domain such as `example.com`: lower case, ASCII; an address is cut down to it.
pub fn domain(text: &str) -> Result<String, &'static str> {
    let wrong = "not a domain such as example.com";
    let text = text.trim().to_lowercase();
    let text = text.trim_start_matches("https://").trim_start_matches("http://");
    let host = text.split(['/', '?', '#']).next().unwrap_or_default().trim_end_matches('.');
    let host = idna::domain_to_ascii_strict(host.trim_start_matches("www.")).map_err(|_| wrong)?;
    if host.contains('.') && host.len() <= 253 && !host.starts_with('.') { Ok(host) } else { Err(wrong) }
}

/// ISO 3166 country code: two capital letters.
pub fn country(text: &str) -> Result<String, &'static str> {
    let code = text.trim().to_ascii_uppercase();
    let plain = code.len() == 2 && code.bytes().all(|b| b.is_ascii_uppercase());
    if plain { Ok(code) } else { Err("not a country code of two letters, such as DE") }
}

/// A phone number in E.164: `+` and 7 to 15 digits; spaces, dots, dashes and brackets are left out.
pub fn phone(text: &str) -> Result<String, &'static str> {
    let number: String = text.chars().filter(|c| !" .-()/".contains(*c)).collect();
    let digits = number.strip_prefix('+').unwrap_or(&number);
    let plain = (7..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    if plain { Ok(number) } else { Err("not a phone number such as +49 30 1234567") }
}

/// What a search column holds: the parts in lower case, one line each.
pub fn search_text<'a>(parts: impl IntoIterator<Item = Option<&'a str>>) -> String {
    let mut text = String::new();
    for part in parts.into_iter().flatten() {
        text.push_str(&part.to_lowercase());
        text.push('\n');
    }
    text
}

/// The search text of a row from some of its text columns.
pub fn search_of<E: crate::store::Guarded>(row: &E::ActiveModel, columns: &[E::Column]) -> String {
    use sea_orm::{ActiveModelTrait, ActiveValue, Value};
    let parts: Vec<Option<String>> = columns
        .iter()
        .map(|c| match row.get(*c) {
            ActiveValue::Set(Value::String(text)) | ActiveValue::Unchanged(Value::String(text)) => text,
            _ => None,
        })
        .collect();
    search_text(parts.iter().map(Option::as_deref))
}
