# How the demo speaks; to be sourced. Colours only on a terminal whose user has not said NO_COLOR.

if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then
    bold=$'\e[1m' dim=$'\e[2m' cyan=$'\e[36m' green=$'\e[32m' red=$'\e[31m' plain=$'\e[0m'
else
    bold='' dim='' cyan='' green='' red='' plain=''
fi
step_number=0

# step TITLE: begins a part.
step() {
    step_number=$((step_number + 1))
    printf '\n%s%d. %s%s\n' "$bold" "$step_number" "$1" "$plain"
}

# tell WORDS...: explains, in lines that fit a terminal.
tell() { printf '%s\n' "$*" | fold -s -w 76 | sed 's/ *$//; s/^/   /'; }

# show COMMAND...: a command as a person types it.
show() { printf '   %s$ %s%s\n' "$cyan" "$*" "$plain"; }

# indent: output of a command.
indent() { sed "s/^/     $dim/; s/\$/$plain/"; }

# run COMMAND...: shows a command, runs it, and shows what it says; ends the demo when it fails.
run() {
    show "$@"
    "$@" 2>&1 | indent || broken "'$*' failed"
}

# run_failing WORDS COMMAND...: the same for one that has to fail, and to say these words; $said keeps all that it said.
run_failing() {
    local words=$1
    shift
    show "$@"
    if said=$("$@" 2>&1); then
        indent <<<"$said"
        broken "'$*' was expected to fail"
    fi
    indent <<<"$said"
    grep -qiE "$words" <<<"$said" || broken "'$*' failed, but not with: $words"
}

# proven WORDS...: something that was checked just now.
proven() { printf '   %s✓%s %s\n' "$green" "$plain" "$*"; }

# broken WORDS...: the demo does not do what it says.
broken() {
    printf '   %s✗ %s%s\n' "$red" "$*" "$plain"
    exit 1
}
