# Helpers of the scripts beside this file; to be sourced.

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

# say WORDS...: tells the user what goes on, on stderr, so that stdout stays for results.
say() { printf '%s\n' "$*" >&2; }

# die WORDS...: says why and ends the script.
die() {
    say "$(basename "$0"): $*"
    exit 1
}

is_root() { [ "$(id -u)" -eq 0 ]; }

# has_package NAME: whether a Debian package is installed.
has_package() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

# ensure_packages NAME...: installs the Debian packages that are missing; not as root, ends with the command to run.
ensure_packages() {
    local missing=() name
    command -v dpkg-query >/dev/null || die "this is neither Debian nor Ubuntu; install by hand what these packages hold: $*"
    for name in "$@"; do
        has_package "$name" || missing+=("$name")
    done
    [ ${#missing[@]} -eq 0 ] && return
    is_root || die "missing: ${missing[*]}; run 'sudo apt-get install -y ${missing[*]}' and start this again"
    say "installing ${missing[*]}"
    apt_get update
    apt_get install -y --no-install-recommends "${missing[@]}"
}

# apt_get ARGUMENTS...: without questions; shows its output only when it fails.
apt_get() {
    local log
    log=$(mktemp)
    if ! DEBIAN_FRONTEND=noninteractive apt-get -q "$@" >"$log" 2>&1; then
        cat "$log" >&2
        rm -f "$log"
        die "'apt-get $*' failed"
    fi
    rm -f "$log"
}

has_dotnet() { command -v dotnet >/dev/null && dotnet --list-sdks 2>/dev/null | grep -q '^10\.'; }

# ensure_dotnet: finds the .NET 10 SDK, or installs it where the distribution has it.
ensure_dotnet() {
    has_dotnet && return
    # Where the SDK's own installer puts it, which a fresh shell does not search.
    if [ -x "$HOME/.dotnet/dotnet" ]; then
        export DOTNET_ROOT="$HOME/.dotnet" PATH="$HOME/.dotnet:$PATH"
        has_dotnet && return
    fi
    if command -v apt-get >/dev/null; then
        is_root && apt_get update
        if apt-cache show dotnet-sdk-10.0 >/dev/null 2>&1; then
            ensure_packages dotnet-sdk-10.0
            return
        fi
    fi
    die "the .NET 10 SDK is missing and this system has no package for it; install it from https://dotnet.microsoft.com/download/dotnet/10.0 and start this again"
}

# publish PROJECT DIRECTORY: leaves a program that can be run, compiled ahead of time, so that it starts in half the time; that compiler is a package of its
# own, which some mirrors lack.
publish() {
    local rid=
    case $(uname -m) in
        x86_64) rid=linux-x64 ;;
        aarch64) rid=linux-arm64 ;;
    esac
    if [ -z "$rid" ] || ! publish_as "$1" "$2" -r "$rid" --self-contained false -p:PublishReadyToRun=true >/dev/null 2>&1; then
        say "no ahead-of-time compiler here; building without"
        publish_as "$1" "$2" >&2
    fi
}

# publish_as PROJECT DIRECTORY OPTION...
publish_as() {
    rm -rf "$2"
    dotnet publish "$1" -c Release -o "$2" -v quiet -p:PublishDocumentationFiles=false "${@:3}"
}
