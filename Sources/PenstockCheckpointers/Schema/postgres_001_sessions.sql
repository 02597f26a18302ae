-- What we read checkpoints by, and the tables that llmfy does not have.
CREATE INDEX "idx_{prefix}session_step" ON "{prefix}checkpoint" (session_id, step);

-- Each save changes a session's row: room is left so that the new version finds place on the same page, and no index grows.
CREATE TABLE "{prefix}session" (
    id VARCHAR(255) COLLATE "C" NOT NULL PRIMARY KEY,
    epoch BIGINT NOT NULL,
    owner VARCHAR(255) NOT NULL,
    head INTEGER NOT NULL,
    flow VARCHAR(255),
    version INTEGER,
    status VARCHAR(20),
    created_at TIMESTAMP(3) WITHOUT TIME ZONE NOT NULL,
    updated_at TIMESTAMP(3) WITHOUT TIME ZONE NOT NULL
) WITH (fillfactor = 50);

CREATE TABLE "{prefix}job" (
    id VARCHAR(255) COLLATE "C" NOT NULL PRIMARY KEY,
    session_id VARCHAR(255) COLLATE "C" NOT NULL,
    flow VARCHAR(255) NOT NULL,
    status VARCHAR(20) NOT NULL,
    merged INTEGER NOT NULL,
    result_checkpoint_id VARCHAR(255) COLLATE "C",
    result_keys TEXT,
    error TEXT,
    attempts INTEGER NOT NULL,
    worker VARCHAR(255) NOT NULL,
    created_at TIMESTAMP(3) WITHOUT TIME ZONE NOT NULL,
    updated_at TIMESTAMP(3) WITHOUT TIME ZONE NOT NULL
) WITH (fillfactor = 70);
CREATE INDEX "idx_{prefix}job_session" ON "{prefix}job" (session_id);

CREATE TABLE "{prefix}migration" (
    version INTEGER NOT NULL PRIMARY KEY,
    applied_at TIMESTAMP(3) WITHOUT TIME ZONE NOT NULL
);
