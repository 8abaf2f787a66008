//! Opening the files that a configuration names: such as have an end.

use std::{
    fs::{self, File},
    io,
    path::Path,
};

/// Opens a file for reading. Symbolic links are followed.
///
/// # Errors
/// It can't be opened, or is a pipe, a socket or a device: opening or reading one may take for ever,
/// and it can't be read again when it has changed.
pub fn open(path: &Path) -> io::Result<File> {
    let kind = fs::metadata(path)?.file_type();
    if !kind.is_file() && !kind.is_dir() {
        return Err(io::Error::other("it is a pipe, a socket or a device, not a regular file"));
    }
    File::open(path)
}

#[cfg(test)]
mod tests {
    use std::{io::Read, os::unix::net::UnixListener, path::Path};

    use super::open;

    #[test]
    fn what_has_no_end_is_refused_and_a_link_is_followed() {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("socket");
        let _listener = UnixListener::bind(&socket).unwrap();
        for path in [Path::new("/dev/zero"), &socket] {
            assert!(open(path).unwrap_err().to_string().contains("not a regular file"), "{path:?}");
        }
        let (file, link) = (folder.path().join("file"), folder.path().join("link"));
        std::fs::write(&file, "x").unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        let mut read = String::new();
        open(&link).unwrap().read_to_string(&mut read).unwrap();
        assert_eq!(read, "x");
        assert!(open(&folder.path().join("none")).unwrap_err().to_string().contains("No such file"));
    }
}
