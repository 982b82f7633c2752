const api = "https://api.routemate.app/v1";
const credentials = { client_id: "rm_ci_your_client_id", client_secret: "rm_cs_your_client_secret" };
const json = { "Content-Type": "application/json" };
const tokenAnswer = await fetch(`${api}/integration-token`, { method: "POST", headers: json, body: JSON.stringify(credentials) });
const { access_token } = await tokenAnswer.json();
const authorized = { ...json, Authorization: `Bearer ${access_token}` };
const place = (external_stop_id, latitude, longitude) => ({ external_stop_id, address: "Helsinki", latitude, longitude });
const job = {
  external_job_id: "NODE-1",
  title: "Morning",
  driver_email: "driver@example.com",
  stops: [place("A", 60.1689, 24.9522), place("B", 60.1718, 24.9414), place("C", 60.1716, 24.9465)],
};
const imported = await fetch(`${api}/integration-import`, { method: "POST", headers: authorized, body: JSON.stringify(job) });
const { job_id, optimization } = await imported.json();
if (!(optimization.total_distance_km > 0)) throw new Error("no distance");
const status = await (await fetch(`${api}/integration-jobs?job_id=${job_id}`, { headers: authorized })).json();
console.log(status.status, status.stop_count, status.stops.map((stop) => stop.external_stop_id).join(","));
