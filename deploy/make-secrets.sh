#!/bin/sh
# Makes the secrets of compose.yaml in deploy/secrets/, once; what is there already is kept.
set -eu
cd "$(dirname "$0")"
# The containers' own users read the files; the folder keeps others out.
mkdir -p secrets
chmod 0700 secrets

put() {
    [ -e "secrets/$1" ] || printf '%s' "$2" > "secrets/$1"
    chmod 0444 "secrets/$1"
}
random() {
    head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n'
}

put secret_key "$(random)$(random)"
put postgres_password "$(random)"
put minio_password "$(random)"
put database_url "postgres://samplecase:$(cat secrets/postgres_password)@database:5432/samplecase"
put blob_url "s3://samplecase:$(cat secrets/minio_password)@storage:9000/samplecase?secure=0"
