# What the scripts share; sourced by them, not run. Sourcing it stands in the repository's root, with swift on the PATH
# if it is anywhere usual, and answers --help with the calling script's own first comment.
# shellcheck shell=bash

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root" || exit 2

swift_at_least=6.2
redis_at_least=6.2
postgres_at_least=12
mariadb_at_least=10.5

say() { printf '%s\n' "$*"; }
headline() { printf '\n== %s\n' "$*"; }
complain() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }

# Ends the script: 2, as for a wrong usage or a machine that lacks something.
refuse() {
    complain "$*"
    exit 2
}

# Prints the comment that a script begins with.
usage() { awk 'NR == 1 { next } !/^#/ { exit } { sub(/^# ?/, ""); print }' "$1"; }

answer_help() {
    local argument
    for argument in "${@:2}"; do
        case $argument in
        --) return ;;
        -h | --help)
            usage "$1"
            exit 0
            ;;
        esac
    done
}

# Whether version $1 is $2 or later.
is_at_least() { [[ $(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1) == "$2" ]]; }

has_header() {
    local folder
    for folder in /usr/include /usr/local/include; do
        [[ -e $folder/$1 ]] && return
    done
    return 1
}

has_pkg_config() { command -v pkg-config && pkg-config --exists "$1"; }

# The folder of PostgreSQL's server programs; Debian puts none of them on the PATH. The newest, where there are several.
postgres_programs() {
    local program newest=
    for program in "$(command -v postgres || true)" $(printf '%s\n' /usr/lib/postgresql/*/bin/postgres | sort -V); do
        [[ -x $program && -x ${program%/*}/initdb ]] && newest=${program%/*}
    done
    say "$newest"
}

# The Debian package that brings a thing, where the thing itself is not there. Nothing is asked of dpkg: who built hiredis
# himself has it too.
missing_package() {
    case $1 in
    libhiredis-dev) has_header hiredis/hiredis.h ;;
    libsqlite3-dev) has_header sqlite3.h && has_pkg_config sqlite3 ;;
    libzstd-dev) has_header zstd.h && has_pkg_config libzstd ;;
    libpq-dev) has_pkg_config libpq ;;
    libmariadb-dev) has_pkg_config libmariadb ;;
    python3-venv) python3 -c 'import ensurepip' ;;
    postgresql) [[ -n $(postgres_programs) ]] ;;
    mariadb-server) command -v mariadbd && command -v mariadb-install-db ;;
    mariadb-client) command -v mariadb && command -v mariadb-admin ;;
    redis-tools) command -v redis-cli ;;
    util-linux) command -v setpriv && command -v setsid ;;
    nodejs) command -v node ;;
    php-cli) command -v php ;;
    golang-go) command -v go ;;
    python3-redis) python3 -c 'import redis' ;;
    node-redis) node -e 'require("redis")' ;;
    php-redis) php -r 'exit(extension_loaded("redis") ? 0 : 1);' ;;
    ruby-sidekiq) command -v sidekiq ;;
    ruby-redis) ruby -e 'require "redis"' ;;
    golang-github-gomodule-redigo-dev) [[ -e /usr/share/gocode/src/github.com/gomodule/redigo ]] ;;
    *) command -v "$1" ;;
    esac >/dev/null 2>&1 && return
    say "$1"
}

# Makes sure that the named packages are there. Once they are, no network and no root is needed.
need() {
    local missing=() package as_root=()
    for package in "$@"; do
        mapfile -t -O "${#missing[@]}" missing < <(missing_package "$package")
    done
    ((${#missing[@]})) || return 0
    command -v apt-get >/dev/null || refuse "missing, and there is no apt-get to install it: ${missing[*]}"
    if ((EUID != 0)); then
        command -v sudo >/dev/null || refuse "missing; as root: apt-get install ${missing[*]}"
        as_root=(sudo)
    fi
    say "Installing what is missing: ${missing[*]}"
    "${as_root[@]}" apt-get update -qq
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-remove --no-install-recommends "${missing[@]}"
}

need_redis() {
    need redis-server redis-tools util-linux
    local version
    version=$(redis-server --version | sed -E 's/.* v=([0-9.]+).*/\1/')
    is_at_least "$version" "$redis_at_least" || refuse "redis-server is $version; $redis_at_least or later is needed"
}

# Debian starts a cluster of its own when PostgreSQL is installed, and a MariaDB, unless it is in a container: they are
# neither used nor stopped.
need_postgres() {
    need postgresql util-linux
    local version
    version=$("$(postgres_programs)/postgres" --version | sed -E 's/[^0-9]*([0-9.]+).*/\1/')
    is_at_least "$version" "$postgres_at_least" || refuse "PostgreSQL is $version; $postgres_at_least or later is needed"
}

need_mariadb() {
    # Where Debian has mariadbd; the PATH of a user that is not root may lack it.
    PATH=$PATH:/usr/sbin
    need mariadb-server util-linux
    local version
    version=$(mariadbd --version | sed -E 's/.* Ver ([0-9.]+).*/\1/')
    is_at_least "$version" "$mariadb_at_least" || refuse "MariaDB is $version; $mariadb_at_least or later is needed"
}

need_mysql() {
    need mariadb-client util-linux
    scripts/fetch-mysql >/dev/null || exit 2
}

# Puts a Swift that is new enough first on the PATH, or says how to get one.
need_swift() {
    local folder version tried=()
    for folder in "$(dirname "$(command -v swift || echo /nowhere/swift)")" "${SWIFTLY_BIN_DIR:-$HOME/.local/share/swiftly/bin}" \
        /opt/swift/usr/bin /usr/local/swift/usr/bin /usr/libexec/swift/bin "$HOME/.swiftly/bin"; do
        [[ -x $folder/swift ]] || continue
        version=$("$folder/swift" --version 2>/dev/null | sed -nE 's/.*Swift version ([0-9.]+).*/\1/p')
        if [[ -n $version ]] && is_at_least "$version" "$swift_at_least"; then
            PATH=$folder:$PATH
            return
        fi
        tried+=("$folder/swift is ${version:-unusable};")
    done
    complain "${tried[*]-} Swift $swift_at_least or later is needed. This installs it (swift.org, for this user):"
    # shellcheck disable=SC2016 # printed for the user's shell to expand
    printf '%s\n' 'curl -fO "https://download.swift.org/swiftly/linux/swiftly-$(uname -m).tar.gz" && tar zxf "swiftly-$(uname -m).tar.gz" && ./swiftly init --assume-yes --quiet-shell-followup && . "${SWIFTLY_HOME_DIR:-$HOME/.local/share/swiftly}/env.sh" && hash -r' >&2
    exit 2
}

# What it takes to build.
need_toolchain() {
    need_swift
    need git pkg-config libhiredis-dev libsqlite3-dev libpq-dev libmariadb-dev libzstd-dev
}
