"""The stores that both are pointed at: the servers of scripts/services, and a file."""

import os
import sqlite3
import urllib.parse

import psycopg2
import pymysql
from llmfy import RedisCheckpointer, SQLCheckpointer


def sqlite(scratch, name):
    path = f"{scratch}/{name}.db"
    return f"sqlite:{path}", SQLCheckpointer(f"sqlite:///{path}")


def redis(scratch, name):
    socket = os.environ["PENSTOCK_TEST_REDIS_URL"].removeprefix("redis+unix://")
    # One prefix for both names: nothing is made before the first write.
    return f"redis+unix://{socket}", RedisCheckpointer(f"unix://{socket}")


def postgres(scratch, name):
    url = urllib.parse.urlsplit(os.environ["PENSTOCK_TEST_POSTGRES_URL"])
    folder = urllib.parse.parse_qs(url.query)["host"][0]
    server = psycopg2.connect(host=folder, user=url.username, dbname="postgres")
    server.autocommit = True
    server.cursor().execute(f"CREATE DATABASE {name}")
    server.close()
    return (
        f"postgres://{url.username}@/{name}?{url.query}",
        SQLCheckpointer(f"postgresql+psycopg2://{url.username}@/{name}?host={folder}"),
    )


def mariadb(scratch, name):
    url = urllib.parse.urlsplit(os.environ["PENSTOCK_TEST_MYSQL_URL"])
    socket = urllib.parse.parse_qs(url.query)["socket"][0]
    server = pymysql.connect(unix_socket=socket, user=url.username)
    server.cursor().execute(f"CREATE DATABASE {name}")
    server.close()
    return (
        f"mysql://{url.username}@/{name}?socket={socket}",
        SQLCheckpointer(f"mysql+pymysql://{url.username}@localhost/{name}?unix_socket={socket}"),
    )


PLACES = {"sqlite": sqlite, "redis": redis, "postgres": postgres, "mariadb": mariadb}
