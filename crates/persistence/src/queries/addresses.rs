use diesel::prelude::*;
use diesel::upsert::excluded;
use diesel_async::RunQueryDsl;
use jiff::Timestamp;
use routemate_units::LatLng;
use uuid::Uuid;

use super::Scope;
use crate::StoreError;
use crate::schema::remembered_addresses as addresses;
use crate::sql_types::{DbId, DbInstant};
use crate::tx::on;

/// Where somebody of the organisation has put an address.
#[derive(Debug, Clone, PartialEq)]
pub struct RememberedAddress {
    /// The row.
    pub id: Uuid,
    /// SHA-256 of the normalised address.
    pub address_sha256: [u8; 32],
    /// As it was written when the place was last set.
    pub address: String,
    /// The place.
    pub position: LatLng,
    /// When it was first set.
    pub created_at: Timestamp,
    /// When it was last set.
    pub updated_at: Timestamp,
}

#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = addresses)]
struct AddressRow {
    id: DbId,
    address_sha256: Vec<u8>,
    address: String,
    lat: f64,
    lng: f64,
    created_at: DbInstant,
    updated_at: DbInstant,
}

impl AddressRow {
    fn into_address(self) -> Result<RememberedAddress, StoreError> {
        let corrupt = |column, error| StoreError::corrupt("remembered_addresses", column, error);
        Ok(RememberedAddress {
            id: self.id.0,
            address_sha256: self.address_sha256.try_into().map_err(|_| corrupt("address_sha256", "not 32 bytes"))?,
            address: self.address,
            position: LatLng::new(self.lat, self.lng).map_err(|_| corrupt("lat", "not on the globe"))?,
            created_at: self.created_at.into(),
            updated_at: self.updated_at.into(),
        })
    }
}

/// Digests asked for in one statement: SQLite takes 32,766 binds.
const MOST: usize = 1_000;

impl Scope<'_> {
    /// Remembers an address; one that is known already gets the new place and keeps its id and its first time. Gives what
    /// stands then.
    pub async fn remember_address(&mut self, address: &RememberedAddress) -> Result<RememberedAddress, StoreError> {
        let organization = self.key();
        let row = on!(self.tx, c => diesel::insert_into(addresses::table)
            .values((
                addresses::organization_id.eq(organization),
                addresses::id.eq(DbId(address.id)),
                addresses::address_sha256.eq(address.address_sha256.as_slice()),
                addresses::address.eq(&address.address),
                addresses::lat.eq(address.position.lat()),
                addresses::lng.eq(address.position.lng()),
                addresses::created_at.eq(DbInstant(address.created_at)),
                addresses::updated_at.eq(DbInstant(address.updated_at)),
            ))
            .on_conflict((addresses::organization_id, addresses::address_sha256))
            .do_update()
            .set((
                addresses::address.eq(excluded(addresses::address)),
                addresses::lat.eq(excluded(addresses::lat)),
                addresses::lng.eq(excluded(addresses::lng)),
                addresses::updated_at.eq(excluded(addresses::updated_at)),
            ))
            .returning(AddressRow::as_select())
            .get_result::<AddressRow>(c).await)?;
        row.into_address()
    }

    /// Those of these digests that are remembered, in no particular order.
    pub async fn find_remembered_addresses(
        &mut self,
        digests: &[[u8; 32]],
    ) -> Result<Vec<RememberedAddress>, StoreError> {
        let organization = self.key();
        let mut found = Vec::new();
        for digests in digests.chunks(MOST) {
            let digests: Vec<Vec<u8>> = digests.iter().map(|digest| digest.to_vec()).collect();
            let rows = on!(self.tx, c => addresses::table
                .filter(addresses::organization_id.eq(organization))
                .filter(addresses::address_sha256.eq_any(digests))
                .select(AddressRow::as_select())
                .load::<AddressRow>(c).await)?;
            for row in rows {
                found.push(row.into_address()?);
            }
        }
        Ok(found)
    }

    /// Forgets an address; `false` where there is none of this id.
    pub async fn forget_address(&mut self, id: Uuid) -> Result<bool, StoreError> {
        let key = (self.key(), DbId(id));
        let deleted = on!(self.tx, c => diesel::delete(addresses::table.find(key)).execute(c).await)?;
        Ok(deleted > 0)
    }
}
