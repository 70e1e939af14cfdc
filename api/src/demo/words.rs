//! What names, companies and conversations are put together from. No company here is a real one, and every domain ends
//! in `.example`, which nobody can own.

pub const FIRST: [&str; 48] = [
    "Anna",
    "Ben",
    "Clara",
    "David",
    "Elena",
    "Felix",
    "Greta",
    "Hugo",
    "Ines",
    "Jonas",
    "Katja",
    "Lars",
    "Maren",
    "Niklas",
    "Olivia",
    "Paul",
    "Renate",
    "Simon",
    "Tessa",
    "Ulrich",
    "Vera",
    "Willem",
    "Yara",
    "Zoe",
    "Astrid",
    "Björn",
    "Camille",
    "Dario",
    "Esther",
    "Fiona",
    "Giulia",
    "Henrik",
    "Isabel",
    "Jürgen",
    "Karin",
    "Léa",
    "Matteo",
    "Nora",
    "Oscar",
    "Piotr",
    "Rosa",
    "Søren",
    "Thérèse",
    "Una",
    "Viktor",
    "Wanda",
    "Xenia",
    "Youri",
];
pub const LAST: [&str; 48] = [
    "Adler",
    "Bergmann",
    "Castellan",
    "Dahl",
    "Eriksen",
    "Fontaine",
    "Gruber",
    "Hartwig",
    "Ivarsson",
    "Jansen",
    "Keller",
    "Lindqvist",
    "Moreau",
    "Nowak",
    "Olsen",
    "Pellegrini",
    "Quist",
    "Rossi",
    "Sommer",
    "Thorne",
    "Ullmann",
    "Vogt",
    "Whitfield",
    "Young",
    "Zimmer",
    "Almeida",
    "Brandt",
    "Cooper",
    "Duarte",
    "Engel",
    "Fischer",
    "García",
    "Hughes",
    "Iversen",
    "Jäger",
    "Kowalska",
    "Lefèvre",
    "Marchetti",
    "Nyström",
    "O’Brien",
    "Petit",
    "Rasmussen",
    "Schäfer",
    "Turner",
    "Urban",
    "Verhoeven",
    "Wagner",
    "Zapata",
];
/// First parts of company names, made up.
pub const STEMS: [&str; 56] = [
    "Velmora",
    "Tarquist",
    "Brenholt",
    "Osterwyn",
    "Kalvik",
    "Lumarra",
    "Hexbury",
    "Norvald",
    "Pellwick",
    "Quandara",
    "Ravenhelm",
    "Solvanta",
    "Thistlor",
    "Umbrafeld",
    "Vantorre",
    "Wexmoor",
    "Yarrowell",
    "Zephyrand",
    "Aldermere",
    "Birkwest",
    "Corvello",
    "Dornquell",
    "Elmshaven",
    "Fjordane",
    "Glimmerau",
    "Harlowen",
    "Istervik",
    "Juniper",
    "Kestrova",
    "Lindvarra",
    "Morrowby",
    "Nettlefold",
    "Oakenrode",
    "Pinterra",
    "Quillbrook",
    "Rosswald",
    "Silberau",
    "Tannberg",
    "Ulverton",
    "Varnholm",
    "Windorra",
    "Ystadal",
    "Zirbelau",
    "Ambervale",
    "Blauwater",
    "Caldenwick",
    "Drosterby",
    "Eichenhall",
    "Falkenmoor",
    "Grauwald",
    "Hollernau",
    "Inselwerk",
    "Kupferau",
    "Lorquist",
    "Mistelund",
    "Nebelhorn",
];
/// Trade, as it stands in a company's name and as an industry.
pub const TRADES: [(&str, &str); 12] = [
    ("Logistics", "Transport and logistics"),
    ("Energy", "Energy and utilities"),
    ("Foods", "Food and beverage"),
    ("Systems", "Software"),
    ("Robotics", "Machinery"),
    ("Health", "Health care"),
    ("Textiles", "Consumer goods"),
    ("Finance", "Financial services"),
    ("Media", "Media"),
    ("Chemicals", "Chemicals"),
    ("Retail", "Retail"),
    ("Construction", "Construction"),
];
/// Country, form of company, how telephone numbers begin that are set apart for fiction, and whose patch it is:
/// 0 to 3 among the sellers.
pub const COUNTRIES: [(&str, &str, Option<&str>, usize); 12] = [
    ("DE", "GmbH", Some("+493023125"), 0),
    ("DE", "AG", Some("+493023125"), 0),
    ("AT", "GmbH", None, 0),
    ("CH", "AG", None, 1),
    ("SE", "AB", None, 1),
    ("DK", "A/S", None, 1),
    ("GB", "Ltd", Some("+442079460"), 1),
    ("NL", "B.V.", None, 2),
    ("FR", "SAS", Some("+331990012"), 2),
    ("BE", "NV", None, 2),
    ("ES", "S.L.", None, 3),
    ("IT", "S.r.l.", None, 3),
];
/// Employees, and how often out of a hundred.
pub const BANDS: [(&str, usize); 6] = [
    ("FROM_11_TO_50", 20),
    ("FROM_51_TO_200", 34),
    ("FROM_201_TO_500", 20),
    ("FROM_501_TO_1000", 12),
    ("FROM_1001_TO_5000", 10),
    ("OVER_5000", 4),
];
/// Title and the part they play in buying.
pub const TITLES: [(&str, &str); 10] = [
    ("Head of Sales", "Champion"),
    ("Chief Executive Officer", "Economic buyer"),
    ("Marketing Director", "Champion"),
    ("Chief Financial Officer", "Economic buyer"),
    ("IT Manager", "Technical evaluator"),
    ("Operations Manager", "User"),
    ("Revenue Operations Lead", "Champion"),
    ("Purchasing Manager", "Purchasing"),
    ("Sales Analyst", "User"),
    ("Data Protection Officer", "Technical evaluator"),
];
/// Name, article number, family, price in cents.
pub const PRODUCTS: [(&str, &str, &str, i64); 6] = [
    ("Pulse Starter", "PUL-S", "Platform", 480_000),
    ("Pulse Team", "PUL-T", "Platform", 1_440_000),
    ("Pulse Enterprise", "PUL-E", "Platform", 7_200_000),
    ("Forecast Add-on", "ADD-F", "Add-on", 600_000),
    ("Data Connectors", "ADD-C", "Add-on", 360_000),
    ("Onboarding", "SRV-O", "Services", 950_000),
];
pub const LOST_BECAUSE: [(&str, &str); 6] = [
    ("COMPETITOR", "They went with a supplier they know."),
    ("PRICE", "Over this year's budget, even with the discount."),
    ("NO_DECISION", "The project was put off without a date."),
    ("TIMING", "A reorganisation comes first; ask again next year."),
    ("FIT", "They need it on their own mainframe."),
    ("RELATIONSHIP", "Our champion left the company."),
];
pub const GIVEN_UP: [(&str, &str); 6] = [
    ("NO_NEED", "Happy with what they have."),
    ("NO_BUDGET", "No budget before the next fiscal year."),
    ("NO_AUTHORITY", "A student writing a thesis."),
    ("NO_TIMING", "Just signed elsewhere for two years."),
    ("NOT_REACHED", "Five attempts, no answer."),
    ("COMPETITOR", "Works for a competitor."),
];
/// Why sales gives a lead back: before it has talked to them.
pub struct Reason {
    pub name: &'static str,
    pub category: &'static str,
    /// Days until it is recycled.
    pub days: i32,
    pub note: &'static str,
    pub fix: &'static str,
}

const fn reason(
    name: &'static str,
    category: &'static str,
    days: i32,
    note: &'static str,
    fix: &'static str,
) -> Reason {
    Reason { name, category, days, note, fix }
}

#[rustfmt::skip]
pub const REASONS: [Reason; 7] = [
    reason("Wrong contact details", "CLERICAL", 14, "The number does not exist and the mail came back.", "Check telephone and mail in the form."),
    reason("Below our size", "DEFINITIONAL", 60, "Fewer than ten people, and no plan to grow.", "Ask for the size of the company in the form."),
    reason("Too early", "DEFINITIONAL", 60, "Wrote a paper on the topic, does not plan to buy.", "A download alone is no interest: wait for the second sign."),
    reason("A customer already", "DUPLICATE", 30, "Their colleague signed in spring.", "Match against customers before offering."),
    reason("No capacity", "CAPACITY", 7, "Quarter end: nobody can call this week.", "Offer again next week."),
    reason("Context is missing", "PROCEDURAL", 10, "Nothing says what they asked for.", "Send what they wrote with the offer."),
    reason("Outside our markets", "DEFINITIONAL", 90, "Wants to be served from overseas.", "Exclude these countries from the campaign."),
];
/// What marketing does about it.
pub const MENDED: [&str; 4] = [
    "The form checks it now.",
    "Talked it over with the campaign's owner; the audience is narrower.",
    "The offer carries the request from now on.",
    "Agreed with sales: such leads stay with us.",
];
pub const CLAIMS: [&str; 3] = [
    "They asked for a demonstration the day before; the definition is met.",
    "The number works: I called it.",
    "They are no customer, only of the same group.",
];
pub const NEEDS: [&str; 5] = [
    "One forecast that sales and finance believe.",
    "See which campaigns bring revenue.",
    "Leads are lost between the teams.",
    "Replace three spreadsheets before the audit.",
    "Report the pipeline to the board every week.",
];
/// Pages of the website.
pub const PAGES: [&str; 5] = ["pricing", "forecasting", "handover-study", "webinars", "contact"];
pub const NEXT_STEPS: [&str; 6] = [
    "Send the offer",
    "Meet the finance team",
    "Show the forecast module",
    "Settle the data agreement",
    "Get the signature",
    "Agree on a pilot",
];
pub const CALLS: [&str; 5] =
    ["First call", "Follow-up call", "Call about requirements", "Call about the offer", "Check-in call"];
pub const MAILS: [&str; 4] = ["Introduction", "Material after our talk", "Answers on data protection", "Revised offer"];
pub const MEETINGS: [&str; 4] =
    ["Product demonstration", "Workshop with the users", "Meeting with finance", "Kick-off"];
pub const NOTES: [&str; 3] = ["Decision comes from two people", "Budget approved", "Contract runs out in autumn"];
pub const TASKS: [&str; 4] = ["Prepare the offer", "Send references", "Call back", "Check the security questionnaire"];

/// Why customers leave.
pub const LEFT: [&str; 3] =
    ["Bought by a competitor of ours", "Does it by themselves now", "Too dear after the first year"];

/// What customers say to their answers.
pub const ANSWERS: [&str; 4] = [
    "Quick answers whenever we call.",
    "It does what was promised.",
    "The first weeks took longer than we had thought.",
    "We would like to see more of what comes next.",
];

/// A name as it stands in a mail address.
pub fn ascii(name: &str) -> String {
    let mut plain = String::new();
    for c in name.to_lowercase().chars() {
        match c {
            'ä' => plain.push_str("ae"),
            'ö' | 'ø' => plain.push_str("oe"),
            'ü' => plain.push_str("ue"),
            'é' | 'è' => plain.push('e'),
            'í' => plain.push('i'),
            'a'..='z' | '0'..='9' | '-' => plain.push(c),
            _ => {}
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_makes_an_address() {
        for name in FIRST.iter().chain(&LAST).chain(&STEMS) {
            assert!(ascii(name).len() + 1 >= name.chars().filter(|c| c.is_alphanumeric()).count(), "{name}");
        }
        assert_eq!(ascii("Thérèse O’Brien-Jäger"), "thereseobrien-jaeger");
    }

    #[test]
    fn bands_are_shares_of_a_hundred() {
        assert_eq!(BANDS.iter().map(|(_, share)| share).sum::<usize>(), 100);
    }
}
