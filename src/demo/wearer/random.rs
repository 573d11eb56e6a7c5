//! Chance without a state: every number follows from a topic and a place (a date, a slot of time).

/// What a number is drawn for; each topic is a sequence of its own.
#[derive(Debug, Clone, Copy)]
#[repr(u64)]
pub enum Topic {
    /// Stretches in which the device lies in a drawer.
    Drawer = 1,
    /// Bedtime and waking.
    Sleep,
    /// When the device is off the wrist.
    OffWrist,
    /// Short bouts of activity.
    Activity,
    /// Training.
    Workout,
    /// The slow trend of fitness.
    Fitness,
    /// The resting rate from week to week.
    Week,
    /// A cold.
    Illness,
    /// Whether a day has a resting rate.
    RestingRate,
    /// The seconds between samples.
    Spacing,
    /// The swing over about half an hour.
    Mood,
    /// The swing over about two minutes.
    Posture,
    /// The swing of sleep.
    Dream,
    /// When the device syncs.
    Sync,
    /// What is trained.
    Sport,
    /// Steps, floors and the like of a minute.
    Motion,
    /// The stages of a night.
    Stages,
    /// Naps, and nights that are there twice.
    Nap,
    /// Values measured in a night.
    Night,
    /// What is measured or written down now and then.
    Now,
}

/// Spreads every bit of the input over the whole output (the finaliser of `SplitMix64`).
pub const fn mix(value: u64) -> u64 {
    let value = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

/// A number from 0 up to, but not including, 1.
fn unit(value: u64) -> f64 {
    f64::from(u32::try_from(value >> 32).unwrap_or(u32::MAX)) / (f64::from(u32::MAX) + 1.0)
}

/// A sequence of random numbers.
#[derive(Debug, Clone)]
pub struct Stream(u64);

impl Stream {
    /// The sequence of one topic at one place.
    pub const fn of(topic: Topic, place: i64) -> Self {
        Self(mix(mix(topic as u64).wrapping_add(place.cast_unsigned())))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0)
    }

    /// From 0 up to, but not including, 1.
    pub fn unit(&mut self) -> f64 {
        unit(self.next())
    }

    /// From `low` up to `high`.
    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// A whole number from `low` up to, but not including, `high`.
    pub fn whole(&mut self, low: i32, high: i32) -> i32 {
        let span = u32::try_from(high - low).unwrap_or(0);
        low + i32::try_from(self.below(span)).unwrap_or(0)
    }

    /// A whole number below `limit`; 0 if that is 0.
    pub fn below(&mut self, limit: u32) -> u32 {
        let scaled = (self.next() >> 32) * u64::from(limit);
        u32::try_from(scaled >> 32).unwrap_or(0)
    }

    /// True in a share of all cases.
    pub fn chance(&mut self, share: f64) -> bool {
        self.unit() < share
    }
}

/// A curve between -1 and 1 that takes a new direction every `period`.
#[derive(Debug)]
pub struct Swing {
    topic: Topic,
    period: i32,
    /// The stretch that was asked about last, and the curve at its two ends.
    cell: Option<(i64, f64, f64)>,
}

impl Swing {
    /// The curve of a topic.
    pub const fn of(topic: Topic, period: i32) -> Self {
        Self {
            topic,
            period,
            cell: None,
        }
    }

    /// Where the curve is at a place.
    pub fn at(&mut self, at: i64) -> f64 {
        let period = i64::from(self.period);
        let cell = at.div_euclid(period);
        let corner = |cell| Stream::of(self.topic, cell).unit() * 2.0 - 1.0;
        let (_, from, to) = match self.cell {
            Some(known) if known.0 == cell => known,
            _ => (cell, corner(cell), corner(cell + 1)),
        };
        self.cell = Some((cell, from, to));
        let part = i32::try_from(at.rem_euclid(period)).unwrap_or(0);
        let part = f64::from(part) / f64::from(self.period);
        let eased = part * part * (3.0 - 2.0 * part);
        from + (to - from) * eased
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_follow_from_topic_and_place_alone() {
        let draw = |topic, place| Stream::of(topic, place).next();
        assert_eq!(draw(Topic::Sleep, 7), draw(Topic::Sleep, 7));
        assert_ne!(draw(Topic::Sleep, 7), draw(Topic::Sleep, 8));
        assert_ne!(draw(Topic::Sleep, 7), draw(Topic::Workout, 7));
    }

    #[test]
    fn numbers_are_even_and_within_bounds() {
        let mut stream = Stream::of(Topic::Activity, -3);
        let mut sum = 0.0;
        for _ in 0..10_000 {
            let x = stream.between(2.0, 4.0);
            assert!((2.0..4.0).contains(&x));
            assert!((-5..5).contains(&stream.whole(-5, 5)));
            sum += x;
        }
        assert!((29_500.0..30_500.0).contains(&sum), "{sum}");
    }

    #[test]
    fn a_swing_has_no_jumps() {
        let mut swing = Swing::of(Topic::Mood, 300);
        let mut before = swing.at(-5_000);
        for at in -4_999..5_000 {
            let now = swing.at(at);
            assert!((now - before).abs() < 0.02, "{at}");
            assert!((-1.0..=1.0).contains(&now));
            before = now;
        }
    }
}
