//! Company names in their compared form, and how alike two of them are. Pure: exact counts, no floating point.

use std::collections::BTreeSet;

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Words at the end of a name that say what kind of company it is.
const LEGAL: [&str; 72] = [
    "ab",
    "ag",
    "ao",
    "aps",
    "as",
    "asa",
    "bhd",
    "bv",
    "bvba",
    "co",
    "company",
    "cooperative",
    "corp",
    "corporation",
    "cv",
    "doo",
    "dd",
    "eg",
    "ek",
    "eood",
    "eu",
    "ev",
    "ewiv",
    "gbr",
    "gesmbh",
    "gmbh",
    "ggmbh",
    "hf",
    "inc",
    "incorporated",
    "kft",
    "kg",
    "kgaa",
    "kk",
    "lda",
    "limited",
    "llc",
    "llp",
    "lp",
    "ltd",
    "ltda",
    "mbh",
    "nv",
    "nyrt",
    "ohg",
    "ood",
    "oy",
    "oyj",
    "oo",
    "plc",
    "private",
    "pte",
    "pty",
    "pvt",
    "sa",
    "sab",
    "sapi",
    "sarl",
    "sas",
    "sca",
    "scs",
    "sdn",
    "se",
    "sl",
    "slu",
    "sp",
    "spa",
    "spol",
    "sro",
    "srl",
    "ug",
    "z",
];

/// The least likeness of two names of one company: so many hundredths.
pub const ALIKE: u64 = 85;

/// How much two names have in common: trigrams in both, and trigrams in either.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Likeness {
    pub common: u64,
    pub total: u64,
}

impl Likeness {
    pub const SAME: Self = Self { common: 1, total: 1 };

    /// At least so many hundredths, exactly.
    pub fn reaches(self, hundredths: u64) -> bool {
        self.total > 0 && self.common * 100 >= hundredths * self.total
    }

    pub fn against(self, other: Self) -> std::cmp::Ordering {
        (self.common * other.total).cmp(&(other.common * self.total))
    }
}

/// Compatibility form without accents, in lower case: apostrophes and dots go, other punctuation parts words.
pub fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase) {
        match c {
            '.' | '\'' | '\u{2019}' | '`' => {}
            'ß' => out.push_str("ss"),
            'ø' => out.push('o'),
            'ł' => out.push('l'),
            'æ' => out.push_str("ae"),
            c if c.is_alphanumeric() => out.push(c),
            _ if out.ends_with(' ') || out.is_empty() => {}
            _ => out.push(' '),
        }
    }
    out.truncate(out.trim_end().len());
    out
}

/// A company's name without what kind of company it is; a name of nothing else stays whole.
pub fn company(text: &str) -> String {
    let all = plain(text);
    let mut words: Vec<&str> = all.split(' ').filter(|word| !word.is_empty()).collect();
    while words.len() > 1 && words.last().is_some_and(|word| LEGAL.contains(word)) {
        words.pop();
    }
    words.join(" ")
}

/// The trigrams of each word, padded with two blanks before and one behind.
pub fn trigrams(name: &str) -> BTreeSet<[char; 3]> {
    let mut all = BTreeSet::new();
    for word in name.split(' ').filter(|word| !word.is_empty()) {
        let padded: Vec<char> = "  ".chars().chain(word.chars()).chain(" ".chars()).collect();
        all.extend(padded.windows(3).map(|three| [three[0], three[1], three[2]]));
    }
    all
}

pub fn likeness(one: &BTreeSet<[char; 3]>, other: &BTreeSet<[char; 3]>) -> Likeness {
    let common = one.intersection(other).count();
    Likeness { common: common as u64, total: (one.len() + other.len() - common) as u64 }
}

/// Trigrams of which two names of at least `ALIKE` share one: the rarest few of each. With their order the same for
/// all names, as many as |A| - ceil(0.85 |A|) + 1 are enough, so none that is alike is missed.
pub fn keys(name: &str) -> Vec<String> {
    let mut all: Vec<[char; 3]> = trigrams(name).into_iter().collect();
    if all.is_empty() {
        return vec![];
    }
    all.sort_by_key(|three| (three.iter().map(|c| commonness(*c)).sum::<u32>(), *three));
    let hundredths = usize::try_from(ALIKE).unwrap_or(100);
    let enough = all.len() - (all.len() * hundredths).div_ceil(100) + 1;
    all.iter().take(enough).map(|three| three.iter().collect()).collect()
}

/// Roughly how often a letter comes in names: any order serves as long as it is one for all.
fn commonness(c: char) -> u32 {
    match c {
        ' ' => 14,
        'e' => 12,
        'a' | 'i' | 'n' | 'o' | 'r' | 's' | 't' => 9,
        'c' | 'd' | 'l' | 'm' | 'u' => 6,
        'b' | 'g' | 'h' | 'p' => 4,
        'f' | 'k' | 'v' | 'w' | 'y' => 2,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alike(one: &str, other: &str) -> Likeness {
        likeness(&trigrams(&company(one)), &trigrams(&company(other)))
    }

    #[test]
    fn names_lose_accents_case_punctuation_and_legal_form() {
        for (written, compared) in [
            ("Müller & Söhne GmbH & Co. KG", "muller sohne"),
            ("ACME, Inc.", "acme"),
            ("O\u{2019}Reilly Media", "oreilly media"),
            ("Łódź Sp. z o.o.", "lodz"),
            ("Société Générale S.A.", "societe generale"),
            ("Day-Hartman (UK) Ltd", "day hartman uk"),
            ("Ｆｕｌｌ　Ｗｉｄｔｈ K.K.", "full width"),
            ("Co", "co"),
            ("SE AG", "se"),
            ("Straße AG", "strasse"),
            ("", ""),
            ("  ...  ", ""),
        ] {
            assert_eq!(company(written), compared, "{written}");
        }
    }

    #[test]
    fn likeness_counts_the_trigrams_of_each_word() {
        // "  a", " ac", "acm", "cme", "me " of which "acmo" shares the first three
        assert_eq!(alike("acme", "acmo"), Likeness { common: 3, total: 7 });
        assert_eq!(alike("Acme Inc", "ACME GmbH"), Likeness { common: 5, total: 5 });
        assert_eq!(alike("word two", "two word"), Likeness { common: 9, total: 9 }, "order does not count");
        assert!(!alike("", "").reaches(ALIKE), "nothing is not alike to nothing");
    }

    #[test]
    fn the_threshold_is_exact() {
        assert!(Likeness { common: 17, total: 20 }.reaches(ALIKE));
        assert!(!Likeness { common: 849, total: 1000 }.reaches(ALIKE));
        assert!(Likeness::SAME.against(Likeness { common: 17, total: 20 }).is_gt());
    }

    #[test]
    fn names_that_are_alike_share_a_key() {
        let names = [
            "international business machines",
            "internation business machines",
            "northwind traders",
            "northwind trader",
            "globex manufacturing",
            "globex manufacturin",
            "initech",
            "initech systems",
            "umbrella corporation holdings",
            "umbrela corporation holdings",
            "zzyzx",
            "acme rocket powered products",
            "acme rocket powered product",
        ];
        for (a, b) in names.iter().flat_map(|a| names.iter().map(move |b| (a, b))) {
            let shared = keys(a).iter().any(|key| keys(b).contains(key));
            assert!(shared || !likeness(&trigrams(a), &trigrams(b)).reaches(ALIKE), "{a} / {b}");
        }
        assert!(keys("international business machines").len() <= 6);
    }

    proptest::proptest! {
        #[test]
        fn none_that_is_alike_is_missed(a in "[a-e]{1,12}( [a-e]{1,8})?", cut in 0usize..12, with in "[a-e]") {
            let mut b: Vec<char> = a.chars().collect();
            let at = cut % b.len();
            b[at] = with.chars().next().unwrap_or('a');
            let b: String = b.into_iter().collect();
            if likeness(&trigrams(&a), &trigrams(&b)).reaches(ALIKE) {
                proptest::prop_assert!(keys(&a).iter().any(|key| keys(&b).contains(key)), "{} / {}", a, b);
            }
        }
    }
}
