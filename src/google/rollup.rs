//! Means by the minute, five minutes or quarter of an hour: `dataPoints:rollUp`.
//!
//! The range is 14 days at most, and so is window size times page size (the service refuses more).

use super::client::Google;
use super::pages::{self, Call};
use super::wire::{self, WireNumber, WireText};
use crate::civil::{self, Window};
use crate::day::Detail;
use crate::left_out::LeftOut;
use crate::service::Error;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

/// The longest range of one request, in seconds.
pub const LONGEST_RANGE_S: i64 = 14 * 86_400;
const LARGEST_PAGE: i64 = 10_000;

/// The mean of one window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mean {
    /// When the window starts, in milliseconds since 1970-01-01T00:00:00Z.
    pub start: i64,
    /// The mean in beats per minute, rounded half up.
    pub bpm: u16,
}

/// What a range holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Means {
    /// Ascending, one a window.
    pub means: Vec<Mean>,
    /// When windows start whose means are not among them, as far as that can be read.
    pub bad: Vec<i64>,
    /// Means that are not among them.
    pub left_out: LeftOut,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireWindow<'a> {
    #[serde(borrow)]
    start_time: WireText<'a>,
    #[serde(borrow)]
    heart_rate: Option<WireRate<'a>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireRate<'a> {
    #[serde(borrow)]
    beats_per_minute_avg: Option<&'a RawValue>,
}

impl Means {
    /// Takes in those of others whose windows start at such instants.
    pub fn take_in(&mut self, others: &Self, within: impl Fn(i64) -> bool) {
        let before = self.means.len() + self.bad.len();
        let means = others.means.iter().filter(|mean| within(mean.start));
        self.means.extend(means);
        let bad = others.bad.iter().filter(|start| within(**start));
        self.bad.extend(bad);
        self.left_out.of += (self.means.len() + self.bad.len() - before) as u64;
        self.left_out.unreadable = self.bad.len() as u64;
    }
}

/// The largest page that the service accepts for windows of this size.
#[must_use]
pub fn page_size(detail: Detail) -> i64 {
    (LONGEST_RANGE_S / detail.seconds()).min(LARGEST_PAGE)
}

/// The body of a request.
fn request(window: &Window, detail: Detail) -> Value {
    json!({
        "range": {"startTime": civil::rfc3339(window.start), "endTime": civil::rfc3339(window.end)},
        "windowSize": format!("{}s", detail.seconds()),
        "pageSize": page_size(detail),
    })
}

fn take(text: &str, range: &Window, into: &mut Means) -> Result<Option<String>, String> {
    let page = pages::read::<WireWindow>(text)?;
    let mut left_out = LeftOut {
        of: page.unreadable,
        unreadable: page.unreadable,
        implausible: 0,
    };
    for window in page.items {
        let Some(start) = wire::instant(&window.start_time.0) else {
            left_out.of += 1;
            left_out.unreadable += 1;
            continue;
        };
        // A window without data may be left out or be empty.
        let mean = window.heart_rate.and_then(|rate| rate.beats_per_minute_avg);
        let Some(mean) = mean.filter(|_| range.contains(&start)) else {
            continue;
        };
        left_out.of += 1;
        // Read late, so that it is known of which window it is.
        let mean = serde_json::from_str::<WireNumber>(mean.get());
        match mean.as_ref().map(|mean| wire::bpm(mean.0)) {
            Ok(Some(bpm)) => {
                into.means.push(Mean { start, bpm });
                continue;
            }
            Ok(None) => left_out.implausible += 1,
            Err(_) => left_out.unreadable += 1,
        }
        into.bad.push(start);
    }
    into.left_out += left_out;
    Ok(page.next)
}

impl Google {
    /// The means of every window in `range` (14 days at most) that has data.
    ///
    /// `range.start` has to lie on a boundary of the windows: they are anchored there.
    ///
    /// # Errors
    /// Fails when any page fails.
    pub async fn means(&self, range: &Window, detail: Detail) -> Result<Means, Error> {
        let mut found = Means::default();
        let call = Call::roll_up("heart-rate", "rollUp", request(range, detail));
        self.follow("means", call, |text| take(text, range, &mut found))
            .await?;
        found.means.sort_unstable();
        found.means.dedup_by_key(|mean| mean.start);
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn window_size_times_page_size_stays_within_14_days() {
        assert_eq!(
            [Detail::Min1, Detail::Min5, Detail::Min15].map(page_size),
            [10_000, 4_032, 1_344]
        );
        for detail in Detail::ALL {
            assert!(detail.seconds() * page_size(detail) <= LONGEST_RANGE_S);
            // A day of 25 hours fits one page of means.
            assert!(detail == Detail::Sec1 || page_size(detail) >= 25 * 3600 / detail.seconds());
        }
    }

    #[test]
    fn a_request_names_range_window_and_page() {
        let body = request(&(0..86_400_000), Detail::Min15);
        assert_eq!(
            body["range"],
            json!({"startTime": "1970-01-01T00:00:00Z", "endTime": "1970-01-02T00:00:00Z"})
        );
        assert_eq!(
            (&body["windowSize"], &body["pageSize"]),
            (&json!("900s"), &json!(1344))
        );
    }

    #[test]
    fn windows_with_and_without_data_and_such_as_cannot_be_read() {
        let window = |minute: u32, more: &str| {
            format!(r#"{{"startTime":"1970-01-01T00:{minute:02}:00Z"{more}}}"#)
        };
        let mean = |avg: &str| format!(r#","heartRate":{{"beatsPerMinuteAvg":{avg}}}"#);
        let windows = [
            window(2, &mean("61.5")),
            window(1, r#","heartRate":{}"#),
            window(0, ""),
            window(3, &mean("300.6")),
            window(4, &mean("0.2")),
            window(5, &mean(r#""NaN""#)),
            r#"{"startTime":"x"}"#.to_owned(),
            r#"{"heartRate":{}}"#.to_owned(),
            r#"{"startTime":"1970-01-02T00:00:00Z","heartRate":{"beatsPerMinuteAvg":"59"}}"#
                .to_owned(),
        ];
        let body = format!(
            r#"{{"rollupDataPoints":[{}],"nextPageToken":""}}"#,
            windows.join(",")
        );
        let mut found = Means::default();
        assert_eq!(take(&body, &(0..86_400_000), &mut found), Ok(None));
        let means = vec![Mean {
            start: 120_000,
            bpm: 62,
        }];
        let left_out = LeftOut {
            of: 6,
            unreadable: 3,
            implausible: 2,
        };
        let bad = [3, 4, 5].map(|minute| minute * 60_000).to_vec();
        assert_eq!(
            found,
            Means {
                means,
                bad,
                left_out
            }
        );
    }
}
