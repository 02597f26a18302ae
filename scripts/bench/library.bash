# What the two scripts beside it share; sourced by them. Needs scripts/library.bash, and a folder $scratch.
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # all_stores is for them, scratch from them

usual_stores=(sqlite postgres mariadb redis)
all_stores=("${usual_stores[@]}" mysql)

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

# Runs a script again where the servers are that its stores or parts need: MySQL's own only if it is named. on_servers SCRIPT ARGUMENT…
on_servers() {
    local servers=(redis postgres mariadb)
    [[ " $* " != *" mysql "* ]] || servers+=(mysql)
    exec scripts/services run --durable "${servers[@]}" -- "$@"
}

# Builds limits-STORE in the scratch folder; MariaDB and MySQL share one.
build_limits() {
    local store flags
    for store in sqlite postgres mysql redis; do
        case $store in
        sqlite) flags=(-lsqlite3) ;;
        postgres) read -ra flags <<<"$(pkg-config --cflags --libs libpq)" ;;
        mysql) read -ra flags <<<"$(pkg-config --cflags --libs libmariadb)" ;;
        redis) flags=(-lhiredis) ;;
        esac
        gcc -std=gnu17 -O2 -Wall -Wextra -Werror -pthread -o "$scratch/limits-$store" \
            scripts/bench/limits.c "scripts/bench/$store.c" "${flags[@]}"
    done
}

postgres_client() { psql --quiet --no-psqlrc --host "$PENSTOCK_TEST_SERVICES/postgres" --username penstock "$@" >/dev/null; }
# For MariaDB and MySQL: mysql_client STORE …
mysql_client() { mariadb --no-defaults --socket="$PENSTOCK_TEST_SERVICES/$1/$1.sock" --user=root "${@:2}"; }

# Puts an empty store in place of what was there, and lets the disk come to rest.
empty() {
    case $1 in
    sqlite) rm -f "$scratch"/bench.db* ;;
    postgres)
        postgres_client postgres --command 'DROP DATABASE IF EXISTS penstock' --command 'CREATE DATABASE penstock' \
            --command CHECKPOINT 2>/dev/null
        ;;
    mariadb | mysql) mysql_client "$1" --execute 'DROP DATABASE IF EXISTS penstock; CREATE DATABASE penstock' ;;
    redis) redis-cli -s "$PENSTOCK_TEST_SERVICES/redis.sock" FLUSHALL >/dev/null ;;
    esac
    sync
}

# The URL by which penstock finds the store.
url_of() {
    case $1 in
    sqlite) say "sqlite:$scratch/bench.db" ;;
    postgres) say "postgres://penstock@/penstock?host=$PENSTOCK_TEST_SERVICES/postgres" ;;
    mariadb | mysql) say "mysql://root@/penstock?socket=$PENSTOCK_TEST_SERVICES/$1/$1.sock" ;;
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
    local store=$1 program=$1 address
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
    mariadb | mysql)
        program=mysql
        address=$PENSTOCK_TEST_SERVICES/$store/$store.sock
        schema mysql mysql_client "$store" penstock
        ;;
    redis) address=$PENSTOCK_TEST_SERVICES/redis.sock ;;
    esac
    "$scratch/limits-$program" "$address" "${@:2}" | sed "s/^{/{\"store\":\"$store\",/"
}
