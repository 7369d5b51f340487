#!/bin/sh
# Exchanges this job's ID token at Windlass for AWS credentials. Needs curl.
#   credentials.sh export    lines for a shell to read
#   credentials.sh github    masks, and sets the variables of later steps
#   credentials.sh process   a credential_process of AWS SDKs
# WINDLASS_URL and WINDLASS_GRANT say where and what for; WINDLASS_WORKSPACE and
# WINDLASS_ID_TOKEN (else the CI is asked for one) may be set. Over plain HTTP it
# sends nothing, unless WINDLASS_INSECURE_HTTP is true. Neither the token
# nor a key is ever an argument of a program.
set -eu
umask 077
fail() { echo "windlass: $1" >&2; exit 1; }
: "${WINDLASS_URL:?is not set}" "${WINDLASS_GRANT:?is not set}"
url=${WINDLASS_URL%/}
case $url in
*@*) fail "WINDLASS_URL must not name a user" ;;
https://*|http://127.0.0.1|http://127.0.0.1[:/]*|http://localhost|http://localhost[:/]*|http://\[::1\]|http://\[::1\][:/]*) ;;
http://*) case ${WINDLASS_INSECURE_HTTP:-} in 1|true) ;; *) fail "the token isn't sent over plain HTTP: use https in WINDLASS_URL, or set WINDLASS_INSECURE_HTTP=true" ;; esac ;;
*) fail "WINDLASS_URL must begin with https://" ;;
esac
token=${WINDLASS_ID_TOKEN:-}
if [ -z "$token" ] && [ "${CIRCLECI:-}" = true ]; then
  token=$(circleci run oidc get 2>/dev/null) || token=${CIRCLE_OIDC_TOKEN_V2:-}
elif [ -z "$token" ] && [ -n "${ACTIONS_ID_TOKEN_REQUEST_URL:-}" ]; then
  token=$(printf 'Authorization: Bearer %s\n' "$ACTIONS_ID_TOKEN_REQUEST_TOKEN" |
    curl -fsS --max-time 30 -H @- "$ACTIONS_ID_TOKEN_REQUEST_URL&audience=$url" | sed -n 's/.*"value" *: *"\([^"]*\)".*/\1/p')
elif [ -z "$token" ] && [ "${BUILDKITE:-}" = true ]; then
  token=$(buildkite-agent oidc request-token --audience "$url" --claim organization_id,pipeline_id)
fi
[ -n "$token" ] || token=${TFC_WORKLOAD_IDENTITY_TOKEN_WINDLASS:-}
[ -n "$token" ] || fail "the job has no ID token"
answer=$(printf 'Authorization: Bearer %s\nContent-Type: application/json\n' "$token" |
  curl -fsS --max-time 30 -H @- -d "{\"workspace\":\"${WINDLASS_WORKSPACE:-}\",\"grant\":\"$WINDLASS_GRANT\"}" "$url/v1/ci/credentials") ||
  fail "no credentials: the audit of the workspace has the reason"
field() { printf '%s' "$answer" | tr -d '\n' | sed -n "s/.*\"$1\" *: *\"\([A-Za-z0-9+\/=_.:-]*\)\".*/\1/p"; }
id=$(field access_key_id) secret=$(field secret_access_key) session=$(field session_token) end=$(field expiration)
[ -n "$id" ] && [ -n "$secret" ] && [ -n "$session" ] || fail "the answer is not understood"
case ${1:-export} in
export)
  printf "export AWS_ACCESS_KEY_ID='%s' AWS_SECRET_ACCESS_KEY='%s' AWS_SESSION_TOKEN='%s'\n" "$id" "$secret" "$session" ;;
github)
  printf '::add-mask::%s\n' "$secret" "$session"
  printf 'AWS_ACCESS_KEY_ID=%s\nAWS_SECRET_ACCESS_KEY=%s\nAWS_SESSION_TOKEN=%s\n' "$id" "$secret" "$session" >> "$GITHUB_ENV" ;;
process)
  printf '{"Version":1,"AccessKeyId":"%s","SecretAccessKey":"%s","SessionToken":"%s","Expiration":"%s"}\n' "$id" "$secret" "$session" "$end" ;;
*) fail "usage: credentials.sh export|github|process" ;;
esac
