//! Keeps what is said of the fields of a struct.

/// One field of a described struct.
#[derive(Debug, Clone)]
pub(crate) struct Described {
    /// Its name, which is the key.
    pub(crate) key: &'static str,
    /// The lines of its doc comment.
    pub(crate) lines: &'static [&'static str],
    /// Its default, as Rust prints it.
    pub(crate) default: String,
}

/// Declares the struct as it stands, and beside it `KEYS`, the names of its fields, and `described()`, its fields with
/// their doc comments and defaults: what a reference of settings is made of, which so cannot fall behind.
macro_rules! described {
    (
        $(#[$meta:meta])*
        $visibility:vis struct $name:ident {
            $(
                $(#[doc = $line:literal])*
                $(#[serde($($serde:tt)*)])?
                $field_visibility:vis $field:ident: $type:ty,
            )*
        }
    ) => {
        $(#[$meta])*
        $visibility struct $name {
            $(
                $(#[doc = $line])*
                $(#[serde($($serde)*)])?
                $field_visibility $field: $type,
            )*
        }

        impl $name {
            /// The names of all fields.
            $visibility const KEYS: &'static [&'static str] = &[$(stringify!($field),)*];

            /// All fields, with their doc comments and defaults.
            $visibility fn described() -> Vec<$crate::described::Described> {
                let default = Self::default();
                vec![$(
                    $crate::described::Described {
                        key: stringify!($field),
                        lines: &[$($line,)*],
                        default: format!("{:?}", default.$field),
                    },
                )*]
            }
        }
    };
}
pub(crate) use described;
