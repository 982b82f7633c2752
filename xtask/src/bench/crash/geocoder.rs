//! A geocoder that is out of order now and then: what it does not answer is looked for in the background.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use serde_json::json;

use crate::failure::{Context, Result};
use crate::process::Stopwatch;

/// It answers for so long, and then does not answer for so long.
const UP: Duration = Duration::from_secs(3);
const DOWN: Duration = Duration::from_secs(2);

/// Speaks as much of Photon's protocol as an address needs, until the process ends.
#[derive(Debug)]
pub(super) struct Geocoder {
    url: String,
}

impl Geocoder {
    pub(super) fn start() -> Result<Geocoder> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).context(|| "no port for the geocoder")?;
        let url = format!("http://{}", listener.local_addr().context(|| "the geocoder's port")?);
        std::thread::spawn(move || {
            let begun = Stopwatch::start();
            for client in listener.incoming().map_while(std::io::Result::ok) {
                let in_turn = begun.elapsed().as_millis() % (UP + DOWN).as_millis();
                if in_turn < UP.as_millis() {
                    // A client that was killed meanwhile needs no answer.
                    let _ = answer(&client);
                }
            }
        });
        Ok(Geocoder { url })
    }

    /// What a server is told to ask this one.
    pub(super) fn settings(&self) -> [(&str, &str); 2] {
        [("ROUTEMATE_GEOCODERS", "photon"), ("ROUTEMATE_PHOTON_URL", &self.url)]
    }
}

/// The house that was asked for.
fn answer(mut client: &TcpStream) -> std::io::Result<()> {
    let mut lines = BufReader::new(client).lines();
    let asked = lines.next().transpose()?.unwrap_or_default();
    // The head ends with an empty line; nothing follows.
    while lines.next().transpose()?.is_some_and(|line| !line.is_empty()) {}
    let number =
        asked.split_once("q=").map(|(_, text)| text.split(|c: char| !c.is_ascii_digit())).and_then(|mut n| n.next());
    let body = json!({ "features": [{
        "geometry": { "coordinates": [24.9476, 60.1675] },
        "properties": {
            "osm_key": "building", "type": "house", "housenumber": number.unwrap_or_default(), "street": "Esplanadi",
            "city": "Helsinki", "country": "Finland", "countrycode": "FI",
        },
    }] })
    .to_string();
    write!(
        client,
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}
