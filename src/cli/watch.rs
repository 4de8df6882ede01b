//! Who follows a run while it goes on: the event log and the line of progress.

use std::sync::Arc;

use super::Usage;
use super::arguments::Output;
use super::event_log::EventLog;
use super::progress::Progress;
use crate::report::{Event, ReportSet};
use crate::run::Observer;

pub(super) struct Watch {
    log: Option<Arc<EventLog>>,
    progress: Option<Arc<Progress>>,
}

impl Watch {
    /// Opens the event log and readies the line of progress, where they are wanted.
    pub fn open(output: &Output) -> Result<Self, Usage> {
        let log = output.events.as_deref().map(EventLog::open).transpose()?.map(Arc::new);
        Ok(Watch { log, progress: Progress::start(output).map(Arc::new) })
    }

    /// What is to be told of the run that yields the report with this number, the first being 1.
    pub fn observer(&self, report: u64) -> Option<Observer> {
        let (log, progress) = (self.log.clone(), self.progress.clone());
        if log.is_none() && progress.is_none() {
            return None;
        }
        Some(Arc::new(move |event: &Event| {
            log.iter().for_each(|log| log.write(report, event));
            progress.iter().for_each(|progress| progress.note(event));
        }))
    }

    /// Ends the line of progress, and the log with what the runs came to.
    pub fn close(self, set: &ReportSet) -> Result<(), Usage> {
        if let Some(progress) = &self.progress {
            progress.clear();
        }
        let Some(log) = &self.log else { return Ok(()) };
        for (number, report) in (1..).zip(&set.reports) {
            Event::closing(report).for_each(|event| log.write(number, &event));
        }
        log.close()
    }
}
