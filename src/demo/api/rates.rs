//! What a roll-up says about the beats of a window.

use crate::demo::wearer::Beat;

/// The mean, the highest and the lowest of some beats.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rates {
    /// Over the samples, not over time.
    pub avg: f64,
    /// Beats a minute.
    pub max: f64,
    /// Beats a minute.
    pub min: f64,
}

impl Rates {
    /// `None` without beats.
    pub fn of(beats: &[Beat]) -> Option<Self> {
        let bpm = || beats.iter().map(|beat| beat.bpm);
        let sum: u32 = bpm().map(u32::from).sum();
        Some(Self {
            avg: f64::from(sum) / f64::from(u32::try_from(beats.len()).ok()?),
            max: bpm().max()?.into(),
            min: bpm().min()?.into(),
        })
    }

    /// As the service writes it: numbers, not strings.
    pub fn json(self) -> String {
        let Self { avg, max, min } = self;
        format!(
            "{{\"beatsPerMinuteAvg\":{avg},\"beatsPerMinuteMax\":{max},\"beatsPerMinuteMin\":{min}}}"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn beats(rates: &[u16]) -> Vec<Beat> {
        rates
            .iter()
            .map(|bpm| Beat {
                instant: 0,
                utc_offset: 0,
                bpm: *bpm,
            })
            .collect()
    }

    #[test]
    fn rates_are_those_of_the_samples() {
        let rates = Rates::of(&beats(&[60, 61, 63, 60]));
        assert_eq!(
            rates.map(Rates::json).as_deref(),
            Some("{\"beatsPerMinuteAvg\":61,\"beatsPerMinuteMax\":63,\"beatsPerMinuteMin\":60}")
        );
        assert_eq!(
            Rates::of(&beats(&[60, 61])).map(|rates| rates.avg),
            Some(60.5)
        );
        assert_eq!(Rates::of(&[]), None);
    }
}
