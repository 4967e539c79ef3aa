//! Files of the repository and validators of its schemas.
#![allow(clippy::unwrap_used, clippy::panic, reason = "test helpers")]

use std::path::{Path, PathBuf};

use jsonschema::Validator;
use serde_json::Value;

/// A path of the repository.
pub(crate) fn path(inside: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(inside)
}

/// The bytes of a file of the repository.
pub(crate) fn bytes(inside: &str) -> Vec<u8> {
    std::fs::read(path(inside)).unwrap_or_else(|e| panic!("{inside}: {e}"))
}

/// The text of a file of the repository.
pub(crate) fn text(inside: &str) -> String {
    String::from_utf8(bytes(inside)).unwrap_or_else(|e| panic!("{inside}: {e}"))
}

/// The JSON of a file of the repository.
pub(crate) fn json(inside: &str) -> Value {
    serde_json::from_slice(&bytes(inside)).unwrap_or_else(|e| panic!("{inside}: {e}"))
}

/// The names of the entries of a folder, sorted.
pub(crate) fn names(inside: &str) -> Vec<String> {
    let entries = std::fs::read_dir(path(inside)).unwrap_or_else(|e| panic!("{inside}: {e}"));
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// A validator of a schema value; formats are asserted. It may refer to the dossier's schema, whose
/// entries others hold too.
pub(crate) fn compile(schema: &Value) -> Validator {
    let dossier = json("events/schemas/dossier.v1.schema.json");
    let id = dossier.get("$id").and_then(Value::as_str).unwrap().to_owned();
    let registry = jsonschema::Registry::new().add(id, dossier).unwrap().prepare().unwrap();
    let options = jsonschema::options().with_registry(&registry).should_validate_formats(true);
    options.build(schema).unwrap()
}

/// The validator of a schema of the repository.
pub(crate) fn validator(inside: &str) -> Validator {
    let schema = json(inside);
    assert!(jsonschema::meta::is_valid(&schema), "{inside} is not JSON Schema 2020-12");
    compile(&schema)
}

/// Fails with every fault unless `value` is as the schema says.
pub(crate) fn assert_valid(validator: &Validator, value: &Value, what: &str) {
    let faults: Vec<String> =
        validator.iter_errors(value).map(|e| format!("{}: {e}", e.instance_path())).collect();
    assert!(faults.is_empty(), "{what} is not as its schema says:\n{}", faults.join("\n"));
}
