//! Where reports go, standard output, files and the job of a CI system, and where kept ones come from.

use std::collections::BTreeSet;
use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::json;
use terminal_size::Width;

use super::Usage;
use super::arguments::{Color, Format, Output};
use crate::report::{
    ReportSet, TextOptions, Verbosity, annotations, badge, badge_endpoint, html, junit, markdown, sarif,
    text_of_all,
};

/// Where a job of GitHub Actions names the file that a step's summary is appended to.
const STEP_SUMMARY: &str = "GITHUB_STEP_SUMMARY";

/// The page that `--open` shows.
const PAGE: &str = "report.html";

/// A form of the report that goes to files.
struct Form {
    /// Its file in the folder of `--report`.
    name: &'static str,
    /// The file that its own flag names.
    file: fn(&Output) -> Option<&PathBuf>,
    render: Render,
}

/// Makes a file's content, as the run was `strict` or not.
type Render = fn(&ReportSet, strict: bool, &Path) -> String;

const FORMS: [Form; 6] = [
    Form { name: "report.json", file: |output| output.json.as_ref(), render: |set, _, _| set.json() },
    Form {
        name: "junit.xml",
        file: |output| output.junit.as_ref(),
        render: |set, strict, _| junit(set, strict),
    },
    Form { name: PAGE, file: |output| output.html.as_ref(), render: |set, strict, _| html(set, strict) },
    Form {
        name: "summary.md",
        file: |output| output.markdown.as_ref(),
        render: |set, strict, _| markdown(set, strict),
    },
    Form {
        name: "report.sarif",
        file: |output| output.sarif.as_ref(),
        render: |set, strict, _| sarif(set, strict),
    },
    Form {
        name: "badge.svg",
        file: |output| output.badge.as_ref(),
        render: |set, _, path| match path.extension() {
            Some(extension) if extension.eq_ignore_ascii_case("json") => badge_endpoint(set),
            _ => badge(set),
        },
    },
];

/// Files that are open for the reports of a run that is still to come.
pub(super) struct Files {
    open: Vec<(PathBuf, File, Render)>,
    /// The summary of a step, which other programs append to as well.
    step_summary: Option<(PathBuf, File)>,
    /// The page to show when it is written.
    page: Option<PathBuf>,
}

impl Files {
    /// Opens every file, so that one that cannot be written is told before the run. Nothing in them changes yet.
    pub fn open(output: &Output) -> Result<Self, Usage> {
        let mut open = Vec::new();
        let mut page = None;
        for form in &FORMS {
            let in_folder = output.report.as_ref().map(|folder| folder.join(form.name));
            for path in (form.file)(output).cloned().into_iter().chain(in_folder) {
                let file = create(&path, OpenOptions::new().write(true).truncate(false))?;
                if form.name == PAGE {
                    page = Some(path.clone());
                }
                open.push((path, file, form.render));
            }
        }
        let events = output.events.iter().map(PathBuf::as_path);
        one_file_each(open.iter().map(|(path, ..)| path.as_path()).chain(events))?;
        if output.open && page.is_none() {
            return Err(Usage(
                "--open shows the HTML page; have it written with --html FILE or --report DIR".into(),
            ));
        }
        let step_summary = std::env::var_os(STEP_SUMMARY).filter(|path| output.github && !path.is_empty());
        let step_summary = match step_summary.map(PathBuf::from) {
            Some(path) => Some((path.clone(), create(&path, OpenOptions::new().append(true))?)),
            None => None,
        };
        Ok(Files { open, step_summary, page: page.filter(|_| output.open) })
    }

    /// Writes the report to every file, and opens the page if that was asked for.
    pub fn write(self, set: &ReportSet, output: &Output) -> Result<(), Usage> {
        let could_not =
            |path: &Path, error| Usage(format!("{} could not be written: {error}", path.display()));
        for (path, mut file, render) in self.open {
            let content = render(set, output.strict, &path);
            let written = empty(&file).and_then(|()| file.write_all(content.as_bytes()));
            written.map_err(|error| could_not(&path, error))?;
        }
        if let Some((path, mut file)) = self.step_summary {
            // What stands there may not have ended its paragraph.
            let content = format!("\n{}", markdown(set, output.strict));
            file.write_all(content.as_bytes()).map_err(|error| could_not(&path, error))?;
        }
        if let Some(page) = self.page
            && let Err(error) = open::that_detached(&page)
        {
            anstream::eprintln!("{} was written but could not be opened: {error}", page.display());
        }
        Ok(())
    }
}

/// Prints a text to standard output. A reader that closed the pipe has read enough.
///
/// # Errors
///
/// Where it cannot be written otherwise: a job whose disk is full must not look as if nothing was wrong.
pub(super) fn say(text: &str) -> Result<(), Usage> {
    let mut stdout = std::io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Usage(format!("standard output could not be written: {error}")))
        }
        _ => Ok(()),
    }
}

/// Refuses two reports in one file, of which only the last would be left.
fn one_file_each<'p>(paths: impl Iterator<Item = &'p Path>) -> Result<(), Usage> {
    let mut seen = BTreeSet::new();
    for path in paths {
        // What is not there yet is made later, and what is no regular file takes several.
        let Ok(file) = path.canonicalize() else { continue };
        if file.is_file() && !seen.insert(file) {
            return Err(Usage(format!("{} is to hold two reports; name a file for each", path.display())));
        }
    }
    Ok(())
}

/// Prints a value as JSON, indented.
pub(super) fn say_json(value: &impl Serialize) -> Result<(), Usage> {
    say(&format!("{:#}\n", json!(value)))
}

/// Takes out what stands in a file. What is no regular file, such as a pipe, holds nothing.
pub(super) fn empty(file: &File) -> std::io::Result<()> {
    if file.metadata()?.is_file() { file.set_len(0) } else { Ok(()) }
}

/// Writes a file, in a folder that is made if it is not there.
pub(super) fn write(path: &Path, text: &str) -> Result<(), Usage> {
    let written = make_folder(path).and_then(|()| std::fs::write(path, text));
    written.map_err(|error| Usage(format!("{} could not be written: {error}", path.display())))
}

fn make_folder(path: &Path) -> std::io::Result<()> {
    match path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        Some(folder) => std::fs::create_dir_all(folder),
        None => Ok(()),
    }
}

/// Opens a file, in folders that are made if needed.
pub(super) fn create(path: &Path, options: &mut OpenOptions) -> Result<File, Usage> {
    let opened = make_folder(path).and_then(|()| options.create(true).open(path));
    opened.map_err(|error| Usage(format!("{} cannot be written: {error}", path.display())))
}

/// Reads a text file that the user named.
pub(super) fn read(path: &Path) -> Result<String, Usage> {
    std::fs::read_to_string(path)
        .map_err(|error| Usage(format!("{} cannot be read: {error}", path.display())))
}

/// Reads a kept report, or a set of them.
pub(super) fn read_set(path: &Path) -> Result<ReportSet, Usage> {
    let set = ReportSet::read(&read(path)?);
    let set = set.map_err(|error| Usage(format!("{}: {error}", path.display())))?;
    match set.reports.is_empty() {
        true => Err(Usage(format!("{}: the set holds no report", path.display()))),
        false => Ok(set),
    }
}

/// Prints the report in the form that was asked for, and to standard error the annotations that GitHub reads there.
pub(super) fn print(set: &ReportSet, output: &Output) -> Result<(), Usage> {
    say(&render(set, output.format, output))?;
    if output.github {
        let _ = std::io::stderr().write_all(annotations(set, output.strict).as_bytes());
    }
    Ok(())
}

/// The report in one form.
pub(super) fn render(set: &ReportSet, format: Format, output: &Output) -> String {
    match format {
        Format::Json => set.json(),
        Format::Junit => junit(set, output.strict),
        Format::Html => html(set, output.strict),
        Format::Markdown => markdown(set, output.strict),
        Format::Text => text_of_all(set, &text_options(output)),
    }
}

fn text_options(output: &Output) -> TextOptions {
    let verbosity = match (output.quiet, output.verbose) {
        (true, _) => Verbosity::Quiet,
        (_, 0) => Verbosity::Normal,
        (_, 1) => Verbosity::Verbose,
        _ => Verbosity::Exchanges,
    };
    TextOptions { color: color(output), width: width(), verbosity, strict: output.strict }
}

/// Whether text is styled where the user has not said so: as standard output and the environment want it.
pub(super) fn color_of_the_terminal() -> bool {
    anstream::AutoStream::choice(&std::io::stdout()) != anstream::ColorChoice::Never
}

/// Whether text is styled.
pub(super) fn color(output: &Output) -> bool {
    match output.color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => color_of_the_terminal(),
    }
}

/// Columns of standard output: what `COLUMNS` says, at least 40; else the terminal's, from 40 to 120; else 110.
pub(super) fn width() -> usize {
    let columns = std::env::var("COLUMNS").ok().and_then(|text| text.parse().ok());
    if let Some(columns) = columns.filter(|columns: &usize| *columns > 0) {
        return columns.max(40);
    }
    let terminal = terminal_size::terminal_size_of(std::io::stdout());
    terminal.map_or(110, |(Width(columns), _)| usize::from(columns).clamp(40, 120))
}
