//! One participant's turn in a run of a shard: a login, an archive, a sync. Whatever goes wrong with it is data for the report.

use super::account;
use super::error::Error;
use super::guarded::Guarded;
use super::id::Id;
use super::report::{Kind, Outcome, State};
use super::tokens::Tokens;
use super::tombstone;
use crate::archive::layout::BESIDE;
use crate::archive::{Archive, HEART_RATE, Layout, Series, Store};
use crate::config::{Client, Endpoints, Provider};
use crate::exit::{Exit, Explain};
use crate::fitbit::Fitbit;
use crate::google::Google;
use crate::http::Http;
use crate::live::{Service, Zones};
use crate::oauth::{self, Access, Exchange, Renewals, Token};
use crate::objects::{self, Objects};
use crate::progress::Progress;
use crate::service::{self, Refusal};
use crate::sync::{self, End, Options, Target};
use crate::tasks::blocking;
use crate::zone::Tz;
use chrono::NaiveDate;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// How often it was looked whether the store takes anything.
static PROBES: AtomicU64 = AtomicU64::new(0);

/// What all turns have in common.
#[derive(Debug)]
pub struct Means {
    /// The store.
    pub objects: Arc<dyn Objects>,
    /// The logins.
    pub tokens: Tokens,
    /// What is wanted of each participant.
    pub options: Options,
    /// The way to the service, paced for the shard.
    pub http: Arc<Http>,
    /// Requests a second for one participant.
    pub requests_per_second: f64,
    /// Who is asked.
    pub provider: Provider,
    /// The app.
    pub client: Client,
    /// The service's addresses.
    pub endpoints: Endpoints,
    /// The column `source` names devices.
    pub device_names: bool,
    /// The zone of an account that does not say.
    pub zone: Tz,
    /// Renewals that are under way.
    pub renewals: Renewals,
    /// Who is told how far the shard is. A participant's part stands in the report.
    pub progress: Progress,
}

/// What came of a turn.
#[derive(Debug)]
pub enum Turn {
    /// It is over.
    Over(Outcome),
    /// Something is wrong that is no participant's matter: no other turn will fare better.
    Hopeless(Outcome, Box<Error>),
}

impl Means {
    /// Has one participant's turn.
    pub async fn turn(self: Arc<Self>, id: Id) -> Turn {
        let (means, who) = (Arc::clone(&self), id.clone());
        let admitted = blocking(move || means.admitted(&who)).await;
        let token = match admitted {
            Ok(Ok(token)) => token,
            Ok(Err(outcome)) => return Turn::Over(outcome),
            Err(error) => return self.judged(&Outcome::withdrawn(), error).await,
        };
        let service = match self.service(&id, token.clone()) {
            Ok(service) => service,
            Err(error) => return Turn::Over(failed(&error)),
        };
        let guarded = Arc::new(Guarded::new(Arc::clone(&self.objects), id.clone()));
        let layout = Layout::of_participant(id.as_str());
        let archive = Archive::on(Store::new(Arc::clone(&guarded) as _, layout));
        let objects = Arc::clone(&guarded) as Arc<dyn Objects>;
        let ended = match self.one_account(&id, &token, &service, objects).await {
            Ok(()) => self.brought(&token, &service, &archive).await,
            Err(error) => Err((0, error)),
        };
        let mut outcome = Outcome {
            requests: service.requests(),
            ..Outcome::withdrawn()
        };
        // Looked at again at the very end: a withdrawal meanwhile takes back what this run wrote.
        match blocking(move || guarded.yields()).await {
            Ok(true) => return Turn::Over(Outcome::withdrawn()),
            Ok(false) => {}
            Err(error) => return self.judged(&outcome, error.into()).await,
        }
        let (means, to_read) = (Arc::clone(&self), archive);
        outcome.last_data = blocking(move || means.last_data(&to_read)).await;
        match ended {
            Ok(days) => {
                outcome.days = days;
                outcome.state = State::Ok;
                Turn::Over(outcome)
            }
            Err((days, error)) => {
                outcome.days = days;
                self.judged(&outcome, error).await
            }
        }
    }

    /// Whose matter a failure is: a store that takes other things fails for this participant alone.
    async fn judged(&self, outcome: &Outcome, error: Error) -> Turn {
        let is_of_store = matches!(error, Error::Store(_) | Error::Archive(_));
        let is_of_place = matches!(error.exit(), Exit::CannotCreate | Exit::Io);
        if is_of_store && is_of_place {
            let objects = Arc::clone(&self.objects);
            let number = PROBES.fetch_add(1, Ordering::Relaxed);
            let name = format!("{BESIDE}/probes/{}-{number}.json", std::process::id());
            let usable = blocking(move || objects::is_usable(&*objects, &name)).await;
            if usable.is_ok_and(|usable| usable) {
                return Turn::Over(of_failure(outcome, &error));
            }
        }
        let failure = of_failure(outcome, &error);
        if is_hopeless(&error) {
            Turn::Hopeless(failure, Box::new(error))
        } else {
            Turn::Over(failure)
        }
    }

    /// Sweeps up what an earlier run of this participant left half written, if it was killed.
    fn sweep(&self, id: &Id) {
        let layout = Layout::of_participant(id.as_str());
        let heart_rate = self.options.heart_rate.then_some(HEART_RATE);
        let others = self
            .options
            .extracts
            .iter()
            .flat_map(|definition| definition.tables());
        for table in heart_rate.into_iter().chain(others) {
            self.objects.sweep(&layout.table(table), &|_| true);
        }
    }

    /// The login of a participant who takes part.
    fn admitted(&self, id: &Id) -> Result<Result<Token, Outcome>, Error> {
        if tombstone::of(&*self.objects, id)?.is_some() {
            return Ok(Err(Outcome::withdrawn()));
        }
        self.sweep(id);
        Ok(match self.tokens.of(id).read() {
            Ok(Some(token)) => Ok(token),
            Ok(None) => Err(Outcome::failed(Kind::Login, "there is no login any more")),
            Err(error) => Err(failed(&error)),
        })
    }

    /// The service for one login, at its own pace within that of the shard.
    fn service(&self, id: &Id, token: Token) -> Result<Service, oauth::Error> {
        let http = Arc::new(self.http.for_one_login(self.requests_per_second));
        let exchange = Exchange::new(
            Arc::clone(&http),
            self.provider,
            self.client.clone(),
            self.endpoints.clone(),
        );
        let store = self.tokens.of(id);
        let access = Access::new(store, exchange, token, self.renewals.clone())?;
        let base = self.endpoints.api.clone();
        Ok(match self.provider {
            Provider::Fitbit => Service::Fitbit(Fitbit::new(http, Arc::new(access), base)),
            provider @ Provider::Google { .. } => {
                // A refresh token of Google's can be used again and again.
                let access = Arc::new(access.that_need_not_be_kept());
                let google = Google::new(http, access, base, provider).one_by_one();
                Service::Google(if self.device_names {
                    google
                } else {
                    google.without_device_names()
                })
            }
        })
    }

    /// Brings the archive up to date; how many days that were, and what went wrong.
    async fn brought(
        &self,
        token: &Token,
        service: &Service,
        archive: &Archive,
    ) -> Result<u64, (u64, Error)> {
        let zone = token.timezone.as_deref().and_then(|zone| zone.parse().ok());
        let target = Target {
            archive: archive.clone(),
            zones: Zones {
                fixed: None,
                likely: zone.unwrap_or(self.zone),
                is_guess: false,
            },
            requests_per_second: self.requests_per_second,
            progress: self.progress.clone().unheard(),
        };
        let report = sync::run_beside_others(&self.options, service, &target).await;
        let report = report.map_err(|error| (0, of_sync(error)))?;
        let kept = report.extracts.iter().map(|one| one.kept.days.days());
        let days = report.days + kept.sum::<u64>();
        if matches!(report.end, Some(End::Interrupted)) {
            return Err((days, Error::Stopped));
        }
        match report.into_error() {
            Some(error) => Err((days, of_sync(error))),
            None => Ok(days),
        }
    }

    /// Sees to it that the archive is one account's; what is noted of that is the run's own, as the data are.
    async fn one_account(
        &self,
        id: &Id,
        token: &Token,
        service: &Service,
        objects: Arc<dyn Objects>,
    ) -> Result<(), Error> {
        let mut account = token.account.clone();
        if let (Service::Google(google), None) = (service, &account) {
            account = google.identity().await?.health_user_id;
        }
        let Some(account) = account else {
            return Ok(());
        };
        let id = id.clone();
        blocking(move || account::claim(&*objects, &id, &account)).await
    }

    /// The last day that has data, of all that is wanted.
    fn last_data(&self, archive: &Archive) -> Option<NaiveDate> {
        let heart_rate = self.options.heart_rate;
        let heart_rate = heart_rate.then(|| Series::new(HEART_RATE, Some(self.options.detail)));
        let others = self
            .options
            .extracts
            .iter()
            .map(|definition| Series::of(definition));
        let last = |series: Series| archive.recent_days(&series, 1).ok()?.first().copied();
        heart_rate.into_iter().chain(others).filter_map(last).max()
    }
}

fn of_sync(error: sync::Error) -> Error {
    if let sync::Error::Service(error) = error {
        Error::Service(error)
    } else if let sync::Error::Archive(error) = error {
        Error::Archive(error)
    } else {
        Error::Sync(error)
    }
}

fn failed(error: &dyn Explain) -> Outcome {
    Outcome::failed(kind(error.exit()), error.line())
}

const fn kind(exit: Exit) -> Kind {
    match exit {
        Exit::Login | Exit::Config | Exit::Protocol | Exit::Usage => Kind::Login,
        Exit::Temporary => Kind::Quota,
        Exit::Unavailable => Kind::Service,
        Exit::NoInput | Exit::CannotCreate | Exit::Io => Kind::Store,
        Exit::Data | Exit::Bug => Kind::Answer,
        Exit::HungUp | Exit::Interrupted | Exit::Terminated => Kind::Stopped,
    }
}

fn of_failure(outcome: &Outcome, error: &Error) -> Outcome {
    let is_of_store = matches!(error, Error::Store(_) | Error::Archive(_));
    Outcome {
        state: State::Failed,
        why: Some(error.line()),
        kind: Some(if is_of_store {
            Kind::Store
        } else {
            kind(error.exit())
        }),
        ..*outcome
    }
}

/// A wrong client, a project without the API and a store that takes nothing are the same for everybody.
fn is_hopeless(error: &Error) -> bool {
    if let Error::Store(_) | Error::Archive(_) = error {
        return matches!(
            error.exit(),
            Exit::CannotCreate | Exit::Io | Exit::Login | Exit::Config
        );
    }
    if let Error::Service(service::Error::Refused { reason, .. }) = error {
        return matches!(reason, Refusal::ServiceDisabled(_));
    }
    if let Error::Service(service::Error::Login(error)) | Error::Login(error) = error {
        return matches!(error, oauth::Error::WrongClient { .. });
    }
    false
}
