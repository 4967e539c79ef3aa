//! Answers to texts that the machine did not have: what confidences are fitted on.
//!
//! Catalogs are easy where keywords come from the examples, and citizens write otherwise. So examples are
//! asked with their keywords and without, bare and with the phrases around them that mean nothing, and at
//! times with their item taken away, when nothing that is found can be right.

use crate::calibration::{Leading, Outcome};
use crate::evidence::{Confidence, Evidence, Judged};
use crate::features::{Count, Text, fold};
use crate::items::{Answer, Scorer, document};
use crate::model::{Entry, Lesson};
use crate::names::Names;

/// Rounds; in each, another part of examples and lessons is held out.
pub(crate) const ROUNDS: usize = 2;
/// Trainings that [`held_out`] makes.
pub(crate) const TRAININGS: usize = 2 * ROUNDS;
/// Of so many texts one is also asked with its item taken away.
const TAKEN_AWAY_EVERY: usize = 2;

/// What people say before the matter.
const BEFORE: [&str; 12] = [
    "您好，",
    "你好，",
    "领导您好，",
    "尊敬的领导，",
    "同志你好，",
    "我是本村村民，",
    "我是小区的业主，",
    "我想反映一个问题，",
    "想问一下，",
    "请问，",
    "来电人反映，",
    "事情是这样的，",
];
/// What people say after it.
const AFTER: [&str; 12] = [
    "，请尽快处理",
    "，谢谢",
    "，希望有关部门管一管",
    "，反映过好几次都没人理",
    "，给老百姓一个说法",
    "，请领导重视",
    "，一直没有解决",
    "，打了好几次电话都没结果",
    "，麻烦派人来看看",
    "，盼回复",
    "，我们老百姓没有办法",
    "，就在城东那一片",
];

/// Which keywords a scorer has when it is asked for an example that was held out.
///
/// Who writes a catalog takes keywords from the examples he has in mind, so with all of them the examples
/// are easier than what citizens write, and without those that the example uses they are harder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keywords {
    All,
    NotOfHeldOut,
}

/// How a text was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    /// As it is.
    Plain,
    /// With phrases around it.
    Padded,
    /// With its item taken away.
    Strange,
}

/// What one training reads: everything, or everything but what one round holds out.
pub(crate) struct Material<'t> {
    pub(crate) entries: &'t [Entry<'t>],
    lessons: &'t [Lesson<'t>],
    held_out: Option<usize>,
    keywords: Keywords,
}

/// A text that was held out, and how it was answered.
#[derive(Clone, Debug)]
pub(crate) struct HeldOut {
    pub(crate) round: usize,
    pub(crate) keywords: Keywords,
    pub(crate) asked: Asked,
    pub(crate) item: u32,
    pub(crate) answer: Answer,
    pub(crate) evidence: Evidence,
}

/// A text's place among those that are held out in turn.
fn round_of(text: &Text<'_>) -> usize {
    fold(text, ROUNDS)
}

impl<'t> Material<'t> {
    /// All there is.
    pub(crate) fn all((entries, lessons): (&'t [Entry<'t>], &'t [Lesson<'t>])) -> Self {
        Self { entries, lessons, held_out: None, keywords: Keywords::All }
    }

    fn keeps(&self, round: usize) -> bool {
        self.held_out != Some(round)
    }

    pub(crate) fn examples(&self, entry: &Entry<'t>) -> Vec<&'t str> {
        let kept = (0..).zip(entry.examples).filter(|(at, _)| self.keeps(at % ROUNDS));
        kept.map(|(_, example)| *example).collect()
    }

    pub(crate) fn lessons(&self) -> impl Iterator<Item = &Lesson<'t>> {
        self.lessons.iter().filter(|lesson| self.keeps(round_of(&lesson.text)))
    }

    pub(crate) fn keywords(&self, entry: &Entry<'t>) -> Vec<&'t str> {
        let out = || (0..).zip(entry.examples).filter(|(at, _)| !self.keeps(at % ROUNDS));
        let used = |keyword: &str| out().any(|(_, example)| example.contains(keyword));
        let is_kept = |keyword: &&&str| self.keywords == Keywords::All || !used(keyword);
        entry.keywords.iter().filter(is_kept).copied().collect()
    }

    /// An entry with what is left of it.
    pub(crate) fn document(&self, entry: &Entry<'t>) -> Vec<Count> {
        let (keywords, examples) = (self.keywords(entry), self.examples(entry));
        document(&Entry { keywords: &keywords, examples: &examples, ..*entry })
    }

    /// The texts that this round holds out, with their items.
    fn queries(&self) -> Vec<(&'t str, Text<'t>)> {
        let examples = self.entries.iter().flat_map(|entry| {
            let out = (0..).zip(entry.examples).filter(|(at, _)| !self.keeps(at % ROUNDS));
            out.map(|(_, example)| (entry.item, Text::untitled(example)))
        });
        let lessons = self.lessons.iter().filter(|lesson| !self.keeps(round_of(&lesson.text)));
        examples.chain(lessons.map(|lesson| (lesson.item, lesson.text))).collect()
    }

    /// Answers to them by a scorer that was trained on the rest.
    fn answers(&self, scorer: &Scorer, names: &Names, round: usize) -> Vec<HeldOut> {
        let ask = |item: u32, asked: Asked, text: &Text<'_>| {
            let read = scorer.read(text);
            let mut answer = scorer.answer(names, &read);
            answer.leading.retain(|one| asked != Asked::Strange || one.item != item);
            let evidence = Evidence::of(scorer, names, &read, &answer);
            HeldOut { round, keywords: self.keywords, asked, item, answer, evidence }
        };
        let mut all = Vec::new();
        for (at, (item, text)) in self.queries().into_iter().enumerate() {
            let item = names.trained(item);
            all.push(ask(item, Asked::Plain, &text));
            all.push(ask(item, Asked::Padded, &Text { body: &padded(&text), ..text }));
            if self.keywords == Keywords::All && at % TAKEN_AWAY_EVERY == 0 {
                all.push(ask(item, Asked::Strange, &text));
            }
        }
        all
    }
}

/// The body with phrases before and after it, the same ones each time.
fn padded(text: &Text<'_>) -> String {
    let pick = |from: &[&'static str], salt: usize| {
        let at = fold(text, from.len() * salt) / salt;
        from.get(at).copied().unwrap_or_default()
    };
    // Different salts, that the choices do not go together.
    [pick(&BEFORE, 1), text.body, pick(&AFTER, 3), pick(&AFTER, 5)].concat()
}

impl HeldOut {
    fn is_right(&self) -> bool {
        self.answer.leading.first().is_some_and(|best| best.item == self.item)
    }

    fn leading(&self) -> Leading {
        let scores = self.answer.leading.iter().map(|one| one.score).collect();
        Leading { scores, is_right: self.is_right() }
    }

    /// Whether it was asked as the catalog has it.
    pub(crate) fn is_plain(&self) -> bool {
        self.asked == Asked::Plain && self.keywords == Keywords::All
    }
}

/// Answers to examples and lessons by scorers that did not have them; `done` hears of each category in
/// each training.
pub(crate) fn held_out(
    (entries, lessons): (&[Entry<'_>], &[Lesson<'_>]),
    names: &Names,
    done: &mut dyn FnMut(usize),
) -> Vec<HeldOut> {
    let mut all = Vec::new();
    let mut before = 0;
    for keywords in [Keywords::All, Keywords::NotOfHeldOut] {
        for round in 0..ROUNDS {
            let material = Material { entries, lessons, held_out: Some(round), keywords };
            if !material.queries().is_empty() {
                let scorer = Scorer::train(&material, names, &mut |class| done(before + class));
                all.extend(material.answers(&scorer, names, round));
            }
            before += names.categories.len();
        }
    }
    all
}

/// The confidence that fits these answers.
pub(crate) fn confidence<'h>(all: impl Iterator<Item = &'h HeldOut> + Clone) -> Confidence {
    let plain: Vec<Leading> =
        all.clone().filter(|one| one.is_plain()).map(HeldOut::leading).collect();
    let judged = |one: &HeldOut| Judged { leading: one.leading(), evidence: one.evidence };
    Confidence::fit(&plain, &all.map(judged).collect::<Vec<Judged>>())
}

/// For each round the confidence that the other rounds make: a text is never judged by itself.
pub(crate) fn confidences(all: &[HeldOut]) -> Vec<Confidence> {
    (0..ROUNDS).map(|round| confidence(all.iter().filter(|one| one.round != round))).collect()
}

/// How sure each answer was, by the other rounds' confidence, and whether it was right.
pub(crate) fn outcomes(all: &[HeldOut]) -> Vec<Outcome> {
    let confidences = confidences(all);
    let outcome = |one: &HeldOut| {
        let chances = confidences.get(one.round)?.of(&one.answer, &one.evidence);
        Some((*chances.first()?, one.is_right()))
    };
    all.iter().filter_map(outcome).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{ENTRIES, LESSONS, text};

    #[test]
    fn phrases_stand_around_the_text() {
        let one = text("路灯不亮");
        let own = padded(&one);
        assert!(own.contains("路灯不亮") && own.chars().count() > 8, "{own}");
        assert_eq!(own, padded(&one));
    }

    #[test]
    fn each_text_is_asked_in_every_way() {
        let names = Names::of(&ENTRIES, &LESSONS);
        let all = held_out((&ENTRIES, &LESSONS), &names, &mut |_| ());
        let count = |asked| all.iter().filter(|one| one.asked == asked).count();
        assert_eq!((count(Asked::Plain), count(Asked::Padded)), (14, 14));
        assert!((3..=4).contains(&count(Asked::Strange)), "{}", count(Asked::Strange));
        let strange = all.iter().filter(|one| one.asked == Asked::Strange);
        assert!(strange.clone().all(|one| !one.is_right()));
        assert_eq!(all.iter().filter(|one| one.is_plain()).count(), 7);
    }
}
