//! What the page's script reads: the samples in slots, how the wall clock runs along them, where gaps begin.

use super::super::digest::Digest;
use super::super::timeline::Timeline;
use super::super::{Picture, curve};
use crate::day::Zone;
use base64::prelude::{BASE64_STANDARD, Engine};
use serde_json::{Value, json};

/// Encodes a picture's samples: times in seconds since the first day began, slots of `step` seconds.
#[must_use]
pub fn encode(picture: &Picture) -> Value {
    let step = trace_step((picture.to - picture.from).num_days() + 1);
    let mut course = Course::new(step);
    for (date, digest) in picture.days() {
        match digest {
            Some(digest) => course.add(&digest.timeline, Some(digest)),
            None => course.add(&Timeline::plain(date), None),
        }
    }
    let (base, width, values) = pack(&course.values);
    let (low, high) = curve::bpm_range(picture);
    let zones: Vec<Value> = common_zones(picture)
        .iter()
        .map(|zone| json!({"name": zone.name, "min": zone.min, "max": zone.max}))
        .collect();
    json!({
        "step": step, "length": course.length, "stretches": course.stretches, "gaps": course.gaps,
        "base": base, "width": width, "values": values, "low": low, "high": high,
        "zones": zones, "resting": course.resting,
    })
}

/// Days in a row.
struct Course {
    step: i64,
    /// Seconds so far.
    length: i64,
    values: Vec<u16>,
    /// From where on the wall clock runs how: seconds, and the wall clock in seconds.
    stretches: Vec<(i64, i64)>,
    /// From which slot on how many slots are not yet a gap.
    gaps: Vec<(usize, i64)>,
    /// From where to where the resting heart rate is what.
    resting: Vec<(i64, i64, f64)>,
}

impl Course {
    fn new(step: i64) -> Self {
        Self {
            step,
            length: 0,
            values: Vec::new(),
            stretches: Vec::new(),
            gaps: vec![(0, 1)],
            resting: Vec::new(),
        }
    }

    fn add(&mut self, timeline: &Timeline, digest: Option<&Digest>) {
        let slots = usize::try_from(timeline.length() / 1000 / self.step).unwrap_or(0);
        for stretch in timeline.stretches() {
            let (x, wall) = (self.length + stretch.x / 1000, stretch.local_time / 1000);
            let same = |last: &(i64, i64)| last.1 - last.0 == wall - x;
            if !self.stretches.last().is_some_and(same) {
                self.stretches.push((x, wall));
            }
        }
        if let Some(digest) = digest.filter(|digest| digest.figures.days > 0) {
            let limit = (digest.gap_limit / (self.step * 1000)).max(1);
            if self.gaps.last().is_none_or(|last| last.1 != limit) {
                self.gaps.push((self.values.len(), limit));
            }
            self.values.extend(digest.trace.iter().take(slots));
        }
        let end = self.length + timeline.length() / 1000;
        if let Some(bpm) = digest.and_then(|digest| digest.figures.resting) {
            match self.resting.last_mut() {
                Some(last) if last.1 == self.length && last.2.eq(&bpm) => last.1 = end,
                _ => self.resting.push((self.length, end, bpm)),
            }
        }
        self.length = end;
        let slots = usize::try_from(end / self.step).unwrap_or(0);
        self.values.resize(slots, 0);
    }
}

/// Values as base64: what is to be added to each that is not zero, bytes a value, and the text.
fn pack(values: &[u16]) -> (u16, u8, String) {
    let lowest = values.iter().filter(|&&value| value > 0).min().copied();
    let highest = values.iter().max().copied().unwrap_or(0);
    let base = lowest.unwrap_or(1) - 1;
    let relative = |value: u16| value.saturating_sub(base);
    let narrow = u8::try_from(relative(highest)).is_ok();
    let bytes: Vec<u8> = if narrow {
        let byte = |&value: &u16| u8::try_from(relative(value)).unwrap_or(0);
        values.iter().map(byte).collect()
    } else {
        let pair = |&value: &u16| relative(value).to_le_bytes();
        values.iter().flat_map(pair).collect()
    };
    (
        base,
        if narrow { 1 } else { 2 },
        BASE64_STANDARD.encode(bytes),
    )
}

/// Up to so many days a page holds every second, beyond them minutes.
const MOST_DAYS_OF_SECONDS: i64 = 7;

/// The length of a slot in seconds for a span of so many days.
#[must_use]
pub const fn trace_step(days: i64) -> i64 {
    if days <= MOST_DAYS_OF_SECONDS { 1 } else { 60 }
}

/// The zones of the picture's days, if they all agree.
pub(super) fn common_zones(picture: &Picture) -> &[Zone] {
    let limits = |zones: &[Zone]| {
        let limits = zones
            .iter()
            .map(|zone| (zone.name.clone(), zone.min, zone.max));
        limits.collect::<Vec<_>>()
    };
    let mut known = picture.digests.iter().filter(|day| !day.zones.is_empty());
    let Some(first) = known.next() else {
        return &[];
    };
    let agreed = known.all(|day| limits(&day.zones) == limits(&first.zones));
    if agreed { &first.zones } else { &[] }
}

#[cfg(test)]
mod tests {
    use super::super::super::timeline::midnight;
    use super::*;

    fn base64(bytes: &[u8]) -> String {
        BASE64_STANDARD.encode(bytes)
    }

    #[test]
    fn values_take_one_byte_unless_they_are_too_far_apart() {
        assert_eq!(pack(&[0, 60, 62]), (59, 1, base64(&[0, 1, 3])));
        assert_eq!(pack(&[0, 1, 300]), (0, 2, base64(&[0, 0, 1, 0, 44, 1])));
        assert_eq!(pack(&[0, 0]), (0, 1, base64(&[0, 0])));
    }

    #[test]
    fn days_without_data_keep_their_place() {
        let mut course = Course::new(60);
        let date = |text: &str| text.parse().expect("a date");
        course.add(&Timeline::plain(date("2017-06-01")), None);
        course.add(&Timeline::plain(date("2017-06-02")), None);
        assert_eq!(course.values.len(), 2880);
        let start = midnight(date("2017-06-01")) / 1000;
        assert_eq!(course.stretches, [(0, start)]);
    }
}
