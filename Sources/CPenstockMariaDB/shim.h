// The door to libmariadb 3.1 and later, with what its variadic functions hide from Swift.
#pragma once
#include <mysql.h>
#include <mysqld_error.h>
#include <errmsg.h>

/// The flags that came with the server's last answer: whether a transaction is open, whether more answers follow.
static inline unsigned int penstock_mysql_server_status(MYSQL *mysql) {
    unsigned int status = 0;
    mariadb_get_infov(mysql, MARIADB_CONNECTION_SERVER_STATUS, &status);
    return status;
}
