//! The pages that the listener answers with. Fixed texts: nothing of the request is ever repeated in them.

/// Which page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Page {
    /// The code is here.
    Received,
    /// The answer was no.
    Refused,
    /// Another login's call.
    Foreign,
    /// The right address without an answer in it.
    Waiting,
    /// Any other address.
    NotFound,
}

impl Page {
    pub(super) const fn status(self) -> u16 {
        match self {
            Self::Received | Self::Refused | Self::Waiting => 200,
            Self::Foreign => 400,
            Self::NotFound => 404,
        }
    }

    const fn words(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Received => (
                "Success",
                "Your consent has arrived at fitbit-hr.",
                "You can close this page and go back to the terminal.",
            ),
            Self::Refused => (
                "Not logged in",
                "Access was declined.",
                "Nothing was stored. Go back to the terminal: it says how to try again.",
            ),
            Self::Foreign => (
                "This is another login's page",
                "The answer does not belong to the login that is waiting.",
                "It was not used. Close this page, and go on with the page that fitbit-hr opened last.",
            ),
            Self::Waiting => (
                "Waiting",
                "fitbit-hr is waiting for your consent.",
                "Go on with the page of the service.",
            ),
            Self::NotFound => (
                "Nothing here",
                "There is no such page.",
                "fitbit-hr is waiting for your consent on the page of the service.",
            ),
        }
    }

    pub(super) fn html(self) -> String {
        let (title, first, second) = self.words();
        let (sign, colour) = match self {
            Self::Received => ("&#10003;", "#0b7a4b"),
            Self::Refused => ("&#8212;", "#8a5a00"),
            Self::Foreign => ("!", "#a8321f"),
            Self::Waiting | Self::NotFound => ("&#8230;", "#5b6570"),
        };
        format!(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n\
             <title>{title} - fitbit-hr</title>\n<style>\n\
             body{{margin:0;min-height:100vh;display:grid;place-items:center;font:17px/1.5 system-ui,sans-serif;background:#f4f5f6;color:#1c2126}}\n\
             main{{max-width:26rem;margin:1rem;padding:2rem 2.25rem;background:#fff;border:1px solid #dde1e5;border-radius:12px}}\n\
             .sign{{width:2.5rem;height:2.5rem;border-radius:50%;display:grid;place-items:center;font-weight:700;color:#fff;background:{colour}}}\n\
             h1{{font-size:1.35rem;margin:1rem 0 .5rem}}p{{margin:.4rem 0}}footer{{margin-top:1.4rem;font-size:.85rem;color:#5b6570}}\n\
             code{{font-size:.95em}}\n\
             @media (prefers-color-scheme:dark){{body{{background:#14181c;color:#e6e9ec}}main{{background:#1d2329;border-color:#333b43}}footer{{color:#9aa4ae}}}}\n\
             </style>\n</head>\n<body>\n<main>\n<div class=\"sign\" aria-hidden=\"true\">{sign}</div>\n\
             <h1>{title}</h1>\n<p>{first}</p>\n<p>{second}</p>\n<footer>fitbit-hr, on your own machine</footer>\n</main>\n</body>\n</html>\n"
        )
    }
}
