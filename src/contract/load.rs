use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use super::document;
use super::documents::Documents;
use super::error::ContractError;
use super::operation::{MediaType, Operation};
use super::resolve;
use super::schema_ref::SchemaRef;
use super::service::Service;
use super::tree::{self, Tree};
use super::validate::{Validators, Violation};

/// The name by which [`Contract::schema`] knows the schema of one event, whether the document names it or not.
const EVENT: &str = "RunEvent";

/// One release of the ARP Standard for one service. Share it behind an `Arc`: it does not change once it is loaded.
#[derive(Debug)]
pub struct Contract {
    service: Service,
    release: String,
    documents: Documents,
    operations: Vec<Operation>,
    schemas: BTreeMap<String, SchemaRef>,
    event: SchemaRef,
    validators: Validators,
}

impl Contract {
    /// The service's contract of its default release ([`Service::default_release`]).
    pub fn bundled(service: Service) -> Result<Contract, ContractError> {
        Contract::bundled_release(service, service.default_release())
    }

    /// The service's contract of a release that the binary carries; for any other the error names those it does.
    pub fn bundled_release(service: Service, release: &str) -> Result<Contract, ContractError> {
        Contract::load(service, Tree::bundled(service, release)?)
    }

    /// The service's contract out of a directory: the standard's repository (it holds `spec/v1`), its `spec` folder,
    /// the folder of API version 1, or any folder with `openapi` and `schemas` directly inside.
    ///
    /// Every schema that the service's document reaches is checked and compiled, so that a contract that loads can
    /// judge. Other documents of the tree are not read.
    pub fn from_tree(service: Service, path: &Path) -> Result<Contract, ContractError> {
        Contract::load(service, Tree::locate(service, path)?)
    }

    fn load(service: Service, tree: Tree) -> Result<Contract, ContractError> {
        let release = tree.release();
        let foreign = tree.is_foreign();
        let name = tree::document(service);
        let mut documents = Documents::new(tree);
        let Some(root) = documents.load(&name)? else {
            // Only if the file went away after the tree was found.
            let path = documents.tree().path_of(&name);
            return Err(ContractError::NoDocument {
                looked: path.clone(),
                path,
                document: service.document(),
            });
        };
        let document::Document { mut operations, mut schemas, places } =
            document::read(&documents, &name, &root)?;
        let event = SchemaRef::new(service.event_schema(), "");
        documents.reach(places.into_iter().chain([event.clone()]))?;

        let mut used = vec![documents.settle(event)?];
        let event = used[0].clone();
        for schema in operations.iter_mut().flat_map(body_schemas).chain(schemas.values_mut()) {
            *schema = documents.settle(schema.clone())?;
            used.push(schema.clone());
        }
        schemas.entry(EVENT.to_owned()).or_insert_with(|| event.clone());

        let validators = Validators::new(&documents, used)?;
        if foreign {
            validators.compile_all(&documents)?;
        }
        Ok(Contract { service, release, documents, operations, schemas, event, validators })
    }

    pub fn service(&self) -> Service {
        self.service
    }

    /// The release as the tree calls itself: `v0.3.7`, or `custom` where it does not say.
    pub fn release(&self) -> &str {
        &self.release
    }

    /// Every operation of the service, in the document's order.
    pub fn operations(&self) -> &[Operation] {
        &self.operations
    }

    /// The operation with that `operationId`.
    pub fn operation(&self, id: &str) -> Option<&Operation> {
        self.operations.iter().find(|operation| operation.id == id)
    }

    /// The schema of one event of a run: of the JSON in an SSE event's data, or of one NDJSON line.
    pub fn event_schema(&self) -> &SchemaRef {
        &self.event
    }

    /// A schema by its name among the document's components (`Run`, `ErrorEnvelope`); `RunEvent` is always known.
    pub fn schema(&self, name: &str) -> Option<SchemaRef> {
        self.schemas.get(name).cloned()
    }

    /// How `value` departs from `schema`, ordered by place; nothing if it is valid, and no more than
    /// [`MAX_VIOLATIONS`](super::MAX_VIOLATIONS).
    ///
    /// # Panics
    ///
    /// If `schema` is another contract's and this one has no schema there.
    pub fn violations(&self, schema: &SchemaRef, value: &Value) -> Vec<Violation> {
        self.validators.violations(&self.documents, schema, value)
    }

    /// The schema in one piece: every `$ref` replaced by what it refers to, and the prose (`description`, `summary`,
    /// examples, `$comment`, `x-…`) left out; titles stay.
    ///
    /// A schema that contains itself is cut off where it would begin again, by a `$ref` that names the place from the
    /// tree's root. Where a `$ref` has keywords beside it, what it refers to stands in `allOf`.
    pub fn resolved(&self, schema: &SchemaRef) -> Value {
        resolve::resolved(&self.documents, schema)
    }

    /// The documents that the contract was read from, as they are written, by their place in the tree: the OpenAPI
    /// document, and every file of schemas that it or the event schema reaches.
    pub fn documents(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.documents.iter().map(|(name, document)| (name, document.as_ref()))
    }
}

/// The schemas of what an operation takes and answers.
fn body_schemas(operation: &mut Operation) -> impl Iterator<Item = &mut SchemaRef> {
    let taken = operation.request.iter_mut().flat_map(|body| &mut body.media);
    let answered = operation.responses.iter_mut().flat_map(|response| &mut response.media);
    taken.chain(answered).filter_map(|media: &mut MediaType| media.schema.as_mut())
}
