//! A Parquet file, read column by column, whoever wrote it: the parquet crate unpacks the pages.
//!
//! Nothing in the file is taken for granted, for it may be damaged: sizes are held against limits before memory is taken for them,
//! and zstd's checksums find most of the rest.

use super::encode::CREATED_BY;
use super::guard::{guarded, said};
use super::packed::{Packed, Page, page};
use super::{lists, schema, texts};
use crate::archive::Fault;
use crate::extract::{Column, Kind};
use bytes::Bytes;
use parquet::column::reader::ColumnReader;
use parquet::errors::ParquetError;
use parquet::file::metadata::ParquetMetaData;
use parquet::file::reader::{FileReader, RowGroupReader, SerializedFileReader};
use std::convert::Infallible;

/// The most rows that a row group may claim to have: eleven a second of a day.
const MOST_ROWS: usize = 1_000_000;

/// A whole file.
pub struct Reader(SerializedFileReader<Bytes>);

impl Reader {
    /// Opens a file.
    ///
    /// # Errors
    /// Fails on bytes that are no Parquet file.
    pub fn open(bytes: &Bytes) -> Result<Self, Fault> {
        if !bytes.starts_with(b"PAR1") {
            let problem = "it does not begin as a Parquet file does".to_owned();
            return Err(Fault::Damaged(problem));
        }
        let reader = guarded(|| SerializedFileReader::new(bytes.clone()));
        let damaged = |error| Fault::Damaged(said(&error));
        reader.map(Self).map_err(damaged)
    }

    /// What its footer says.
    #[must_use]
    pub fn metadata(&self) -> &ParquetMetaData {
        self.0.metadata()
    }

    /// Its columns.
    #[must_use]
    pub fn columns(&self) -> Vec<Column> {
        schema::columns_of(self.metadata().file_metadata().schema())
    }

    /// How many row groups it has.
    #[must_use]
    pub fn groups(&self) -> usize {
        self.0.num_row_groups()
    }

    /// How many rows a row group has.
    ///
    /// # Errors
    /// Fails on a number that no file of an archive has.
    pub fn rows(&self, group: usize) -> Result<usize, Fault> {
        let claimed = self.metadata().row_group(group).num_rows();
        let rows = usize::try_from(claimed).ok();
        rows.filter(|rows| *rows <= MOST_ROWS)
            .ok_or_else(|| self.fault(format!("it claims {claimed} rows")))
    }

    /// A column in a row group; `None` if the file has none of that name.
    ///
    /// # Errors
    /// Fails where the column is of another kind, has an empty cell where none may be, or cannot be read.
    pub fn packed(&self, group: usize, column: &Column) -> Result<Option<Packed>, Fault> {
        let file = self.metadata().file_metadata();
        let root = file.schema_descr();
        let of_column =
            |leaf: &usize| root.column(*leaf).path().parts().first() == Some(&column.name);
        let Some(leaf) = (0..root.num_columns()).find(of_column) else {
            return Ok(None);
        };
        let kind = schema::columns_of(file.schema())
            .into_iter()
            .find(|its| its.name == column.name)
            .map(|its| its.kind);
        if !kind.is_some_and(|kind| stands_for(kind, column.kind)) {
            let problem = format!("its column {} is of another kind", column.name);
            return Err(self.foreign(problem));
        }
        let rows = self.rows(group)?;
        let read = || {
            let group = self.0.get_row_group(group)?;
            packed(&*group, leaf, column, rows)
        };
        let packed = guarded(read).map_err(|error| self.fault(said(&error)))?;
        if column.required && packed.has_nulls() {
            let problem = format!("its column {} has an empty cell", column.name);
            return Err(self.foreign(problem));
        }
        Ok(Some(packed))
    }

    /// What is wrong with a file of ours is damage; other programs have their own ways.
    #[must_use]
    pub fn fault(&self, problem: String) -> Fault {
        if self.created_by() == Some(CREATED_BY) {
            Fault::Damaged(problem)
        } else {
            self.foreign(problem)
        }
    }

    /// What makes it another table's, which is no damage: another program wrote it, or another definition of the series.
    #[must_use]
    pub fn foreign(&self, problem: String) -> Fault {
        let other = self.created_by().filter(|by| *by != CREATED_BY);
        Fault::Foreign(match other {
            Some(other) => format!("{problem} (it was written by {other})"),
            None => problem,
        })
    }

    fn created_by(&self) -> Option<&str> {
        self.metadata().file_metadata().created_by()
    }
}

/// Whether a column of a file can be read as one of ours.
fn stands_for(its: Kind, ours: Kind) -> bool {
    let integers = [Kind::Int32, Kind::Int64];
    its == ours || integers.contains(&its) && integers.contains(&ours)
}

fn packed(
    group: &dyn RowGroupReader,
    leaf: usize,
    column: &Column,
    rows: usize,
) -> Result<Packed, ParquetError> {
    let descriptor = group.metadata().column(leaf).column_descr_ptr();
    let unit = schema::per_millisecond(descriptor.logical_type_ref());
    let integers = |page: Page<i64>| {
        if unit == 1 {
            return Packed::Ints(page);
        }
        let Ok(page) = page.map(|at| Ok::<_, Infallible>(at.div_euclid(unit)));
        Packed::Ints(page)
    };
    let odd = || ParquetError::General(format!("{} is of another kind", column.name));
    Ok(match (column.kind, group.get_column_reader(leaf)?) {
        (Kind::Int32List, ColumnReader::Int32ColumnReader(mut reader)) => {
            let (mut levels, mut repeats, mut values) = (Vec::new(), Vec::new(), Vec::new());
            reader.read_records(rows, Some(&mut levels), Some(&mut repeats), &mut values)?;
            let full = descriptor.max_def_level();
            Packed::Lists(lists::decode(full, rows, &repeats, &levels, &values))
        }
        (_, ColumnReader::Int64ColumnReader(reader)) => integers(page(reader, rows)?),
        (_, ColumnReader::Int32ColumnReader(reader)) => {
            let Ok(page) = page(reader, rows)?.map(|n| Ok::<_, Infallible>(i64::from(n)));
            Packed::Ints(page)
        }
        (_, ColumnReader::DoubleColumnReader(reader)) => Packed::Doubles(page(reader, rows)?),
        (_, ColumnReader::BoolColumnReader(reader)) => Packed::Booleans(page(reader, rows)?),
        (_, ColumnReader::ByteArrayColumnReader(reader)) => {
            let few = texts::by_dictionary(group.get_column_page_reader(leaf)?, &descriptor, rows);
            Packed::Texts(match few {
                Ok(Some(texts)) => texts,
                _ => texts::one_by_one(page(reader, rows)?)?,
            })
        }
        _ => return Err(odd()),
    })
}
