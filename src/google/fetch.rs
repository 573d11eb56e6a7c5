//! One civil day of the wearer, with all that belongs to it, in about one round trip.
//!
//! The account's zone gives the window that is asked for first; the samples' own offsets decide what belongs to the day. If
//! they show another offset (travel), the window grows by the difference and only the missing part is fetched.

use super::client::Google;
use super::points::Points;
use super::rollup::Means;
use super::samples::{day_samples, mean_samples, missing};
use super::summary::{self, Summaries};
use crate::civil::{self, Window};
use crate::day::{Day, Detail, Sample, Source, Summary};
use crate::left_out::LeftOut;
use crate::oauth::scopes;
use crate::service::{Error, Refusal, or_note};
use crate::settled::Syncs;
use crate::tasks::resume;
use crate::zone::Tz;
use chrono::NaiveDate;
use tokio::task::JoinSet;

/// A day of 27,500 samples fits one page of 5,000 in each slice.
const SLICES: i64 = 8;

/// What is wanted.
#[derive(Debug, Clone, Copy)]
pub struct Request {
    /// The civil day.
    pub date: NaiveDate,
    /// How fine.
    pub detail: Detail,
    /// With resting heart rate and zones.
    pub summary: bool,
    /// With the account's zone and the last sync.
    pub account: bool,
    /// The zone that the keys file names; it wins over the account's.
    pub fixed_zone: Option<Tz>,
    /// The zone to begin with until the account has answered, and to stay with if it does not say.
    pub likely_zone: Tz,
}

/// What came.
#[derive(Debug)]
pub struct Fetched {
    /// The day.
    pub day: Day,
    /// The zone that windows were cut by.
    pub zone: Tz,
    /// The account named this zone; `None` if it was not asked or does not say.
    pub account_zone: Option<Tz>,
    /// When the devices last synced, as far as that is known.
    pub syncs: Syncs,
    /// Readings that the day is without.
    pub left_out: LeftOut,
    /// What a person should know: what a missing scope costs.
    pub notes: Vec<String>,
}

impl Google {
    /// Fetches one day.
    ///
    /// # Errors
    /// Fails when any part of what was asked for fails.
    pub async fn day(&self, request: Request) -> Result<Fetched, Error> {
        let granted = self.session().access().token().await;
        // A login of unknown scopes is tried.
        if !granted.scopes.is_empty() && !granted.grants(scopes::HEALTH_METRICS) {
            let scope = scopes::short(scopes::HEALTH_METRICS).to_owned();
            return Err(Error::Refused {
                provider: self.provider(),
                reason: Refusal::ScopeMissing(Some(scope)),
                said: String::new(),
            });
        }
        let may_ask_settings = request.account && granted.grants(scopes::SETTINGS);
        let mut notes = Vec::new();
        if request.account && !may_ask_settings {
            notes.push(cost(scopes::SETTINGS));
        }
        let account_zone = async {
            match (request.fixed_zone, may_ask_settings) {
                (None, true) => forgive_scope(self.timezone().await),
                _ => Ok(None),
            }
        };
        let summary = async {
            if !request.summary {
                return Ok((Summary::default(), vec![]));
            }
            let activity = granted.grants(scopes::ACTIVITY);
            self.summary(request.date, activity).await
        };
        let mut unknown = Vec::new();
        let zone = request.fixed_zone.unwrap_or(request.likely_zone);
        let (first, account_zone, syncs, (summary, summary_notes)) = tokio::try_join!(
            self.first_round(request, zone),
            account_zone,
            self.last_syncs(may_ask_settings, &mut unknown),
            summary
        )?;
        let zone = account_zone.unwrap_or(zone);
        let (samples, left_out) = self.complete(request, zone, first).await?;
        notes.extend(summary_notes);
        notes.extend(unknown);
        let day = Day {
            date: request.date,
            detail: request.detail,
            samples,
            sources: vec![Source::of(self.provider().origin())],
            summary,
        };
        Ok(Fetched {
            day,
            zone,
            account_zone,
            syncs,
            left_out,
            notes,
        })
    }

    async fn last_syncs(&self, may_ask: bool, notes: &mut Vec<String>) -> Result<Syncs, Error> {
        if !may_ask {
            return Ok(Syncs::default());
        }
        or_note(self.syncs().await, "the last sync is", notes)
    }

    async fn first_round(&self, request: Request, zone: Tz) -> Result<Round, Error> {
        let Some(window) = civil::window(request.date, zone) else {
            return Ok(Round::empty(request.detail));
        };
        if request.detail == Detail::Sec1 {
            let points = self
                .points_side_by_side(civil::slices(&window, SLICES))
                .await?;
            Ok(Round::Points {
                points,
                covered: vec![window],
            })
        } else {
            Ok(Round::Means {
                means: self.means(&window, request.detail).await?,
                window,
            })
        }
    }

    /// Fetches what the first round could not know of, and turns it all into the samples of the day.
    async fn complete(
        &self,
        request: Request,
        zone: Tz,
        first: Round,
    ) -> Result<(Vec<Sample>, LeftOut), Error> {
        match first {
            Round::Points {
                mut points,
                mut covered,
            } => {
                loop {
                    let missing = missing(request.date, zone, &points.points, &covered);
                    if missing.is_empty() {
                        break;
                    }
                    points.extend(self.points_side_by_side(missing.clone()).await?);
                    covered.extend(missing);
                }
                Ok((
                    day_samples(request.date, zone, points.points),
                    points.left_out,
                ))
            }
            Round::Means { means, window } => {
                let means = match civil::window(request.date, zone) {
                    Some(right) if right != window => self.means(&right, request.detail).await?,
                    _ => means,
                };
                let mut samples = mean_samples(&means.means, zone);
                // Where clocks went back over midnight, minutes of the day before lie within the window.
                samples.retain(|sample| sample.local_date() == request.date);
                Ok((samples, means.left_out))
            }
        }
    }

    async fn points_side_by_side(&self, windows: Vec<Window>) -> Result<Points, Error> {
        let mut tasks = JoinSet::new();
        for window in windows {
            let google = self.clone();
            tasks.spawn(async move { google.points(&window).await });
        }
        let mut all = Points::default();
        while let Some(joined) = tasks.join_next().await {
            all.extend(joined.unwrap_or_else(resume)?);
        }
        Ok(all)
    }

    /// Resting heart rate and zones of a day, and what could not be had.
    async fn summary(
        &self,
        date: NaiveDate,
        activity: bool,
    ) -> Result<(Summary, Vec<String>), Error> {
        let shares = async {
            if !activity {
                return Ok(None);
            }
            let both = tokio::try_join!(
                self.zone_minutes(date, date),
                self.zone_calories(date, date)
            );
            forgive_scope(both.map(Some))
        };
        let (resting, limits, shares) = tokio::try_join!(
            self.resting(date, date),
            self.zone_limits(date, date),
            shares
        )?;
        let mut all = Summaries::new();
        summary::unite(&mut all, limits);
        summary::unite(&mut all, resting);
        let notes = if shares.is_some() {
            vec![]
        } else {
            vec![cost(scopes::ACTIVITY)]
        };
        for share in shares
            .into_iter()
            .flat_map(|(minutes, calories)| [minutes, calories])
        {
            summary::unite(&mut all, share);
        }
        Ok((all.remove(&date).unwrap_or_default(), notes))
    }
}

enum Round {
    Points {
        points: Points,
        covered: Vec<Window>,
    },
    Means {
        means: Means,
        window: Window,
    },
}

impl Round {
    fn empty(detail: Detail) -> Self {
        if detail == Detail::Sec1 {
            Self::Points {
                points: Points::default(),
                covered: vec![],
            }
        } else {
            Self::Means {
                means: Means::default(),
                window: 0..0,
            }
        }
    }
}

/// `None` instead of a refusal for want of a scope that is not indispensable.
fn forgive_scope<T>(result: Result<Option<T>, Error>) -> Result<Option<T>, Error> {
    match result {
        Err(error) if error.is_scope_missing() => Ok(None),
        other => other,
    }
}

/// What a missing scope costs.
fn cost(name: &str) -> String {
    let feeds = scopes::wanted(crate::config::Provider::GOOGLE)
        .iter()
        .find(|scope| scope.name == name)
        .map_or("", |scope| scope.feeds);
    format!(
        "without the scope {} there is no word on {feeds}",
        scopes::short(name)
    )
}
