#!/bin/sh
# SESSION_BROKER_KEY=sb_… sh wget.sh https://shop.example/orders
set -eu
broker=${SESSION_BROKER_URL:-http://127.0.0.1:8787}

# mktemp makes files that their owner alone can read.
key=$(mktemp)
cookies=$(mktemp)
trap 'rm -f "$key" "$cookies"' EXIT
printf 'header = Authorization: Bearer %s\n' "$SESSION_BROKER_KEY" > "$key"
# wget takes the mark of an HttpOnly cookie for a comment.
wget --quiet --config="$key" --output-document=- "$broker/session/cookies?format=netscape" |
  sed 's/^#HttpOnly_//' > "$cookies"
wget --quiet --load-cookies="$cookies" --output-document=- "$1"
