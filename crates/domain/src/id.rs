use std::fmt;
use std::str::FromStr;

use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        ///
        /// A bare UUID (version 7 unless it must be unguessable); dialects add and strip their prefixes.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// Wraps a UUID.
            #[must_use]
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The UUID.
            #[must_use]
            pub const fn to_uuid(self) -> Uuid {
                self.0
            }

            /// Its 16 bytes, most significant first.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }

        /// Hyphenated lower-case hexadecimal.
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::try_parse(text).map(Self)
            }
        }
    )*};
}

ids! {
    /// An organisation: the tenant that owns every other thing.
    OrganizationId,
    /// An integration: the client of an organisation's own systems.
    IntegrationId,
    /// A person with an account, the same in every organisation.
    UserId,
    /// A driver: one person's membership as a driver in one organisation.
    DriverId,
    /// An invitation to become a driver.
    InvitationId,
    /// A delivery job as imported.
    JobId,
    /// A route: the stops of a job in driving order.
    RouteId,
    /// A stop on a route.
    StopId,
    /// A stop that was handed in from outside, before any route.
    ImportedStopId,
    /// A stop that is kept to be used again and again.
    SavedStopId,
    /// A shop at Shopify whose orders an organisation delivers.
    ShopId,
    /// A task at a stop.
    TaskId,
    /// One item of a task's list.
    TaskItemId,
}
