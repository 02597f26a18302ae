// The door to libmariadb 3.1 and later, with what its macros and variadic functions hide from Swift.
#pragma once
#include <mysql.h>
#include <mysqld_error.h>
#include <errmsg.h>

/// `mysql_optionsv` for an option that takes one argument, or none (NULL).
static inline int penstock_mysql_option(MYSQL *mysql, enum mysql_option option, const void *argument) {
    return mysql_optionsv(mysql, option, argument);
}
