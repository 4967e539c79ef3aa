//! The parts of the case file, in the order of a case's life.

use contracts::{Circumstances, Origin, SealedText};
use domain::{Entry, Event, SealedRef, Timestamp, Via};

use super::page::{Look, Page, Row};
use super::words::Names;
use super::{CaseFile, money, tiers, words};
use crate::read::Shown;

/// What stands where a text was.
const ERASED: &str = "【已删除】";
const UNREADABLE: &str = "【无法读取】";

pub(super) fn heading(page: &mut Page, file: &CaseFile<'_>) {
    let ticket = &file.sealed;
    page.title("诉求工单卷宗");
    let mark = if file.erased_at.is_some() {
        "个人信息已依法删除"
    } else if file.reader.unmasked {
        "未脱敏，内含个人信息，请妥善保管"
    } else {
        "已脱敏"
    };
    page.line(Look::Mark, mark);
    let mut pairs = vec![
        ("工单编号", ticket.number().to_string()),
        ("工单标识", ticket.id().to_string()),
        ("行政区划", ticket.region().to_string()),
        ("受理渠道", words::channel(ticket.channel())),
        ("诉求类型", words::want(ticket.want()).to_owned()),
        ("受理时间", words::time(ticket.received_at())),
    ];
    if let Some(assignment) = ticket.assignment() {
        let item = file.names.item(&assignment.item);
        pairs.push(("承办单位", file.names.unit(&assignment.unit)));
        pairs.push(("承办层级", words::tier(assignment.tier).to_owned()));
        pairs.push(("事项", item));
    }
    page.pairs(&pairs);
}

pub(super) fn request(page: &mut Page, file: &CaseFile<'_>) {
    page.section("一、诉求人与诉求内容");
    match file.shown(&file.sealed.request().record) {
        Shown::Text(
            SealedText::RequestV1 {
                order,
                sent_at,
                title,
                body,
                citizen,
                place,
                photos,
                circumstances,
            },
            _,
        ) => {
            let given = |text: &Option<String>| text.clone().unwrap_or_else(|| "未提供".to_owned());
            let sent = Timestamp::parse(sent_at).map_or_else(|_fault| sent_at.clone(), words::time);
            // A masked reading has no place whether one was given or not: the page must not say that
            // none was.
            let no_place = if file.reader.unmasked { "未提供" } else { "未提供或已遮蔽" };
            let place = place.map_or_else(|| no_place.to_owned(), words::place);
            page.pairs(&[
                ("诉求人", given(&citizen.name)),
                ("联系电话", given(&citizen.phone)),
                ("地址", given(&citizen.address)),
                ("渠道单号", order.clone()),
                ("提交时间", sent),
                ("位置", place),
                ("照片", format!("{} 张", photos.len())),
                ("标题", title.clone()),
            ]);
            page.line(Look::Said, body);
            if let Some(known) = circumstances {
                page.pairs(&told(known));
            }
        }
        other => {
            let (look, text) = said(other);
            page.line(look, &text);
        }
    }
}

/// What only some channels say of a request.
fn told(known: &Circumstances) -> Vec<(&str, String)> {
    let mut pairs = Vec::new();
    if known.confidential {
        pairs.push(("密级", "保密事项".to_owned()));
    }
    for other in &known.others {
        let parts = [&other.name, &other.phone, &other.address];
        let parts: Vec<&str> = parts.into_iter().flatten().map(String::as_str).collect();
        pairs.push(("另一方", parts.join("，")));
    }
    if let Some(origin) = &known.origin {
        let how = if origin.found { "现场发现" } else { "代群众提交" };
        let Origin { tier, unit, staff, .. } = origin;
        pairs.push(("来源", format!("{how}：{tier} {unit}，{staff}")));
    }
    pairs.extend(known.particulars.iter().map(|(name, text)| (name.as_str(), text.clone())));
    pairs
}

/// A text, or what stands in its place.
fn said(shown: &Shown) -> (Look, String) {
    match shown {
        Shown::Text(SealedText::NoteV1 { text, photos }, _) if photos.is_empty() => {
            (Look::Said, text.clone())
        }
        Shown::Text(SealedText::NoteV1 { text, photos }, _) => {
            (Look::Said, format!("{text}（附照片 {} 张）", photos.len()))
        }
        Shown::Text(SealedText::RequestV1 { title, .. }, _) => (Look::Said, title.clone()),
        Shown::Erased => (Look::Gone, ERASED.to_owned()),
        Shown::Unreadable => (Look::Wrong, UNREADABLE.to_owned()),
    }
}

/// Both clocks, and whether they were kept.
pub(super) fn clocks(page: &mut Page, file: &CaseFile<'_>) {
    page.section("二、办理时限");
    let ticket = &file.sealed;
    let Some(assignment) = ticket.assignment() else {
        page.line(Look::Plain, "未派单，无办理时限。");
        return;
    };
    let resolved = ticket.timeline().iter().rev();
    let resolved = resolved.clone().find(|entry| entry.event.reply().is_some());
    let kept = |due: Timestamp| match resolved {
        None => "未办结".to_owned(),
        Some(entry) if entry.at <= due => "按时办结".to_owned(),
        Some(entry) => format!("超时 {}", words::duration(entry.at.millis() - due.millis())),
    };
    let row = |name: &str, from: Timestamp, due: Timestamp| {
        let cells = [name.to_owned(), words::time(from), words::time(due), kept(due)];
        cells.into_iter().map(|text| vec![(Look::Plain, text)]).collect()
    };
    let mut rows = Vec::new();
    if let Some(due) = ticket.citizen_due() {
        rows.push(row("诉求人时限", ticket.received_at(), due));
    }
    rows.push(row("承办单位时限", assignment.since, assignment.due));
    page.table(&["时限", "起算", "届满", "结果"], &rows);
    let mut notes = format!("事项时限：{}。", words::limit(assignment.limit));
    if let Some(entry) = resolved {
        notes.push_str(&format!("办结时间：{}。", words::time(entry.at)));
    }
    if ticket.suspended_ms() > 0 {
        notes.push_str(&format!("批准中止：{}。", words::duration(ticket.suspended_ms())));
    }
    page.line(Look::Plain, &notes);
}

/// The timeline as a story.
pub(super) fn story(page: &mut Page, file: &CaseFile<'_>) {
    page.section("三、办理经过");
    let rows: Vec<_> = file.sealed.timeline().iter().map(|entry| row(file, entry)).collect();
    page.story(&["序号", "时间", "环节与内容", "经办"], &rows);
}

fn row(file: &CaseFile<'_>, entry: &Entry) -> Row {
    let mut told = vec![(Look::Plain, tell(&file.names, &entry.event))];
    // The request has a section of its own.
    if let Some(sealed) = entry.event.sealed().filter(|_| entry.seq > 1) {
        told.push(said(file.shown(&sealed.record)));
    }
    vec![
        vec![(Look::Plain, entry.seq.to_string())],
        vec![(Look::Plain, words::time(entry.at))],
        told,
        vec![(Look::Plain, file.names.actor(&entry.actor))],
    ]
}

fn tell(names: &Names, event: &Event) -> String {
    if let Some(between_tiers) = tiers::tell(names, event) {
        return between_tiers;
    }
    match event {
        Event::Received { .. } => "受理：收到诉求，编号并封存。".to_owned(),
        Event::Accepted {} => "受理：审核通过。".to_owned(),
        Event::Dispatched { unit, limit, due, .. } => format!(
            "派单：派至{}，时限{}，{}前办结。",
            names.unit(unit),
            words::limit(*limit),
            words::time(*due)
        ),
        Event::Doubted { .. } => "派单：系统不能确定承办单位，转派单员。".to_owned(),
        Event::Declined { ground, .. } => format!("不予办理：{}。", words::ground(*ground)),
        Event::Withdrawn { .. } => "诉求人撤回诉求。".to_owned(),
        Event::Opened {} => "处置：承办单位开始办理。".to_owned(),
        Event::Supplemented { .. } => "诉求人补充：".to_owned(),
        Event::Urged { .. } => "诉求人催办。".to_owned(),
        Event::Noted { .. } => "工作备注：".to_owned(),
        Event::Funded { act, entry, amount, .. } => money::tell(*act, *amount, entry),
        Event::Attached { .. } => "附件：照片已去除元数据并封存。".to_owned(),
        Event::AttachmentRefused { reason } => {
            format!("附件：未收下，{}。", words::photo_refusal(*reason))
        }
        Event::Resolved { outcome, .. } => {
            format!("处置：{}，答复如下：", words::outcome(*outcome))
        }
        Event::ResolvedWith { lead, outcome, .. } => {
            format!("并案：随工单 {lead} 办结，{}，答复如下：", words::outcome(*outcome))
        }
        Event::Answered {} => "反馈：已答复诉求人。".to_owned(),
        Event::CallFailed {} => "回访：未接通。".to_owned(),
        Event::FollowedUp { reached: false, .. } => {
            "回访：多次未能联系到诉求人，结束回访。".to_owned()
        }
        Event::FollowedUp { via, contacted, solved, satisfaction, .. } => {
            let via = match via {
                Via::Call => "电话回访",
                Via::Channel => "诉求人评价",
            };
            format!("回访：{via}，{}。", rates(*contacted, *solved, *satisfaction))
        }
        Event::Rated { solved, satisfaction } => {
            format!("诉求人评价：{}。", rates(None, *solved, *satisfaction))
        }
        Event::Reopened {} => "评价：诉求人不认可，退回重办一次。".to_owned(),
        Event::Evaluated { .. } => "评价：计入三率。".to_owned(),
        Event::Archived { .. } => "归档：卷宗已封存。".to_owned(),
        Event::AddendumSealed { .. } => "归档：补充卷已封存。".to_owned(),
        Event::Held { attempts, .. } => format!("系统处理 {attempts} 次未成，挂起待人工处理。"),
        Event::Retried {} => "人工处理：由系统再次处理。".to_owned(),
        Event::MatterClosed { matter, granted } => {
            let outcome = if *granted { "办结（同意）" } else { "办结（不同意）" };
            format!("{}：{outcome}。", words::matter(*matter))
        }
        Event::Signed {}
        | Event::Tasked { .. }
        | Event::TaskEnded { .. }
        | Event::ReportedIn { .. }
        | Event::Minuted { .. }
        | Event::Concluded { .. }
        | Event::Rescheduled { .. }
        | Event::Warned { .. }
        | Event::Mobilised { .. }
        | Event::MemberReported { .. }
        | Event::MatterOpened { .. } => String::new(),
        Event::Merged { lead } => format!("并案：并入工单 {lead}。"),
        Event::Unmerged {} => "并案：解除。".to_owned(),
        Event::Erased {} => "个人信息删除：密钥已销毁，全部文字不可再读。".to_owned(),
    }
}

fn rates(
    contacted: Option<bool>,
    solved: Option<bool>,
    satisfaction: Option<domain::Satisfaction>,
) -> String {
    let satisfaction = satisfaction.map_or("未说明", words::satisfaction);
    format!("响应：{}，解决：{}，满意：{satisfaction}", words::said(contacted), words::said(solved))
}

pub(super) fn rating(page: &mut Page, file: &CaseFile<'_>) {
    page.section("四、评价");
    let mut events = file.sealed.timeline().iter().rev().map(|entry| &entry.event);
    match events.find(|event| matches!(event, Event::Evaluated { .. })) {
        Some(Event::Evaluated { contacted, solved, satisfaction }) => {
            page.pairs(&[
                ("响应", words::said(*contacted).to_owned()),
                ("解决", words::said(*solved).to_owned()),
                ("满意", satisfaction.map_or("未说明", words::satisfaction).to_owned()),
            ]);
        }
        _ => page.line(Look::Plain, "未进入评价。"),
    }
}

/// Whether everything is what it was when it was sealed.
pub(super) fn seals(page: &mut Page, file: &CaseFile<'_>) {
    page.section("五、封存与核验");
    let rows: Vec<_> = file
        .sealed
        .timeline()
        .iter()
        .filter_map(|entry| Some((entry.seq, entry.event.sealed()?)))
        .map(|(seq, sealed)| {
            vec![
                vec![(Look::Plain, seq.to_string())],
                vec![(Look::Hash, sealed.seal.to_string())],
                vec![verdict(file, sealed)],
            ]
        })
        .collect();
    page.table(&["序号", "文字承诺", "核验"], &rows);
    page.line(Look::Plain, "时间线链条：完整，逐条核验通过。链头：");
    page.line(Look::Hash, &file.sealed.head().to_string());
    for (at, object) in file.objects.iter().enumerate() {
        let name = match at {
            0 => "卷宗 SHA-256：".to_owned(),
            _ => format!("补充卷（至第 {} 条）SHA-256：", object.sealed_seq),
        };
        page.line(Look::Plain, &name);
        page.line(Look::Hash, &object.sha256.to_string());
        if object.sha256 == object.archived {
            page.line(Look::Plain, "与归档事件所载一致。");
        } else {
            page.line(Look::Wrong, "与归档事件所载不一致！归档时为：");
            page.line(Look::Hash, &object.archived.to_string());
        }
    }
}

fn verdict(file: &CaseFile<'_>, sealed: &SealedRef) -> (Look, String) {
    match file.shown(&sealed.record) {
        Shown::Text(_, seal) if *seal == sealed.seal => (Look::Plain, "与承诺一致".to_owned()),
        Shown::Text(..) => (Look::Wrong, "与承诺不符！".to_owned()),
        Shown::Erased => (Look::Gone, "已删除，无从核验文字；承诺仍在链上".to_owned()),
        Shown::Unreadable => (Look::Wrong, "无法读取".to_owned()),
    }
}

pub(super) fn colophon(page: &mut Page, file: &CaseFile<'_>) {
    let mut text = format!(
        "本件由 {} 于 {} 调取，事由：{}。",
        file.names.actor(&file.reader.actor),
        words::time(file.now),
        words::reason(file.reader.reason)
    );
    if let Some(at) = file.erased_at {
        text.push_str(&format!("个人信息已于 {} 删除。", words::time(at)));
    }
    text.push_str("调取已记入查阅日志；系统不保存本件。");
    page.line(Look::Colophon, &text);
}
