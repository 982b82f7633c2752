use super::fold;
use super::fold::fold_plainly;

/// The words of a name or a query, folded.
///
/// Hyphens and slashes before digits stay within a word that began with a digit (`97-18`, `3/88-08`), and behind the
/// number of one that lacks its space (`hauptstr12-14`); apostrophes vanish (`O'Donnell`), and so do the dots and slashes of initials (`P.O.`, `c/o`). All else that is no letter and no
/// digit ends a word; commas count no more than spaces. `#` is a word where something follows it.
pub(crate) fn words(text: &str) -> Vec<String> {
    let mut folded = String::with_capacity(text.len());
    fold(text, &mut folded);
    cut(&folded)
}

/// The same words, with vowels that are written in two letters as they were written.
pub(crate) fn plain_words(text: &str) -> Vec<String> {
    let mut folded = String::with_capacity(text.len());
    fold_plainly(text, &mut folded);
    cut(&folded)
}

fn cut(folded: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    // Letters since the last mark that was dropped.
    let mut run = 0;
    let mut rest = folded.chars();
    while let Some(letter) = rest.next() {
        if letter.is_alphanumeric() {
            word.push(letter);
            run += 1;
            continue;
        }
        let mut ahead = rest.clone();
        let next = ahead.next();
        let is_alone = ahead.next().is_none_or(|letter| !letter.is_alphanumeric());
        match letter {
            '-' | '–' | '‐' | '−' | '/' if next.is_some_and(|next| next.is_ascii_digit()) && ends_in_number(&word) =>
            {
                word.push(if letter == '/' { '/' } else { '-' });
            }
            '\'' | '’' | '‘' | '`' | '´' | 'ʼ' | '\u{ad}' => {}
            '.' | '/' if run == 1 && next.is_some_and(char::is_alphabetic) && is_alone => {}
            _ => {
                if !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
                if letter == '#' && next.is_some_and(char::is_alphanumeric) {
                    words.push("#".to_owned());
                }
            }
        }
        run = 0;
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// Whether a word is a number, or has one behind three letters or more.
fn ends_in_number(word: &str) -> bool {
    let is_digit = |letter: char| letter.is_ascii_digit();
    let letters = word.trim_end_matches(is_digit);
    word.starts_with(is_digit)
        || (letters.len() < word.len() && letters.chars().filter(|letter| letter.is_alphabetic()).count() > 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        assert_eq!(words(text), expected, "{text}");
    }

    #[test]
    fn commas_and_spaces_part_words_alike() {
        let expected = ["landstr", "12a", "9490", "vaduz"];
        check("Landstr. 12A, 9490 Vaduz", &expected);
        check(" Landstr.  12A,9490\nVaduz,", &expected);
        check("Landstr 12A 9490 Vaduz", &expected);
    }

    #[test]
    fn numbers_keep_their_hyphens_and_slashes() {
        check("3/88-08 216th", &["3/88-08", "216th"]);
        check("#5-1220 East", &["#", "5-1220", "east"]);
        check("Fürst-Franz-Josef-Strasse 3–5", &["furst", "franz", "josef", "strasse", "3-5"]);
        check("5 - 7", &["5", "7"]);
        check("Hauptstr12-14", &["hauptstr12-14"]);
        check("A1-2", &["a1", "2"]);
    }

    #[test]
    fn initials_and_apostrophes_are_closed_up() {
        check("C.U.P.E Local, P.O. Box 4, c/o O'Hara", &["cupe", "local", "po", "box", "4", "co", "ohara"]);
        check("St.Johns n/a", &["st", "johns", "na"]);
    }

    #[test]
    fn what_holds_no_letter_has_no_words() {
        check(" -- ?? 😀 ", &[]);
    }
}
