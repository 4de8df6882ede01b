//! Every check as a test of `cargo test`, for services that are written in Rust.
//!
//! A test target of the service, with `harness = false`, judges it in a few lines:
//!
//! ```no_run
//! use arp_conformance::{Target, trials};
//! # async fn serve(_: tokio::net::TcpListener) {}
//!
//! fn main() -> std::process::ExitCode {
//!     trials::main(async {
//!         let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
//!         let url = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
//!         tokio::spawn(serve(listener)); // the service under test
//!         Target::new(url)
//!     })
//! }
//! ```
//!
//! The options of the standard test runner work as ever: a filter, `--list`, `--exact`, `--skip`.

use std::future::{Future, pending};
use std::process::ExitCode;

use libtest_mimic::{Arguments, Failed, Trial};

use crate::report::model::{CheckResult, Outcome, Verdict};
use crate::report::{Report, visible};
use crate::run::{Run, Target};

/// Makes the target with `start`, which may leave tasks running, runs every check against it, and tells the outcomes as a test
/// runner does. The exit code is 101 where a check failed, as that of the standard test runner is, or nothing was judged.
pub fn main(start: impl Future<Output = Target>) -> ExitCode {
    let arguments = Arguments::from_args();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return refuse(&error),
    };
    let judged = runtime.block_on(async {
        let run = Run::bundled(start.await).map_err(|error| error.to_string())?;
        let done = run.execute(pending()).await.map_err(|error| error.to_string())?;
        Ok::<_, String>(done.report)
    });
    match judged {
        Ok(report) => libtest_mimic::run(&arguments, trials(&report, false)).exit_code(),
        Err(error) => refuse(&error),
    }
}

/// One trial for each check of a report, named by the check's id, its kind the requirement and the level. A check that was
/// skipped is ignored. A should that is not met fails only where the run is `strict`; a violation that is waived never does.
pub fn trials(report: &Report, strict: bool) -> Vec<Trial> {
    let trial = |check: &CheckResult| {
        let failed = match check.outcome {
            _ if check.waived.is_some() => false,
            Outcome::Fail | Outcome::Error => true,
            Outcome::Warn => strict,
            Outcome::Pass | Outcome::Info | Outcome::Skip => false,
        };
        let outcome = if failed { Err(Failed::from(told(check))) } else { Ok(()) };
        let kind = [&check.requirements.join(" "), check.level.name()].join(" ");
        Trial::test(check.id.clone(), || outcome)
            .with_kind(kind.trim())
            .with_ignored_flag(check.outcome == Outcome::Skip)
    };
    let mut trials: Vec<Trial> = report.results.iter().map(trial).collect();
    if report.verdict == Verdict::NotJudged
        && !report.results.iter().any(|check| check.outcome == Outcome::Error)
    {
        let why = report
            .explanation
            .as_ref()
            .map_or("nothing was judged".into(), |told| format!("{}\n{}", told.what, told.next));
        trials.push(Trial::test("preflight", || Err(why.into())));
    }
    trials
}

/// What a failed check has to say. The runner prints it, so that nothing of it may be raw.
fn told(check: &CheckResult) -> String {
    let mut lines = vec![visible(&check.message).into_owned()];
    for finding in &check.findings {
        lines.push(visible(&finding.place(check.operation.as_deref())).into_owned());
        lines.push(format!("  expected  {}", visible(&finding.expected)));
        lines.push(format!("    actual  {}", visible(&finding.actual)));
    }
    let more = [("reproduce", &check.reproduce), ("hint", &check.hint)];
    let more = more.iter().filter_map(|(name, text)| Some(format!("{name}  {}", visible(text.as_deref()?))));
    lines.extend(more);
    lines.join("\n")
}

fn refuse(error: &dyn std::fmt::Display) -> ExitCode {
    eprintln!("error: {error}");
    ExitCode::from(101)
}
