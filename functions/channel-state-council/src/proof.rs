//! Proof of caller by HMAC with SM3 (GB/T 32905), which government systems must use.

use contracts::Problem;
use data_encoding::HEXLOWER;
use hmac::{Hmac, KeyInit, Mac};
use lambda::signature::{any_matches, fresh, not_proven};
use lambda::{Claims, Unverified};
use sm3::Sm3;

/// The header with the time of signing, in whole seconds since the epoch.
pub const TIMESTAMP_HEADER: &str = "x-sm3-timestamp";
/// The header with the signature in hexadecimal.
pub const SIGNATURE_HEADER: &str = "x-sm3-signature";

/// The HMAC-SM3, in lower-case hexadecimal, of `<timestamp>.<body>`.
#[must_use]
pub fn sign(secret: &[u8], timestamp: &str, body: &[u8]) -> String {
    // HMAC takes keys of any length, so this cannot fail; an empty signature would match nothing.
    let Ok(mut mac) = Hmac::<Sm3>::new_from_slice(secret) else { return String::new() };
    for part in [timestamp.as_bytes(), b".", body] {
        mac.update(part);
    }
    HEXLOWER.encode(&mac.finalize().into_bytes())
}

/// The whole proof.
///
/// # Errors
/// A 401 problem that tells an attacker nothing and an integrator where to read.
pub(crate) fn prove(request: &Unverified, secrets: &[Vec<u8>]) -> Result<Claims, Problem> {
    let header = |name| request.header(name).unwrap_or_default();
    let (timestamp, given) = (header(TIMESTAMP_HEADER), header(SIGNATURE_HEADER));
    let sign = |secret: &[u8]| sign(secret, timestamp, request.body()).into_bytes();
    if !any_matches(secrets, given.as_bytes(), sign) {
        return Err(not_proven(
            "Send `x-sm3-timestamp` and `x-sm3-signature`: the HMAC-SM3 of `<timestamp>.<body>` in lower-case hexadecimal.",
        ));
    }
    fresh(timestamp, request.wall())?;
    Ok(Claims::default())
}

#[cfg(test)]
mod tests {
    use domain::Timestamp;
    use lambda::http::Request;
    use sm3::Digest as _;

    use super::*;

    /// The two examples of GB/T 32905-2016, annex A.
    #[test]
    fn sm3_is_the_standard_s() {
        let hash = |text: &[u8]| HEXLOWER.encode(&Sm3::digest(text));
        assert_eq!(
            hash(b"abc"),
            "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
        );
        assert_eq!(
            hash("abcd".repeat(16).as_bytes()),
            "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"
        );
    }

    /// The example of HMAC-SM3 in GM/T 0042-2015; it has no full stop, so it is fed in by hand.
    #[test]
    fn hmac_sm3_is_the_standard_s() {
        let key: Vec<u8> = (1..=32).collect();
        let text = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq".repeat(2);
        let mut mac = Hmac::<Sm3>::new_from_slice(&key).unwrap();
        mac.update(text.as_bytes());
        assert_eq!(
            HEXLOWER.encode(&mac.finalize().into_bytes()),
            "ca05e144ed05d1857840d1f318a4a8669e559fc8391f414485bfdf7bb408963a"
        );
    }

    #[test]
    fn the_signature_is_as_openssl_makes_it_and_proves_for_five_minutes() {
        // printf '1800000000.{}' | openssl dgst -sm3 -hmac secret
        let signature = sign(b"secret", "1800000000", b"{}");
        assert_eq!(signature, OPENSSL);
        let proof = |signature: &str, seconds: i64| {
            let headers = [(TIMESTAMP_HEADER, "1800000000"), (SIGNATURE_HEADER, signature)];
            let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned()));
            let request =
                Request { path: String::new(), headers: headers.into(), body: b"{}".to_vec() };
            let wall = Timestamp::from_millis((1_800_000_000 + seconds) * 1000);
            prove(&Unverified::new(request, wall), &[b"new".to_vec(), b"secret".to_vec()]).is_ok()
        };
        assert!(proof(&signature, 300) && !proof(&signature, 301) && !proof("", 0));
    }

    const OPENSSL: &str = "032209764e42d61a8a9b9fceea80a3b0bbc6edf81d639de067018e196971e617";
}
