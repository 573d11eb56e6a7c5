//! "Give me a token": the only door to one. It renews a minute before the end, and once after a 401.
//!
//! Lock, re-read, claim room, refresh, write, flush, rename, unlock: two processes never spend one refresh token twice, and
//! a full disk is noticed before the old token is spent. A renewal that has begun goes on when nobody waits for it any more,
//! and the program does not end before it: a refresh token that works once would be lost with the answer.

use super::error::Error;
use super::exchange::Exchange;
use super::lock::Lock;
use super::store::Store;
use super::token::Token;
use crate::clock;
use crate::secret::Secret;
use crate::tasks::{blocking, resume};
use std::sync::Arc;
use tokio::sync::{Mutex, OwnedMutexGuard, OwnedRwLockReadGuard, OwnedRwLockWriteGuard, RwLock};
use tokio::task::spawn;

/// The door. Tasks that ask at the same time wait for one renewal.
#[derive(Debug)]
pub struct Access {
    store: Store,
    exchange: Exchange,
    current: Arc<Mutex<Current>>,
    renewals: Renewals,
    keeping: Keeping,
}

/// Whether a renewed login has to be on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Keeping {
    /// It has: the old refresh token may be spent.
    Needed,
    /// It is, where that can be done: the old refresh token goes on being good.
    WherePossible,
}

/// The login, and how its renewal failed: those who waited for it do not ask again.
#[derive(Debug)]
struct Current {
    token: Token,
    failure: Option<Error>,
}

/// The renewals that are under way, for whoever ends the program.
#[derive(Debug, Clone, Default)]
pub struct Renewals(Arc<RwLock<()>>);

impl Renewals {
    /// Waits for the last one. None begins while the answer is held.
    pub async fn finished(&self) -> OwnedRwLockWriteGuard<()> {
        Arc::clone(&self.0).write_owned().await
    }

    /// Held while a renewal is under way; `None` when the program is about to end.
    fn begin(&self) -> Option<OwnedRwLockReadGuard<()>> {
        Arc::clone(&self.0).try_read_owned().ok()
    }
}

impl Access {
    /// The door to a stored login.
    ///
    /// # Errors
    /// Fails with 77 when the login is of another client, or was made elsewhere than where `exchange` leads.
    pub fn new(
        store: Store,
        exchange: Exchange,
        token: Token,
        renewals: Renewals,
    ) -> Result<Self, Error> {
        exchange.fits(&token)?;
        Ok(Self {
            store,
            exchange,
            current: Arc::new(Mutex::new(Current {
                token,
                failure: None,
            })),
            renewals,
            keeping: Keeping::Needed,
        })
    }

    /// The same for a login whose refresh token can be used again: a place that takes nothing does not keep it from being
    /// renewed.
    #[must_use]
    pub fn that_need_not_be_kept(mut self) -> Self {
        self.keeping = Keeping::WherePossible;
        self
    }

    /// Binds a login that does not say yet where it may be sent. Another process that is at it, or a folder that takes
    /// nothing, leaves that to the next renewal.
    pub async fn bind(&self) {
        let mut current = self.current.lock().await;
        if current.token.origins.is_some() {
            return;
        }
        current.token.origins = Some(self.exchange.origins());
        let Ok(_lock) = self.store.lock_now() else {
            return;
        };
        if self.is_current(&current.token) {
            let _ = self.store.write(&current.token);
        }
    }

    /// The stored login is still this one: what another process renewed meanwhile must not be undone.
    fn is_current(&self, token: &Token) -> bool {
        let stored = self.store.read().ok().flatten();
        stored.is_some_and(|stored| stored.access_token == token.access_token)
    }

    /// The login as it is now.
    pub async fn token(&self) -> Token {
        self.current.lock().await.token.clone()
    }

    /// An access token that works for another minute at least.
    ///
    /// # Errors
    /// Fails when it has to be renewed and cannot be.
    pub async fn bearer(&self) -> Result<Secret, Error> {
        let current = Arc::clone(&self.current).lock_owned().await;
        if current.token.is_fresh(clock::now()) {
            return Ok(current.token.access_token.clone());
        }
        self.renew(current).await
    }

    /// Another access token than `refused`, which the service no longer takes.
    ///
    /// # Errors
    /// Fails when it cannot be renewed.
    pub async fn bearer_instead_of(&self, refused: &Secret) -> Result<Secret, Error> {
        let current = Arc::clone(&self.current).lock_owned().await;
        if current.token.access_token != *refused {
            return Ok(current.token.access_token.clone());
        }
        self.renew(current).await
    }

    /// Renews in a task of its own, which ends as it should even if the caller is dropped.
    async fn renew(&self, mut current: OwnedMutexGuard<Current>) -> Result<Secret, Error> {
        if let Some(failure) = &current.failure {
            return Err(failure.clone());
        }
        let (store, exchange) = (self.store.clone(), self.exchange.clone());
        let (renewals, keeping) = (self.renewals.clone(), self.keeping);
        let renewal = spawn(async move {
            match renewed(&store, &exchange, &renewals, &current.token, keeping).await {
                Ok(token) => current.token = token,
                Err(error) => {
                    current.failure = Some(error.clone());
                    return Err(error);
                }
            }
            Ok(current.token.access_token.clone())
        });
        renewal.await.unwrap_or_else(resume)
    }

    /// Stores what the account said about itself, if that is news.
    ///
    /// # Errors
    /// Fails when the login cannot be written.
    pub async fn remember(&self, change: impl FnOnce(&mut Token)) -> Result<(), Error> {
        let mut current = self.current.lock().await;
        let mut changed = current.token.clone();
        change(&mut changed);
        if changed == current.token {
            return Ok(());
        }
        let store = self.store.clone();
        let _lock = blocking(move || store.lock()).await?;
        if self.is_current(&current.token) {
            self.store.write(&changed)?;
        }
        current.token = changed;
        Ok(())
    }
}

async fn renewed(
    store: &Store,
    exchange: &Exchange,
    renewals: &Renewals,
    old: &Token,
    keeping: Keeping,
) -> Result<Token, Error> {
    let to_lock = store.clone();
    let (lock, stored) = blocking(move || {
        let lock = locked(&to_lock, keeping)?;
        let stored = to_lock.read()?;
        Ok::<_, Error>((lock, stored))
    })
    .await?;
    let now = clock::now();
    let stored = stored.unwrap_or_else(|| old.clone());
    exchange.fits(&stored)?;
    // Another process has been here first.
    if stored.access_token != old.access_token && stored.is_fresh(now) {
        return Ok(stored);
    }
    let Some(_under_way) = renewals.begin() else {
        return std::future::pending().await;
    };
    let claim = match lock.as_ref().map(|_| store.claim()) {
        None => None,
        Some(Ok(claim)) => Some(claim),
        Some(Err(_)) if keeping == Keeping::WherePossible => None,
        Some(Err(error)) => return Err(error),
    };
    let token = exchange.refresh(&stored, now).await?;
    match claim.map(|claim| store.fill(claim, &token)) {
        Some(Err(error)) if keeping == Keeping::Needed => Err(error),
        _ => Ok(token),
    }
}

/// The lock; `None` for a login in a place that takes nothing, and need not.
fn locked(store: &Store, keeping: Keeping) -> Result<Option<Lock>, Error> {
    if keeping == Keeping::WherePossible && store.is_for_reading_only() {
        return Ok(None);
    }
    match store.lock() {
        Err(error @ Error::Locked { .. }) => Err(error),
        Err(_) if keeping == Keeping::WherePossible => Ok(None),
        lock => lock.map(Some),
    }
}
