# What the two scripts beside it share; sourced by them. Needs scripts/library.bash, and a folder $scratch.
# shellcheck shell=bash
# shellcheck disable=SC2154 # scratch

all_stores=(sqlite postgres mariadb redis)

# The servers wait for their disk, so the folder has to be on one.
on_a_disk() {
    export TMPDIR=${TMPDIR:-/var/tmp}
    local kind
    kind=$(stat --file-system --format %T "$TMPDIR")
    [[ $kind != tmpfs && $kind != ramfs ]] || refuse "$TMPDIR is in memory: set TMPDIR to a folder on a disk"
}

need_stores() {
    need gcc pkg-config libhiredis-dev libsqlite3-dev libpq-dev libmariadb-dev sqlite3 python3
    need_redis
    need_postgres
    need_mariadb
}

# Builds limits-STORE for each store in the scratch folder.
build_limits() {
    local store flags
    for store in "${all_stores[@]}"; do
        case $store in
        sqlite) flags=(-lsqlite3) ;;
        postgres) read -ra flags <<<"$(pkg-config --cflags --libs libpq)" ;;
        mariadb) read -ra flags <<<"$(pkg-config --cflags --libs libmariadb)" ;;
        redis) flags=(-lhiredis) ;;
        esac
        gcc -std=gnu17 -O2 -Wall -Wextra -Werror -pthread -o "$scratch/limits-$store" \
            scripts/bench/limits.c "scripts/bench/$store.c" "${flags[@]}"
    done
}

postgres_client() { psql --quiet --no-psqlrc --host "$PENSTOCK_TEST_SERVICES/postgres" --username penstock "$@" >/dev/null; }
mariadb_client() { mariadb --no-defaults --socket="$PENSTOCK_TEST_SERVICES/mariadb/mariadb.sock" --user=root "$@"; }

# Puts an empty store in place of what was there, and lets the disk come to rest.
empty() {
    case $1 in
    sqlite) rm -f "$scratch"/bench.db* ;;
    postgres)
        postgres_client postgres --command 'DROP DATABASE IF EXISTS penstock' --command 'CREATE DATABASE penstock' \
            --command CHECKPOINT 2>/dev/null
        ;;
    mariadb) mariadb_client --execute 'DROP DATABASE IF EXISTS penstock; CREATE DATABASE penstock' ;;
    redis) redis-cli -s "$PENSTOCK_TEST_SERVICES/redis.sock" FLUSHALL >/dev/null ;;
    esac
    sync
}

# The URL by which penstock finds the store.
url_of() {
    case $1 in
    sqlite) say "sqlite:$scratch/bench.db" ;;
    postgres) say "postgres://penstock@/penstock?host=$PENSTOCK_TEST_SERVICES/postgres" ;;
    mariadb) say "mysql://root@/penstock?socket=$PENSTOCK_TEST_SERVICES/mariadb/mariadb.sock" ;;
    redis) say "redis+unix://$PENSTOCK_TEST_SERVICES/redis.sock" ;;
    esac
}

# Makes the tables that Penstock would make: schema DIALECT CLIENT…
schema() {
    cat "Sources/PenstockCheckpointers/Schema/$1_001_checkpoint.sql" "Sources/PenstockCheckpointers/Schema/$1_001_sessions.sql" |
        sed 's/{prefix}/penstock_/g' | "${@:2}"
}

# Prints what an empty store commits: limit STORE CLIENTS SESSIONS SECONDS
limit() {
    local store=$1 address
    empty "$store"
    case $store in
    sqlite)
        address=$scratch/bench.db
        schema sqlite sqlite3 "$address"
        ;;
    postgres)
        address="host=$PENSTOCK_TEST_SERVICES/postgres user=penstock dbname=penstock"
        schema postgres postgres_client penstock
        ;;
    mariadb)
        address=$PENSTOCK_TEST_SERVICES/mariadb/mariadb.sock
        schema mysql mariadb_client penstock
        ;;
    redis) address=$PENSTOCK_TEST_SERVICES/redis.sock ;;
    esac
    "$scratch/limits-$store" "$address" "${@:2}" | sed "s/^{/{\"store\":\"$store\",/"
}
