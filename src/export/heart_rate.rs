//! Heart rate as it is exported: a file a day, each with the summary of its day.

use super::Error;
use super::aggregate::aggregated;
use super::days::{Source, Tally};
use super::plan::{Item, Plan};
use crate::archive::{Archive, DayFile};
use crate::extract::between::Between;
use crate::sink::Field;

/// Days of heart rate.
#[derive(Debug)]
pub struct HeartRate {
    /// Where they are.
    pub archive: Archive,
    /// Which they are.
    pub plan: Plan,
    /// The window of the wearer's clock that alone is wanted.
    pub between: Option<Between>,
    /// The columns of CSV and the keys of NDJSON, in their order.
    pub fields: Vec<Field>,
}

impl Source for HeartRate {
    type Item = Item;
    type File = DayFile;

    fn items(&self) -> &[Item] {
        &self.plan.items
    }

    fn bytes(item: &Item) -> u64 {
        item.bytes
    }

    fn read(&self, item: &Item) -> Result<Option<DayFile>, Error> {
        let Some(mut file) = self.archive.read(item.stored, item.date)? else {
            return Ok(None);
        };
        file.day = aggregated(file.day, self.plan.detail);
        if let Some(between) = self.between {
            between.cut(&mut file.day);
        }
        Ok(Some(file))
    }

    fn tally(&self, file: &DayFile) -> Tally {
        let rows = file.day.samples.len() as u64;
        Tally {
            days: 1,
            empty_days: u64::from(rows == 0),
            rows,
            without_instant: 0,
            unsettled_days: u64::from(!file.meta.settled),
            days_between: Some((file.day.date, file.day.date)),
        }
    }
}
