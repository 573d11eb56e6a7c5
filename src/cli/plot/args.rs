//! What can be typed for `plot`.

use super::days::Span;
use crate::cli::context::Context;
use crate::cli::typed::Window;
use crate::cli::when;
use crate::day::Detail;
use crate::error::Error;
use crate::live::When;
use crate::plot::Format;
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  fitbit-hr plot yesterday                           in the terminal
  fitbit-hr plot 2017-06-01 -o day.svg               a day as a picture
  fitbit-hr plot --from 2017-06-01 --to 2017-06-14   a curve a day
  fitbit-hr plot --from 2017-01-01 -o years.html     a page to zoom into
  fitbit-hr plot today --open                        today, in the browser
  fitbit-hr plot 2017-06-01 --between 17:45 19:00    a part of the day
  fitbit-hr --demo plot 2017-06-01                   without an account

Up to 27 days are drawn as curves, more as a heat map of day and hour. Zones are
shown on days whose source knows them: a live service does, Takeout does not.";

/// Options of `plot`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Civil day of the wearer: YYYY-MM-DD, today or yesterday [default: today]
    #[arg(value_name = "DATE", conflicts_with_all = ["from", "to"])]
    pub(super) date: Option<When>,
    /// First day, included [default: the first there is]
    #[arg(long, value_name = "DATE")]
    pub(super) from: Option<When>,
    /// Last day, included [default: the last there is]
    #[arg(long, value_name = "DATE")]
    pub(super) to: Option<When>,
    #[command(flatten)]
    pub(super) window: Window,
    /// 1sec, 1min, 5min or 15min [default: the finest that the archive holds of each day]
    #[arg(long, value_name = "DETAIL")]
    pub(super) detail: Option<Detail>,
    /// What to draw [default: what the file's name ends in, else term]
    #[arg(long, value_name = "FORMAT", value_enum)]
    pub(super) format: Option<Format>,
    /// Where to; - is standard output [default: -]
    #[arg(short, long, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
    /// Open the picture when it is done; without -o a page in the output folder
    #[arg(long)]
    pub(super) open: bool,
}

impl Args {
    pub(super) fn span(&self, context: &Context) -> Result<Span, Error> {
        let (now, zone) = (context.now, context.read_zone());
        let date = |when| when::date(when, now, zone);
        if self.from.is_none() && self.to.is_none() {
            let when = self.date.unwrap_or(When::Today);
            return Ok(Span::Day(when, date(when)?));
        }
        let (from, to) = when::range(self.from, self.to, now, zone)?;
        let today = date(When::Today)?;
        Ok(Span::Range { from, to, today })
    }
}
