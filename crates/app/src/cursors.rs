use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use routemate_auth::SigningKey;
use routemate_domain::OrganizationId;

use crate::{App, Error, Principal};

/// Which kind of thing is signed. Its number goes up when what a cursor holds changes, and older ones are refused.
const PURPOSE: &str = "list cursor 1";

/// How long the next page can be asked for.
const LIFETIME: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Between what a cursor holds and its signature.
const SEPARATOR: char = '.';

/// Where a list goes on, as text that only the one it was given to can use, and only for the same list.
///
/// A cursor is the second it expires in, what the caller keeps in it, and a signature over both, the organisation and the
/// operation. It can be read by whoever holds it, so it keeps nothing but what its holder has asked and seen.
impl App {
    /// A cursor that holds `state`.
    ///
    /// # Errors
    /// Those of the store, which has the key.
    pub async fn seal_cursor(&self, who: &Principal, operation: &'static str, state: &str) -> Result<String, Error> {
        let expires_at = self.now().checked_add(LIFETIME).unwrap_or(Timestamp::MAX);
        Ok(seal(&self.signing_key().await?, (who.organization_id, operation), state, expires_at))
    }

    /// What a cursor holds; `None` for one that is no more good, was given to another organisation or for another
    /// operation, or was never given to anybody.
    ///
    /// # Errors
    /// Those of the store, which has the key.
    pub async fn open_cursor(
        &self,
        who: &Principal,
        operation: &'static str,
        cursor: &str,
    ) -> Result<Option<String>, Error> {
        Ok(open(&self.signing_key().await?, (who.organization_id, operation), cursor, self.now()))
    }
}

/// Whose cursor it is, and of which list.
type Holder = (OrganizationId, &'static str);

pub(crate) fn seal(key: &SigningKey, holder: Holder, state: &str, expires_at: Timestamp) -> String {
    let signature = key.sign(PURPOSE, &parts(&holder, state), expires_at);
    let mut sealed = expires_at.as_second().to_be_bytes().to_vec();
    sealed.extend_from_slice(state.as_bytes());
    format!("{}{SEPARATOR}{signature}", URL_SAFE_NO_PAD.encode(sealed))
}

pub(crate) fn open(key: &SigningKey, holder: Holder, cursor: &str, now: Timestamp) -> Option<String> {
    let (expires_at, state, signature) = taken_apart(cursor)?;
    key.verify(PURPOSE, &parts(&holder, &state), expires_at, now, signature).ok()?;
    Some(state)
}

fn parts<'p>((organization, operation): &'p Holder, state: &'p str) -> [&'p [u8]; 3] {
    [organization.as_bytes(), operation.as_bytes(), state.as_bytes()]
}

fn taken_apart(cursor: &str) -> Option<(Timestamp, String, &str)> {
    let (sealed, signature) = cursor.split_once(SEPARATOR)?;
    let sealed = URL_SAFE_NO_PAD.decode(sealed).ok()?;
    let (second, state) = sealed.split_first_chunk()?;
    let expires_at = Timestamp::from_second(i64::from_be_bytes(*second)).ok()?;
    Some((expires_at, String::from_utf8(state.to_vec()).ok()?, signature))
}
