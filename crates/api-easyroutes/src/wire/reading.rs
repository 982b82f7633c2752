use std::collections::HashMap;
use std::fmt::{Display, Write};

use routemate_app::{ErrorKind, Problem};
use serde_json::{Map, Value};

use super::{EnumerationType, Wire};

/// How compressed data begins (RFC 1952 §2.3.1).
const GZIP: &[u8] = &[0x1f, 0x8b];

/// A request while it is read: where the reader is, and what is wrong so far.
///
/// Paths are kept in camelCase, in which the types are declared, and told in the client's own spelling.
#[derive(Debug, Default)]
pub(crate) struct Reading {
    path: String,
    problems: Vec<Problem>,
    /// The fields that the client spelled in snake_case, by their paths.
    spelled: HashMap<String, String>,
}

impl Reading {
    /// More is said to nobody: a body of ten megabytes can hold millions of mistakes.
    const MAX: usize = 1_000;

    /// Reads a whole body that has to be a message.
    pub(crate) fn read_body<T: Wire>(&mut self, body: &[u8]) -> Option<T> {
        let value = self.json(body)?;
        T::read(&value, self)
    }

    /// The JSON of a body, whatever its content type says. Some clients send a byte order mark.
    pub(crate) fn json(&mut self, body: &[u8]) -> Option<Value> {
        let body = body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(body);
        if body.starts_with(GZIP) {
            self.complain("is compressed: send it as it is");
            return None;
        }
        // The parser tells what it expected and where, never what it found.
        serde_json::from_slice(body).map_err(|error| self.complain(format_args!("is not valid JSON: {error}"))).ok()
    }

    /// Says what is wrong with the present value.
    pub(crate) fn complain(&mut self, message: impl Display) {
        if self.problems.len() < Self::MAX && !self.is_told() {
            self.problems.push(Problem::new(self.path.clone(), message));
        }
    }

    /// Says what is wrong with a field of the present message.
    pub(crate) fn complain_of(&mut self, field: &str, message: impl Display) {
        self.field(field, |at| at.complain(message));
    }

    /// Whether something is wrong already with the present value or a part of it: what follows from that is not said.
    fn is_told(&self) -> bool {
        self.problems.iter().any(|problem| {
            let rest = problem.path.strip_prefix(&self.path);
            !self.path.is_empty() && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        })
    }

    /// Goes into a field of the present message.
    pub(crate) fn field<T>(&mut self, name: &str, inside: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.path.len();
        if before > 0 {
            self.path.push('.');
        }
        self.path.push_str(name);
        let made = inside(self);
        self.path.truncate(before);
        made
    }

    /// Goes into an item of the present list.
    pub(crate) fn item<T>(&mut self, index: usize, inside: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.path.len();
        // Writing to a string cannot fail.
        let _ = write!(self.path, "[{index}]");
        let made = inside(self);
        self.path.truncate(before);
        made
    }

    /// The fields of a message.
    pub(crate) fn object<'v>(&mut self, value: &'v Value) -> Option<&'v Map<String, Value>> {
        let object = value.as_object();
        if object.is_none() {
            self.complain("must be an object");
        }
        object
    }

    /// Reads a field in either spelling; of both, the one in camelCase counts. Absent, `null` and wrong are the default.
    pub(crate) fn read_field<T: Wire>(&mut self, object: &Map<String, Value>, name: &'static str) -> T {
        let set = |name: &str| object.get(name).filter(|value| !value.is_null());
        let (value, snake) = match set(name) {
            Some(value) => (Some(value), None),
            None => {
                let snake = snake_case(name);
                (snake.as_deref().and_then(set), snake)
            }
        };
        let Some(value) = value else {
            return T::default();
        };
        self.field(name, |at| {
            if let Some(snake) = snake {
                at.spelled.insert(at.path.clone(), snake);
            }
            T::read(value, at).unwrap_or_default()
        })
    }

    /// Which of the names a value is, by name or by number.
    pub(crate) fn place_in(&mut self, value: &Value, names: &EnumerationType) -> Option<usize> {
        let place = match value {
            Value::String(name) => names.values.iter().position(|known| known == name),
            Value::Number(number) => super::scalars::whole(number).and_then(|number| usize::try_from(number).ok()),
            _ => None,
        };
        let place = place.filter(|place| *place < names.values.len());
        if place.is_none() {
            self.complain(format_args!("must be one of {}", names.values.join(", ")));
        }
        place
    }

    /// What was made, unless anything is wrong.
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`] with all problems, in the client's spelling.
    pub(crate) fn finish<T>(self, made: Option<T>) -> Result<T, ErrorKind> {
        match made {
            Some(made) if self.problems.is_empty() => Ok(made),
            _ => Err(ErrorKind::Invalid(self.into_problems())),
        }
    }

    pub(crate) fn into_problems(self) -> Vec<Problem> {
        let spelled = self.spelled;
        let tell = |problem: Problem| {
            let path = if problem.path.is_empty() { "body".to_owned() } else { spell(&problem.path, &spelled) };
            Problem { path, message: problem.message }
        };
        self.problems.into_iter().map(tell).collect()
    }
}

/// The path with every field as the client spelled it.
fn spell(path: &str, spelled: &HashMap<String, String>) -> String {
    let mut told = String::with_capacity(path.len());
    let mut end = 0;
    for part in path.split('.') {
        if end > 0 {
            told.push('.');
            end += 1;
        }
        let name = part.split('[').next().unwrap_or(part);
        let field = path.get(..end + name.len()).unwrap_or(path);
        told.push_str(spelled.get(field).map_or(name, String::as_str));
        told.push_str(part.get(name.len()..).unwrap_or_default());
        end += part.len();
    }
    told
}

/// The name in snake_case; `None` where it is the same.
pub(crate) fn snake_case(name: &str) -> Option<String> {
    name.bytes().any(|byte| byte.is_ascii_uppercase()).then(|| {
        let mut snake = String::with_capacity(name.len() + 4);
        for letter in name.chars() {
            if letter.is_ascii_uppercase() {
                snake.push('_');
            }
            snake.push(letter.to_ascii_lowercase());
        }
        snake
    })
}
