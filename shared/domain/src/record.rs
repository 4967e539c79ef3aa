//! The canonical form of an event: a kind and named text fields.
//!
//! The chain hashes this form and every store and message carries it, so that an auditor can check
//! a timeline with any language that has SHA-256. A value is always text: numbers in decimal,
//! digests in hexadecimal, an absent optional field simply not there.

use std::collections::BTreeMap;

/// An event as kind and fields; field names are short and sorted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The kind, in snake case and in the past tense: `received`, `dispatched`, …
    pub kind: String,
    /// The fields by name.
    pub fields: BTreeMap<String, String>,
}

/// Why a stored or received record is not an event. It never quotes a value: a value can be a
/// person's name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecordFault {
    /// This version of the code does not know the kind.
    #[error("unknown kind of event")]
    Kind,
    /// A field that must be there is not.
    #[error("field `{0}` is missing")]
    Missing(&'static str),
    /// A field that this kind does not have.
    #[error("an unknown field is present")]
    Unknown,
    /// A field's text is not what it must be.
    #[error("field `{field}` is not {expected}")]
    Field {
        /// The name of the field.
        field: &'static str,
        /// What would be right.
        expected: &'static str,
    },
    /// A bare text is not what it must be.
    #[error("the value is not {0}")]
    Value(&'static str),
}

/// A scalar with one text form.
pub(crate) trait Text: Sized {
    fn to_text(&self) -> String;
    fn from_text(text: &str) -> Result<Self, RecordFault>;
}

/// A field of an event: a scalar that must be there, or an optional one.
pub(crate) trait Field: Sized {
    fn put(&self, key: &'static str, fields: &mut BTreeMap<String, String>);
    fn take(key: &'static str, fields: &mut BTreeMap<String, String>) -> Result<Self, RecordFault>;
}

impl<T: Text> Field for T {
    fn put(&self, key: &'static str, fields: &mut BTreeMap<String, String>) {
        fields.insert(key.to_owned(), self.to_text());
    }

    fn take(key: &'static str, fields: &mut BTreeMap<String, String>) -> Result<Self, RecordFault> {
        let text = fields.remove(key).ok_or(RecordFault::Missing(key))?;
        parse(key, &text)
    }
}

impl<T: Text> Field for Option<T> {
    fn put(&self, key: &'static str, fields: &mut BTreeMap<String, String>) {
        if let Some(value) = self {
            fields.insert(key.to_owned(), value.to_text());
        }
    }

    fn take(key: &'static str, fields: &mut BTreeMap<String, String>) -> Result<Self, RecordFault> {
        fields.remove(key).map(|text| parse(key, &text)).transpose()
    }
}

fn parse<T: Text>(field: &'static str, text: &str) -> Result<T, RecordFault> {
    T::from_text(text).map_err(|fault| match fault {
        RecordFault::Value(expected) => RecordFault::Field { field, expected },
        RecordFault::Kind
        | RecordFault::Missing(_)
        | RecordFault::Unknown
        | RecordFault::Field { .. } => fault,
    })
}

macro_rules! number_text {
    ($($number:ty),*) => {$(
        impl Text for $number {
            fn to_text(&self) -> String {
                self.to_string()
            }

            fn from_text(text: &str) -> Result<Self, RecordFault> {
                // `parse` also takes "+7" and "007"; one number has one text here.
                let number: Self = text.parse().map_err(|_parse| RecordFault::Value("a number"))?;
                if number.to_string() == text { Ok(number) } else { Err(RecordFault::Value("a number")) }
            }
        }
    )*};
}
number_text!(u16, u32, i64);

impl Text for bool {
    fn to_text(&self) -> String {
        if *self { "yes" } else { "no" }.to_owned()
    }

    fn from_text(text: &str) -> Result<Self, RecordFault> {
        match text {
            "yes" => Ok(true),
            "no" => Ok(false),
            _ => Err(RecordFault::Value("`yes` or `no`")),
        }
    }
}

impl Text for String {
    fn to_text(&self) -> String {
        self.clone()
    }

    fn from_text(text: &str) -> Result<Self, RecordFault> {
        Ok(text.to_owned())
    }
}

/// Defines a field-less enum with one text per variant, used on the wire, in stores and in the
/// chain alike: `Name::ALL`, `as_str`, `Display`, and `parse`.
macro_rules! text_enum {
    ($(#[$meta:meta])* $name:ident, $expected:literal {
        $($(#[$doc:meta])* $variant:ident = $text:literal),* $(,)?
    }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$doc])* $variant),* }

        impl $name {
            /// Every variant, in the order of the definition.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The one text of this variant.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),* }
            }

            /// The variant with this text.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.as_str() == text)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl $crate::record::Text for $name {
            fn to_text(&self) -> String {
                self.as_str().to_owned()
            }

            fn from_text(text: &str) -> Result<Self, $crate::record::RecordFault> {
                Self::parse(text).ok_or($crate::record::RecordFault::Value($expected))
            }
        }
    };
}
pub(crate) use text_enum;

/// Defines an enum of facts with its kinds: each variant's text, and its fields by the names in which the chain
/// hashes them. `kind`, and `to_record` and `from_record` as visible as it is said.
macro_rules! facts {
    (
        $(#[$meta:meta])* $name:ident,
        $(#[$kind_meta:meta])* $kinds:ident, $expected:literal, $vis:vis,
        $(
            $(#[$doc:meta])*
            $variant:ident = $kind:literal {
                $( $(#[$field_doc:meta])* $field:ident : $type:ty = $key:literal ),* $(,)?
            }
        )*
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum $name {
            $( $(#[$doc])* $variant { $( $(#[$field_doc])* $field: $type ),* } ),*
        }

        $crate::record::text_enum!(
            $(#[$kind_meta])*
            $kinds, $expected { $( $(#[$doc])* $variant = $kind ),* }
        );

        impl $name {
            /// The kind of it.
            #[must_use]
            pub const fn kind(&self) -> $kinds {
                match self { $( Self::$variant { .. } => $kinds::$variant ),* }
            }

            /// The canonical form that stores carry and the chain hashes.
            #[must_use]
            $vis fn to_record(&self) -> $crate::record::Record {
                #[allow(unused_mut, reason = "a fact without fields puts none")]
                let mut fields = std::collections::BTreeMap::new();
                match self { $(
                    Self::$variant { $($field),* } => {
                        $( $crate::record::Field::put($field, $key, &mut fields); )*
                    }
                ),* }
                $crate::record::Record { kind: self.kind().as_str().to_owned(), fields }
            }

            /// Reads the canonical form back; no other field may be left.
            ///
            /// # Errors
            /// [`RecordFault`](crate::record::RecordFault) names the field, never its value.
            $vis fn from_record(
                record: &$crate::record::Record,
            ) -> Result<Self, $crate::record::RecordFault> {
                let mut fields = record.fields.clone();
                let kind = $kinds::parse(&record.kind).ok_or($crate::record::RecordFault::Kind)?;
                let fact = match kind { $(
                    $kinds::$variant => Self::$variant {
                        $( $field: $crate::record::Field::take($key, &mut fields)? ),*
                    }
                ),* };
                if fields.is_empty() { Ok(fact) } else { Err($crate::record::RecordFault::Unknown) }
            }
        }
    };
}
pub(crate) use facts;
