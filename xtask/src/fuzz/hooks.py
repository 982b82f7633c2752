"""What schemathesis cannot know from the OpenAPI document of RouteMate: who we are, formats that JSON Schema has no name
for, and what must be unique from call to call. Run by `cargo xtask fuzz api`, which sets the variables."""

import base64
import itertools
import json
import os
import urllib.request
from datetime import date

import schemathesis
from hypothesis import strategies as st
from schemathesis.specs.openapi import stateful

ZONES = ["UTC", "Europe/Helsinki", "Australia/Brisbane", "America/New_York", "Asia/Kolkata", "Pacific/Apia"]
OPEN = ("/v1/integration-token", "/api/2024-07/authenticate", "/healthz", "/readyz", "/openapi.json")
NUMBER = itertools.count()
JOBS = []
ADDRESSES = []
EASYROUTES = "/api/2024-07"
NATIVE = ("/api/v1/jobs/", "/api/v1/routes", "/api/v1/saved-stops")
IMPORTED_STOPS = []
DRIVERS = []
ROUTES = []

# Where chains begin. Left to itself schemathesis begins at `GET /api/v1/addresses` alone, which finds nothing: it takes the
# client's own ids in an import for references to things that nobody makes.
BEGINNINGS = {
    "POST /v1/integration-import",
    "PUT /api/v1/addresses",
    f"POST {EASYROUTES}/stops/imports",
    f"POST {EASYROUTES}/routes",
}
stateful.is_likely_root_transition = lambda operation, *_: operation.label in BEGINNINGS

schemathesis.openapi.format("iana-time-zone", st.sampled_from(ZONES))
schemathesis.openapi.format(
    "iso-8601-date-time",
    st.builds(
        "{:%Y-%m-%d}T{:02}:{:02}:{:02}{}".format,
        st.dates(date(1900, 1, 2), date(2999, 12, 30)),
        st.integers(0, 23),
        st.integers(0, 59),
        st.integers(0, 59),
        st.sampled_from(["", "Z", "+10:00", "-03:30", ".5Z", ".123456+00:00"]),
    ),
)
schemathesis.openapi.format("date", st.dates(date(1900, 1, 1), date(2999, 12, 31)).map(str))
schemathesis.openapi.format(
    "email",
    st.builds(
        "{}@{}.example".format,
        st.from_regex(r"[A-Za-z0-9]([A-Za-z0-9.+_-]{0,20}[A-Za-z0-9])?", fullmatch=True).filter(
            lambda name: ".." not in name
        ),
        st.from_regex(r"[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?", fullmatch=True),
    ),
)


@schemathesis.auth(cache_by_key=lambda case, context: "token")
class Token:
    """The access token of the integration that the command has made."""

    def get(self, case, context):
        body = {"client_id": os.environ["FUZZ_CLIENT_ID"], "client_secret": os.environ["FUZZ_CLIENT_SECRET"]}
        request = urllib.request.Request(
            os.environ["FUZZ_BASE_URL"] + "/v1/integration-token",
            data=json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)["access_token"]

    def set(self, case, data, context):
        if case.operation.path not in OPEN:
            case.headers = case.headers or {}
            case.headers["Authorization"] = f"Bearer {data}"


def is_positive(case):
    mode = getattr(getattr(case.meta, "generation", None), "mode", None)
    return mode is not None and mode.is_positive


@schemathesis.hook
def before_call(context, case, **kwargs):
    """Makes what is valid alone valid together: rules between fields, and between calls, which a schema cannot tell. Every
    second time it names what is there: our credentials,
    a job that has been imported, an address that is remembered."""
    path, number = case.operation.path, next(NUMBER)
    make_key_new(case, number)
    if path.startswith("/v1/integration-import"):
        make_new(case, number)
    if not is_positive(case):
        # What is empty is absent, and that is no mistake.
        for given in (case.query, case.body):
            for name in ("date", "scheduled_date", "driver"):
                if isinstance(given, dict) and given.get(name) == "":
                    given[name] = "x"
        if path.startswith("/api/v1/"):
            be_wrong_elsewise(case.body)
        return
    # A cursor is good where it was given, and a version for what has it: anything else is refused, as documented.
    if "cursor" in (case.query or {}):
        case.query = {name: value for name, value in case.query.items() if name != "cursor"}
    if number % 4:
        (case.headers or {}).pop("If-Match", None)
    if path == "/v1/integration-token":
        sign_in(case, number)
    if path == "/v1/integration-jobs":
        name_one_job(case, number)
    if path == "/api/v1/jobs/{job_id}" and JOBS and number % 2:
        case.path_parameters["job_id"] = JOBS[-1]["job_id"]
    if path.startswith("/api/v1/addresses"):
        name_one_address(case, number)
    if path == "/api/v1/routes" and "driver" in (case.query or {}):
        case.query["driver"] = DRIVERS[0].removeprefix("drv-") if DRIVERS and number % 2 else "none"
    # What must be said of a file without names, and may be said of these names alone.
    if path == "/api/v1/imported-stops.csv":
        case.query = {name: value for name, value in (case.query or {}).items() if name not in ("map", "header", "delimiter", "encoding")}
    # Of which texts make a file of stops a schema knows nothing.
    if path == "/api/v1/imported-stops.csv" and case.operation.method.upper() == "POST":
        case.body = "address1,city\r\nUnioninkatu 29,Helsinki\r\n"
    if path.startswith(NATIVE) and isinstance(case.body, dict):
        change_a_job(case.body, number)
        # One coordinate is none.
        if path.endswith("/place") or path.startswith("/api/v1/saved-stops"):
            case.body.update(latitude=60.17, longitude=24.95)
    if path == "/api/v1/routes/{route_id}" and isinstance(case.body, dict) and "scheduled_for" not in case.body:
        case.body.setdefault("name", "Morning")
    if path == f"{EASYROUTES}/authenticate" and isinstance(case.body, dict) and number % 2:
        case.body["clientId"], case.body["clientSecret"] = os.environ["FUZZ_CLIENT_ID"], os.environ["FUZZ_CLIENT_SECRET"]
    elif path.startswith(EASYROUTES):
        mend(case.body)
        name_easyroutes_things(case, number)


def be_wrong_elsewise(value):
    """In our own API what is null is absent, too: it gets a type that is wrong."""
    if isinstance(value, dict):
        for name, part in value.items():
            if part is None or part == "":
                value[name] = "x" if name.startswith("is_") or name == "optimize" else True
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else []:
        be_wrong_elsewise(part)


def sign_in(case, number):
    """The body may be left out by who signs in with HTTP Basic."""
    client_id, secret = os.environ["FUZZ_CLIENT_ID"], os.environ["FUZZ_CLIENT_SECRET"]
    if not isinstance(case.body, dict):
        basic = base64.b64encode(f"{client_id}:{secret}".encode()).decode()
        case.headers = {**(case.headers or {}), "Authorization": f"Basic {basic}"}
    elif number % 2:
        case.body["client_id"], case.body["client_secret"] = client_id, secret


def make_key_new(case, number):
    """A key that was answered is answered again, whatever comes with it, or refuses what it was not given for: as documented."""
    key = (case.headers or {}).get("Idempotency-Key")
    if isinstance(key, str) and key.isascii() and key.isprintable() and len(key) <= 255:
        case.headers["Idempotency-Key"] = f"K{number}-{os.getpid()}"


def make_new(case, number):
    """An import that no earlier one stands in the way of."""
    if is_positive(case) and isinstance(case.body, dict):
        case.body["external_job_id"] = f"J{number}-{os.getpid()}"
        if str(case.body.get("scheduled_date") or "") < "1900" or "T" in str(case.body["scheduled_date"]):
            case.body.pop("scheduled_date", None)
        for index, stop in enumerate(case.body.get("stops") or []):
            stop["external_stop_id"] = f"S{index}"
            if stop.get("time_window_start") and stop.get("time_window_end"):
                del stop["time_window_end"]


def name_one_job(case, number):
    """A query that denotes one job: both ids must belong together, and one must be given."""
    query = dict(case.query or {})
    known = [name for name in ("job_id", "external_job_id") if any(query.get(name) == job[name] for job in JOBS)]
    if known:
        query = {name: value for name, value in query.items() if name in (known[0], "expand")}
    elif JOBS and number % 2:
        query["job_id"] = JOBS[-1]["job_id"]
        query.pop("external_job_id", None)
    elif not (query.get("external_job_id") or query.get("job_id")):
        query["external_job_id"] = "NONE"
    case.query = query


def name_one_address(case, number):
    """One that is remembered; nothing is at (0, 0)."""
    body = case.body if isinstance(case.body, dict) else {}
    if body.get("latitude") == 0 and body.get("longitude") == 0:
        body["latitude"] = 60.17
    if not ADDRESSES or number % 2:
        return
    known = ADDRESSES[-1]
    if case.operation.method.upper() == "DELETE":
        case.path_parameters["address_id"] = known["address_id"]
    elif case.operation.method.upper() == "GET":
        case.query = {**(case.query or {}), "address": known["address"]}


def change_a_job(body, number):
    """A change that is right by its rules between fields: places that are known, ids that no other stop has."""
    for index, stop in enumerate(body.get("stops") or []):
        for name in ("imported_stop_id", "saved_stop_id", "shopify_order_id", "items", "priority"):
            stop.pop(name, None)
        stop["external_stop_id"] = f"N{number}-{os.getpid()}-{index}"
        stop.update(latitude=60.17, longitude=24.95)
        mend_parts(stop)
    for end in ("start", "end"):
        if isinstance(body.get(end), dict):
            body[end].update(latitude=60.17, longitude=24.95)
            mend_parts(body[end])
    mend_parts(body)


def mend_parts(body):
    """Choices have something to choose from, and nothing else has; windows are open at their ends."""
    for task in body.get("tasks") or []:
        items = task.pop("items", None)
        if task.get("kind") in ("checkboxes", "radio_buttons"):
            task["items"] = items or ["One"]
    for window in body.get("windows") or []:
        window.pop("end", None)


def mend(value):
    """A body of the EasyRoutes API, right by its rules between fields."""
    if isinstance(value, list):
        for item in value:
            mend(item)
    if not isinstance(value, dict):
        return
    for part in value.values():
        mend(part)
    if {"year", "month", "day"} <= value.keys():
        value["day"] = min(value["day"], 28)
    if "key" in value:
        value["key"] = "key"
        value.pop("value", None)
    if value.get("start") and "end" in value and "stops" not in value:
        del value["end"]
    if str(value.get("type")).endswith("INPUT"):
        value.pop("items", None)
    elif value.get("type") in ("CHECKBOXES", "RADIO_BUTTONS"):
        value["items"] = value.get("items") or [{"title": "One"}]


def stops_of(path, body):
    """The stops that a body hands in, and those that it puts on a route: one that is known, or one that is given whole."""
    stops = body if isinstance(body, list) else body.get("stops") or []
    for stop in stops:
        if path.endswith("/imports"):
            place(stop)
        elif IMPORTED_STOPS and "importedStopId" in stop:
            stop.clear()
            stop["importedStopId"] = IMPORTED_STOPS[-1]["id"]
        else:
            whole = stop.get("stop") or {}
            place(whole)
            stop.clear()
            stop["stop"] = whole


def place(stop):
    """A stop that is somewhere."""
    if stop.get("clientStopId", "x").strip() == "":
        stop["clientStopId"] = ""
    address = stop.get("address") or {}
    parts = [address.get(part) for part in ("address1", "address2", "city", "provinceCode", "countryCode", "zip")]
    if not any(part.strip() for part in parts if part):
        stop["coordinates"] = {"latitude": 60.17, "longitude": 24.95}


def name_easyroutes_things(case, number):
    """Drivers, routes, their stops and imported stops that are there."""
    if case.operation.method.upper() == "POST" and case.operation.path.endswith(("/imports", "/routes", "/stops")):
        stops_of(case.operation.path, case.body)
    if number % 4 == 0:
        return
    known = case.path_parameters or {}
    if DRIVERS and case.operation.path.endswith("/driver") and isinstance(case.body, dict):
        case.body["driverId"] = DRIVERS[0]
    if DRIVERS and "driver_id" in known:
        known["driver_id"] = DRIVERS[0]
    if "route_id" in known and ROUTES:
        route = ROUTES[number % len(ROUTES)]
        known["route_id"] = route["id"]
        if "stop_id" in known and route["stops"]:
            known["stop_id"] = route["stops"][number % len(route["stops"])]
    if "imported_stop_id" in known and IMPORTED_STOPS:
        stop = IMPORTED_STOPS[number % len(IMPORTED_STOPS)]
        known["imported_stop_id"] = stop["id"]


@schemathesis.hook
def after_call(context, case, response):
    """Remembers the jobs and the addresses that there are."""
    if case.operation.path == "/v1/integration-import" and response.status_code == 200:
        JOBS.append({name: response.json()[name] for name in ("job_id", "external_job_id")})
    if case.operation.path == "/api/v1/addresses" and response.status_code == 200:
        ADDRESSES.append({name: response.json()[name] for name in ("address_id", "address")})
    if case.operation.path == "/api/v1/addresses/{address_id}" and response.status_code == 204:
        gone = case.path_parameters["address_id"]
        ADDRESSES[:] = [known for known in ADDRESSES if known["address_id"] != gone]
    if case.operation.path.startswith(EASYROUTES) and response.status_code == 200:
        remember(case, response.json())


def remember(case, answer):
    """What the EasyRoutes API has made, changed and deleted."""
    method, known = case.operation.method.upper(), case.path_parameters or {}
    if case.operation.path == f"{EASYROUTES}/drivers" and answer["drivers"]:
        DRIVERS[:] = [driver["id"] for driver in answer["drivers"]]
    if case.operation.path == f"{EASYROUTES}/stops/imports" and method == "POST":
        IMPORTED_STOPS.extend({"id": stop["id"]} for stop in answer["stops"])
        del IMPORTED_STOPS[:-20]
    if case.operation.path.startswith(f"{EASYROUTES}/stops/imports/") and method == "DELETE":
        IMPORTED_STOPS[:] = [stop for stop in IMPORTED_STOPS if stop["id"] != known["imported_stop_id"]]
    if case.operation.path.startswith(f"{EASYROUTES}/routes") and method != "GET":
        ids = {known.get("route_id"), answer.get("id")}
        ROUTES[:] = [route for route in ROUTES if route["id"] not in ids][-20:]
        if "stops" in answer:
            ROUTES.append({"id": answer["id"], "stops": [stop["id"] for stop in answer["stops"]]})
