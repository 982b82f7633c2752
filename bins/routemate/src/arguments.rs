//! What is typed, as the domain's types.

use std::str::FromStr;

use routemate_domain::Text;

use crate::Failure;

pub(crate) fn parse<T: FromStr>(what: &str, value: &str) -> Result<T, Failure> {
    value.parse().map_err(|_| format!("{what} `{value}` is not a UUID").into())
}

pub(crate) fn text(flag: &str, value: String) -> Result<Text<255>, Failure> {
    Text::parse(value).map_err(|error| format!("{flag} {error}").into())
}
