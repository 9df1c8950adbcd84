//! Bytes as hexadecimal text.

/// Two lower-case digits for each byte.
pub(crate) fn encode(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from(if value < 10 { b'0' } else { b'a' - 10 } + value);
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.push(digit(byte >> 4));
        text.push(digit(byte & 15));
    }
    text
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_byte_is_two_digits() {
        assert_eq!(
            super::encode(&[0x00, 0x09, 0x0a, 0x7f, 0xf0, 0xff]),
            "00090a7ff0ff"
        );
        for byte in 0..=u8::MAX {
            assert_eq!(super::encode(&[byte]), format!("{byte:02x}"));
        }
    }
}
