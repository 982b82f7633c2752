//! A fault that `cargo xtask bench crash --plant` has to find.

use std::time::Duration;

use futures_util::future::BoxFuture;

use super::{Access, Ended, INSIDE, Store};
use crate::error::{StoreError, TxError};
use crate::tx::Tx;

/// How long a write is acknowledged without being durable.
const LATER: Duration = Duration::from_millis(10);

impl Store {
    /// Gives what `body` gives before it is durable, and commits a moment later.
    pub async fn write_and_commit_later<P, T, E>(
        &self,
        plan: &P,
        body: impl for<'t> Fn(&'t mut Tx, &'t P) -> BoxFuture<'t, Result<T, E>> + Send + Sync,
    ) -> Result<T, E>
    where
        P: Sync + ?Sized,
        T: Send,
        E: TxError,
    {
        let mut tx = self.begin(Access::Write).await?;
        match INSIDE.scope((), body(&mut tx, plan)).await {
            Ok(value) => {
                let store = self.clone();
                tokio::spawn(async move {
                    tokio::time::sleep(LATER).await;
                    store.settle::<(), StoreError>(tx, Access::Write, Ok(())).await;
                });
                Ok(value)
            }
            Err(error) => match self.settle(tx, Access::Write, Err(error)).await {
                Ended::Over(result) => result,
                Ended::Again(error) => Err(error),
            },
        }
    }
}
