//! Whether a mail comes from whom it says: the verdict of our own mail server.
//!
//! The server writes it above everything else, as `Authentication-Results` (RFC 8601), and signs it with
//! its name. That name is the channel's secret: whoever does not know it cannot write a verdict that
//! counts, not even through a server that forgets to remove forged ones.

use contracts::Problem;
use lambda::Claims;
use lambda::signature::not_proven;
use mail_parser::{HeaderName, MessageParser};
use subtle::ConstantTimeEq as _;

use crate::bounds::head;

/// Only the uppermost verdict counts; those below it came with the mail.
pub(crate) fn prove(mail: &[u8], secrets: &[Vec<u8>]) -> Result<Claims, Problem> {
    let refused = || {
        not_proven(
            "The uppermost `Authentication-Results` must be our mail server's, with dkim=pass or spf=pass, and without dmarc=fail.",
        )
    };
    let mail = head(mail).ok_or_else(refused)?;
    let message = MessageParser::new().parse_headers(mail).ok_or_else(refused)?;
    let mut headers = message.headers().iter();
    let verdict = headers.find(|header| is_verdict(&header.name)).ok_or_else(refused)?;
    let (from, to) = (verdict.offset_start(), verdict.offset_end());
    let range = usize::try_from(from).ok().zip(usize::try_from(to).ok());
    let text = range.and_then(|(from, to)| mail.get(from..to)).ok_or_else(refused)?;
    if passes(&String::from_utf8_lossy(text), secrets) {
        Ok(Claims::default())
    } else {
        Err(refused())
    }
}

fn is_verdict(name: &HeaderName<'_>) -> bool {
    name.as_str().eq_ignore_ascii_case("authentication-results")
}

/// Reads `<server> [version]; method=result …; …`, comments left out.
fn passes(text: &str, secrets: &[Vec<u8>]) -> bool {
    let text = without_comments(text);
    let mut parts = text.split(';');
    let server = parts.next().and_then(|part| part.split_whitespace().next()).unwrap_or_default();
    let known = secrets.iter().filter(|secret| !secret.is_empty());
    let known = known.fold(0, |found, secret| found | secret.ct_eq(server.as_bytes()).unwrap_u8());
    let results: Vec<String> = parts
        .filter_map(|part| part.split_whitespace().next())
        .map(str::to_ascii_lowercase)
        .collect();
    let says = |result: &str| results.iter().any(|one| one == result);
    known == 1 && (says("dkim=pass") || says("spf=pass")) && !says("dmarc=fail")
}

fn without_comments(text: &str) -> String {
    let mut depth = 0_u32;
    text.chars()
        .filter(|letter| {
            match letter {
                '(' => depth = depth.saturating_add(1),
                ')' => {
                    depth = depth.saturating_sub(1);
                    return false;
                }
                _ => {}
            }
            depth == 0
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proven(headers: &str) -> bool {
        prove(format!("{headers}\r\nFrom: a@example.org\r\n\r\nx").as_bytes(), &[b"mx.1".to_vec()])
            .is_ok()
    }

    #[test]
    fn the_uppermost_verdict_of_our_server_counts() {
        for good in [
            "Authentication-Results: mx.1; spf=pass (sender is ok) smtp.mailfrom=example.org",
            "Received: x\r\nauthentication-results: mx.1 1;\r\n dkim=PASS header.d=example.org; spf=fail",
            "Authentication-Results: (a) mx.1 (b (c)); dmarc=none; dkim=pass",
        ] {
            assert!(proven(good), "{good}");
        }
        for bad in [
            "Authentication-Results: mx.1; spf=softfail; dkim=none",
            "Authentication-Results: mx.1; dkim=pass; dmarc=fail",
            "Authentication-Results: mx.1; spf=none (spf=pass)",
            "Authentication-Results: mx.2; spf=pass",
            "Authentication-Results: ; spf=pass",
            "Authentication-Results: mx.2; spf=pass\r\nAuthentication-Results: mx.1; spf=pass",
            "X-Authentication-Results: mx.1; spf=pass",
            "Subject: hello",
        ] {
            assert!(!proven(bad), "{bad}");
        }
        assert!(prove(b"", &[b"mx.1".to_vec()]).is_err());
        assert!(prove(b"Authentication-Results: ; spf=pass\r\n\r\n", &[Vec::new()]).is_err());
    }
}
