#!/bin/sh
# docs/reference.md is what the operation table says. usage: reference_is_current.sh GENERATOR FILE
echo "1..1"
if "$1" | diff -u "$2" - >&2; then
    echo "ok 1 - docs/reference.md is current"
else
    echo "not ok 1 - docs/reference.md is out of date: $1 > docs/reference.md"
    exit 1
fi
