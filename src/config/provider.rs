//! The live services, as `provider` of the keys file names them. Takeout is none: nobody logs in to a file.

use crate::day;
use std::fmt;

/// A live service, by the API that it speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Provider {
    /// Google Health API v4.
    Google {
        /// The embedded service of `--demo` plays it.
        stand_in: bool,
    },
    /// The legacy Fitbit Web API.
    Fitbit,
}

impl Provider {
    /// Google Health itself.
    pub const GOOGLE: Self = Self::Google { stand_in: false };
    /// Its stand-in.
    pub const DEMO: Self = Self::Google { stand_in: true };

    /// What stands in the column `source` of its samples.
    #[must_use]
    pub const fn origin(self) -> day::Provider {
        match self {
            Self::Google { stand_in: false } => day::Provider::Google,
            Self::Google { stand_in: true } => day::Provider::Demo,
            Self::Fitbit => day::Provider::Fitbit,
        }
    }

    /// The name in keys files, in the names of token files and in `--json`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.origin().name()
    }
}

impl fmt::Display for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A service's name for people.
#[must_use]
pub const fn service_name(provider: Provider) -> &'static str {
    match provider {
        Provider::Google { stand_in: false } => "Google Health",
        Provider::Google { stand_in: true } => "the demo service",
        Provider::Fitbit => "the Fitbit Web API",
    }
}
