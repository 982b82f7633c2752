set -euo pipefail
API="https://api.routemate.app/v1"
TOKEN=$(curl -sS -X POST "$API/integration-token" -H "Content-Type: application/json" \
  -d '{"client_id":"rm_ci_your_client_id","client_secret":"rm_cs_your_client_secret"}' | jq -r .access_token)
JOB=$(curl -sS -X POST "$API/integration-import" -H "Authorization: Bearer $TOKEN" -H "Idempotency-Key: bash-1" -d '{
  "external_job_id": "BASH-1", "title": "Morning", "driver_email": "Driver@Example.com",
  "stops": [
    {"external_stop_id": "A", "address": "Unioninkatu 29, Helsinki", "latitude": 60.1689, "longitude": 24.9522},
    {"external_stop_id": "B", "address": "Kaivokatu 1, Helsinki", "latitude": 60.1718, "longitude": 24.9414},
    {"external_stop_id": "C", "address": "Mikonkatu 18, Helsinki", "latitude": 60.1716, "longitude": 24.9465}
  ]}' | jq -r .job_id)
curl -sS "$API/integration-jobs?job_id=$JOB" -H "Authorization: Bearer $TOKEN" |
  jq -r '"\(.status) \(.stop_count) \(.stops | map(.external_stop_id) | join(","))"'
