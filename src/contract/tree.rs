use std::borrow::Cow;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use include_dir::{Dir, include_dir};

use super::error::ContractError;
use super::service::Service;

/// The contracts that the binary carries: `<release>/openapi/…` and `<release>/schemas/…`.
static BUNDLED: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/fixtures/spec");

/// The release of a tree that does not say which one it is.
const UNNAMED: &str = "custom";

/// Where the documents of one release come from. A document is named by its place in the tree, with `/` between the
/// parts: `schemas/core/run.schema.json`.
#[derive(Debug, Clone)]
pub(super) enum Tree {
    /// A release inside the binary.
    Bundled(String),
    /// The directory that holds `openapi/` and `schemas/`.
    Directory(PathBuf),
}

impl Tree {
    /// The bundled tree of a release. One that lacks the service's document is as unknown as one that is not there.
    pub fn bundled(service: Service, release: &str) -> Result<Tree, ContractError> {
        let releases: Vec<&str> = BUNDLED
            .dirs()
            .filter(|dir| dir.get_file(dir.path().join(document(service))).is_some())
            .filter_map(|dir| dir.path().to_str())
            .collect();
        if releases.contains(&release) {
            Ok(Tree::Bundled(release.to_owned()))
        } else {
            let bundled = releases.join(", ");
            Err(ContractError::UnknownRelease { service, release: release.to_owned(), bundled })
        }
    }

    /// The tree that a user's path means: the standard's repository, its `spec` folder, the folder of API version 1,
    /// or any folder with `openapi` and `schemas` directly inside.
    pub fn locate(service: Service, path: &Path) -> Result<Tree, ContractError> {
        let places = ["", "v1", "spec/v1"].map(|inner| path.join(inner));
        let found = places.iter().find(|place| place.join(document(service)).is_file());
        found.map(|place| Tree::Directory(place.clone())).ok_or_else(|| {
            let looked: Vec<_> =
                places.iter().map(|p| p.join(document(service)).display().to_string()).collect();
            ContractError::NoDocument {
                path: path.display().to_string(),
                document: service.document(),
                looked: looked.join(", "),
            }
        })
    }

    /// The release that the tree is of: a bundled one's name; for a directory, what a `VERSION` file says, or a folder
    /// name like `v0.3.7`, in the folder itself or one of the two around it (`spec`, the repository); else `custom`.
    pub fn release(&self) -> String {
        let root = match self {
            Tree::Bundled(release) => return release.clone(),
            // A relative path like `.` has no name of its own.
            Tree::Directory(root) => fs::canonicalize(root).unwrap_or_else(|_| root.clone()),
        };
        let said = |folder: &Path| {
            let version = fs::read_to_string(folder.join("VERSION")).ok();
            let name = folder.file_name().and_then(|name| name.to_str()).map(str::to_owned);
            [version, name].into_iter().flatten().find_map(|text| release_name(&text))
        };
        root.ancestors().take(3).find_map(said).unwrap_or_else(|| UNNAMED.to_owned())
    }

    /// The bytes of a document, or none where the tree has no such file.
    pub fn read(&self, name: &str) -> Result<Option<Cow<'static, [u8]>>, ContractError> {
        match self {
            Tree::Bundled(release) => {
                let file = BUNDLED.get_file(format!("{release}/{name}"));
                Ok(file.map(|file| Cow::Borrowed(file.contents())))
            }
            Tree::Directory(root) => match fs::read(root.join(name)) {
                Ok(bytes) => Ok(Some(Cow::Owned(bytes))),
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
                Err(source) => Err(ContractError::Unreadable { file: self.path_of(name), source }),
            },
        }
    }

    /// A document's name as messages give it: a path on disk, or `bundled v0.3.7/…`.
    pub fn path_of(&self, name: &str) -> String {
        match self {
            Tree::Bundled(release) => format!("bundled {release}/{name}"),
            Tree::Directory(root) => root.join(name).display().to_string(),
        }
    }

    /// Whether the documents were written by others, so that each has to be checked as a whole when it is loaded.
    pub fn is_foreign(&self) -> bool {
        matches!(self, Tree::Directory(_))
    }
}

/// The place of a service's document in a tree.
pub(super) fn document(service: Service) -> String {
    format!("openapi/{}", service.document())
}

/// `v0.3.7` out of `v0.3.7` or `0.3.7`; none for any other text.
fn release_name(text: &str) -> Option<String> {
    let number = text.trim().trim_start_matches('v');
    let parts: Vec<&str> = number.split('.').collect();
    let digits = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    (parts.len() == 3 && parts.iter().all(digits)).then(|| format!("v{number}"))
}
