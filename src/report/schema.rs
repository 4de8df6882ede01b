//! The JSON Schema of the JSON report, made from the model's types and kept in `docs/report.schema.json`.

use schemars::generate::SchemaSettings;
use serde_json::Value;

use super::model::Report;

/// The schema of `arp-conformance/1` (JSON Schema 2020-12). Members may be added within the version, so that none is
/// forbidden.
pub fn schema() -> Value {
    let mut schema = SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<Report>();
    schema.insert("title".into(), "A report of arp-conformance, arp-conformance/1".into());
    schema.to_value()
}

#[cfg(test)]
mod tests {
    use super::super::{json, samples};
    use super::*;

    const KEPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/report.schema.json");

    #[test]
    fn the_published_schema_is_that_of_the_types() {
        let schema = format!("{:#}\n", schema());
        if std::env::var_os("ARP_UPDATE").is_some() {
            std::fs::write(KEPT, &schema).unwrap();
        }
        let kept = std::fs::read_to_string(KEPT).unwrap_or_default();
        assert!(kept == schema, "docs/report.schema.json is out of date; ARP_UPDATE=1 writes it anew");
    }

    #[test]
    fn every_report_is_valid_and_not_everything_is() {
        let validator = jsonschema::validator_for(&schema()).unwrap();
        for (name, report) in samples::all() {
            let report = serde_json::from_str(&json(&report)).unwrap();
            let errors: Vec<String> = validator.iter_errors(&report).map(|error| error.to_string()).collect();
            assert_eq!(errors, [""; 0], "{name}");
        }
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/reports/jarvis-0.3.8");
        for file in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if file.extension().is_some_and(|extension| extension == "json") {
                let report = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
                assert!(validator.is_valid(&report), "{}", file.display());
            }
        }
        let mut wrong: Value = serde_json::from_str(&json(&samples::sample("partial"))).unwrap();
        wrong["verdict"] = "fine".into();
        assert!(!validator.is_valid(&wrong));
    }
}
