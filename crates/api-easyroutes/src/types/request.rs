use crate::wire::{Int64, Secret, message};

message! {
    /// Client credentials.
    Credentials {
        /// The public half.
        client_id "clientId": String,
        /// The secret half.
        client_secret "clientSecret": Secret,
    }
}

message! {
    /// An access token.
    Authenticated {
        /// Opaque. Goes into `Authorization: Bearer …`.
        access_token "accessToken": String,
        /// Seconds until it expires.
        expires_in_seconds "expiresInSeconds": Int64,
    }
}
