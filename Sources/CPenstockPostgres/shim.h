// The door to libpq 14 and later (pipelines), with what its macros hide from Swift.
#pragma once
#include <libpq-fe.h>

/// The fields of an error that are asked for with PQresultErrorField: in C they are characters, which Swift leaves out.
enum {
    PENSTOCK_PG_SEVERITY = PG_DIAG_SEVERITY_NONLOCALIZED,
    PENSTOCK_PG_SQLSTATE = PG_DIAG_SQLSTATE,
    PENSTOCK_PG_MESSAGE = PG_DIAG_MESSAGE_PRIMARY,
    PENSTOCK_PG_CONSTRAINT = PG_DIAG_CONSTRAINT_NAME,
    PENSTOCK_PG_FUNCTION = PG_DIAG_SOURCE_FUNCTION,
};
