//! Proof of caller by Standard Webhooks, version 1 with a shared secret: HMAC-SHA256 over id,
//! timestamp and body, in base64, under a key that is told as `whsec_` and base64.

use contracts::Problem;
use data_encoding::BASE64;
use hmac::{Hmac, KeyInit, Mac};
use lambda::signature::{any_matches, fresh, not_proven};
use lambda::{Claims, Unverified};
use sha2::Sha256;

/// The header with the id of the delivery, the same when it is sent again.
pub const ID_HEADER: &str = "webhook-id";
/// The header with the time of signing, in whole seconds since the epoch.
pub const TIMESTAMP_HEADER: &str = "webhook-timestamp";
/// The header with one signature or several, set apart by blanks.
pub const SIGNATURE_HEADER: &str = "webhook-signature";

/// Before the base64 of a secret, to tell people what it is.
const SECRET_PREFIX: &str = "whsec_";
/// Before a signature of the only version with a shared secret.
const VERSION: &str = "v1,";
/// Whoever sends more signatures than this does not rotate a secret but guesses.
const SIGNATURES_MAX: usize = 8;

/// `v1,` and the signature of a delivery; empty, which matches nothing, for a secret that is not
/// base64.
#[must_use]
pub fn sign(secret: &[u8], (id, timestamp): (&str, &str), body: &[u8]) -> String {
    let secret = secret.strip_prefix(SECRET_PREFIX.as_bytes()).unwrap_or(secret);
    let Ok(key) = BASE64.decode(secret) else { return String::new() };
    // HMAC takes keys of any length, so this cannot fail.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&key) else { return String::new() };
    for part in [id.as_bytes(), b".", timestamp.as_bytes(), b".", body] {
        mac.update(part);
    }
    format!("{VERSION}{}", BASE64.encode(&mac.finalize().into_bytes()))
}

/// The whole proof.
///
/// # Errors
/// A 401 problem that tells an attacker nothing and an integrator where to read.
pub(crate) fn prove(request: &Unverified, secrets: &[Vec<u8>]) -> Result<Claims, Problem> {
    let header = |name| request.header(name).unwrap_or_default();
    let (id, timestamp) = (header(ID_HEADER), header(TIMESTAMP_HEADER));
    let given = header(SIGNATURE_HEADER).split(' ').take(SIGNATURES_MAX);
    let signed = given.fold(false, |found, one| {
        let sign = |secret: &[u8]| sign(secret, (id, timestamp), request.body()).into_bytes();
        found | any_matches(secrets, one.as_bytes(), sign)
    });
    if id.is_empty() || !signed {
        return Err(not_proven(
            "Send `webhook-id`, `webhook-timestamp` and `webhook-signature`: v1, and the base64 of the HMAC-SHA256 of `<id>.<timestamp>.<body>`.",
        ));
    }
    fresh(timestamp, request.wall())?;
    Ok(Claims::default())
}

#[cfg(test)]
mod tests {
    use domain::Timestamp;
    use lambda::http::Request;

    use super::*;

    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const ID: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    const TIME: &str = "1614265330";
    const BODY: &[u8] = br#"{"test": 2432232314}"#;
    const SIGNATURE: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

    /// Of the libraries at github.com/standard-webhooks/standard-webhooks.
    #[test]
    fn the_standard_s_own_vector_is_ours() {
        assert_eq!(sign(SECRET.as_bytes(), (ID, TIME), BODY), SIGNATURE);
        let (_, bare) = SECRET.split_at(SECRET_PREFIX.len());
        assert_eq!(sign(bare.as_bytes(), (ID, TIME), BODY), SIGNATURE);
    }

    fn proof(headers: &[(&str, &str)], seconds: i64, secrets: &[&str]) -> Result<(), u16> {
        let headers = headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        let request = Request { path: String::new(), headers, body: BODY.to_vec() };
        let wall = Timestamp::from_millis((1_614_265_330 + seconds) * 1000);
        let secrets: Vec<Vec<u8>> = secrets.iter().map(|s| s.as_bytes().to_vec()).collect();
        let proof = prove(&Unverified::new(request, wall), &secrets);
        proof.map(|_| ()).map_err(|problem| problem.status)
    }

    #[test]
    fn one_good_signature_among_several_proves_and_nothing_else_does() {
        let several = format!("v1,AAAA v1a,{} {SIGNATURE}", "A".repeat(64));
        let with =
            |signature| [(ID_HEADER, ID), (TIMESTAMP_HEADER, TIME), (SIGNATURE_HEADER, signature)];
        assert_eq!(proof(&with(SIGNATURE), 300, &[SECRET]), Ok(()));
        assert_eq!(proof(&with(&several), -300, &["other", SECRET]), Ok(()));
        assert_eq!(proof(&with(SIGNATURE), 301, &[SECRET]), Err(401));
        for bad in ["", "v1,", "v2,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", "not base64"] {
            assert_eq!(proof(&with(bad), 0, &[SECRET, "", "not base64"]), Err(401), "{bad}");
        }
        assert_eq!(proof(&[(SIGNATURE_HEADER, SIGNATURE)], 0, &[SECRET]), Err(401));
        let guesses = ["v1,AAAA"; SIGNATURES_MAX].join(" ") + " " + SIGNATURE;
        assert_eq!(proof(&with(&guesses), 0, &[SECRET]), Err(401));
    }
}
