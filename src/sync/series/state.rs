//! What the archive has of an extract.

use super::plan::Known;
use crate::archive::{Archive, Error, Series};
use crate::extract::Definition;

/// Which days are known and settled, by the footers. A damaged file counts as missing; changing it says what is wrong.
///
/// # Errors
/// Fails when the archive cannot be listed.
pub fn known(archive: &Archive, definition: &Definition) -> Result<Known, Error> {
    let mut all = Known::default();
    for entry in archive.entries(&Series::of(definition))? {
        match archive.table_footer(&entry.key) {
            Ok(Some(footer)) => {
                all.known.merge(&footer.meta.known);
                all.settled.merge(&footer.meta.settled);
                all.rows += footer.rows;
            }
            Ok(None) | Err(Error::Unreadable { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(all)
}
