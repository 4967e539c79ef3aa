//! Invented citizens: each `user` gets a name, a telephone number and an address that look invented.
//! They are canaries: `DATA/canaries.txt` lists them, and nothing of it may be found outside sealed
//! records.

use std::collections::BTreeMap;

use contracts::Citizen;
use domain::Hash;

use super::messages::Message;

/// One of so many messages carries its sender's particulars in the text, and one of so many replies.
const IN_BODY: u64 = 3;
const IN_REPLY: u64 = 5;

#[derive(Debug)]
pub(super) struct Citizens {
    by_user: BTreeMap<String, Citizen>,
    seed: u64,
}

/// A number that depends on the seed and `text` alone.
pub(super) fn draw(seed: u64, purpose: &str, text: &str) -> u64 {
    let hash = Hash::of(purpose, &[&seed.to_be_bytes(), text.as_bytes()]);
    hash.as_bytes().iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
}

impl Citizens {
    pub(super) fn invent(messages: &[Message], seed: u64) -> Self {
        let users = messages.iter().map(|message| message.user.clone());
        Self { by_user: users.map(|user| (user.clone(), invent(seed, &user))).collect(), seed }
    }

    /// One line a particular: name, telephone number, address of everybody.
    pub(super) fn canaries(&self) -> Vec<String> {
        let all = self.by_user.values();
        let all = all.flat_map(|one| [&one.name, &one.phone, &one.address]);
        all.flatten().cloned().collect()
    }

    /// Gives a message its sender, and puts the sender's particulars into some texts, as happens.
    pub(super) fn write_into(&self, message: &mut Message) {
        let Some(citizen) = self.by_user.get(&message.user) else { return };
        let (name, phone) =
            (citizen.name.as_deref().unwrap_or(""), citizen.phone.as_deref().unwrap_or(""));
        let address = citizen.address.as_deref().unwrap_or("");
        if draw(self.seed, "body", &message.id).is_multiple_of(IN_BODY) {
            message.body.push_str(&format!("（联系人{name}，电话{phone}，住{address}）"));
        }
        if let Some(reply) = &mut message.reply
            && draw(self.seed, "reply", &message.id).is_multiple_of(IN_REPLY)
        {
            reply.push_str(&format!("（已致电{name}，{phone}）"));
        }
        message.citizen = citizen.clone();
    }
}

/// The last five digits of a number, as no name is written.
pub(super) fn letters(number: u64) -> String {
    const DIGITS: [char; 10] = ['零', '一', '二', '三', '四', '五', '六', '七', '八', '九'];
    let digit = |at: u32| usize::try_from(number / 10_u64.pow(at) % 10).unwrap_or(0);
    (0..5).filter_map(|at| DIGITS.get(digit(at))).collect()
}

fn invent(seed: u64, user: &str) -> Citizen {
    let number = draw(seed, "citizen", user);
    // No mobile number begins with 100, and no person is called so: both are plainly invented.
    Citizen {
        name: Some(format!("样例民{}", letters(number))),
        phone: Some(format!("100{:08}", number % 100_000_000)),
        address: Some(format!(
            "虚构里{}弄{}号{}室",
            number % 997,
            number / 997 % 97,
            number / 96_709 % 9999
        )),
    }
}
