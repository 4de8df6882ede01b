//! Where reports go: standard output and files.

use std::fs::{File, OpenOptions};
use std::io::{IsTerminal, Write};
use std::path::PathBuf;

use super::Usage;
use super::arguments::{Color, Format, Output};
use crate::report::{Report, ReportSet, TextOptions, Verbosity, junit, text, visible};

/// Files that are open for the reports of a run that is still to come.
pub(super) struct Files {
    open: Vec<(PathBuf, File, Format)>,
}

impl Files {
    /// Opens every file, so that one that cannot be written is told before the run. Nothing in them changes yet.
    pub fn open(output: &Output) -> Result<Self, Usage> {
        let wanted = [(&output.json, Format::Json), (&output.junit, Format::Junit)];
        let mut open = Vec::new();
        for (path, format) in wanted {
            let Some(path) = path else { continue };
            let wrong =
                |error: std::io::Error| Usage(format!("{} cannot be written: {error}", path.display()));
            if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
                std::fs::create_dir_all(folder).map_err(wrong)?;
            }
            let file =
                OpenOptions::new().write(true).create(true).truncate(false).open(path).map_err(wrong)?;
            open.push((path.clone(), file, format));
        }
        Ok(Files { open })
    }

    /// Writes the report to every file.
    pub fn write(self, set: &ReportSet, output: &Output) -> Result<(), Usage> {
        for (path, mut file, format) in self.open {
            let content = render(set, format, output);
            let written = file.set_len(0).and_then(|()| file.write_all(content.as_bytes()));
            written.map_err(|error| Usage(format!("{} could not be written: {error}", path.display())))?;
        }
        Ok(())
    }
}

/// Prints the report in the form that was asked for. A reader that closed the pipe has read enough.
pub(super) fn print(set: &ReportSet, output: &Output) {
    let content = render(set, output.format, output);
    let mut stdout = std::io::stdout().lock();
    let _ = stdout.write_all(content.as_bytes()).and_then(|()| stdout.flush());
}

/// The report in one form.
pub(super) fn render(set: &ReportSet, format: Format, output: &Output) -> String {
    match format {
        Format::Json => set.json(),
        Format::Junit => junit(set, output.strict),
        Format::Text => {
            let options = text_options(output);
            let several = set.reports.len() > 1;
            let page = |report: &Report| match report.target.name.as_deref().filter(|_| several) {
                Some(name) => format!("target {}\n{}", visible(name), text(report, &options)),
                None => text(report, &options),
            };
            set.reports.iter().map(page).collect::<Vec<_>>().join("\n")
        }
    }
}

fn text_options(output: &Output) -> TextOptions {
    let terminal = std::io::stdout().is_terminal();
    let color = match output.color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => anstream::AutoStream::choice(&std::io::stdout()) != anstream::ColorChoice::Never,
    };
    let verbosity = match (output.quiet, output.verbose) {
        (true, _) => Verbosity::Quiet,
        (_, true) => Verbosity::Verbose,
        _ => Verbosity::Normal,
    };
    let columns = std::env::var("COLUMNS").ok().and_then(|text| text.parse().ok());
    let width = columns.filter(|columns| *columns >= 40).unwrap_or(if terminal { 100 } else { 110 });
    TextOptions { color, width, verbosity, strict: output.strict }
}
