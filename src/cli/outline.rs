//! A scenario as users see it: what each step sends, and what is checked there.

use serde::Serialize;

use crate::contract::{Contract, Service};
use crate::judge::written_id;
use crate::report::model::Tier;
use crate::report::{Page, style};
use crate::suite::{Given, Scenario, Step};

/// A scenario, its service's name before its id.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Outline {
    pub id: String,
    pub service: Service,
    pub title: String,
    pub tier: Tier,
    /// `reads`, `invalid-writes` or `creates-runs`.
    pub effects: &'static str,
    /// What has to hold for it to run.
    pub when: Vec<String>,
    /// The step that has to have succeeded for what is wrong here to count.
    pub control: Option<String>,
    pub at_the_end: bool,
    pub steps: Vec<StepOutline>,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct StepOutline {
    pub id: String,
    pub method: String,
    pub path: String,
    /// How often it is sent and how the answer is read, where that is not once and as a whole.
    pub how: Option<String>,
    /// Credentials, header fields and body, where there is something to say of them.
    pub details: Vec<String>,
    /// A right target refuses it.
    pub wrong: bool,
    /// It goes to the Run Coordinator.
    pub coordinator: bool,
    pub checks: Vec<CheckOutline>,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct CheckOutline {
    pub id: String,
    pub asserts: String,
    /// It counts only if these hold.
    pub given: Vec<String>,
}

impl Outline {
    pub fn of(scenario: &Scenario, contract: &Contract) -> Self {
        let service = contract.service();
        Outline {
            id: format!("{service}/{}", scenario.id),
            service,
            title: scenario.title.clone(),
            tier: scenario.tier,
            effects: scenario.effects.name(),
            when: scenario.when.clauses(),
            control: scenario
                .control
                .as_ref()
                .map(|step| format!("{service}/{}:{}", step.scenario, step.step)),
            at_the_end: scenario.at_the_end,
            steps: scenario.steps.iter().map(|step| step_outline(scenario, step, contract)).collect(),
        }
    }

    /// Writes what is known of the scenario; where `check` is given, of its checks that one alone.
    pub fn write(&self, page: &mut Page, indent: usize, check: Option<&str>) {
        let mut fields = vec![
            ("title", self.title.clone()),
            ("tier", self.tier.name().to_owned()),
            ("effects", self.effects.to_owned()),
        ];
        fields.extend((!self.when.is_empty()).then(|| ("when", self.when.join(", and "))));
        let control =
            |step: &String| ("control", format!("{step} was accepted, the same request without the mistake"));
        fields.extend(self.control.as_ref().map(control));
        fields.extend(self.at_the_end.then(|| ("runs", "when all other scenarios are done".to_owned())));
        for (label, value) in fields {
            page.labelled(indent, (label, style::LABEL), 10, anstyle::Style::new(), &value);
        }
        page.text(indent, style::LABEL, "steps");
        let longest = self.steps.iter().map(|step| step.id.chars().count()).max().unwrap_or_default();
        for step in &self.steps {
            step.write(page, indent + 2, longest + 2, check);
        }
    }
}

fn step_outline(scenario: &Scenario, step: &Step, contract: &Contract) -> StepOutline {
    let (method, path) =
        step.request.line(contract).map(|(method, path)| (method.to_string(), path)).unwrap_or_default();
    let given = |given: &Given| match given.step == step.id {
        true => given.assertion.to_string(),
        false => format!("{}: {}", given.step, given.assertion),
    };
    let checks = step.checks.iter().map(|check| CheckOutline {
        id: written_id(contract.service(), scenario, &check.requirement, check.name.as_deref()),
        asserts: check.assertion.to_string(),
        given: (check.applies.iter().chain(&check.given).map(given))
            .chain(check.unless.iter().map(|premise| format!("not {}", given(premise))))
            .collect(),
    });
    StepOutline {
        id: step.id.clone(),
        method,
        path,
        how: step.shape.title(),
        details: step.request.details(),
        wrong: step.refusal,
        coordinator: step.coordinator,
        checks: checks.collect(),
    }
}

impl StepOutline {
    /// Method and path, and what is unusual about the request.
    pub fn line(&self) -> String {
        let mut line = format!("{} {}", self.method, self.path);
        let mut more: Vec<String> = self.details.clone();
        more.extend(self.how.clone());
        more.extend(self.wrong.then(|| "wrong on purpose".to_owned()));
        more.extend(self.coordinator.then(|| "to the Run Coordinator".to_owned()));
        if !more.is_empty() {
            line.push_str(&format!(" ({})", more.join("; ")));
        }
        line
    }

    fn write(&self, page: &mut Page, indent: usize, column: usize, only: Option<&str>) {
        page.labelled(indent, (&self.id, style::HEADING), column, anstyle::Style::new(), &self.line());
        for check in self.checks.iter().filter(|check| only.is_none_or(|only| only == check.id)) {
            let requirement = check.id.split_once('#').map_or(check.id.as_str(), |(_, rest)| rest);
            let given = match check.given.is_empty() {
                true => String::new(),
                false => format!(", if {}", check.given.join(" and ")),
            };
            let says = format!("{}{given}", check.asserts);
            page.labelled(indent + 2, (requirement, style::INFO), 10, anstyle::Style::new(), &says);
        }
    }
}
