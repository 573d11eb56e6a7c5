//! Doubles that repeat, as places in a dictionary of them.

use super::chunk::ChunkBuilder;
use super::packed::Page;
use super::pages;
use parquet::errors::ParquetError;
use std::collections::{HashMap, HashSet};

/// About how many bytes say that there is a dictionary.
const PAGE_HEADER: usize = 24;

/// As they stand in a page without a dictionary.
pub(super) fn plain(values: &[f64]) -> Vec<u8> {
    values
        .iter()
        .flat_map(|value| value.to_le_bytes())
        .collect()
}

/// The different values of a column of doubles, ascending.
pub(super) struct Doubles {
    pub(super) values: Vec<f64>,
    places: HashMap<u64, u16>,
}

impl Doubles {
    /// `None` if they are not few, or most values come only once or twice.
    pub(super) fn few(pages: &[&Page<f64>]) -> Option<Self> {
        let all = || pages.iter().flat_map(|page| &page.values);
        let most = (all().count() / 3).min(usize::from(u16::MAX));
        let mut known: HashSet<u64> = HashSet::new();
        for value in all() {
            known.insert(value.to_bits());
            if known.len() > most {
                return None;
            }
        }
        let mut values: Vec<f64> = known.into_iter().map(f64::from_bits).collect();
        values.sort_by(f64::total_cmp);
        let places = (0..)
            .zip(&values)
            .map(|(place, value)| (value.to_bits(), place));
        Some(Self {
            places: places.collect(),
            values,
        })
    }

    pub(super) fn indices(&self, page: &Page<f64>) -> Vec<u16> {
        let place = |value: &f64| self.places.get(&value.to_bits()).copied();
        page.values.iter().filter_map(place).collect()
    }

    /// Whole bytes, so that zstd sees where one ends.
    pub(super) fn bits(&self) -> u32 {
        pages::bits(self.values.len()).next_multiple_of(8)
    }

    /// Both forms are tried: where values hardly repeat in a row, the places are no shorter.
    pub(super) fn is_shorter(
        &self,
        chunk: &mut ChunkBuilder<'_>,
        pages: &[&Page<f64>],
    ) -> Result<bool, ParquetError> {
        let (mut as_it_is, mut by_place) = (0, chunk.length_of(&plain(&self.values))?);
        by_place += PAGE_HEADER;
        for page in pages {
            let mut indices = Vec::new();
            pages::push_hybrid(&mut indices, &self.indices(page), self.bits());
            by_place += chunk.length_of(&indices)?;
            as_it_is += chunk.length_of(&plain(&page.values))?;
        }
        Ok(by_place < as_it_is)
    }
}
