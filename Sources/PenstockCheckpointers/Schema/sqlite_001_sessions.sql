-- What we read checkpoints by, and the tables that llmfy does not have.
CREATE INDEX "idx_{prefix}session_step" ON "{prefix}checkpoint" (session_id, step);

CREATE TABLE "{prefix}session" (
    id VARCHAR(255) NOT NULL PRIMARY KEY,
    epoch INTEGER NOT NULL,
    owner VARCHAR(255) NOT NULL,
    head INTEGER NOT NULL,
    flow VARCHAR(255),
    version INTEGER,
    status VARCHAR(20),
    created_at DATETIME NOT NULL,
    updated_at DATETIME NOT NULL
) WITHOUT ROWID;

CREATE TABLE "{prefix}job" (
    id VARCHAR(255) NOT NULL PRIMARY KEY,
    session_id VARCHAR(255) NOT NULL,
    flow VARCHAR(255) NOT NULL,
    status VARCHAR(20) NOT NULL,
    merged INTEGER NOT NULL,
    result_checkpoint_id VARCHAR(255),
    result_keys TEXT,
    error TEXT,
    attempts INTEGER NOT NULL,
    worker VARCHAR(255) NOT NULL,
    created_at DATETIME NOT NULL,
    updated_at DATETIME NOT NULL
) WITHOUT ROWID;
CREATE INDEX "idx_{prefix}job_session" ON "{prefix}job" (session_id);

CREATE TABLE "{prefix}migration" (
    version INTEGER NOT NULL PRIMARY KEY,
    applied_at DATETIME NOT NULL
);
