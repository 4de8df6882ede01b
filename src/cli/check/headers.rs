//! Header fields as `KEY=VALUE`.

use std::path::Path;

use super::super::Usage;
use super::super::arguments::parse_header;

/// Fields that every request carries, and the bearer token among them.
pub(super) struct Headers {
    fields: Vec<(String, String)>,
    token: Option<String>,
}

impl Headers {
    /// Reads fields that were typed, then those of a file, which has one a line; empty lines and those that begin with `#`
    /// are left out. The last of a name counts. No message holds a value.
    ///
    /// # Errors
    ///
    /// Where the file cannot be read, something is no field, or `Authorization` holds no bearer token.
    pub fn read(typed: &[String], file: Option<&Path>) -> Result<Self, Usage> {
        let mut headers = Headers { fields: Vec::new(), token: None };
        for text in typed {
            headers.add(text).map_err(|why| Usage(format!("--headers: {why}")))?;
        }
        let Some(file) = file else { return Ok(headers) };
        let flag = format!("--headers-file {}", file.display());
        let text = std::fs::read_to_string(file).map_err(|error| Usage(format!("{flag}: {error}")))?;
        for (index, line) in text.lines().map(str::trim).enumerate() {
            if !line.is_empty() && !line.starts_with('#') {
                headers.add(line).map_err(|why| Usage(format!("{flag}:{}: {why}", index + 1)))?;
            }
        }
        Ok(headers)
    }

    fn add(&mut self, text: &str) -> Result<(), String> {
        let (name, value) = text.split_once('=').ok_or("write it as KEY=VALUE")?;
        let (name, value) = parse_header(&format!("{name}:{value}"))?;
        if name.eq_ignore_ascii_case("authorization") {
            let token = value.split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
            let (_, token) =
                token.ok_or("Authorization has to hold a bearer token: Authorization=Bearer …")?;
            self.token = Some(token.trim().to_owned());
            return Ok(());
        }
        self.fields.retain(|(known, _)| !known.eq_ignore_ascii_case(&name));
        self.fields.push((name, value));
        Ok(())
    }

    /// The flags of the main job that say the same.
    pub fn flags(&self) -> impl Iterator<Item = String> {
        let fields = self.fields.iter().map(|(name, value)| format!("--header={name}: {value}"));
        fields.chain(self.token.iter().map(|token| format!("--token={token}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flags(typed: &[&str], file: Option<&str>) -> Result<Vec<String>, String> {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("headers.env");
        std::fs::write(&path, file.unwrap_or_default()).unwrap();
        let typed: Vec<String> = typed.iter().map(|text| (*text).to_owned()).collect();
        let headers = Headers::read(&typed, file.map(|_| &*path));
        match headers {
            Ok(headers) => Ok(headers.flags().collect()),
            Err(error) => Err(error.to_string().replace(&folder.path().display().to_string(), "")),
        }
    }

    #[test]
    fn fields_come_from_both_and_the_file_has_the_last_word() {
        let file = "# a comment\n\nX-Team = blue = seven\r\nauthorization=bearer two\n";
        let read = flags(&["x-team=red", "Authorization=Bearer one", "x-more=1"], Some(file));
        assert_eq!(read.unwrap(), ["--header=x-more: 1", "--header=X-Team: blue = seven", "--token=two"]);
        assert_eq!(flags(&[], None).unwrap(), [""; 0]);
    }

    #[test]
    fn what_is_no_field_is_told_without_its_value() {
        assert_eq!(flags(&["secret"], None).unwrap_err(), "--headers: write it as KEY=VALUE");
        assert_eq!(
            flags(&[], Some("a=1\nx team=secret")).unwrap_err(),
            "--headers-file /headers.env:2: \"x team\" is no header name"
        );
        let error = flags(&["Authorization=Basic secret"], None).unwrap_err();
        assert!(error.contains("bearer token") && !error.contains("secret"), "{error}");
        let missing = Headers::read(&[], Some(Path::new("/nowhere"))).err().unwrap();
        assert!(missing.to_string().starts_with("--headers-file /nowhere: "), "{missing}");
    }
}
