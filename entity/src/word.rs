//! Closed lists of words, written once: the same word in Rust, the database and the schema.
//! The doc comments become the schema's descriptions, so they are written for its readers.

/// A closed list of words.
pub trait Word: Copy + Eq + 'static {
    /// Its name in the schema.
    const NAME: &'static str;
    /// What it says, for the schema.
    const ABOUT: &'static str;
    /// Each word and its meaning, in order.
    const VALUES: &'static [(&'static str, &'static str)];
    /// The word, as the database and the schema spell it.
    fn word(self) -> &'static str;
    /// The value this word spells, if it is one of the list.
    fn parse(word: &str) -> Option<Self>;
}

/// Declares an enum stored as upper-case text, and its [`Word`].
#[macro_export]
macro_rules! words {
    ($(
        $(#[doc = $about:literal])+
        pub enum $name:ident as $public:literal {
            $($(#[doc = $help:literal])+ $variant:ident = $word:literal,)+
        }
    )+) => {$(
        $(#[doc = $about])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, sea_orm::EnumIter, sea_orm::DeriveActiveEnum)]
        #[sea_orm(rs_type = "String", db_type = "Text")]
        pub enum $name {$(
            $(#[doc = $help])+
            #[sea_orm(string_value = $word)]
            $variant,
        )+}

        impl $crate::word::Word for $name {
            const NAME: &'static str = $public;
            const ABOUT: &'static str = concat!($($about),+).trim_ascii();
            const VALUES: &'static [(&'static str, &'static str)] =
                &[$(($word, concat!($($help),+).trim_ascii())),+];

            fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }

            fn parse(word: &str) -> Option<Self> {
                match word {
                    $($word => Some(Self::$variant),)+
                    _ => None,
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str($crate::word::Word::word(*self))
            }
        }
    )+};
}

#[cfg(test)]
mod tests {
    use sea_orm::Value;

    use super::Word;

    words! {
        /// How it tastes,
        /// to most people.
        pub enum Taste as "Taste" {
            /// Like sugar.
            Sweet = "SWEET",
            /// Like coffee.
            VeryBitter = "VERY_BITTER",
        }
    }

    #[test]
    fn descriptions_come_from_the_comments() {
        assert_eq!(Taste::ABOUT, "How it tastes, to most people.");
        assert_eq!(Taste::VALUES, [("SWEET", "Like sugar."), ("VERY_BITTER", "Like coffee.")]);
    }

    #[test]
    fn a_word_reads_back_and_is_stored_as_spelled() {
        assert_eq!(Taste::parse(Taste::VeryBitter.word()), Some(Taste::VeryBitter));
        assert_eq!(Taste::parse("sweet"), None);
        assert_eq!(Value::from(Taste::Sweet), Value::from("SWEET"));
        assert_eq!(Taste::Sweet.to_string(), "SWEET");
    }
}
