//! The key file on disk: owner-only, locked while it changes, replaced whole. Knows nothing of what makes a key good.

use std::fs::{DirBuilder, File, OpenOptions, Permissions};
use std::io::{Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

use super::{Key, KeysError, Record};

pub(super) const NAME: &str = "keys.json";
const OWNER_ONLY: u32 = 0o600;

fn io(path: &Path) -> impl FnOnce(std::io::Error) -> KeysError {
    let path = path.to_owned();
    move |source| KeysError::Io { path, source }
}

/// Makes the directory if needed, for its owner only.
pub(super) fn make(directory: &Path) -> Result<(), KeysError> {
    DirBuilder::new().recursive(true).mode(0o700).create(directory).map_err(io(directory))
}

/// Makes the directory if needed and holds off other processes until the file returned is dropped.
pub(super) fn lock(directory: &Path) -> Result<File, KeysError> {
    make(directory)?;
    let mode = directory.metadata().map_err(io(directory))?.permissions().mode();
    if mode & 0o002 != 0 {
        return Err(KeysError::OpenDirectory(directory.to_owned()));
    }
    let path = directory.join("keys.lock");
    let mut options = OpenOptions::new();
    let file = options.write(true).create(true).truncate(false).mode(OWNER_ONLY).open(&path).map_err(io(&path))?;
    file.lock().map_err(io(&path))?;
    Ok(file)
}

/// The keys in the file, or none when there is no file.
pub(super) fn read(path: &Path) -> Result<Option<Vec<Key>>, KeysError> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(io(path)(error)),
    };
    // Asked of the open file, so that the answer is about what is read.
    if file.metadata().map_err(io(path))?.permissions().mode() & 0o077 != 0 {
        return Err(KeysError::Exposed(path.to_owned()));
    }
    let mut text = String::new();
    file.read_to_string(&mut text).map_err(io(path))?;
    let refused = |problem| KeysError::Refused { path: path.to_owned(), problem };
    let records: Vec<Record> = serde_json::from_str(&text).map_err(|_| refused("is not a list of keys"))?;
    let keys: Option<Vec<Key>> = records.into_iter().map(Record::into_key).collect();
    keys.map(Some).ok_or_else(|| refused("holds a secret that is not base64"))
}

/// Replaces the file in one step: after a crash the old one or the new one is there. Call under `lock`.
pub(super) fn write(directory: &Path, ring: &[Key]) -> Result<(), KeysError> {
    let (path, fresh) = (directory.join(NAME), directory.join("keys.json.new"));
    let records: Vec<Record> = ring.iter().map(Record::from).collect();
    let text = serde_json::to_vec_pretty(&records).map_err(|error| io(&path)(error.into()))?;
    let mut options = OpenOptions::new();
    let mut file = options.write(true).create(true).truncate(true).mode(OWNER_ONLY).open(&fresh).map_err(io(&fresh))?;
    // A file left by a crash keeps its rights when opened again.
    file.set_permissions(Permissions::from_mode(OWNER_ONLY)).map_err(io(&fresh))?;
    file.write_all(&text).and_then(|()| file.sync_all()).map_err(io(&fresh))?;
    std::fs::rename(&fresh, &path).map_err(io(&path))?;
    File::open(directory).and_then(|directory| directory.sync_all()).map_err(io(directory))
}
