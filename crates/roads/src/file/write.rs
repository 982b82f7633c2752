use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;

use bytemuck::{NoUninit, Zeroable, bytes_of, cast_slice};

use super::{ALIGNMENT, Entry, Header, Kind, MAGIC, VERSION};
use crate::profile::Profile;

/// Gathers sections.
#[derive(Debug, Default)]
pub(crate) struct Writer<'w> {
    sections: Vec<(Kind, usize, &'w [u8])>,
}

impl<'w> Writer<'w> {
    pub(crate) fn add<T: NoUninit>(&mut self, kind: Kind, elements: &'w [T]) {
        self.sections.push((kind, size_of::<T>(), cast_slice(elements)));
    }

    /// All bytes of the file, in the order of calls.
    pub(crate) fn write_to(
        &self,
        profile: Profile,
        bounds: [i32; 4],
        taken_at: Option<i64>,
        to: &mut impl Write,
    ) -> io::Result<()> {
        let mut header = Header::zeroed();
        let mut table = Vec::new();
        let mut offset = size_of::<Header>() + self.sections.len() * size_of::<Entry>();
        for (kind, element_bytes, bytes) in &self.sections {
            offset = offset.next_multiple_of(ALIGNMENT);
            table.push(Entry {
                kind: *kind as u32,
                element_bytes: *element_bytes as u32,
                offset: offset as u64,
                count: (bytes.len() / element_bytes) as u64,
                checksum: crc32fast::hash(bytes),
                reserved: 0,
            });
            offset += bytes.len();
        }
        header.magic = MAGIC;
        header.version = VERSION;
        header.sections = self.sections.len() as u32;
        header.file_bytes = offset as u64;
        header.taken_at = taken_at.unwrap_or(i64::MIN);
        header.bounds = bounds;
        header.profile = profile.code();
        header.checksum = checksum(&header, cast_slice(&table));

        to.write_all(bytes_of(&header))?;
        to.write_all(cast_slice(&table))?;
        let mut written = size_of::<Header>() + table.len() * size_of::<Entry>();
        for (entry, (.., bytes)) in table.iter().zip(&self.sections) {
            let gap = (entry.offset as usize).saturating_sub(written);
            to.write_all([0; ALIGNMENT].get(..gap).unwrap_or_default())?;
            to.write_all(bytes)?;
            written += gap + bytes.len();
        }
        to.flush()
    }
}

/// Of a header, as if its own checksum were zero, and the table behind it.
pub(super) fn checksum(header: &Header, table: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(bytes_of(&Header { checksum: 0, ..*header }));
    hasher.update(table);
    hasher.finalize()
}

/// Writes a file beside `path`, makes it durable and renames it: whoever opens `path` sees the old bytes or the new.
pub(crate) fn write(path: &Path, contents: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>) -> io::Result<()> {
    let mut name = path.file_name().ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?.to_owned();
    // Two builds at once must not write to one file.
    name.push(format!(".{}.part", std::process::id()));
    let part = path.with_file_name(name);
    let written = write_part(&part, contents).and_then(|()| fs::rename(&part, path));
    if written.is_err() {
        // What is left over is of no use to anybody; the first error is the one to tell.
        let _ = fs::remove_file(&part);
    }
    written?;
    sync_folder(path)
}

fn write_part(part: &Path, contents: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>) -> io::Result<()> {
    let mut writer = BufWriter::new(File::create(part)?);
    contents(&mut writer)?;
    writer.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()
}

/// The new name is durable once the folder is.
#[cfg(unix)]
fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}
