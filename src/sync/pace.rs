//! How long a run may wait for a service that wants a rest. Pure.

use crate::config::Provider;
use std::time::Duration;

/// The legacy service counts by the hour; the margin is for clocks that differ.
const AN_HOUR: Duration = Duration::from_mins(61);
/// Google counts by the minute.
const A_MINUTE: Duration = Duration::from_mins(1);
/// Rests without a single request answered in between, after which it is no use.
const FRUITLESS: u32 = 3;

/// What a run may wait for.
#[derive(Debug, Clone, Copy, Default)]
pub struct Patience {
    /// `--max-wait`: the longest single rest.
    pub max_wait: Option<Duration>,
    /// Somebody sees the countdown.
    pub terminal: bool,
}

impl Patience {
    /// How long to rest after a 429; `None` where the run has to end instead.
    ///
    /// `asked` is what the service asked for; `fruitless` counts the rests that brought nothing.
    #[must_use]
    pub fn rest(
        self,
        asked: Option<Duration>,
        provider: Provider,
        fruitless: u32,
    ) -> Option<Duration> {
        let usual = match provider {
            Provider::Fitbit => AN_HOUR,
            Provider::Google { .. } => A_MINUTE,
        };
        let rest = asked.unwrap_or(usual);
        let longest = match (self.max_wait, self.terminal) {
            (Some(longest), _) => longest,
            (None, true) => AN_HOUR,
            (None, false) => Duration::ZERO,
        };
        (rest <= longest && fruitless < FRUITLESS).then_some(rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_who_can_see_the_countdown_or_asked_for_it_waits() {
        let s = Duration::from_secs;
        for (max_wait, terminal, asked, provider, fruitless, expected) in [
            (
                None,
                true,
                Some(s(1201)),
                Provider::Fitbit,
                0,
                Some(s(1201)),
            ),
            (None, true, None, Provider::Fitbit, 0, Some(s(3660))),
            (None, true, None, Provider::GOOGLE, 0, Some(s(60))),
            (None, true, Some(s(7200)), Provider::GOOGLE, 0, None),
            (None, false, Some(s(30)), Provider::Fitbit, 0, None),
            (None, false, None, Provider::GOOGLE, 0, None),
            (
                Some(s(1800)),
                false,
                Some(s(1201)),
                Provider::Fitbit,
                0,
                Some(s(1201)),
            ),
            (
                Some(s(1200)),
                false,
                Some(s(1201)),
                Provider::Fitbit,
                0,
                None,
            ),
            (Some(s(10)), true, Some(s(1201)), Provider::Fitbit, 0, None),
            (Some(s(0)), true, Some(s(1)), Provider::GOOGLE, 0, None),
            (None, true, Some(s(60)), Provider::GOOGLE, 2, Some(s(60))),
            (None, true, Some(s(60)), Provider::GOOGLE, 3, None),
        ] {
            let patience = Patience {
                max_wait: max_wait.map(|wait: Duration| wait),
                terminal,
            };
            assert_eq!(
                patience.rest(asked, provider, fruitless),
                expected,
                "{patience:?} {asked:?} {provider}"
            );
        }
    }
}
