//! The published contracts (`events/`), the code and `infra/template.yaml` say the same. One
//! binary, so that it links once.
//!
//! After an intended change of what is written, `UPDATE_SAMPLES=1 cargo test -p contract-tests`
//! writes the golden samples anew; look at the difference before you keep it.

mod asyncapi;
mod caller;
mod channel;
mod deployment;
mod documents;
mod eleventh;
mod events;
mod golden;
mod invented;
mod limits;
mod mail;
mod quarantine;
mod robust;
mod samples;
mod support;
mod told;
mod wire;
