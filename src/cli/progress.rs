//! The line on standard error that shows how far a run is.

use std::io::{IsTerminal, stderr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tokio::task::JoinHandle;

use super::arguments::Output;
use crate::report::Event;

/// A run that is over sooner needs no line.
const PATIENCE: Duration = Duration::from_millis(500);

/// How often the line is drawn anew.
const PACE: Duration = Duration::from_millis(100);

const LOOKING: &str = "{spinner} looking at the target, {msg} requests, {elapsed}";
const RUNNING: &str = "{spinner} {pos} of {len} scenarios, {msg} requests, {elapsed}";

/// A line that appears after [`PATIENCE`] and is gone at the end.
pub(super) struct Progress {
    bar: ProgressBar,
    requests: AtomicU64,
    appears: JoinHandle<()>,
}

impl Progress {
    /// None where nobody would see it, or nobody wants to. Has to be called inside of the runtime.
    pub fn start(output: &Output) -> Option<Self> {
        let wanted = !output.no_progress && !output.quiet && stderr().is_terminal();
        wanted.then(|| Self::to(ProgressDrawTarget::stderr()))
    }

    fn to(target: ProgressDrawTarget) -> Self {
        let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::hidden());
        bar.set_style(style(LOOKING));
        bar.set_message("0");
        let shown = bar.clone();
        let appears = tokio::spawn(async move {
            tokio::time::sleep(PATIENCE).await;
            shown.set_draw_target(target);
            shown.enable_steady_tick(PACE);
        });
        Progress { bar, requests: AtomicU64::new(0), appears }
    }

    pub fn note(&self, event: &Event) {
        match event {
            Event::TargetKnown { scenarios, .. } => {
                self.bar.set_style(style(RUNNING));
                self.bar.inc_length(*scenarios);
            }
            Event::Exchange { .. } => {
                let requests = 1 + self.requests.fetch_add(1, Ordering::Relaxed);
                self.bar.set_message(requests.to_string());
            }
            Event::ScenarioFinished { .. } => self.bar.inc(1),
            _ => {}
        }
    }

    /// Takes the line away, for good.
    pub fn clear(&self) {
        self.appears.abort();
        self.bar.finish_and_clear();
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.clear();
    }
}

fn style(template: &str) -> ProgressStyle {
    // Only a wrong template is an error, and those above are tried by the test below.
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_spinner())
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex};

    use indicatif::TermLike;

    use super::*;
    use crate::report::model::TargetInfo;

    /// A terminal of 60 columns that keeps the line that is to be seen.
    #[derive(Debug, Clone, Default)]
    struct Screen(Arc<Mutex<String>>);

    impl Screen {
        fn seen(&self) -> String {
            self.0.lock().unwrap().trim_end().to_owned()
        }
    }

    impl TermLike for Screen {
        fn width(&self) -> u16 {
            60
        }
        fn move_cursor_up(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_down(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_right(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_left(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn write_line(&self, text: &str) -> io::Result<()> {
            self.write_str(text)
        }
        fn write_str(&self, text: &str) -> io::Result<()> {
            self.0.lock().unwrap().push_str(text);
            Ok(())
        }
        fn clear_line(&self) -> io::Result<()> {
            self.0.lock().unwrap().clear();
            Ok(())
        }
        fn flush(&self) -> io::Result<()> {
            Ok(())
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_long_run_shows_how_far_it_is_and_leaves_nothing_behind() {
        let screen = Screen::default();
        let progress = Progress::to(ProgressDrawTarget::term_like(Box::new(screen.clone())));
        tokio::time::sleep(PATIENCE / 2).await;
        progress.bar.tick();
        assert_eq!(screen.seen(), "", "a short run shows nothing");
        tokio::time::sleep(PATIENCE).await;
        progress.bar.disable_steady_tick();
        progress.bar.tick();
        assert!(screen.seen().contains("looking at the target, 0 requests, "), "{}", screen.seen());

        let target = TargetInfo::unknown("http://127.0.0.1:8081".into());
        progress.note(&Event::TargetKnown { target, scenarios: 12 });
        progress.note(&Event::ScenarioFinished { scenario: "runtime/health/health".into() });
        progress.bar.force_draw();
        assert!(screen.seen().contains("1 of 12 scenarios, 0 requests, "), "{}", screen.seen());
        progress.clear();
        assert_eq!(screen.seen(), "");
    }

    #[test]
    fn the_templates_are_templates() {
        for template in [LOOKING, RUNNING] {
            assert!(ProgressStyle::with_template(template).is_ok(), "{template}");
        }
    }
}
