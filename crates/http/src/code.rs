//! The one table of error codes: what every surface may answer, with which status, and what it means.

use actix_web::http::StatusCode;

/// Declares the codes with their status, their name on the wire, and their meaning.
macro_rules! codes {
    ($($(#[$doc:meta])* $code:ident = $status:ident, $name:literal, $meaning:literal;)+) => {
        /// A stable name for a kind of refusal: what clients act upon.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Code { $($(#[$doc])* $code,)+ }

        impl Code {
            /// Every code, ordered by status.
            pub const ALL: &[Self] = &[$(Self::$code,)+];

            /// The name on the wire.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$code => $name,)+ }
            }

            /// The status that goes with it.
            #[must_use]
            pub const fn status(self) -> StatusCode {
                match self { $(Self::$code => StatusCode::$status,)+ }
            }

            /// What it means and what to do, in whole sentences.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$code => $meaning,)+ }
            }
        }
    };
}

codes! {
    /// The input breaks rules.
    ValidationError = BAD_REQUEST, "validation_error",
        "The request breaks rules; all of them are listed. Mend the request.";
    /// RFC 6749's `invalid_request`, in any style.
    InvalidRequest = BAD_REQUEST, "invalid_request",
        "The token request is not well-formed: something is missing, no text, or given twice.";
    /// The body ended early.
    BodyBroken = BAD_REQUEST, "body_broken",
        "The body broke off before its announced end. Send it again.";
    /// A preflight of an origin that is not allowed.
    OriginRefused = BAD_REQUEST, "origin_refused",
        "A browser asked on behalf of a page whose origin is not in `cors_origins`.";
    /// No bearer token.
    MissingToken = UNAUTHORIZED, "missing_token",
        "There is no `Authorization: Bearer` header.";
    /// A token that is none any more, or never was.
    InvalidToken = UNAUTHORIZED, "invalid_token",
        "The token is malformed, unknown, expired or revoked; which of them is not told. Get a new one.";
    /// Wrong credentials.
    InvalidCredentials = UNAUTHORIZED, "invalid_credentials",
        "The client id is unknown or the secret wrong; which of them is not told.";
    /// Nobody known has signed the message.
    InvalidSignature = UNAUTHORIZED, "invalid_signature",
        "The shop is not connected or the signature of the body is wrong; which of them is not told.";
    /// The integration or its organisation is not at work.
    IntegrationDisabled = FORBIDDEN, "integration_disabled",
        "The integration has been disabled, or its organisation suspended. Only an operator can change that.";
    /// Plain HTTP is refused.
    HttpsRequired = FORBIDDEN, "https_required",
        "The server is set to refuse plain HTTP (`require_https`). Credentials that were sent in the clear are worth changing.";
    /// No such thing, or somebody else's.
    NotFound = NOT_FOUND, "not_found",
        "There is no such thing or path. What belongs to another organisation or integration is not found either.";
    /// Wrong method.
    MethodNotAllowed = METHOD_NOT_ALLOWED, "method_not_allowed",
        "The path is right and the method is not; the `Allow` header names those that are.";
    /// The body did not come.
    BodyStalled = REQUEST_TIMEOUT, "body_stalled",
        "The body did not arrive in time. Send it again.";
    /// The external id is in use.
    ExternalJobIdTaken = CONFLICT, "external_job_id_taken",
        "The integration has a job of this external id already.";
    /// The address is a driver's already.
    DriverEmailTaken = CONFLICT, "driver_email_taken",
        "The organisation has a driver with this e-mail address already; the answer names it. Change or reactivate that one.";
    /// The state does not allow it.
    Refused = CONFLICT, "refused",
        "The state of the thing does not allow what was asked for.";
    /// The version that was named no longer counts.
    VersionChanged = PRECONDITION_FAILED, "version_changed",
        "The thing no longer has the version that `If-Match` names. Read it again, and decide anew.";
    /// The body is too long.
    BodyTooLarge = PAYLOAD_TOO_LARGE, "body_too_large",
        "The body is longer than 10 MiB (64 KiB where a token is asked for).";
    /// An idempotency key with another request.
    KeyReused = UNPROCESSABLE_ENTITY, "idempotency_key_reused",
        "The `Idempotency-Key` was used before for another request. Take a new key.";
    /// The limit of requests is reached.
    RateLimitExceeded = TOO_MANY_REQUESTS, "rate_limit_exceeded",
        "More requests in the last minute than the plan allows. Come again after `Retry-After`; refused calls do not count.";
    /// A fault of ours.
    InternalError = INTERNAL_SERVER_ERROR, "internal_error",
        "A fault of the server. Its log has the reason under the request id (`X-Request-Id`).";
    /// Not now.
    Unavailable = SERVICE_UNAVAILABLE, "unavailable",
        "The server is overloaded, waits for its database, or works on the same idempotency key. The same request may \
         succeed after `Retry-After`.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_ordered_by_status() {
        let mut names: Vec<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
        assert!(Code::ALL.is_sorted_by_key(|code| code.status()));
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Code::ALL.len());
    }

    #[test]
    fn what_is_said_of_bodies_is_their_limit() {
        let limit = crate::HttpSettings::new("").max_body_bytes / 1024 / 1024;
        assert!(Code::BodyTooLarge.meaning().contains(&format!(" {limit} MiB")));
    }
}
