import requests

api = "https://api.routemate.app/v1"
credentials = {"client_id": "rm_ci_your_client_id", "client_secret": "rm_cs_your_client_secret"}
token = requests.post(f"{api}/integration-token", json=credentials).json()["access_token"]
session = requests.Session()
session.headers["Authorization"] = f"Bearer {token}"
stops = [("A", 60.1689, 24.9522), ("B", 60.1718, 24.9414), ("C", 60.1716, 24.9465)]
job = {
    "external_job_id": "PYTHON-1",
    "title": "Morning",
    "driver_email": "driver@example.com",
    "stops": [
        {"external_stop_id": name, "address": "Helsinki", "latitude": lat, "longitude": lng} for name, lat, lng in stops
    ],
}
imported = session.post(f"{api}/integration-import", json=job, headers={"Idempotency-Key": "python-1"})
imported.raise_for_status()
status = session.get(f"{api}/integration-jobs", params={"external_job_id": "PYTHON-1"}).json()
assert status["job_id"] == imported.json()["job_id"]
print(status["status"], status["stop_count"], ",".join(stop["external_stop_id"] for stop in status["stops"]))
