#!/bin/sh
# A query operation that writes does not compile, and none includes a header that could write.
# usage: query_cannot_write.sh SOURCE_ROOT COMPILER...
set -u
root=$1
shift
file=$root/tests/unit/ops/query_cannot_write.c
flags="-std=c17 -D_POSIX_C_SOURCE=200809L -Werror -I$root/src -fsyntax-only"
number=0
failed=0

report() { # report OK? TITLE
    number=$((number + 1))
    if [ "$1" = 0 ]; then
        echo "ok $number - $2"
    else
        echo "not ok $number - $2"
        failed=1
    fi
}

# shellcheck disable=SC2086 # flags are words
"$@" $flags -DCASE=0 "$file"
report $? "a query that reads compiles"

for case in 1 2 3 4 5 6 7 8; do
    # shellcheck disable=SC2086
    "$@" $flags -DCASE=$case "$file" 2>/dev/null && bad=1 || bad=0
    report $bad "a query that writes does not compile ($case)"
done

for source in "$root"/src/ops/query/*.c; do
    writers=$("$@" -std=c17 -D_POSIX_C_SOURCE=200809L "-I$root/src" -MM "$source" |
        tr ' ' '\n' | grep -E '/src/(store|aws|flow|edge|net)/' |
        grep -vE '/src/(store/(reader|collection)|aws/(aws|[a-z0-9]+_read))\.h$')
    [ -z "$writers" ]
    report $? "$(basename "$source") includes nothing that writes $writers"
done

echo "1..$number"
exit $failed
