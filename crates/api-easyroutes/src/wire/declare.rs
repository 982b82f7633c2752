/// Declares a message: its struct, how it is read and written, and its description. Fields stand in the documents' order,
/// each with its name on the wire.
macro_rules! message {
    (
        $(#[doc = $doc:literal])*
        $name:ident { $($(#[doc = $text:literal])* $field:ident $wire:literal: $kind:ty,)* }
    ) => {
        $(#[doc = $doc])*
        #[derive(Debug, Clone, Default, PartialEq)]
        pub(crate) struct $name { $($(#[doc = $text])* pub(crate) $field: $kind,)* }

        impl $name {
            /// How the documents describe it.
            pub(crate) const TYPE: $crate::wire::MessageType = $crate::wire::MessageType {
                name: stringify!($name),
                text: &[$($doc),*],
                fields: &[$($crate::wire::FieldType {
                    name: $wire,
                    text: &[$($text),*],
                    shape: <$kind as $crate::wire::Wire>::shape,
                }),*],
            };
        }

        impl $crate::wire::Wire for $name {
            fn shape() -> $crate::wire::Shape {
                $crate::wire::Shape::Message(&Self::TYPE)
            }

            fn read(value: &serde_json::Value, at: &mut $crate::wire::Reading) -> Option<Self> {
                let object = at.object(value)?;
                Some(Self { $($field: at.read_field(object, $wire),)* })
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                use serde::ser::SerializeMap;
                let mut map = serializer.serialize_map(None)?;
                $(if $crate::wire::Wire::is_written(&self.$field) {
                    map.serialize_entry($wire, &self.$field)?;
                })*
                map.end()
            }
        }
    };
}

/// Declares an enumeration: names in the order of their numbers, from 0.
macro_rules! enumeration {
    (
        $(#[doc = $doc:literal])*
        $name:ident { $($(#[doc = $text:literal])* $value:ident $wire:literal,)* }
    ) => {
        $(#[doc = $doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum $name { $($(#[doc = $text])* $value,)* }

        impl $name {
            /// Every value; its number is its place.
            pub(crate) const ALL: &[Self] = &[$(Self::$value,)*];

            /// How the documents describe it.
            pub(crate) const TYPE: $crate::wire::EnumerationType = $crate::wire::EnumerationType {
                name: stringify!($name),
                text: &[$($doc),*],
                values: &[$($wire),*],
            };

            /// The name on the wire.
            pub(crate) const fn as_str(self) -> &'static str {
                match self { $(Self::$value => $wire,)* }
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self::Unknown
            }
        }

        impl $crate::wire::Wire for $name {
            fn shape() -> $crate::wire::Shape {
                $crate::wire::Shape::Enumeration(&Self::TYPE)
            }

            fn read(value: &serde_json::Value, at: &mut $crate::wire::Reading) -> Option<Self> {
                let place = at.place_in(value, &Self::TYPE)?;
                Self::ALL.get(place).copied()
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }
    };
}

pub(crate) use enumeration;
pub(crate) use message;
