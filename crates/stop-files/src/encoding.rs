//! From bytes to text: what a file was written in, as it says itself or as its bytes let guess.

use std::borrow::Cow;
use std::fmt;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

use crate::fault::Fault;

/// How characters are written in a file: one of the encodings of the WHATWG Encoding Standard.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct TextEncoding(&'static Encoding);

impl TextEncoding {
    /// UTF-8.
    pub const UTF_8: Self = Self(UTF_8);

    /// An encoding by one of its names, such as `utf-8`, `windows-1252`, `latin1` or `shift_jis`; case does not matter.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Encoding::for_label(name.as_bytes()).map(Self)
    }

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.0.name()
    }
}

impl fmt::Debug for TextEncoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The text of a file.
pub(crate) struct Decoded<'b> {
    pub(crate) text: Cow<'b, str>,
    pub(crate) encoding: TextEncoding,
}

/// The first bytes of what is no text at all, and what that is.
const NO_TEXT: &[(&[u8], &str)] = &[
    (b"PK\x03\x04", "an Excel or OpenDocument workbook or another ZIP archive"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook"),
    (b"\x1f\x8b", "compressed by gzip"),
    (b"%PDF", "a PDF document"),
];

/// Bytes at the beginning that show how UTF-16 is ordered where no mark says it.
const SAMPLE: usize = 4_096;

/// The text that bytes stand for. What a byte order mark says counts first, then what is declared, then what can be guessed:
/// UTF-8 where it is that, or else the likeliest encoding of the trade's older programs.
pub(crate) fn decode(bytes: &[u8], declared: Option<TextEncoding>) -> Result<Decoded<'_>, Fault> {
    if let Some((_, what)) = NO_TEXT.iter().find(|(start, _)| bytes.starts_with(start)) {
        return Err(Fault::of_file(format_args!("is no CSV but {what}; save it as CSV")));
    }
    let (encoding, bytes) = match Encoding::for_bom(bytes) {
        Some((encoding, mark)) => (encoding, bytes.get(mark..).unwrap_or_default()),
        None => match declared {
            Some(declared) => (declared.0, bytes),
            None => (guess(bytes)?, bytes),
        },
    };
    let (text, has_malformed) = encoding.decode_without_bom_handling(bytes);
    if has_malformed {
        let name = encoding.name();
        // U+FFFD stands where bytes are malformed; it may have been there before, which is as wrong.
        let before = text.split('\u{fffd}').next().unwrap_or_default();
        let message = format_args!(
            "holds bytes that are no {name}; say how the file is encoded, such as encoding windows-1252, or save it as UTF-8"
        );
        return Err(Fault::of_line(LineCount::default().after(before), message));
    }
    Ok(Decoded { text, encoding: TextEncoding(encoding) })
}

fn guess(bytes: &[u8]) -> Result<&'static Encoding, Fault> {
    if let Some(encoding) = utf_16(bytes) {
        return Ok(encoding);
    }
    if str::from_utf8(bytes).is_ok() {
        return Ok(UTF_8);
    }
    if let Some(line) = broken_utf_8(bytes) {
        let message = "is UTF-8 but for some bytes; save it as UTF-8 again, or say how the file is encoded";
        return Err(Fault::of_line(line, message));
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(bytes, true);
    Ok(detector.guess(None, Utf8Detection::Deny))
}

/// UTF-16 without a mark: commas, digits and Latin letters have a zero for their other half.
fn utf_16(bytes: &[u8]) -> Option<&'static Encoding> {
    let sample = bytes.get(..SAMPLE.min(bytes.len()) & !1)?;
    let pairs = sample.len() / 2;
    let zeros = |half: usize| sample.iter().skip(half).step_by(2).filter(|&&byte| byte == 0).count();
    let (first, second) = (zeros(0), zeros(1));
    // U+0000 itself is in no text: a file with many zeros on both sides is not text at all.
    if pairs < 4 || first.min(second) * 10 > pairs {
        None
    } else if second * 10 > pairs * 4 {
        Some(UTF_16LE)
    } else if first * 10 > pairs * 4 {
        Some(UTF_16BE)
    } else {
        None
    }
}

/// The line of the first wrong byte of a file that is UTF-8 for the most part: read as anything else, all of its names would
/// be wrong. Hardly any text in another encoding has letters that are UTF-8 by chance.
fn broken_utf_8(bytes: &[u8]) -> Option<u64> {
    let (mut letters, mut wrong, mut line) = (0_usize, 0_usize, None);
    let mut lines = LineCount::default();
    for chunk in bytes.utf8_chunks() {
        letters += chunk.valid().chars().filter(|letter| !letter.is_ascii()).count();
        let at = lines.after(chunk.valid());
        if !chunk.invalid().is_empty() {
            wrong += 1;
            line.get_or_insert(at);
        }
    }
    (letters >= 3 && letters >= wrong * 4).then_some(line).flatten()
}

/// Counts lines as editors do: LF, CR LF and CR each end one.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct LineCount {
    ended: u64,
    was_return: bool,
}

impl LineCount {
    /// The line, from 1, on which what follows this text begins. Texts are told one after the other.
    pub(crate) fn after(&mut self, text: &str) -> u64 {
        for byte in text.bytes() {
            match byte {
                b'\n' if self.was_return => {}
                b'\n' | b'\r' => self.ended += 1,
                _ => {}
            }
            self.was_return = byte == b'\r';
        }
        self.ended + 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "Adresse;Ville\r\nRue de l'Église 5;Orléans\r\nChemin du Château 12;Besançon\r\n";

    #[track_caller]
    fn check(bytes: &[u8], encoding: &str, text: &str) {
        let decoded = decode(bytes, None).unwrap_or_else(|fault| panic!("{fault}"));
        assert_eq!((decoded.encoding.name(), decoded.text.as_ref()), (encoding, text));
    }

    fn utf_16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(bytes).collect()
    }

    #[test]
    fn encodings_are_told_from_the_bytes() {
        check(TEXT.as_bytes(), "UTF-8", TEXT);
        check(format!("\u{feff}{TEXT}").as_bytes(), "UTF-8", TEXT);
        check(b"a,b\r\n", "UTF-8", "a,b\r\n");
        check(b"", "UTF-8", "");
        check(&utf_16(TEXT, u16::to_le_bytes), "UTF-16LE", TEXT);
        check(&utf_16(TEXT, u16::to_be_bytes), "UTF-16BE", TEXT);
        check(&utf_16(&format!("\u{feff}{TEXT}"), u16::to_le_bytes), "UTF-16LE", TEXT);
        check(&utf_16(&format!("\u{feff}{TEXT}"), u16::to_be_bytes), "UTF-16BE", TEXT);
        for (name, text) in [
            ("windows-1252", TEXT),
            ("windows-1250", "adresa;město;poznámka\nHlavní třída 12;Ústí nad Labem;zvoňte dvakrát, příčné dveře\n"),
            ("windows-1251", "адрес;город\nулица Ленина 5;Москва\nНевский проспект 10;Санкт-Петербург\n"),
            ("windows-1253", "διεύθυνση;πόλη\nΛεωφόρος Συγγρού 5;Αθήνα\n"),
        ] {
            let (bytes, _, has_unknown) = TextEncoding::named(name).expect("known").0.encode(text);
            assert!(!has_unknown, "{name}");
            check(&bytes, name, text);
        }
    }

    #[test]
    fn what_is_declared_counts_but_a_mark_counts_more() {
        let latin = TextEncoding::named("iso-8859-1");
        assert_eq!(latin.map(TextEncoding::name), Some("windows-1252"));
        let read = |bytes| decode(bytes, latin).map(|decoded| decoded.text.into_owned()).ok();
        assert_eq!(read("é".as_bytes()).as_deref(), Some("Ã©"));
        assert_eq!(read("\u{feff}é".as_bytes()).as_deref(), Some("é"));
        assert_eq!(TextEncoding::named("klingon"), None);
    }

    #[track_caller]
    fn check_refused(bytes: &[u8], declared: Option<TextEncoding>, expected: &str) {
        let fault = decode(bytes, declared).map(|decoded| decoded.text.into_owned()).expect_err("refused");
        assert!(fault.to_string().starts_with(expected), "{fault}");
    }

    #[test]
    fn what_is_no_text_is_named() {
        check_refused(b"PK\x03\x04\x14\0", None, "the file is no CSV but an Excel");
        check_refused(b"%PDF-1.7", None, "the file is no CSV but a PDF");
        check_refused(b"a\r\nb\r\n\xe9,x", Some(TextEncoding::UTF_8), "line 3 holds bytes that are no UTF-8");
        let broken = ["ÄÖÜ äöü ßẞ\n\n".as_bytes(), b"ab\xe9d\n"].concat();
        check_refused(&broken, None, "line 3 is UTF-8 but for some bytes");
    }

    #[test]
    fn lines_are_counted_as_editors_do() {
        for (text, line) in [("", 1), ("a", 1), ("a\nb\n", 3), ("a\r\nb\r\n", 3), ("a\rb\r", 3), ("\n\r\n\r", 4)] {
            assert_eq!(LineCount::default().after(text), line, "{text:?}");
        }
        let mut lines = LineCount::default();
        assert_eq!((lines.after("a\r"), lines.after("\nb"), lines.after("\n")), (2, 2, 3));
    }
}
