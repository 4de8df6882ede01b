//! Explains a requirement, a check or a scenario: what it says, how it is checked, what a violation looks like.

mod example;
mod requirement;
mod subject;

use clap::Args;

use super::list::ListFormat;
use super::{Usage, names, reports};
use crate::contract::Service;
use crate::report::Page;
use crate::run::Bundled;
use subject::Subject;

#[derive(Debug, Args)]
pub(super) struct Explain {
    /// A requirement (RUN-3), a check ('runtime/runs/finished-run#RUN-3', 'ERROR-1 GET /v1/runs/{run_id}'), a scenario or
    /// a suite
    #[arg(value_name = "ID")]
    pub id: String,
    /// Only for this service
    #[arg(long, value_name = "NAME", value_parser = |text: &str| text.parse::<Service>())]
    pub service: Option<Service>,
    /// The form of the explanation
    #[arg(long, value_enum, default_value = "text")]
    pub format: ListFormat,
}

pub(super) async fn run(arguments: Explain) -> Result<u8, Usage> {
    let bundled = Bundled::load().map_err(|error| Usage(error.to_string()))?;
    let services: Vec<Service> = arguments.service.map_or(Service::ALL.to_vec(), |service| vec![service]);
    let mut subject = Subject::find(&bundled, &services, arguments.id.trim()).ok_or_else(|| {
        if Subject::find(&bundled, &Service::ALL, arguments.id.trim()).is_some() {
            let service = services.first().map_or("", |service| service.title());
            return Usage(format!("a {service} has no {:?}, but another service has: leave --service out", arguments.id));
        }
        let known = names::all(bundled.services().iter().filter(|(service, _)| services.contains(service)));
        let near = names::did_you_mean(&arguments.id, known.iter().map(String::as_str));
        let id = &arguments.id;
        Usage(format!(
            "{id:?} is no requirement, check, scenario or suite{near}\n  `arp-conformance list checks` has every \
             check, `list requirements` every requirement"
        ))
    })?;
    if let Subject::Requirement(requirement) = &mut subject {
        requirement.example = example::find(&bundled, requirement).await;
        let hint = requirement.example.as_ref().and_then(|example| example.hint.clone());
        requirement.mend.extend(hint);
    }
    match arguments.format {
        ListFormat::Json => reports::say_json(&subject)?,
        ListFormat::Text => {
            let mut page = Page::new(reports::width(), reports::color_of_the_terminal());
            subject.write(&mut page);
            reports::say(&page.finish())?;
        }
    }
    Ok(0)
}
