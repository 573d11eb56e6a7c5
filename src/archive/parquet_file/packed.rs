//! The cells of a column as a page has them: the values that are there, and which rows have one.

use parquet::column::reader::ColumnReaderImpl;
use parquet::data_type::DataType;
use parquet::errors::ParquetError;
use std::sync::Arc;

/// The cells of one column in some rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Page<T> {
    /// The values that are there, in the order of the rows.
    pub values: Vec<T>,
    /// How many rows there are.
    pub rows: usize,
    /// 1 for each row that has a value, else 0; `None` where every row has one.
    pub levels: Option<Vec<i16>>,
}

impl<T> Page<T> {
    /// The page of some cells.
    pub fn of(cells: impl Iterator<Item = Option<T>> + Clone) -> Self {
        let rows = cells.clone().count();
        let mut values = Vec::with_capacity(rows);
        values.extend(cells.clone().flatten());
        let levels = || cells.map(|cell| i16::from(cell.is_some())).collect();
        Self {
            levels: (values.len() < rows).then(levels),
            rows,
            values,
        }
    }

    /// How many rows have no value.
    #[must_use]
    pub const fn nulls(&self) -> usize {
        self.rows - self.values.len()
    }

    /// The cells, row by row.
    pub fn cells(&self) -> impl Iterator<Item = Option<&T>> {
        let mut values = self.values.iter();
        let mut levels = self.levels.as_ref().map(|levels| levels.iter());
        (0..self.rows).map(move |_| {
            let there = match &mut levels {
                Some(levels) => levels.next() == Some(&1),
                None => true,
            };
            if there { values.next() } else { None }
        })
    }

    /// The same cells with other values.
    ///
    /// # Errors
    /// Fails when one of them does.
    pub fn map<U, E>(self, value: impl FnMut(T) -> Result<U, E>) -> Result<Page<U>, E> {
        let values = self.values.into_iter().map(value);
        Ok(Page {
            values: values.collect::<Result<_, E>>()?,
            rows: self.rows,
            levels: self.levels,
        })
    }
}

/// Texts, of which few differ.
#[derive(Debug, Clone, PartialEq)]
pub struct Texts {
    /// Those that differ, in any order.
    pub names: Vec<Arc<str>>,
    /// Where in `names` each row's text is.
    pub places: Page<u32>,
}

/// The cells of one column in some rows, by what they are.
#[derive(Debug, Clone, PartialEq)]
pub enum Packed {
    /// Of every kind of integer.
    Ints(Page<i64>),
    /// Of [`crate::extract::Kind::Double`].
    Doubles(Page<f64>),
    /// Of [`crate::extract::Kind::Boolean`].
    Booleans(Page<bool>),
    /// Of [`crate::extract::Kind::Text`].
    Texts(Texts),
    /// Of [`crate::extract::Kind::Int32List`].
    Lists(Page<Arc<[i32]>>),
}

impl Packed {
    /// Whether some row has no value.
    #[must_use]
    pub const fn has_nulls(&self) -> bool {
        match self {
            Self::Ints(page) => page.nulls() > 0,
            Self::Doubles(page) => page.nulls() > 0,
            Self::Booleans(page) => page.nulls() > 0,
            Self::Texts(texts) => texts.places.nulls() > 0,
            Self::Lists(page) => page.nulls() > 0,
        }
    }
}

/// The next values of a column, with the rows that have none.
pub(super) fn page<T: DataType>(
    mut reader: ColumnReaderImpl<T>,
    rows: usize,
) -> Result<Page<T::T>, ParquetError> {
    let (mut levels, mut values) = (Vec::new(), Vec::with_capacity(rows));
    let (read, ..) = reader.read_records(rows, Some(&mut levels), None, &mut values)?;
    if read != rows {
        let problem = "a column is shorter than the others";
        return Err(ParquetError::General(problem.to_owned()));
    }
    Ok(Page {
        levels: (values.len() < rows).then_some(levels),
        rows,
        values,
    })
}
