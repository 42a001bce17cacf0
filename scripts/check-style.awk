# The rules of scripts/check-style; see there. One pass over all files, no state between files but
# the graph of rooms.

BEGIN {
    # The floors of the house, bottom up (docs/architecture.md).
    split("base:0 net:1 crypto:1 model:1 rules:2 store:2 aws:2 flow:3 ops:4 api:5 edge:6", list, " ")
    for (i in list) {
        split(list[i], pair, ":")
        floor[pair[1]] = pair[2]
    }
    # Which file may know a library: header -> files, as a regular expression.
    library["^<?microhttpd\\.h"] = "^src/net/"
    library["^<?curl/"] = "^src/net/"
    library["^<?openssl/"] = "^src/crypto/"
    library["^<?cjose/"] = "^src/crypto/"
    library["^<?sqlite3\\.h"] = "^src/store/sqlite[a-z_]*\\.[ch]$|^tests/(unit/store|crash|bench)/"
    library["^<?expat\\.h"] = "^src/aws/xml[a-z_]*\\.c$"
    library["^<?utf8proc\\.h"] = "^src/rules/names\\.c$"
    # Never, anywhere: each has a safer sister in base/ or libc.
    split("strcpy strcat strncpy strncat sprintf vsprintf gets strtok strtok_r scanf sscanf fscanf " \
          "atoi atol atoll atof strtol strtoul strtoll strtoull strdup strndup " \
          "gmtime localtime ctime asctime mktime strftime " \
          "rand rand_r srand random srandom drand48 system popen alloca " \
          "setjmp longjmp tmpnam tempnam mktemp", list, " ")
    for (i in list)
        never[list[i]] = 1
    # Below edge/ only the ports do these (architecture.md, "Ports").
    split("getenv secure_getenv setenv clock_gettime gettimeofday time getrandom arc4random " \
          "getentropy clock unsetenv putenv pthread_create thrd_create pthread_cond_timedwait " \
          "poll ppoll select pselect usleep sleep nanosleep clock_nanosleep fork vfork " \
          "posix_spawn posix_spawnp", list, " ")
    for (i in list)
        ported[list[i]] = 1
    ports_may = "^src/(edge/|main\\.c)|^src/base/ports_system\\.c$|^src/net/|^src/(store/sqlite_writer|aws/program)\\.c$"
}

function complain(text) {
    printf "%s:%d: %s\n", FILENAME, FNR, text
    bad = 1
}

function room_of(path, parts) {
    if (split(path, parts, "/") < 2)
        return ""
    return parts[1] in floor ? parts[1] : ""
}

# An include of our own: target is "room/file.h".
function check_include(target, room, other) {
    other = room_of(target)
    if ((target !~ /\// || target ~ /\.\.\//) && FILENAME ~ /^src\//)
        complain("include by the full path below src/, not \"" target "\"")
    if (in_sim && target !~ /^(sim\/|base\/|net\/http_server\.h$|crypto\/digest\.h$)/)
        complain("sim/ may use only base/, net/http_server.h and crypto/digest.h, not " target)
    if (!in_src || other == "")
        return
    room = this_room
    if (room == "")
        return # main.c wires all of them
    if (room == other)
        return
    if (target ~ /_internal\.h$/)
        complain(target " is private to " other "/")
    if (floor[other] > floor[room])
        complain("includes upwards: " room "/ (floor " floor[room] ") knows " target " (floor " floor[other] ")")
    else if (floor[other] == floor[room])
        beside[room, other] = FILENAME ":" FNR
    if (FILENAME ~ /^src\/ops\/query\// && other == "store" && target != "store/reader.h")
        complain("a query may include only store/reader.h of store/, not " target)
    if (FILENAME ~ /^src\/ops\/query\// && other == "aws" && target !~ /_read\.h$/)
        complain("a query may include only *_read.h of aws/, not " target)
}

# A library's header.
function check_library(target, pattern) {
    for (pattern in library)
        if (target ~ pattern && FILENAME !~ library[pattern])
            complain("only " library[pattern] " may include <" target ">")
}

# The line without string and character literals and comments; `in_comment` carries over lines.
function code_of(line, out, i) {
    out = ""
    while (line != "") {
        if (in_comment) {
            i = index(line, "*/")
            if (i == 0)
                return out
            line = substr(line, i + 2)
            in_comment = 0
            continue
        }
        if (!match(line, /["'\/]/))
            return out line
        out = out substr(line, 1, RSTART - 1)
        line = substr(line, RSTART)
        if (substr(line, 1, 2) == "/*") {
            in_comment = 1
            line = substr(line, 3)
        } else if (substr(line, 1, 2) == "//") {
            complain("comments are /* */")
            return out
        } else if (match(line, /^"([^"\\]|\\.)*"/) || match(line, /^'([^'\\]|\\.)*'/)) {
            out = out "\"\""
            line = substr(line, RLENGTH + 1)
        } else {
            out = out substr(line, 1, 1)
            line = substr(line, 2)
        }
    }
    return out
}

function check_calls(code, rest, name, before) {
    rest = code
    while (match(rest, /[A-Za-z_][A-Za-z0-9_]*[ ]*\(/)) {
        name = substr(rest, RSTART, RLENGTH - 1)
        sub(/ +$/, "", name)
        before = RSTART > 1 ? substr(rest, RSTART - 1, 1) : ""
        rest = substr(rest, RSTART + RLENGTH)
        if (before == "." || before == ">")
            continue # a member: ops->time()
        if (name in never)
            complain(name "() is banned")
        if ((name in ported) && in_src && FILENAME !~ ports_may)
            complain(name "() belongs to the ports (base/ports_system.c) or to edge/")
    }
}

# Parameters of the function whose head has been collected, counted by commas at depth one.
function count_parameters(head, i, c, depth, commas, seen) {
    for (i = index(head, "("); i > 0 && i <= length(head); i++) {
        c = substr(head, i, 1)
        if (c == "(")
            depth++
        else if (c == ")" && --depth == 0)
            break
        else if (c == "," && depth == 1)
            commas++
        else if (c !~ /[ ]/)
            seen = 1
    }
    return seen ? commas + 1 : 0
}

function begin_function() {
    in_function = 1
    function_line = FNR
    body_lines = 0
    nested = 0
    sp = 0
    excused = (FNR - excuse_line <= 12) && excuse_line > 0
    if (count_parameters(head) > 5 && !excused)
        complain("more than 5 parameters: make it a struct of options")
    excuse_line = 0
}

# How deep control statements with braces nest: 3 at most inside a function.
function check_nesting(code, opens, closes, line) {
    line = code
    sub(/[ ]+$/, "", line)
    closes = gsub(/}/, "}", code)
    opens = gsub(/{/, "{", code)
    if (closes && line ~ /^[ ]*}/) {
        if (sp > 0 && stack[sp--] == 1)
            nested--
        closes--
    }
    while (opens > closes) {
        stack[++sp] = (line ~ /(\)|else|do) {$/ && line !~ /=[^=].*{$/) ? 1 : 0
        if (stack[sp] && ++nested > 3 && !excused)
            complain("control statements nest deeper than 3")
        opens--
    }
    while (closes > opens && sp > 0) {
        if (stack[sp--] == 1)
            nested--
        closes--
    }
}

function end_file() {
    if (file != "" && lines > 500 && !file_excused) {
        printf "%s:%d: more than 500 lines (long file: <reason> excuses it)\n", file, lines
        bad = 1
    }
}

FNR == 1 {
    end_file()
    file = FILENAME
    file_excused = in_comment = in_function = excuse_line = 0
    head = ""
    in_src = FILENAME ~ /^src\//
    in_sim = FILENAME ~ /^sim\//
    this_room = in_src ? room_of(substr(FILENAME, 5)) : ""
}

{
    lines = FNR
    if (length($0) > 100)
        complain("longer than 100 columns")
    if ($0 ~ /\t/)
        complain("a tab")
    if ($0 ~ /[ \t\r]$/)
        complain("trailing blank")
    if (FNR <= 30 && $0 ~ /long file: [a-zA-Z]/)
        file_excused = 1
    if ($0 ~ /(^|[ *])long: [a-zA-Z]/)
        excuse_line = FNR
}

/^[ ]*#[ ]*include[ ]*"/ {
    split($0, quoted, "\"")
    check_include(quoted[2])
    check_library(quoted[2])
}

/^[ ]*#[ ]*include[ ]*</ {
    target = $0
    sub(/^[^<]*</, "", target)
    sub(/>.*/, "", target)
    check_library(target)
    if (in_src && room_of(target) != "")
        complain("our own headers stand in quotes: \"" target "\"")
}

{
    code = code_of($0)
    check_calls(code)
}

# Functions: `{` and `}` in the first column, as the house format puts them.
!in_function && /^{$/ {
    begin_function()
    head = ""
    next
}

in_function && /^}/ {
    if (body_lines > 60 && !excused) {
        printf "%s:%d: function of %d lines, 60 at most (long: <reason> excuses it)\n",
            FILENAME, function_line, body_lines
        bad = 1
    }
    in_function = 0
    head = ""
    next
}

in_function {
    body_lines++
    # What needs no braces is told by where it stands; tests walk through every combination.
    if (FILENAME !~ /^tests\// && match(code, /[^ ]/) && RSTART > 16 && !excused && code ~ /^ *(if|for|while|switch|do)( |$)/)
        complain("control statements nest deeper than 3")
    check_nesting(code)
    next
}

{
    head = (code ~ /^[A-Za-z_]/) ? code : head " " code
    if (code ~ /;[ ]*$/)
        head = ""
}

END {
    end_file()
    # On one floor no two rooms know each other, directly or around a corner.
    changed = 1
    while (changed) {
        changed = 0
        for (a in beside)
            for (b in beside) {
                split(a, x, SUBSEP)
                split(b, y, SUBSEP)
                if (x[2] == y[1] && !((x[1], y[2]) in beside)) {
                    beside[x[1], y[2]] = beside[a]
                    changed = 1
                }
            }
    }
    for (a in beside) {
        split(a, x, SUBSEP)
        if (x[1] == x[2]) {
            print beside[a] ": a cycle of rooms on one floor through " x[1] "/"
            bad = 1
        }
    }
    exit bad
}
