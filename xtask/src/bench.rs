//! `cargo xtask bench`: measurements that need more than `cargo bench` gives.

mod api;
mod crash;
mod geocode;
mod load;
mod optimizer;
mod page;
mod roads;
mod servers;
mod tokens;
mod trial;

use lexopt::prelude::*;

use crate::failure::{Failure, Result};
use crate::refuse;

pub(crate) const HELP: &str = "\
bench api [--database sqlite|postgres|both] [--scenarios A,B] [--seconds S] [--rounds N] [--resume] [-o FILE] [--write]
    Asks a release build for imports of 3, 20 and 200 stops, for a job's status and for tokens, beside the same statements
    without HTTP and beside an endpoint that does nothing else: as much as can be had, at steady rates, and at three
    times as much. Then the same questions to an organisation with 1,000 imported stops and 20 routes and to one with
    100,000 and 2,000. Prints tables, and every target with the figure reached. Takes a minute for a scenario on a database.
    --scenarios A,B  of import-3, import-20, import-200, status, token, scale
    --seconds S      for each load; default 2 (not of scale)
    --rounds N       how often ours and the baselines take turns; default 3
    --resume         keeps what an earlier run has measured and this one does not
    -o FILE          results as JSON
    --write          puts the tables into docs/benchmarks.md

bench geocode [--venv DIR] [--shared DIR] [--large] [-o FILE] [--write]
    Builds one index of all address sources, scores the answers to all questions of the test set and to others made of
    the sources, runs the naive geocoder beside it, and measures speed and size. Takes five minutes; fifteen with --large.
    --venv DIR       virtual environment with osmium and rapidfuzz; default .venv-geocode if it is there
    --shared DIR     folder with geocode and osm; default ../shared
    --large          fifteen million addresses as well; needs 3 GB of disk
    -o FILE          the tables
    --write          puts them into docs/benchmarks.md

bench optimizer [--venv DIR] [--shared DIR] [--quick] [--sets A,B] [--limits S,S] [--peers A,B]
                [--problems N] [--seed N] [--reference S] [--resume] [-o FILE] [--write]
    Runs our solver and its peers one after the other on the same problems under the same limits, prints gap and time
    for each set, and every target with the figure reached. Takes hours; minutes with --quick.
    --venv DIR       virtual environment with the peers; default .venv-peers if it is there, else what Python has
    --shared DIR     folder with bench/instances and bench/peers; default ../shared
    --quick          few problems, short limits
    --sets, --limits, --peers   these in place of all; limits in seconds
    --problems N     at most so many of each set, spread over the sizes
    --reference S    seconds that our solver gets to find a value to compare with where none is published
    --resume         keeps what an earlier run has measured; ours runs again if the program has changed
    -o FILE          results as JSON, or as CSV if the name ends in .csv
    --write          puts the tables into docs/benchmarks.md
bench roads [--venv DIR] [--shared DIR] [--peers A,B] [--agreement] [-o FILE] [--write]
    Builds real extracts, compares our routes and tables with OSRM's, times ours and the peers on the same questions
    with one thread, and prints every target with the figure reached. Takes two minutes, and five more with peers.
    --venv DIR       virtual environment with osrm-bindings and pyvalhalla; default .venv-roads if it is there
    --shared DIR     folder with osm and bench/roads; default ../shared
    --peers A,B      of osrm-ch, osrm-mld, valhalla
    --agreement      compares answers only
    -o FILE          results as JSON
    --write          puts the tables into docs/benchmarks.md

bench tokens [--samples N] [--sqlite-only] [--write]
    Asks a release build for tokens with an unknown client id and with a wrong secret by turns, 10,000 times each, on each
    database, and fails if the medians differ by more than 5 %: nobody is to learn from the time which clients exist.
    --write          puts the table into docs/benchmarks.md
bench crash [--cycles N] [--postgres-cycles N] [--sqlite-only] [--plant acknowledge-before-commit] [--write]
    Kills the server under load, 20 times on each database, then PostgreSQL under a server 5 times, and fails where an
    acknowledged import is lost, doubled, half written or answered differently, where a key cannot be had back, where
    an answer is neither success nor 503, or where a start takes more than 2 s. Takes ten minutes.
    --plant FAULT    builds a server with that fault: the run has to fail and to name what was lost
    --write          puts the table into docs/benchmarks.md
bench servers [--imports N] [--seconds N] [--rounds N] [--write]
    Three servers over one PostgreSQL. 1,000 imports are sent 8 times each, spread over the servers: 1,000 jobs, answers
    equal to the byte. A client limited to 60 calls a minute calls all three as often as it can for 185 seconds: no
    rolling minute has more. The three are restarted one after the other, 20 times, behind a proxy that asks for
    readiness: no call fails. Takes ten minutes.";

pub(crate) fn run(mut args: lexopt::Parser) -> Result<()> {
    match args.next()? {
        Some(Value(what)) if what == "api" => api::run(args),
        Some(Value(what)) if what == "geocode" => geocode::run(args),
        Some(Value(what)) if what == "optimizer" => optimizer::run(args),
        Some(Value(what)) if what == "roads" => roads::run(args),
        Some(Value(what)) if what == "tokens" => tokens::run(args),
        Some(Value(what)) if what == "crash" => crash::run(args),
        Some(Value(what)) if what == "servers" => servers::run(args),
        Some(other) => Err(refuse(&other, HELP)),
        None => Err(Failure::new(format!("bench what?\n\n{HELP}"))),
    }
}
