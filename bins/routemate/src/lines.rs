//! Commands that answer JSON lines: a question a line on stdin, an answer a line on stdout, in the same order.

mod geocode;
mod roads;

use std::io::{self, BufRead, BufReader, Write};
use std::time::Duration;

use serde_json::{Value, json};

pub(crate) use geocode::geocode;
pub(crate) use roads::roads;

/// No question is longer: a table of 50,000 places.
const LONGEST_LINE: u64 = 4 << 20;

/// Why a line has no other answer.
#[derive(Debug, PartialEq)]
struct Refusal {
    /// By which the question names itself, if that could be read.
    id: Option<Value>,
    why: String,
}

impl From<String> for Refusal {
    fn from(why: String) -> Self {
        Self { id: None, why }
    }
}

impl Refusal {
    fn to_json(&self, line: u64) -> Value {
        let error = format!("line {line}: {}", self.why);
        match &self.id {
            Some(id) => json!({ "id": id, "error": error }),
            None => json!({ "error": error }),
        }
    }
}

/// To a tenth of a microsecond.
fn micros(duration: Duration) -> f64 {
    (duration.as_nanos() as f64 / 100.0).round() / 10.0
}

/// Answers until there is nothing more to read. What is wrong with a line is its answer, with its number counted from 1;
/// empty lines have none.
///
/// Answers are kept together while further questions have been read already, and are never kept back from somebody who
/// waits for them.
fn answer_lines(
    questions: impl io::Read,
    mut answers: impl Write,
    mut answer: impl FnMut(&[u8]) -> Result<Value, Refusal>,
) -> io::Result<()> {
    let mut questions = BufReader::with_capacity(1 << 16, questions);
    let mut line = Vec::new();
    for number in 1.. {
        if !questions.buffer().contains(&b'\n') {
            answers.flush()?;
        }
        line.clear();
        io::Read::take(&mut questions, LONGEST_LINE).read_until(b'\n', &mut line)?;
        if line.is_empty() {
            return answers.flush();
        }
        let result = if line.len() as u64 == LONGEST_LINE && !line.ends_with(b"\n") {
            questions.skip_until(b'\n')?;
            Err(Refusal::from(format!("it is longer than {LONGEST_LINE} bytes")))
        } else if line.trim_ascii().is_empty() {
            continue;
        } else {
            answer(&line)
        };
        serde_json::to_writer(&mut answers, &result.unwrap_or_else(|refusal| refusal.to_json(number)))?;
        answers.write_all(b"\n")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    fn answered(questions: &[u8]) -> String {
        let mut answers = Vec::new();
        answer_lines(questions, &mut answers, |line| {
            let text = String::from_utf8_lossy(line).trim().to_owned();
            if text == "bad" { Err("it is bad".to_owned().into()) } else { Ok(json!({ "asked": text.len() })) }
        })
        .expect("memory can be written");
        String::from_utf8(answers).expect("text")
    }

    #[test]
    fn every_line_has_its_answer_in_order() {
        assert_eq!(answered(b""), "");
        assert_eq!(
            answered(b"one\nbad\n\n  \nthree"),
            "{\"asked\":3}\n{\"error\":\"line 2: it is bad\"}\n{\"asked\":5}\n"
        );
    }

    #[test]
    fn a_line_without_end_is_refused_and_the_next_one_answered() {
        let mut questions = vec![b'x'; LONGEST_LINE as usize + 10];
        questions.extend_from_slice(b"\nnext\n");
        assert_eq!(answered(&questions), "{\"error\":\"line 1: it is longer than 4194304 bytes\"}\n{\"asked\":4}\n");
    }

    /// Notes what has been flushed whenever it is read from.
    struct Waiting {
        questions: Vec<&'static [u8]>,
        flushed: Arc<Mutex<Vec<u8>>>,
        seen: Vec<usize>,
    }

    impl io::Read for &mut Waiting {
        fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
            self.seen.push(self.flushed.lock().expect("it is free").len());
            let Some(next) = self.questions.pop() else { return Ok(0) };
            to[..next.len()].copy_from_slice(next);
            Ok(next.len())
        }
    }

    #[derive(Clone)]
    struct Shared(Arc<Mutex<Vec<u8>>>);

    impl Write for Shared {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().expect("it is free").extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn nobody_waits_for_an_answer_that_is_ready() {
        let flushed = Arc::default();
        let mut waiting = Waiting { questions: vec![b"three\n", b"one\ntwo\nth"], flushed, seen: Vec::new() };
        let answers = io::BufWriter::new(Shared(Arc::clone(&waiting.flushed)));
        answer_lines(&mut waiting, answers, |_| Ok(json!(1))).expect("memory can be written");
        // Two answers before the rest of the third question is waited for, all of them before the end.
        assert_eq!(waiting.seen, [0, 4, 6]);
    }
}
