//! The file that holds what happens in a run, written as it happens.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::Usage;
use super::reports::{create, empty};
use crate::report::{Event, event_line};

/// An open event log.
pub(super) struct EventLog {
    path: PathBuf,
    file: Mutex<State>,
}

enum State {
    Open(File),
    Broken(io::Error),
    Closed,
}

impl EventLog {
    /// Opens the file and empties it.
    pub fn open(path: &Path) -> Result<Self, Usage> {
        let file = create(path, OpenOptions::new().write(true).truncate(false))?;
        let state = empty(&file).map_or_else(State::Broken, |()| State::Open(file));
        Ok(EventLog { path: path.to_owned(), file: Mutex::new(state) })
    }

    /// Writes an event of the report with that number. Each line goes to the system at once, so that nothing is lost
    /// with the process.
    pub fn write(&self, report: u64, event: &Event) {
        let line = event_line(report, event);
        let mut state = self.state();
        if let State::Open(file) = &mut *state
            && let Err(error) = file.write_all(line.as_bytes())
        {
            *state = State::Broken(error);
        }
    }

    /// Ends the log, and tells what kept it from being written, if anything did.
    pub fn close(&self) -> Result<(), Usage> {
        match std::mem::replace(&mut *self.state(), State::Closed) {
            State::Broken(error) => {
                Err(Usage(format!("{} could not be written: {error}", self.path.display())))
            }
            State::Open(_) | State::Closed => Ok(()),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Every state is whole.
        self.file.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
