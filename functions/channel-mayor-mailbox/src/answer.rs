//! What became of a request, as an answer to the mail that it was.

use std::time::{Duration, UNIX_EPOCH};

use domain::News;
use lambda::{Notice, advice};
use lettre::Address;
use lettre::message::header::{
    ContentType, Date, HeaderName, HeaderValue, Headers, InReplyTo, MIME_VERSION_1_0, MessageId,
    References, Subject,
};
use lettre::message::{Body, SinglePart};

use crate::read::{ADDRESS, MESSAGE_ID, URGES, WITHDRAWS};

/// The domain of our own mails' ids, which lead nowhere (RFC 2606).
const DOMAIN: &str = "lianxin.invalid";

/// A mail from its `To:` on: who sends it is the sender of the registered address. `None` when there
/// is no address to send it to.
pub(crate) fn mail(notice: &Notice) -> Option<Vec<u8>> {
    let to: Address = notice.particulars.get(ADDRESS)?.parse().ok()?;
    let since = Duration::from_millis(u64::try_from(notice.at.millis()).unwrap_or_default());
    let mut headers = Headers::new();
    headers.set(Subject::from(format!("Re: {}", notice.title)));
    headers.set(Date::new(UNIX_EPOCH + since));
    // The same mail again has the same id: a mail program shows it once.
    headers.set(MessageId::from(format!("<{}@{DOMAIN}>", notice.key.replace('/', "."))));
    if let Some(id) = notice.particulars.get(MESSAGE_ID).filter(|id| is_id(id)) {
        headers.set(InReplyTo::from(format!("<{id}>")));
        headers.set(References::from(format!("<{id}>")));
    }
    // RFC 3834: no machine answers it, ours among them.
    let automatic = HeaderName::new_from_ascii_str("Auto-Submitted");
    headers.insert_raw(HeaderValue::new(automatic, "auto-replied".to_owned()));
    headers.set(MIME_VERSION_1_0);
    let text = SinglePart::builder().header(ContentType::TEXT_PLAIN).body(Body::new(words(notice)));
    Some([format!("To: {to}\r\n{headers}").into_bytes(), text.formatted()].concat())
}

/// Whether a mail's id can be written as it is.
fn is_id(id: &str) -> bool {
    id.contains('@') && id.bytes().all(|byte| byte.is_ascii_graphic() && !b"<>".contains(&byte))
}

fn words(notice: &Notice) -> String {
    let Notice { number, title, .. } = notice;
    let text = notice.text.as_deref().unwrap_or_default();
    let happened = match &notice.news {
        News::Accepted => "您的来信已经受理。".to_owned(),
        News::Dispatched { unit, due, .. } => {
            format!("您的来信已交 {unit} 办理，最迟于 {} 答复您。", due.beijing_date())
        }
        News::Extended { due } => format!(
            "您的来信情况较为复杂，办理时限已经延长，最迟于 {} 答复您。",
            due.beijing_date()
        ),
        News::Consulted => "您的来信涉及多个单位，正在会商办理。".to_owned(),
        News::Answered { .. } => format!("您的来信答复如下：\n\n{text}"),
        News::Declined { ground, .. } => {
            format!("您的来信不予受理。{}\n\n{text}", advice(*ground))
        }
        News::Closed => "您的来信已经办结归档。".to_owned(),
    };
    format!(
        "您好！\n\n{}\n\n来信：{title}\n编号：{number}\n\n\
         需要补充情况，请直接回复本邮件；只写“{URGES}”可以催办，只写“{WITHDRAWS}”可以撤回。\n",
        happened.trim_end()
    )
}

#[cfg(test)]
mod tests {
    use domain::{DeclineGround, Timestamp};
    use lambda::Adapter as _;
    use mail_parser::MessageParser;

    use super::*;
    use crate::MayorMailbox;
    use crate::automatic::is_automatic;

    fn notice(address: &str, id: &str) -> Notice {
        Notice {
            key: "T140581-ABC/3".to_owned(),
            order: "order".to_owned(),
            number: "GP-1".to_owned(),
            at: Timestamp::from_millis(1_772_409_600_000),
            news: News::Declined { ground: DeclineGround::Litigation, note: None },
            text: Some("请向法院提出。".to_owned()),
            title: "老小区饭馆油烟扰民、棚子占消防通道，反映近两年，一直没有人到现场来看过"
                .to_owned(),
            particulars: [
                (ADDRESS.to_owned(), address.to_owned()),
                (MESSAGE_ID.to_owned(), id.to_owned()),
            ]
            .into(),
        }
    }

    #[test]
    fn the_answer_belongs_to_the_conversation_and_no_machine_answers_it() {
        let notice = notice("jia@mail.example", "0001@mail.example");
        let (media, mail) = MayorMailbox.tell(&notice).unwrap();
        assert_eq!(media, "message/rfc822");
        let read = MessageParser::new().parse(&mail).unwrap();
        let to = read.to().unwrap().first().unwrap();
        assert_eq!(to.address.as_deref(), Some("jia@mail.example"));
        assert_eq!(read.subject().unwrap(), format!("Re: {}", notice.title));
        assert_eq!(read.in_reply_to().as_text(), Some("0001@mail.example"));
        assert_eq!(read.references().as_text(), Some("0001@mail.example"));
        assert_eq!(read.message_id(), Some("T140581-ABC.3@lianxin.invalid"));
        let text = read.body_text(0).unwrap();
        for part in ["GP-1", "请向法院提出。", "涉法涉诉事项", "撤回"] {
            assert!(text.contains(part), "{text}");
        }
        assert!(is_automatic(&read));
        assert!(mail.iter().all(u8::is_ascii), "any mail server takes it");
    }

    #[test]
    fn an_id_that_could_write_a_header_is_left_out_and_nobody_is_told_without_an_address() {
        let (_, mail) = MayorMailbox.tell(&notice("jia@mail.example", "a@b>\r\nBcc: c@d")).unwrap();
        let read = MessageParser::new().parse(&mail).unwrap();
        assert!(read.in_reply_to().as_text().is_none() && read.bcc().is_none());
        for none in ["", "jia", "jia@mail.example\r\nBcc: c@d.example", "a@b, c@d"] {
            assert!(MayorMailbox.tell(&notice(none, "")).is_none(), "{none}");
        }
    }
}
