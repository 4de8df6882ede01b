//! The reports of several targets as one.

use serde::{Deserialize, Serialize};

use super::events::{is_log, read_events};
use super::json::{ReadError, json, read, written};
use super::model::Report;

/// The form of a file that holds the reports of several targets.
const FORMAT: &str = "arp-conformance-set/1";

/// Reports that belong together, at least one, each of one target.
#[derive(Debug, Clone)]
pub struct ReportSet {
    pub reports: Vec<Report>,
}

impl From<Report> for ReportSet {
    fn from(report: Report) -> Self {
        ReportSet { reports: vec![report] }
    }
}

impl ReportSet {
    /// One report is written as itself; several as `arp-conformance-set/1`, whose one other member, `reports`, is their list.
    pub fn json(&self) -> String {
        #[derive(Serialize)]
        struct Set<'r> {
            format: &'static str,
            reports: &'r [Report],
        }
        match &self.reports[..] {
            [report] => json(report),
            reports => written(&Set { format: FORMAT, reports }),
        }
    }

    /// Reads what [`ReportSet::json`] wrote, one report or several, or the event log of a run.
    ///
    /// # Errors
    ///
    /// Where the text is neither, or is of another version.
    pub fn read(text: &str) -> Result<Self, ReadError> {
        #[derive(Deserialize)]
        struct Set {
            format: String,
            #[serde(default)]
            reports: Vec<serde_json::Value>,
        }
        if is_log(text) {
            return read_events(text);
        }
        let set: Set = serde_json::from_str(text)?;
        if set.format != FORMAT {
            return read(text).map(ReportSet::from);
        }
        let reports = set.reports.iter().map(|report| read(&report.to_string()));
        Ok(ReportSet { reports: reports.collect::<Result<_, _>>()? })
    }

    /// The id of each check and the requirements that it decides, report by report.
    pub fn checks(&self) -> Vec<(&str, Vec<&str>)> {
        let results = self.reports.iter().flat_map(|report| &report.results);
        results.map(|it| (it.id.as_str(), it.requirements.iter().map(String::as_str).collect())).collect()
    }

    /// The gravest exit code of the reports: not judged, then non-conformant, then nothing selected.
    pub fn exit_code(&self, strict: bool) -> u8 {
        let codes = self.reports.iter().map(|report| report.exit_code(strict));
        codes.max_by_key(|code| [0, 4, 1, 3].iter().position(|known| known == code)).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;

    #[test]
    fn one_report_and_several_are_read_back() {
        let reports: Vec<Report> = samples::all().into_iter().map(|(_, report)| report).collect();
        for reports in [reports[..1].to_vec(), reports] {
            let set = ReportSet { reports };
            let text = set.json();
            let again = ReportSet::read(&text).unwrap();
            assert_eq!((again.reports.len(), again.json()), (set.reports.len(), text));
        }
    }

    #[test]
    fn the_gravest_report_decides() {
        let reports: Vec<Report> =
            ["conformant", "not-judged", "every-outcome"].map(samples::sample).to_vec();
        let code = |reports: &[Report]| ReportSet { reports: reports.to_vec() }.exit_code(false);
        assert_eq!([code(&reports), code(&reports[..1]), code(&reports[..2])], [3, 0, 3]);
        assert_eq!(code(&[reports[0].clone(), reports[2].clone()]), 1);
    }
}
