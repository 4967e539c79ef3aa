//! `verify` is worth its name: a finished city is damaged in one way at a time, each time in a fresh
//! copy, and `verify` must name exactly that damage: its kind, the ticket or thing, and the place.
//!
//! The tables of damages are in the modules below; what a damage can reach is in [`scene`].

mod archive;
mod base;
mod erasure;
mod heads;
mod items;
mod money;
mod rewrite;
mod scene;
mod seals;
mod timeline;

use serde_json::Value;

use self::base::Base;
use self::scene::Scene;

/// One way to damage a city.
struct Damage {
    /// What is done.
    name: &'static str,
    /// Everything that `verify` must find, and nothing else: kind, id, and a part of the detail.
    /// Names in braces stand for tickets; see [`Base::fill`].
    found: &'static [(&'static str, &'static str, &'static str)],
    apply: fn(&mut Scene<'_>),
}

#[test]
fn verify_names_every_damage_and_accuses_nobody_else() {
    let base = Base::build();
    let mut wrong = Vec::new();
    let tables = [
        timeline::DAMAGES,
        items::DAMAGES,
        seals::DAMAGES,
        archive::DAMAGES,
        rewrite::DAMAGES,
        erasure::DAMAGES,
        heads::DAMAGES,
        money::DAMAGES,
    ];
    for damage in tables.iter().copied().flatten() {
        let mut scene = Scene::open(&base);
        (damage.apply)(&mut scene);
        if let Err(difference) = compare(&base, damage, &scene.verify()) {
            wrong.push(difference);
        }
    }
    assert!(wrong.is_empty(), "{} damages not named rightly:\n{}", wrong.len(), wrong.join("\n"));
    let (damages, in_order): (Vec<_>, Vec<_>) =
        tables.iter().copied().flatten().partition(|damage| !damage.found.is_empty());
    println!("{} damages named; {} look-alikes left alone", damages.len(), in_order.len());
    assert!(damages.len() >= 25);
}

/// Every expected finding is there once, and there is no other.
fn compare(base: &Base, damage: &Damage, said: &Value) -> Result<(), String> {
    let mut rest: Vec<&Value> = said["violations"].as_array().unwrap().iter().collect();
    let mut missing = Vec::new();
    for (kind, id, detail) in damage.found {
        let (id, detail) = (base.fill(id), base.fill(detail));
        let same = |violation: &&Value| {
            violation["kind"] == *kind
                && violation["id"] == *id
                && violation["detail"].as_str().unwrap().contains(&*detail)
        };
        match rest.iter().position(same) {
            Some(at) => drop(rest.remove(at)),
            None => missing.push(format!("{kind} {id} …{detail}…")),
        }
    }
    if missing.is_empty() && rest.is_empty() {
        return Ok(());
    }
    let rest: Vec<String> = rest.iter().map(ToString::to_string).collect();
    Err(format!("- {}\n  not found: {missing:#?}\n  found besides: {rest:#?}", damage.name))
}
