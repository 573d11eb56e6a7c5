//! One civil day of the wearer, with all that belongs to it, in about one round trip.
//!
//! The account's zone gives the window that is asked for first; the samples' own offsets decide what belongs to the day. If
//! they show another offset (travel), the window grows by the difference and only the missing part is fetched.

use super::client::Google;
use super::points::{self, Point, Points};
use super::rollup::{Mean, Means};
use super::summary::{self, Summaries};
use crate::civil::{self, Window};
use crate::day::{Day, Detail, Sample, Source, Summary};
use crate::left_out::LeftOut;
use crate::oauth::scopes;
use crate::service::{Error, Refusal};
use crate::settled::Syncs;
use crate::zone::Tz;
use chrono::NaiveDate;
use std::collections::BTreeSet;
use tokio::task::JoinSet;

/// A day of 27,500 samples fits one page of 5,000 in each slice.
const SLICES: i64 = 8;
/// No clock on Earth shows more than this.
const WIDEST_OFFSET_S: i32 = 15 * 3600;

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
        let granted = self.access().token().await;
        // A login of unknown scopes is tried.
        if !granted.scopes.is_empty() && !granted.grants(scopes::HEALTH_METRICS) {
            return Err(Error::Refused {
                provider: self.provider(),
                reason: Refusal::ScopeMissing(Some(
                    scopes::short(scopes::HEALTH_METRICS).to_owned(),
                )),
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
        let syncs = async {
            Ok::<_, Error>(if may_ask_settings {
                Some(self.syncs().await)
            } else {
                None
            })
        };
        let summary = async {
            if request.summary {
                self.summary(request.date, granted.grants(scopes::ACTIVITY))
                    .await
            } else {
                Ok((Summary::default(), vec![]))
            }
        };
        let zone = request.fixed_zone.unwrap_or(request.likely_zone);
        let (first, account_zone, syncs, (summary, summary_notes)) = tokio::try_join!(
            self.first_round(request, zone),
            account_zone,
            syncs,
            summary
        )?;
        let zone = account_zone.unwrap_or(zone);
        let (samples, left_out) = self.complete(request, zone, first).await?;
        notes.extend(summary_notes);
        let syncs = match syncs {
            Some(Err(Error::Login(error))) => return Err(error.into()),
            Some(Err(error)) => {
                notes.push(format!(
                    "the last sync is not known: {}",
                    crate::exit::Explain::why(&error)
                ));
                Syncs::default()
            }
            Some(Ok(syncs)) => syncs,
            None => Syncs::default(),
        };
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
            match joined {
                Ok(points) => all.extend(points?),
                Err(error) => std::panic::resume_unwind(error.into_panic()),
            }
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

/// What has to be fetched besides `covered` so that the day is complete on every clock that the samples show.
#[must_use]
pub fn missing(date: NaiveDate, zone: Tz, points: &[Point], covered: &[Window]) -> Vec<Window> {
    // What the zone itself shows at that instant is no travel, on the days when its clocks are changed too.
    let offsets = points
        .iter()
        .filter_map(|point| Some((point.instant, point.utc_offset?)))
        .filter(|(instant, offset)| *offset != civil::offset_at(*instant, zone))
        .map(|(_, offset)| offset);
    missing_on_clocks(date, zone, &offsets.collect(), covered)
}

/// What has to be fetched besides `covered` so that the day is complete on the zone's clock and on clocks that are ahead of
/// UTC by `offsets` seconds.
#[must_use]
pub fn missing_on_clocks(
    date: NaiveDate,
    zone: Tz,
    offsets: &BTreeSet<i32>,
    covered: &[Window],
) -> Vec<Window> {
    let offsets = offsets
        .iter()
        .copied()
        .filter(|offset| offset.abs() <= WIDEST_OFFSET_S);
    let mut covered = covered.to_vec();
    let mut missing = Vec::new();
    for wanted in civil::window(date, zone)
        .into_iter()
        .chain(offsets.map(|offset| civil::fixed_window(date, offset)))
    {
        let pieces = civil::uncovered(&wanted, &covered);
        covered.extend(pieces.iter().cloned());
        missing.extend(pieces);
    }
    missing
}

/// The samples whose own local date is `date`, ascending, one an instant.
#[must_use]
pub fn day_samples(date: NaiveDate, zone: Tz, mut points: Vec<Point>) -> Vec<Sample> {
    points::sort_and_unite(&mut points);
    points
        .iter()
        .map(|point| sample(point, zone))
        .filter(|sample| sample.local_date() == date)
        .collect()
}

/// A reading on the wearer's wall clock: by its own offset, else by the zone.
#[must_use]
pub fn sample(point: &Point, zone: Tz) -> Sample {
    let ahead = point
        .utc_offset
        .unwrap_or_else(|| civil::offset_at(point.instant, zone));
    Sample {
        utc_offset: point.utc_offset,
        ..Sample::at(point.instant, ahead, point.bpm)
    }
}

/// Means on the wall clock of the account's zone: roll-ups say nothing about offsets.
#[must_use]
pub fn mean_samples(means: &[Mean], zone: Tz) -> Vec<Sample> {
    means
        .iter()
        .map(|mean| Sample::at(mean.start, civil::offset_at(mean.start, zone), mean.bpm))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::day::clock_text;
    use std::slice::from_ref;

    const HOUR: i64 = 3_600_000;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    fn point(instant: i64, utc_offset: Option<i32>) -> Point {
        Point {
            instant,
            utc_offset,
            bpm: 60,
        }
    }

    #[test]
    #[allow(
        clippy::single_range_in_vec_init,
        reason = "a list of windows with one window"
    )]
    fn travel_widens_the_window_by_the_difference_only() {
        let date = day("2017-06-01");
        let home = civil::window(date, Tz::of("America/New_York")).expect("a day");
        let at_home = point(home.start, Some(-14400));
        assert_eq!(
            missing(
                date,
                Tz::of("America/New_York"),
                &[at_home],
                from_ref(&home)
            ),
            []
        );
        // In Berlin the day began six hours earlier.
        let in_berlin = point(home.start + 12 * HOUR, Some(7200));
        assert_eq!(
            missing(
                date,
                Tz::of("America/New_York"),
                &[at_home, in_berlin],
                from_ref(&home)
            ),
            vec![home.start - 6 * HOUR..home.start]
        );
        // In Los Angeles it ends three hours later.
        let in_la = point(home.start + 12 * HOUR, Some(-25200));
        assert_eq!(
            missing(date, Tz::of("America/New_York"), &[in_la], from_ref(&home)),
            vec![home.end..home.end + 3 * HOUR]
        );
        // A wrong first guess of the zone is mended in the same way.
        let utc = civil::window(date, Tz::UTC).expect("a day");
        assert_eq!(
            missing(date, Tz::of("America/New_York"), &[], from_ref(&utc)),
            vec![utc.end..home.end]
        );
        // Nonsense offsets widen nothing.
        assert_eq!(
            missing(
                date,
                Tz::of("America/New_York"),
                &[point(home.start, Some(80_000))],
                from_ref(&home)
            ),
            []
        );
    }

    #[test]
    fn a_sample_belongs_to_its_own_date() {
        let date = day("2017-06-01");
        let home = civil::window(date, Tz::of("America/New_York")).expect("a day");
        let points = vec![
            point(home.start + 1000, None),
            point(home.start - HOUR, Some(-14400)),
            point(home.start - HOUR, Some(7200)),
            point(home.start - HOUR, Some(7200)),
            point(home.end, Some(-14400)),
            point(home.end, Some(-25200)),
        ];
        let samples = day_samples(date, Tz::of("America/New_York"), points);
        let shown: Vec<_> = samples
            .iter()
            .map(|s| (clock_text(s.local_time), s.utc_offset))
            .collect();
        // Two readings of one instant: which one stands does not depend on the order.
        assert_eq!(
            shown,
            [
                ("00:00:01".to_owned(), None),
                ("21:00:00".to_owned(), Some(-25200))
            ]
        );
    }

    #[test]
    fn the_repeated_hour_stays_in_the_order_of_instants() {
        let date = day("2017-11-05");
        let window = civil::window(date, Tz::of("America/New_York")).expect("a day");
        let means: Vec<Mean> = (0..25)
            .map(|hour| Mean {
                start: window.start + hour * HOUR,
                bpm: 60,
            })
            .collect();
        let times: Vec<_> = mean_samples(&means, Tz::of("America/New_York"))
            .iter()
            .map(|s| clock_text(s.local_time))
            .collect();
        assert_eq!(
            &times[..4],
            ["00:00:00", "01:00:00", "01:00:00", "02:00:00"]
        );
        assert_eq!((times.len(), times[24].as_str()), (25, "23:00:00"));
    }
}
