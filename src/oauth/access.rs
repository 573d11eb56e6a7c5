//! "Give me a token": the only door to one. It renews a minute before the end, and once after a 401.
//!
//! Lock, re-read, claim room, refresh, write, flush, rename, unlock: two processes never spend one refresh token twice, and
//! a full disk is noticed before the old token is spent.

use super::error::Error;
use super::exchange::Exchange;
use super::store::{Store, Token};
use crate::clock;
use crate::secret::Secret;
use tokio::sync::Mutex;
use tokio::task::spawn_blocking;

/// The door. Tasks that ask at the same time wait for one renewal.
#[derive(Debug)]
pub struct Access {
    store: Store,
    exchange: Exchange,
    current: Mutex<Token>,
}

impl Access {
    /// The door to a stored login.
    #[must_use]
    pub fn new(store: Store, exchange: Exchange, token: Token) -> Self {
        Self {
            store,
            exchange,
            current: Mutex::new(token),
        }
    }

    /// The login as it is now.
    pub async fn token(&self) -> Token {
        self.current.lock().await.clone()
    }

    /// An access token that works for another minute at least.
    ///
    /// # Errors
    /// Fails when it has to be renewed and cannot be.
    pub async fn bearer(&self) -> Result<Secret, Error> {
        let mut current = self.current.lock().await;
        if !current.is_fresh(clock::now()) {
            *current = self.renew(&current).await?;
        }
        Ok(current.access_token.clone())
    }

    /// Another access token than `refused`, which the service no longer takes.
    ///
    /// # Errors
    /// Fails when it cannot be renewed.
    pub async fn bearer_instead_of(&self, refused: &Secret) -> Result<Secret, Error> {
        let mut current = self.current.lock().await;
        if current.access_token == *refused {
            *current = self.renew(&current).await?;
        }
        Ok(current.access_token.clone())
    }

    async fn renew(&self, old: &Token) -> Result<Token, Error> {
        let store = self.store.clone();
        let (_lock, stored) = blocking(move || {
            let lock = store.lock()?;
            let stored = store.read()?;
            Ok((lock, stored))
        })
        .await?;
        let now = clock::now();
        let stored = stored.unwrap_or_else(|| old.clone());
        // Another process has been here first.
        if stored.access_token != old.access_token && stored.is_fresh(now) {
            return Ok(stored);
        }
        let claim = self.store.claim()?;
        let token = self.exchange.refresh(&stored, now).await?;
        claim.fill(&token)?;
        Ok(token)
    }

    /// Stores what the account said about itself, if that is news.
    ///
    /// # Errors
    /// Fails when the login cannot be written.
    pub async fn remember(&self, change: impl FnOnce(&mut Token)) -> Result<(), Error> {
        let mut current = self.current.lock().await;
        let mut changed = current.clone();
        change(&mut changed);
        if changed == *current {
            return Ok(());
        }
        let store = self.store.clone();
        let _lock = blocking(move || store.lock()).await?;
        // What another process renewed meanwhile must not be undone.
        if self
            .store
            .read()?
            .is_some_and(|stored| stored.access_token == current.access_token)
        {
            self.store.write(&changed)?;
        }
        *current = changed;
        Ok(())
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    match spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}
