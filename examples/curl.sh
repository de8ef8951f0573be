#!/bin/sh
# SESSION_BROKER_KEY=sb_… sh curl.sh https://shop.example/orders
set -eu
broker=${SESSION_BROKER_URL:-http://127.0.0.1:8787}

# The key comes by standard input: on a command line every user of the machine could read it.
ask_broker() {
  printf 'header = "Authorization: Bearer %s"\n' "$SESSION_BROKER_KEY" |
    curl --fail --silent --show-error --config - "$@"
}

# mktemp makes a file that its owner alone can read.
cookies=$(mktemp)
trap 'rm -f "$cookies"' EXIT
ask_broker "$broker/session/cookies?format=netscape" > "$cookies"
curl --fail --silent --show-error --location --cookie "$cookies" "$1"
