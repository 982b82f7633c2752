//! Whole numbers in as many bytes as they need: seven bits a byte, the lowest first.

/// Appends a number.
pub(crate) fn write(mut number: u64, to: &mut Vec<u8>) {
    while number >= 0x80 {
        to.push(number as u8 | 0x80);
        number >>= 7;
    }
    to.push(number as u8);
}

/// Takes a number off the front; zero where the bytes end.
pub(crate) fn read(from: &mut &[u8]) -> u64 {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let Some((&byte, rest)) = from.split_first() else {
            return number;
        };
        *from = rest;
        number |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            break;
        }
    }
    number
}

/// Appends a number that may be negative.
pub(crate) fn write_signed(number: i64, to: &mut Vec<u8>) {
    write((number << 1 ^ number >> 63) as u64, to);
}

/// Takes such a number off the front.
pub(crate) fn read_signed(from: &mut &[u8]) -> i64 {
    let number = read(from);
    (number >> 1) as i64 ^ -((number & 1) as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back_as_they_went() {
        for number in [0, 1, -1, 63, -64, 64, 1_000_000, -900_000_000, i64::MAX, i64::MIN] {
            let mut bytes = Vec::new();
            write_signed(number, &mut bytes);
            assert_eq!(read_signed(&mut bytes.as_slice()), number);
        }
        assert_eq!(read(&mut [0xff_u8; 3].as_slice()), (1 << 21) - 1);
        assert_eq!(read(&mut [0xff_u8; 20].as_slice()), u64::MAX);
    }
}
