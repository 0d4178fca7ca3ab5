//! The one cipher suite that the IoT Hub client of NetX Duo comes with: ECDHE and RSA, AES-128 in CBC mode, HMAC-SHA256.
//!
//! rustls has AEAD suites only. This one is theirs in all but how records are protected: RFC 5246, section 6.2.3.2. There
//! the code authenticates the text and not what it is encrypted to, so that nothing may tell how far a record was right: see
//! `mac.rs`.

use std::sync::LazyLock;

use aes::{
    Aes128, Block,
    cipher::{BlockDecrypt, BlockEncrypt, KeyInit},
};
use ring::rand::{SecureRandom, SystemRandom};
use rustls::{
    CipherSuite, ContentType, Error, ProtocolVersion, SupportedCipherSuite, Tls12CipherSuite,
    crypto::{
        CipherSuiteCommon,
        cipher::{
            AeadKey, InboundOpaqueMessage, InboundPlainMessage, KeyBlockShape, MessageDecrypter,
            MessageEncrypter, OutboundOpaqueMessage, OutboundPlainMessage, PrefixedPayload,
            Tls12AeadAlgorithm, UnsupportedOperationError, make_tls12_aad,
        },
        ring::cipher_suite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
    },
};

use super::mac::{self, Mac};

const BLOCK: usize = 16;
const KEY: usize = 16;

/// What a record may be longer than its text at most: initialization vector, authentication code, and padding.
const OVERHEAD: usize = BLOCK + mac::LEN + BLOCK;

/// The longest text of a record.
const MAX_TEXT: usize = 1 << 14;

/// `TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256`; `None` if rustls should have lost the suite that it has all but encryption in
/// common with.
pub(super) static SUITE: LazyLock<Option<SupportedCipherSuite>> = LazyLock::new(|| {
    let SupportedCipherSuite::Tls12(like) = TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 else {
        return None;
    };
    let suite = Tls12CipherSuite {
        common: CipherSuiteCommon {
            suite: CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256,
            hash_provider: like.common.hash_provider,
            // Initialization vectors are random: blocks may repeat by chance after 2^64 of them, records have up to 2^10.
            confidentiality_limit: 1 << 32,
        },
        prf_provider: like.prf_provider,
        kx: like.kx,
        sign: like.sign,
        aead_alg: &AesCbcSha256,
    };
    // Once in a process: suites live as long as it does.
    Some(SupportedCipherSuite::Tls12(Box::leak(Box::new(suite))))
});

/// How records are protected.
struct AesCbcSha256;

impl Tls12AeadAlgorithm for AesCbcSha256 {
    fn encrypter(&self, key: AeadKey, iv: &[u8], _: &[u8]) -> Box<dyn MessageEncrypter> {
        Box::new(Keys::new(&key, iv))
    }

    fn decrypter(&self, key: AeadKey, iv: &[u8]) -> Box<dyn MessageDecrypter> {
        Box::new(Keys::new(&key, iv))
    }

    /// The key block of these suites has the keys of authentication first, and then those of encryption: what rustls
    /// calls a key and an initialization vector.
    fn key_block_shape(&self) -> KeyBlockShape {
        KeyBlockShape {
            enc_key_len: mac::LEN,
            fixed_iv_len: KEY,
            explicit_nonce_len: 0,
        }
    }

    fn extract_keys(
        &self,
        _: AeadKey,
        _: &[u8],
        _: &[u8],
    ) -> Result<rustls::ConnectionTrafficSecrets, UnsupportedOperationError> {
        Err(UnsupportedOperationError)
    }
}

/// The keys of one direction.
pub(in crate::endpoint) struct Keys {
    mac: Mac,
    cipher: Aes128,
}

impl Keys {
    fn new(mac: &AeadKey, cipher: &[u8]) -> Self {
        let mut key = [0; KEY];
        key.copy_from_slice(cipher);
        Self {
            mac: Mac::new(mac.as_ref()),
            cipher: Aes128::new(&key.into()),
        }
    }
}

/// For the benchmark of what a record's check gives away.
impl Keys {
    pub(in crate::endpoint) fn fixed() -> Self {
        Self::new(&[7; 32].into(), &[9; KEY])
    }

    pub(in crate::endpoint) fn sealed_with(
        &self,
        text: &[u8],
        padding: u8,
        is_right: bool,
    ) -> Vec<u8> {
        let header = make_tls12_aad(
            0,
            ContentType::ApplicationData,
            ProtocolVersion::TLSv1_2,
            text.len(),
        );
        let mut code = self.mac.of(&header, text);
        code[0] ^= u8::from(!is_right);
        let mut record = [[0; BLOCK].as_slice(), text, &code].concat();
        record.extend(std::iter::repeat_n(padding, usize::from(padding) + 1));
        let mut last = [0; BLOCK];
        self.chain(&mut record[BLOCK..], &mut last);
        record
    }

    pub(in crate::endpoint) fn opened(&mut self, record: &mut [u8]) -> Option<usize> {
        let message = InboundOpaqueMessage::new(
            ContentType::ApplicationData,
            ProtocolVersion::TLSv1_2,
            record,
        );
        let opened = self.decrypt(message, 0).ok()?;
        Some(opened.payload.len())
    }

    /// Encrypts blocks, each after the one before it.
    fn chain(&self, text: &mut [u8], last: &mut [u8; BLOCK]) {
        for block in text.chunks_exact_mut(BLOCK) {
            xor(block, last);
            self.cipher.encrypt_block(Block::from_mut_slice(block));
            last.copy_from_slice(block);
        }
    }
}

impl MessageEncrypter for Keys {
    fn encrypt(
        &mut self,
        message: OutboundPlainMessage<'_>,
        number: u64,
    ) -> Result<OutboundOpaqueMessage, Error> {
        // Nobody guesses it: what is known of a text must not tell what its first block is encrypted to.
        let mut iv = [0; BLOCK];
        SystemRandom::new()
            .fill(&mut iv)
            .map_err(|_| Error::FailedToGetRandomBytes)?;
        let length = message.payload.len();
        let mut text = Vec::with_capacity(length + OVERHEAD);
        message.payload.copy_to_vec(&mut text);
        let header = make_tls12_aad(number, message.typ, message.version, length);
        let code = self.mac.of(&header, &text);
        text.extend(code);
        let padding = BLOCK - text.len() % BLOCK;
        // Below 16, and each byte of it says how many others there are.
        text.extend(std::iter::repeat_n((padding - 1) as u8, padding));
        let mut last = iv;
        self.chain(&mut text, &mut last);
        let mut payload = PrefixedPayload::with_capacity(BLOCK + text.len());
        payload.extend_from_slice(&iv);
        payload.extend_from_slice(&text);
        Ok(OutboundOpaqueMessage::new(
            message.typ,
            message.version,
            payload,
        ))
    }

    fn encrypted_payload_len(&self, length: usize) -> usize {
        let protected = length + mac::LEN;
        BLOCK + protected + BLOCK - protected % BLOCK
    }
}

impl MessageDecrypter for Keys {
    fn decrypt<'a>(
        &mut self,
        mut message: InboundOpaqueMessage<'a>,
        number: u64,
    ) -> Result<InboundPlainMessage<'a>, Error> {
        let payload = &mut message.payload;
        let shortest = BLOCK + (mac::LEN + 1).next_multiple_of(BLOCK);
        if payload.len() < shortest || !payload.len().is_multiple_of(BLOCK) {
            return Err(Error::DecryptError);
        }
        let (iv, text) = payload.split_at_mut(BLOCK);
        let mut last = [0; BLOCK];
        last.copy_from_slice(iv);
        for block in text.chunks_exact_mut(BLOCK) {
            let mut next = [0; BLOCK];
            next.copy_from_slice(block);
            self.cipher.decrypt_block(Block::from_mut_slice(block));
            xor(block, &last);
            last = next;
        }
        let header = |length| make_tls12_aad(number, message.typ, message.version, length);
        let length = self.mac.checked(text, header).ok_or(Error::DecryptError)?;
        if length > MAX_TEXT {
            return Err(Error::PeerSentOversizedRecord);
        }
        Ok(message.into_plain_message_range(BLOCK..BLOCK + length))
    }
}

fn xor(block: &mut [u8], with: &[u8; BLOCK]) {
    for (byte, with) in block.iter_mut().zip(with) {
        *byte ^= with;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealed(text: &[u8], number: u64) -> Vec<u8> {
        let chunks = [text];
        let message = OutboundPlainMessage {
            typ: ContentType::ApplicationData,
            version: ProtocolVersion::TLSv1_2,
            payload: rustls::crypto::cipher::OutboundChunks::new(&chunks),
        };
        let mut keys = Keys::fixed();
        let length = keys.encrypted_payload_len(text.len());
        let record = keys.encrypt(message, number).unwrap().encode();
        // Behind type, version and length.
        assert_eq!(record.len(), 5 + length);
        record[5..].to_vec()
    }

    fn opened(record: &mut [u8], number: u64) -> Result<Vec<u8>, Error> {
        let message = InboundOpaqueMessage::new(
            ContentType::ApplicationData,
            ProtocolVersion::TLSv1_2,
            record,
        );
        Ok(Keys::fixed().decrypt(message, number)?.payload.to_vec())
    }

    #[test]
    fn what_is_sealed_opens_to_the_same() {
        for length in (0..300).chain([1000, MAX_TEXT - 1, MAX_TEXT]) {
            let text: Vec<u8> = (0..length).map(|at| at as u8).collect();
            let mut record = sealed(&text, 5);
            assert_eq!(opened(&mut record, 5).unwrap(), text);
        }
    }

    #[test]
    fn a_record_that_was_changed_does_not_open() {
        let record = sealed(b"a message of some length, longer than a block", 1);
        for at in 0..record.len() {
            for bit in 0..8 {
                let mut changed = record.clone();
                changed[at] ^= 1 << bit;
                assert_eq!(opened(&mut changed, 1), Err(Error::DecryptError));
            }
            assert_eq!(
                opened(&mut record.clone()[..at], 1),
                Err(Error::DecryptError)
            );
        }
        assert_eq!(opened(&mut record.clone(), 2), Err(Error::DecryptError));
        let mut longer = [record.as_slice(), &[0; BLOCK]].concat();
        assert_eq!(opened(&mut longer, 1), Err(Error::DecryptError));
    }
}
