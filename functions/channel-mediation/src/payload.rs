//! What is peculiar to a case for mediation (`events/channels/mediation/schema.json`): the other
//! parties, what the dispute is about, and that it is confidential unless the centre says otherwise.

use contracts::Circumstances;
use lambda::Submission;
use lambda::json::Fields;
use lambda::messages::{Contract, Type, citizen};

/// So many others may be parties to one dispute.
const RESPONDENTS_MAX: usize = 9;
/// The length of a centre's name, in characters.
const CENTRE: (usize, usize) = (1, 64);

/// What disputes are about, in the contract's words and in the case file's.
const DISPUTES: [(&str, &str); 10] = [
    ("family", "婚姻家庭"),
    ("neighbours", "邻里"),
    ("housing", "房屋宅基地"),
    ("property", "物业"),
    ("land", "山林土地"),
    ("labour", "劳动争议"),
    ("contract", "合同"),
    ("damage", "损害赔偿"),
    ("medical", "医疗"),
    ("other", "其他"),
];

/// The centres' words for what all such channels post, and their own fields. A rating is the
/// parties' agreement or its failure, which the centre tells by itself.
pub(crate) const CONTRACT: Contract = Contract {
    order: "case_id",
    sent_at: "applied_at",
    text: "facts",
    title_required: true,
    types: &[Type::Submit, Type::Supplement, Type::Urge, Type::Withdraw],
    more,
};

fn more(fields: &mut Fields, _submission: &mut Submission, known: &mut Circumstances) {
    known.others = fields.objects("respondents", RESPONDENTS_MAX, |one| {
        let name = one.has("name");
        let party = citizen(one);
        if !name {
            one.note("name", "required: a party's name");
        }
        party
    });
    known.confidential = fields.optional_bool("confidential").unwrap_or(true);
    let words: Vec<&str> = DISPUTES.iter().map(|(word, _)| *word).collect();
    if let Some(label) = fields.word("dispute", dispute, &words) {
        known.particulars.insert("纠纷类型".to_owned(), label.to_owned());
    }
    if let Some(centre) = fields.optional_text("centre", CENTRE) {
        known.particulars.insert("调解中心".to_owned(), centre);
    }
}

fn dispute(word: &str) -> Option<&'static str> {
    DISPUTES.iter().find(|(one, _)| *one == word).map(|(_, label)| *label)
}
