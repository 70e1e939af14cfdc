//! Which e-mail domains belong to a company, and which to anybody. Pure.

/// Providers under many endings: `yahoo.fr`, `hotmail.co.uk`.
const EVERYWHERE: [&str; 9] = ["gmx", "googlemail", "hotmail", "live", "msn", "outlook", "yahoo", "yandex", "ymail"];

/// Providers of mailboxes for everybody.
const FREE: [&str; 64] = [
    "126.com",
    "139.com",
    "163.com",
    "aim.com",
    "alice.it",
    "aliyun.com",
    "aol.com",
    "arcor.de",
    "att.net",
    "bellsouth.net",
    "bigpond.com",
    "bk.ru",
    "bluewin.ch",
    "btinternet.com",
    "centrum.cz",
    "charter.net",
    "comcast.net",
    "cox.net",
    "daum.net",
    "duck.com",
    "earthlink.net",
    "email.com",
    "fastmail.com",
    "fastmail.fm",
    "foxmail.com",
    "free.fr",
    "freenet.de",
    "gmail.com",
    "hanmail.net",
    "hey.com",
    "icloud.com",
    "inbox.com",
    "inbox.ru",
    "interia.pl",
    "juno.com",
    "laposte.net",
    "libero.it",
    "list.ru",
    "mac.com",
    "mail.com",
    "mail.ru",
    "me.com",
    "naver.com",
    "o2.pl",
    "online.de",
    "orange.fr",
    "pm.me",
    "proton.me",
    "protonmail.com",
    "qq.com",
    "rambler.ru",
    "rediffmail.com",
    "rocketmail.com",
    "sbcglobal.net",
    "seznam.cz",
    "sfr.fr",
    "t-online.de",
    "tutanota.com",
    "verizon.net",
    "wanadoo.fr",
    "web.de",
    "wp.pl",
    "ya.ru",
    "zoho.com",
];

/// Whether anybody may have an address there.
pub fn is_free(domain: &str) -> bool {
    let (first, rest) = domain.split_once('.').unwrap_or((domain, ""));
    let ending = rest.split('.').count() <= 2 && rest.split('.').all(|part| part.len() <= 3);
    FREE.binary_search(&domain).is_ok() || (ending && EVERYWHERE.contains(&first))
}

/// The company's domain in a stored (normal) e-mail address.
pub fn corporate(email: &str) -> Option<&str> {
    let (_, domain) = email.rsplit_once('@')?;
    (!is_free(domain)).then_some(domain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn free_mail_never_names_a_company() {
        assert!(FREE.is_sorted());
        for free in ["a@gmail.com", "a@yahoo.fr", "a@hotmail.co.uk", "a@gmx.de", "a@qq.com", "a@live.com", "nobody"] {
            assert_eq!(corporate(free), None, "{free}");
        }
        for (email, domain) in
            [("a@acme.com", "acme.com"), ("a@live.acme.com", "live.acme.com"), ("a@yahoo.example", "yahoo.example")]
        {
            assert_eq!(corporate(email), Some(domain));
        }
    }
}
