//! A TOML document: its places, and its values as text.

use std::ops::Range;
use std::path::Path;
use std::rc::Rc;

use serde_json::Value;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::flag::{Flag, Kind};
use super::given::{Place, Wrong};

/// The text of a file, to tell places in it.
pub(super) struct Document<'t> {
    /// What messages call it.
    pub name: Rc<str>,
    pub text: &'t str,
    /// The folder that paths are relative to.
    pub folder: &'t Path,
}

impl Document<'_> {
    pub fn place(&self, span: Range<usize>) -> Place {
        let before = self.text.get(..span.start).unwrap_or(self.text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        Place::File { name: self.name.clone(), line, column }
    }

    pub fn wrong(&self, span: Range<usize>, what: String) -> Wrong {
        Wrong { place: self.place(span), what }
    }

    /// The table's entries in the order of the file.
    pub fn entries<'a, 'd>(
        table: &'a DeTable<'d>,
    ) -> Vec<(&'a Spanned<std::borrow::Cow<'d, str>>, &'a Spanned<DeValue<'d>>)> {
        let mut entries: Vec<_> = table.iter().collect();
        entries.sort_by_key(|(key, _)| key.span().start);
        entries
    }

    /// The values of a flag, as they are typed.
    ///
    /// # Errors
    ///
    /// Where the value is of another type than the flag's.
    pub fn values(&self, flag: &Flag, value: &Spanned<DeValue>) -> Result<Vec<String>, Wrong> {
        match (value.get_ref(), flag.separator) {
            (DeValue::Table(table), Some(separator)) if flag.repeated => {
                let entries = Self::entries(table).into_iter();
                let line = |(key, value): (&Spanned<_>, &Spanned<DeValue>)| {
                    let text = match json(value.get_ref()) {
                        Value::String(text) => text,
                        other => other.to_string(),
                    };
                    format!("{}{separator}{text}", key.get_ref())
                };
                Ok(entries.map(line).collect())
            }
            (DeValue::Array(items), _) if flag.repeated => {
                items.iter().map(|item| self.scalar(flag, item)).collect()
            }
            (DeValue::Boolean(on), _) if flag.kind == Kind::Switch => {
                Ok(on.then(|| "true".to_owned()).into_iter().collect())
            }
            _ if flag.repeated || flag.kind == Kind::Switch => Err(self.other_type(flag, value)),
            _ => self.scalar(flag, value).map(|text| vec![text]),
        }
    }

    fn scalar(&self, flag: &Flag, value: &Spanned<DeValue>) -> Result<String, Wrong> {
        match (flag.kind, value.get_ref()) {
            (Kind::Text, DeValue::String(text)) => Ok(text.to_string()),
            (Kind::Path, DeValue::String(text)) => {
                Ok(self.folder.join(&**text).to_string_lossy().into_owned())
            }
            (Kind::Number, DeValue::Integer(_) | DeValue::Float(_)) => Ok(json(value.get_ref()).to_string()),
            _ => Err(self.other_type(flag, value)),
        }
    }

    fn other_type(&self, flag: &Flag, value: &Spanned<DeValue>) -> Wrong {
        let one = match flag.kind {
            Kind::Switch => "true or false",
            Kind::Number => "a number",
            Kind::Path | Kind::Text => "a string",
        };
        let found = value.get_ref().type_str();
        let expected = match (flag.repeated, flag.separator) {
            (false, _) => one.to_owned(),
            (true, None) => format!("an array, each item {one}"),
            (true, Some(_)) => format!("a table, or an array, each item {one}"),
        };
        self.wrong(value.span(), format!("{}: expected {expected}; found {found}", flag.name))
    }
}

/// The value as JSON. A date has no form there and is told as text.
fn json(value: &DeValue) -> Value {
    match value {
        DeValue::String(text) => Value::from(&**text),
        DeValue::Boolean(on) => Value::from(*on),
        DeValue::Integer(number) => match i64::from_str_radix(number.as_str(), number.radix()) {
            Ok(number) => Value::from(number),
            Err(_) => Value::from(number.as_str()),
        },
        DeValue::Float(number) => match number.as_str().parse::<f64>() {
            // What JSON cannot hold, infinity, becomes null.
            Ok(number) => Value::from(number),
            Err(_) => Value::from(number.as_str()),
        },
        DeValue::Datetime(date) => Value::from(date.to_string()),
        DeValue::Array(items) => items.iter().map(|item| json(item.get_ref())).collect(),
        DeValue::Table(table) => {
            let entries = Document::entries(table).into_iter();
            Value::Object(
                entries.map(|(key, value)| (key.get_ref().to_string(), json(value.get_ref()))).collect(),
            )
        }
    }
}
