//! What a field of a record is, said once: its column, meaning, and what may be done with it. Schema, read plan,
//! filter, order, grouping, input and import are all made from this.

mod reckoned;

use entity::word::Word;
use sea_orm::{ColumnTrait, IdenStatic, sea_query::LockType};

pub use self::reckoned::{Reckoned, found, ratio, reckoned};
use super::{form::Form, item::Item, record::Meta, through::Through, veil::Veil};

/// How a column's value looks outside.
#[derive(Clone, Copy)]
pub enum Kind {
    /// An id of the table with this name.
    Id(&'static str),
    Text,
    Email,
    Integer,
    /// Minor units of a currency.
    Amount,
    Boolean,
    Time,
    Date,
    Currency,
    /// A whole number of units of the last of so many decimals, kept as one: 1.5 with 3 is 1500.
    Decimal(u32),
    /// A closed list: its schema name, meaning and words.
    Word(&'static str, &'static str, &'static [(&'static str, &'static str)]),
    Json,
    /// JSON whose shape the schema knows.
    Form(&'static Form),
    /// A JSON list of such items.
    List(Item),
}

/// Where a field's value comes from.
pub enum Shape {
    Column(&'static str, Kind),
    /// Minor units and currency in two columns.
    Money(&'static str, &'static str),
    /// The record whose id this column holds.
    One(&'static str, fn() -> &'static Meta),
    /// The record whose id the database reckons.
    Found(Reckoned, fn() -> &'static Meta),
    /// The records whose column holds this one's id.
    Many(&'static str, fn() -> &'static Meta),
    /// The id of a record of any type: its table in one column, its UUID in another.
    Any(&'static str, &'static str),
    /// A value that no column holds.
    Reckoned(Reckoned, Kind),
    /// Numerator and denominator, whole numbers that no column holds; null when the numerator is.
    Ratio(Reckoned, Reckoned),
    /// What the caller may do with this record.
    Can,
}

/// Brings text into its one stored form, or says what is wrong with it.
pub type Normal = fn(&str) -> Result<String, &'static str>;

/// When a client may set a field.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Write {
    Never,
    /// On create only.
    Once,
    Always,
}

#[expect(clippy::struct_excessive_bools, reason = "each is a yes or no of its own, said by its own word")]
pub struct Field {
    /// Its name in the schema.
    pub name: String,
    /// Its description in the schema: meaning and unit.
    pub about: &'static str,
    pub shape: Shape,
    pub null: bool,
    pub filter: bool,
    pub order: bool,
    pub group: bool,
    /// Part of the search text.
    pub search: bool,
    /// Identifies one record: `lead(by: {email: …})`, match key of upserts.
    pub unique: bool,
    /// Identifies one record together with this column: only a match key of upserts.
    pub unique_with: Option<&'static str>,
    pub write: Write,
    /// Must be given on create.
    pub required: bool,
    /// Money may be below 0.
    pub signed: bool,
    /// How the record it leads to is locked while this one is written.
    pub lock: Option<LockType>,
    /// Longest text, in characters; greatest integer.
    pub max: i64,
    /// Brings text into its one stored form, or says what is wrong with it.
    pub normal: Option<Normal>,
    /// Only for grouping: the column is not this table's but one of the user's whose id this key holds.
    pub via: Option<&'static str>,
    /// Of the records that belong to this one only those with this word in this column.
    pub only: Only,
    /// Columns of the record it leads to by which lists may be ordered.
    pub through: Vec<Through>,
    /// Not everybody may know it of every row.
    pub veil: Option<&'static Veil>,
}

/// A column and the word it must hold.
pub type Only = Option<(&'static str, &'static str)>;

fn field(name: &str, about: &'static str, shape: Shape, null: bool) -> Field {
    Field {
        name: camel(name),
        about,
        shape,
        null,
        filter: false,
        order: false,
        group: false,
        search: false,
        unique: false,
        unique_with: None,
        write: Write::Never,
        required: false,
        signed: false,
        lock: None,
        max: 255,
        normal: None,
        via: None,
        only: None,
        through: vec![],
        veil: None,
    }
}

fn column<C: ColumnTrait>(c: C, kind: Kind, about: &'static str) -> Field {
    let name = IdenStatic::as_str(&c);
    field(name, about, Shape::Column(name, kind), c.def().is_null())
}

pub fn text<C: ColumnTrait>(c: C, about: &'static str) -> Field {
    column(c, Kind::Text, about)
}

pub fn email<C: ColumnTrait>(c: C, about: &'static str) -> Field {
    Field { normal: Some(super::text::email), max: 254, ..column(c, Kind::Email, about) }
}

pub fn integer<C: ColumnTrait>(c: C, about: &'static str) -> Field {
    Field { max: i64::from(i32::MAX), ..column(c, Kind::Integer, about) }
}

pub fn boolean<C: ColumnTrait>(c: C, about: &'static str) -> Field {
    column(c, Kind::Boolean, about)
}

pub fn time<C: ColumnTrait>(c: C, about: &'static str) -> Field {
    column(c, Kind::Time, about)
}

pub fn date<C: ColumnTrait>(c: C, about: &'static str) -> Field {
    column(c, Kind::Date, about)
}

pub fn currency<C: ColumnTrait>(c: C, about: &'static str) -> Field {
    Field { max: 3, ..column(c, Kind::Currency, about) }
}

/// A number with this many decimals, kept as a whole number of the last of them.
pub fn decimal<C: ColumnTrait>(c: C, decimals: u32, about: &'static str) -> Field {
    column(c, Kind::Decimal(decimals), about)
}

/// The id of a record of any type.
pub fn any<C: ColumnTrait>(name: &str, table: C, id: C, about: &'static str) -> Field {
    field(name, about, Shape::Any(IdenStatic::as_str(&table), IdenStatic::as_str(&id)), id.def().is_null())
}

/// Something that a step is told and no column holds.
pub fn told(name: &'static str, kind: Kind, about: &'static str) -> Field {
    Field { null: true, ..base(name, kind, about) }
}

pub fn json<C: ColumnTrait>(c: C, about: &'static str) -> Field {
    column(c, Kind::Json, about)
}

/// A JSON column that holds a list.
pub fn list<C: ColumnTrait>(c: C, of: Item, about: &'static str) -> Field {
    column(c, Kind::List(of), about)
}

/// A JSON column with a type of its own in the schema.
pub fn formed<C: ColumnTrait>(c: C, form: &'static Form, about: &'static str) -> Field {
    column(c, Kind::Form(form), about)
}

pub fn word<W: Word, C: ColumnTrait>(c: C, about: &'static str) -> Field {
    column(c, Kind::Word(W::NAME, W::ABOUT, W::VALUES), about)
}

/// An amount in minor units and the currency beside it.
pub fn money<C: ColumnTrait>(name: &str, amount: C, currency: C, about: &'static str) -> Field {
    let null = amount.def().is_null();
    field(name, about, Shape::Money(IdenStatic::as_str(&amount), IdenStatic::as_str(&currency)), null)
}

/// The record whose id `c` holds: `c = owner_id` gives `owner`, and `ownerId` in inputs. It is null, too, when the
/// caller may not see it.
pub fn one<C: ColumnTrait>(c: C, to: fn() -> &'static Meta, about: &'static str) -> Field {
    let key = IdenStatic::as_str(&c);
    let required = !c.def().is_null();
    let shape = Shape::One(key, to);
    // whoever deletes a record asks who belongs to it
    let lock = required.then_some(LockType::Share);
    Field { required, lock, ..field(key.trim_end_matches("_id"), about, shape, true) }
}

/// The records of `to` whose column `key` holds this record's id.
pub fn many<C: ColumnTrait>(name: &str, key: C, to: fn() -> &'static Meta, about: &'static str) -> Field {
    field(name, about, Shape::Many(IdenStatic::as_str(&key), to), false)
}

pub(super) fn can() -> Field {
    field("viewer_can", "What the caller may do with this record.", Shape::Can, false)
}

/// A column of this kind, not null.
pub fn base(name: &'static str, kind: Kind, about: &'static str) -> Field {
    field(name, about, Shape::Column(name, kind), false)
}

impl Field {
    #[must_use]
    pub fn filter(mut self) -> Self {
        self.filter = true;
        self
    }

    #[must_use]
    pub fn order(mut self) -> Self {
        self.order = true;
        self
    }

    #[must_use]
    pub fn group(mut self) -> Self {
        self.group = true;
        self
    }

    #[must_use]
    pub fn search(mut self) -> Self {
        self.search = true;
        self
    }

    #[must_use]
    pub fn unique(mut self) -> Self {
        self.unique = true;
        self
    }

    /// Identifies one record together with the value of this column.
    #[must_use]
    pub fn unique_with<C: ColumnTrait>(mut self, c: C) -> Self {
        self.unique_with = Some(IdenStatic::as_str(&c));
        self
    }

    /// What follows from writing this record changes the one it leads to, which is therefore locked at once: two
    /// writers who first shared it would then wait for each other.
    #[must_use]
    pub fn firm(mut self) -> Self {
        self.lock = Some(LockType::Update);
        self
    }

    /// Clients may set it, on create and later.
    #[must_use]
    pub fn write(mut self) -> Self {
        self.write = Write::Always;
        self
    }

    /// Clients may set it on create only.
    #[must_use]
    pub fn once(mut self) -> Self {
        self.write = Write::Once;
        self
    }

    #[must_use]
    pub fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// Money that may be below 0.
    #[must_use]
    pub fn signed(mut self) -> Self {
        self.signed = true;
        self
    }

    /// May be left out on create, where a rule then chooses.
    #[must_use]
    pub fn optional(mut self) -> Self {
        self.required = false;
        self
    }

    /// Another name than the column's.
    #[must_use]
    pub fn named(mut self, name: &str) -> Self {
        name.clone_into(&mut self.name);
        self
    }

    #[must_use]
    pub fn max(mut self, max: i64) -> Self {
        self.max = max;
        self
    }

    #[must_use]
    pub fn normal(mut self, normal: Normal) -> Self {
        self.normal = Some(normal);
        self
    }

    /// Only for grouping: this column of the user whose id `key` holds, e.g. the owner's region.
    #[must_use]
    pub fn via(mut self, key: &'static str, name: &str) -> Self {
        self.via = Some(key);
        self.name = camel(name);
        self.group = true;
        self
    }

    /// Of the records that belong to this one only those with this word in this column.
    #[must_use]
    pub fn only<C: ColumnTrait>(mut self, c: C, word: &'static str) -> Self {
        self.only = Some((IdenStatic::as_str(&c), word));
        self
    }

    /// The column that filters, orders, groups and inputs go by.
    pub fn key(&self) -> Option<&'static str> {
        match self.shape {
            Shape::Column(c, _) | Shape::One(c, _) => Some(c),
            Shape::Money(amount, _) => Some(amount),
            Shape::Found(..)
            | Shape::Many(..)
            | Shape::Any(..)
            | Shape::Reckoned(..)
            | Shape::Ratio(..)
            | Shape::Can => None,
        }
    }

    /// Its name in inputs: a relation is set by its id.
    pub fn input_name(&self) -> String {
        match self.shape {
            Shape::One(..) => format!("{}Id", self.name),
            _ => self.name.clone(),
        }
    }

    /// Its word in the enums of orders and groups.
    pub fn enum_name(&self) -> String {
        self.name.chars().fold(String::new(), |mut word, c| {
            if c.is_ascii_uppercase() {
                word.push('_');
            }
            word.push(c.to_ascii_uppercase());
            word
        })
    }
}

/// `first_name` -> `firstName`.
pub fn camel(name: &str) -> String {
    let mut up = false;
    name.chars().fold(String::new(), |mut out, c| {
        if c == '_' {
            up = true;
        } else {
            out.push(if up { c.to_ascii_uppercase() } else { c });
            up = false;
        }
        out
    })
}
